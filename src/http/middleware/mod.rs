//! What every request passes through, from the outside in: request line, security headers, who is it, CSRF, failures.

pub mod csrf;
pub mod headers;
pub mod identify;
pub mod render;
pub mod request_line;

//! Why a phone cannot be controlled, with the proof, and what mends it.
//!
//! A diagnosis asks CUCM and the phone once for everything ([`seen`]), lets every check look at it side by side
//! ([`checks`]), and makes one verdict of their findings ([`verdict`]). Remedies change one thing, with a preview, an audit
//! line before and after, and a way back.

mod checks;
pub mod readiness;
mod seen;

pub use checks::{Progress, examine};
pub use seen::{Options, Tools};

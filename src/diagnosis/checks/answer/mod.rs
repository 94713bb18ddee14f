//! What the phone answers.

mod screenshot;
mod series;

pub(super) use screenshot::screenshot;
pub(super) use series::series;

//! Whom the phone asks.

mod answer;
mod host;
mod in_force;
mod shape;

pub(super) use answer::answer;
pub(super) use host::host;
pub(super) use in_force::in_force;
pub(in crate::diagnosis) use in_force::shown;

//! The phone as CUCM has it.

mod address;
mod known;
mod model;
mod registered;

pub(super) use address::address;
pub(super) use known::known;
pub(super) use model::model;
pub(super) use registered::registered;

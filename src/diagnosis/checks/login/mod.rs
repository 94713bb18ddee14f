//! Whom the phone is asked to obey.

mod accepted;
mod associated;
mod roles;

pub(super) use accepted::accepted;
pub(super) use associated::controlled_device;
pub(super) use roles::roles;

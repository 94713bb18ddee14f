//! The plan of each remedy of one click.

mod cucm;
mod here;
mod push;

pub(super) use cucm::only_resets;

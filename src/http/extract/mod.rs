//! What handlers ask a request for. Each refuses with a [`Failure`], so that bad input is answered alike everywhere.

mod input;
mod viewer;

pub use input::{ApiJson, Form, MaybeJson, Path, Query};
pub use viewer::{Can, Signed};

use super::failure::Failure;

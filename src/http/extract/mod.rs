//! What handlers ask a request for. Each refuses with a [`Failure`], so that bad input is answered alike everywhere.

mod input;
mod upload;
mod viewer;

pub use input::{ApiJson, Form, MaybeJson, Path, Query};
pub use upload::{File, Raw, Upload};
pub use viewer::{Can, Signed};

use super::failure::Failure;

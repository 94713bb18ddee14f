//! One macro on one phone.

mod error;
mod types;

pub use error::PlayError;
pub use types::{
    Command, JobHooks, Order, PictureRef, Playing, Question, Report, RunLine, RunView, Shown, Skip, StepOutcome,
    StepRecord, Way,
};

/// Macros that people play at once; those of jobs have their own limits.
pub const MOST_AT_ONCE: usize = 64;

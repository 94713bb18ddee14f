//! Macros: what they do to one phone, with eyes on its screen.
//!
//! A macro is data ([`crate::domain::script`]). [`play`] plays it on one phone: it looks before it presses, asks a person
//! where it cannot see, and proves what it did.

pub mod play;

pub use play::{
    Command, JobHooks, Order, PictureRef, PlayError, Playing, Question, Report, RunLine, RunView, Shown, Skip,
    StepOutcome, StepRecord, Way,
};

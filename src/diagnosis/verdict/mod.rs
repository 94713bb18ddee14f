//! From findings to one cause: a pure function of their signs and of what they exclude.
//!
//! [`candidates`] says which faults the signs show and how surely, [`order`] which of them is mended first, and [`words`]
//! what a person is told. Each is a table or a row of small rules, so that a wrong verdict has one place to be mended.

mod candidates;
mod order;
mod words;

#[cfg(test)]
mod tests;

use crate::domain::cause::Cause;
use crate::domain::finding::{Certainty, Finding, Verdict};

pub use words::Named;

use candidates::candidates;

/// A fault that the signs show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Candidate {
    cause: Cause,
    certainty: Certainty,
    /// It is worth to be known, but stands in nobody's way now.
    aside: bool,
}

/// What follows from findings, in whatever order they come. `named` only fills in the sentences.
///
/// The cause is the first fault to mend; faults behind it are in `also`, in the order in which they stand in the way. Where
/// the signs allow several causes the verdict is only `possible`.
pub fn verdict(findings: &[Finding], named: &Named) -> Verdict {
    let faults = order::in_line(&candidates(findings));
    let (first, also) = match faults.split_first() {
        Some((first, rest)) => (*first, rest.iter().map(|fault| fault.cause).collect::<Vec<_>>()),
        None => (candidates::nothing_found(findings), Vec::new()),
    };
    let excluded = |cause: &&Cause| {
        **cause != first.cause
            && !also.contains(cause)
            && findings.iter().any(|finding| finding.rules_out.contains(cause))
    };
    Verdict {
        cause: first.cause,
        certainty: first.certainty,
        summary: words::summary(first.cause, first.certainty, &also, named),
        ruled_out: Cause::ALL.iter().filter(excluded).copied().collect(),
        also,
    }
}

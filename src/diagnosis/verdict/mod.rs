//! From findings to one cause: a pure function of their signs and of what they exclude.
//!
//! [`mod@candidates`] says which faults the signs show and how surely, [`order`] which of them is mended first, and [`words`]
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
/// The cause is the first fault to mend; faults behind it are in `also`, in the order in which they stand in the way. What is
/// only `possible` is no further fault: it is told as what else it may be, and never comes before what is proved.
pub fn verdict(findings: &[Finding], named: &Named) -> Verdict {
    let mut faults = order::in_line(&candidates(findings));
    let proved = faults
        .iter()
        .position(|fault| fault.certainty == Certainty::Proved && !fault.aside);
    let sure = proved.filter(|_| {
        faults
            .first()
            .is_some_and(|first| first.certainty == Certainty::Possible)
    });
    let first = if faults.is_empty() {
        candidates::nothing_found(findings)
    } else {
        faults.remove(sure.unwrap_or_default())
    };
    let (guesses, sure): (Vec<Candidate>, Vec<Candidate>) =
        faults.iter().partition(|fault| fault.certainty == Certainty::Possible);
    let also: Vec<Cause> = sure.iter().map(|fault| fault.cause).collect();
    let guesses: Vec<Cause> = guesses.iter().map(|fault| fault.cause).collect();
    let excluded = |cause: &&Cause| {
        **cause != first.cause
            && !also.contains(cause)
            && !guesses.contains(cause)
            && findings
                .iter()
                .any(|finding| candidates::rules_out(findings, finding, **cause))
    };
    let told = words::Told {
        cause: first.cause,
        certainty: first.certainty,
        also: &also,
        guesses: &guesses,
        situation: candidates::situation(findings, first.cause),
    };
    Verdict {
        cause: first.cause,
        certainty: first.certainty,
        summary: words::summary(&told, named),
        ruled_out: Cause::ALL.iter().filter(excluded).copied().collect(),
        also,
    }
}

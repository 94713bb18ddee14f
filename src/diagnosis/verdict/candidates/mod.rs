//! Which faults the signs show, and how surely. Each file holds the rules of one part of the way to the phone's screen.

mod access;
mod answer;
mod cucm;
mod facts;
mod phone;
mod trust;

use super::Candidate;
use super::words::Situation;
use crate::domain::cause::Cause;
use crate::domain::finding::{Certainty, CheckId, Finding};

use facts::Facts;

/// Faults as they are found. The same cause may come more than once: the surest counts.
#[derive(Debug, Default)]
struct Faults(Vec<Candidate>);

impl Faults {
    /// A fault that stands in the way.
    fn add(&mut self, cause: Cause, certainty: Certainty) {
        self.0.push(Candidate {
            cause,
            certainty,
            aside: false,
        });
    }

    /// A fault, where it holds.
    fn add_if(&mut self, holds: bool, cause: Cause, certainty: Certainty) {
        if holds {
            self.add(cause, certainty);
        }
    }

    /// A fault that is worth to be known, but stands in nobody's way now.
    fn aside(&mut self, cause: Cause, certainty: Certainty) {
        self.0.push(Candidate {
            cause,
            certainty,
            aside: true,
        });
    }

    /// A fault that stands in the way or not.
    fn place(&mut self, in_the_way: bool, cause: Cause, certainty: Certainty) {
        if in_the_way {
            self.add(cause, certainty);
        } else {
            self.aside(cause, certainty);
        }
    }

    fn any(&self, causes: &[Cause]) -> bool {
        self.0.iter().any(|fault| !fault.aside && causes.contains(&fault.cause))
    }
}

/// Every fault that the signs show.
pub(super) fn candidates(findings: &[Finding]) -> Vec<Candidate> {
    let facts = Facts::of(findings);
    let mut faults = Faults::default();
    cucm::add(&facts, &mut faults);
    if facts.no_control {
        // Nothing that its ports tell can be a fault then.
        faults.add(Cause::ModelWithoutControl, Certainty::Proved);
        return faults.0;
    }
    phone::add(&facts, &mut faults);
    access::add(&facts, &mut faults);
    trust::add(&facts, &mut faults);
    answer::add(&facts, &mut faults);
    faults.0
}

/// The verdict when no rule speaks: nothing is wrong that was seen, and no picture came either.
pub(super) fn nothing_found(findings: &[Finding]) -> Candidate {
    let cause = if Facts::of(findings).any_port_open() {
        Cause::PhoneNotAnswering
    } else {
        Cause::PhoneUnreachable
    };
    Candidate {
        cause,
        certainty: Certainty::Possible,
        aside: false,
    }
}

/// Whether a finding excludes a cause. A picture proves only what it needed: an https URL for the trust list, and a question
/// to CUCM for what CUCM says of login and phone.
pub(super) fn rules_out(findings: &[Finding], finding: &Finding, cause: Cause) -> bool {
    if !finding.rules_out.contains(&cause) {
        return false;
    }
    if finding.check != CheckId::Screenshot {
        return true;
    }
    match cause {
        Cause::TrustListBroken => Facts::of(findings).url_is_https() == Some(true),
        Cause::AuthenticationServiceDown
        | Cause::ControlLoginLocked
        | Cause::ControlLoginRejected
        | Cause::DeviceNotAssociated => findings.iter().any(|other| {
            other.check == CheckId::UrlHost && other.rules_out.contains(&Cause::AuthenticationUrlThirdParty)
        }),
        _ => true,
    }
}

/// What makes the usual sentence of a cause untrue or incomplete here.
pub(super) fn situation(findings: &[Finding], cause: Cause) -> Situation {
    let facts = Facts::of(findings);
    match cause {
        Cause::PhoneUnreachable if facts.ports_refused() => Situation::RefusedOnTheWay,
        Cause::PhoneUnreachable if !facts.any_port_tried() && facts.address_known() => Situation::OutsideNetworks,
        Cause::PhoneUnreachable if !facts.any_port_tried() => Situation::NoAddress,
        Cause::TrustListBroken if facts.configuration_not_taken() && !facts.trust_message() => {
            Situation::RestartMayMend
        }
        _ => Situation::Usual,
    }
}

//! Whom the phone trusts (cucm-apis.md 5; capabilities.md U3, U6, C13).

use super::Faults;
use super::access::URL_FAULTS;
use super::facts::Facts;
use crate::domain::cause::Cause;
use crate::domain::finding::Certainty::{Likely, Possible, Proved};
use crate::domain::finding::{Access, Certainty, Sign};

/// Adds the trust list, and the locked settings that block its cure.
pub(super) fn add(facts: &Facts<'_>, faults: &mut Faults) {
    let broken = broken(facts, faults);
    match broken {
        Some((certainty, in_the_way)) => {
            faults.place(in_the_way, Cause::TrustListBroken, certainty);
            if facts.settings_locked() {
                faults.place(in_the_way, Cause::SettingsAccessLocked, certainty);
            }
        }
        // Nothing is to be cured now; it will block the cure some day.
        None if facts.settings_locked() && facts.let_in() => faults.aside(Cause::SettingsAccessLocked, Proved),
        None => {}
    }
}

/// How surely the trust list is broken, and whether that stands in the way.
fn broken(facts: &Facts<'_>, faults: &Faults) -> Option<(Certainty, bool)> {
    if facts.other_device() || facts.foreign() {
        return None;
    }
    let told = facts.trust_message();
    let not_taken = facts.configuration_not_taken();
    if facts.let_in() {
        // Control works, as by a plain http URL; the phone takes no new configuration all the same.
        return told.then_some((if not_taken { Proved } else { Likely }, false));
    }
    let authorized = facts.has(&Sign::Authorized);
    let https = facts.url_is_https();
    if facts.refused() && https == Some(true) {
        return refused_over_https(facts, faults);
    }
    if facts.refused() && https.is_none() && authorized && told {
        return Some((Likely, true));
    }
    if told {
        // Nobody's certificate is looked at over plain http: something else refuses.
        let explains = !(facts.refused() && https == Some(false));
        return Some((Possible, explains));
    }
    // Web access is on in CUCM, and the phone has not taken that: the tell-tale of a phone that takes no configuration.
    let on = facts.has(&Sign::WebAccessConfigured(Access::Enabled));
    let off = facts.ports_refused() && (facts.has(&Sign::Httpd(false)) || not_taken);
    (on && off && !facts.has(&Sign::RecentlyRestarted)).then_some((Possible, true))
}

/// How surely it is the trust list that makes a phone refuse which asks over https, and whether that stands in the way.
fn refused_over_https(facts: &Facts<'_>, faults: &Faults) -> Option<(Certainty, bool)> {
    let told = facts.trust_message();
    let authorized = facts.has(&Sign::Authorized);
    if told && authorized {
        return Some((Proved, true));
    }
    if told {
        return Some((Likely, true));
    }
    // That the phone could not ask has likelier reasons than that it did not trust whom it asked.
    if facts.could_not_ask() {
        return Some((Possible, true));
    }
    if authorized && facts.has(&Sign::TrustHashDiffers) {
        return Some((Likely, true));
    }
    // A 69xx is stopped by the length of the answer before it is by the trust list.
    if facts.has(&Sign::ModelReadsShortReplies) && facts.release_is_at_least((11, 5)) {
        return None;
    }
    // A phone that was not restarted since a change looks the same.
    if facts.configuration_not_taken() {
        return Some((Possible, true));
    }
    let trusted = facts.has(&Sign::TrustMessageGood);
    if !authorized || faults.any(&URL_FAULTS) {
        return None;
    }
    let certainty = if facts.has(&Sign::UrlAnswers) && !trusted {
        Likely
    } else {
        Possible
    };
    Some((certainty, !trusted))
}

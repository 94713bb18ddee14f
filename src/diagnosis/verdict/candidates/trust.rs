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
        if authorized && (told || not_taken) {
            return Some((Proved, true));
        }
        if told || (authorized && facts.has(&Sign::TrustHashDiffers)) {
            return Some((Likely, true));
        }
        let url_is_fine = facts.has(&Sign::UrlAnswers) && !faults.any(&URL_FAULTS);
        // A 69xx is stopped by the length of the answer before it is by the trust list.
        let choosy = facts.has(&Sign::ModelReadsShortReplies) && facts.release_is_at_least((11, 5));
        if authorized && url_is_fine && !choosy && !trusted(facts) {
            return Some((Likely, true));
        }
        if authorized && !faults.any(&URL_FAULTS) && !choosy {
            return Some((Possible, !trusted(facts)));
        }
        return not_taken.then_some((Possible, true));
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

/// The phone itself says that its trust list is good, or takes every change.
fn trusted(facts: &Facts<'_>) -> bool {
    facts.has(&Sign::TrustMessageGood) && facts.has(&Sign::ConfigurationTaken)
}

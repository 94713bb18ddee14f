//! CUCM and what it says of the phone (cucm-apis.md 9, rows 1 to 3).

use super::Faults;
use super::facts::Facts;
use crate::domain::cause::Cause;
use crate::domain::finding::Certainty::{Likely, Possible, Proved};
use crate::domain::finding::{Access, Sign};

/// Adds CUCM's faults.
pub(super) fn add(facts: &Facts<'_>, faults: &mut Faults) {
    // A phone that is known by its address alone needs CUCM only for its question at the Authentication URL.
    let asked = !facts.has(&Sign::ByAddress) || facts.refused();
    // AXL answered all the same, as over a connection that was there before.
    let needed = asked && !facts.has(&Sign::AxlWorks);
    let direct = [
        (Sign::CucmUnresolved, Cause::CucmUnreachable),
        (Sign::CucmUnreachable, Cause::CucmUnreachable),
        (Sign::CucmTlsTooOld, Cause::CucmTlsTooOld),
        (Sign::CucmTlsUntrusted, Cause::CucmTlsUntrusted),
        (Sign::AxlVersionUnsupported, Cause::AxlVersionUnsupported),
        (Sign::AxlDown, Cause::AxlUnavailable),
        (Sign::AxlRoleMissing, Cause::CucmRoleMissing),
    ];
    for (sign, cause) in direct {
        if facts.has(&sign) {
            faults.place(needed, cause, Proved);
        }
    }
    if facts.has(&Sign::AxlBusy) {
        faults.place(needed, Cause::AxlUnavailable, Likely);
    }
    if facts.has(&Sign::AxlLoginRejected) {
        // Phones may have a login of their own, and this one took it.
        faults.place(needed && !facts.let_in(), Cause::CucmLoginRejected, Proved);
    }
    faults.add_if(facts.has(&Sign::PhoneUnknown), Cause::PhoneUnknown, Proved);
    ris(facts, faults);
    authenticate_service(facts, faults);
}

/// RIS tells registration and address. Where the phone itself answers, or CUCM's configuration says why it does not, both
/// are known without RIS.
fn ris(facts: &Facts<'_>, faults: &mut Faults) {
    if !facts.has(&Sign::AxlWorks) {
        return;
    }
    let off = facts.ports_refused() && facts.has(&Sign::WebAccessConfigured(Access::Disabled));
    // A proxy in the way is the fault to mend, wherever RIS has the phone.
    let needed = !(facts.no_control || facts.phone_answers() || off || facts.foreign() || facts.has(&Sign::ByAddress));
    let direct = [
        (Sign::RisDown, Cause::RisUnavailable),
        (Sign::RisQuotaExhausted, Cause::RisQuotaExhausted),
        (Sign::RisRoleMissing, Cause::CucmRoleMissing),
    ];
    for (sign, cause) in direct {
        if facts.has(&sign) {
            faults.place(needed, cause, Proved);
        }
    }
    // It is the same login: AXL still takes it by a session that was there before.
    if facts.has(&Sign::RisLoginRejected) {
        faults.place(!facts.let_in(), Cause::CucmLoginRejected, Proved);
    }
}

/// The service that the Authentication URL names, when that is CUCM's.
fn authenticate_service(facts: &Facts<'_>, faults: &mut Faults) {
    let down = |https| facts.has(&Sign::AuthenticateDown(https));
    if !facts.has(&Sign::AxlWorks) || facts.no_control {
        return;
    }
    let asked_elsewhere = facts.url_is_third_party() || facts.has(&Sign::UrlOverridden);
    let certainty = match facts.url_is_https() {
        _ if down(true) && down(false) => Some(Proved),
        Some(https) if down(https) => Some(Proved),
        // Nobody asks over the scheme that is down.
        Some(_) => None,
        None => down(true).then_some(Likely),
    };
    if let Some(certainty) = certainty {
        // The URL in force may lead to another server of the cluster than the one that was asked here.
        let answers = facts.has(&Sign::UrlAnswers);
        let in_the_way = !facts.let_in() && !asked_elsewhere && !answers;
        faults.place(in_the_way, Cause::AuthenticationServiceDown, certainty);
    }
    // AXL says yes to login and device, the service says no to both: one of CUCM's own services is out of step.
    let contradicts = facts.has(&Sign::NotAuthorized)
        && facts.has(&Sign::PasswordGood)
        && facts.has(&Sign::Associated)
        && !facts.has(&Sign::LoginLocked);
    if contradicts && !facts.let_in() {
        faults.add(Cause::AuthenticationServiceDown, Possible);
    }
}

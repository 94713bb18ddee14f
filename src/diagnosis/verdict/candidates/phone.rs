//! The phone in CUCM, the way to it, and its web server (cucm-apis.md 9, rows 3 and 4; capabilities.md V30, V31).

use super::Faults;
use super::facts::Facts;
use crate::domain::cause::Cause;
use crate::domain::finding::Certainty::{Likely, Possible, Proved};
use crate::domain::finding::{Access, Shown, Sign};

/// Adds what stands between this server and the phone's web server.
pub(super) fn add(facts: &Facts<'_>, faults: &mut Faults) {
    enrolment(facts, faults);
    network(facts, faults);
    web_access(facts, faults);
}

fn enrolment(facts: &Facts<'_>, faults: &mut Faults) {
    // A phone that CUCM does not have can be neither registered nor anything else.
    if !facts.has(&Sign::PhoneUnknown) {
        let not_registered = facts.any(|sign| matches!(sign, Sign::NotRegistered(_)));
        if not_registered {
            faults.place(!facts.pictured(), Cause::PhoneNotRegistered, Proved);
        }
        faults.add_if(facts.has(&Sign::AddressMissing), Cause::PhoneAddressMissing, Proved);
    }
    faults.add_if(facts.other_device(), Cause::PhoneAddressStale, Proved);
    if facts.any(|sign| matches!(sign, Sign::AddressMoved(_))) {
        // Others still look for it at the old address, even though this diagnosis found it at the new one.
        faults.place(!facts.phone_answers(), Cause::PhoneAddressStale, Likely);
    }
}

fn network(facts: &Facts<'_>, faults: &mut Faults) {
    if facts.other_device() {
        return;
    }
    let cut = facts.any_port_open() && facts.shot == Some(Shown::NoConnection);
    let gone = facts.ports_refused() || facts.ports_silent() || cut;
    let restarting = facts.is_restarting() && gone;
    faults.add_if(restarting, Cause::PhoneRestarting, Likely);
    faults.add_if(facts.ports_silent() && !restarting, Cause::PhoneUnreachable, Proved);
    faults.add_if(facts.foreign(), Cause::ProxyInPath, Proved);
    if facts.foreign() {
        return;
    }
    faults.add_if(cut && !restarting, Cause::PhoneNotAnswering, Likely);
    if facts.has(&Sign::NoFirstByte) {
        faults.add(Cause::PhoneNotAnswering, Proved);
    } else if facts.shot == Some(Shown::Silent) {
        // A phone that serves its pages and hangs over a picture may well wait for its Authentication URL.
        let asks_in_vain =
            facts.has(&Sign::UrlUnreachable) || facts.has(&Sign::UrlUnresolvable) || facts.service_is_down();
        let certainty = if facts.has(&Sign::PagesWork) && asks_in_vain {
            Possible
        } else {
            Likely
        };
        faults.place(certainty == Likely, Cause::PhoneNotAnswering, certainty);
    }
    let no_way = facts.shot == Some(Shown::NoConnection) && !gone;
    faults.add_if(no_way, Cause::PhoneUnreachable, Possible);
}

fn web_access(facts: &Facts<'_>, faults: &mut Faults) {
    if facts.other_device() || facts.foreign() {
        return;
    }
    let configured = |access| facts.has(&Sign::WebAccessConfigured(access));
    // A phone without power refuses too, and RIS has its web server off: no fault besides that.
    let away = facts.any(|sign| matches!(sign, Sign::NotRegistered(_)));
    let said_off = (facts.has(&Sign::Httpd(false)) && !away) || configured(Access::Disabled);
    let restarting = faults.any(&[Cause::PhoneRestarting]);
    let said_on = facts.has(&Sign::Httpd(true)) && configured(Access::Enabled);
    if facts.ports_refused() && said_on && !restarting && !away {
        // Its own server would not refuse: something on the way does.
        faults.add(Cause::PhoneUnreachable, Likely);
        faults.add(Cause::WebAccessDisabled, Possible);
    } else if facts.ports_refused() && (said_off || !(restarting || away)) {
        let certainty = if said_off { Proved } else { Likely };
        faults.add(Cause::WebAccessDisabled, certainty);
    } else if facts.ports_silent() && said_off {
        faults.add(Cause::WebAccessDisabled, Likely);
    }
    read_only(facts, faults);
}

/// Pages that are served without control.
fn read_only(facts: &Facts<'_>, faults: &mut Faults) {
    let configured = |access| facts.has(&Sign::WebAccessConfigured(access));
    let pages = facts.has(&Sign::PagesWork);
    let restricted = configured(Access::Restricted);
    // Phones also answer 403 to a login that may not control them.
    let login_fits =
        configured(Access::Enabled) && (facts.has(&Sign::NotAssociated) || facts.has(&Sign::NotAuthorized));
    let certainty = match facts.shot {
        Some(Shown::Forbidden) if pages && restricted => Some(Proved),
        Some(Shown::Forbidden) if pages && login_fits => Some(Possible),
        Some(Shown::Forbidden) if pages => Some(Likely),
        // On a model that gives pictures.
        Some(Shown::Missing) if !facts.has(&Sign::ModelWithoutPicture) => Some(if restricted {
            Proved
        } else if pages {
            Likely
        } else {
            Possible
        }),
        None if pages && restricted => Some(Likely),
        _ => None,
    };
    if let Some(certainty) = certainty {
        faults.add(Cause::WebAccessReadOnly, certainty);
    }
}

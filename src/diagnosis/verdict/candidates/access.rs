//! Whom the phone is asked to obey, and whom it asks (cucm-apis.md 3; capabilities.md V32 to V43).

use super::Faults;
use super::facts::Facts;
use crate::domain::cause::Cause;
use crate::domain::finding::Certainty::{Likely, Possible, Proved};
use crate::domain::finding::Sign;

/// Adds faults of the control login and of the Authentication URL.
pub(super) fn add(facts: &Facts<'_>, faults: &mut Faults) {
    login(facts, faults);
    // A phone that let us in reaches its Authentication URL, whatever this server sees of it.
    if !facts.let_in() {
        url(facts, faults);
    }
}

fn login(facts: &Facts<'_>, faults: &mut Faults) {
    // Let in all the same: nobody is asked, or another server than CUCM is.
    let in_the_way = !facts.let_in();
    // CUCM may leave the time of a lock behind that is over: a password that it calls good is not locked.
    let locked = facts.has(&Sign::LoginLocked) && !facts.has(&Sign::PasswordGood);
    let wrong = facts.has(&Sign::PasswordWrong);
    // CUCM cannot associate what it does not have.
    let not_associated = facts.has(&Sign::NotAssociated) && !facts.has(&Sign::PhoneUnknown);
    for (holds, cause) in [
        (locked, Cause::ControlLoginLocked),
        (wrong, Cause::ControlLoginRejected),
        (not_associated, Cause::DeviceNotAssociated),
    ] {
        if holds {
            faults.place(in_the_way, cause, Proved);
        }
    }
    let explained = locked || wrong || not_associated || facts.has(&Sign::PhoneUnknown);
    if facts.has(&Sign::NotAuthorized) && !explained && in_the_way {
        // CUCM says no, and AXL could not tell which of the two it is.
        let good = facts.has(&Sign::PasswordGood);
        let associated = facts.has(&Sign::Associated);
        let rejected = if associated { Likely } else { Possible };
        faults.add_if(!good, Cause::ControlLoginRejected, rejected);
        faults.add_if(
            !associated,
            Cause::DeviceNotAssociated,
            if good { Likely } else { Possible },
        );
    }
}

fn url(facts: &Facts<'_>, faults: &mut Faults) {
    let refused = facts.refused();
    let wrong = facts.url_is_wrong();
    let third_party = facts.url_is_third_party();
    let unresolvable = facts.has(&Sign::UrlUnresolvable);
    let unreachable = facts.has(&Sign::UrlUnreachable);
    let overridden = facts.has(&Sign::UrlOverridden);
    // Seen with the phone's own refusal it is the cause; before that it only will be one.
    let sure = |proof: bool| if refused && proof { Proved } else { Likely };
    let says_no = !facts.has(&Sign::NotAuthorized);
    if overridden {
        let harmful = wrong || third_party || unresolvable || unreachable;
        faults.add(Cause::AuthenticationUrlOverridden, sure(harmful));
    }
    if third_party {
        faults.add(Cause::AuthenticationUrlThirdParty, sure(says_no && !unresolvable));
    }
    faults.add_if(wrong, Cause::AuthenticationUrlWrong, sure(true));
    faults.add_if(unresolvable, Cause::AuthenticationUrlUnresolvable, sure(true));
    // The service itself being down is the better name for the same silence.
    let down = faults.any(&[Cause::AuthenticationServiceDown]);
    let certainty = sure(facts.could_not_ask() || !third_party);
    faults.add_if(unreachable && !down, Cause::AuthenticationUrlUnreachable, certainty);
    phone_could_not_ask(facts, faults);
}

/// Error 0: the phone could not reach its Authentication URL, although this server can: its DNS or its route differ from
/// ours (phone-xml-api.md 9, row 3; capabilities.md V38).
fn phone_could_not_ask(facts: &Facts<'_>, faults: &mut Faults) {
    let explained = faults.any(&URL_FAULTS) || faults.any(&[Cause::AuthenticationServiceDown]);
    if !facts.could_not_ask() || explained {
        return;
    }
    // A phone that does not trust an https URL may say the same.
    let plain = facts.url_is_https() == Some(false);
    if facts.has(&Sign::UrlByName) {
        let certainty = if facts.trust_message() && !plain {
            Possible
        } else {
            Likely
        };
        faults.add(Cause::AuthenticationUrlUnresolvable, certainty);
    } else {
        let certainty = if plain { Likely } else { Possible };
        faults.add(Cause::AuthenticationUrlUnreachable, certainty);
    }
}

/// What may be wrong with the URL.
pub(super) const URL_FAULTS: [Cause; 5] = [
    Cause::AuthenticationUrlOverridden,
    Cause::AuthenticationUrlThirdParty,
    Cause::AuthenticationUrlWrong,
    Cause::AuthenticationUrlUnresolvable,
    Cause::AuthenticationUrlUnreachable,
];

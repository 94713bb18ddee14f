//! What the phone answers when nothing else is in the way (phone-xml-api.md 2.3; capabilities.md V50 to V55).

use super::Faults;
use super::access::URL_FAULTS;
use super::facts::{Facts, severity};
use crate::domain::cause::Cause;
use crate::domain::finding::Certainty::{Likely, Possible, Proved};
use crate::domain::finding::{Shown, Sign};

/// Adds what the phone's answer tells; `none` when it is a picture in time.
pub(super) fn add(facts: &Facts<'_>, faults: &mut Faults) {
    faults.add_if(
        facts.has(&Sign::ModelWithoutPicture),
        Cause::ScreenshotUnsupported,
        Proved,
    );
    if facts.other_device() || facts.foreign() {
        return;
    }
    let slow = facts.any(|sign| matches!(sign, Sign::SlowAnswer(_)));
    faults.add_if(slow, Cause::PhoneSlow, Proved);
    let unsteady = come_and_go(facts, faults);
    match facts.shot {
        Some(Shown::Picture) if !slow && !unsteady => {
            let stale = faults.any(&[Cause::PhoneAddressStale]);
            faults.add_if(!stale, Cause::None, Proved);
        }
        Some(Shown::Error(0 | 4) | Shown::Unauthorized) => refused(facts, faults),
        Some(Shown::Error(3)) => faults.add(Cause::PhoneInternalError, Proved),
        // Programs disagree about every other number.
        Some(Shown::Error(_)) => faults.add(Cause::PhoneInternalError, Possible),
        // A series shows how it is for the most part.
        Some(Shown::Truncated) if !unsteady => faults.add(Cause::ScreenshotTruncated, Proved),
        Some(Shown::Undecodable) if !unsteady => faults.add(Cause::ScreenshotUndecodable, Proved),
        Some(Shown::Slow) if !unsteady => faults.add(Cause::PhoneSlow, Proved),
        _ => {}
    }
}

/// Pictures that come and go: the failure that came most often. True when one was named.
fn come_and_go(facts: &Facts<'_>, faults: &mut Faults) -> bool {
    let came_through = facts.series.contains(&Shown::Picture) || facts.let_in();
    let first = facts.shot.into_iter();
    let failures: Vec<Shown> = facts
        .series
        .iter()
        .copied()
        .chain(first)
        .filter(|shown| *shown != Shown::Picture)
        .collect();
    if facts.series.is_empty() || !came_through {
        return false;
    }
    let count = |shown: &Shown| failures.iter().filter(|other| *other == shown).count();
    let Some(most) = failures
        .iter()
        .copied()
        .max_by_key(|shown| (count(shown), severity(*shown)))
    else {
        return false;
    };
    let often = if count(&most) > 1 { Proved } else { Likely };
    let (cause, certainty) = match most {
        Shown::Error(3) => (Cause::PhoneInternalError, often),
        Shown::Truncated => (Cause::ScreenshotTruncated, often),
        Shown::Undecodable => (Cause::ScreenshotUndecodable, often),
        Shown::Slow => (Cause::PhoneSlow, often),
        Shown::Silent => (Cause::PhoneNotAnswering, Likely),
        Shown::NoConnection if facts.is_restarting() => (Cause::PhoneRestarting, Likely),
        Shown::NoConnection => (Cause::PhoneNotAnswering, Possible),
        Shown::Foreign => (Cause::ProxyInPath, Likely),
        Shown::Error(0) => (Cause::AuthenticationUrlUnreachable, Possible),
        Shown::Error(4) | Shown::Unauthorized => (Cause::AuthenticationRefused, Possible),
        Shown::Error(_) | Shown::Forbidden | Shown::Missing | Shown::Picture => (Cause::PhoneInternalError, Possible),
    };
    faults.add(cause, certainty);
    true
}

/// The phone says no, and the question is whose fault that is when login, URL and trust list show none.
fn refused(facts: &Facts<'_>, faults: &mut Faults) {
    let explained = [
        Cause::AuthenticationServiceDown,
        Cause::ControlLoginLocked,
        Cause::ControlLoginRejected,
        Cause::DeviceNotAssociated,
        Cause::TrustListBroken,
    ];
    if faults.any(&explained) || faults.any(&URL_FAULTS) {
        return;
    }
    let proved_right = facts.has(&Sign::Authorized) && facts.has(&Sign::UrlAnswers);
    let choosy = facts.has(&Sign::ModelReadsShortReplies) && facts.release_is_at_least((11, 5));
    if choosy {
        let certainty = if proved_right { Likely } else { Possible };
        faults.add(Cause::AuthenticationReplyUnreadable, certainty);
    } else {
        let certainty = if proved_right { Likely } else { Possible };
        faults.add(Cause::AuthenticationRefused, certainty);
    }
}

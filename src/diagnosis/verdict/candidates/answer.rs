//! What the phone answers when nothing else is in the way (phone-xml-api.md 2.3; capabilities.md V50 to V55).

use super::Faults;
use super::access::URL_FAULTS;
use super::facts::{Facts, severity};
use crate::domain::cause::Cause;
use crate::domain::finding::Certainty::{Likely, Possible, Proved};
use crate::domain::finding::{Certainty, Shown, Sign};

/// One failure in so many pictures is an accident.
const ACCIDENT: usize = 20;

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
    match come_and_go(facts) {
        Some((cause, certainty, true)) => {
            faults.aside(cause, certainty);
            faults.add_if(!slow, Cause::None, Proved);
            return;
        }
        Some((cause, certainty, false)) => {
            // It shows how it is for the most part.
            faults.add(cause, certainty);
            return;
        }
        None => {}
    }
    match facts.shot {
        Some(Shown::Picture) if !slow => faults.add(Cause::None, Proved),
        _ if facts.refused() => refused(facts, faults),
        Some(Shown::Error(3)) => faults.add(Cause::PhoneInternalError, Proved),
        // Programs disagree about every other number.
        Some(Shown::Error(_)) => faults.add(Cause::PhoneInternalError, Possible),
        Some(Shown::Truncated) => faults.add(Cause::ScreenshotTruncated, Proved),
        Some(Shown::Undecodable) => faults.add(Cause::ScreenshotUndecodable, Proved),
        Some(Shown::Slow) => faults.add(Cause::PhoneSlow, Proved),
        _ => {}
    }
}

/// Pictures that come and go: the failure that came most often, how sure it is, and whether it is only an accident, as one
/// in twenty. The first try belongs to the series. None when all came, or all failed.
fn come_and_go(facts: &Facts<'_>) -> Option<(Cause, Certainty, bool)> {
    let failures: Vec<Shown> = facts
        .series
        .iter()
        .copied()
        .filter(|shown| *shown != Shown::Picture)
        .collect();
    if failures.is_empty() || !(facts.series.contains(&Shown::Picture) || facts.let_in()) {
        return None;
    }
    let count = |shown: &Shown| failures.iter().filter(|other| *other == shown).count();
    let most = failures
        .iter()
        .copied()
        .max_by_key(|shown| (count(shown), severity(*shown)))?;
    let often = if count(&most) > 1 { Proved } else { Likely };
    let accident = failures.len() * ACCIDENT <= facts.series.len();
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
    Some((cause, certainty, accident))
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

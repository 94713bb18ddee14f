//! How fast, and whether anybody is talking.

use std::time::Duration;

use super::proof;
use crate::diagnosis::seen::Seen;
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::phone::ErrorKind;

/// From here on people notice how long an answer takes, which is no fault.
const SLOW: Duration = Duration::from_secs(3);
/// An answer that takes so many fifths of the limit is near it.
const NEAR: u32 = 4;
/// So many answers near the limit are no accident.
const REPEATEDLY: usize = 2;
/// A wait in our own queue that people notice.
const LONG_WAIT: Duration = Duration::from_secs(1);
/// So many in front are more than one live screen.
const MANY_AHEAD: usize = 3;

pub(super) async fn answer_times(seen: &Seen) -> Finding {
    const CHECK: CheckId = CheckId::AnswerTimes;
    let device = seen.device().await;
    let shot = seen.shot().await;
    let exchanges: Vec<_> = seen.device_exchanges().iter().chain(seen.shot_exchanges()).collect();
    let Some(ahead) = exchanges.iter().map(|one| one.ahead).max() else {
        return Finding::skipped(CHECK, "the phone was asked nothing");
    };
    let queued = exchanges.iter().map(|one| one.queued).max().unwrap_or_default();
    let page = seen.device_exchanges().last().map(|one| one.took);
    let picture = match &shot {
        Some(Ok(shot)) => Some(shot.took),
        _ => None,
    };
    let limit = seen.tools.phones.read_timeout();
    let milliseconds =
        |took: Option<Duration>| took.map_or_else(|| "none".to_owned(), |took| format!("{} ms", took.as_millis()));
    let slow = picture.filter(|took| *took >= SLOW);
    let near = limit / 5 * NEAR;
    let often_near = exchanges.iter().filter(|one| one.took >= near).count() >= REPEATEDLY;
    let late = picture.filter(|took| *took >= limit || (*took >= near && often_near));
    let is_queue = ahead >= MANY_AHEAD || queued >= LONG_WAIT;
    let timed_out = [device.and_then(Result::err), shot.and_then(Result::err)]
        .into_iter()
        .flatten()
        .any(|error| matches!(error.kind(), ErrorKind::Silent | ErrorKind::Slow));
    let mut finding = if is_queue {
        let words = format!(
            "{ahead} of our own requests stood in front of the phone, for {} ms",
            queued.as_millis()
        );
        Finding::warning(CHECK, words)
    } else if let Some(took) = late {
        let words = format!(
            "the picture took {} ms, and the limit of one request is {} ms",
            took.as_millis(),
            limit.as_millis()
        );
        Finding::failed(CHECK, words)
    } else if let Some(took) = slow {
        let words = format!(
            "the picture took {} ms, which people notice; it came within the limit of {} ms",
            took.as_millis(),
            limit.as_millis()
        );
        Finding::warning(CHECK, words)
    } else if timed_out {
        Finding::failed(CHECK, "an answer did not come, or did not end, within the limit")
    } else if let Some(took) = picture {
        let words = format!(
            "its page came within {}, its picture within {} ms",
            milliseconds(page),
            took.as_millis()
        );
        Finding::passed(CHECK, words).excludes(&[Cause::PhoneSlow])
    } else {
        Finding::passed(
            CHECK,
            format!("its page came within {}; no picture came", milliseconds(page)),
        )
    };
    if let Some(took) = late {
        finding = finding.sign(Sign::SlowAnswer(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)));
    }
    if is_queue {
        finding = finding.sign(Sign::OwnQueue(ahead));
    }
    finding
        .detail("Device page", milliseconds(page))
        .detail("Picture", milliseconds(picture))
        .detail("Our own queue", format!("{ahead} in front, {} ms", queued.as_millis()))
        .detail(
            "Limit of one request",
            format!("{} ms (phones.read_timeout_ms)", limit.as_millis()),
        )
}

pub(super) async fn in_call(seen: &Seen) -> Finding {
    const CHECK: CheckId = CheckId::InCall;
    if let Some(why) = seen.obstacle().await {
        return Finding::skipped(CHECK, format!("its lines were not asked for: {why}"));
    }
    let finding = match seen.lines().await {
        None => return Finding::skipped(CHECK, "its lines were not asked for, because it did not take the login"),
        Some(Err(error)) => Finding::skipped(CHECK, format!("the phone does not tell its lines: {}", error.kind())),
        Some(Ok(lines)) => match (&lines.info, lines.in_call) {
            (None, _) => Finding::skipped(CHECK, "this phone has no page that tells its lines"),
            (Some(_), Some(line)) => {
                let call = lines.calls.as_ref().and_then(|info| info.calls.first());
                let state = call.and_then(|call| call.state.as_deref()).unwrap_or("a call");
                let since = call.and_then(|call| call.duration.as_deref());
                let since = since.map_or_else(String::new, |seconds| format!(" for {seconds} s"));
                let words = format!(
                    "line {line} is in a call ({state}{since}): the phone may answer late, and a restart would end it"
                );
                Finding::warning(CHECK, words).sign(Sign::InCall)
            }
            (Some(_), None) => Finding::passed(CHECK, "no line is in a call"),
        },
    };
    // Who talks to whom is nobody's business here.
    proof::with_requests(finding, seen, seen.line_exchanges())
}

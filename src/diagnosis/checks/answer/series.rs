//! Twenty pictures one after the other, when they come and go.

use std::time::{Duration, Instant};

use super::screenshot::shown;
use crate::diagnosis::seen::{ASKED_UNTIL, Seen};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, CheckOutcome, Finding, Shown, Sign};
use crate::phone::{Journal, Shot, Target, Urgency};

const CHECK: CheckId = CheckId::Series;
/// How many pictures a series has.
const PICTURES: usize = 20;
/// How long one of them may take.
const ONE: Duration = Duration::from_secs(3);
/// One that would have less time is not begun.
const LEAST: Duration = Duration::from_millis(400);

/// What says that pictures of a phone come and go.
const COME_AND_GO: [Cause; 4] = [
    Cause::ScreenshotTruncated,
    Cause::ScreenshotUndecodable,
    Cause::PhoneInternalError,
    Cause::PhoneSlow,
];

/// One try.
struct Try {
    shown: Shown,
    took: Duration,
}

pub(in crate::diagnosis::checks) async fn series(seen: &Seen) -> Finding {
    let first = match first(seen).await {
        Ok(first) => first,
        Err(why) => return Finding::skipped(CHECK, why),
    };
    let known = seen.subject.phone.readiness.cause;
    let doubtful = seen.options.thorough || known.is_some_and(|cause| COME_AND_GO.contains(&cause));
    match first.shown {
        Shown::Truncated | Shown::Undecodable | Shown::Error(3) | Shown::Slow if seen.is_let_in().await => {}
        Shown::Picture if doubtful => {}
        Shown::Picture => return Finding::skipped(CHECK, "one picture was enough"),
        _ => {
            return Finding::skipped(
                CHECK,
                "the phone did not take the login, so that each further try may be a wrong one",
            );
        }
    }
    // The pages that are asked in any case go first.
    let _ = seen.lines().await;
    let tries = tried(seen, first).await;
    if tries.len() < 2 {
        return Finding::skipped(CHECK, "the first picture took all the time there was");
    }
    let came = tries.iter().filter(|one| one.shown == Shown::Picture).count();
    let outcome = match came {
        0 => CheckOutcome::Failed,
        _ if came == tries.len() => CheckOutcome::Passed,
        _ => CheckOutcome::Warning,
    };
    let one_by_one: Vec<String> = tries
        .iter()
        .map(|one| format!("{} {} ms", word(one.shown), one.took.as_millis()))
        .collect();
    Finding::new(CHECK, outcome, counted(&tries))
        .detail("One by one", one_by_one.join("; "))
        .sign(Sign::Series(tries.iter().map(|one| one.shown).collect()))
}

/// The first try, which belongs to the series; else why there is none.
async fn first(seen: &Seen) -> Result<Try, String> {
    if let Some(why) = seen.obstacle().await {
        return Err(format!("no picture was asked for: {why}"));
    }
    let shown = match seen.shot().await {
        None => None,
        Some(Err(error)) => shown(&error),
        Some(Ok(_)) => Some(match seen.picture().await {
            Some(Ok(_)) => Shown::Picture,
            _ => Shown::Undecodable,
        }),
    };
    let why = || {
        let why = seen.no_shot().unwrap_or("there was nothing to ask");
        format!("no picture was asked for: {why}")
    };
    let shown = shown.ok_or_else(why)?;
    Ok(Try {
        shown,
        took: seen.shot_took(),
    })
}

/// As many as the time allows, the first included.
async fn tried(seen: &Seen, first: Try) -> Vec<Try> {
    let mut tries = vec![first];
    let Some(mut target) = seen.target().await else {
        return tries;
    };
    if let Some(Ok(shot)) = seen.shot().await {
        target.screenshot_route = Some(shot.route.clone());
    }
    let end = seen.begun + ASKED_UNTIL;
    while tries.len() < PICTURES {
        let now = Instant::now();
        let left = end.saturating_duration_since(now);
        if left < LEAST {
            break;
        }
        let shown = one(seen, &target, (now + ONE).min(end)).await;
        // A picture that had less than its time says nothing about the phone.
        let cut_by_us = left < ONE && matches!(shown, Some(Shown::Silent | Shown::Slow));
        match shown.filter(|_| !cut_by_us) {
            Some(shown) => tries.push(Try {
                shown,
                took: now.elapsed(),
            }),
            None => break,
        }
    }
    tries
}

async fn one(seen: &Seen, target: &Target, until: Instant) -> Option<Shown> {
    let phones = seen.tools.phones.examined(until, &Journal::new());
    match phones.screenshot(target, Urgency::Look).await {
        Ok(shot) => Some(decoded(shot).await),
        Err(error) => shown(&error),
    }
}

async fn decoded(shot: Shot) -> Shown {
    let decoded = tokio::task::spawn_blocking(move || shot.to_picture().is_ok()).await;
    if decoded.unwrap_or(false) {
        Shown::Picture
    } else {
        Shown::Undecodable
    }
}

/// `20 pictures: 11 came, 6 cut short, 3 error 3`.
fn counted(tries: &[Try]) -> String {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for one in tries {
        let word = word(one.shown);
        match kinds.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => kinds.push((word, 1)),
        }
    }
    kinds.sort_by_key(|(word, count)| (word != "came", std::cmp::Reverse(*count)));
    let parts: Vec<String> = kinds.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{} pictures: {}", tries.len(), parts.join(", "))
}

fn word(shown: Shown) -> String {
    match shown {
        Shown::Picture => "came".to_owned(),
        Shown::Truncated => "cut short".to_owned(),
        Shown::Undecodable => "no picture".to_owned(),
        Shown::Error(number) => format!("error {number}"),
        Shown::Silent | Shown::Slow => "timed out".to_owned(),
        Shown::NoConnection => "no connection".to_owned(),
        Shown::Unauthorized | Shown::Forbidden | Shown::Missing => "refused".to_owned(),
        Shown::Foreign => "not from the phone".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_those_that_came_first() {
        let tries: Vec<Try> = [
            Shown::Truncated,
            Shown::Error(3),
            Shown::Picture,
            Shown::Truncated,
            Shown::Silent,
            Shown::Slow,
        ]
        .map(|shown| Try {
            shown,
            took: Duration::ZERO,
        })
        .into();
        assert_eq!(
            counted(&tries),
            "6 pictures: 1 came, 2 cut short, 2 timed out, 1 error 3"
        );
    }
}

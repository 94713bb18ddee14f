//! Whether the phone is in a call: a job never presses one that is, and a person is asked.
//!
//! `LineInfo` tells. Where a phone has no such page its streams tell of sound, and the screen in words of a call that rings
//! or is held, which has none.

use std::time::{Duration, Instant};

use super::desk::Answer;
use super::ending::Ending;
use super::look::{Menu, trouble};
use super::player::Player;
use super::types::{Question, Skip, Way};
use super::words::fold;
use crate::domain::cause::Trouble;
use crate::domain::script::RunEnd;
use crate::phone::{LineInfo, Streams, Urgency};
use crate::screens::lines_in_a_call;

/// How long a job believes that a phone is in no call.
const FRESH: Duration = Duration::from_millis(500);
/// Beginnings of words that stand on the screen of a call, as heading, prompt or softkey. Phones print them in the language
/// of their locale, whose texts are not documented: these are the usual ones.
const OF_CALLS: [&str; 34] = [
    "answer",
    "decline",
    "divert",
    "idivert",
    "ignore",
    "end call",
    "endcall",
    "hang up",
    "hold",
    "resume",
    "transfer",
    "trnsfer",
    "conference",
    "confrn",
    "incoming call",
    "connected",
    "ring out",
    "call proceed",
    "annehm",
    "ablehn",
    "auflegen",
    "gesprächsende",
    "halten",
    "heranholen",
    "übergabe",
    "répond",
    "raccroch",
    "attente",
    "contestar",
    "colgar",
    "rispondi",
    "riaggancia",
    "atender",
    "desligar",
];

/// What is known of a call on the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Calls {
    /// There is none.
    None,
    /// Nothing carries sound, and the phone does not tell its screen: a call that rings or is held would not show.
    Quiet,
    /// One is up; how that is known.
    Up(String),
    /// Nobody can tell; why.
    Untold(String),
}

impl Player<'_> {
    /// What the phone tells of calls now.
    pub(super) async fn calls(&mut self) -> Result<Calls, Trouble> {
        if self.hands.way() == Way::Ssh {
            return Ok(Calls::Untold(
                "over SSH the phone tells nothing of its calls".to_owned(),
            ));
        }
        if !self.state.no_lines {
            if let Some(lines) = self.line_info().await? {
                return Ok(call_of(&lines).map_or(Calls::None, Calls::Up));
            }
            self.state.no_lines = true;
        }
        let target = self.target().await?;
        let streams = self.shared.parts.phones.streams(&target, Urgency::Look).await;
        let streams = streams.map_err(|error| trouble(&error))?;
        Ok(judged(streams, self.menu().await?.as_ref()))
    }

    /// A phone in a call is left alone by jobs, and so is one of which nobody can tell; a person decides.
    pub(super) async fn no_call(&mut self) -> Result<(), Ending> {
        if self.state.call_agreed {
            return Ok(());
        }
        let calls = match self.calls().await {
            Ok(calls) => calls,
            Err(trouble) => return Err(self.lost(&trouble)),
        };
        let call = match calls {
            Calls::Up(call) => call,
            Calls::None => {
                self.is_free();
                return Ok(());
            }
            // A person has the phone in front of them.
            Calls::Quiet | Calls::Untold(_) if self.desk.is_attended() => return Ok(()),
            Calls::Quiet if !self.piece.script.has_destructive_steps() => {
                self.is_free();
                return Ok(());
            }
            Calls::Quiet => {
                return Err(untold(
                    "its streams are idle, but it tells neither its lines nor its screen, and a call that rings or is held \
                     would not show",
                ));
            }
            Calls::Untold(why) => return Err(untold(&why)),
        };
        self.state.calls_seen = Some(Instant::now());
        if self.state.own_call.is_up() {
            return Ok(());
        }
        if !self.desk.is_attended() {
            if self.state.touched {
                return Err(Ending::failed(format!(
                    "A call came in meanwhile ({call}); nothing more was pressed"
                )));
            }
            return Err(Ending::skipped(Skip::InCall, format!("The phone is in a call: {call}")));
        }
        let question = Question {
            expectation: "no call".to_owned(),
            picture: None,
            words: format!("The phone is in a call ({call}). Go on all the same?"),
            needs_row: false,
            can_remember: false,
        };
        match self.desk.ask(question).await? {
            Answer::Yes { .. } => {
                self.state.call_agreed = true;
                Ok(())
            }
            Answer::No => Err(Ending::skipped(Skip::InCall, format!("The phone is in a call: {call}"))),
        }
    }

    /// No call is up, as far as the phone tells.
    fn is_free(&mut self) {
        self.state.calls_seen = Some(Instant::now());
        self.state.own_call.is_over();
    }

    /// Before whatever a job sends: a call may have come in since. What was seen a moment ago is not asked again.
    pub(super) async fn no_call_of_others(&mut self) -> Result<(), Ending> {
        let is_fresh = self.state.calls_seen.is_some_and(|at| at.elapsed() < FRESH);
        if self.desk.is_attended() || is_fresh {
            return Ok(());
        }
        self.no_call().await
    }

    /// Whether keys that only leave menus may be pressed: they may end a call. A person would see that.
    pub(super) async fn may_leave_menus(&mut self) -> bool {
        match self.calls().await {
            Ok(Calls::None | Calls::Quiet) => true,
            Ok(Calls::Untold(_)) => self.desk.is_attended(),
            Ok(Calls::Up(_)) | Err(_) => false,
        }
    }
}

fn untold(why: &str) -> Ending {
    Ending::new(
        RunEnd::NeedsPerson,
        format!("Nobody can tell whether the phone is in a call: {why}. A job does not press it"),
    )
}

/// What streams and screen tell together, of a phone that does not tell its lines.
fn judged(streams: Option<Streams>, menu: Option<&Menu>) -> Calls {
    if let Some(Streams::Active(number)) = streams {
        return Calls::Up(format!("stream {number} is active"));
    }
    let told = menu.filter(|menu| menu.tells_anything());
    if let Some(word) = told.and_then(word_of_a_call) {
        return Calls::Up(format!("its screen says \"{word}\""));
    }
    match (streams, told) {
        (None, _) => Calls::Untold("it tells neither its lines nor its streams".to_owned()),
        (Some(_), Some(_)) => Calls::None,
        (Some(_), None) => Calls::Quiet,
    }
}

/// What of a screen belongs to a call. Rows do not count: menus have rows about calls, too.
fn word_of_a_call(menu: &Menu) -> Option<&str> {
    let labels = menu.softkeys.iter().map(|(_, label)| label);
    // The heading of a menu may well begin with such a word ("Transfer settings"); a call has no list of rows.
    let heading = Some(&menu.title).filter(|_| menu.rows.len() <= 1);
    let texts = labels.chain(&menu.lines).chain(heading);
    texts.map(String::as_str).find(|text| {
        let text = fold(text);
        OF_CALLS.iter().any(|word| text.starts_with(word))
    })
}

/// A call that the run began itself, so that it may press on in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum OwnCall {
    /// There is none: a call is somebody else's.
    #[default]
    No,
    /// The run dialled, or pressed a key that goes off the hook; the phone may not show it yet.
    Begun,
    /// It was seen.
    Up,
}

impl OwnCall {
    /// The run does what begins a call.
    pub(super) fn begins(&mut self) {
        *self = Self::Begun;
    }

    /// A call is up; whether it is the run's own.
    fn is_up(&mut self) -> bool {
        if *self != Self::No {
            *self = Self::Up;
        }
        *self == Self::Up
    }

    /// No call is up: the next one is somebody else's, unless the run's own is still to come.
    fn is_over(&mut self) {
        if *self == Self::Up {
            *self = Self::No;
        }
    }
}

/// The first line that is in a call, in words.
fn call_of(lines: &LineInfo) -> Option<String> {
    let (position, _) = *lines_in_a_call(lines).first()?;
    let line = lines.lines.get(usize::from(position).checked_sub(1)?)?;
    let state = line.state.as_deref().unwrap_or("in use");
    Some(format!("line {position} is {state}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(title: &str, softkeys: &[&str]) -> Menu {
        let labels = (1..).zip(softkeys).map(|(at, label)| (at, (*label).to_owned()));
        Menu {
            title: title.to_owned(),
            rows: Vec::new(),
            softkeys: labels.collect(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn a_phone_without_lines_is_judged_by_sound_and_screen() {
        let idle = screen("", &["Redial", "New Call", "Forward All"]);
        let settings = screen("Settings", &["Exit", "Select"]);
        let rings = screen("Incoming call", &["Answer", "Decline"]);
        let held = screen("", &["Resume", "New Call"]);
        let quiet = Some(Streams::Idle);
        for menu in [&idle, &settings] {
            assert_eq!(judged(quiet, Some(menu)), Calls::None, "{menu:?}");
            assert!(matches!(judged(None, Some(menu)), Calls::Untold(_)), "{menu:?}");
            let sound = judged(Some(Streams::Active(2)), Some(menu));
            assert_eq!(sound, Calls::Up("stream 2 is active".to_owned()));
        }
        for menu in [&rings, &held] {
            assert!(matches!(judged(quiet, Some(menu)), Calls::Up(_)), "{menu:?}");
            assert!(matches!(judged(None, Some(menu)), Calls::Up(_)), "{menu:?}");
        }
        // A page without a word tells nothing.
        let empty = screen("", &[]);
        for menu in [None, Some(&empty)] {
            assert_eq!(judged(quiet, menu), Calls::Quiet);
            assert!(matches!(judged(None, menu), Calls::Untold(_)));
            assert!(matches!(judged(Some(Streams::Active(1)), menu), Calls::Up(_)));
        }
    }

    #[test]
    fn a_call_after_the_runs_own_is_somebody_elses() {
        let mut call = OwnCall::default();
        assert!(!call.is_up(), "the run began none");
        call.begins();
        call.is_over();
        assert!(call.is_up(), "the phone showed it late");
        assert!(call.is_up());
        call.is_over();
        assert!(!call.is_up(), "another one");
    }
}

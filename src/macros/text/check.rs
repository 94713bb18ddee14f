//! What a macro must keep to as a whole: looked at before each destructive press, bounded, provable.

use std::collections::BTreeSet;

use crate::domain::catalogue;
use crate::domain::script::{
    Act, Condition, Danger, FactName, MOST_TAKEN, Parameter, ParameterKind, Place, Proof, Rounds, Seen, Step,
};

use super::Mistake;
use super::blocks::{BROKEN, Parsed};
use super::seen::bare;

/// Adds what is wrong with the whole.
pub(super) fn check(parsed: &Parsed, mistakes: &mut Vec<Mistake>) {
    let script = &parsed.script;
    if !parsed.broken_header {
        header(parsed, mistakes);
    }
    if script.steps.is_empty() {
        if !parsed.broken_header {
            mistakes.push(Mistake::new(parsed.end, "the macro has no step").hint("for example: press Settings"));
        }
        return;
    }
    let mut walk = Walk {
        safe: parsed.judged && script.danger == Danger::Safe,
        parameters: &script.parameters,
        fetched: BTreeSet::new(),
        sets_background: false,
        mistakes,
    };
    walk.block(&script.steps);
    let taken = walk.taken(&script.steps);
    if taken > MOST_TAKEN {
        let at = script.steps.first().map_or(parsed.end, |step| step.at);
        let at = first_repeat(&script.steps).unwrap_or(at);
        let message = format!("up to {taken} steps would be taken in all; {MOST_TAKEN} is the most");
        mistakes.push(Mistake::new(at, message).hint("repeat fewer times"));
    }
    if parsed.judged
        && script.danger == Danger::Destructive
        && !script.has_destructive_steps()
        && !has_broken(&script.steps)
    {
        mistakes.push(
            Mistake::new(parsed.end, "the macro is marked destructive and none of its steps is")
                .hint("mark the step that cannot be taken back: destructive softkey \"Reset\"; or write safe"),
        );
    }
}

fn header(parsed: &Parsed, mistakes: &mut Vec<Mistake>) {
    let script = &parsed.script;
    if !parsed.named {
        mistakes.push(Mistake::new(super::START, "the macro has no name").hint("begin with: macro \"Restart\""));
    }
    if !parsed.judged {
        mistakes.push(
            Mistake::new(super::START, "it is not said whether the macro can do harm")
                .hint("write safe or destructive on a line of its own, before the first step"),
        );
    }
    let families = &script.fits.families;
    for (name, at) in &parsed.models {
        let model = catalogue::models().find(|model| bare(&model.name) == name);
        if let Some(model) = model.filter(|model| !families.is_empty() && !families.contains(&model.family.id)) {
            let message = format!(
                "the {name} is of the family {}, which the macro is not for",
                model.family.id
            );
            mistakes.push(Mistake::new(*at, message).hint("leave out the family, or the model"));
        }
    }
}

struct Walk<'a> {
    safe: bool,
    parameters: &'a [Parameter],
    fetched: BTreeSet<&'static str>,
    sets_background: bool,
    mistakes: &'a mut Vec<Mistake>,
}

impl Walk<'_> {
    fn tell(&mut self, at: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.mistakes.push(Mistake::new(at, message).hint(hint));
    }

    fn block(&mut self, steps: &[Step]) {
        let mut before: Option<&Step> = None;
        for step in steps {
            if let Some(Step {
                act: Act::Stop { .. }, ..
            }) = before
            {
                self.tell(
                    step.at,
                    "nothing is done after stop or fail",
                    "leave this step out, or put it before",
                );
            }
            self.harm(before, step);
            self.toggled(before, step);
            self.step(step);
            before = Some(step);
        }
    }

    fn harm(&mut self, before: Option<&Step>, step: &Step) {
        if !step.destructive {
            if let Some(what) = harmful(&step.act) {
                let message = format!("{what} cannot be taken back");
                self.tell(step.at, message, "mark the step: destructive …");
            }
            return;
        }
        if self.safe {
            self.tell(
                step.at,
                "a macro marked safe has no destructive step",
                "write destructive in the place of safe before the first step",
            );
        }
        if let Some(why) = never_harms(&step.act) {
            self.tell(
                step.at,
                format!("this step {why}: it cannot be destructive"),
                "mark the step that does it: press, softkey, choose, digits, execute or restart",
            );
            return;
        }
        if !before.is_some_and(|before| tells_the_place(before, &step.act)) {
            self.tell(
                step.at,
                "a destructive step needs to see where it is: directly before it, in the same block",
                "put expect title, row or picture, or a choose, on the line before; before a restart expect idle will do",
            );
        }
    }

    /// `**#` opens the padlock of the 7900 series; two more stars restart the phone.
    fn toggled(&mut self, before: Option<&Step>, step: &Step) {
        let ends =
            before.is_some_and(|before| matches!(&before.act, Act::Digits(typed) if typed.text.ends_with("**#")));
        let star = match &step.act {
            Act::Digits(typed) => typed.text.starts_with('*'),
            Act::Press(key) => key.as_str() == "KeyPadStar",
            _ => false,
        };
        let within = matches!(&step.act, Act::Digits(typed) if typed.text.contains("**#*"));
        if within || ends && star {
            self.tell(
                step.at,
                "stars directly after **# restart a phone of the 7900 series",
                "expect line \"Settings unlocked\" between them, and never press ** after it",
            );
        }
    }

    fn step(&mut self, step: &Step) {
        match &step.act {
            Act::If {
                then,
                otherwise,
                condition,
            } => {
                if asks_what_changed(condition) {
                    self.tell(
                        step.at,
                        "a branch cannot ask what changed",
                        "expect changed, or ask for a title or row",
                    );
                }
                self.block(then);
                self.block(otherwise);
            }
            Act::Repeat { steps, .. } => self.block(steps),
            Act::Fetch { fact, .. } => {
                self.fetched.insert(fact.as_str());
            }
            Act::SetBackground { .. } => self.sets_background = true,
            Act::Prove {
                proof: Proof::BackgroundShown,
                ..
            } if !self.sets_background => self.tell(
                step.at,
                "the proof compares with the screen as it was before the background image was set",
                "write background \"http://…\" before it",
            ),
            Act::Prove {
                proof: Proof::TrustListDeleted,
                ..
            } if !self.fetched.contains(FactName::TrustList.as_str()) => self.tell(
                step.at,
                "the proof compares with the trust list as it was before",
                "write fetch trust-list as before, before the first press",
            ),
            _ => {}
        }
    }

    /// The most steps that are taken in all.
    fn taken(&self, steps: &[Step]) -> usize {
        let one = |step: &Step| match &step.act {
            Act::If { then, otherwise, .. } => self.taken(then).max(self.taken(otherwise)).saturating_add(1),
            Act::Repeat { times, steps, .. } => self.taken(steps).saturating_mul(self.rounds(times)).saturating_add(1),
            _ => 1,
        };
        steps.iter().map(one).fold(0, usize::saturating_add)
    }

    fn rounds(&self, times: &Rounds) -> usize {
        let most = match times {
            Rounds::Count(count) => *count,
            Rounds::Of(template) => {
                let name = template.text.trim_matches(['{', '}']);
                let parameter = self.parameters.iter().find(|known| known.name == name);
                match parameter.map(|known| &known.kind) {
                    Some(ParameterKind::Number { most, .. }) => *most,
                    _ => 1,
                }
            }
        };
        most as usize
    }
}

fn asks_what_changed(condition: &Condition) -> bool {
    match condition {
        Condition::Seen(Seen::Changed) => true,
        Condition::Not(inner) => asks_what_changed(inner),
        _ => false,
    }
}

/// Whether a step says where the phone is, so that the next one may press something that cannot be taken back. Lines, calls
/// and old status messages are the same in every menu, and every reset has the same softkey.
fn tells_the_place(before: &Step, harm: &Act) -> bool {
    match &before.act {
        Act::Expect { seen, .. } => match seen {
            Seen::Title(_) | Seen::Row(_) | Seen::Picture(_) => true,
            Seen::Softkey(_) => !presses_a_softkey(harm),
            Seen::Idle => *harm == Act::Restart,
            Seen::Line(_)
            | Seen::CallState(_)
            | Seen::InCall
            | Seen::StatusMessage(_)
            | Seen::Changed
            | Seen::Not(_) => false,
        },
        Act::Choose(_) => true,
        other => *other == BROKEN,
    }
}

/// Why a step cannot be marked, of those that cannot.
fn never_harms(act: &Act) -> Option<&'static str> {
    match act {
        Act::Expect { .. } | Act::Fetch { .. } | Act::Prove { .. } | Act::Screenshot(_) => Some("only looks"),
        Act::Wait(_) | Act::Settle(_) => Some("only waits"),
        Act::Stop { .. } => Some("only ends the run"),
        Act::Text(_) | Act::Dial(_) => Some("only types a text or a number"),
        Act::Message { .. } | Act::SetBackground { .. } | Act::SetRingTone(_) => Some("only gives the phone something"),
        Act::Press(_)
        | Act::Softkey(_)
        | Act::Digits(_)
        | Act::Choose(_)
        | Act::Execute { .. }
        | Act::Restart
        | Act::If { .. }
        | Act::Repeat { .. } => None,
    }
}

fn presses_a_softkey(act: &Act) -> bool {
    match act {
        Act::Softkey(_) => true,
        Act::Press(key) => key.as_str().starts_with("Soft"),
        _ => false,
    }
}

/// What a step surely does that cannot be taken back; it must be marked.
fn harmful(act: &Act) -> Option<String> {
    match act {
        Act::Restart => Some("a restart".to_owned()),
        Act::Softkey(label) => label
            .alternatives()
            .find(|text| ["reset", "erase"].contains(&text.to_lowercase().as_str()))
            .map(|text| format!("the softkey {text:?}")),
        _ => None,
    }
}

fn has_broken(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.act {
        Act::If { then, otherwise, .. } => has_broken(then) || has_broken(otherwise),
        Act::Repeat { steps, .. } => has_broken(steps),
        other => *other == BROKEN,
    })
}

fn first_repeat(steps: &[Step]) -> Option<Place> {
    steps.iter().find_map(|step| match &step.act {
        Act::Repeat { .. } => Some(step.at),
        Act::If { then, otherwise, .. } => first_repeat(then).or_else(|| first_repeat(otherwise)),
        _ => None,
    })
}

//! A macro in plain words: what happens on the phone, step by step.

use std::time::Duration;

use serde::Serialize;

use crate::domain::catalogue;
use crate::domain::script::{
    Act, Condition, FactName, FirmwareRange, Place, Proof, Rounds, Script, Seen, Step, Template,
};

/// One line of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewStep {
    /// Where the step stands in the text.
    pub at: Place,
    /// How deep it stands in blocks, from 0.
    pub depth: usize,
    /// What happens, as one sentence without a full stop.
    pub words: String,
    /// It cannot be taken back.
    pub destructive: bool,
}

/// The steps of a macro in plain words, in the order of the text; what a branch leads to stands deeper.
pub fn preview(script: &Script) -> Vec<PreviewStep> {
    let mut lines = Vec::new();
    block(&script.steps, 0, &mut lines);
    lines
}

/// One step in plain words, without the steps inside it.
pub fn step_words(step: &Step) -> String {
    match &step.act {
        Act::If { condition, .. } => format!("If {}:", asked(condition)),
        Act::Repeat { times, until, .. } => {
            let until = until
                .as_ref()
                .map(|until| format!(", but stop as soon as {}", seen_words(until)));
            format!("Do this {}{}:", rounds(times), until.unwrap_or_default())
        }
        act => act_words(act),
    }
}

fn block(steps: &[Step], depth: usize, lines: &mut Vec<PreviewStep>) {
    for step in steps {
        let line = |words: String| PreviewStep {
            at: step.at,
            depth,
            words,
            destructive: step.destructive,
        };
        lines.push(line(step_words(step)));
        match &step.act {
            Act::If { then, otherwise, .. } => {
                block(then, depth + 1, lines);
                if !otherwise.is_empty() {
                    lines.push(line("Otherwise:".to_owned()));
                    block(otherwise, depth + 1, lines);
                }
            }
            Act::Repeat { steps, .. } => block(steps, depth + 1, lines),
            _ => {}
        }
    }
}

fn act_words(act: &Act) -> String {
    match act {
        Act::Press(key) => format!("Press {}", key_words(key.as_str())),
        Act::Softkey(label) => format!("Press the softkey {}", either(label)),
        Act::Digits(typed) => format!("Press {} on the keypad, one after the other", plain(typed)),
        Act::Text(typed) => format!("Type {} on the keypad", said(typed)),
        Act::Dial(number) => format!("Dial {}", plain(number)),
        Act::Wait(length) => format!("Wait {}", long(*length)),
        Act::Settle(most) => format!("Wait until the screen stands still, at most {}", long(*most)),
        Act::Expect { seen, within } => {
            format!("Go on only when {}; give up after {}", seen_words(seen), long(*within))
        }
        Act::Choose(row) => format!("Open the row {} of the menu", either(row)),
        Act::Screenshot(name) => format!("Keep a picture of the screen as “{name}”"),
        Act::Execute { url, priority } => execute_words(url, priority.as_ref()),
        Act::SetBackground { image, .. } => format!("Have the phone take {} as its background image", plain(image)),
        Act::SetRingTone(url) => format!("Have the phone take {} as its ring tone", plain(url)),
        Act::Message { title, text } => {
            format!("Show the text {} under the heading {}", said(text), said(title))
        }
        Act::Fetch { fact, .. } => format!("Note {}", fact_words(*fact)),
        Act::Restart => "Restart the phone through CUCM".to_owned(),
        Act::Prove { proof, within } => format!("Prove that {}, within {}", proof_words(*proof), long(*within)),
        Act::Stop { reason, failed: false } => format!("Stop here: {}", plain(reason)),
        Act::Stop { reason, failed: true } => format!("Stop here as failed: {}", plain(reason)),
        Act::If { .. } | Act::Repeat { .. } => String::new(),
    }
}

fn key_words(key: &str) -> String {
    let numbered = |prefix: &str| {
        let number = key.strip_prefix(prefix)?;
        number.bytes().all(|b| b.is_ascii_digit()).then(|| number.to_owned())
    };
    if let Some(number) = numbered("Soft") {
        return format!("softkey {number}, counted from the left");
    }
    if let Some(number) = numbered("Line") {
        return format!("line key {number}");
    }
    if let Some(number) = numbered("Session") {
        return format!("session key {number}");
    }
    if let Some(number) = numbered("KeyPad") {
        return format!("{number} on the keypad");
    }
    format!("the key {}", catalogue::generic_label(key))
}

fn execute_words(url: &Template, priority: Option<&Template>) -> String {
    let when = match priority.map(|priority| priority.text.as_str()) {
        None | Some("0") => "",
        Some("1") => ", as soon as it is idle",
        Some("2") => ", only if it is idle",
        Some(_) => ", as urgently as was asked",
    };
    let text = plain(url);
    if let Some(tone) = text.strip_prefix("Play:") {
        return format!("Play the ring tone {tone}{when}");
    }
    if text == "Init:CallHistory" {
        return format!("Clear the lists of calls{when}");
    }
    if let Some(application) = text.strip_prefix("Init:") {
        return format!("Close {application} if it is open{when}");
    }
    format!("Have the phone run {text}{when}")
}

/// What is seen, as the end of "go on only when …".
pub fn seen_words(seen: &Seen) -> String {
    match seen {
        Seen::Title(text) => format!("the menu is headed {}", either(text)),
        Seen::Row(text) => format!("the menu has the row {}", either(text)),
        Seen::Softkey(text) => format!("there is the softkey {}", either(text)),
        Seen::Line(text) => format!("a line of the screen says {}", either(text)),
        Seen::Idle => "no menu is open and no call is up".to_owned(),
        Seen::CallState(states) => {
            let states: Vec<_> = states.alternatives().map(state_words).collect();
            format!("a line of the phone {}", states.join(" or "))
        }
        Seen::InCall => "a call is up, ringing or held".to_owned(),
        Seen::StatusMessage(text) => format!("the phone's status messages say {}", either(text)),
        Seen::Picture(name) => format!("the screen looks as in the stored picture “{name}”"),
        Seen::Changed => "the screen differs from the last one".to_owned(),
        Seen::Not(inner) => format!("it is not so that {}", seen_words(inner)),
    }
}

fn state_words(state: &str) -> &str {
    match state {
        "ONHOOK" => "is free",
        "OFFHOOK" => "is off the hook",
        "RINGING" => "rings",
        "CONNECTED" => "is in a call",
        "ONHOLD" => "holds a call",
        other => other,
    }
}

fn asked(condition: &Condition) -> String {
    match condition {
        Condition::Family(families) => format!("the phone is one of {}", titles(families)),
        Condition::Model(models) => format!("the phone is a {}", models.join(" or ")),
        Condition::Firmware(range) => format!("its firmware is {}", range_words(range)),
        Condition::Locale(locales) => format!("its texts are in the language {}", locales.join(" or ")),
        Condition::Seen(seen) => seen_words(seen),
        Condition::Not(inner) => format!("it is not so that {}", asked(inner)),
    }
}

/// Families by the titles that people know.
fn titles(families: &[String]) -> String {
    let title = |id: &String| {
        let found = catalogue::models().find(|model| model.family.id == *id);
        found.map_or_else(|| id.clone(), |model| model.family.title.clone())
    };
    families.iter().map(title).collect::<Vec<_>>().join("; ")
}

pub(super) fn range_words(range: &FirmwareRange) -> String {
    match (&range.from, &range.below) {
        (Some(from), Some(below)) => format!("{from} or later and before {below}"),
        (Some(from), None) => format!("{from} or later"),
        (None, Some(below)) => format!("before {below}"),
        (None, None) => "any".to_owned(),
    }
}

fn fact_words(fact: FactName) -> &'static str {
    match fact {
        FactName::TrustList => "the state of the trust list, to compare with afterwards",
        FactName::Firmware => "the running firmware",
        FactName::Serial => "the serial number",
        FactName::Switch => "the switch and its port",
        FactName::Network => "the network settings",
        FactName::Menu => "the rows of the open menu",
    }
}

fn proof_words(proof: Proof) -> &'static str {
    match proof {
        Proof::TrustListDeleted => "the trust list is gone, the phone registered anew and took its configuration",
        Proof::Restarted => "the phone registered anew",
        Proof::FactoryReset => "the phone's settings are those from the factory",
        Proof::CallLogsEmpty => "the lists of calls are empty",
        Proof::BackgroundShown => "the screen shows another background",
    }
}

fn rounds(times: &Rounds) -> String {
    match times {
        Rounds::Count(1) => "once".to_owned(),
        Rounds::Count(count) => format!("{count} times"),
        Rounds::Of(template) => format!("as often as was asked ({})", plain(template)),
    }
}

fn either(template: &Template) -> String {
    let texts: Vec<_> = template.alternatives().map(|text| format!("“{text}”")).collect();
    texts.join(" or ")
}

fn said(template: &Template) -> String {
    format!("“{}”", plain(template))
}

fn plain(template: &Template) -> String {
    template.text.replace('\n', " ")
}

fn long(length: Duration) -> String {
    let millis = length.as_millis();
    let (count, unit) = match millis {
        _ if millis.is_multiple_of(60_000) => (millis / 60_000, "minute"),
        _ if millis.is_multiple_of(1_000) => (millis / 1_000, "second"),
        _ => (millis, "millisecond"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::macros::parse;

    fn words(text: &str) -> Vec<(usize, String, bool)> {
        let script = parse(text).unwrap();
        let lines = preview(&script).into_iter();
        lines.map(|line| (line.depth, line.words, line.destructive)).collect()
    }

    #[test]
    fn a_macro_reads_as_what_happens_on_the_phone() {
        let text = r#"
macro "Reset"
destructive
param tone "Tone" tone = "Bass.raw"
if family 8800
  press Applications
else if not idle
  press Soft3
else
  fail "Nothing to do."
end
repeat 3 times until row "Admin settings" or "Administrator settings"
  press NavDwn
  wait 500ms
end
choose "Admin settings" or "Administrator settings"
execute "Play:{tone}" priority 1
expect title "Reset" within 1m
destructive softkey "Reset"
prove restarted within 90s
"#;
        let expected = [
            (0, "If the phone is one of 8800 series:", false),
            (1, "Press the key Applications", false),
            (0, "Otherwise:", false),
            (1, "If it is not so that no menu is open and no call is up:", false),
            (2, "Press softkey 3, counted from the left", false),
            (1, "Otherwise:", false),
            (2, "Stop here as failed: Nothing to do.", false),
            (
                0,
                "Do this 3 times, but stop as soon as the menu has the row “Admin settings” or “Administrator settings”:",
                false,
            ),
            (1, "Press the key Down", false),
            (1, "Wait 500 milliseconds", false),
            (
                0,
                "Open the row “Admin settings” or “Administrator settings” of the menu",
                false,
            ),
            (0, "Play the ring tone {tone}, as soon as it is idle", false),
            (
                0,
                "Go on only when the menu is headed “Reset”; give up after 1 minute",
                false,
            ),
            (0, "Press the softkey “Reset”", true),
            (0, "Prove that the phone registered anew, within 90 seconds", false),
        ];
        let expected = expected.map(|(depth, words, destructive)| (depth, words.to_owned(), destructive));
        assert_eq!(words(text), expected);
    }
}

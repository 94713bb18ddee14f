//! The canonical text of a macro: what [`super::parse`] reads back as the same.

use std::time::Duration;

use crate::domain::script::{
    Act, Condition, FirmwareRange, Parameter, ParameterKind, Rounds, Script, Seen, Step, Template,
};

use super::seen::LOOKED;
use super::steps::{PROVED, SETTLED};

/// Writes a macro.
pub fn write(script: &Script) -> String {
    let mut lines = vec![format!("macro {}", quoted(&script.name))];
    if !script.description.is_empty() {
        lines.push(format!("description {}", quoted(&script.description)));
    }
    lines.push(script.danger.as_str().to_owned());
    if !script.fits.families.is_empty() {
        lines.push(format!("family {}", listed(&script.fits.families)));
    }
    if !script.fits.models.is_empty() {
        lines.push(format!("model {}", listed(&script.fits.models)));
    }
    if let Some(range) = &script.fits.firmware {
        lines.push(format!("firmware {}", firmware(range)));
    }
    lines.extend(script.parameters.iter().map(parameter));
    lines.push(String::new());
    block(&script.steps, 0, &mut lines);
    lines.push(String::new());
    lines.join("\n")
}

fn block(steps: &[Step], depth: usize, lines: &mut Vec<String>) {
    for one in steps {
        step(one, depth, lines);
    }
}

fn step(step: &Step, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match &step.act {
        Act::If {
            condition: asked,
            then,
            otherwise,
        } => {
            lines.push(format!("{indent}if {}", condition(asked)));
            block(then, depth + 1, lines);
            rest(otherwise, depth, lines);
            lines.push(format!("{indent}end"));
        }
        Act::Repeat { times, until, steps } => {
            let times = match times {
                Rounds::Count(count) => count.to_string(),
                Rounds::Of(template) => template.text.clone(),
            };
            let until = until.as_ref().map(|until| format!(" until {}", seen(until)));
            lines.push(format!("{indent}repeat {times} times{}", until.unwrap_or_default()));
            block(steps, depth + 1, lines);
            lines.push(format!("{indent}end"));
        }
        other => {
            let mark = if step.destructive { "destructive " } else { "" };
            lines.push(format!("{indent}{mark}{}", act(other)));
        }
    }
}

/// What follows when a condition does not hold: a chain of `else if` stays one.
fn rest(otherwise: &[Step], depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match otherwise {
        [] => {}
        [
            Step {
                act:
                    Act::If {
                        condition: asked,
                        then,
                        otherwise,
                    },
                ..
            },
        ] => {
            lines.push(format!("{indent}else if {}", condition(asked)));
            block(then, depth + 1, lines);
            rest(otherwise, depth, lines);
        }
        steps => {
            lines.push(format!("{indent}else"));
            block(steps, depth + 1, lines);
        }
    }
}

fn act(act: &Act) -> String {
    match act {
        Act::Press(key) => format!("press {key}"),
        Act::Softkey(label) => format!("softkey {}", alternatives(label)),
        Act::Digits(typed) => format!("digits {}", template(typed)),
        Act::Text(typed) => format!("text {}", template(typed)),
        Act::Dial(number) => format!("dial {}", template(number)),
        Act::Wait(length) => format!("wait {}", duration(*length)),
        Act::Settle(most) => format!("settle{}", within(*most, SETTLED)),
        Act::Expect {
            seen: what,
            within: most,
        } => format!("expect {}{}", seen(what), within(*most, LOOKED)),
        Act::Choose(row) => format!("choose {}", alternatives(row)),
        Act::Screenshot(name) => format!("screenshot {}", quoted(name)),
        Act::Execute { url, priority } => {
            let priority = priority
                .as_ref()
                .map(|priority| format!(" priority {}", template(priority)));
            format!("execute {}{}", template(url), priority.unwrap_or_default())
        }
        Act::SetBackground { image, icon } => {
            let icon = icon.as_ref().map(|icon| format!(" icon {}", template(icon)));
            format!("background {}{}", template(image), icon.unwrap_or_default())
        }
        Act::SetRingTone(url) => format!("ring-tone {}", template(url)),
        Act::Message { title, text } => format!("message {} {}", template(title), template(text)),
        Act::Fetch { fact, name } => format!("fetch {} as {name}", fact.as_str()),
        Act::Restart => "restart".to_owned(),
        Act::Prove { proof, within: most } => format!("prove {}{}", proof.as_str(), within(*most, PROVED)),
        Act::Stop { reason, failed } => {
            format!("{} {}", if *failed { "fail" } else { "stop" }, template(reason))
        }
        Act::If { .. } | Act::Repeat { .. } => String::new(),
    }
}

/// Something seen, as it is written.
fn seen(seen_: &Seen) -> String {
    match seen_ {
        Seen::Title(text) => format!("title {}", alternatives(text)),
        Seen::Row(text) => format!("row {}", alternatives(text)),
        Seen::Softkey(text) => format!("softkey {}", alternatives(text)),
        Seen::Line(text) => format!("line {}", alternatives(text)),
        Seen::StatusMessage(text) => format!("status {}", alternatives(text)),
        Seen::CallState(states) => format!("call {}", states.text.replace('|', " or ")),
        Seen::Idle => "idle".to_owned(),
        Seen::InCall => "in call".to_owned(),
        Seen::Picture(name) => format!("picture {}", quoted(name)),
        Seen::Changed => "changed".to_owned(),
        Seen::Not(inner) => format!("not {}", seen(inner)),
    }
}

fn condition(asked: &Condition) -> String {
    match asked {
        Condition::Family(families) => format!("family {}", listed(families)),
        Condition::Model(models) => format!("model {}", listed(models)),
        Condition::Firmware(range) => format!("firmware {}", firmware(range)),
        Condition::Locale(locales) => format!("locale {}", locales.join(", ")),
        Condition::Seen(what) => seen(what),
        Condition::Not(inner) => format!("not {}", condition(inner)),
    }
}

fn firmware(range: &FirmwareRange) -> String {
    let from = range.from.as_ref().map(|from| format!("from {from}"));
    let below = range.below.as_ref().map(|below| format!("below {below}"));
    from.into_iter().chain(below).collect::<Vec<_>>().join(" ")
}

fn parameter(parameter: &Parameter) -> String {
    let kind = match &parameter.kind {
        ParameterKind::Text => "text".to_owned(),
        ParameterKind::Digits => "digits".to_owned(),
        ParameterKind::Tone => "tone".to_owned(),
        ParameterKind::Number { least, most } => format!("number {least}..{most}"),
        ParameterKind::Choice(choices) => {
            let choices: Vec<_> = choices.iter().map(|choice| quoted(choice)).collect();
            format!("choice {}", choices.join(", "))
        }
    };
    let default = parameter.default.as_ref().map(|default| match parameter.kind {
        ParameterKind::Number { .. } => format!(" = {default}"),
        _ => format!(" = {}", quoted(default)),
    });
    format!(
        "param {} {} {kind}{}",
        parameter.name,
        quoted(&parameter.label),
        default.unwrap_or_default()
    )
}

/// Names of a list; those with blanks in quotation marks.
fn listed(names: &[String]) -> String {
    let plain = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let name = |name: &String| if plain(name) { name.clone() } else { quoted(name) };
    names.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn template(template: &Template) -> String {
    quoted(&template.text)
}

fn alternatives(template: &Template) -> String {
    template.alternatives().map(quoted).collect::<Vec<_>>().join(" or ")
}

fn within(length: Duration, default: Duration) -> String {
    if length == default {
        String::new()
    } else {
        format!(" within {}", duration(length))
    }
}

/// In the largest unit that tells it exactly.
pub(in super::super) fn duration(length: Duration) -> String {
    let millis = length.as_millis();
    if millis.is_multiple_of(60_000) {
        format!("{}m", millis / 60_000)
    } else if millis.is_multiple_of(1_000) {
        format!("{}s", millis / 1_000)
    } else {
        format!("{millis}ms")
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

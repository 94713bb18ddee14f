//! From what was typed to a draft, with what is wrong beside its field.

use std::str::FromStr;

use jiff::civil::{DateTime, Time};

use crate::domain::brakes::{Brakes, Missed, Rule, When, Window};
use crate::domain::cause::Cause;
use crate::domain::ids::{BackgroundId, ClusterId, FilterId, MacroId, PhoneId, SoundId};
use crate::domain::job::{Action, Text, TextButton};
use crate::domain::phone::{ReadinessState, RegistrationStatus};
use crate::http::pages::jobs::{Errors, JobForm};
use crate::jobs::{Choice, Draft, Targets};

/// Reads a form.
///
/// # Errors
/// Everything that cannot be read, by field.
pub(super) fn draft(form: &JobForm) -> Result<Draft, Errors> {
    let mut errors = Errors::default();
    let action = action(form, &mut errors);
    let targets = targets(form, &mut errors);
    let brakes = brakes(form, &mut errors);
    let schedule = when(form, &mut errors);
    match (action, targets) {
        (Some(action), Some(targets)) if errors.is_empty() => Ok(Draft {
            title: form.word("title").to_owned(),
            action,
            targets,
            brakes,
            schedule,
        }),
        _ => Err(errors),
    }
}

/// What the jobs refused, beside the field of this form that it is about.
pub(super) fn refused(field: &str, problem: &str, form: &JobForm) -> Errors {
    let mut errors = Errors::default();
    let name = match field {
        "targets" => match form.get("which") {
            "names" => "names",
            "filter" => "filter",
            "search" => "q",
            _ => "which",
        },
        "action.macro" | "action.macro_id" => "macro",
        "action.tone" => "tone",
        "action.times" => "times",
        "action.remedy" => "remedy",
        "action.background" => "background",
        "action.sound" => "sound",
        "action.message.title" => "m_title",
        "action.message.text" | "action.message" => "m_text",
        "action.message.prompt" => "m_prompt",
        "action.message.buttons" => "m_label1",
        "action.message.expires_minutes" => "m_expires",
        "brakes.stop_share_percent" => "stop_share",
        "brakes.in_call_again_minutes" => "in_call_again",
        "brakes.give_up_minutes" => "give_up",
        "brakes.window" | "brakes.window.from" => "window_from",
        "brakes.window.time_zone" => "window_zone",
        "schedule" | "schedule.rule" => schedule_field(form),
        "schedule.rule.pattern" => "pattern",
        "schedule.rule.day" => "month_day",
        "schedule.rule.days" => "day",
        "schedule.rule.at" => "at",
        "schedule.time_zone" => "zone",
        other => other.strip_prefix("brakes.").unwrap_or(other),
    };
    let name = match field.strip_prefix("action.arguments.") {
        Some(argument) => format!("arg-{argument}"),
        None => name.to_owned(),
    };
    errors.add(name, sentence(problem));
    errors
}

fn schedule_field(form: &JobForm) -> &'static str {
    match form.get("when") {
        "once" => "at",
        "weekly" => "day",
        "monthly" => "month_day",
        "cron" => "pattern",
        _ => "time",
    }
}

/// With a capital at its head and a point at its end.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

fn action(form: &JobForm, errors: &mut Errors) -> Option<Action> {
    let chosen = |field: &str, what: &str, errors: &mut Errors| {
        let id = form.word(field).parse::<i64>().ok();
        if id.is_none() {
            errors.add(field, format!("Choose {what}."));
        }
        id
    };
    Some(match form.get("action") {
        "macro" => Action::Macro {
            macro_id: MacroId(chosen("macro", "a macro", errors)?),
            version: None,
            arguments: form.arguments(),
            dry_run: form.has("dry_run", "yes"),
            ssh: form.has("ssh", "yes"),
        },
        "message" => Action::Message {
            message: message(form, errors)?,
        },
        "ring" => Action::Ring {
            tone: form.word("tone").to_owned(),
            times: number(form, "times", 1, 10, errors)?,
        },
        "picture" => Action::Picture,
        "restart" => Action::Restart {
            reset: form.has("reset", "reset"),
        },
        "remedy" => Action::Remedy {
            remedy: form.word("remedy").to_owned(),
        },
        "facts" => Action::Facts,
        "readiness" => Action::Readiness,
        "logout" => Action::Logout,
        "background" => Action::Background {
            background: BackgroundId(chosen("background", "an image", errors)?),
        },
        "ring-tone" => Action::RingTone {
            sound: SoundId(chosen("sound", "a sound", errors)?),
        },
        _ => {
            errors.add("action", "Choose what to do.");
            return None;
        }
    })
}

fn message(form: &JobForm, errors: &mut Errors) -> Option<Text> {
    let mut buttons = Vec::new();
    for number in 1..=3 {
        let (label, dials) = (format!("m_label{number}"), format!("m_dials{number}"));
        let button = TextButton {
            label: form.word(&label).to_owned(),
            dials: form.word(&dials).to_owned(),
        };
        match (button.label.is_empty(), button.dials.is_empty()) {
            (true, true) => {}
            (false, false) => buttons.push(button),
            (true, false) => errors.add(label, "Write what stands on the softkey."),
            (false, true) => errors.add(dials, "Write the number that it dials."),
        }
    }
    if form.word("m_text").is_empty() {
        errors.add("m_text", "Write what the phones show.");
        return None;
    }
    Some(Text {
        title: form.word("m_title").to_owned(),
        text: form.word("m_text").replace("\r\n", "\n"),
        prompt: form.word("m_prompt").to_owned(),
        buttons,
        expires_minutes: maybe_number(form, "m_expires", 1, 1_440, errors),
    })
}

fn targets(form: &JobForm, errors: &mut Errors) -> Option<Targets> {
    match form.get("which") {
        "search" => choice(form, errors).map(Targets::Search),
        "filter" => {
            let id = form.word("filter").parse().ok();
            if id.is_none() {
                errors.add("filter", "Choose a saved filter.");
            }
            id.map(|id| Targets::Filter(FilterId(id)))
        }
        "phones" => {
            let ids: Vec<PhoneId> = form.ids().into_iter().map(PhoneId).collect();
            if ids.is_empty() {
                errors.add(
                    "which",
                    "No phone was selected. Select some in the phone list, or choose another way.",
                );
                return None;
            }
            Some(Targets::Phones(ids))
        }
        "names" => {
            let names = form.names();
            if names.is_empty() {
                errors.add("names", "Choose a file, or write names.");
                return None;
            }
            Some(Targets::Names(names))
        }
        _ => {
            errors.add("which", "Choose the phones.");
            None
        }
    }
}

/// The search of a form.
pub(super) fn choice(form: &JobForm, errors: &mut Errors) -> Option<Choice> {
    let cluster = parsed::<i64>(form, "cluster", errors).map(ClusterId);
    let status = one_of(
        form,
        "status",
        RegistrationStatus::ALL,
        RegistrationStatus::as_str,
        errors,
    );
    let readiness = one_of(form, "readiness", ReadinessState::ALL, ReadinessState::as_str, errors);
    let cause = parsed::<Cause>(form, "cause", errors);
    let unread = ["cluster", "status", "readiness", "cause"]
        .iter()
        .any(|field| errors.has(field));
    if unread {
        errors.add("q", "One of the filters means nothing here. Choose it anew.");
        return None;
    }
    Some(Choice {
        q: form.word("q").to_owned(),
        cluster,
        model: Some(form.word("model").to_owned()).filter(|model| !model.is_empty()),
        status,
        readiness,
        cause,
    })
}

fn parsed<T: FromStr>(form: &JobForm, field: &str, errors: &mut Errors) -> Option<T> {
    let word = form.word(field);
    if word.is_empty() {
        return None;
    }
    let value = word.parse().ok();
    if value.is_none() {
        errors.add(field, "This is not among the choices.");
    }
    value
}

fn one_of<T: Copy>(
    form: &JobForm,
    field: &str,
    all: &[T],
    name: fn(T) -> &'static str,
    errors: &mut Errors,
) -> Option<T> {
    let word = form.word(field);
    let found = all.iter().copied().find(|value| name(*value) == word);
    if found.is_none() && !word.is_empty() {
        errors.add(field, "This is not among the choices.");
    }
    found
}

fn number(form: &JobForm, field: &str, least: u32, most: u32, errors: &mut Errors) -> Option<u32> {
    let value = form
        .word(field)
        .parse()
        .ok()
        .filter(|value| (least..=most).contains(value));
    if value.is_none() {
        errors.add(field, format!("Write a number from {least} to {most}."));
    }
    value
}

fn maybe_number(form: &JobForm, field: &str, least: u32, most: u32, errors: &mut Errors) -> Option<u32> {
    if form.word(field).is_empty() {
        return None;
    }
    number(form, field, least, most, errors)
}

fn brakes(form: &JobForm, errors: &mut Errors) -> Brakes {
    let usual = Brakes::default();
    let share = maybe_number(form, "stop_share", 1, 100, errors);
    Brakes {
        canary: form.has("canary", "yes"),
        look: form.has("canary", "yes") && form.has("look", "yes"),
        stop_share_percent: share.and_then(|share| u8::try_from(share).ok()),
        stop_after: number(form, "stop_after", 1, 10_000, errors).unwrap_or(usual.stop_after),
        per_minute: maybe_number(form, "per_minute", 1, 6_000, errors),
        at_once: number(form, "at_once", 1, 500, errors).unwrap_or(usual.at_once),
        per_switch: maybe_number(form, "per_switch", 1, 500, errors),
        in_call_again_minutes: number(form, "in_call_again", 1, 1_440, errors).unwrap_or(usual.in_call_again_minutes),
        give_up_minutes: number(form, "give_up", 1, 10_080, errors).unwrap_or(usual.give_up_minutes),
        window: form.has("window", "yes").then(|| window(form, errors)).flatten(),
        approval: form.has("approval", "yes"),
    }
}

fn window(form: &JobForm, errors: &mut Errors) -> Option<Window> {
    let (from, to) = (time(form, "window_from", errors), time(form, "window_to", errors));
    Some(Window {
        days: days(form, "window_day"),
        from: from?,
        to: to?,
        time_zone: zone(form, "window_zone", errors)?,
    })
}

fn days(form: &JobForm, field: &str) -> Vec<u8> {
    let mut days: Vec<u8> = form.all(field).iter().filter_map(|day| day.parse().ok()).collect();
    days.sort_unstable();
    days.dedup();
    days
}

fn time(form: &JobForm, field: &str, errors: &mut Errors) -> Option<Time> {
    let word = form.word(field);
    let read = match word.len() {
        5 => format!("{word}:00").parse().ok(),
        _ => word.parse().ok(),
    };
    if read.is_none() {
        errors.add(field, "Write a time such as 22:00.");
    }
    read
}

fn zone(form: &JobForm, field: &str, errors: &mut Errors) -> Option<String> {
    let name = form.word(field);
    if jiff::tz::TimeZone::get(name).is_err() {
        errors.add(field, "Write a time zone such as Europe/Paris or UTC.");
        return None;
    }
    Some(name.to_owned())
}

/// When it starts; none: now.
pub(super) fn when(form: &JobForm, errors: &mut Errors) -> Option<When> {
    let rule = match form.get("when") {
        "" | "now" => return None,
        "once" => {
            let read: Option<DateTime> = form.word("at").parse().ok();
            if read.is_none() {
                errors.add("at", "Choose a day and a time.");
            }
            Rule::Once { at: read? }
        }
        "daily" => Rule::Daily {
            time: time(form, "time", errors)?,
        },
        "weekly" => {
            let days = days(form, "day");
            if days.is_empty() {
                errors.add("day", "Choose at least one day.");
            }
            Rule::Weekly {
                days,
                time: time(form, "time", errors)?,
            }
        }
        "monthly" => {
            let day = number(form, "month_day", 1, 31, errors);
            Rule::Monthly {
                day: u8::try_from(day?).ok()?,
                time: time(form, "time", errors)?,
            }
        }
        "cron" => Rule::Cron {
            pattern: form.word("pattern").to_owned(),
        },
        _ => {
            errors.add("when", "Choose when it starts.");
            return None;
        }
    };
    Some(When {
        rule,
        time_zone: zone(form, "zone", errors)?,
        missed: if form.has("missed", "run-late") {
            Missed::RunLate
        } else {
            Missed::Skip
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> JobForm {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        JobForm::read(owned.collect(), "Europe/Paris")
    }

    #[test]
    fn the_usual_form_is_a_draft_with_the_usual_brakes() {
        let draft = draft(&form(&[
            ("action", "facts"),
            ("q", "pool:Lyon"),
            ("status", "registered"),
        ]))
        .unwrap();
        assert_eq!(draft.brakes, Brakes::default());
        assert_eq!((draft.action, draft.schedule), (Action::Facts, None));
        let Targets::Search(choice) = draft.targets else {
            panic!("{:?}", draft.targets)
        };
        assert_eq!(
            (choice.q.as_str(), choice.status),
            ("pool:Lyon", Some(RegistrationStatus::Registered))
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_beside_its_field() {
        let errors = draft(&form(&[
            ("action", "message"),
            ("m_label1", "Call"),
            ("m_dials2", "1001"),
            ("which", "names"),
            ("stop_share", "200"),
            ("at_once", "many"),
            ("window", "yes"),
            ("window_zone", "Mars/Olympus"),
            ("when", "weekly"),
            ("time", "26:00"),
        ]))
        .unwrap_err();
        for field in [
            "m_text",
            "m_dials1",
            "m_label2",
            "names",
            "stop_share",
            "at_once",
            "window_zone",
            "day",
            "time",
        ] {
            assert!(errors.has(field), "{field}: {errors:?}");
        }
    }

    #[test]
    fn rules_of_the_calendar_are_read() {
        let rule = |pairs: &[(&str, &str)]| {
            let mut errors = Errors::default();
            let when = when(&form(pairs), &mut errors);
            assert!(errors.is_empty(), "{errors:?}");
            when.map(|when| when.rule)
        };
        assert_eq!(rule(&[]), None);
        assert_eq!(
            rule(&[("when", "once"), ("at", "2026-12-01T22:00")]),
            Some(Rule::Once {
                at: "2026-12-01T22:00:00".parse().unwrap()
            })
        );
        assert_eq!(
            rule(&[
                ("when", "weekly"),
                ("day", "5"),
                ("day", "1"),
                ("day", "5"),
                ("time", "02:30")
            ]),
            Some(Rule::Weekly {
                days: vec![1, 5],
                time: "02:30:00".parse().unwrap()
            })
        );
    }

    #[test]
    fn what_the_jobs_refuse_stands_beside_the_field_it_is_about() {
        let form = form(&[("which", "names")]);
        for (field, name) in [
            ("targets", "names"),
            ("brakes.at_once", "at_once"),
            ("brakes.stop_share_percent", "stop_share"),
            ("title", "title"),
            ("action.arguments.times", "arg-times"),
        ] {
            let errors = refused(field, "no phone is meant", &form);
            assert_eq!(errors.get(name), Some("No phone is meant."), "{field}");
        }
    }
}

//! Macros, phones and runs as their pages show them.

use std::time::Duration;

use crate::domain::catalogue;
use crate::domain::script::{Danger, FirmwareRange, Fits, Parameter, ParameterKind, RunEnd, Script};
use crate::http::failure::Failure;
use crate::http::pages::When;
use crate::http::pages::macros::editor::{MistakeView, PreviewView};
use crate::http::pages::macros::play::PhoneView;
use crate::http::pages::macros::run::{end_class, end_word};
use crate::http::pages::macros::{MacroRow, Origin, ParameterView, RunLine, StepView, VersionView};
use crate::http::visit::Visit;
use crate::inventory::Phone;
use crate::macros::{self, Kept, Mistake, PlayError, VersionLine};
use crate::security::{RunDestructive, RunMacros, Viewer};

/// The words of an error as a sentence.
pub(super) fn sentence(error: &dyn std::error::Error) -> String {
    capitalised(&error.to_string())
}

/// A text as a sentence.
pub(super) fn capitalised(text: &str) -> String {
    let end = if text.ends_with(['?', '!', ':']) {
        None
    } else {
        Some('.')
    };
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(end).collect()
}

impl From<PlayError> for Failure {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Unknown => Self::not_found("run of a macro"),
            PlayError::Denied(denied) => Self::forbidden(sentence(&denied)),
            PlayError::Over | PlayError::NotNow(_) | PlayError::Busy(_) => Self::conflict(sentence(&error)),
            PlayError::Argument { name, problem } => Self::fields([(name, problem)].into()),
            PlayError::Confirm(_) => Self::fields([("confirmation".to_owned(), error.to_string())].into()),
            PlayError::Unreadable | PlayError::OtherKind(_) | PlayError::Emergency(_) => {
                Self::unacceptable(format!("{} Nothing was sent.", sentence(&error)))
            }
            PlayError::TooMany => Self::too_many(sentence(&error), Duration::from_secs(10)),
            PlayError::Macro(error) => error.into(),
            PlayError::Phone(error) => error.into(),
            PlayError::Store(error) => error.into(),
        }
    }
}

/// What a family is called.
pub(super) fn family_title(id: &str) -> String {
    let known = catalogue::models().find(|model| model.family.id == id);
    known.map_or_else(|| id.to_owned(), |model| model.family.title.clone())
}

/// For which phones, in words; empty: for all.
pub(super) fn fits(fits: &Fits) -> String {
    with_firmware(fits, phones_of(fits).join(", "))
}

/// The same with two kinds of phones named, and how many more there are.
fn fits_briefly(fits: &Fits) -> String {
    let kinds = phones_of(fits);
    let words = match kinds.as_slice() {
        [first, second, _, more @ ..] => format!("{first}, {second} and {} more", more.len() + 1),
        few => few.join(", "),
    };
    with_firmware(fits, words)
}

fn phones_of(fits: &Fits) -> Vec<String> {
    let families = fits.families.iter().map(|id| family_title(id));
    families.chain(fits.models.iter().cloned()).collect()
}

fn with_firmware(fits: &Fits, phones: String) -> String {
    let firmware = fits.firmware.as_ref();
    let mut words = vec![phones];
    words.extend(firmware.map(|range| format!("firmware {}", range_in_words(range))));
    words.retain(|words| !words.is_empty());
    words.join(", ")
}

fn range_in_words(range: &FirmwareRange) -> String {
    match (&range.from, &range.below) {
        (Some(from), Some(below)) => format!("from {from}, before {below}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(below)) => format!("before {below}"),
        (None, None) => "of any version".to_owned(),
    }
}

/// Whether a macro is for a family, by its id or by one of its models.
pub(super) fn is_for_family(kept: &Kept, family: &str) -> bool {
    let Some(script) = &kept.script else { return false };
    let Fits { families, models, .. } = &script.fits;
    let of_family = |name: &String| catalogue::by_name(name).is_some_and(|model| model.family.id == family);
    (families.is_empty() && models.is_empty()) || families.iter().any(|id| id == family) || models.iter().any(of_family)
}

/// Why a macro is not for a phone, as a sentence; empty when it is.
pub(super) fn unfit(kept: &Kept, phone: &Phone) -> String {
    let Some(script) = &kept.script else {
        return "A newer Sidetone wrote this macro; it cannot be played here.".to_owned();
    };
    let model = catalogue::find(phone.model_number, &phone.model);
    let (for_phones, name) = (&script.fits, model_name(phone));
    let of_models = |list: &[String]| {
        list.iter()
            .any(|one| catalogue::by_name(one).is_some_and(|one| std::ptr::eq(one, model)))
    };
    let is_meant = if for_phones.models.is_empty() {
        for_phones.families.is_empty() || for_phones.families.contains(&model.family.id)
    } else {
        of_models(&for_phones.models)
    };
    if !is_meant {
        return format!("It is made for {}; this is a {name}.", fits_briefly(for_phones));
    }
    let range = for_phones.firmware.as_ref();
    match range.and_then(|range| range.holds(&phone.firmware).map(|holds| (range, holds))) {
        Some((range, false)) => format!(
            "It is made for firmware {}; this phone runs {}.",
            range_in_words(range),
            phone.firmware
        ),
        _ => String::new(),
    }
}

/// The model without the maker's name.
pub(super) fn model_name(phone: &Phone) -> String {
    phone.model.trim_start_matches("Cisco ").to_owned()
}

/// A phone that a macro may be played on.
pub(super) fn phone(phone: &Phone, unfit: String) -> PhoneView {
    PhoneView {
        id: phone.id.0,
        name: phone.name.clone(),
        owner: phone.owner.clone(),
        number: phone.lines.first().map(|line| line.dn.clone()).unwrap_or_default(),
        model: model_name(phone),
        status: phone.status,
        unfit,
    }
}

/// Whether somebody may play a macro of this mark.
pub(super) fn may_play(viewer: &Viewer, danger: Danger) -> bool {
    match danger {
        Danger::Safe => viewer.may::<RunMacros>().is_ok(),
        Danger::Destructive => viewer.may::<RunDestructive>().is_ok(),
    }
}

/// A macro in a few words, without its last run.
pub(super) fn row(viewer: &Viewer, kept: &Kept) -> MacroRow {
    MacroRow {
        id: kept.id.0,
        name: kept.name.clone(),
        description: kept.description.clone(),
        danger: kept.danger,
        fits: kept
            .script
            .as_ref()
            .map(|script| fits(&script.fits))
            .unwrap_or_default(),
        fits_briefly: kept
            .script
            .as_ref()
            .map(|script| fits_briefly(&script.fits))
            .unwrap_or_default(),
        version: kept.version,
        origin: match kept.built_in {
            None => Origin::Own,
            Some(_) if kept.edited => Origin::Changed,
            Some(_) => Origin::BuiltIn,
        },
        last: None,
        may_play: kept.script.is_some() && may_play(viewer, kept.danger),
        readable: kept.script.is_some(),
    }
}

/// A macro in a few words.
pub(super) async fn row_with_last_run(visit: &Visit, kept: &Kept) -> Result<MacroRow, Failure> {
    let last = visit.app.macros.runs_of_macro(&visit.viewer, kept.id, 1).await?;
    Ok(MacroRow {
        last: last.first().map(|line| run_line(visit, line)),
        ..row(&visit.viewer, kept)
    })
}

/// A run in one line.
pub(super) fn run_line(visit: &Visit, line: &macros::RunLine) -> RunLine {
    let end = RunEnd::ALL.into_iter().find(|end| end.as_str() == line.state);
    RunLine {
        id: line.id.0,
        macro_name: line.macro_name.clone(),
        phone: line.phone_name.clone(),
        by: line.by.clone(),
        at: When::from_ms(line.began_at, visit.app.clock.now_ms()),
        word: end.map_or("Running", end_word),
        class: end.map_or("j-running", end_class),
    }
}

/// The steps of a macro in plain words, numbered. Where a block's other half begins there is no number.
pub(super) fn steps(script: &Script) -> Vec<StepView> {
    let mut numbers: Vec<u32> = Vec::new();
    let mut views: Vec<StepView> = Vec::new();
    for step in macros::preview(script) {
        let is_other_half = views
            .iter()
            .any(|before| (before.line, before.column) == (step.at.line, step.at.column));
        if !is_other_half {
            numbers.resize(step.depth + 1, 0);
            if let Some(last) = numbers.last_mut() {
                *last += 1;
            }
        }
        let number = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        views.push(StepView {
            line: step.at.line,
            column: step.at.column,
            depth: step.depth,
            number: if is_other_half { String::new() } else { number },
            words: step.words,
            destructive: step.destructive,
        });
    }
    views
}

/// The questions of a macro.
pub(super) fn parameter(parameter: &Parameter) -> ParameterView {
    ParameterView {
        label: parameter.label.clone(),
        name: parameter.name.clone(),
        kind: match &parameter.kind {
            ParameterKind::Text => "a text".to_owned(),
            ParameterKind::Number { least, most } => format!("a number, {least} to {most}"),
            ParameterKind::Digits => "digits".to_owned(),
            ParameterKind::Choice(choices) => choices.join(", "),
            ParameterKind::Tone => "a ring tone of the list".to_owned(),
        },
        default: parameter.default.clone(),
    }
}

/// A version in the list.
pub(super) fn version(visit: &Visit, line: &VersionLine, current: u32) -> VersionView {
    VersionView {
        version: line.version,
        at: When::from_ms(line.saved_at, visit.app.clock.now_ms()),
        by: line.saved_by.clone(),
        note: line.note.clone(),
        current: line.version == current,
    }
}

/// What a text means, or what is wrong with it.
pub(super) fn preview(text: &str) -> PreviewView {
    if text.trim().is_empty() {
        return PreviewView {
            is_blank: true,
            ..PreviewView::default()
        };
    }
    match macros::parse(text) {
        Ok(script) => PreviewView {
            name: script.name.clone(),
            danger: Some(script.danger),
            fits: fits(&script.fits),
            steps: steps(&script),
            ..PreviewView::default()
        },
        Err(found) => PreviewView {
            mistakes: mistakes(text, found),
            ..PreviewView::default()
        },
    }
}

/// Mistakes, each with its line as it is written.
pub(super) fn mistakes(text: &str, found: Vec<Mistake>) -> Vec<MistakeView> {
    const LONGEST_QUOTE: usize = 120;
    let lines: Vec<&str> = text.lines().collect();
    let quoted = |line: u32| {
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        let line = lines.get(at).map(|line| line.trim()).unwrap_or_default();
        line.chars().take(LONGEST_QUOTE).collect()
    };
    let view = |mistake: Mistake| MistakeView {
        line: mistake.at.line,
        column: mistake.at.column,
        message: capitalised(&mistake.message),
        hint: mistake.hint.as_deref().map(capitalised),
        quoted: quoted(mistake.at.line),
    };
    found.into_iter().map(view).collect()
}

//! Before a macro starts: which phone, what is asked, what will be done.

use axum::response::Response;
use serde::Deserialize;

use super::views;
use crate::domain::catalogue;
use crate::domain::ids::{JobId, MacroId, PhoneId};
use crate::domain::job::Action;
use crate::domain::script::{Arguments, Danger, Parameter, ParameterKind};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::Section;
use crate::http::pages::macros::play::{ChoosePage, PlayPage, QuestionKind, QuestionView};
use crate::http::visit::{self, Visit};
use crate::inventory::{Phone, Search};
use crate::macros::{Kept, Order, PlayError, Way};
use crate::phone::takes_keys_over_ssh;
use crate::security::{RunJobs, RunMacros};

/// Phones to choose from.
const CHOICES: usize = 25;
/// Phones that are looked at for those it fits.
const LOOKED_AT: u32 = 100;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    phone: Option<PhoneId>,
    /// A job of this macro, whose answers are filled in.
    job: Option<JobId>,
    #[serde(default)]
    q: String,
    /// `1` for a dry run.
    #[serde(default)]
    dry: String,
}

/// Which phone; with a phone, what is asked before the start.
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<MacroId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let kept = visit.app.macros.library().get(&may, id).await?;
    allowed(&visit, &kept)?;
    let Some(phone) = asked.phone else {
        return choose(&visit, &kept, asked.q).await;
    };
    let phone = visit.app.inventory.phone(&may, phone).await?;
    let filled = match asked.job {
        Some(job) => of_job(&visit, id, job).await?,
        None => Filled {
            dry_run: asked.dry == "1",
            ..Filled::default()
        },
    };
    visit::html(&page(&visit, &kept, &phone, &filled).await?)
}

/// What a job of the macro fills in: whoever plays by hand what it could not do begins with its answers.
async fn of_job(visit: &Visit, id: MacroId, job: JobId) -> Result<Filled, Failure> {
    let may = visit.may::<RunJobs>()?;
    match visit.app.jobs.job(&may, job).await?.action {
        Some(Action::Macro {
            macro_id,
            arguments,
            dry_run,
            ..
        }) if macro_id == id => Ok(Filled {
            arguments,
            dry_run,
            ..Filled::default()
        }),
        _ => Err(Failure::not_found("job")),
    }
}

/// Whoever may not play a macro is told so before anything is typed.
fn allowed(visit: &Visit, kept: &Kept) -> Result<(), Failure> {
    match kept.danger {
        Danger::Destructive => visit.may::<crate::security::RunDestructive>().map(drop),
        Danger::Safe => Ok(()),
    }
}

async fn choose(visit: &Visit, kept: &Kept, q: String) -> Result<Response, Failure> {
    let search = Search {
        q: q.clone(),
        limit: LOOKED_AT,
        exact_total: true,
        ..Search::default()
    };
    let found = visit.app.inventory.search(&visit.viewer, &search).await?;
    let phones = found.phones.iter();
    let mut phones: Vec<_> = phones
        .map(|phone| views::phone(phone, views::unfit(kept, phone)))
        .collect();
    // Those that can be chosen stand first, in the order of the search.
    phones.sort_by_key(|phone| !phone.unfit.is_empty());
    phones.truncate(CHOICES);
    let page = ChoosePage {
        layout: visit.layout(&format!("Play {}", kept.name), Section::Macros),
        about: views::row(&visit.viewer, kept),
        phones,
        total: found.total.count,
        q,
    };
    match visit.fragment() {
        Some("rows") => visit::fragment(&page.as_rows()),
        _ => visit::html(&page),
    }
}

/// What was filled in so far, and what was wrong with it.
#[derive(Debug, Default)]
struct Filled {
    arguments: Arguments,
    dry_run: bool,
    step_by_step: bool,
    way: Way,
    wrong: Option<Wrong>,
}

#[derive(Debug)]
enum Wrong {
    Answer { name: String, problem: String },
    Confirmation(String),
    Other(String),
}

async fn page(visit: &Visit, kept: &Kept, phone: &Phone, filled: &Filled) -> Result<PlayPage, Failure> {
    let app = &visit.app;
    let model = catalogue::find(phone.model_number, &phone.model);
    let ssh_limits = if takes_keys_over_ssh(model) {
        app.macros.ssh_limits(&visit.viewer, phone.id).await?
    } else {
        Vec::new()
    };
    let tones = app.macros.library().tones(&visit.viewer).await?;
    let steps = kept.script.as_ref().map(views::steps).unwrap_or_default();
    let questions = kept.parameters.iter();
    let (confirm_error, error) = match &filled.wrong {
        Some(Wrong::Confirmation(words)) => (Some(words.clone()), None),
        Some(Wrong::Other(words)) => (None, Some(words.clone())),
        Some(Wrong::Answer { .. }) | None => (None, None),
    };
    Ok(PlayPage {
        layout: visit.layout(&format!("{} on {}", kept.name, phone.name), Section::Macros),
        about: views::row(&visit.viewer, kept),
        questions: questions.map(|one| question(one, filled, &tones)).collect(),
        dry_run: filled.dry_run,
        step_by_step: filled.step_by_step,
        way: filled.way.as_str().to_owned(),
        ssh_limits,
        confirm: (kept.danger == Danger::Destructive).then(|| phone.name.clone()),
        confirm_error,
        error,
        steps,
        phone: views::phone(phone, views::unfit(kept, phone)),
    })
}

fn question(parameter: &Parameter, filled: &Filled, tones: &[String]) -> QuestionView {
    let typed = filled.arguments.get(&parameter.name);
    let value = typed.or(parameter.default.as_ref()).cloned().unwrap_or_default();
    let error = match &filled.wrong {
        Some(Wrong::Answer { name, problem }) if *name == parameter.name => Some(views::capitalised(problem)),
        _ => None,
    };
    QuestionView {
        name: parameter.name.clone(),
        label: parameter.label.clone(),
        kind: match &parameter.kind {
            ParameterKind::Text => QuestionKind::Text,
            ParameterKind::Digits => QuestionKind::Digits,
            ParameterKind::Number { least, most } => QuestionKind::Number(*least, *most),
            ParameterKind::Choice(choices) => QuestionKind::Choice(choices.clone()),
            ParameterKind::Tone => QuestionKind::Choice(tones.to_vec()),
        },
        value,
        required: parameter.default.is_none(),
        error,
    }
}

/// What the form brings, name by name: the answers have names of the macro's own.
struct Ordered {
    phone: Option<PhoneId>,
    filled: Filled,
    confirmation: Option<String>,
}

impl Ordered {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut ordered = Self {
            phone: None,
            filled: Filled::default(),
            confirmation: None,
        };
        for (name, value) in fields {
            match name.as_str() {
                "phone" => ordered.phone = value.parse().ok().map(PhoneId),
                "dry_run" => ordered.filled.dry_run = value == "yes",
                "step_by_step" => ordered.filled.step_by_step = value == "yes",
                "confirmation" => {
                    ordered.confirmation = Some(value.trim().to_owned()).filter(|typed| !typed.is_empty());
                }
                "way" => ordered.filled.way = way(&value),
                other => {
                    // A question without an answer is asked again, or takes its default.
                    if let Some(name) = other.strip_prefix("a-").filter(|_| !value.is_empty()) {
                        ordered.filled.arguments.insert(name.to_owned(), value);
                    }
                }
            }
        }
        ordered
    }
}

fn way(word: &str) -> Way {
    let ways = [Way::Auto, Way::Web, Way::Ssh];
    ways.into_iter().find(|way| way.as_str() == word).unwrap_or_default()
}

/// Starts it and goes to its page; what is missing or wrong is asked for again.
pub(super) async fn start(
    visit: Visit,
    Path(id): Path<MacroId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let kept = visit.app.macros.library().get(&may, id).await?;
    allowed(&visit, &kept)?;
    let Ordered {
        phone,
        filled,
        confirmation,
    } = Ordered::read(fields);
    let phone = phone.ok_or_else(|| Failure::unacceptable("Choose a phone first. Nothing was sent."))?;
    let phone = visit.app.inventory.phone(&may, phone).await?;
    let order = Order {
        macro_id: id,
        version: Some(kept.version),
        phone: phone.id,
        arguments: filled.arguments.clone(),
        dry_run: filled.dry_run,
        step_by_step: filled.step_by_step,
        way: filled.way,
        confirmation,
    };
    let wrong = match visit.app.macros.start(&visit.viewer, order).await {
        Ok(run) => return Ok(visit::see_other(&format!("/macro-runs/{run}"))),
        Err(PlayError::Argument { name, problem }) => Wrong::Answer { name, problem },
        Err(PlayError::Confirm(expected)) => {
            Wrong::Confirmation(format!("Type {expected}, exactly. Nothing was sent."))
        }
        Err(PlayError::Busy(Some(run))) => {
            let told = "A macro is played on this phone already. Nothing was sent.";
            return Ok(visit::failed(&format!("/macro-runs/{run}"), told));
        }
        Err(
            error @ (PlayError::OtherKind(_)
            | PlayError::Emergency(_)
            | PlayError::Busy(None)
            | PlayError::TooMany
            | PlayError::Unreadable),
        ) => Wrong::Other(format!("{} Nothing was sent.", views::sentence(&error))),
        Err(error) => return Err(error.into()),
    };
    let wrong = Some(wrong);
    visit::refused(&page(&visit, &kept, &phone, &Filled { wrong, ..filled }).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_names_of_their_own() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let ordered = Ordered::read(vec![
            field("csrf", "x"),
            field("phone", "7"),
            field("a-times", "3"),
            field("a-tone", ""),
            field("dry_run", "yes"),
            field("way", "ssh"),
            field("confirmation", " SEP1 "),
        ]);
        assert_eq!(ordered.phone, Some(PhoneId(7)));
        assert_eq!(ordered.filled.arguments, [field("times", "3")].into());
        assert!(ordered.filled.dry_run && !ordered.filled.step_by_step);
        assert_eq!(
            (ordered.filled.way, ordered.confirmation.as_deref()),
            (Way::Ssh, Some("SEP1"))
        );
        assert_eq!(way("by-carrier-pigeon"), Way::Auto);
    }
}

//! Messages.

use axum::response::Response;
use serde::Deserialize;

use super::MESSAGES;
use super::pick::{self, pick};
use super::views::{Refused, phone_ids};
use crate::audit::{self, Line, action};
use crate::domain::cause::Cause;
use crate::domain::ids::{PhoneId, TemplateId};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::activity::PhoneLink;
use crate::http::pages::reach::messages::{MessagesPage, SentRow, TemplateRow, Typed};
use crate::http::pages::reach::tabs;
use crate::http::pages::{FieldErrors, Section, Trouble, When};
use crate::http::visit::{self, Visit};
use crate::reach::{Delivered, Template, check_text};
use crate::security::{ReachPeople, RunJobs, Viewer};

/// Messages of the list.
const LATELY: u16 = 25;
/// Letters of a template in the list.
const BEGINNING: usize = 80;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    phone: Option<PhoneId>,
    template: Option<TemplateId>,
    #[serde(default)]
    q: String,
}

/// The form, empty or with a template.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let may = visit.may::<ReachPeople>()?;
    let form = match asked.template {
        Some(id) => {
            let template = visit.app.reach.template(&may, id).await?;
            Typed {
                template: Some(template.id.0),
                name: template.name,
                ..Typed::of(&template.text)
            }
        }
        None => Typed::default().whole(),
    };
    let picking = Picking {
        q: asked.q,
        chosen: asked.phone.into_iter().collect(),
    };
    visit::html(&page(&visit, form, picking, Told::default()).await?)
}

/// What the form brings. The fields of the message are named as in the form of a job, which can take them over.
#[derive(Debug, Deserialize)]
pub(super) struct MessageForm {
    #[serde(default)]
    m_title: String,
    #[serde(default)]
    m_text: String,
    #[serde(default)]
    m_prompt: String,
    #[serde(default)]
    m_expires: String,
    #[serde(default)]
    m_label1: String,
    #[serde(default)]
    m_dials1: String,
    #[serde(default)]
    m_label2: String,
    #[serde(default)]
    m_dials2: String,
    #[serde(default)]
    m_label3: String,
    #[serde(default)]
    m_dials3: String,
    #[serde(default)]
    phone: Vec<String>,
    #[serde(default)]
    q: String,
    template: Option<i64>,
    #[serde(default)]
    name: String,
    /// `send`, `check`, `find`, `keep` or `replace`.
    #[serde(default)]
    act: String,
}

impl MessageForm {
    pub(super) fn typed(self) -> (Typed, Picking) {
        let typed = Typed {
            title: self.m_title,
            text: self.m_text,
            prompt: self.m_prompt,
            expires: self.m_expires,
            buttons: vec![
                (self.m_label1, self.m_dials1),
                (self.m_label2, self.m_dials2),
                (self.m_label3, self.m_dials3),
            ],
            template: self.template,
            name: self.name,
        };
        let picking = Picking {
            q: self.q,
            chosen: phone_ids(&self.phone),
        };
        (typed.whole(), picking)
    }
}

/// The phone that is chosen, and what was searched for.
#[derive(Debug, Default)]
pub(super) struct Picking {
    pub(super) q: String,
    pub(super) chosen: Vec<PhoneId>,
}

/// What the page says about the form.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) errors: FieldErrors,
    pub(super) trouble: Option<Trouble>,
    pub(super) checked: bool,
}

impl Told {
    pub(super) fn of(refused: Refused) -> Self {
        let mut told = Self::default();
        told.trouble = refused.into(&mut told.errors);
        told
    }

    fn field(field: &'static str, words: impl Into<String>) -> Self {
        Self::of(Refused::Field(field, words.into()))
    }
}

/// Sends it, checks it, or keeps it as a template.
pub(super) async fn send(visit: Visit, Form(form): Form<MessageForm>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let act = form.act.clone();
    let (typed, picking) = form.typed();
    if act == "find" {
        return visit::html(&page(&visit, typed, picking, Told::default()).await?);
    }
    let text = match typed.read() {
        Ok(text) => text,
        Err((field, problem)) => {
            let told = Told::field(field, super::views::sentence(&problem));
            return visit::refused(&page(&visit, typed, picking, told).await?);
        }
    };
    let refused = match act.as_str() {
        "check" => match check_text(&text) {
            Ok(()) => {
                let told = Told {
                    checked: true,
                    ..Told::default()
                };
                return visit::html(&page(&visit, typed, picking, told).await?);
            }
            Err(error) => Refused::of(error)?,
        },
        "keep" | "replace" => return keep(&visit, typed, picking, act == "replace").await,
        _ => {
            let Some(phone) = picking.chosen.first().copied() else {
                // What else is wrong is told along with it.
                let mut told = check_text(&text)
                    .err()
                    .map(Refused::of)
                    .transpose()?
                    .map(Told::of)
                    .unwrap_or_default();
                told.errors.add("phone", "Choose a phone.");
                return visit::refused(&page(&visit, typed, picking, told).await?);
            };
            match visit.app.reach.message(&visit.viewer, phone, &text).await {
                Ok(delivered) => {
                    let name = visit.app.inventory.phone(&visit.viewer, phone).await?.name;
                    return Ok(visit::done(
                        &format!("{MESSAGES}?phone={phone}"),
                        shown_on(&name, &delivered),
                    ));
                }
                Err(error) => Refused::of(error)?,
            }
        }
    };
    visit::refused(&page(&visit, typed, picking, Told::of(refused)).await?)
}

/// `SEP1 shows it, after 80 ms.`
pub(super) fn shown_on(name: &str, delivered: &Delivered) -> String {
    let way = if delivered.fetched {
        " It was too long for one push: the phone fetches it from here."
    } else {
        ""
    };
    format!("{name} took the message in {} ms.{way}", delivered.took.as_millis())
}

async fn keep(visit: &Visit, typed: Typed, picking: Picking, replace: bool) -> Result<Response, Failure> {
    let may = visit.may::<ReachPeople>()?;
    let text = typed.read().unwrap_or_default();
    let kept = match typed.template.filter(|_| replace) {
        Some(id) => {
            let id = TemplateId(id);
            visit
                .app
                .reach
                .save_template(&may, id, &typed.name, &text)
                .await
                .map(|()| id)
        }
        None => visit.app.reach.add_template(&may, &typed.name, &text).await,
    };
    match kept {
        Ok(id) => {
            let phone = picking
                .chosen
                .first()
                .map(|phone| format!("&phone={phone}"))
                .unwrap_or_default();
            let told = format!("The template “{}” is saved.", typed.name.trim());
            Ok(visit::done(&format!("{MESSAGES}?template={id}{phone}"), told))
        }
        Err(error) => {
            let told = Told::of(Refused::of(error)?);
            visit::refused(&page(visit, typed, picking, told).await?)
        }
    }
}

/// Removes a template.
pub(super) async fn remove_template(visit: Visit, Path(id): Path<TemplateId>) -> Result<Response, Failure> {
    let may = visit.may::<ReachPeople>()?;
    visit.app.reach.remove_template(&may, id).await?;
    Ok(visit::done(MESSAGES, "The template is removed."))
}

pub(super) async fn page(visit: &Visit, form: Typed, picking: Picking, told: Told) -> Result<MessagesPage, Failure> {
    let templates = visit.app.reach.templates(&visit.viewer).await?;
    let sent = sent(visit).await?;
    let count = |outcomes: &[&str]| sent.iter().filter(|row| outcomes.contains(&row.outcome)).count();
    let asked = pick::Asked {
        id: "phone",
        q: picking.q,
        chosen: picking.chosen,
        error: told.errors.get("phone").map(ToOwned::to_owned),
        ..pick::Asked::default()
    };
    Ok(MessagesPage {
        layout: visit.layout("Messages", Section::Reach),
        tabs: tabs(MESSAGES),
        pick: pick(visit, asked).await?,
        may_many: visit.viewer.may::<RunJobs>().is_ok(),
        templates: templates.into_iter().map(|one| template_row(visit, one)).collect(),
        delivered: count(&["done"]),
        failed: count(&["failed", "refused"]),
        sent,
        form,
        errors: told.errors,
        trouble: told.trouble,
        checked: told.checked,
    })
}

fn template_row(visit: &Visit, template: Template) -> TemplateRow {
    let whole = [template.text.title, template.text.text].join(" ");
    let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins: String = whole.chars().take(BEGINNING).collect();
    TemplateRow {
        id: template.id.0,
        name: template.name,
        begins: if begins.len() < whole.len() {
            begins + "…"
        } else {
            begins
        },
        by: template.updated_by,
        at: When::from_ms(template.updated_at, visit.app.clock.now_ms()),
    }
}

/// One's own messages, or those of all for who runs jobs.
async fn sent(visit: &Visit) -> Result<Vec<SentRow>, Failure> {
    let filter = audit::Filter {
        user: of(&visit.viewer),
        clusters: visit.viewer.clusters.clone(),
        action: Some(action::MESSAGE.as_str().to_owned()),
        ..audit::Filter::default()
    };
    let lines = audit::list(&visit.app.store, &filter, None, LATELY).await?.lines;
    let now = visit.app.clock.now_ms();
    Ok(lines.iter().map(|line| sent_row(line, now)).collect())
}

fn of(viewer: &Viewer) -> Option<crate::domain::ids::UserId> {
    viewer.may::<RunJobs>().is_err().then_some(viewer.user)
}

fn sent_row(line: &Line, now: i64) -> SentRow {
    let (outcome, word) = match line.outcome {
        audit::Outcome::Started => ("started", "on its way"),
        audit::Outcome::Done => ("done", "delivered"),
        audit::Outcome::Refused => ("refused", "refused"),
        audit::Outcome::Failed => ("failed", "failed"),
    };
    SentRow {
        at: When::from_ms(line.at, now),
        by: line.user_name.clone(),
        phone: line.phone.as_ref().map(|phone| PhoneLink {
            id: Some(phone.id.0),
            name: phone.name.clone(),
        }),
        detail: line.detail.clone(),
        outcome,
        word,
        cause: line.cause.map(Cause::title).map(ToOwned::to_owned),
    }
}

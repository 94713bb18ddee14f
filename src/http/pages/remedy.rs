//! A remedy before it is applied: what it changes, or the steps for whoever does it by hand.

use askama::Template;
use percent_encoding::utf8_percent_encode;

use super::diagnosis::{PhoneView, RowView};
use super::phones::IN_QUERY;
use super::{FieldErrors, Layout, Section, thousands};
use crate::diagnosis::remedies::{Guide, Preview};
use crate::domain::cause::Cause;
use crate::domain::role::Role;

/// `GET /phones/{id}/remedies/{remedy}?input=` of a remedy that the viewer may apply, and the answer to a refused
/// `POST /phones/{id}/remedies/{remedy}` (`token`, `input`, `password`, `confirmation`).
#[derive(Debug, Template)]
#[template(path = "diagnosis/preview.html")]
pub struct PreviewPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The phone.
    pub phone: PhoneView,
    /// What would be done.
    pub preview: Preview,
    /// Where one came from: the newest diagnosis, else the page that begins one.
    pub back: String,
    /// `input`, `password`, `confirmation`, or the empty field.
    pub errors: FieldErrors,
}

impl PreviewPage {
    /// What it does, as an order.
    pub fn title(&self) -> &'static str {
        self.preview.title
    }

    /// This page with another proposal.
    pub fn with_input(&self, value: &str) -> String {
        let value = utf8_percent_encode(value, IN_QUERY);
        format!("/phones/{}/remedies/{}?input={value}", self.phone.id, self.preview.id)
    }

    /// What one wants to know before: icon and words.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let undo = if self.preview.undo {
            "Undo puts back what stands under Now."
        } else {
            "This cannot be undone from here."
        };
        vec![
            ("users", touched(self.preview.phones_touched)),
            ("arrow-back-up", undo.to_owned()),
            (
                "key",
                format!("Done by {}.", sentence_role(self.preview.id.needs().least_role())),
            ),
            (
                "history",
                "It is written into the activity, before and after.".to_owned(),
            ),
            (
                "refresh",
                "The phone is diagnosed again by itself until the cause is gone.".to_owned(),
            ),
        ]
    }
}

fn sentence_role(least: Role) -> &'static str {
    match least {
        Role::Supervisor => "everybody",
        Role::Helpdesk => "helpdesk people and admins",
        Role::Admin => "admins",
    }
}

/// How many phones something touches.
pub fn touched(phones: u64) -> String {
    match phones {
        0 => "Touches no phone.".to_owned(),
        1 => "Touches this phone only.".to_owned(),
        more => format!("Touches {} phones.", thousands(more)),
    }
}

/// The answer to `POST /phones/{id}/remedy-runs/{run}/undo` that needs the phone's name (`confirmation`).
#[derive(Debug, Template)]
#[template(path = "diagnosis/undo.html")]
pub struct UndoPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The phone.
    pub phone: PhoneView,
    /// The run that is taken back.
    pub run: i64,
    /// What it did, as an order.
    pub what: String,
    /// What must be typed.
    pub expected: String,
    /// What for.
    pub why: String,
    /// Where one came from.
    pub back: String,
    /// `confirmation`.
    pub errors: FieldErrors,
}

impl UndoPage {
    /// What it does.
    pub fn title(&self) -> &'static str {
        "Undo"
    }
}

/// `GET /phones/{id}/remedies/{remedy}?diagnosis=` of a remedy that is done by hand, or that the viewer may not apply.
///
/// Form: `POST /phones/{id}/remedies/{remedy}/checks` (`step`), which comes back to that step with what was seen.
#[derive(Debug, Template)]
#[template(path = "diagnosis/guide.html")]
pub struct GuidePage {
    /// What surrounds it.
    pub layout: Layout,
    /// The phone.
    pub phone: PhoneView,
    /// The steps.
    pub guide: Guide,
    /// Where one came from.
    pub back: String,
    /// Whom to ask, when the program could do it but not for this viewer.
    pub ask: Option<AskView>,
    /// What a check from here saw.
    pub seen: Option<SeenView>,
    /// The findings of that check that belong to steps, by the number of the step, from 1.
    pub outcomes: Vec<(usize, RowView)>,
}

/// What somebody without the right sends to somebody who has it.
#[derive(Debug, Clone)]
pub struct AskView {
    /// Who looks.
    pub role: Role,
    /// Who may do it.
    pub needs: Role,
    /// The words to send.
    pub text: String,
    /// The path of the page that they lead to.
    pub link: String,
}

/// What a check from a guide saw.
#[derive(Debug, Clone)]
pub struct SeenView {
    /// The diagnosis.
    pub diagnosis: i64,
    /// Its cause; none when it was cut short.
    pub cause: Option<Cause>,
}

impl SeenView {
    /// What it saw.
    pub fn words(&self) -> String {
        match self.cause {
            None => "The check was cut short.".to_owned(),
            Some(Cause::None) => "It is gone: the phone can be controlled.".to_owned(),
            Some(cause) => format!("Now: {}.", cause.title()),
        }
    }

    /// The class of its notice.
    pub fn class(&self) -> &'static str {
        match self.cause {
            Some(Cause::None) => "done",
            _ => "caution",
        }
    }

    /// Its icon.
    pub fn icon(&self) -> &'static str {
        match self.cause {
            Some(Cause::None) => "circle-check",
            _ => "info-circle",
        }
    }
}

impl GuidePage {
    /// What it does, as an order.
    pub fn title(&self) -> &'static str {
        self.guide.title
    }

    /// What a check saw of a step, from 1.
    pub fn outcome(&self, step: usize) -> Option<&RowView> {
        self.outcomes
            .iter()
            .find(|(number, _)| *number == step)
            .map(|(_, row)| row)
    }

    /// Whether a check says that a step is done.
    pub fn is_met(&self, step: usize) -> bool {
        self.outcome(step).is_some_and(|row| row.state() == "passed")
    }

    /// What one wants to know before: icon and words.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some(phones) = self.guide.phones_touched {
            facts.push(("users", touched(phones)));
        }
        facts.push((
            "list-check",
            "Check now looks again and marks the steps that are done.".to_owned(),
        ));
        facts.push((
            "link",
            "The address of this page can be sent to whoever does the work.".to_owned(),
        ));
        facts
    }
}

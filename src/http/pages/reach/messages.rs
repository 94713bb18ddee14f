//! Messages: writing one, templates, and what was sent lately.

use askama::Template;

use super::{Pick, Tab};
use crate::domain::job::{Text, TextButton};
use crate::http::pages::activity::PhoneLink;
use crate::http::pages::{FieldErrors, Layout, Section, Trouble, When};
use crate::reach::{Limits, limits};

/// `GET /messages?phone=&template=`, and the answer to a form that was refused.
#[derive(Debug, Template)]
#[template(path = "reach/messages.html")]
pub struct MessagesPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The pages beside it.
    pub tabs: Vec<Tab>,
    /// What is typed.
    pub form: Typed,
    /// What is wrong with it; `name` is the template's, the empty name is for the whole.
    pub errors: FieldErrors,
    /// Why the phone did not show it.
    pub trouble: Option<Trouble>,
    /// Whether the form was only checked and nothing is wrong with it.
    pub checked: bool,
    /// The phone that gets it.
    pub pick: Pick,
    /// Whether the viewer may send it to many phones, as a job.
    pub may_many: bool,
    /// Messages that are kept.
    pub templates: Vec<TemplateRow>,
    /// What was sent lately, newest first.
    pub sent: Vec<SentRow>,
    /// How many of these were shown.
    pub delivered: usize,
    /// How many were not.
    pub failed: usize,
}

/// A message as it is typed. All of it is text: what was typed wrong comes back as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The heading.
    pub title: String,
    /// The text.
    pub text: String,
    /// The line above the softkeys.
    pub prompt: String,
    /// Minutes until it is taken off; empty: it stays.
    pub expires: String,
    /// The buttons beside Exit: what stands on each, and the number.
    pub buttons: Vec<(String, String)>,
    /// The template that it was made from.
    pub template: Option<i64>,
    /// The name to keep it under.
    pub name: String,
}

impl Typed {
    /// A message that is there already.
    pub fn of(text: &Text) -> Self {
        let buttons = text.buttons.iter();
        Self {
            title: text.title.clone(),
            text: text.text.clone(),
            prompt: text.prompt.clone(),
            expires: text
                .expires_minutes
                .map(|minutes| minutes.to_string())
                .unwrap_or_default(),
            buttons: buttons.map(|one| (one.label.clone(), one.dials.clone())).collect(),
            ..Self::default()
        }
        .whole()
    }

    /// The same with as many rows of buttons as there may be buttons.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.buttons.resize(limits().buttons, Default::default());
        self
    }

    /// The message, or which field cannot be read.
    ///
    /// # Errors
    /// The field and what is wrong with it.
    pub fn read(&self) -> Result<Text, (&'static str, String)> {
        let expires = self.expires.trim();
        let expires_minutes = match expires {
            "" => None,
            typed => Some(typed.parse().map_err(|_| {
                let problem = format!("minutes are a number from 1 to {}", limits().expires_minutes);
                ("expires_minutes", problem)
            })?),
        };
        let filled = self
            .buttons
            .iter()
            .filter(|(label, dials)| !(label.trim().is_empty() && dials.trim().is_empty()));
        let buttons = filled.map(|(label, dials)| TextButton {
            label: label.trim().to_owned(),
            dials: dials
                .chars()
                .filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/'))
                .collect(),
        });
        Ok(Text {
            title: self.title.trim().to_owned(),
            // Browsers send line ends as CR LF; the phone counts each as one.
            text: self.text.replace("\r\n", "\n"),
            prompt: self.prompt.trim().to_owned(),
            buttons: buttons.collect(),
            expires_minutes,
        })
    }

    /// Whether there is any button.
    pub fn has_buttons(&self) -> bool {
        self.buttons
            .iter()
            .any(|(label, dials)| !(label.is_empty() && dials.is_empty()))
    }
}

impl MessagesPage {
    /// The most of everything.
    pub fn limits(&self) -> Limits {
        limits()
    }

    /// How much of a field is left, in words.
    pub fn left(&self, typed: &str, most: &usize) -> String {
        let length = typed.replace("\r\n", "\n").chars().count();
        match most.checked_sub(length) {
            Some(left) => format!("{left} of {most} left"),
            None => format!("{} too many", length - most),
        }
    }
}

/// A message that is kept.
#[derive(Debug, Clone)]
pub struct TemplateRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How it begins.
    pub begins: String,
    /// Who saved it last.
    pub by: String,
    /// When.
    pub at: When,
}

/// A message that was sent.
#[derive(Debug, Clone)]
pub struct SentRow {
    /// When.
    pub at: When,
    /// By whom.
    pub by: String,
    /// To which phone; without a number when it is gone.
    pub phone: Option<PhoneLink>,
    /// How long it was, and its heading.
    pub detail: String,
    /// `done`, `failed`, `refused` or `started`.
    pub outcome: &'static str,
    /// The same for people.
    pub word: &'static str,
    /// Why it was not shown.
    pub cause: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_message() {
        let typed = Typed {
            title: " Fire drill ".to_owned(),
            text: "Leave.\r\nNow.".to_owned(),
            expires: "30".to_owned(),
            buttons: vec![("Desk".to_owned(), "+49 (30) 12-3".to_owned()), Default::default()],
            ..Typed::default()
        };
        let text = typed.read().unwrap();
        assert_eq!(
            (text.title.as_str(), text.text.as_str()),
            ("Fire drill", "Leave.\nNow.")
        );
        assert_eq!((text.buttons.len(), text.buttons[0].dials.as_str()), (1, "+4930123"));
        assert_eq!(text.expires_minutes, Some(30));
        assert_eq!(Typed::of(&text).read().unwrap(), text);
        let soon = Typed {
            expires: "soon".to_owned(),
            ..typed
        };
        assert_eq!(soon.read().unwrap_err().0, "expires_minutes");
    }
}

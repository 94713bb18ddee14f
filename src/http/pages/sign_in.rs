//! Signing in, and the one-time set-up of the first admin.

use askama::Template;

use super::{FieldErrors, Layout, Section};

/// `GET /login`, and the answer to a refused `POST /login` (`name`, `password`, `next`).
#[derive(Debug, Template)]
#[template(path = "sign_in/login.html")]
pub struct LoginPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The name as typed.
    pub name: String,
    /// Where to go after; a path of ours, or empty.
    pub next: String,
    /// Why it was refused, in one sentence.
    pub error: Option<String>,
    /// Seconds until the next try is taken.
    pub wait_s: Option<u64>,
}

/// `GET /setup?token=…`, and the answer to a refused `POST /setup` (`token`, `name`, `password`, `password_again`).
#[derive(Debug, Template)]
#[template(path = "sign_in/setup.html")]
pub struct SetupPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The token of the link.
    pub token: String,
    /// The name as typed.
    pub name: String,
    /// Least length of a password.
    pub password_min: usize,
    /// `name`, `password`, `password_again`, or the empty field.
    pub errors: FieldErrors,
    /// Whether the link was used already, or is not ours; then there is no form.
    pub spent: bool,
}

impl SetupPage {
    /// What stands under the field of a new password.
    fn password_hint(&self) -> String {
        format!("At least {} characters. A sentence is easy to keep.", self.password_min)
    }
}

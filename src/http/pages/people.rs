//! People who sign in, and one's own account.

use askama::Template;

use super::{Choice, FieldErrors, Layout, Section, When};
use crate::domain::role::Role;

/// `GET /people`, and the answer to a refused form of it.
///
/// Forms: `POST /people` (`name`, `role`, `password`, `cluster` repeated), `POST /people/{id}` (`role`, `cluster`
/// repeated), `POST /people/{id}/disabled` (`disabled` = `yes` or `no`), `POST /people/{id}/password` (`password`).
#[derive(Debug, Template)]
#[template(path = "people/list.html")]
pub struct PeoplePage {
    /// What surrounds it.
    pub layout: Layout,
    /// By name.
    pub people: Vec<PersonRow>,
    /// Clusters that a person can be limited to.
    pub clusters: Vec<Choice>,
    /// The form for a new person, as typed.
    pub new: NewPerson,
    /// Errors of the form that was refused: `name`, `role`, `password`, or the empty field.
    pub errors: FieldErrors,
    /// The person whose form was refused; none means the form for a new one.
    pub errors_of: Option<i64>,
    /// Least length of a password.
    pub password_min: usize,
}

impl PeoplePage {
    /// The error of a field in the form of one person.
    pub fn person_error(&self, id: i64, field: &str) -> Option<&str> {
        self.is_open(id).then(|| self.errors.get(field)).flatten()
    }

    /// Whether the form of a person was refused, and must stay open.
    pub fn is_open(&self, id: i64) -> bool {
        self.errors_of == Some(id)
    }

    /// The error of a field in the form for a new person.
    pub fn new_error(&self, field: &str) -> Option<&str> {
        self.errors_of.is_none().then(|| self.errors.get(field)).flatten()
    }

    /// Whether the form for a new person was refused, and must stay open.
    pub fn new_is_open(&self) -> bool {
        self.errors_of.is_none() && !self.errors.is_empty()
    }
}

/// The form for a new person, as typed. A password is never given back.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    /// The name.
    pub name: String,
    /// The role's word; empty before one was chosen.
    pub role: String,
    /// The clusters ticked.
    pub clusters: Vec<String>,
}

impl NewPerson {
    /// Whether this cluster was ticked.
    pub fn has_cluster(&self, id: &str) -> bool {
        self.clusters.iter().any(|ticked| ticked == id)
    }
}

/// One person.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Their number.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The clusters they are limited to; empty means all.
    pub clusters: Vec<Choice>,
    /// Whether they may sign in.
    pub enabled: bool,
    /// When they were last here.
    pub last_seen: Option<When>,
    /// How many API tokens they hold.
    pub tokens: u64,
    /// Whether this is the viewer, who cannot take away their own rights.
    pub is_self: bool,
}

impl PersonRow {
    /// Whether this is their role.
    pub fn has_role(&self, role: Role) -> bool {
        self.role == role
    }

    /// Whether they are limited to this cluster, among others.
    pub fn has_cluster(&self, id: &str) -> bool {
        self.clusters.iter().any(|cluster| cluster.value == id)
    }
}

/// `GET /account`, and the answer to a refused form of it.
///
/// Forms: `POST /account/password` (`current`, `password`, `password_again`), `POST /account/tokens` (`label`),
/// `POST /account/tokens/{id}/revocation`, `POST /account/sessions/end` (all but this one).
#[derive(Debug, Template)]
#[template(path = "people/account.html")]
pub struct AccountPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The clusters one is limited to; empty means all.
    pub clusters: Vec<String>,
    /// One's tokens.
    pub tokens: Vec<TokenRow>,
    /// The token just made: shown this once.
    pub new_token: Option<NewToken>,
    /// The label as typed.
    pub label: String,
    /// Sessions of this person, this one first.
    pub sessions: Vec<SessionRow>,
    /// `current`, `password`, `password_again`, `label`, or the empty field.
    pub errors: FieldErrors,
    /// Least length of a password.
    pub password_min: usize,
}

impl AccountPage {
    /// What stands under the field of a new password.
    fn password_hint(&self) -> String {
        format!("At least {} characters. A sentence is easy to keep.", self.password_min)
    }
}

/// One API token.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: When,
    /// When it was last used.
    pub last_used_at: Option<When>,
}

/// A token at its birth.
#[derive(Clone)]
pub struct NewToken {
    /// What it is for.
    pub label: String,
    /// The token itself.
    pub token: String,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// One session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// From which address.
    pub address: String,
    /// When it began.
    pub created_at: When,
    /// When it was last used.
    pub last_seen_at: When,
    /// Whether it is the one looking.
    pub current: bool,
}

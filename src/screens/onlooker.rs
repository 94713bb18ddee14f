//! Who looks at a phone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::security::Viewer;

/// How closely somebody looks, the closest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attention {
    /// At one tile among many.
    Tile,
    /// At this phone.
    Foreground,
}

/// Somebody who looks at a phone, by name, so that others can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onlooker {
    /// The user.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// How closely they look.
    pub attention: Attention,
    /// Whether what is seen is recorded.
    pub recording: bool,
}

impl Onlooker {
    /// A viewer who looks at this phone.
    pub fn new(viewer: &Viewer) -> Self {
        Self {
            user: viewer.user,
            name: viewer.name.clone(),
            role: viewer.role,
            attention: Attention::Foreground,
            recording: false,
        }
    }

    /// As one tile among many.
    #[must_use]
    pub fn at_a_tile(self) -> Self {
        Self {
            attention: Attention::Tile,
            ..self
        }
    }

    /// To keep what is seen.
    #[must_use]
    pub fn recording(self) -> Self {
        Self {
            recording: true,
            ..self
        }
    }
}

/// Everybody who looks at a phone, in the order in which they came; one entry a look, so that a person with two pages
/// is there twice.
pub type Audience = Arc<BTreeMap<u64, Onlooker>>;

//! The first admin, by a one-time link that is printed at a start with no user.

use std::net::IpAddr;

use secrecy::SecretString;
use subtle::ConstantTimeEq as _;

use super::people::{PeopleError, checked_name};
use super::sign_in::SignedIn;
use super::viewer::Viewer;
use super::{Security, Via, millis, password, token};
use crate::audit::{self, Event, action};
use crate::domain::role::Role;
use crate::store;
use crate::store::setup::{self, SetupLink};
use crate::store::users::{self, User};

/// Why there is no first admin.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Not the link of the last start, too old, used, or there are users already.
    #[error("this set-up link is not valid any more; a new one is printed when the server starts and has no user")]
    InvalidLink,
    /// The name or password is not good enough, or something failed.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl From<store::Error> for SetupError {
    fn from(error: store::Error) -> Self {
        Self::People(error.into())
    }
}

impl Security {
    /// The token of a new set-up link, in place of an older one; none when there are users. For the start of the server.
    pub async fn new_setup_link(&self) -> Result<Option<SecretString>, SetupError> {
        let text = token::generate("").map_err(PeopleError::from)?;
        let mut tx = self.store.begin().await?;
        if users::any_in(&mut tx).await? {
            setup::remove(&mut tx).await?;
            tx.commit().await?;
            return Ok(None);
        }
        setup::replace(&mut tx, &token::hash_of(&text), self.clock.now_ms()).await?;
        tx.commit().await?;
        Ok(Some(text))
    }

    /// Whether the server waits for its first admin: sign-in pages point to the log then.
    pub async fn needs_setup(&self) -> Result<bool, store::Error> {
        Ok(!users::any(&self.store).await?)
    }

    /// Whether a link's token would be accepted now.
    pub async fn setup_link_fits(&self, text: &str) -> Result<bool, store::Error> {
        let link = setup::find(&self.store).await?;
        Ok(self.fits(link.as_ref(), text) && self.needs_setup().await?)
    }

    /// Makes the first admin, uses the link up, and signs them in.
    pub async fn set_up(
        &self,
        link: &str,
        name: &str,
        password: &SecretString,
        address: Option<IpAddr>,
    ) -> Result<SignedIn, SetupError> {
        if !self.setup_link_fits(link).await? {
            return Err(SetupError::InvalidLink);
        }
        let name = checked_name(name).map_err(PeopleError::from)?;
        password::check(password, name).map_err(PeopleError::from)?;
        let hash = self.hasher.hash(password).await.map_err(PeopleError::from)?;
        let now = self.clock.now_ms();
        let mut tx = self.store.begin().await?;
        // Once more where nobody can come in between: of two at once, one becomes the admin.
        let current = setup::find_in(&mut tx).await?;
        if users::any_in(&mut tx).await? || !self.fits(current.as_ref(), link) {
            return Err(SetupError::InvalidLink);
        }
        let user = User {
            id: users::insert(&mut tx, name, Role::Admin, &hash, now).await?,
            name: name.to_owned(),
            role: Role::Admin,
            clusters: None,
            created_at: now,
            disabled_at: None,
        };
        setup::remove(&mut tx).await?;
        let actor = Viewer::of(&user, Via::Browser, address).actor();
        audit::record(&mut tx, &Event::new(now, actor, action::SETUP)).await?;
        let signed_in = self.start_session(&mut tx, &user, &hash, address).await;
        let signed_in = signed_in.map_err(PeopleError::from)?.ok_or(SetupError::InvalidLink)?;
        tx.commit().await?;
        Ok(signed_in)
    }

    fn fits(&self, link: Option<&SetupLink>, text: &str) -> bool {
        let now = self.clock.now_ms();
        link.is_some_and(|link| {
            let right: bool = link.token_hash.ct_eq(&token::hash(text)).into();
            right && now - link.created_at < millis(self.settings.setup_link)
        })
    }
}

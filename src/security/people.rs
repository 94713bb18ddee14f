//! Adding people and changing what they may.

use std::collections::BTreeSet;
use std::net::IpAddr;

use secrecy::SecretString;

use super::Security;
use super::password::{self, HashError, RejectedPassword};
use super::sign_in::{SignInError, SignedIn};
use super::token::NoRandom;
use super::viewer::{ManagePeople, May, Viewer};
use crate::audit::{self, Action, Event, action};
use crate::domain::ids::{ClusterId, UserId};
use crate::domain::role::Role;
use crate::store::users::{self, User};
use crate::store::{self, WriteTx, sessions};

/// The longest name, in characters.
const LONGEST_NAME: usize = 64;

/// Why a name is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user's name has 1 to {LONGEST_NAME} visible characters")]
pub struct InvalidName;

/// Somebody to add.
#[derive(Debug)]
pub struct NewUser {
    /// 1 to 64 visible characters; blanks around it are dropped.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their first password.
    pub password: SecretString,
    /// The clusters to limit them to; none: all.
    pub clusters: Option<BTreeSet<ClusterId>>,
}

/// Why a person was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The name breaks the rules.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The password is not good enough.
    #[error(transparent)]
    Password(#[from] RejectedPassword),
    /// Somebody has this name, maybe in other case.
    #[error("a user of this name already exists")]
    NameTaken,
    /// No such user.
    #[error("there is no such user")]
    UnknownUser,
    /// Nobody could manage this server any more.
    #[error("this is the last admin who can sign in; make another one first")]
    LastAdmin,
    /// The current password was not given right.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many wrong passwords.
    #[error("too many attempts; try again in {} seconds", wait.as_secs().max(1))]
    TooMany {
        /// How long to wait.
        wait: std::time::Duration,
    },
    /// The system gives no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The hashing failed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for PeopleError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Duplicate(_) => Self::NameTaken,
            error => Self::Store(error),
        }
    }
}

impl From<SignInError> for PeopleError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused => Self::WrongPassword,
            SignInError::TooMany { wait } => Self::TooMany { wait },
            SignInError::Random(error) => Self::Random(error),
            SignInError::Hash(error) => Self::Hash(error),
            SignInError::Store(error) => Self::from(error),
        }
    }
}

/// A name without the blanks around it, if it is one.
pub(super) fn checked_name(name: &str) -> Result<&str, InvalidName> {
    let name = name.trim();
    let length = name.chars().count();
    let visible = !name.chars().any(is_invisible);
    (visible && (1..=LONGEST_NAME).contains(&length))
        .then_some(name)
        .ok_or(InvalidName)
}

/// Control characters, blanks other than the space, and the marks that turn or hide text and so can fake a name.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

impl Security {
    /// Everybody, by name.
    pub async fn users(&self, _may: &May<ManagePeople>) -> Result<Vec<User>, store::Error> {
        users::list(&self.store).await
    }

    /// One user.
    pub async fn user(&self, _may: &May<ManagePeople>, id: UserId) -> Result<Option<User>, store::Error> {
        users::find(&self.store, id).await
    }

    /// The user of a name, whatever its case.
    pub async fn user_named(&self, _may: &May<ManagePeople>, name: &str) -> Result<Option<User>, store::Error> {
        Ok(users::credentials(&self.store, name.trim())
            .await?
            .map(|known| known.user))
    }

    /// Adds a user.
    pub async fn add_user(&self, may: &May<ManagePeople>, new: NewUser) -> Result<UserId, PeopleError> {
        let name = checked_name(&new.name)?;
        password::check(&new.password, name)?;
        let hash = self.hasher.hash(&new.password).await?;
        let mut tx = self.store.begin().await?;
        let id = users::insert(&mut tx, name, new.role, &hash, self.clock.now_ms()).await?;
        if new.clusters.is_some() {
            users::set_clusters(&mut tx, id, new.clusters.as_ref()).await?;
        }
        let detail = format!("{name} as {}", new.role);
        self.note(&mut tx, may, action::USER_ADDED, detail).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps a user from signing in, and ends their sessions; their tokens are refused. Never the last admin.
    pub async fn disable_user(&self, may: &May<ManagePeople>, id: UserId) -> Result<(), PeopleError> {
        let user = self.existing(id).await?;
        let mut tx = self.store.begin().await?;
        keep_an_admin(&mut tx, id).await?;
        users::set_disabled(&mut tx, id, Some(self.clock.now_ms())).await?;
        sessions::end_all(&mut tx, id).await?;
        self.note(&mut tx, may, action::USER_DISABLED, user.name).await?;
        tx.commit().await?;
        self.tell_changed(id);
        Ok(())
    }

    /// Lets a disabled user in again; their tokens work again too.
    pub async fn enable_user(&self, may: &May<ManagePeople>, id: UserId) -> Result<(), PeopleError> {
        let user = self.existing(id).await?;
        let mut tx = self.store.begin().await?;
        users::set_disabled(&mut tx, id, None).await?;
        self.note(&mut tx, may, action::USER_ENABLED, user.name).await?;
        Ok(tx.commit().await?)
    }

    /// Changes a user's role, from their next request on. Never takes the last admin away.
    pub async fn set_role(&self, may: &May<ManagePeople>, id: UserId, role: Role) -> Result<(), PeopleError> {
        let user = self.existing(id).await?;
        let mut tx = self.store.begin().await?;
        if role != Role::Admin {
            keep_an_admin(&mut tx, id).await?;
        }
        users::set_role(&mut tx, id, role).await?;
        let detail = format!("{}: {} to {role}", user.name, user.role);
        self.note(&mut tx, may, action::USER_ROLE_CHANGED, detail).await?;
        tx.commit().await?;
        self.tell_changed(id);
        Ok(())
    }

    /// Limits a user to some clusters, or lifts the limit (none), from their next request on.
    pub async fn set_clusters(
        &self,
        may: &May<ManagePeople>,
        id: UserId,
        clusters: Option<BTreeSet<ClusterId>>,
    ) -> Result<(), PeopleError> {
        let user = self.existing(id).await?;
        let mut tx = self.store.begin().await?;
        users::set_clusters(&mut tx, id, clusters.as_ref()).await?;
        let detail = match clusters {
            None => format!("{}: all clusters", user.name),
            Some(clusters) => format!("{}: {} clusters", user.name, clusters.len()),
        };
        self.note(&mut tx, may, action::USER_CLUSTERS_CHANGED, detail).await?;
        tx.commit().await?;
        self.tell_changed(id);
        Ok(())
    }

    /// Sets another user's password and ends their sessions. Their tokens stay.
    pub async fn set_password(
        &self,
        may: &May<ManagePeople>,
        id: UserId,
        new: &SecretString,
    ) -> Result<(), PeopleError> {
        let user = self.existing(id).await?;
        password::check(new, &user.name)?;
        let hash = self.hasher.hash(new).await?;
        let mut tx = self.store.begin().await?;
        users::set_password(&mut tx, id, &hash).await?;
        sessions::end_all(&mut tx, id).await?;
        self.note(&mut tx, may, action::PASSWORD_CHANGED, user.name).await?;
        tx.commit().await?;
        self.tell_changed(id);
        Ok(())
    }

    /// Changes the viewer's own password. Ends all their sessions and starts a new one.
    pub async fn change_own_password(
        &self,
        viewer: &Viewer,
        current: &SecretString,
        new: &SecretString,
    ) -> Result<SignedIn, PeopleError> {
        let address: Option<IpAddr> = viewer.address;
        let known = users::credentials(&self.store, &viewer.name).await?;
        let known = known
            .filter(|known| known.user.id == viewer.user)
            .ok_or(PeopleError::UnknownUser)?;
        let attempt = self.throttle.attempt(&viewer.name, address);
        attempt.map_err(|wait| PeopleError::TooMany { wait: wait.0 })?;
        if !self.hasher.verify(current, Some(&known.password_hash)).await? {
            return Err(PeopleError::WrongPassword);
        }
        self.throttle.succeeded(&viewer.name, address);
        password::check(new, &viewer.name)?;
        let hash = self.hasher.hash(new).await?;
        let mut tx = self.store.begin().await?;
        if !users::replace_password(&mut tx, viewer.user, &known.password_hash, &hash).await? {
            return Err(PeopleError::WrongPassword);
        }
        sessions::end_all(&mut tx, viewer.user).await?;
        let signed_in = self.start_session(&mut tx, &known.user, &hash, address).await?;
        self.note(&mut tx, viewer, action::PASSWORD_CHANGED, viewer.name.clone())
            .await?;
        tx.commit().await?;
        self.tell_changed(viewer.user);
        signed_in.ok_or(PeopleError::UnknownUser)
    }

    async fn existing(&self, id: UserId) -> Result<User, PeopleError> {
        users::find(&self.store, id).await?.ok_or(PeopleError::UnknownUser)
    }

    pub(super) async fn note(
        &self,
        tx: &mut WriteTx,
        by: &Viewer,
        action: Action,
        detail: String,
    ) -> Result<(), store::Error> {
        let event = Event::new(self.clock.now_ms(), by.actor(), action).detail(detail);
        audit::record(tx, &event).await?;
        Ok(())
    }
}

/// Refuses when nobody but this user could manage the server.
async fn keep_an_admin(tx: &mut WriteTx, id: UserId) -> Result<(), PeopleError> {
    if users::is_last_admin(tx, id).await? {
        return Err(PeopleError::LastAdmin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_visible_and_not_too_long() {
        for (text, name) in [
            ("grace", "grace"),
            ("  Grace Hopper ", "Grace Hopper"),
            ("Jörg", "Jörg"),
            ("李", "李"),
        ] {
            assert_eq!(checked_name(text), Ok(name));
        }
        let (longest, longer) = ("x".repeat(64), "x".repeat(65));
        assert!(checked_name(&longest).is_ok());
        for text in [
            "",
            "   ",
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}",
            "tab\there",
            longer.as_str(),
        ] {
            assert_eq!(checked_name(text), Err(InvalidName), "{text:?}");
        }
    }
}

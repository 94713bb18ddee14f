//! API tokens: made, listed, revoked.

use secrecy::SecretString;

use super::Security;
use super::token::{self, NoRandom};
use super::viewer::{Denied, ManagePeople, Viewer};
use crate::audit::action;
use crate::domain::ids::{TokenId, UserId};
use crate::store;
use crate::store::tokens::{self, Token};
use crate::store::users;

/// The longest label, in characters.
const LONGEST_LABEL: usize = 100;
/// The most tokens of one user.
const MOST_TOKENS: usize = 50;

/// A token just made.
#[derive(Debug)]
pub struct NewToken {
    /// The row.
    pub id: TokenId,
    /// The token. Shown once; the database has its hash.
    pub text: SecretString,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The label breaks the rules.
    #[error("a token's label has 1 to {LONGEST_LABEL} visible characters")]
    InvalidLabel,
    /// The user has [`MOST_TOKENS`] already.
    #[error("a user has at most {MOST_TOKENS} tokens; revoke one first")]
    TooMany,
    /// No such user, or disabled.
    #[error("there is no such user, or they are disabled")]
    UnknownUser,
    /// No such token.
    #[error("there is no such token")]
    UnknownToken,
    /// Another person's tokens are the admins' business.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The system gives no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Security {
    /// A new token of the viewer's own, or as an admin of another user's.
    pub async fn add_token(&self, by: &Viewer, user: UserId, label: &str) -> Result<NewToken, TokenError> {
        own_or_admin(by, user)?;
        let label = label.trim();
        if label.chars().any(char::is_control) || !(1..=LONGEST_LABEL).contains(&label.chars().count()) {
            return Err(TokenError::InvalidLabel);
        }
        let owner = users::find(&self.store, user).await?;
        let owner = owner
            .filter(|owner| owner.disabled_at.is_none())
            .ok_or(TokenError::UnknownUser)?;
        if tokens::of_user(&self.store, user).await?.len() >= MOST_TOKENS {
            return Err(TokenError::TooMany);
        }
        let text = token::generate(token::API_PREFIX)?;
        let hash = token::hash_of(&text);
        let mut tx = self.store.begin().await?;
        let id = tokens::insert(&mut tx, user, label, &hash, self.clock.now_ms()).await?;
        let detail = format!("{label}, of {}", owner.name);
        self.note(&mut tx, by, action::TOKEN_ADDED, detail).await?;
        tx.commit().await?;
        Ok(NewToken { id, text })
    }

    /// A user's tokens, the newest first: one's own, or anybody's for an admin.
    pub async fn tokens_of(&self, by: &Viewer, user: UserId) -> Result<Vec<Token>, TokenError> {
        own_or_admin(by, user)?;
        Ok(tokens::of_user(&self.store, user).await?)
    }

    /// Revokes a token at once and for good.
    pub async fn revoke_token(&self, by: &Viewer, user: UserId, id: TokenId) -> Result<(), TokenError> {
        own_or_admin(by, user)?;
        let mut tx = self.store.begin().await?;
        let label = tokens::remove(&mut tx, user, id)
            .await?
            .ok_or(TokenError::UnknownToken)?;
        self.note(&mut tx, by, action::TOKEN_REVOKED, label).await?;
        tx.commit().await?;
        self.tell_changed(user);
        Ok(())
    }
}

fn own_or_admin(by: &Viewer, user: UserId) -> Result<(), Denied> {
    if by.user == user {
        return Ok(());
    }
    by.may::<ManagePeople>().map(drop)
}

//! Browser sessions.

use std::fmt;
use std::str::FromStr;

use sqlx::types::Json;

use super::users::{Row as UserRow, User};
use super::{Error, Store, WriteTx};
use crate::domain::ids::UserId;

/// Which session: the SHA-256 of the token in the browser's cookie. Good for showing and ending a session, not for
/// having it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(pub [u8; 32]);

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a text is no session key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a session key is 64 hexadecimal digits")]
pub struct InvalidSessionKey;

impl FromStr for SessionKey {
    type Err = InvalidSessionKey;

    fn from_str(text: &str) -> Result<Self, InvalidSessionKey> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidSessionKey);
        }
        let mut key = [0; 32];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| InvalidSessionKey)?;
        }
        Ok(Self(key))
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which one.
    pub key: SessionKey,
    /// Whose.
    pub user: UserId,
    /// What every form of this session must bring back.
    pub csrf_token: String,
    /// Where the sign-in came from.
    pub address: String,
    /// Unix milliseconds of the sign-in.
    pub created_at: i64,
    /// Unix milliseconds of a recent request; to the minute.
    pub last_seen_at: i64,
}

/// A new session: the row of it, and the password hash that was checked.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// The row.
    pub session: &'a Session,
    /// The hash the typed password fitted.
    pub password_hash: &'a str,
}

/// Starts a session, if the user is still enabled and has still the password that was checked; else false.
pub async fn insert(tx: &mut WriteTx, new: &NewSession<'_>) -> Result<bool, Error> {
    let session = new.session;
    let key = &session.key.0[..];
    let done = sqlx::query!(
        r#"
        INSERT INTO session (token_hash, user_id, csrf_token, address, created_at, last_seen_at)
        SELECT $1, id, $3, $4, $5, $6
        FROM user
        WHERE id = $2 AND password_hash = $7 AND disabled_at IS NULL
        "#,
        key,
        session.user.0,
        session.csrf_token,
        session.address,
        session.created_at,
        session.last_seen_at,
        new.password_hash
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The session of a key and the user as they are now, disabled or not. Its age is for the caller to judge.
pub async fn find(store: &Store, key: SessionKey) -> Result<Option<(Session, User)>, Error> {
    let bytes = &key.0[..];
    let row = sqlx::query!(
        r#"
        SELECT
            user.id,
            user.name,
            user.role,
            user.limited,
            (SELECT json_group_array(cluster_id) FROM user_cluster WHERE user_id = user.id)
                AS "clusters!: Json<Vec<i64>>",
            user.created_at AS user_created_at,
            user.disabled_at,
            session.csrf_token,
            session.address,
            session.created_at,
            session.last_seen_at
        FROM session
        JOIN user ON user.id = session.user_id
        WHERE session.token_hash = $1
        "#,
        bytes
    )
    .fetch_optional(store.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let session = Session {
        key,
        user: UserId(row.id),
        csrf_token: row.csrf_token,
        address: row.address,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    };
    let user = User::try_from(UserRow {
        id: row.id,
        name: row.name,
        role: row.role,
        limited: row.limited,
        clusters: row.clusters,
        created_at: row.user_created_at,
        disabled_at: row.disabled_at,
    })?;
    Ok(Some((session, user)))
}

/// A user's sessions, the newest first.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<Session>, Error> {
    let rows = sqlx::query!(
        r#"
        SELECT
            token_hash,
            csrf_token,
            address,
            created_at,
            last_seen_at
        FROM session
        WHERE user_id = $1
        ORDER BY created_at DESC
        "#,
        user.0
    )
    .fetch_all(store.readers())
    .await?;
    let session = |key: [u8; 32]| SessionKey(key);
    rows.into_iter()
        .map(|row| {
            let key = row
                .token_hash
                .try_into()
                .map_err(|_| Error::Corrupt("session.token_hash"))?;
            Ok(Session {
                key: session(key),
                user,
                csrf_token: row.csrf_token,
                address: row.address,
                created_at: row.created_at,
                last_seen_at: row.last_seen_at,
            })
        })
        .collect()
}

/// Notes that a session was used.
pub async fn touch(tx: &mut WriteTx, key: SessionKey, at: i64) -> Result<(), Error> {
    let key = &key.0[..];
    sqlx::query!("UPDATE session SET last_seen_at = $2 WHERE token_hash = $1", key, at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends one session of a user. False when they have no such session.
pub async fn end(tx: &mut WriteTx, user: UserId, key: SessionKey) -> Result<bool, Error> {
    let key = &key.0[..];
    let done = sqlx::query!(
        "DELETE FROM session WHERE token_hash = $1 AND user_id = $2",
        key,
        user.0
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of a user.
pub async fn end_all(tx: &mut WriteTx, user: UserId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM session WHERE user_id = $1", user.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Removes the sessions that began or were last used before these times (unix milliseconds).
pub async fn remove_stale(tx: &mut WriteTx, begun_before: i64, seen_before: i64) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM session WHERE created_at < $1 OR last_seen_at < $2",
        begun_before,
        seen_before
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

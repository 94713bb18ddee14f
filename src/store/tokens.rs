//! API tokens.

use sqlx::types::Json;

use super::users::{Row as UserRow, User};
use super::{Error, Store, WriteTx};
use crate::domain::ids::{TokenId, UserId};

/// One API token; never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The row.
    pub id: TokenId,
    /// Whose.
    pub user: UserId,
    /// What its owner calls it.
    pub label: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds of a recent use, to the minute; none when it never was.
    pub last_used_at: Option<i64>,
}

/// A new token, by the SHA-256 of its text.
pub async fn insert(tx: &mut WriteTx, user: UserId, label: &str, hash: &[u8], at: i64) -> Result<TokenId, Error> {
    let done = sqlx::query!(
        "INSERT INTO api_token (user_id, label, token_hash, created_at) VALUES ($1, $2, $3, $4)",
        user.0,
        label,
        hash,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(TokenId(done.last_insert_rowid()))
}

/// The token of a hash and its user as they are now, disabled or not.
pub async fn find(store: &Store, hash: &[u8]) -> Result<Option<(Token, User)>, Error> {
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
            api_token.id AS token_id,
            api_token.label,
            api_token.created_at,
            api_token.last_used_at
        FROM api_token
        JOIN user ON user.id = api_token.user_id
        WHERE api_token.token_hash = $1
        "#,
        hash
    )
    .fetch_optional(store.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let token = Token {
        id: TokenId(row.token_id),
        user: UserId(row.id),
        label: row.label,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
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
    Ok(Some((token, user)))
}

/// A user's tokens, the newest first.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<Token>, Error> {
    let rows = sqlx::query!(
        r#"
        SELECT
            id,
            label,
            created_at,
            last_used_at
        FROM api_token
        WHERE user_id = $1
        ORDER BY id DESC
        "#,
        user.0
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Token {
            id: TokenId(row.id),
            user,
            label: row.label,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        })
        .collect())
}

/// Notes that a token was used.
pub async fn touch(tx: &mut WriteTx, id: TokenId, at: i64) -> Result<(), Error> {
    sqlx::query!("UPDATE api_token SET last_used_at = $2 WHERE id = $1", id.0, at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Removes a user's token for good; gives its label, or none when they have no such token.
pub async fn remove(tx: &mut WriteTx, user: UserId, id: TokenId) -> Result<Option<String>, Error> {
    let label = sqlx::query_scalar!(
        "DELETE FROM api_token WHERE id = $1 AND user_id = $2 RETURNING label",
        id.0,
        user.0
    );
    Ok(label.fetch_optional(tx.conn()).await?)
}

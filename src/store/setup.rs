//! The one-time set-up link.

use super::{Error, Store, WriteTx};

/// The link that is valid now, if any: the SHA-256 of its token and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// The link on record.
pub async fn find(store: &Store) -> Result<Option<SetupLink>, Error> {
    let link = sqlx::query_as!(SetupLink, "SELECT token_hash, created_at FROM setup_link");
    Ok(link.fetch_optional(store.readers()).await?)
}

/// [`find`] inside a transaction.
pub async fn find_in(tx: &mut WriteTx) -> Result<Option<SetupLink>, Error> {
    let link = sqlx::query_as!(SetupLink, "SELECT token_hash, created_at FROM setup_link");
    Ok(link.fetch_optional(tx.conn()).await?)
}

/// Puts a new link in the place of the old one.
pub async fn replace(tx: &mut WriteTx, token_hash: &[u8], at: i64) -> Result<(), Error> {
    sqlx::query!(
        r#"
        INSERT INTO setup_link (id, token_hash, created_at)
        VALUES (1, $1, $2)
        ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at
        "#,
        token_hash,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes the link.
pub async fn remove(tx: &mut WriteTx) -> Result<(), Error> {
    sqlx::query!("DELETE FROM setup_link").execute(tx.conn()).await?;
    Ok(())
}

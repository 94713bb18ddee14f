//! The SSH host key learned of each phone.

use super::{Error, Store, WriteTx};
use crate::domain::ids::PhoneId;

/// A host key that was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedKey {
    /// `SHA256:` and its hash.
    pub host_key: String,
    /// When it was learned.
    pub learned_at: i64,
}

/// The key of a phone.
pub async fn of(store: &Store, phone: PhoneId) -> Result<Option<LearnedKey>, Error> {
    let row = sqlx::query_as!(
        LearnedKey,
        "SELECT host_key, learned_at FROM phone_host_key WHERE phone_id = $1",
        phone.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row)
}

/// Keeps the key of a phone that has none. False when it has one already, which stays.
pub async fn learn(tx: &mut WriteTx, phone: PhoneId, host_key: &str, now: i64) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO phone_host_key (phone_id, host_key, learned_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        phone.0,
        host_key,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the key of a phone. False when it had none.
pub async fn forget(tx: &mut WriteTx, phone: PhoneId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM phone_host_key WHERE phone_id = $1", phone.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

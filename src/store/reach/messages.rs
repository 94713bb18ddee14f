//! Texts that are to be taken off a display again.

use crate::domain::ids::PhoneId;
use crate::store::{Error, Store, WriteTx};

/// A text on a display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The phone.
    pub phone_id: i64,
    /// Who sent it.
    pub user_name: String,
    /// When it ends, in unix milliseconds.
    pub expires_at: i64,
    /// When its end is tried next, in unix milliseconds.
    pub due_at: i64,
}

/// Notes the end of the text that a phone is about to show; one that was noted before is forgotten.
pub async fn expect(tx: &mut WriteTx, phone: PhoneId, user_name: &str, expires_at: i64) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO message_shown (phone_id, user_name, expires_at, due_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (phone_id) DO UPDATE SET user_name = ?2, expires_at = ?3, due_at = ?3",
        phone.0,
        user_name,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The text with an end that a phone shows, or is about to show.
pub async fn shown(tx: &mut WriteTx, phone: PhoneId) -> Result<Option<Shown>, Error> {
    let row = sqlx::query_as!(
        Shown,
        "SELECT phone_id, user_name, expires_at, due_at FROM message_shown WHERE phone_id = ?",
        phone.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Notes the end of a text again that is still shown, unless another text came meanwhile.
pub async fn put_back(tx: &mut WriteTx, shown: &Shown) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO message_shown (phone_id, user_name, expires_at, due_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (phone_id) DO NOTHING",
        shown.phone_id,
        shown.user_name,
        shown.expires_at,
        shown.due_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The phone shows no text any more that has an end.
pub async fn forget(tx: &mut WriteTx, phone: PhoneId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM message_shown WHERE phone_id = ?", phone.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The same, unless another text came meanwhile.
pub async fn forget_this(tx: &mut WriteTx, shown: &Shown) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM message_shown WHERE phone_id = ? AND expires_at = ?",
        shown.phone_id,
        shown.expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Tries its end later, unless another text came meanwhile.
pub async fn put_off(tx: &mut WriteTx, shown: &Shown, due_at: i64) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE message_shown SET due_at = ? WHERE phone_id = ? AND expires_at = ?",
        due_at,
        shown.phone_id,
        shown.expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those whose time is over, at most `most`.
pub async fn due(store: &Store, now: i64, most: i64) -> Result<Vec<Shown>, Error> {
    let rows = sqlx::query_as!(
        Shown,
        "SELECT phone_id, user_name, expires_at, due_at FROM message_shown WHERE due_at <= ? ORDER BY due_at LIMIT ?",
        now,
        most
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

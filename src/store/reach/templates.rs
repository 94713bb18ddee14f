//! Templates of text messages.

use crate::domain::ids::TemplateId;
use crate::store::{Error, Store, WriteTx};

/// One template as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The text as JSON.
    pub message: String,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// By whom.
    pub updated_by: String,
}

/// All of them by name.
pub async fn all(store: &Store) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, message, updated_at, updated_by FROM message_template ORDER BY name COLLATE NOCASE LIMIT 500"
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// One of them.
pub async fn find(store: &Store, id: TemplateId) -> Result<Option<Row>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, message, updated_at, updated_by FROM message_template WHERE id = ?",
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// How many there are.
pub async fn count(tx: &mut WriteTx) -> Result<i64, Error> {
    let counted = sqlx::query_scalar!("SELECT count(*) FROM message_template");
    Ok(counted.fetch_one(tx.conn()).await?)
}

/// Adds one; [`Error::Duplicate`] when the name is taken.
pub async fn insert(tx: &mut WriteTx, name: &str, message: &str, at: i64, by: &str) -> Result<TemplateId, Error> {
    let added = sqlx::query!(
        "INSERT INTO message_template (name, message, updated_at, updated_by) VALUES (?, ?, ?, ?)",
        name,
        message,
        at,
        by
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a template of this name"))?;
    Ok(TemplateId(added.last_insert_rowid()))
}

/// Changes one; false when there is none.
pub async fn update(
    tx: &mut WriteTx,
    id: TemplateId,
    name: &str,
    message: &str,
    at: i64,
    by: &str,
) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "UPDATE message_template SET name = ?, message = ?, updated_at = ?, updated_by = ? WHERE id = ?",
        name,
        message,
        at,
        by,
        id.0
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a template of this name"))?;
    Ok(changed.rows_affected() > 0)
}

/// Removes one; its name.
pub async fn remove(tx: &mut WriteTx, id: TemplateId) -> Result<Option<String>, Error> {
    let removed = sqlx::query_scalar!("DELETE FROM message_template WHERE id = ? RETURNING name", id.0);
    Ok(removed.fetch_optional(tx.conn()).await?)
}

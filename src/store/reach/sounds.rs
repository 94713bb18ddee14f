//! Sounds; what is heard is a file.

use std::collections::BTreeSet;

use crate::domain::ids::SoundId;
use crate::store::{Error, Store, WriteTx};

/// One sound as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row, and the name of its file.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What was uploaded, in words.
    pub source: String,
    /// At 8,000 a second.
    pub samples: i64,
    /// Unix milliseconds.
    pub added_at: i64,
    /// By whom.
    pub added_by: String,
}

/// All of them by name.
pub async fn all(store: &Store) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, source, samples, added_at, added_by FROM sound ORDER BY name COLLATE NOCASE"
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// One of them.
pub async fn find(store: &Store, id: SoundId) -> Result<Option<Row>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, source, samples, added_at, added_by FROM sound WHERE id = ?",
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// The numbers of all, to find files that nobody names.
pub async fn ids(store: &Store) -> Result<BTreeSet<i64>, Error> {
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM sound"#);
    Ok(ids.fetch_all(store.readers()).await?.into_iter().collect())
}

/// How many there are.
pub async fn count(tx: &mut WriteTx) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT count(*) FROM sound")
        .fetch_one(tx.conn())
        .await?)
}

/// Adds one; [`Error::Duplicate`] when the name is taken.
pub async fn insert(
    tx: &mut WriteTx,
    name: &str,
    source: &str,
    samples: i64,
    at: i64,
    by: &str,
) -> Result<SoundId, Error> {
    let added = sqlx::query!(
        "INSERT INTO sound (name, source, samples, added_at, added_by) VALUES (?, ?, ?, ?, ?)",
        name,
        source,
        samples,
        at,
        by
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a sound of this name"))?;
    Ok(SoundId(added.last_insert_rowid()))
}

/// Removes one; its name.
pub async fn remove(tx: &mut WriteTx, id: SoundId) -> Result<Option<String>, Error> {
    let removed = sqlx::query_scalar!("DELETE FROM sound WHERE id = ? RETURNING name", id.0);
    Ok(removed.fetch_optional(tx.conn()).await?)
}

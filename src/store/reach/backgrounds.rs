//! Background images; the pictures are files.

use std::collections::BTreeSet;

use crate::domain::ids::BackgroundId;
use crate::store::{Error, Store, WriteTx};

/// One background as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row, and the name of its folder.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// png or jpeg.
    pub format: String,
    /// Pixels across, as it was uploaded.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
    /// `x,y,width,height` of the part that matters.
    pub crop: Option<String>,
    /// Unix milliseconds.
    pub added_at: i64,
    /// By whom.
    pub added_by: String,
}

/// One to be added.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its name.
    pub name: &'a str,
    /// png or jpeg.
    pub format: &'a str,
    /// Pixels across.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
    /// `x,y,width,height` of the part that matters.
    pub crop: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    /// By whom.
    pub by: &'a str,
}

/// All of them by name.
pub async fn all(store: &Store) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, format, width, height, crop, added_at, added_by FROM background ORDER BY name COLLATE NOCASE"
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// One of them.
pub async fn find(store: &Store, id: BackgroundId) -> Result<Option<Row>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, format, width, height, crop, added_at, added_by FROM background WHERE id = ?",
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// The numbers of all, to find folders that nobody names.
pub async fn ids(store: &Store) -> Result<BTreeSet<i64>, Error> {
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM background"#);
    Ok(ids.fetch_all(store.readers()).await?.into_iter().collect())
}

/// How many there are.
pub async fn count(tx: &mut WriteTx) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT count(*) FROM background")
        .fetch_one(tx.conn())
        .await?)
}

/// Adds one; [`Error::Duplicate`] when the name is taken.
pub async fn insert(tx: &mut WriteTx, new: &New<'_>) -> Result<BackgroundId, Error> {
    let added = sqlx::query!(
        "INSERT INTO background (name, format, width, height, crop, added_at, added_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        new.name,
        new.format,
        new.width,
        new.height,
        new.crop,
        new.at,
        new.by
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a background of this name"))?;
    Ok(BackgroundId(added.last_insert_rowid()))
}

/// Removes one; its name.
pub async fn remove(tx: &mut WriteTx, id: BackgroundId) -> Result<Option<String>, Error> {
    let removed = sqlx::query_scalar!("DELETE FROM background WHERE id = ? RETURNING name", id.0);
    Ok(removed.fetch_optional(tx.conn()).await?)
}

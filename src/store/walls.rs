//! Saved walls.

use super::{Error, Store, WriteTx};
use crate::domain::ids::{UserId, WallId};

/// A saved wall as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub id: WallId,
    /// Whose.
    pub user: UserId,
    /// The owner's name.
    pub owner: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether everybody may open it.
    pub shared: bool,
    /// The word of a tile size.
    pub size: String,
    /// What it shows, as JSON.
    pub choice: String,
}

/// What a saved wall holds, without its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents<'a> {
    /// What its owner calls it.
    pub name: &'a str,
    /// Whether everybody may open it.
    pub shared: bool,
    /// The word of a tile size.
    pub size: &'a str,
    /// What it shows, as JSON.
    pub choice: &'a str,
}

/// The walls a user may open: their own and those that are shared, by name.
pub async fn seen_by(store: &Store, user: UserId) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query!(
        r#"
        SELECT
            wall.id,
            wall.user_id,
            user.name AS owner,
            wall.name,
            wall.shared,
            wall.size,
            wall.choice
        FROM wall
        JOIN user ON user.id = wall.user_id
        WHERE wall.user_id = $1 OR wall.shared = 1
        ORDER BY wall.name_key, wall.id
        "#,
        user.0
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            id: WallId(row.id),
            user: UserId(row.user_id),
            owner: row.owner,
            name: row.name,
            shared: row.shared != 0,
            size: row.size,
            choice: row.choice,
        })
        .collect())
}

/// The user's own wall of a name, whatever its case.
pub async fn own(tx: &mut WriteTx, user: UserId, name: &str) -> Result<Option<WallId>, Error> {
    let key = name.to_lowercase();
    let id = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM wall WHERE user_id = $1 AND name_key = $2"#,
        user.0,
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(WallId))
}

/// How many walls a user has saved.
pub async fn count(tx: &mut WriteTx, user: UserId) -> Result<i64, Error> {
    let count = sqlx::query_scalar!("SELECT COUNT(*) FROM wall WHERE user_id = $1", user.0);
    Ok(count.fetch_one(tx.conn()).await?)
}

/// A new wall.
///
/// # Errors
/// [`Error::Duplicate`] when the user has one of this name.
pub async fn insert(tx: &mut WriteTx, user: UserId, wall: &Contents<'_>, at: i64) -> Result<WallId, Error> {
    let key = wall.name.to_lowercase();
    let done = sqlx::query!(
        "INSERT INTO wall (user_id, name, name_key, shared, size, choice, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        user.0,
        wall.name,
        key,
        wall.shared,
        wall.size,
        wall.choice,
        at
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a wall of this name"))?;
    Ok(WallId(done.last_insert_rowid()))
}

/// Puts other contents into a user's own wall.
pub async fn replace(tx: &mut WriteTx, id: WallId, wall: &Contents<'_>, at: i64) -> Result<(), Error> {
    let key = wall.name.to_lowercase();
    sqlx::query!(
        "UPDATE wall SET name = $2, name_key = $3, shared = $4, size = $5, choice = $6, updated_at = $7 WHERE id = $1",
        id.0,
        wall.name,
        key,
        wall.shared,
        wall.size,
        wall.choice,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Renames a user's own wall and shares it or not; false when they have no such wall.
///
/// # Errors
/// [`Error::Duplicate`] when the user has another one of this name.
pub async fn change(
    tx: &mut WriteTx,
    user: UserId,
    id: WallId,
    name: &str,
    shared: bool,
    at: i64,
) -> Result<bool, Error> {
    let key = name.to_lowercase();
    let done = sqlx::query!(
        "UPDATE wall SET name = $3, name_key = $4, shared = $5, updated_at = $6 WHERE id = $1 AND user_id = $2",
        id.0,
        user.0,
        name,
        key,
        shared,
        at
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a wall of this name"))?;
    Ok(done.rows_affected() > 0)
}

/// Removes a user's own wall, with `any_shared` also a shared one of somebody else; gives its name.
pub async fn remove(tx: &mut WriteTx, user: UserId, id: WallId, any_shared: bool) -> Result<Option<String>, Error> {
    let name = sqlx::query_scalar!(
        "DELETE FROM wall WHERE id = $1 AND (user_id = $2 OR (shared = 1 AND $3)) RETURNING name",
        id.0,
        user.0,
        any_shared
    );
    Ok(name.fetch_optional(tx.conn()).await?)
}

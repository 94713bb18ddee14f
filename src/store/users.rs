//! People who sign in.

use std::collections::BTreeSet;

use sqlx::types::Json;

use super::{Error, Store, WriteTx};
use crate::domain::ids::{ClusterId, UserId};
use crate::domain::role::Role;

/// One person, as every page and check needs them; never with the password's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The row.
    pub id: UserId,
    /// As typed by the admin who added them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The clusters they are limited to; none: all clusters.
    pub clusters: Option<BTreeSet<ClusterId>>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds; none while they may sign in.
    pub disabled_at: Option<i64>,
}

/// A user and what their password is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user.
    pub user: User,
    /// An argon2id hash in PHC form.
    pub password_hash: String,
}

/// A user as SQLite gives it.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) limited: i64,
    pub(super) clusters: Json<Vec<i64>>,
    pub(super) created_at: i64,
    pub(super) disabled_at: Option<i64>,
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId(row.id),
            name: row.name,
            role: row.role.parse().map_err(|_| Error::Corrupt("user.role"))?,
            clusters: (row.limited != 0).then(|| row.clusters.0.into_iter().map(ClusterId).collect()),
            created_at: row.created_at,
            disabled_at: row.disabled_at,
        })
    }
}

/// The form in which two names are the same name.
fn key(name: &str) -> String {
    name.to_lowercase()
}

/// Whether anybody can be a user at all: false before the set-up.
pub async fn any(store: &Store) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM user) AS "found!: bool""#);
    Ok(found.fetch_one(store.readers()).await?)
}

/// [`any`] inside a transaction, for the set-up.
pub async fn any_in(tx: &mut WriteTx) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM user) AS "found!: bool""#);
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Everybody, by name.
pub async fn list(store: &Store) -> Result<Vec<User>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id,
            name,
            role,
            limited,
            (SELECT json_group_array(cluster_id) FROM user_cluster WHERE user_id = user.id)
                AS "clusters!: Json<Vec<i64>>",
            created_at,
            disabled_at
        FROM user
        ORDER BY name_key
        "#
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter().map(User::try_from).collect()
}

/// One user.
pub async fn find(store: &Store, id: UserId) -> Result<Option<User>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id,
            name,
            role,
            limited,
            (SELECT json_group_array(cluster_id) FROM user_cluster WHERE user_id = user.id)
                AS "clusters!: Json<Vec<i64>>",
            created_at,
            disabled_at
        FROM user
        WHERE id = $1
        "#,
        id.0
    )
    .fetch_optional(store.readers())
    .await?;
    row.map(User::try_from).transpose()
}

/// The user of a name, whatever its case, with the password's hash.
pub async fn credentials(store: &Store, name: &str) -> Result<Option<Credentials>, Error> {
    let key = key(name);
    let row = sqlx::query!(
        r#"
        SELECT
            id,
            password_hash
        FROM user
        WHERE name_key = $1
        "#,
        key
    )
    .fetch_optional(store.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(find(store, UserId(row.id)).await?.map(|user| Credentials {
        user,
        password_hash: row.password_hash,
    }))
}

/// A new user; sees all clusters until [`set_clusters`]. [`Error::Duplicate`] when the name is taken.
pub async fn insert(tx: &mut WriteTx, name: &str, role: Role, password_hash: &str, at: i64) -> Result<UserId, Error> {
    let (key, role) = (key(name), role.as_str());
    let done = sqlx::query!(
        r#"
        INSERT INTO user (name, name_key, role, password_hash, created_at)
        VALUES ($1, $2, $3, $4, $5)
        "#,
        name,
        key,
        role,
        password_hash,
        at
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a user of this name"))?;
    Ok(UserId(done.last_insert_rowid()))
}

/// Changes the role. False when there is no such user, as in the functions below.
pub async fn set_role(tx: &mut WriteTx, id: UserId, role: Role) -> Result<bool, Error> {
    let role = role.as_str();
    let done = sqlx::query!("UPDATE user SET role = $2 WHERE id = $1", id.0, role)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets a new password.
pub async fn set_password(tx: &mut WriteTx, id: UserId, hash: &str) -> Result<bool, Error> {
    let done = sqlx::query!("UPDATE user SET password_hash = $2 WHERE id = $1", id.0, hash)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets a new password if the old one is still what was checked. False when somebody else changed it meanwhile.
pub async fn replace_password(tx: &mut WriteTx, id: UserId, old_hash: &str, new_hash: &str) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE user SET password_hash = $3 WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
        id.0,
        old_hash,
        new_hash
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Disables a user (the time it happened) or enables them again (none).
pub async fn set_disabled(tx: &mut WriteTx, id: UserId, at: Option<i64>) -> Result<bool, Error> {
    let done = sqlx::query!("UPDATE user SET disabled_at = $2 WHERE id = $1", id.0, at)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Limits a user to some clusters, or to none of them with an empty set; none lifts the limit.
pub async fn set_clusters(tx: &mut WriteTx, id: UserId, clusters: Option<&BTreeSet<ClusterId>>) -> Result<bool, Error> {
    let limited = clusters.is_some();
    let done = sqlx::query!("UPDATE user SET limited = $2 WHERE id = $1", id.0, limited)
        .execute(tx.conn())
        .await?;
    sqlx::query!("DELETE FROM user_cluster WHERE user_id = $1", id.0)
        .execute(tx.conn())
        .await?;
    for cluster in clusters.into_iter().flatten() {
        // A cluster that was removed meanwhile is left out: there is nothing to see.
        sqlx::query!(
            "INSERT INTO user_cluster (user_id, cluster_id) SELECT $1, id FROM cluster WHERE id = $2",
            id.0,
            cluster.0
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(done.rows_affected() == 1)
}

/// Whether this user is an admin who can sign in, and the only one.
pub async fn is_last_admin(tx: &mut WriteTx, id: UserId) -> Result<bool, Error> {
    let last = sqlx::query_scalar!(
        r#"
        SELECT COUNT(*) = 1 AND MAX(id) = $1 AS "last!: bool"
        FROM user
        WHERE role = 'admin' AND disabled_at IS NULL
        "#,
        id.0
    );
    Ok(last.fetch_one(tx.conn()).await?)
}

//! Runs of macros on one phone: what is searched by is a column, the run itself is JSON.

use std::collections::BTreeSet;

use super::{Error, Store, WriteTx};
use crate::domain::ids::{ClusterId, EvidenceId, MacroId, MacroRunId, PhoneId};

/// A run to be begun.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// Of which macro.
    pub macro_id: MacroId,
    /// Its name.
    pub macro_name: &'a str,
    /// In which version.
    pub version: u32,
    /// On which phone.
    pub phone: PhoneId,
    /// Its name.
    pub phone_name: &'a str,
    /// Its cluster.
    pub cluster: ClusterId,
    /// By whom.
    pub by: &'a str,
    /// Whether it is a dry run.
    pub dry_run: bool,
    /// Unix milliseconds.
    pub began_at: i64,
    /// The run so far, as JSON.
    pub record: &'a str,
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The word of its end.
    pub state: &'a str,
    /// The code of its cause; empty without one.
    pub cause: &'a str,
    /// Unix milliseconds.
    pub ended_at: i64,
    /// The whole run, as JSON.
    pub record: &'a str,
}

/// One run with its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The row.
    pub id: i64,
    /// On which phone.
    pub phone_id: i64,
    /// Its cluster.
    pub cluster_id: i64,
    /// Whether anything may have reached the phone.
    pub touched: bool,
    /// `running`, or the word of its end.
    pub state: String,
    /// The run, as JSON.
    pub record: String,
}

/// One run without its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The row.
    pub id: i64,
    /// Of which macro.
    pub macro_id: i64,
    /// Its name then.
    pub macro_name: String,
    /// In which version.
    pub version: i64,
    /// On which phone.
    pub phone_id: i64,
    /// Its name then.
    pub phone_name: String,
    /// By whom.
    pub by_name: String,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// `running`, or the word of its end.
    pub state: String,
    /// The code of its cause; empty without one.
    pub cause: String,
    /// Unix milliseconds.
    pub began_at: i64,
    /// Unix milliseconds; none while it runs.
    pub ended_at: Option<i64>,
}

/// The clusters as the JSON array that the queries unpack.
fn clusters_json(clusters: Option<&BTreeSet<ClusterId>>) -> Option<String> {
    let ids: Vec<i64> = clusters?.iter().map(|cluster| cluster.0).collect();
    serde_json::to_string(&ids).ok()
}

/// Begins a run.
pub async fn insert(tx: &mut WriteTx, new: &NewRun<'_>) -> Result<MacroRunId, Error> {
    let done = sqlx::query!(
        r#"
        INSERT INTO macro_run (
            macro_id, macro_name, version, phone_id, phone_name, cluster_id, by_name, dry_run, state, began_at, record
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9, $10)
        "#,
        new.macro_id.0,
        new.macro_name,
        new.version,
        new.phone.0,
        new.phone_name,
        new.cluster.0,
        new.by,
        new.dry_run,
        new.began_at,
        new.record
    )
    .execute(tx.conn())
    .await?;
    Ok(MacroRunId(done.last_insert_rowid()))
}

/// Notes that something is about to be sent to the phone.
pub async fn touch(tx: &mut WriteTx, id: MacroRunId) -> Result<(), Error> {
    sqlx::query!("UPDATE macro_run SET touched = 1 WHERE id = $1", id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Keeps how far a run has come.
pub async fn progress(tx: &mut WriteTx, id: MacroRunId, record: &str) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE macro_run SET record = $2 WHERE id = $1 AND state = 'running'",
        id.0,
        record
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a run; false when it has ended before or is gone.
pub async fn end(tx: &mut WriteTx, id: MacroRunId, end: &End<'_>) -> Result<bool, Error> {
    let done = sqlx::query!(
        r#"
        UPDATE macro_run
        SET state = $2, cause = $3, ended_at = $4, record = $5
        WHERE id = $1 AND state = 'running'
        "#,
        id.0,
        end.state,
        end.cause,
        end.ended_at,
        end.record
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Says that a run shows a picture, so that it is kept as long as the run.
pub async fn add_picture(tx: &mut WriteTx, id: MacroRunId, picture: EvidenceId) -> Result<(), Error> {
    sqlx::query!(
        "INSERT OR IGNORE INTO macro_run_picture (run_id, evidence_id) VALUES ($1, $2)",
        id.0,
        picture.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a run shows a picture.
pub async fn has_picture(store: &Store, id: MacroRunId, picture: EvidenceId) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        "SELECT COUNT(*) FROM macro_run_picture WHERE run_id = $1 AND evidence_id = $2",
        id.0,
        picture.0
    );
    Ok(found.fetch_one(store.readers()).await? > 0)
}

/// One run, if it is on a phone of these clusters (none: of any).
///
/// Numbers of clusters are used again: one who is limited to a cluster does not see what was done before it was there.
pub async fn find(
    store: &Store,
    id: MacroRunId,
    clusters: Option<&BTreeSet<ClusterId>>,
) -> Result<Option<Kept>, Error> {
    let clusters = clusters_json(clusters);
    let row = sqlx::query_as!(
        Kept,
        r#"
        SELECT id, phone_id, cluster_id, touched AS "touched!: bool", state, record
        FROM macro_run
        WHERE
            id = $1
            AND ($2 IS NULL OR EXISTS (
                SELECT 1
                FROM cluster
                JOIN json_each($2) AS seen ON seen.value = cluster.id
                WHERE cluster.id = macro_run.cluster_id AND cluster.created_at <= macro_run.began_at
            ))
        "#,
        id.0,
        clusters
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// Up to `limit` runs on a phone, newest first. Numbers of phones are used again: what was done before this phone was there
/// belongs to another.
pub async fn of_phone(store: &Store, phone: PhoneId, limit: u32) -> Result<Vec<Line>, Error> {
    let rows = sqlx::query_as!(
        Line,
        r#"
        SELECT
            macro_run.id, macro_run.macro_id, macro_run.macro_name, macro_run.version, macro_run.phone_id,
            macro_run.phone_name, macro_run.by_name, macro_run.dry_run AS "dry_run!: bool", macro_run.state,
            macro_run.cause, macro_run.began_at, macro_run.ended_at
        FROM macro_run
        JOIN phone ON phone.id = macro_run.phone_id AND phone.created_at <= macro_run.began_at
        WHERE macro_run.phone_id = $1
        ORDER BY macro_run.id DESC
        LIMIT $2
        "#,
        phone.0,
        limit
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Up to `limit` runs of a macro on phones of these clusters (none: of any), newest first.
pub async fn of_macro(
    store: &Store,
    macro_id: MacroId,
    clusters: Option<&BTreeSet<ClusterId>>,
    limit: u32,
) -> Result<Vec<Line>, Error> {
    let clusters = clusters_json(clusters);
    let rows = sqlx::query_as!(
        Line,
        r#"
        SELECT
            id, macro_id, macro_name, version, phone_id, phone_name, by_name, dry_run AS "dry_run!: bool", state, cause,
            began_at, ended_at
        FROM macro_run
        WHERE
            macro_id = $1
            AND ($2 IS NULL OR EXISTS (
                SELECT 1
                FROM cluster
                JOIN json_each($2) AS seen ON seen.value = cluster.id
                WHERE cluster.id = macro_run.cluster_id AND cluster.created_at <= macro_run.began_at
            ))
        ORDER BY id DESC
        LIMIT $3
        "#,
        macro_id.0,
        clusters,
        limit
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Runs that are not over.
pub async fn unfinished(store: &Store) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Kept,
        r#"
        SELECT id, phone_id, cluster_id, touched AS "touched!: bool", state, record
        FROM macro_run
        WHERE state = 'running'
        ORDER BY id
        "#
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Removes runs that are over and began before a time.
pub async fn remove_before(tx: &mut WriteTx, oldest: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "DELETE FROM macro_run WHERE began_at < $1 AND state <> 'running'",
        oldest
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

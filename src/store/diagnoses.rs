//! Diagnoses as they are kept: what is searched by is a column, the record itself is JSON.

use std::collections::BTreeSet;

use super::{Error, Store, WriteTx};
use crate::domain::ids::{ClusterId, DiagnosisId, PhoneId};

/// A diagnosis to be begun.
#[derive(Debug, Clone)]
pub struct NewDiagnosis<'a> {
    /// Of which phone.
    pub phone: PhoneId,
    /// Its cluster.
    pub cluster: ClusterId,
    /// By whom.
    pub by: &'a str,
    /// Unix milliseconds.
    pub started_at: i64,
    /// The record so far, as JSON.
    pub report: &'a str,
}

/// How a diagnosis ended.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// Unix milliseconds.
    pub finished_at: i64,
    /// finished or interrupted.
    pub state: &'a str,
    /// The code of the verdict's cause; empty without one.
    pub cause: &'a str,
    /// Its certainty; empty without one.
    pub certainty: &'a str,
    /// The whole record, as JSON.
    pub report: &'a str,
    /// What the phone showed.
    pub picture: Option<&'a KeptPicture>,
}

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPicture {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// png or jpeg.
    pub format: String,
    /// Pixels across.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
}

/// One diagnosis with its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The row.
    pub id: i64,
    /// running, finished or interrupted.
    pub state: String,
    /// Unix milliseconds; none while it runs.
    pub finished_at: Option<i64>,
    /// The record, as JSON.
    pub report: String,
    /// Whether there is a picture.
    pub has_picture: bool,
}

/// One diagnosis without its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The row.
    pub id: i64,
    /// By whom.
    pub by_name: String,
    /// Unix milliseconds.
    pub started_at: i64,
    /// Unix milliseconds; none while it runs.
    pub finished_at: Option<i64>,
    /// running, finished or interrupted.
    pub state: String,
    /// The code of the verdict's cause; empty without one.
    pub cause: String,
    /// Its certainty; empty without one.
    pub certainty: String,
}

/// The clusters as the JSON array that the queries unpack.
fn clusters_json(clusters: Option<&BTreeSet<ClusterId>>) -> Option<String> {
    let ids: Vec<i64> = clusters?.iter().map(|cluster| cluster.0).collect();
    serde_json::to_string(&ids).ok()
}

/// Begins a diagnosis.
pub async fn insert(tx: &mut WriteTx, new: &NewDiagnosis<'_>) -> Result<DiagnosisId, Error> {
    let done = sqlx::query!(
        r#"
        INSERT INTO diagnosis (phone_id, cluster_id, by_name, started_at, state, report)
        VALUES ($1, $2, $3, $4, 'running', $5)
        "#,
        new.phone.0,
        new.cluster.0,
        new.by,
        new.started_at,
        new.report
    )
    .execute(tx.conn())
    .await?;
    Ok(DiagnosisId(done.last_insert_rowid()))
}

/// Ends a diagnosis; false when it has ended before or is gone.
pub async fn end(tx: &mut WriteTx, id: DiagnosisId, end: &End<'_>) -> Result<bool, Error> {
    let bytes = end.picture.map(|picture| picture.bytes.as_slice());
    let format = end.picture.map_or("", |picture| picture.format.as_str());
    let (width, height) = end.picture.map_or((0, 0), |picture| (picture.width, picture.height));
    let done = sqlx::query!(
        r#"
        UPDATE diagnosis
        SET
            finished_at = $2, state = $3, cause = $4, certainty = $5, report = $6,
            picture = $7, picture_format = $8, picture_width = $9, picture_height = $10
        WHERE id = $1 AND state = 'running'
        "#,
        id.0,
        end.finished_at,
        end.state,
        end.cause,
        end.certainty,
        end.report,
        bytes,
        format,
        width,
        height
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One diagnosis, if it is of a phone of these clusters (none: of any).
///
/// Numbers of clusters are used again: one who is limited to a cluster does not see what was found before it was there.
pub async fn find(
    store: &Store,
    id: DiagnosisId,
    clusters: Option<&BTreeSet<ClusterId>>,
) -> Result<Option<Kept>, Error> {
    let clusters = clusters_json(clusters);
    let row = sqlx::query_as!(
        Kept,
        r#"
        SELECT id, state, finished_at, report, picture IS NOT NULL AS "has_picture!: bool"
        FROM diagnosis
        WHERE
            id = $1
            AND ($2 IS NULL OR EXISTS (
                SELECT 1
                FROM cluster
                JOIN json_each($2) AS seen ON seen.value = cluster.id
                WHERE cluster.id = diagnosis.cluster_id AND cluster.created_at <= diagnosis.started_at
            ))
        "#,
        id.0,
        clusters
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// What the phone showed in a diagnosis.
pub async fn picture(store: &Store, id: DiagnosisId) -> Result<Option<KeptPicture>, Error> {
    let row = sqlx::query_as!(
        KeptPicture,
        r#"
        SELECT picture AS "bytes!: Vec<u8>", picture_format AS format, picture_width AS width, picture_height AS height
        FROM diagnosis
        WHERE id = $1 AND picture IS NOT NULL
        "#,
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// The newest diagnosis of a phone that is over with a verdict.
pub async fn newest(store: &Store, phone: PhoneId) -> Result<Option<DiagnosisId>, Error> {
    let id = sqlx::query_scalar!(
        r#"
        SELECT diagnosis.id
        FROM diagnosis
        JOIN phone ON phone.id = diagnosis.phone_id AND phone.created_at <= diagnosis.started_at
        WHERE diagnosis.phone_id = $1 AND diagnosis.state = 'finished'
        ORDER BY diagnosis.id DESC
        LIMIT 1
        "#,
        phone.0
    );
    Ok(id.fetch_optional(store.readers()).await?.map(DiagnosisId))
}

/// Up to `limit` diagnoses of a phone, newest first. Numbers of phones are used again: what was found before this phone
/// was there belongs to another.
pub async fn of_phone(store: &Store, phone: PhoneId, limit: u32) -> Result<Vec<Line>, Error> {
    let rows = sqlx::query_as!(
        Line,
        r#"
        SELECT
            diagnosis.id, diagnosis.by_name, diagnosis.started_at, diagnosis.finished_at, diagnosis.state,
            diagnosis.cause, diagnosis.certainty
        FROM diagnosis
        JOIN phone ON phone.id = diagnosis.phone_id AND phone.created_at <= diagnosis.started_at
        WHERE diagnosis.phone_id = $1
        ORDER BY diagnosis.id DESC
        LIMIT $2
        "#,
        phone.0,
        limit
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Diagnoses that are not over.
pub async fn unfinished(store: &Store) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Kept,
        r#"
        SELECT id, state, finished_at, report, picture IS NOT NULL AS "has_picture!: bool"
        FROM diagnosis
        WHERE state = 'running'
        ORDER BY id
        "#
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Removes what is over of a phone but for the newest `keep`.
pub async fn keep_newest(tx: &mut WriteTx, phone: PhoneId, keep: u32) -> Result<u64, Error> {
    let done = sqlx::query!(
        r#"
        DELETE FROM diagnosis
        WHERE phone_id = $1 AND state <> 'running' AND id NOT IN (
            SELECT id FROM diagnosis WHERE phone_id = $1 ORDER BY id DESC LIMIT $2
        )
        "#,
        phone.0,
        keep
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Removes what is over and was begun before this time, in unix milliseconds.
pub async fn remove_before(tx: &mut WriteTx, oldest: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "DELETE FROM diagnosis WHERE started_at < $1 AND state <> 'running'",
        oldest
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

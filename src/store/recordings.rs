//! Recordings and their steps; the pictures themselves are files.

use std::collections::BTreeSet;

use super::{Error, Store, WriteTx};
use crate::domain::ids::{ClusterId, PhoneId, RecordingId, UserId};

/// A recording to be begun.
#[derive(Debug, Clone)]
pub struct NewRecording {
    /// Of which phone.
    pub phone: PhoneId,
    /// Its name.
    pub phone_name: String,
    /// Its owner or description; may be empty.
    pub phone_about: String,
    /// Its cluster.
    pub cluster: ClusterId,
    /// The cluster's name.
    pub cluster_name: String,
    /// By whom.
    pub user: UserId,
    /// Their name.
    pub user_name: String,
    /// Unix milliseconds.
    pub started_at: i64,
}

/// One recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The row, and the name of its folder.
    pub id: RecordingId,
    /// Of which phone.
    pub phone: PhoneId,
    /// The phone's name then.
    pub phone_name: String,
    /// The phone's owner or description then; may be empty.
    pub phone_about: String,
    /// Whether that very phone is still in the inventory.
    pub phone_is_there: bool,
    /// The phone's cluster.
    pub cluster: ClusterId,
    /// The cluster's name then.
    pub cluster_name: String,
    /// By whom.
    pub user: UserId,
    /// Their name then.
    pub user_name: String,
    /// Unix milliseconds.
    pub started_at: i64,
    /// Unix milliseconds; none while it runs.
    pub ended_at: Option<i64>,
    /// Why it ended: a word of `recordings::Ending`.
    pub ending: String,
    /// More about its end; may be empty.
    pub detail: String,
    /// How many pictures it has.
    pub pictures: i64,
    /// How many presses it has.
    pub presses: i64,
    /// What its pictures take, in bytes.
    pub bytes: i64,
}

struct Row {
    id: i64,
    phone_id: i64,
    phone_name: String,
    phone_about: String,
    phone_is_there: bool,
    cluster_id: i64,
    cluster_name: String,
    user_id: i64,
    user_name: String,
    started_at: i64,
    ended_at: Option<i64>,
    ending: String,
    detail: String,
    pictures: i64,
    presses: i64,
    bytes: i64,
}

impl From<Row> for Recording {
    fn from(row: Row) -> Self {
        Self {
            id: RecordingId(row.id),
            phone: PhoneId(row.phone_id),
            phone_name: row.phone_name,
            phone_about: row.phone_about,
            phone_is_there: row.phone_is_there,
            cluster: ClusterId(row.cluster_id),
            cluster_name: row.cluster_name,
            user: UserId(row.user_id),
            user_name: row.user_name,
            started_at: row.started_at,
            ended_at: row.ended_at,
            ending: row.ending,
            detail: row.detail,
            pictures: row.pictures,
            presses: row.presses,
            bytes: row.bytes,
        }
    }
}

/// One thing that was recorded, in the words of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// From 1, in the order in which they came; names the file of a picture.
    pub n: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// picture, press, lost, back or missed.
    pub kind: String,
    /// Of a picture: png or jpeg.
    pub format: String,
    /// Of a picture: pixels across.
    pub width: i64,
    /// Of a picture: pixels down.
    pub height: i64,
    /// Of a picture: its size.
    pub bytes: i64,
    /// Of a press: the key.
    pub key: String,
    /// Of a press: what is printed on the key.
    pub label: String,
    /// Of a press: who.
    pub user_name: String,
    /// Of a press: what became of it.
    pub outcome: String,
    /// Why a key was not taken, or why there was no picture.
    pub detail: String,
}

/// Which recordings.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of phones of these clusters only.
    pub clusters: Option<BTreeSet<ClusterId>>,
    /// Of phones with this text in their name, owner or description then, whatever its (ASCII) case; empty: of all.
    pub phone: String,
    /// By this person only.
    pub user: Option<UserId>,
}

/// The clusters as the JSON array that the queries unpack.
fn clusters_json(clusters: Option<&BTreeSet<ClusterId>>) -> Option<String> {
    let ids: Vec<i64> = clusters?.iter().map(|cluster| cluster.0).collect();
    serde_json::to_string(&ids).ok()
}

/// Begins a recording.
pub async fn insert(tx: &mut WriteTx, new: &NewRecording) -> Result<RecordingId, Error> {
    let done = sqlx::query!(
        r#"
        INSERT INTO recording (
            phone_id, phone_name, phone_about, cluster_id, cluster_name, user_id, user_name, started_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        "#,
        new.phone.0,
        new.phone_name,
        new.phone_about,
        new.cluster.0,
        new.cluster_name,
        new.user.0,
        new.user_name,
        new.started_at
    )
    .execute(tx.conn())
    .await?;
    Ok(RecordingId(done.last_insert_rowid()))
}

/// Adds a step, and counts it.
pub async fn add_step(tx: &mut WriteTx, id: RecordingId, step: &Step) -> Result<(), Error> {
    sqlx::query!(
        r#"
        INSERT INTO recording_step (
            recording_id, n, at, kind, format, width, height, bytes, key, label, user_name, outcome, detail
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        "#,
        id.0,
        step.n,
        step.at,
        step.kind,
        step.format,
        step.width,
        step.height,
        step.bytes,
        step.key,
        step.label,
        step.user_name,
        step.outcome,
        step.detail
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        r#"
        UPDATE recording
        SET pictures = pictures + ($2 = 'picture'), presses = presses + ($2 = 'press'), bytes = bytes + $3
        WHERE id = $1
        "#,
        id.0,
        step.kind,
        step.bytes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes a step whose picture is not whole, and counts anew.
pub async fn drop_step(tx: &mut WriteTx, id: RecordingId, step: &Step) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM recording_step WHERE recording_id = $1 AND n = $2",
        id.0,
        step.n
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "UPDATE recording SET pictures = pictures - 1, bytes = bytes - $2 WHERE id = $1",
        id.0,
        step.bytes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a recording; false when it has ended before or is gone.
pub async fn end(tx: &mut WriteTx, id: RecordingId, at: i64, ending: &str, detail: &str) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE recording SET ended_at = $2, ending = $3, detail = $4 WHERE id = $1 AND ended_at IS NULL",
        id.0,
        at,
        ending,
        detail
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a recording and its steps; false when it is gone already.
pub async fn remove(tx: &mut WriteTx, id: RecordingId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM recording WHERE id = $1", id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Up to `limit` recordings after the first `skip`, newest first.
///
/// Numbers of clusters are used again: one who is limited to a cluster does not see what was recorded before it was there.
pub async fn page(store: &Store, filter: &Filter, skip: i64, limit: i64) -> Result<Vec<Recording>, Error> {
    let clusters = clusters_json(filter.clusters.as_ref());
    let user = filter.user.map(|user| user.0);
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id, phone_id, phone_name, phone_about,
            EXISTS (
                SELECT 1 FROM phone WHERE phone.id = recording.phone_id AND phone.created_at <= recording.started_at
            ) AS "phone_is_there!: bool",
            cluster_id, cluster_name, user_id, user_name, started_at, ended_at, ending, detail, pictures, presses, bytes
        FROM recording
        WHERE
            ($1 IS NULL OR EXISTS (
                SELECT 1
                FROM cluster
                JOIN json_each($1) AS seen ON seen.value = cluster.id
                WHERE cluster.id = recording.cluster_id AND cluster.created_at <= recording.started_at
            ))
            AND ($2 = '' OR instr(lower(phone_name || char(10) || phone_about), lower($2)) > 0)
            AND ($3 IS NULL OR user_id = $3)
        ORDER BY id DESC
        LIMIT $4 OFFSET $5
        "#,
        clusters,
        filter.phone,
        user,
        limit,
        skip
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many recordings the filter lets through.
pub async fn count(store: &Store, filter: &Filter) -> Result<i64, Error> {
    let clusters = clusters_json(filter.clusters.as_ref());
    let user = filter.user.map(|user| user.0);
    let count = sqlx::query_scalar!(
        r#"
        SELECT COUNT(*) AS "count!: i64"
        FROM recording
        WHERE
            ($1 IS NULL OR EXISTS (
                SELECT 1
                FROM cluster
                JOIN json_each($1) AS seen ON seen.value = cluster.id
                WHERE cluster.id = recording.cluster_id AND cluster.created_at <= recording.started_at
            ))
            AND ($2 = '' OR instr(lower(phone_name || char(10) || phone_about), lower($2)) > 0)
            AND ($3 IS NULL OR user_id = $3)
        "#,
        clusters,
        filter.phone,
        user
    );
    Ok(count.fetch_one(store.readers()).await?)
}

/// One recording, if it is of a phone of these clusters (none: of any).
pub async fn find(
    store: &Store,
    id: RecordingId,
    clusters: Option<&BTreeSet<ClusterId>>,
) -> Result<Option<Recording>, Error> {
    let clusters = clusters_json(clusters);
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id, phone_id, phone_name, phone_about,
            EXISTS (
                SELECT 1 FROM phone WHERE phone.id = recording.phone_id AND phone.created_at <= recording.started_at
            ) AS "phone_is_there!: bool",
            cluster_id, cluster_name, user_id, user_name, started_at, ended_at, ending, detail, pictures, presses, bytes
        FROM recording
        WHERE
            id = $1
            AND ($2 IS NULL OR EXISTS (
                SELECT 1
                FROM cluster
                JOIN json_each($2) AS seen ON seen.value = cluster.id
                WHERE cluster.id = recording.cluster_id AND cluster.created_at <= recording.started_at
            ))
        "#,
        id.0,
        clusters
    );
    Ok(row.fetch_optional(store.readers()).await?.map(Into::into))
}

/// Those who recorded something, by name, with their newest name.
pub async fn people(store: &Store, clusters: Option<&BTreeSet<ClusterId>>) -> Result<Vec<(UserId, String)>, Error> {
    let clusters = clusters_json(clusters);
    let rows = sqlx::query!(
        r#"
        SELECT user_id AS "user_id!: i64", MAX(user_name) AS "user_name!: String"
        FROM recording
        WHERE $1 IS NULL OR EXISTS (
            SELECT 1
            FROM cluster
            JOIN json_each($1) AS seen ON seen.value = cluster.id
            WHERE cluster.id = recording.cluster_id AND cluster.created_at <= recording.started_at
        )
        GROUP BY user_id
        ORDER BY 2
        "#,
        clusters
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (UserId(row.user_id), row.user_name))
        .collect())
}

/// The steps of a recording, as they happened.
pub async fn steps(store: &Store, id: RecordingId) -> Result<Vec<Step>, Error> {
    let steps = sqlx::query_as!(
        Step,
        r#"
        SELECT n, at, kind, format, width, height, bytes, key, label, user_name, outcome, detail
        FROM recording_step
        WHERE recording_id = $1
        ORDER BY at, n
        "#,
        id.0
    );
    Ok(steps.fetch_all(store.readers()).await?)
}

/// One step.
pub async fn step(store: &Store, id: RecordingId, n: i64) -> Result<Option<Step>, Error> {
    let step = sqlx::query_as!(
        Step,
        r#"
        SELECT n, at, kind, format, width, height, bytes, key, label, user_name, outcome, detail
        FROM recording_step
        WHERE recording_id = $1 AND n = $2
        "#,
        id.0,
        n
    );
    Ok(step.fetch_optional(store.readers()).await?)
}

/// The numbers of all recordings.
pub async fn ids(store: &Store) -> Result<BTreeSet<RecordingId>, Error> {
    let ids = sqlx::query_scalar!("SELECT id FROM recording");
    Ok(ids
        .fetch_all(store.readers())
        .await?
        .into_iter()
        .map(RecordingId)
        .collect())
}

/// The recordings that nobody has ended.
pub async fn unfinished(store: &Store) -> Result<Vec<RecordingId>, Error> {
    let ids = sqlx::query_scalar!("SELECT id FROM recording WHERE ended_at IS NULL ORDER BY id");
    Ok(ids
        .fetch_all(store.readers())
        .await?
        .into_iter()
        .map(RecordingId)
        .collect())
}

/// The recordings that ended before a moment (unix milliseconds), oldest first.
pub async fn ended_before(store: &Store, at: i64) -> Result<Vec<RecordingId>, Error> {
    let ids = sqlx::query_scalar!("SELECT id FROM recording WHERE ended_at < $1 ORDER BY ended_at, id", at);
    Ok(ids
        .fetch_all(store.readers())
        .await?
        .into_iter()
        .map(RecordingId)
        .collect())
}

/// What all recordings take, in bytes.
pub async fn total_bytes(store: &Store) -> Result<i64, Error> {
    let total = sqlx::query_scalar!(r#"SELECT COALESCE(SUM(bytes), 0) AS "total!: i64" FROM recording"#);
    Ok(total.fetch_one(store.readers()).await?)
}

/// The recording that ended first.
pub async fn oldest_ended(store: &Store) -> Result<Option<RecordingId>, Error> {
    let id = sqlx::query_scalar!("SELECT id FROM recording WHERE ended_at IS NOT NULL ORDER BY ended_at, id LIMIT 1");
    Ok(id.fetch_optional(store.readers()).await?.map(RecordingId))
}

//! Jobs and how far they are.

use super::{Error, Store, WriteTx};
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, JobId};
use crate::domain::job::JobState;

/// The kind of a sync.
pub const SYNC: &str = "sync";

/// One job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What it does: `sync`.
    pub kind: String,
    /// The cluster it works on.
    pub cluster_id: Option<ClusterId>,
    /// Where it stands.
    pub state: JobState,
    /// What is being done now, in words; empty before and after.
    pub phase: String,
    /// Things to do; 0 while it is not known.
    pub total: u64,
    /// Things done.
    pub done: u64,
    /// Things that failed.
    pub failed: u64,
    /// Why it did not succeed, in words.
    pub error: Option<String>,
    /// The same as a cause.
    pub cause: Option<Cause>,
    /// Who started it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: i64,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
}

struct Row {
    id: i64,
    kind: String,
    cluster_id: Option<i64>,
    state: String,
    phase: String,
    total: i64,
    done: i64,
    failed: i64,
    error: Option<String>,
    cause: Option<String>,
    created_by: String,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

impl From<Row> for Job {
    fn from(row: Row) -> Self {
        Self {
            id: JobId(row.id),
            kind: row.kind,
            cluster_id: row.cluster_id.map(ClusterId),
            state: JobState::from_stored(&row.state),
            phase: row.phase,
            total: row.total.unsigned_abs(),
            done: row.done.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
            error: row.error,
            cause: row.cause.and_then(|code| code.parse().ok()),
            created_by: row.created_by,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Adds a queued job. A second sync of a cluster whose sync is not over is a [`Error::Duplicate`].
pub async fn insert(
    tx: &mut WriteTx,
    kind: &str,
    cluster: Option<ClusterId>,
    created_by: &str,
    now: i64,
) -> Result<JobId, Error> {
    let cluster = cluster.map(|id| id.0);
    let id = sqlx::query_scalar!(
        r#"INSERT INTO job (kind, cluster_id, state, created_by, created_at)
           VALUES ($1, $2, 'queued', $3, $4)
           RETURNING id AS "id!: i64""#,
        kind,
        cluster,
        created_by,
        now
    )
    .fetch_one(tx.conn())
    .await
    .map_err(Error::duplicate("a sync of this cluster that is not over"))?;
    Ok(JobId(id))
}

/// One job.
pub async fn by_id(store: &Store, id: JobId) -> Result<Option<Job>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, kind, cluster_id, state, phase, total, done, failed, error, cause, created_by, created_at,
                started_at, finished_at
         FROM job
         WHERE id = $1",
        id.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row.map(Job::from))
}

/// The newest jobs below a number (all of them without one), newest first.
pub async fn newest(store: &Store, before: Option<JobId>, limit: u32) -> Result<Vec<Job>, Error> {
    let before = before.map_or(i64::MAX, |id| id.0);
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, kind, cluster_id, state, phase, total, done, failed, error, cause, created_by, created_at,
                started_at, finished_at
         FROM job
         WHERE id < $1
         ORDER BY id DESC
         LIMIT $2",
        before,
        limit
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// How many jobs there are.
pub async fn count(store: &Store) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT COUNT(*) AS "count!: i64" FROM job"#)
        .fetch_one(store.readers())
        .await?;
    Ok(count.unsigned_abs())
}

/// The newest sync of a cluster.
pub async fn newest_sync(store: &Store, cluster: ClusterId) -> Result<Option<Job>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, kind, cluster_id, state, phase, total, done, failed, error, cause, created_by, created_at,
                started_at, finished_at
         FROM job
         WHERE cluster_id = $1 AND kind = 'sync'
         ORDER BY id DESC
         LIMIT 1",
        cluster.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row.map(Job::from))
}

/// Keeps where a job stands.
pub async fn update(tx: &mut WriteTx, job: &Job) -> Result<(), Error> {
    let state = job.state.as_str();
    let cause = job.cause.map(Cause::code);
    let (total, done, failed) = (stored(job.total), stored(job.done), stored(job.failed));
    sqlx::query!(
        "UPDATE job
         SET state = $1, phase = $2, total = $3, done = $4, failed = $5, error = $6, cause = $7, started_at = $8,
             finished_at = $9
         WHERE id = $10",
        state,
        job.phase,
        total,
        done,
        failed,
        job.error,
        cause,
        job.started_at,
        job.finished_at,
        job.id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks every job that is not over as failed: its program is gone. Answers how many there were.
pub async fn fail_unfinished(tx: &mut WriteTx, error: &str, now: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE job
         SET state = 'failed', phase = '', error = $1, finished_at = $2
         WHERE state IN ('queued', 'running')",
        error,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

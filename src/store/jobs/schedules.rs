//! Jobs by the calendar.

use super::super::{Error, Store, WriteTx};
use crate::domain::ids::{JobId, ScheduleId, UserId};

/// A schedule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub id: ScheduleId,
    /// Its version; approval is for one.
    pub version: u32,
    /// What people call it and its jobs.
    pub title: String,
    /// Whose rights its jobs have.
    pub user: Option<UserId>,
    /// Who made it, or changed it last.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// What its jobs do, as JSON.
    pub action: String,
    /// To which phones, as JSON.
    pub targets: String,
    /// The clusters that it may work on, as JSON; none: all.
    pub clusters: Option<String>,
    /// To how many phones it would have been done when it was saved.
    pub phones: u64,
    /// With which brakes, as JSON.
    pub brakes: String,
    /// When they start, as JSON.
    pub timing: String,
    /// Whether they do what cannot be taken back.
    pub destructive: bool,
    /// The version that was approved.
    pub approved_version: Option<u32>,
    /// By whom.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<i64>,
    /// The next start; none: there is no further one.
    pub next_at: Option<i64>,
}

struct Stored {
    id: i64,
    version: i64,
    title: String,
    user_id: Option<i64>,
    created_by: String,
    created_at: i64,
    action: String,
    targets: String,
    clusters: Option<String>,
    phones: i64,
    brakes: String,
    timing: String,
    destructive: i64,
    approved_version: Option<i64>,
    approved_by: Option<String>,
    approved_at: Option<i64>,
    next_at: Option<i64>,
}

impl From<Stored> for Row {
    fn from(row: Stored) -> Self {
        Self {
            id: ScheduleId(row.id),
            version: u32::try_from(row.version).unwrap_or_default(),
            title: row.title,
            user: row.user_id.map(UserId),
            created_by: row.created_by,
            created_at: row.created_at,
            action: row.action,
            targets: row.targets,
            clusters: row.clusters,
            phones: row.phones.unsigned_abs(),
            brakes: row.brakes,
            timing: row.timing,
            destructive: row.destructive != 0,
            approved_version: row.approved_version.and_then(|version| u32::try_from(version).ok()),
            approved_by: row.approved_by,
            approved_at: row.approved_at,
            next_at: row.next_at,
        }
    }
}

/// What a schedule holds, without its number and its approval.
#[derive(Debug, Clone)]
pub struct Contents<'a> {
    /// What people call it.
    pub title: &'a str,
    /// Whose rights its jobs have.
    pub user: Option<UserId>,
    /// Their name.
    pub created_by: &'a str,
    /// As JSON.
    pub action: &'a str,
    /// As JSON.
    pub targets: &'a str,
    /// As JSON; none: all.
    pub clusters: Option<&'a str>,
    /// To how many phones it would be done now.
    pub phones: u64,
    /// As JSON.
    pub brakes: &'a str,
    /// As JSON.
    pub timing: &'a str,
    /// Whether its jobs do what cannot be taken back.
    pub destructive: bool,
    /// The first start.
    pub next_at: Option<i64>,
}

/// A new schedule.
pub async fn insert(tx: &mut WriteTx, new: &Contents<'_>, now: i64) -> Result<ScheduleId, Error> {
    let (user, phones) = (new.user.map(|id| id.0), super::stored(new.phones));
    let done = sqlx::query!(
        "INSERT INTO job_schedule (title, user_id, created_by, created_at, action, targets, brakes, timing, destructive, next_at,
                                   clusters, phones)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        new.title,
        user,
        new.created_by,
        now,
        new.action,
        new.targets,
        new.brakes,
        new.timing,
        new.destructive,
        new.next_at,
        new.clusters,
        phones
    )
    .execute(tx.conn())
    .await?;
    Ok(ScheduleId(done.last_insert_rowid()))
}

/// Puts another version in a schedule's place, which nobody has approved yet; false when there is no such one, or it has
/// another version by now.
pub async fn change(
    tx: &mut WriteTx,
    id: ScheduleId,
    base_version: u32,
    new: &Contents<'_>,
    now: i64,
) -> Result<bool, Error> {
    let (user, phones) = (new.user.map(|id| id.0), super::stored(new.phones));
    let done = sqlx::query!(
        "UPDATE job_schedule
         SET version = version + 1, title = $3, user_id = $4, created_by = $5, created_at = $6, action = $7, targets = $8,
             brakes = $9, timing = $10, destructive = $11, next_at = $12, clusters = $13, phones = $14
         WHERE id = $1 AND version = $2 AND removed = 0",
        id.0,
        base_version,
        new.title,
        user,
        new.created_by,
        now,
        new.action,
        new.targets,
        new.brakes,
        new.timing,
        new.destructive,
        new.next_at,
        new.clusters,
        phones
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Every schedule that was not removed, the next to start first.
pub async fn list(store: &Store) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query_as!(
        Stored,
        "SELECT id, version, title, user_id, created_by, created_at, action, targets, clusters, phones, brakes, timing,
                destructive, approved_version, approved_by, approved_at, next_at
         FROM job_schedule
         WHERE removed = 0
         ORDER BY next_at IS NULL, next_at, id"
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

/// One schedule that was not removed.
pub async fn by_id(store: &Store, id: ScheduleId) -> Result<Option<Row>, Error> {
    let row = sqlx::query_as!(
        Stored,
        "SELECT id, version, title, user_id, created_by, created_at, action, targets, clusters, phones, brakes, timing,
                destructive, approved_version, approved_by, approved_at, next_at
         FROM job_schedule
         WHERE id = $1 AND removed = 0",
        id.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row.map(Row::from))
}

/// The schedules whose next start has come.
pub async fn due(store: &Store, now: i64) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query_as!(
        Stored,
        "SELECT id, version, title, user_id, created_by, created_at, action, targets, clusters, phones, brakes, timing,
                destructive, approved_version, approved_by, approved_at, next_at
         FROM job_schedule
         WHERE removed = 0 AND next_at <= $1
         ORDER BY next_at, id",
        now
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

/// Sets the next start, if the one that is known is still this one; false when somebody was faster.
pub async fn advance(tx: &mut WriteTx, id: ScheduleId, from: Option<i64>, to: Option<i64>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE job_schedule SET next_at = $3 WHERE id = $1 AND next_at IS $2 AND removed = 0",
        id.0,
        from,
        to
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes who approved a version; false when it is another one by now.
pub async fn approve(tx: &mut WriteTx, id: ScheduleId, version: u32, by: &str, at: i64) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE job_schedule SET approved_version = $2, approved_by = $3, approved_at = $4
         WHERE id = $1 AND version = $2 AND removed = 0",
        id.0,
        version,
        by,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a schedule; its jobs stay.
pub async fn remove(tx: &mut WriteTx, id: ScheduleId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE job_schedule SET removed = 1 WHERE id = $1 AND removed = 0",
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A line of a schedule's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: i64,
    /// The start that it is about.
    pub due_at: i64,
    /// What became of it.
    pub words: String,
    /// The job that was started.
    pub job: Option<JobId>,
}

/// Adds a line to a schedule's log.
pub async fn log(tx: &mut WriteTx, id: ScheduleId, line: &LogLine) -> Result<(), Error> {
    let job = line.job.map(|job| job.0);
    sqlx::query!(
        "INSERT INTO job_schedule_log (schedule_id, at, due_at, words, job_id) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        line.at,
        line.due_at,
        line.words,
        job
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The newest lines of a schedule's log, newest first.
pub async fn log_of(store: &Store, id: ScheduleId, limit: u32) -> Result<Vec<LogLine>, Error> {
    let rows = sqlx::query!(
        "SELECT at, due_at, words, job_id FROM job_schedule_log WHERE schedule_id = $1 ORDER BY id DESC LIMIT $2",
        id.0,
        limit
    )
    .fetch_all(store.readers())
    .await?;
    let lines = rows.into_iter().map(|row| LogLine {
        at: row.at,
        due_at: row.due_at,
        words: row.words,
        job: row.job_id.map(JobId),
    });
    Ok(lines.collect())
}

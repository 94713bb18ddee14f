//! Remedies that were applied.

use super::{Error, Store, WriteTx};
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, DiagnosisId, EventId, PhoneId, RemedyRunId, UserId};

/// A run to be begun.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The remedy's code.
    pub remedy: &'static str,
    /// Of which phone.
    pub phone: PhoneId,
    /// Its name.
    pub phone_name: String,
    /// Its cluster.
    pub cluster: ClusterId,
    /// The cluster's name.
    pub cluster_name: String,
    /// By whom; none for the program itself.
    pub user: Option<UserId>,
    /// Their name.
    pub user_name: String,
    /// The line of the audit trail.
    pub event: EventId,
    /// Unix milliseconds.
    pub began_at: i64,
    /// JSON: what changes.
    pub changes: String,
    /// JSON: what undo puts back.
    pub kept: String,
    /// A sealed password that undo puts back.
    pub kept_login: Option<Vec<u8>>,
    /// Until when a visit lasts at most, in unix milliseconds.
    pub visit_until: Option<i64>,
}

/// One run as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The row.
    pub id: RemedyRunId,
    /// The remedy's code.
    pub remedy: String,
    /// Of which phone.
    pub phone: PhoneId,
    /// The phone's name then.
    pub phone_name: String,
    /// The phone's cluster.
    pub cluster: ClusterId,
    /// The cluster's name then.
    pub cluster_name: String,
    /// By whom; none for the program itself.
    pub user: Option<UserId>,
    /// Their name then.
    pub user_name: String,
    /// The line of the audit trail.
    pub event: EventId,
    /// Unix milliseconds.
    pub began_at: i64,
    /// Unix milliseconds; none while it is under way.
    pub ended_at: Option<i64>,
    /// begun, done, failed, undone or doubtful.
    pub state: String,
    /// JSON: what changes.
    pub changes: String,
    /// JSON: what undo puts back.
    pub kept: String,
    /// A sealed password that undo puts back.
    pub kept_login: Option<Vec<u8>>,
    /// Why it was not done, or is not certain; may be empty.
    pub evidence: String,
    /// The first diagnosis after it.
    pub diagnosis: Option<DiagnosisId>,
    /// Until when a visit lasts at most, in unix milliseconds.
    pub visit_until: Option<i64>,
    /// When somebody was last seen to look at the phone of a visit, in unix milliseconds.
    pub visit_seen_at: Option<i64>,
    /// Unix milliseconds.
    pub undone_at: Option<i64>,
    /// By whom it was taken back; may be empty.
    pub undone_by: String,
}

struct Row {
    id: i64,
    remedy: String,
    phone_id: i64,
    phone_name: String,
    cluster_id: i64,
    cluster_name: String,
    user_id: Option<i64>,
    user_name: String,
    event_id: i64,
    began_at: i64,
    ended_at: Option<i64>,
    state: String,
    changes: String,
    kept: String,
    kept_login: Option<Vec<u8>>,
    evidence: String,
    diagnosis_id: Option<i64>,
    visit_until: Option<i64>,
    visit_seen_at: Option<i64>,
    undone_at: Option<i64>,
    undone_by: String,
}

impl From<Row> for Run {
    fn from(row: Row) -> Self {
        Self {
            id: RemedyRunId(row.id),
            remedy: row.remedy,
            phone: PhoneId(row.phone_id),
            phone_name: row.phone_name,
            cluster: ClusterId(row.cluster_id),
            cluster_name: row.cluster_name,
            user: row.user_id.map(UserId),
            user_name: row.user_name,
            event: EventId(row.event_id),
            began_at: row.began_at,
            ended_at: row.ended_at,
            state: row.state,
            changes: row.changes,
            kept: row.kept,
            kept_login: row.kept_login,
            evidence: row.evidence,
            diagnosis: row.diagnosis_id.map(DiagnosisId),
            visit_until: row.visit_until,
            visit_seen_at: row.visit_seen_at,
            undone_at: row.undone_at,
            undone_by: row.undone_by,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// Unix milliseconds.
    pub at: i64,
    /// done, failed or doubtful.
    pub state: &'a str,
    /// Why it was not done, or is not certain; may be empty.
    pub evidence: &'a str,
    /// The cause, when a phone or CUCM is to blame.
    pub cause: Option<Cause>,
}

/// Keeps that a run begins.
pub async fn insert(tx: &mut WriteTx, new: &NewRun) -> Result<RemedyRunId, Error> {
    let user = new.user.map(|user| user.0);
    let done = sqlx::query!(
        r#"
        INSERT INTO remedy_run (
            remedy, phone_id, phone_name, cluster_id, cluster_name, user_id, user_name, event_id, began_at, state,
            changes, kept, kept_login, visit_until, visit_seen_at
        )
        VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, 'begun', $10, $11, $12, $13, CASE WHEN $13 IS NULL THEN NULL ELSE $9 END
        )
        "#,
        new.remedy,
        new.phone.0,
        new.phone_name,
        new.cluster.0,
        new.cluster_name,
        user,
        new.user_name,
        new.event.0,
        new.began_at,
        new.changes,
        new.kept,
        new.kept_login,
        new.visit_until
    )
    .execute(tx.conn())
    .await?;
    Ok(RemedyRunId(done.last_insert_rowid()))
}

/// Keeps how a run ended; false when it has ended before. A password kept for undo goes with a run that was not done.
pub async fn end(tx: &mut WriteTx, id: RemedyRunId, end: End<'_>) -> Result<bool, Error> {
    let cause = end.cause.map(Cause::code);
    let done = sqlx::query!(
        r#"
        UPDATE remedy_run
        SET
            ended_at = $2, state = $3, evidence = $4, cause = $5,
            kept_login = CASE WHEN $3 = 'failed' THEN NULL ELSE kept_login END
        WHERE id = $1 AND state = 'begun'
        "#,
        id.0,
        end.at,
        end.state,
        end.evidence,
        cause
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps that a run was taken back; false when it was before. A password kept for undo is not needed any more.
pub async fn undo(tx: &mut WriteTx, id: RemedyRunId, at: i64, by: &str) -> Result<bool, Error> {
    let done = sqlx::query!(
        r#"
        UPDATE remedy_run
        SET state = 'undone', undone_at = $2, undone_by = $3, kept_login = NULL
        WHERE id = $1 AND state IN ('done', 'doubtful')
        "#,
        id.0,
        at,
        by
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps the first diagnosis after a run.
pub async fn set_diagnosis(tx: &mut WriteTx, id: RemedyRunId, diagnosis: DiagnosisId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE remedy_run SET diagnosis_id = $2 WHERE id = $1 AND diagnosis_id IS NULL",
        id.0,
        diagnosis.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps that somebody looked at the phone of a visit.
pub async fn visit_seen(tx: &mut WriteTx, id: RemedyRunId, at: i64) -> Result<(), Error> {
    sqlx::query!("UPDATE remedy_run SET visit_seen_at = $2 WHERE id = $1", id.0, at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A visit becomes lasting: it is not taken back by itself any more.
pub async fn end_visit(tx: &mut WriteTx, id: RemedyRunId) -> Result<(), Error> {
    sqlx::query!("UPDATE remedy_run SET visit_until = NULL WHERE id = $1", id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Keeps what to know about a run, in words.
pub async fn set_evidence(tx: &mut WriteTx, id: RemedyRunId, evidence: &str) -> Result<(), Error> {
    sqlx::query!("UPDATE remedy_run SET evidence = $2 WHERE id = $1", id.0, evidence)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Completes what undo puts back and compares, in JSON.
pub async fn set_kept(tx: &mut WriteTx, id: RemedyRunId, kept: &str) -> Result<(), Error> {
    sqlx::query!("UPDATE remedy_run SET kept = $2 WHERE id = $1", id.0, kept)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// One run.
pub async fn by_id(store: &Store, id: RemedyRunId) -> Result<Option<Run>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id, remedy, phone_id, phone_name, cluster_id, cluster_name, user_id, user_name, event_id, began_at, ended_at,
            state, changes, kept, kept_login, evidence, diagnosis_id, visit_until, visit_seen_at, undone_at, undone_by
        FROM remedy_run
        WHERE id = $1
        "#,
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?.map(Into::into))
}

/// Up to `limit` runs of a phone, the newest first. Numbers of phones are used again, so that the name must fit too.
pub async fn of_phone(store: &Store, phone: PhoneId, name: &str, limit: i64) -> Result<Vec<Run>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id, remedy, phone_id, phone_name, cluster_id, cluster_name, user_id, user_name, event_id, began_at, ended_at,
            state, changes, kept, kept_login, evidence, diagnosis_id, visit_until, visit_seen_at, undone_at, undone_by
        FROM remedy_run
        WHERE phone_id = $1 AND phone_name = $2
        ORDER BY began_at DESC, id DESC
        LIMIT $3
        "#,
        phone.0,
        name,
        limit
    );
    Ok(rows
        .fetch_all(store.readers())
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// The runs that nobody has ended, with their lines of the audit trail.
pub async fn unfinished(store: &Store) -> Result<Vec<Run>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id, remedy, phone_id, phone_name, cluster_id, cluster_name, user_id, user_name, event_id, began_at, ended_at,
            state, changes, kept, kept_login, evidence, diagnosis_id, visit_until, visit_seen_at, undone_at, undone_by
        FROM remedy_run
        WHERE state = 'begun'
        ORDER BY id
        "#
    );
    Ok(rows
        .fetch_all(store.readers())
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// The visits that were not taken back yet, the oldest first.
pub async fn visits(store: &Store) -> Result<Vec<Run>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT
            id, remedy, phone_id, phone_name, cluster_id, cluster_name, user_id, user_name, event_id, began_at, ended_at,
            state, changes, kept, kept_login, evidence, diagnosis_id, visit_until, visit_seen_at, undone_at, undone_by
        FROM remedy_run
        WHERE state IN ('done', 'doubtful') AND visit_until IS NOT NULL
        ORDER BY id
        "#
    );
    Ok(rows
        .fetch_all(store.readers())
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

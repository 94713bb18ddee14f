//! Wizards under way, what was answered and seen in them, and snapshots of clusters.

use super::{Error, Store, WriteTx};
use crate::domain::ids::{ClusterId, PhoneId, WizardRunId};

/// A wizard under way, or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: i64,
    /// The word of its kind.
    pub kind: String,
    /// The cluster it is about.
    pub cluster_id: i64,
    /// The phone it is about; none of a wizard for a whole cluster.
    pub phone_id: Option<i64>,
    /// The phone's name.
    pub phone_name: Option<String>,
    /// The cluster's name.
    pub cluster_name: String,
    /// The step that was last worked at.
    pub step: String,
    /// `open`, `finished` or `left`.
    pub state: String,
    /// Who began it.
    pub begun_by: String,
    /// When.
    pub begun_at: i64,
    /// When something was last done in it.
    pub changed_at: i64,
}

/// The answer that counts for one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The step.
    pub step: String,
    /// Whether it was gone past without an answer.
    pub skipped: bool,
    /// JSON object: name to value.
    pub fields: String,
    /// The note of this answer.
    pub note: i64,
    /// The note of the answer that last changed the fields.
    pub changed: i64,
    /// Who.
    pub by_name: String,
    /// When.
    pub at: i64,
}

/// What was seen by one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The reading.
    pub reading: String,
    /// JSON; none while the first one is under way.
    pub body: Option<String>,
    /// When the body was seen.
    pub at: i64,
    /// A reading is under way since then.
    pub since: Option<i64>,
}

/// One line of a wizard's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: i64,
    /// Who.
    pub by_name: String,
    /// At which step; empty for the run as a whole.
    pub step: String,
    /// What.
    pub text: String,
}

/// A new run to be kept.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The word of its kind.
    pub kind: &'a str,
    /// The cluster.
    pub cluster: ClusterId,
    /// The phone.
    pub phone: Option<PhoneId>,
    /// Its first step.
    pub step: &'a str,
    /// Who begins it.
    pub by: &'a str,
}

/// Keeps a new run.
pub async fn insert(tx: &mut WriteTx, new: &New<'_>, at: i64) -> Result<WizardRunId, Error> {
    let phone = new.phone.map(|id| id.0);
    let done = sqlx::query!(
        "INSERT INTO wizard_run (kind, cluster_id, phone_id, step, state, begun_by, begun_at, changed_at)
         VALUES ($1, $2, $3, $4, 'open', $5, $6, $6)",
        new.kind,
        new.cluster.0,
        phone,
        new.step,
        new.by,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(WizardRunId(done.last_insert_rowid()))
}

/// One run.
pub async fn by_id(store: &Store, id: WizardRunId) -> Result<Option<Row>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT
            run.id AS "id!",
            run.kind,
            run.cluster_id,
            run.phone_id,
            phone.name AS "phone_name?",
            cluster.name AS cluster_name,
            run.step,
            run.state,
            run.begun_by,
            run.begun_at,
            run.changed_at
        FROM wizard_run AS run
        JOIN cluster ON cluster.id = run.cluster_id
        LEFT JOIN phone ON phone.id = run.phone_id
        WHERE run.id = $1
        "#,
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// Runs of these clusters, those that changed last first.
pub async fn list(store: &Store, clusters: &[ClusterId], most: i64) -> Result<Vec<Row>, Error> {
    let clusters = serde_json::Value::from(clusters.iter().map(|id| id.0).collect::<Vec<_>>()).to_string();
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT
            run.id AS "id!",
            run.kind,
            run.cluster_id,
            run.phone_id,
            phone.name AS "phone_name?",
            cluster.name AS cluster_name,
            run.step,
            run.state,
            run.begun_by,
            run.begun_at,
            run.changed_at
        FROM wizard_run AS run
        JOIN cluster ON cluster.id = run.cluster_id
        LEFT JOIN phone ON phone.id = run.phone_id
        WHERE run.cluster_id IN (SELECT value FROM json_each($1))
        ORDER BY run.changed_at DESC, run.id DESC
        LIMIT $2
        "#,
        clusters,
        most
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Moves a run: the step that is worked at, and its state.
pub async fn set(tx: &mut WriteTx, id: WizardRunId, step: &str, state: &str, at: i64) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE wizard_run SET step = $2, state = $3, changed_at = $4 WHERE id = $1",
        id.0,
        step,
        state,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Adds a line to the log; gives its number, which is greater than that of every line before.
pub async fn note(tx: &mut WriteTx, id: WizardRunId, note: &Note) -> Result<i64, Error> {
    let done = sqlx::query!(
        "INSERT INTO wizard_note (run_id, at, by_name, step, text) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        note.at,
        note.by_name,
        note.step,
        note.text
    )
    .execute(tx.conn())
    .await?;
    Ok(done.last_insert_rowid())
}

/// The log of a run, oldest first.
pub async fn notes(store: &Store, id: WizardRunId) -> Result<Vec<Note>, Error> {
    let notes = sqlx::query_as!(
        Note,
        "SELECT at, by_name, step, text FROM wizard_note WHERE run_id = $1 ORDER BY id",
        id.0
    );
    Ok(notes.fetch_all(store.readers()).await?)
}

/// Keeps the answer of a step in place of an earlier one.
pub async fn answer(tx: &mut WriteTx, id: WizardRunId, answer: &Answer) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO wizard_answer (run_id, step, skipped, fields, note, changed, by_name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (run_id, step) DO UPDATE SET
             skipped = excluded.skipped, fields = excluded.fields, note = excluded.note,
             changed = excluded.changed, by_name = excluded.by_name, at = excluded.at",
        id.0,
        answer.step,
        answer.skipped,
        answer.fields,
        answer.note,
        answer.changed,
        answer.by_name,
        answer.at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The answers of a run.
pub async fn answers(store: &Store, id: WizardRunId) -> Result<Vec<Answer>, Error> {
    let answers = sqlx::query_as!(
        Answer,
        r#"SELECT step, skipped AS "skipped: bool", fields, note, changed, by_name, at
           FROM wizard_answer WHERE run_id = $1"#,
        id.0
    );
    Ok(answers.fetch_all(store.readers()).await?)
}

/// Marks that a reading is under way, unless one is since `oldest` or later; gives whether this caller may begin it.
pub async fn begin_look(
    tx: &mut WriteTx,
    id: WizardRunId,
    reading: &str,
    now: i64,
    oldest: i64,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO wizard_look (run_id, reading, body, at, since) VALUES ($1, $2, NULL, $3, $3)
         ON CONFLICT (run_id, reading) DO UPDATE SET since = excluded.since
         WHERE wizard_look.since IS NULL OR wizard_look.since < $4",
        id.0,
        reading,
        now,
        oldest
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Keeps what a reading saw; it is no longer under way. Nothing is kept for a run that is gone.
pub async fn end_look(tx: &mut WriteTx, id: WizardRunId, reading: &str, body: &str, at: i64) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE wizard_look SET body = $3, at = $4, since = NULL WHERE run_id = $1 AND reading = $2",
        id.0,
        reading,
        body,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was seen in a run.
pub async fn looks(store: &Store, id: WizardRunId) -> Result<Vec<Look>, Error> {
    let looks = sqlx::query_as!(
        Look,
        "SELECT reading, body, at, since FROM wizard_look WHERE run_id = $1",
        id.0
    );
    Ok(looks.fetch_all(store.readers()).await?)
}

//! Pictures that runs kept, and screens that persons recognised.

use super::{Error, Store, WriteTx};
use crate::domain::ids::EvidenceId;

/// A picture to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewPicture<'a> {
    /// SHA-256 of the bytes.
    pub hash: &'a [u8],
    /// The encoded picture.
    pub bytes: &'a [u8],
    /// png or jpeg.
    pub format: &'a str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Unix milliseconds.
    pub at: i64,
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

/// A screen that somebody recognised.
#[derive(Debug, Clone, Copy)]
pub struct NewSight<'a> {
    /// CUCM's name of the model.
    pub model: &'a str,
    /// The load that runs.
    pub load: &'a str,
    /// What the macro expects there, in words.
    pub expectation: &'a str,
    /// The hash of its pixels.
    pub pixels: &'a [u8],
    /// The row or softkey that was named.
    pub row: Option<u8>,
    /// The whole picture.
    pub picture: EvidenceId,
    /// SHA-256 of the text of the macro that gave the picture a name of its own; empty where the words say what is expected.
    pub script: &'a [u8],
    /// Whether who recognised it may play destructive macros.
    pub trusted: bool,
    /// Who.
    pub by: &'a str,
    /// Unix milliseconds.
    pub at: i64,
}

/// A screen that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The row or softkey that was named there.
    pub row: Option<i64>,
}

/// A recognised screen in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightLine {
    /// The row.
    pub id: i64,
    /// CUCM's name of the model.
    pub model: String,
    /// The load.
    pub load: String,
    /// What is expected there.
    pub expectation: String,
    /// The row or softkey that was named.
    pub row: Option<i64>,
    /// The whole picture.
    pub evidence_id: i64,
    /// Who.
    pub remembered_by: String,
    /// Unix milliseconds.
    pub remembered_at: i64,
}

/// Keeps a picture, or notes that one of the same bytes is used again.
pub async fn keep_picture(tx: &mut WriteTx, new: &NewPicture<'_>) -> Result<EvidenceId, Error> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO evidence_picture (hash, bytes, format, width, height, used_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (hash) DO UPDATE SET used_at = max(used_at, excluded.used_at)
        RETURNING id AS "id!: i64"
        "#,
        new.hash,
        new.bytes,
        new.format,
        new.width,
        new.height,
        new.at
    );
    Ok(EvidenceId(id.fetch_one(tx.conn()).await?))
}

/// One picture.
pub async fn picture(store: &Store, id: EvidenceId) -> Result<Option<KeptPicture>, Error> {
    let row = sqlx::query_as!(
        KeptPicture,
        "SELECT bytes, format, width, height FROM evidence_picture WHERE id = $1",
        id.0
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// Removes pictures that were used last before a time, and that no run of a macro or of a job and no sight needs.
pub async fn remove_pictures_before(tx: &mut WriteTx, oldest: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        r#"
        DELETE FROM evidence_picture
        WHERE
            used_at < $1
            AND id NOT IN (SELECT evidence_id FROM macro_run_picture)
            AND id NOT IN (SELECT evidence_id FROM job_run_picture)
            AND id NOT IN (SELECT evidence_id FROM sight)
        "#,
        oldest
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Remembers a screen; one that is known gets the row that is named now, but not from somebody who may less.
pub async fn remember(tx: &mut WriteTx, new: &NewSight<'_>) -> Result<(), Error> {
    sqlx::query!(
        r#"
        INSERT INTO sight (
            model, load, expectation, pixels, row, evidence_id, script, trusted, remembered_by, remembered_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (model, load, expectation, pixels, script) DO UPDATE SET
            row = excluded.row, evidence_id = excluded.evidence_id, trusted = excluded.trusted,
            remembered_by = excluded.remembered_by, remembered_at = excluded.remembered_at
        WHERE excluded.trusted >= sight.trusted
        "#,
        new.model,
        new.load,
        new.expectation,
        new.pixels,
        new.row,
        new.picture.0,
        new.script,
        new.trusted,
        new.by,
        new.at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where a screen is looked up.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// CUCM's name of the model.
    pub model: &'a str,
    /// The load that runs.
    pub load: &'a str,
    /// What the macro expects there, in words.
    pub expectation: &'a str,
    /// As in [`NewSight::script`].
    pub script: &'a [u8],
    /// Whether only what was recognised by somebody who may play destructive macros will do.
    pub trusted: bool,
}

/// Whether these pixels are what is expected on phones of a model and load: none when they are not.
pub async fn recognise(store: &Store, wanted: &Wanted<'_>, pixels: &[u8]) -> Result<Option<Known>, Error> {
    let row = sqlx::query_as!(
        Known,
        r#"
        SELECT row
        FROM sight
        WHERE
            model = $1 AND load = $2 AND expectation = $3 AND pixels = $4 AND script = $5
            AND (trusted = 1 OR NOT $6)
        "#,
        wanted.model,
        wanted.load,
        wanted.expectation,
        pixels,
        wanted.script,
        wanted.trusted
    );
    Ok(row.fetch_optional(store.readers()).await?)
}

/// Every sight, the newest first.
pub async fn all(store: &Store) -> Result<Vec<SightLine>, Error> {
    let rows = sqlx::query_as!(
        SightLine,
        r#"
        SELECT id, model, load, expectation, row, evidence_id, remembered_by, remembered_at
        FROM sight
        ORDER BY id DESC
        "#
    );
    Ok(rows.fetch_all(store.readers()).await?)
}

/// Whether a sight shows a picture.
pub async fn has_picture(store: &Store, picture: EvidenceId) -> Result<bool, Error> {
    let found = sqlx::query_scalar!("SELECT COUNT(*) FROM sight WHERE evidence_id = $1", picture.0);
    Ok(found.fetch_one(store.readers()).await? > 0)
}

/// Forgets a sight; false when there is none.
pub async fn forget(tx: &mut WriteTx, id: i64) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM sight WHERE id = $1", id)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

//! Macros with all their versions, and the list of ring tones.

use super::{Error, Store, WriteTx};
use crate::domain::ids::MacroId;

/// A macro with one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: MacroId,
    /// Its name.
    pub name: String,
    /// `safe` or `destructive`.
    pub danger: String,
    /// The number of this version.
    pub version: u32,
    /// The number of the newest one.
    pub newest: u32,
    /// The word of one that comes with the program.
    pub built_in: Option<String>,
    /// Which edition of that text was written last.
    pub edition: u32,
    /// The text of this version.
    pub text: String,
    /// Whether the program wrote this version.
    pub by_program: bool,
    /// When this version was saved.
    pub saved_at: i64,
    /// By whom.
    pub saved_by: String,
}

/// One version, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its number, from 1.
    pub version: u32,
    /// When.
    pub saved_at: i64,
    /// By whom.
    pub saved_by: String,
    /// What was changed, in their words.
    pub note: String,
    /// Whether the program wrote it.
    pub by_program: bool,
}

/// A version to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// The macro's name in it.
    pub name: &'a str,
    /// `safe` or `destructive`.
    pub danger: &'a str,
    /// The text.
    pub text: &'a str,
    /// What was changed.
    pub note: &'a str,
    /// The edition, when the program writes it.
    pub edition: Option<u32>,
    /// When.
    pub at: i64,
    /// By whom.
    pub by: &'a str,
}

fn number(version: i64) -> Result<u32, Error> {
    u32::try_from(version).map_err(|_| Error::Corrupt("macro.version"))
}

macro_rules! row {
    ($row:ident) => {
        Row {
            id: MacroId($row.id),
            name: $row.name,
            danger: $row.danger,
            version: number($row.version)?,
            newest: number($row.newest)?,
            built_in: $row.built_in,
            edition: number($row.edition)?,
            text: $row.text,
            by_program: $row.origin == "program",
            saved_at: $row.saved_at,
            saved_by: $row.saved_by,
        }
    };
}

/// Every macro in its newest version, by name.
pub async fn all(store: &Store) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query!(
        r#"
        SELECT
            macro.id AS "id!",
            macro.name AS "name!",
            macro.danger AS "danger!",
            macro.version AS "newest!",
            macro.built_in,
            macro.edition AS "edition!",
            macro_version.version AS "version!",
            macro_version.text AS "text!",
            macro_version.origin AS "origin!",
            macro_version.saved_at AS "saved_at!",
            macro_version.saved_by AS "saved_by!"
        FROM macro
        JOIN macro_version ON macro_version.macro_id = macro.id AND macro_version.version = macro.version
        WHERE macro.removed_at IS NULL
        ORDER BY macro.name_key
        "#
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter().map(|row| Ok(row!(row))).collect()
}

/// One version of a macro, the newest without a number; none of a macro that was removed.
pub async fn version(store: &Store, id: MacroId, version: Option<u32>) -> Result<Option<Row>, Error> {
    let row = sqlx::query!(
        r#"
        SELECT
            macro.id AS "id!",
            macro.name AS "name!",
            macro.danger AS "danger!",
            macro.version AS "newest!",
            macro.built_in,
            macro.edition AS "edition!",
            macro_version.version AS "version!",
            macro_version.text AS "text!",
            macro_version.origin AS "origin!",
            macro_version.saved_at AS "saved_at!",
            macro_version.saved_by AS "saved_by!"
        FROM macro
        JOIN macro_version ON macro_version.macro_id = macro.id
        WHERE macro.id = $1 AND macro.removed_at IS NULL AND macro_version.version = COALESCE($2, macro.version)
        "#,
        id.0,
        version
    )
    .fetch_optional(store.readers())
    .await?;
    row.map(|row| Ok(row!(row))).transpose()
}

/// The versions of a macro, the newest first.
pub async fn versions(store: &Store, id: MacroId) -> Result<Vec<VersionRow>, Error> {
    let rows = sqlx::query!(
        "SELECT version, saved_at, saved_by, note, origin FROM macro_version WHERE macro_id = $1 ORDER BY version DESC",
        id.0
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(VersionRow {
                version: number(row.version)?,
                saved_at: row.saved_at,
                saved_by: row.saved_by,
                note: row.note,
                by_program: row.origin == "program",
            })
        })
        .collect()
}

/// How many macros there are.
pub async fn count(tx: &mut WriteTx) -> Result<i64, Error> {
    let count = sqlx::query_scalar!("SELECT COUNT(*) FROM macro WHERE removed_at IS NULL");
    Ok(count.fetch_one(tx.conn()).await?)
}

/// The newest version's number of a macro; none of one that was removed.
pub async fn newest(tx: &mut WriteTx, id: MacroId) -> Result<Option<u32>, Error> {
    let newest = sqlx::query_scalar!("SELECT version FROM macro WHERE id = $1 AND removed_at IS NULL", id.0)
        .fetch_optional(tx.conn())
        .await?;
    newest.map(number).transpose()
}

/// A new macro in its version 1.
///
/// # Errors
/// [`Error::Duplicate`] when there is one of this name.
pub async fn insert(tx: &mut WriteTx, built_in: Option<&str>, new: &NewVersion<'_>) -> Result<MacroId, Error> {
    let key = new.name.to_lowercase();
    let edition = new.edition.unwrap_or(0);
    let done = sqlx::query!(
        "INSERT INTO macro (name, name_key, danger, version, built_in, edition, updated_at, updated_by)
         VALUES ($1, $2, $3, 1, $4, $5, $6, $7)",
        new.name,
        key,
        new.danger,
        built_in,
        edition,
        new.at,
        new.by
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a macro of this name"))?;
    let id = MacroId(done.last_insert_rowid());
    insert_version(tx, id, 1, new).await?;
    Ok(id)
}

/// A further version of a macro, which becomes its newest.
///
/// # Errors
/// [`Error::Duplicate`] when there is another macro of this name.
pub async fn add_version(tx: &mut WriteTx, id: MacroId, version: u32, new: &NewVersion<'_>) -> Result<(), Error> {
    let key = new.name.to_lowercase();
    sqlx::query!(
        "UPDATE macro SET name = $2, name_key = $3, danger = $4, version = $5, edition = COALESCE($6, edition),
         updated_at = $7, updated_by = $8 WHERE id = $1",
        id.0,
        new.name,
        key,
        new.danger,
        version,
        new.edition,
        new.at,
        new.by
    )
    .execute(tx.conn())
    .await
    .map_err(Error::duplicate("a macro of this name"))?;
    insert_version(tx, id, version, new).await
}

async fn insert_version(tx: &mut WriteTx, id: MacroId, version: u32, new: &NewVersion<'_>) -> Result<(), Error> {
    let origin = if new.edition.is_some() { "program" } else { "person" };
    sqlx::query!(
        "INSERT INTO macro_version (macro_id, version, text, note, origin, saved_at, saved_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        version,
        new.text,
        new.note,
        origin,
        new.at,
        new.by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a macro off the list; its versions stay. Gives its name, none when it was not there.
pub async fn remove(tx: &mut WriteTx, id: MacroId, at: i64) -> Result<Option<String>, Error> {
    let name = sqlx::query_scalar!(
        "UPDATE macro SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL RETURNING name",
        id.0,
        at
    );
    Ok(name.fetch_optional(tx.conn()).await?)
}

/// The ring tones that were listed, in their order; empty when nobody listed any.
pub async fn tones(store: &Store) -> Result<Vec<String>, Error> {
    let names = sqlx::query_scalar!("SELECT name FROM ring_tone ORDER BY position");
    Ok(names.fetch_all(store.readers()).await?)
}

/// Puts another list in the place of the ring tones.
pub async fn set_tones(tx: &mut WriteTx, names: &[String]) -> Result<(), Error> {
    sqlx::query!("DELETE FROM ring_tone").execute(tx.conn()).await?;
    for (position, name) in (1_i64..).zip(names) {
        sqlx::query!("INSERT INTO ring_tone (position, name) VALUES ($1, $2)", position, name)
            .execute(tx.conn())
            .await
            .map_err(Error::duplicate("a ring tone of this name"))?;
    }
    Ok(())
}

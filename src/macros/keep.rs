//! The macros of this installation: every version is kept, nothing is saved over another's work.

use crate::audit::{self, Event, action};
use crate::clock::Clock;
use crate::domain::ids::MacroId;
use crate::domain::script::{Danger, Parameter, Script};
use crate::security::{Denied, EditMacros, May, RunMacros, Viewer};
use crate::store::macros::{self as rows, NewVersion, Row};
use crate::store::{self, Store, WriteTx};

use super::library::{self, BuiltIn};
use super::text::{self, Mistake};
use super::tones;

/// The most macros of one installation.
pub const MOST_MACROS: i64 = 500;
/// The longest note on a version, in characters.
pub const LONGEST_NOTE: usize = 200;
/// Who saved what the program brought.
const PROGRAM: &str = "sidetone";

/// A macro in one of its versions, the newest where none was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub id: MacroId,
    /// Its name, unique whatever its case.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it can do harm.
    pub danger: Danger,
    /// The number of this version, from 1.
    pub version: u32,
    /// The text as it was written, with its comments.
    pub text: String,
    /// What the text says; none when a newer program wrote it, which cannot be played here.
    pub script: Option<Script>,
    /// The word of a macro that comes with the program.
    pub built_in: Option<&'static str>,
    /// A person has changed what came with the program: it is not updated any more, and can be restored.
    pub edited: bool,
    /// The families it is for; empty: all.
    pub families: Vec<String>,
    /// What is asked before it starts.
    pub parameters: Vec<Parameter>,
    /// When this version was saved, unix milliseconds.
    pub updated_at: i64,
    /// By whom.
    pub updated_by: String,
}

/// One version in the list of a macro's versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// Its number, from 1.
    pub version: u32,
    /// When, unix milliseconds.
    pub saved_at: i64,
    /// By whom.
    pub saved_by: String,
    /// What was changed, in their words.
    pub note: String,
    /// Whether it came with the program.
    pub by_program: bool,
}

/// Why a macro or the list of tones was not given, saved or removed.
#[derive(Debug, thiserror::Error)]
pub enum MacroError {
    /// No such macro or version.
    #[error("there is no such macro")]
    Unknown,
    /// The text has mistakes; nothing was saved.
    #[error("the text has {}", counted(.0.len()))]
    Mistakes(Vec<Mistake>),
    /// Another macro has this name.
    #[error("there is another macro of this name")]
    NameTaken,
    /// Somebody saved meanwhile; nothing was saved.
    #[error("somebody saved version {current} meanwhile; nothing of yours was saved")]
    Conflict {
        /// The newest version.
        current: u32,
    },
    /// Macros that come with the program stay.
    #[error("this macro comes with the program and cannot be removed")]
    BuiltIn,
    /// It does not come with the program.
    #[error("this macro does not come with the program: there is nothing to restore")]
    NotBuiltIn,
    /// [`MOST_MACROS`] are there already.
    #[error("there are {MOST_MACROS} macros already; remove one first")]
    TooMany,
    /// The note breaks the rules.
    #[error("a note is one line of up to {LONGEST_NOTE} characters")]
    Note,
    /// The list of tones breaks the rules, in these words.
    #[error("{0}")]
    Tones(String),
    /// The role does not carry it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed.
    #[error(transparent)]
    Store(store::Error),
}

fn counted(mistakes: usize) -> String {
    if mistakes == 1 {
        "1 mistake".to_owned()
    } else {
        format!("{mistakes} mistakes")
    }
}

impl From<store::Error> for MacroError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Duplicate("a macro of this name") => Self::NameTaken,
            other => Self::Store(other),
        }
    }
}

/// What the library works with.
#[derive(Debug, Clone)]
pub struct LibraryParts {
    /// Where macros are kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

/// All macros. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Library {
    parts: LibraryParts,
}

impl Kept {
    fn read(row: Row) -> Self {
        let script = text::parse(&row.text).ok();
        let told = script.as_ref();
        Self {
            id: row.id,
            description: told.map(|script| script.description.clone()).unwrap_or_default(),
            danger: match (told, row.danger.as_str()) {
                (Some(script), _) => script.danger,
                (None, "safe") => Danger::Safe,
                (None, _) => Danger::Destructive,
            },
            families: told.map(|script| script.fits.families.clone()).unwrap_or_default(),
            parameters: told.map(|script| script.parameters.clone()).unwrap_or_default(),
            name: told.map_or(row.name, |script| script.name.clone()),
            version: row.version,
            built_in: row.built_in.as_deref().and_then(library::find).map(|found| found.word),
            edited: row.built_in.is_some() && !row.by_program,
            text: row.text,
            script,
            updated_at: row.saved_at,
            updated_by: row.saved_by,
        }
    }
}

/// The text as it is kept, and what it says.
fn checked(typed: &str) -> Result<(String, Script), MacroError> {
    let script = text::parse(typed).map_err(MacroError::Mistakes)?;
    Ok((text::normal(typed), script))
}

fn checked_note(typed: &str) -> Result<&str, MacroError> {
    let note = typed.trim();
    if note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
        return Err(MacroError::Note);
    }
    Ok(note)
}

impl Library {
    /// The macros in this store.
    pub fn new(parts: LibraryParts) -> Self {
        Self { parts }
    }

    fn store(&self) -> &Store {
        &self.parts.store
    }

    fn now_ms(&self) -> i64 {
        self.parts.clock.now_ms()
    }

    /// Every macro in its newest version, by name.
    ///
    /// # Errors
    /// [`MacroError::Denied`] for who may play none, [`MacroError::Store`].
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<Kept>, MacroError> {
        viewer.may::<RunMacros>()?;
        let rows = rows::all(self.store()).await?;
        Ok(rows.into_iter().map(Kept::read).collect())
    }

    /// A macro in its newest version.
    ///
    /// # Errors
    /// [`MacroError::Unknown`], [`MacroError::Denied`], [`MacroError::Store`].
    pub async fn get(&self, viewer: &Viewer, id: MacroId) -> Result<Kept, MacroError> {
        self.find(viewer, id, None).await
    }

    /// A macro in one of its versions.
    ///
    /// # Errors
    /// [`MacroError::Unknown`], [`MacroError::Denied`], [`MacroError::Store`].
    pub async fn version(&self, viewer: &Viewer, id: MacroId, version: u32) -> Result<Kept, MacroError> {
        self.find(viewer, id, Some(version)).await
    }

    async fn find(&self, viewer: &Viewer, id: MacroId, version: Option<u32>) -> Result<Kept, MacroError> {
        viewer.may::<RunMacros>()?;
        let row = rows::version(self.store(), id, version).await?;
        row.map(Kept::read).ok_or(MacroError::Unknown)
    }

    /// The versions of a macro, the newest first.
    ///
    /// # Errors
    /// [`MacroError::Unknown`], [`MacroError::Denied`], [`MacroError::Store`].
    pub async fn versions(&self, viewer: &Viewer, id: MacroId) -> Result<Vec<VersionLine>, MacroError> {
        self.get(viewer, id).await?;
        let rows = rows::versions(self.store(), id).await?;
        let line = |row: rows::VersionRow| VersionLine {
            version: row.version,
            saved_at: row.saved_at,
            saved_by: row.saved_by,
            note: row.note,
            by_program: row.by_program,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// A new macro, as version 1.
    ///
    /// # Errors
    /// [`MacroError::Mistakes`], [`MacroError::NameTaken`], [`MacroError::TooMany`], [`MacroError::Note`],
    /// [`MacroError::Store`].
    pub async fn add(&self, may: &May<EditMacros>, typed: &str, note: &str) -> Result<Kept, MacroError> {
        let (text, script) = checked(typed)?;
        let note = checked_note(note)?;
        let mut tx = self.store().begin().await?;
        if rows::count(&mut tx).await? >= MOST_MACROS {
            return Err(MacroError::TooMany);
        }
        let new = self.of_person(may, &script, &text, note);
        let id = rows::insert(&mut tx, None, &new).await?;
        self.told(&mut tx, may, action::MACRO_ADDED, script.name.clone())
            .await?;
        tx.commit().await?;
        self.get(may, id).await
    }

    /// A further version of a macro, made from `base_version`. A text that changes nothing makes no version.
    ///
    /// # Errors
    /// [`MacroError::Mistakes`], [`MacroError::Conflict`], [`MacroError::Unknown`], [`MacroError::NameTaken`],
    /// [`MacroError::Note`], [`MacroError::Store`].
    pub async fn save(
        &self,
        may: &May<EditMacros>,
        id: MacroId,
        base_version: u32,
        typed: &str,
        note: &str,
    ) -> Result<Kept, MacroError> {
        let (text, script) = checked(typed)?;
        let note = checked_note(note)?;
        let before = self.get(may, id).await?;
        if before.version == base_version && before.text == text {
            return Ok(before);
        }
        let mut tx = self.store().begin().await?;
        let current = rows::newest(&mut tx, id).await?.ok_or(MacroError::Unknown)?;
        if current != base_version {
            return Err(MacroError::Conflict { current });
        }
        let new = self.of_person(may, &script, &text, note);
        self.append(&mut tx, may, id, current, &new).await?;
        tx.commit().await?;
        self.get(may, id).await
    }

    /// Makes an earlier version the newest again, as a further version.
    ///
    /// # Errors
    /// [`MacroError::Unknown`], [`MacroError::Mistakes`] of a version that this program cannot read,
    /// [`MacroError::NameTaken`], [`MacroError::Store`].
    pub async fn restore_version(&self, may: &May<EditMacros>, id: MacroId, version: u32) -> Result<Kept, MacroError> {
        let earlier = self.version(may, id, version).await?;
        let (text, script) = checked(&earlier.text)?;
        let note = format!("Restored version {version}");
        let new = self.of_person(may, &script, &text, &note);
        self.append_newest(may, id, &new).await
    }

    /// Puts what came with the program in the place of what a person made of it, as a further version; later programs
    /// update it again.
    ///
    /// # Errors
    /// [`MacroError::Unknown`], [`MacroError::NotBuiltIn`], [`MacroError::NameTaken`], [`MacroError::Store`].
    pub async fn restore_built_in(&self, may: &May<EditMacros>, id: MacroId) -> Result<Kept, MacroError> {
        let kept = self.get(may, id).await?;
        let built_in = kept.built_in.and_then(library::find).ok_or(MacroError::NotBuiltIn)?;
        let (text, script) = checked(built_in.text)?;
        let new = NewVersion {
            edition: Some(built_in.edition),
            ..self.of_person(may, &script, &text, "Restored what comes with the program")
        };
        self.append_newest(may, id, &new).await
    }

    async fn append_newest(
        &self,
        may: &May<EditMacros>,
        id: MacroId,
        new: &NewVersion<'_>,
    ) -> Result<Kept, MacroError> {
        let mut tx = self.store().begin().await?;
        let current = rows::newest(&mut tx, id).await?.ok_or(MacroError::Unknown)?;
        self.append(&mut tx, may, id, current, new).await?;
        tx.commit().await?;
        self.get(may, id).await
    }

    async fn append(
        &self,
        tx: &mut WriteTx,
        viewer: &Viewer,
        id: MacroId,
        current: u32,
        new: &NewVersion<'_>,
    ) -> Result<(), MacroError> {
        let version = current.saturating_add(1);
        rows::add_version(tx, id, version, new).await?;
        let detail = format!("{}, version {version}", new.name);
        self.told(tx, viewer, action::MACRO_CHANGED, detail).await
    }

    /// Takes a macro off the list; its versions stay for the reports that name them.
    ///
    /// # Errors
    /// [`MacroError::Unknown`], [`MacroError::BuiltIn`], [`MacroError::Store`].
    pub async fn remove(&self, may: &May<EditMacros>, id: MacroId) -> Result<(), MacroError> {
        if self.get(may, id).await?.built_in.is_some() {
            return Err(MacroError::BuiltIn);
        }
        let mut tx = self.store().begin().await?;
        let removed = rows::remove(&mut tx, id, self.now_ms()).await?;
        let name = removed.ok_or(MacroError::Unknown)?;
        self.told(&mut tx, may, action::MACRO_REMOVED, name).await?;
        Ok(tx.commit().await?)
    }

    /// Brings the macros that come with the program: adds what is missing, updates what nobody edited. Called at each start.
    ///
    /// # Errors
    /// [`MacroError::Store`].
    pub async fn furnish(&self) -> Result<(), MacroError> {
        let kept = rows::all(self.store()).await?;
        for built_in in library::ALL {
            let known = kept.iter().find(|row| row.built_in.as_deref() == Some(built_in.word));
            if known.is_some_and(|row| !row.by_program || row.edition >= built_in.edition) {
                continue;
            }
            match self.furnish_one(built_in, known).await {
                // Somebody has a macro of this name: theirs stays, and tells where the other one is.
                Err(MacroError::NameTaken) => {
                    tracing::warn!(
                        name = built_in.word,
                        "a built-in macro is left out: there is another one of its name"
                    );
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn furnish_one(&self, built_in: &BuiltIn, known: Option<&Row>) -> Result<(), MacroError> {
        let (text, script) = checked(built_in.text)?;
        let new = NewVersion {
            name: &script.name,
            danger: script.danger.as_str(),
            text: &text,
            note: "Comes with the program",
            edition: Some(built_in.edition),
            at: self.now_ms(),
            by: PROGRAM,
        };
        let system = Viewer::system();
        let mut tx = self.store().begin().await?;
        if let Some(row) = known {
            self.append(&mut tx, &system, row.id, row.newest, &new).await?;
        } else {
            rows::insert(&mut tx, Some(built_in.word), &new).await?;
            self.told(&mut tx, &system, action::MACRO_ADDED, script.name.clone())
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The ring tones that may be played, in the order of the choice.
    ///
    /// # Errors
    /// [`MacroError::Denied`], [`MacroError::Store`].
    pub async fn tones(&self, viewer: &Viewer) -> Result<Vec<String>, MacroError> {
        viewer.may::<RunMacros>()?;
        let listed = rows::tones(self.store()).await?;
        if listed.is_empty() {
            return Ok(tones::STOCK_TONES.map(str::to_owned).to_vec());
        }
        Ok(listed)
    }

    /// Puts another list in the place of the ring tones.
    ///
    /// # Errors
    /// [`MacroError::Tones`], [`MacroError::Store`].
    pub async fn set_tones(&self, may: &May<EditMacros>, typed: Vec<String>) -> Result<(), MacroError> {
        let names = tones::checked(typed).map_err(MacroError::Tones)?;
        let mut tx = self.store().begin().await?;
        rows::set_tones(&mut tx, &names).await?;
        let detail = format!("{} listed", names.len());
        self.told(&mut tx, may, action::TONES_CHANGED, detail).await?;
        Ok(tx.commit().await?)
    }

    fn of_person<'a>(&self, viewer: &'a Viewer, script: &'a Script, text: &'a str, note: &'a str) -> NewVersion<'a> {
        NewVersion {
            name: &script.name,
            danger: script.danger.as_str(),
            text,
            note,
            edition: None,
            at: self.now_ms(),
            by: &viewer.name,
        }
    }

    async fn told(
        &self,
        tx: &mut WriteTx,
        viewer: &Viewer,
        what: audit::Action,
        detail: String,
    ) -> Result<(), MacroError> {
        let event = Event::new(self.now_ms(), viewer.actor(), what).detail(detail);
        audit::record(tx, &event).await?;
        Ok(())
    }
}

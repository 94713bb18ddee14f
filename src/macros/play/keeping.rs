//! Runs and pictures that are kept: reading them, closing what an earlier program left open, removing the old.

use bytes::Bytes;

use super::ending::Ending;
use super::error::PlayError;
use super::start::settle;
use super::types::{Playing, RunLine, RunView};
use super::{Macros, Shared};
use crate::audit::{self, Actor, Event, Outcome, action};
use crate::domain::ids::{ClusterId, EvidenceId, MacroId, MacroRunId, PhoneId};
use crate::domain::screen::{Picture, ScreenFormat};
use crate::domain::script::RunEnd;
use crate::security::{EditMacros, May, Viewer};
use crate::store::{self, macro_runs as rows, sights};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The most runs of one list.
const MOST_LINES: u32 = 200;

/// A screen that somebody recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The row.
    pub id: i64,
    /// CUCM's name of the model.
    pub model: String,
    /// The load.
    pub load: String,
    /// What macros expect there.
    pub expectation: String,
    /// The row or softkey that was named there.
    pub row: Option<u8>,
    /// The whole picture.
    pub picture: EvidenceId,
    /// Who recognised it.
    pub by: String,
    /// Unix milliseconds.
    pub at: i64,
}

impl Macros {
    /// One run, under way or over.
    ///
    /// # Errors
    /// [`PlayError::Unknown`], also for one on a phone of a cluster the viewer may not know of.
    pub async fn run(&self, viewer: &Viewer, id: MacroRunId) -> Result<RunView, PlayError> {
        let kept = rows::find(&self.shared.parts.store, id, viewer.clusters.as_ref()).await?;
        let kept = kept.ok_or(PlayError::Unknown)?;
        let live = self
            .shared
            .running()
            .runs
            .get(&id)
            .map(|live| live.view.borrow().clone());
        match live {
            Some(view) => Ok(RunView::clone(&view)),
            None => view_of(&kept).ok_or(PlayError::Unknown),
        }
    }

    /// Runs on a phone, newest first.
    ///
    /// # Errors
    /// [`PlayError::Phone`].
    pub async fn runs_of_phone(&self, viewer: &Viewer, phone: PhoneId, limit: u32) -> Result<Vec<RunLine>, PlayError> {
        self.shared.parts.inventory.require(viewer, phone).await?;
        let lines = rows::of_phone(&self.shared.parts.store, phone, limit.clamp(1, MOST_LINES)).await?;
        Ok(lines.into_iter().map(line_of).collect())
    }

    /// Runs of a macro on phones that the viewer may know of, newest first.
    ///
    /// # Errors
    /// [`PlayError::Store`].
    pub async fn runs_of_macro(&self, viewer: &Viewer, id: MacroId, limit: u32) -> Result<Vec<RunLine>, PlayError> {
        let (store, clusters) = (&self.shared.parts.store, viewer.clusters.as_ref());
        let lines = rows::of_macro(store, id, clusters, limit.clamp(1, MOST_LINES)).await?;
        Ok(lines.into_iter().map(line_of).collect())
    }

    /// A picture of a run.
    ///
    /// # Errors
    /// [`PlayError::Unknown`], also when the run does not show it.
    pub async fn picture(&self, viewer: &Viewer, run: MacroRunId, id: EvidenceId) -> Result<Picture, PlayError> {
        let (store, clusters) = (&self.shared.parts.store, viewer.clusters.as_ref());
        rows::find(store, run, clusters).await?.ok_or(PlayError::Unknown)?;
        if !rows::has_picture(store, run, id).await? {
            return Err(PlayError::Unknown);
        }
        self.evidence(id).await?.ok_or(PlayError::Unknown)
    }

    /// A picture that a run kept; none when its time is over. Who may see it is the caller's question.
    pub async fn evidence(&self, id: EvidenceId) -> Result<Option<Picture>, store::Error> {
        let kept = sights::picture(&self.shared.parts.store, id).await?;
        Ok(kept.map(|kept| Picture {
            bytes: Bytes::from(kept.bytes),
            format: if kept.format == "png" {
                ScreenFormat::Png
            } else {
                ScreenFormat::Jpeg
            },
            width: u32::try_from(kept.width).unwrap_or(0),
            height: u32::try_from(kept.height).unwrap_or(0),
        }))
    }

    /// Screens that were recognised, the newest first.
    ///
    /// # Errors
    /// [`PlayError::Store`].
    pub async fn sights(&self, _may: &May<EditMacros>) -> Result<Vec<Sight>, PlayError> {
        let lines = sights::all(&self.shared.parts.store).await?;
        let sight = |line: sights::SightLine| Sight {
            id: line.id,
            model: line.model,
            load: line.load,
            expectation: line.expectation,
            row: line.row.and_then(|row| u8::try_from(row).ok()),
            picture: EvidenceId(line.evidence_id),
            by: line.remembered_by,
            at: line.remembered_at,
        };
        Ok(lines.into_iter().map(sight).collect())
    }

    /// The picture of a recognised screen.
    ///
    /// # Errors
    /// [`PlayError::Unknown`].
    pub async fn sight_picture(&self, _may: &May<EditMacros>, id: EvidenceId) -> Result<Picture, PlayError> {
        if !sights::has_picture(&self.shared.parts.store, id).await? {
            return Err(PlayError::Unknown);
        }
        self.evidence(id).await?.ok_or(PlayError::Unknown)
    }

    /// Forgets a recognised screen: a person is asked again there.
    ///
    /// # Errors
    /// [`PlayError::Unknown`].
    pub async fn forget_sight(&self, _may: &May<EditMacros>, id: i64) -> Result<(), PlayError> {
        let mut tx = self.shared.parts.store.begin().await?;
        if !sights::forget(&mut tx, id).await? {
            return Err(PlayError::Unknown);
        }
        Ok(tx.commit().await?)
    }

    /// Closes the runs that an earlier program left open; answers how many. One that had sent anything is unsure: nobody
    /// knows how far it came, and nothing of it is repeated. To be called before the first run.
    ///
    /// # Errors
    /// [`PlayError::Store`].
    pub async fn recover(&self) -> Result<u64, PlayError> {
        let open = rows::unfinished(&self.shared.parts.store).await?;
        let mut closed = 0;
        for kept in &open {
            let ending = if kept.touched {
                let evidence = "The program ended in the middle of the run: nobody knows how far it came";
                Ending::new(RunEnd::Unsure, evidence)
            } else {
                Ending::stopped("The program ended before anything was sent to the phone")
            };
            let Some(mut view) = view_of(kept) else {
                self.shared.end_unread(kept, &ending).await?;
                closed += 1;
                continue;
            };
            settle(&mut view, &ending, self.shared.parts.clock.now_ms());
            self.shared
                .end(&view, Actor::system(), ClusterId(kept.cluster_id))
                .await?;
            closed += 1;
        }
        self.sweep().await?;
        Ok(closed)
    }

    /// Removes runs that are older than they may become, and pictures that nothing needs any more.
    pub async fn sweep(&self) -> Result<(), store::Error> {
        let days = self.shared.parts.settings.keep_days;
        if days == 0 {
            return Ok(());
        }
        let oldest = self.shared.parts.clock.now_ms() - i64::try_from(days).unwrap_or(i64::MAX / DAY_MS) * DAY_MS;
        let mut tx = self.shared.parts.store.begin().await?;
        rows::remove_before(&mut tx, oldest).await?;
        sights::remove_pictures_before(&mut tx, oldest).await?;
        tx.commit().await
    }
}

impl Shared {
    /// Ends a run whose record cannot be read: its row is all that is known.
    async fn end_unread(&self, kept: &rows::Kept, ending: &Ending) -> Result<(), store::Error> {
        let now = self.parts.clock.now_ms();
        let end = rows::End {
            state: ending.end.as_str(),
            cause: "",
            ended_at: now,
            record: &kept.record,
        };
        let (run, end_word) = (kept.id, ending.end.as_str());
        let event = Event::new(now, Actor::system(), action::MACRO_ENDED)
            .detail(format!("run {run}, whose record cannot be read: {end_word}"))
            .ended(Outcome::Failed, None);
        let mut tx = self.parts.store.begin().await?;
        if rows::end(&mut tx, MacroRunId(kept.id), &end).await? {
            audit::record(&mut tx, &event).await?;
        }
        tx.commit().await
    }
}

/// A run as the store has it; none when its record cannot be read.
fn view_of(kept: &rows::Kept) -> Option<RunView> {
    let view: RunView = serde_json::from_str(&kept.record).ok()?;
    let state = RunEnd::ALL
        .into_iter()
        .find(|end| end.as_str() == kept.state)
        .map_or(view.state, Playing::Over);
    Some(RunView {
        id: MacroRunId(kept.id),
        phone: PhoneId(kept.phone_id),
        state,
        ..view
    })
}

fn line_of(line: rows::Line) -> RunLine {
    RunLine {
        id: MacroRunId(line.id),
        macro_id: MacroId(line.macro_id),
        macro_name: line.macro_name,
        version: u32::try_from(line.version).unwrap_or(0),
        phone: PhoneId(line.phone_id),
        phone_name: line.phone_name,
        by: line.by_name,
        dry_run: line.dry_run,
        state: line.state,
        cause: line.cause.parse().ok(),
        began_at: line.began_at,
        ended_at: line.ended_at,
    }
}

//! Looks: readings and diagnoses that a run asks for, in the background, one of a kind at a time.

use super::known::{Diagnosed, Seen};
use super::runs::{Run, note};
use super::step::{Reading, Step};
use super::{Error, Wizards};
use crate::domain::ids::{PhoneId, WizardRunId};
use crate::security::{Diagnose, May};
use crate::store::{self, wizards as rows};

/// The word of the diagnosis among the readings of a run.
pub(super) const DIAGNOSIS: &str = "diagnosis";
/// After so long, in milliseconds, a look counts as cut off: the series takes two minutes at most.
pub(super) const LONGEST_MS: i64 = 150_000;
/// What is older than this, in milliseconds, is seen anew when a step is entered.
const FRESH_MS: i64 = 60_000;
/// While somebody waits for the phone it is looked for this often, in milliseconds.
const WAIT_MS: i64 = 10_000;

impl Wizards {
    /// Looks at everything that a step shows, because somebody asked for it.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::UnknownStep`], [`Error::After`], [`Error::NotNeeded`], [`Error::Store`].
    pub async fn look(&self, may: &May<Diagnose>, id: WizardRunId, step: &str) -> Result<(), Error> {
        let run = self.open(may, id).await?;
        let (_, place) = run.path.open(step)?;
        let now = self.now_ms();
        let mut tx = self.store().begin().await?;
        rows::note(&mut tx, id, &note(may, now, place.step.id, "asked Sidetone to look")).await?;
        tx.commit().await?;
        if !place.step.checks.is_empty() {
            self.begin_look(may, &run, None).await?;
        }
        if let Some(reading) = place.step.reading {
            self.begin_look(may, &run, Some(reading)).await?;
        }
        Ok(())
    }

    /// Looks at what a step shows when nothing is known of it, or only something old.
    pub(super) async fn look_if_due(&self, may: &May<Diagnose>, run: &Run, step: &str) -> Result<(), Error> {
        let Some(step) = run.line.kind.steps().iter().find(|known| known.id == step) else {
            return Ok(());
        };
        let now = self.now_ms();
        let stale = |at: i64, known: bool| !known || now - at >= FRESH_MS;
        let diagnosis = &run.known.diagnosis;
        if !step.checks.is_empty() && stale(diagnosis.at, diagnosis.seen.is_some()) {
            self.begin_look(may, run, None).await?;
        }
        if let Some(reading) = step.reading.filter(|reading| !reading.only_on_demand()) {
            let look = run.known.readings.get(reading.id());
            // Other addresses may have been typed since the server was asked.
            let always = reading == Reading::Tftp;
            if always || look.is_none_or(|look| stale(look.at, look.seen.is_some())) {
                self.begin_look(may, run, Some(reading)).await?;
            }
        }
        Ok(())
    }

    /// Looks for the phone again while somebody has the page open on which it is waited for.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn watch(&self, may: &May<Diagnose>, run: &Run, step: &Step) -> Result<(), Error> {
        let waits = step.reading == Some(Reading::Back);
        let look = run.known.readings.get(Reading::Back.id());
        let due = look.is_none_or(|look| self.now_ms() - look.at >= WAIT_MS);
        if waits && due {
            self.begin_look(may, run, Some(Reading::Back)).await?;
        }
        Ok(())
    }

    /// Begins a look, unless one of its kind is under way in this run. None: the diagnosis.
    async fn begin_look(&self, may: &May<Diagnose>, run: &Run, reading: Option<Reading>) -> Result<(), Error> {
        let (id, now) = (run.line.id, self.now_ms());
        let word = reading.map_or(DIAGNOSIS, Reading::id);
        let mut tx = self.store().begin().await?;
        let mine = rows::begin_look(&mut tx, id, word, now, now - LONGEST_MS).await?;
        tx.commit().await?;
        if !mine {
            return Ok(());
        }
        let (wizards, may, run) = (self.clone(), may.clone(), run.clone());
        self.parts.tasks.spawn("wizard look", async move {
            let stop = wizards.parts.tasks.stop_token();
            let looking = Box::pin(wizards.see(&may, &run, reading));
            let ended = tokio::select! {
                ended = looking => ended,
                () = stop.cancelled() => return,
            };
            if let Err(error) = ended {
                tracing::error!(error = %error, "what a wizard saw could not be kept: {error}");
            }
        });
        Ok(())
    }

    async fn see(&self, may: &May<Diagnose>, run: &Run, reading: Option<Reading>) -> Result<(), store::Error> {
        let (word, body) = match reading {
            None => {
                let diagnosed = self.diagnose(may, run).await;
                // Strings, numbers and lists of them: nothing in it can fail to be written.
                (DIAGNOSIS, serde_json::to_string(&diagnosed).unwrap_or_default())
            }
            Some(reading) => {
                let seen: Seen = self.read(may, run, reading).await;
                (reading.id(), serde_json::to_string(&seen).unwrap_or_default())
            }
        };
        let mut tx = self.store().begin().await?;
        rows::end_look(&mut tx, run.line.id, word, &body, self.now_ms()).await?;
        tx.commit().await
    }

    async fn diagnose(&self, may: &May<Diagnose>, run: &Run) -> Diagnosed {
        let failed = |failed: String| Diagnosed {
            id: 0,
            verdict: None,
            findings: Vec::new(),
            failed: Some(failed),
        };
        let Some(phone) = &run.known.phone else {
            return failed("This wizard is about no phone.".to_owned());
        };
        match self.parts.diagnoses.run(may, PhoneId(phone.id)).await {
            Ok(record) => Diagnosed {
                id: record.id.0,
                verdict: record.verdict.clone(),
                findings: record.findings.clone(),
                failed: None,
            },
            Err(error) => failed(error.to_string()),
        }
    }
}

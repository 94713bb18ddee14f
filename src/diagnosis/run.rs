//! One diagnosis from its begin to its verdict.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::checks::examine;
use super::record::{Record, RecordState};
use super::seen::{Options, Seen};
use super::verdict::{Named, verdict};
use super::{MOST_OF_ONE_PHONE, Shared};
use crate::audit::{self, Actor, Outcome};
use crate::domain::cause::Cause;
use crate::domain::finding::{Certainty, CheckId, Finding, Shown, Sign, UrlSource, Verdict};
use crate::domain::screen::ScreenFormat;
use crate::inventory::{self, Observed, Subject};
use crate::store::{self, diagnoses as rows};
use crate::telemetry;

/// The largest picture that is kept, in bytes.
const LARGEST_PICTURE: usize = 4 * 1024 * 1024;

/// One diagnosis under way.
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) subject: Subject,
    pub(super) options: Options,
    pub(super) actor: Actor,
    pub(super) record: watch::Sender<Arc<Record>>,
}

impl Run {
    /// Runs every check, makes the verdict, keeps both, then tells who follows. A stopping program interrupts it.
    pub(super) async fn finish(self) {
        let stop = self.shared.tasks.stop_token();
        let found = tokio::select! {
            found = Box::pin(self.examine()) => Some(found),
            () = stop.cancelled() => None,
        };
        let mut record = Record::clone(&self.record.borrow());
        record.finished_at = Some(self.shared.tools.clock.now_ms());
        let mut picture = None;
        if let Some(seen) = found {
            record.state = RecordState::Finished;
            picture = kept_picture(&record, &seen).await;
            record.has_picture = picture.is_some();
            record.verdict = Some(verdict(&record.findings, &named(&record)));
        } else {
            record.state = RecordState::Interrupted;
        }
        if let Err(error) = self.keep(&record, picture.as_ref()).await {
            tracing::error!(diagnosis.id = %record.id, "diagnosis {} ended, but its end could not be kept: {error}", record.id);
        }
        if let Some(verdict) = &record.verdict {
            telemetry::count_diagnosis(verdict.cause);
            self.note_readiness(verdict).await;
        }
        let phone = record.phone;
        self.record.send_replace(Arc::new(record));
        self.shared.running().remove(&phone);
    }

    /// Lets every check look, and hands on each finding as it comes.
    async fn examine(&self) -> Arc<Seen> {
        let (progress, mut found) = mpsc::unbounded_channel();
        let (subject, tools) = (self.subject.clone(), self.shared.tools.clone());
        let mut examining = Box::pin(examine(subject, tools, self.options, &progress));
        let (findings, seen) = loop {
            tokio::select! {
                done = &mut examining => break done,
                Some(finding) = found.recv() => self.add([finding]),
            }
        };
        self.add(findings);
        // A sync may have removed the phone meanwhile, or a person its cluster.
        if let Err(inventory::Error::UnknownPhone | inventory::Error::UnknownCluster) =
            self.shared.tools.inventory.subject(self.subject.phone.id).await
        {
            let gone = "The phone was removed from the list of phones while it was examined";
            self.add([Finding::failed(CheckId::PhoneKnown, gone).sign(Sign::PhoneUnknown)]);
        }
        seen
    }

    fn add(&self, findings: impl IntoIterator<Item = Finding>) {
        self.record.send_modify(|record| {
            let record = Arc::make_mut(record);
            for finding in findings {
                record.add(finding);
            }
        });
    }

    /// Writes the end with its line in the trail, and removes what is one too many of this phone.
    async fn keep(&self, record: &Record, picture: Option<&rows::KeptPicture>) -> Result<(), store::Error> {
        let verdict = record.verdict.as_ref();
        let report = as_json(record);
        let end = rows::End {
            finished_at: record.finished_at.unwrap_or(record.started_at),
            state: record.state.as_str(),
            cause: verdict.map_or("", |verdict| verdict.cause.code()),
            certainty: verdict.map_or("", |verdict| verdict.certainty.as_str()),
            report: &report,
            picture,
        };
        let event = self.shared.event(record, self.actor.clone());
        let event = match verdict {
            Some(verdict) => {
                let cause = Some(verdict.cause).filter(|cause| *cause != Cause::None);
                let (id, cause_code, certainty) = (record.id, verdict.cause, verdict.certainty.as_str());
                event
                    .detail(format!("diagnosis {id}: {cause_code}, {certainty}"))
                    .ended(Outcome::Done, cause)
            }
            None => event
                .detail(format!("diagnosis {}: interrupted, as the program stops", record.id))
                .ended(Outcome::Failed, None),
        };
        let mut tx = self.shared.tools.store.begin().await?;
        if rows::end(&mut tx, record.id, &end).await? {
            audit::record(&mut tx, &event).await?;
        }
        rows::keep_newest(&mut tx, record.phone, MOST_OF_ONE_PHONE).await?;
        tx.commit().await
    }

    /// Lists of phones show what was found, unless it is only possible.
    async fn note_readiness(&self, verdict: &Verdict) {
        let observed = match (verdict.cause, verdict.certainty) {
            (_, Certainty::Possible) => return,
            (Cause::None, _) => Observed::Ready,
            (cause, _) => Observed::Blocked(cause),
        };
        let noted = self
            .shared
            .tools
            .inventory
            .note_readiness(self.subject.phone.id, observed);
        if let Err(error) = noted.await {
            tracing::warn!(error = %error, "the readiness of a phone cannot be written: {error}");
        }
    }
}

/// A record as it is kept.
pub(super) fn as_json(record: &Record) -> String {
    // Strings, numbers and lists of them: nothing in a record can fail to be written.
    serde_json::to_string(record).unwrap_or_default()
}

/// The picture that the first try gave; it was decoded by the check that says so, and is not asked for again.
async fn kept_picture(record: &Record, seen: &Seen) -> Option<rows::KeptPicture> {
    if !record.has(&Sign::Shot(Shown::Picture)) {
        return None;
    }
    let picture = seen.picture().await?.as_ref().ok()?;
    (picture.bytes.len() <= LARGEST_PICTURE).then(|| rows::KeptPicture {
        bytes: picture.bytes.to_vec(),
        format: match picture.format {
            ScreenFormat::Png => "png",
            ScreenFormat::Jpeg => "jpeg",
        }
        .to_owned(),
        width: picture.width.into(),
        height: picture.height.into(),
    })
}

/// The values that the sentences name.
fn named(record: &Record) -> Named {
    let in_force = record
        .findings
        .iter()
        .find(|finding| finding.check == CheckId::UrlInForce);
    // CUCM's come first, the strongest before the others; what the phone reports is the last.
    let by_phone = record
        .signs()
        .any(|sign| matches!(sign, Sign::UrlInForce(UrlSource::Phone, _)));
    let mut urls = in_force
        .into_iter()
        .flat_map(|finding| &finding.details)
        .filter(|detail| detail.text.starts_with("http"));
    let url = if by_phone { urls.next_back() } else { urls.next() };
    Named {
        phone: record.phone_name.clone(),
        model: record.model.clone(),
        login: record.control_login.clone(),
        cluster: record.cluster_name.clone(),
        url: url.map(|detail| detail.text.clone()),
    }
}

//! Taking a remedy back: only while things are as it left them.

use std::sync::Arc;
use std::time::Instant;

use super::act::Mishap;
use super::apply::{Line, Told, confirmed, unrecorded};
use super::kept::Kept;
use super::plan::{device, in_time};
use super::types::{Applied, RunState};
use super::{Case, Remedies, RemedyError, RemedyId, Shared, association, push, urls, vendor};
use crate::audit::{self, action};
use crate::domain::cause::Cause;
use crate::domain::ids::RemedyRunId;
use crate::inventory::{ClusterPatch, ControlPatch, TlsDraft, TlsMode};
use crate::security::{ManageClusters, May, PressKeys, Viewer};
use crate::store::remedies::{self as rows, Run};

/// What it takes to put one thing back.
enum Back {
    /// It is as before already.
    So,
    /// It is as the run left it.
    Do(Box<Step>),
}

enum Step {
    Dissociate { user: String, end_user: bool },
    Vendor(vendor::Write),
    Urls(urls::Write),
    Trust(TlsDraft),
    CucmLogin,
    ControlLogin { username: String, sealed: Vec<u8> },
    Address(Option<std::net::Ipv4Addr>),
}

impl Remedies {
    /// Takes a run back, then diagnoses the phone once. `confirmation` is the phone's name, where it has to take its
    /// configuration again and is in a call, or does not tell.
    ///
    /// # Errors
    /// [`RemedyError::Unconfirmed`], [`RemedyError::Busy`],
    /// [`RemedyError::UnknownRun`], [`RemedyError::Denied`], [`RemedyError::NotUndoable`], [`RemedyError::AlreadyDone`];
    /// [`RemedyError::Changed`] when somebody has changed it since; and as [`Remedies::apply`].
    pub async fn undo(
        &self,
        viewer: &Viewer,
        run: RemedyRunId,
        confirmation: Option<&str>,
    ) -> Result<Applied, RemedyError> {
        let shared = Arc::clone(&self.shared);
        let viewer = viewer.clone();
        let confirmation = confirmation.map(str::to_owned);
        let work = async move {
            let case = shared.undo(&viewer, run, confirmation.as_deref()).await?;
            let record = shared.first_look(&viewer, case.subject.phone.id, run).await;
            Ok(Applied {
                run,
                diagnosis: record.map(|record| record.id),
            })
        };
        let task = self.shared.parts.tasks.spawn("remedy undo", work);
        task.await.ok().flatten().unwrap_or(Err(RemedyError::Stopping))
    }
}

/// Whether a run can be taken back at all; why not.
pub(super) fn undoable(run: &Run) -> Result<RemedyId, RemedyError> {
    let refuse = |why: &str| Err(RemedyError::NotUndoable(why.to_owned()));
    let Ok(id) = run.remedy.parse::<RemedyId>() else {
        return refuse("this program does not know that remedy");
    };
    if run.state == RunState::Undone.as_str() {
        return Err(RemedyError::AlreadyDone("this was taken back already".to_owned()));
    }
    if run.state != RunState::Done.as_str() && run.state != RunState::Doubtful.as_str() {
        return refuse("it was not done, so that there is nothing to take back");
    }
    if !id.undo() {
        return refuse("what it does cannot be taken back");
    }
    if run.changes == "[]" {
        return refuse("everything was so already, and nothing was changed");
    }
    Ok(id)
}

impl Shared {
    /// Takes a run back without a look at the phone.
    pub(super) async fn undo(
        &self,
        viewer: &Viewer,
        id: RemedyRunId,
        confirmation: Option<&str>,
    ) -> Result<Case, RemedyError> {
        let run = rows::by_id(&self.parts.store, id)
            .await?
            .ok_or(RemedyError::UnknownRun)?;
        if !viewer.sees(run.cluster) {
            return Err(RemedyError::UnknownRun);
        }
        let remedy = undoable(&run)?;
        remedy.allow(viewer)?;
        let _turn = self.turn(run.cluster).await?;
        // Somebody may have taken it back while this one waited.
        let run = rows::by_id(&self.parts.store, id)
            .await?
            .ok_or(RemedyError::UnknownRun)?;
        undoable(&run)?;
        let case = self.case(viewer, run.phone).await?;
        if case.subject.phone.name != run.phone_name {
            return Err(RemedyError::NotUndoable(format!(
                "{} is no longer there",
                run.phone_name
            )));
        }
        if case.subject.cluster.id != run.cluster {
            let evidence = format!("{} belongs to another cluster now", run.phone_name);
            return Err(RemedyError::NotUndoable(evidence));
        }
        let kept: Kept = serde_json::from_str(&run.kept)
            .map_err(|_| RemedyError::Store(crate::store::Error::Corrupt("remedy_run.kept")))?;
        let back = in_time(self.back(&case, kept, run.kept_login.clone())).await?;
        if back.pushes() {
            let (_, confirm) = self.push_warnings(&case.subject).await;
            confirmed(confirm.as_ref(), confirmation)?;
        }
        let begun = Instant::now();
        let detail = format!("{remedy}: taken back");
        let event = self.event(viewer, &case.subject, action::REMEDY_UNDONE, detail);
        let event = audit::begin(&self.parts.store, &event)
            .await
            .map_err(|error| unrecorded(&error))?;
        let line = Line { event, begun };
        let outcome = match back {
            Back::So => Ok(None),
            Back::Do(step) => self.put_back(&case, *step).await,
        };
        match outcome {
            Ok(note) => {
                let mut tx = self.parts.store.begin().await?;
                rows::undo(&mut tx, id, self.parts.clock.now_ms(), &viewer.name).await?;
                // Of a visit: that it could not be taken back is not true any more.
                if note.is_some() || run.visit_until.is_some() {
                    rows::set_evidence(&mut tx, id, note.as_deref().unwrap_or_default()).await?;
                }
                tx.commit().await?;
                self.finish(&line, &Told::done()).await;
                Ok(case)
            }
            Err(Mishap::Failed(trouble)) => {
                self.finish(&line, &Told::failed(Some(&trouble))).await;
                Err(RemedyError::Failed(trouble))
            }
            Err(Mishap::Doubtful(trouble)) => Err(RemedyError::Doubtful(trouble)),
            Err(Mishap::Changed(what)) => {
                self.finish(&line, &Told::failed(None)).await;
                Err(RemedyError::Changed(what))
            }
            Err(Mishap::ReadOnly) => {
                self.finish(&line, &Told::failed(None)).await;
                self.note_read_only(&case.subject);
                Err(RemedyError::Guided(Box::new(self.guide_of(&case, remedy).await)))
            }
        }
    }

    /// Reads what is there now and compares it with what the run left.
    async fn back(&self, case: &Case, kept: Kept, sealed: Option<Vec<u8>>) -> Result<Back, RemedyError> {
        let cluster = &case.subject.cluster;
        match kept {
            Kept::Nothing => Err(RemedyError::NotUndoable("there is nothing to put back".to_owned())),
            Kept::Association { user, end_user } => {
                let device = device(&case.subject)?;
                let told = case.subject.cucm.user_of_kind(&user, end_user).await?;
                let there = told.is_some_and(|told| told.devices.iter().any(|name| name == device.as_str()));
                Ok(if there {
                    Back::step(Step::Dissociate { user, end_user })
                } else {
                    Back::So
                })
            }
            Kept::Vendor { key, before, after, .. } => {
                let device = device(&case.subject)?;
                let now = case.subject.cucm.get_phone(&device).await?;
                let value = now.vendor(&key).map(str::to_owned);
                if value == before {
                    return Ok(Back::So);
                }
                if value != after {
                    let shown = value.unwrap_or_else(|| "not set".to_owned());
                    return Err(RemedyError::Changed(format!("{key} is {shown} now; it stays so")));
                }
                Ok(Back::step(Step::Vendor(vendor::Write {
                    device,
                    before: Box::new(now),
                    key,
                    value: before,
                })))
            }
            Kept::Urls { before, after } => {
                let device = device(&case.subject)?;
                let detail = case.subject.cucm.get_phone(&device).await?;
                let now = urls::Pair::of(&detail);
                if now == before {
                    return Ok(Back::So);
                }
                if now != after {
                    let evidence = "the phone's Authentication URL was changed again since; it stays so".to_owned();
                    return Err(RemedyError::Changed(evidence));
                }
                Ok(Back::step(Step::Urls(urls::Write {
                    device,
                    before: Box::new(detail),
                    wished: before,
                })))
            }
            Kept::Certificate {
                mode,
                fingerprint,
                ca_pem,
                after,
            } => {
                let is_left =
                    cluster.tls.mode == TlsMode::Pinned && cluster.tls.fingerprint_sha256.as_ref() == Some(&after);
                if !is_left {
                    let evidence = "how CUCM's certificate is trusted was changed again since; it stays so".to_owned();
                    return Err(RemedyError::Changed(evidence));
                }
                Ok(Back::step(Step::Trust(TlsDraft {
                    mode,
                    fingerprint_sha256: fingerprint,
                    ca_pem,
                })))
            }
            Kept::ControlLogin {
                before,
                after,
                after_password,
            } => {
                let other_password = match after_password {
                    Some(left) => self.password_mark(cluster.id).await? != Some(left),
                    None => false,
                };
                if cluster.control_username != after || other_password {
                    let evidence = "the control login was changed again since; it stays so".to_owned();
                    return Err(RemedyError::Changed(evidence));
                }
                match (before, sealed) {
                    (None, _) => Ok(Back::step(Step::CucmLogin)),
                    (Some(username), Some(sealed)) => Ok(Back::step(Step::ControlLogin { username, sealed })),
                    (Some(_), None) => Err(RemedyError::NotUndoable("its password was not kept".to_owned())),
                }
            }
            Kept::Address { before, after } => match case.subject.phone.address {
                now if now == before => Ok(Back::So),
                now if now == Some(after) => Ok(Back::step(Step::Address(before))),
                _ => Err(RemedyError::Changed(
                    "the phone has another address by now; it stays so".to_owned(),
                )),
            },
        }
    }

    /// Carries it out; what to know about it, in words.
    async fn put_back(&self, case: &Case, step: Step) -> Result<Option<String>, Mishap> {
        let cucm = &case.subject.cucm;
        let cluster = case.subject.cluster.id;
        let patch = |patch: ClusterPatch| async move {
            let may: May<ManageClusters> = case.viewer.may()?;
            self.parts.inventory.change_cluster(&may, cluster, patch).await?;
            Ok::<(), Mishap>(())
        };
        match step {
            Step::Dissociate { user, end_user } => {
                let name = case.subject.name.as_ref();
                let device = name.ok_or_else(|| Mishap::failed(Cause::PhoneUnknown, "the phone has no device name"))?;
                association::remove(cucm, (&user, end_user), device).await?;
            }
            Step::Vendor(write) => {
                vendor::write(cucm, &write).await?;
                return Ok(push::take(case, &write.device).await);
            }
            Step::Urls(write) => {
                urls::write(cucm, &write).await?;
                return Ok(push::take(case, &write.device).await);
            }
            Step::Trust(tls) => {
                patch(ClusterPatch {
                    tls: Some(tls),
                    ..ClusterPatch::default()
                })
                .await?;
            }
            Step::CucmLogin => {
                patch(ClusterPatch {
                    control_login: ControlPatch::CucmLogin,
                    ..ClusterPatch::default()
                })
                .await?;
            }
            Step::ControlLogin { username, sealed } => {
                let may: May<ManageClusters> = case.viewer.may()?;
                let inventory = &self.parts.inventory;
                inventory
                    .restore_control_login(&may, cluster, &username, &sealed)
                    .await?;
            }
            Step::Address(address) => {
                let may: May<PressKeys> = case.viewer.may()?;
                let phone = case.subject.phone.id;
                self.parts.inventory.set_address(&may, phone, address).await?;
            }
        }
        Ok(None)
    }
}

impl Back {
    fn step(step: Step) -> Self {
        Self::Do(Box::new(step))
    }

    /// Whether the phone is made to take its configuration.
    fn pushes(&self) -> bool {
        matches!(self, Self::Do(step) if matches!(**step, Step::Vendor(_) | Step::Urls(_)))
    }
}

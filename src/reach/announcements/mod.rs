//! Announcements: a sound played on many phones at once, by RTP.
//!
//! A phone that was told to listen goes on until it is told to stop: it neither notices that nothing comes any more, nor
//! lets anything else through meanwhile. So before it is told to listen that is kept in the store, and it is told to stop
//! however the announcement ends: by this run of the program, or by the next (decision 0016).

mod leftovers;
mod phone;
mod rtp;
mod run;
mod sender;
mod view;

use std::collections::{BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Busy, Reach, ReachError, limits};
use crate::domain::ids::{AnnouncementId, PhoneId, SoundId, UserId};
use crate::inventory::Phone;
use crate::security::{May, ReachPeople, RunJobs, Viewer};
use crate::store::reach::announcements as rows;

pub(super) use leftovers::LOOK_EVERY;
pub use view::{AnnouncementView, Ending, Hearing, HearingPhone, Mode};

use run::Run;

/// Phones of one multicast announcement.
const MOST_PHONES: usize = 5_000;
/// Announcements of one list.
const MOST_LISTED: i64 = 100;

/// What to play, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The sound.
    pub sound: SoundId,
    /// The phones; twice the same counts once.
    pub phones: Vec<PhoneId>,
    /// How it travels.
    pub mode: Mode,
    /// 0 to 100.
    pub volume: u8,
    /// What becomes of phones in a call.
    pub busy: Busy,
}

/// An announcement under way.
#[derive(Debug, Clone)]
struct Running {
    view: watch::Sender<Arc<AnnouncementView>>,
    cancel: CancellationToken,
    phones: Arc<BTreeSet<PhoneId>>,
    group: Option<Ipv4Addr>,
}

/// Announcements under way, and phones that are being told to stop.
#[derive(Debug, Default)]
pub(super) struct OnAir {
    running: Mutex<HashMap<AnnouncementId, Running>>,
    /// Held while one is begun, so that limits hold.
    starting: tokio::sync::Mutex<()>,
    /// Phones of earlier announcements that are being told to stop just now.
    silencing: watch::Sender<BTreeSet<PhoneId>>,
    waits: Mutex<leftovers::Waits>,
}

impl OnAir {
    fn lock(&self) -> MutexGuard<'_, HashMap<AnnouncementId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, phone: PhoneId) -> bool {
        self.lock().values().any(|running| running.phones.contains(&phone))
    }
}

impl Reach {
    /// Plays a sound on phones: on one with the right to reach people, on more with the right to run jobs. It goes on,
    /// whatever its person does, until it is over or somebody stops it.
    ///
    /// # Errors
    /// [`ReachError::Invalid`] (`phones`, `volume`, `mode`), [`ReachError::Unknown`], [`ReachError::UnknownPhone`],
    /// [`ReachError::TooMany`], [`ReachError::InUse`]; no phone was told anything then.
    pub async fn announce(&self, viewer: &Viewer, order: Announcement) -> Result<AnnouncementId, ReachError> {
        let may: May<ReachPeople> = viewer.may()?;
        let phones = self.listeners(viewer, &order).await?;
        let sound = self.sound(viewer, order.sound).await?;
        let samples = self.shared.files.read_sound(order.sound).await?;
        let shared = &self.shared;
        let _turn = shared.on_air.starting.lock().await;
        let group = self.room(&order, &phones)?;
        let mut tx = shared.store.begin().await?;
        let new = rows::New {
            sound_id: order.sound.0,
            sound_name: &sound.name,
            samples: i64::try_from(samples.len()).unwrap_or(i64::MAX),
            mode: order.mode.as_str(),
            volume: order.volume,
            busy: order.busy.as_str(),
            user: viewer.user,
            user_name: &viewer.name,
            at: shared.clock.now_ms(),
        };
        let id = rows::insert(&mut tx, &new).await?;
        let waiting = Hearing::Waiting.as_str();
        for phone in &phones {
            rows::add_phone(&mut tx, id, phone.id, &phone.name, phone.cluster_id, waiting).await?;
        }
        tx.commit().await?;
        let view = self.stored(id).await?;
        let running = Running {
            view: watch::Sender::new(Arc::new(view)),
            cancel: CancellationToken::new(),
            phones: Arc::new(phones.iter().map(|phone| phone.id).collect()),
            group,
        };
        shared.on_air.lock().insert(id, running.clone());
        let run = Run::new(Arc::clone(shared), id, may, order, running, samples);
        shared.tasks.spawn("announcement", run.perform());
        Ok(id)
    }

    /// The phones that are meant, each once, none that the viewer may not know of.
    async fn listeners(&self, viewer: &Viewer, order: &Announcement) -> Result<Vec<Phone>, ReachError> {
        let ids: Vec<PhoneId> = order
            .phones
            .iter()
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        if ids.len() > 1 {
            let _may: May<RunJobs> = viewer.may()?;
        }
        let settings = &self.shared.settings;
        let most = match order.mode {
            Mode::Unicast => usize::try_from(settings.unicast_phones).unwrap_or(MOST_PHONES),
            Mode::Multicast => MOST_PHONES,
        };
        if ids.is_empty() {
            return Err(ReachError::invalid("phones", "name at least one phone"));
        }
        if ids.len() > most {
            let problem = format!(
                "{} phones; {most} at once are the most by {}",
                ids.len(),
                order.mode.as_str()
            );
            return Err(ReachError::invalid("phones", problem));
        }
        if order.volume > limits().volume {
            return Err(ReachError::invalid("volume", "the volume is 0 to 100"));
        }
        if order.mode == Mode::Multicast && settings.multicast_groups.is_empty() {
            let problem = "no multicast group is set (reach.multicast_groups)";
            return Err(ReachError::invalid("mode", problem));
        }
        let phones = self.shared.inventory.phones_of(viewer, &ids).await?;
        if phones.len() < ids.len() {
            return Err(ReachError::UnknownPhone);
        }
        Ok(phones)
    }

    /// Whether there is room for one more, and the group that it takes.
    fn room(&self, order: &Announcement, phones: &[Phone]) -> Result<Option<Ipv4Addr>, ReachError> {
        let settings = &self.shared.settings;
        let running = self.shared.on_air.lock();
        let most = usize::try_from(settings.announcements_at_once).unwrap_or(1);
        if running.len() >= most {
            return Err(ReachError::TooMany(format!(
                "{most} announcements are played already; one must end first"
            )));
        }
        let busy = phones
            .iter()
            .find(|phone| running.values().any(|it| it.phones.contains(&phone.id)));
        if let Some(phone) = busy {
            return Err(ReachError::InUse(format!(
                "another announcement is played on {}",
                phone.name
            )));
        }
        if order.mode == Mode::Unicast {
            return Ok(None);
        }
        let taken: Vec<Ipv4Addr> = running.values().filter_map(|it| it.group).collect();
        let free = settings.multicast_groups.iter().find(|group| !taken.contains(group));
        let free =
            free.ok_or_else(|| ReachError::InUse("every multicast group is in use; one must end first".to_owned()))?;
        Ok(Some(*free))
    }

    /// An announcement as it stands: by who began it, or by somebody who runs jobs on all clusters.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn announcement(&self, viewer: &Viewer, id: AnnouncementId) -> Result<Arc<AnnouncementView>, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let running = self
            .shared
            .on_air
            .lock()
            .get(&id)
            .map(|running| running.view.borrow().clone());
        let view = match running {
            Some(view) => view,
            None => Arc::new(self.stored(id).await?),
        };
        if !sees(viewer, view.user) {
            return Err(ReachError::Unknown("announcement"));
        }
        Ok(view)
    }

    /// An announcement as it changes; the last change is its end, after which the channel is closed.
    ///
    /// # Errors
    /// As [`Reach::announcement`].
    pub async fn follow_announcement(
        &self,
        viewer: &Viewer,
        id: AnnouncementId,
    ) -> Result<watch::Receiver<Arc<AnnouncementView>>, ReachError> {
        let followed = self
            .shared
            .on_air
            .lock()
            .get(&id)
            .map(|running| running.view.subscribe());
        let view = self.announcement(viewer, id).await?;
        Ok(followed.unwrap_or_else(|| watch::Sender::new(view).subscribe()))
    }

    /// The newest announcements: one's own, or all for somebody who runs jobs on all clusters.
    ///
    /// # Errors
    /// [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn announcements(&self, viewer: &Viewer) -> Result<Vec<Arc<AnnouncementView>>, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let of = (!sees_all(viewer)).then_some(viewer.user);
        let listed = rows::newest(&self.shared.store, of, MOST_LISTED).await?;
        let mut views = Vec::with_capacity(listed.len());
        for row in listed {
            views.push(self.announcement(viewer, AnnouncementId(row.id)).await?);
        }
        Ok(views)
    }

    /// Stops an announcement, and tells every phone of it to stop. Nothing happens to one that is over.
    ///
    /// # Errors
    /// As [`Reach::announcement`].
    pub async fn stop_announcement(&self, viewer: &Viewer, id: AnnouncementId) -> Result<(), ReachError> {
        self.announcement(viewer, id).await?;
        if let Some(running) = self.shared.on_air.lock().get(&id) {
            running.cancel.cancel();
        }
        Ok(())
    }

    /// An announcement as the store has it.
    async fn stored(&self, id: AnnouncementId) -> Result<AnnouncementView, ReachError> {
        let row = rows::find(&self.shared.store, id).await?;
        let row = row.ok_or(ReachError::Unknown("announcement"))?;
        let phones = rows::phones(&self.shared.store, id).await?;
        Ok(AnnouncementView::of(row, phones))
    }
}

fn sees(viewer: &Viewer, began_by: UserId) -> bool {
    viewer.user == began_by || sees_all(viewer)
}

fn sees_all(viewer: &Viewer) -> bool {
    viewer.clusters.is_none() && viewer.may::<RunJobs>().is_ok()
}

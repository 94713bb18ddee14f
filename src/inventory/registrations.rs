//! What RIS tells of single phones, asked for many at once.
//!
//! CUCM takes some fifteen RIS queries a minute and a thousand names in each (cucm-apis.md 3). When hundreds of runs want to
//! know whether their phone registered, each must not ask by itself: while one query of a cluster is under way or waits for
//! its place, whoever comes puts a name on the list of the next.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Inventory, Subject};
use crate::cucm::{Registration, Urgency};
use crate::domain::device_name::DeviceName;
use crate::domain::ids::ClusterId;

/// Names of one query (cucm-apis.md 3).
const MOST_NAMES: usize = 1_000;
/// How long names are gathered before a query: runs that began together want to know together.
const GATHERING: Duration = Duration::from_millis(200);

/// What one who waits is told.
#[derive(Debug)]
enum Word {
    /// What RIS said of the phone; none when it did not say, or not answer.
    Told(Option<Registration>),
    /// Nobody asks any more: ask for all who wait.
    YourTurn,
}

#[derive(Debug)]
struct Waiting {
    name: DeviceName,
    word: oneshot::Sender<Word>,
}

#[derive(Debug, Default)]
struct Desk {
    waiting: Vec<Waiting>,
    is_asking: bool,
}

/// Who waits for which cluster's RIS.
#[derive(Debug, Default)]
pub(super) struct Desks(Mutex<HashMap<ClusterId, Desk>>);

impl Desks {
    fn lock(&self) -> MutexGuard<'_, HashMap<ClusterId, Desk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a name on the list; true when nobody asks for this cluster, so that the caller must.
    fn enter(&self, cluster: ClusterId, waiting: Waiting) -> bool {
        let mut desks = self.lock();
        let desk = desks.entry(cluster).or_default();
        desk.waiting.push(waiting);
        !std::mem::replace(&mut desk.is_asking, true)
    }

    /// Those of the next query.
    fn take(&self, cluster: ClusterId) -> Vec<Waiting> {
        let mut desks = self.lock();
        let Some(desk) = desks.get_mut(&cluster) else {
            return Vec::new();
        };
        // Whoever left while waiting needs no answer.
        desk.waiting.retain(|waiting| !waiting.word.is_closed());
        let count = desk.waiting.len().min(MOST_NAMES);
        desk.waiting.drain(..count).collect()
    }

    /// Lets one of those who still wait ask next; without any the desk is closed.
    fn hand_over(&self, cluster: ClusterId) {
        let mut desks = self.lock();
        let Some(desk) = desks.get_mut(&cluster) else { return };
        while let Some(next) = desk.waiting.pop() {
            if next.word.send(Word::YourTurn).is_ok() {
                return;
            }
        }
        desks.remove(&cluster);
    }
}

/// The turn to ask; given on also when who has it leaves in the middle.
struct Turn<'a> {
    desks: &'a Desks,
    cluster: ClusterId,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.desks.hand_over(self.cluster);
    }
}

impl Inventory {
    /// What RIS tells of a phone now, in one query with the other phones of its cluster that somebody waits for. Takes as
    /// long as the cluster's limit of background queries makes it wait; none of a phone that is known by its address
    /// only, and where RIS does not answer.
    pub async fn registration_with_others(&self, subject: &Subject) -> Option<Registration> {
        let (desks, cluster) = (&self.inner.desks, subject.cluster.id);
        let name = subject.name.clone()?;
        loop {
            let (word, told) = oneshot::channel();
            let name = name.clone();
            if desks.enter(cluster, Waiting { name, word }) {
                self.ask_for_all(subject).await;
            }
            match told.await {
                Ok(Word::Told(registration)) => return registration,
                Ok(Word::YourTurn) => return self.ask_in_turn(subject).await,
                // Who asked left before the answer came.
                Err(_) => {}
            }
        }
    }

    /// Asks for this phone and for all who wait, as the one whose turn it is.
    async fn ask_in_turn(&self, subject: &Subject) -> Option<Registration> {
        let (word, mut told) = oneshot::channel();
        let name = subject.name.clone()?;
        self.inner.desks.enter(subject.cluster.id, Waiting { name, word });
        self.ask_for_all(subject).await;
        match told.try_recv() {
            Ok(Word::Told(registration)) => registration,
            _ => None,
        }
    }

    /// One query for those who wait.
    async fn ask_for_all(&self, subject: &Subject) {
        let turn = Turn {
            desks: &self.inner.desks,
            cluster: subject.cluster.id,
        };
        tokio::time::sleep(GATHERING).await;
        let waiting = turn.desks.take(turn.cluster);
        let names: Vec<DeviceName> = waiting.iter().map(|one| one.name.clone()).collect();
        let told = subject
            .cucm
            .registrations(&names, Urgency::Background)
            .await
            .unwrap_or_default();
        // Nobody may wait any more.
        for one in waiting {
            let _ = one.word.send(Word::Told(told.get(&one.name).cloned()));
        }
        drop(turn);
    }
}

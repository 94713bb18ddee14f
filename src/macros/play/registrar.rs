//! Registrations asked of CUCM for many runs at once: one query for all phones of a cluster that wait for one, since CUCM
//! answers few queries a minute and each of them for up to a thousand phones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::cucm::{Cucm, Registrations, Urgency};
use crate::domain::device_name::DeviceName;
use crate::domain::ids::ClusterId;
use crate::lifecycle::Tasks;

/// How long others may join a query.
const GATHERING: Duration = Duration::from_millis(100);
/// The rest after a query while more phones wait: doubled each time up to the longest, which keeps the queries of a long job
/// below the number that CUCM answers in a minute.
const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(8);

/// Phones of one cluster are asked for by people apart from those of jobs, which wait behind them.
type Counter = (ClusterId, bool);

#[derive(Debug)]
struct Asker {
    name: DeviceName,
    tell: oneshot::Sender<Arc<Registrations>>,
}

/// Who waits for an answer. A counter is there while a task serves it.
#[derive(Debug, Clone, Default)]
pub(super) struct Registrar {
    counters: Arc<Mutex<HashMap<Counter, Vec<Asker>>>>,
}

impl Registrar {
    fn counters(&self) -> MutexGuard<'_, HashMap<Counter, Vec<Asker>>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a query that begins after this call tells; none when CUCM does not answer. It takes as long as the limit of
    /// queries wants: the caller sets the time.
    pub(super) async fn ask(
        &self,
        tasks: &Tasks,
        (cluster, cucm): (ClusterId, Cucm),
        name: DeviceName,
        urgency: Urgency,
    ) -> Option<Arc<Registrations>> {
        let counter = (cluster, urgency == Urgency::Person);
        let (tell, told) = oneshot::channel();
        let is_first = {
            let mut counters = self.counters();
            let is_first = !counters.contains_key(&counter);
            counters.entry(counter).or_default().push(Asker { name, tell });
            is_first
        };
        if is_first {
            let (registrar, stop) = (self.clone(), tasks.stop_token());
            tasks.spawn("registrations for macros", async move {
                // A program that stops waits for no limit of CUCM's.
                let served = registrar.serve(counter, &cucm, urgency);
                if stop.run_until_cancelled(served).await.is_none() {
                    registrar.counters().remove(&counter);
                }
            });
        }
        told.await.ok()
    }

    /// Serves a counter until nobody waits there.
    async fn serve(&self, counter: Counter, cucm: &Cucm, urgency: Urgency) {
        let mut rest = FIRST_REST;
        loop {
            tokio::time::sleep(GATHERING).await;
            let Some(askers) = self.take(counter) else { return };
            let mut names: Vec<DeviceName> = askers.iter().map(|asker| asker.name.clone()).collect();
            names.sort_unstable();
            names.dedup();
            // After an error the askers are dropped, by which they learn that there is no answer.
            if let Ok(told) = cucm.registrations(&names, urgency).await {
                let told = Arc::new(told);
                for asker in askers {
                    // Who no longer waits needs no answer.
                    drop(asker.tell.send(Arc::clone(&told)));
                }
            }
            tokio::time::sleep(rest).await;
            rest = (rest * 2).min(LONGEST_REST);
        }
    }

    /// Those who wait; none, and the counter closed, when nobody does.
    fn take(&self, counter: Counter) -> Option<Vec<Asker>> {
        let mut counters = self.counters();
        let mut askers = counters.get_mut(&counter).map(std::mem::take).unwrap_or_default();
        askers.retain(|asker| !asker.tell.is_closed());
        if askers.is_empty() {
            counters.remove(&counter);
            return None;
        }
        Some(askers)
    }
}

//! What runs write down, many in one transaction.
//!
//! Beginnings, first touches and ends of runs come in a queue; whatever has come while one transaction was written goes
//! into the next. A touch and an end are waited for by their run: before something is sent to a phone it is on disk that it
//! was, and a job counts what is on disk.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::live::Live;
use super::{Jobs, RunState};
use crate::domain::ids::{JobId, JobRunId};
use crate::store::jobs::{self as rows, Ended, runs};
use crate::store::{self, WriteTx};

/// The most that goes into one transaction.
const MOST: usize = 500;
/// Pauses before a transaction that failed is tried again.
const AGAIN: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
];

/// Something to write down.
#[derive(Debug)]
pub(super) enum Note {
    /// A run begins. Nobody waits for it: whoever finds it queued after a crash may begin it again.
    Begin(JobId, JobRunId),
    /// Something is about to be sent to the phone.
    Touch(JobId, JobRunId, oneshot::Sender<bool>),
    /// How it ended, or that it waits.
    End(JobId, JobRunId, Box<runs::End>, oneshot::Sender<bool>),
}

/// The queue of notes. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Notes(mpsc::UnboundedSender<Note>);

impl Notes {
    /// A queue, and its other end for [`Jobs::write`].
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Note>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Notes that a run begins.
    pub(super) fn begin(&self, job: JobId, run: JobRunId) {
        // A stopping program begins nothing; what is queued is begun by the next one.
        let _ = self.0.send(Note::Begin(job, run));
    }

    /// Notes that something is about to be sent; false when that cannot be kept or the run is over, and nothing must be sent.
    pub(super) async fn touch(&self, job: JobId, run: JobRunId) -> bool {
        let (done, kept) = oneshot::channel();
        self.0.send(Note::Touch(job, run, done)).is_ok() && kept.await.unwrap_or(false)
    }

    /// Notes how a run ended; false when that cannot be kept.
    pub(super) async fn end(&self, job: JobId, run: JobRunId, end: runs::End) -> bool {
        let (done, kept) = oneshot::channel();
        self.0.send(Note::End(job, run, Box::new(end), done)).is_ok() && kept.await.unwrap_or(false)
    }
}

impl Jobs {
    /// Writes notes until the program stops and the last one who could add some is gone.
    pub(super) async fn write(self, mut notes: mpsc::UnboundedReceiver<Note>) {
        let mut batch = Vec::with_capacity(MOST);
        while notes.recv_many(&mut batch, MOST).await > 0 {
            let kept = self.write_batch(&batch).await;
            for (at, note) in batch.drain(..).enumerate() {
                if let Note::Touch(_, _, done) | Note::End(_, _, _, done) = note {
                    // Its run may have been dropped with the program.
                    let _ = done.send(kept.as_ref().is_some_and(|kept| kept[at]));
                }
            }
        }
    }

    /// Writes a batch as a whole, and answers for each note whether it holds; none when the batch could not be written, also
    /// after some time.
    async fn write_batch(&self, batch: &[Note]) -> Option<Vec<bool>> {
        for pause in AGAIN.iter().map(Some).chain([None]) {
            let mut counts = HashMap::new();
            match self.try_batch(batch, &mut counts).await {
                Ok(kept) => {
                    for (job, ended) in counts {
                        let live: Option<Live> = self.lives().get(&job).cloned();
                        if let Some(live) = live {
                            live.count(&ended);
                        }
                    }
                    return Some(kept);
                }
                Err(error) => tracing::error!("runs of jobs cannot be written down: {error}"),
            }
            let Some(pause) = pause else { break };
            tokio::select! {
                () = tokio::time::sleep(*pause) => {}
                () = self.parts().tasks.stopping() => break,
            }
        }
        None
    }

    async fn try_batch(&self, batch: &[Note], counts: &mut HashMap<JobId, Ended>) -> Result<Vec<bool>, store::Error> {
        let now = self.now_ms();
        let mut tx = self.parts().store.begin().await?;
        let mut kept = Vec::with_capacity(batch.len());
        for note in batch {
            kept.push(write_note(&mut tx, note, counts, now).await?);
        }
        for (job, ended) in &*counts {
            rows::count_ended(&mut tx, *job, ended).await?;
        }
        tx.commit().await?;
        Ok(kept)
    }
}

/// Writes one note; false when it is of no effect, because its run is over, and its run must not go on.
async fn write_note(
    tx: &mut WriteTx,
    note: &Note,
    counts: &mut HashMap<JobId, Ended>,
    now: i64,
) -> Result<bool, store::Error> {
    match note {
        Note::Begin(job, run) => {
            if runs::begin(tx, *run, now).await? {
                counts.entry(*job).or_default().waiting -= 1;
            }
        }
        Note::Touch(job, run, _) => {
            let touched = runs::touch(tx, *run, now).await?;
            if touched.waited {
                counts.entry(*job).or_default().waiting -= 1;
            }
            return Ok(touched.is_marked);
        }
        Note::End(job, run, end, _) => {
            if let Some(state) = runs::end(tx, *run, end, now).await? {
                let ended = counts.entry(*job).or_default();
                if state == RunState::Waiting {
                    ended.waiting += 1;
                } else {
                    ended.add(state, 1);
                }
            }
        }
    }
    Ok(true)
}

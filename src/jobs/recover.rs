//! What an earlier program left in the middle.

use super::{Error, Jobs};
use crate::store::jobs::{self as rows, runs};

/// What a sync says that was running when the program ended.
const INTERRUPTED: &str = "interrupted by a restart";
/// What a run says of which nobody knows how far it came.
const UNSURE: &str = "the program ended while this phone was being worked on; nobody knows how far it came, and it is \
                      not repeated by itself";

impl Jobs {
    /// Settles what an earlier program left in the middle, and takes up its jobs again; answers how many syncs were closed
    /// and runs were settled. A run that had reached its phone is unsure, any other begins anew.
    pub async fn recover(&self) -> Result<u64, Error> {
        let now = self.now_ms();
        let mut tx = self.parts().store.begin().await?;
        let closed = rows::fail_unfinished(&mut tx, INTERRUPTED, now).await?;
        let (unsure, queued) = runs::recover(&mut tx, UNSURE, now).await?;
        tx.commit().await?;
        if unsure + queued > 0 {
            tracing::warn!(
                "{unsure} runs of jobs are unsure, {queued} begin anew, because the program ended in the middle"
            );
        }
        for job in rows::open_fleet(&self.parts().store).await? {
            self.enlist(job);
        }
        self.inner.changed.notify_one();
        Ok(closed + unsure + queued)
    }
}

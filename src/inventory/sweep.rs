//! Asking RIS about phones in the background, between syncs.

use super::{Error, Inventory};
use crate::cucm::{EnterpriseUrls, RIS_BATCH, Urgency};
use crate::domain::device_name::DeviceName;
use crate::domain::ids::{ClusterId, PhoneId};
use crate::store::phones;

impl Inventory {
    /// Asks RIS about the next phones of a cluster, in the order of their numbers, one query of it; waits for its share of
    /// CUCM's limit. Gives the last phone of the batch; none when there are no more.
    ///
    /// # Errors
    /// What CUCM failed with; what was known stays.
    pub async fn sweep_registrations(&self, cluster: ClusterId, after: PhoneId) -> Result<Option<PhoneId>, Error> {
        let size = u32::try_from(RIS_BATCH).unwrap_or(u32::MAX);
        let batch = phones::known_after(self.store(), cluster, after, size).await?;
        let Some(last) = batch.last().map(|phone| phone.id) else {
            return Ok(None);
        };
        let names: Vec<DeviceName> = batch.iter().filter_map(|phone| phone.name.parse().ok()).collect();
        let ids: Vec<PhoneId> = batch.iter().map(|phone| phone.id).collect();
        let asked_at = self.now_ms();
        let live = self.live(cluster).await?;
        let told = live.cucm.registrations(&names, Urgency::Background).await?;
        self.merge_registrations(&ids, &told, asked_at).await?;
        Ok(Some(last))
    }

    /// The Authentication URLs of a cluster's enterprise parameters.
    ///
    /// # Errors
    /// [`Error::UnknownCluster`], [`Error::Cucm`].
    pub async fn enterprise_urls(&self, cluster: ClusterId) -> Result<EnterpriseUrls, Error> {
        Ok(self.live(cluster).await?.cucm.enterprise_urls().await?)
    }
}

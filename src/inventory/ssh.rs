//! Keys over SSH: as whom a phone's shell is entered, and the host key that was learned of it.

use super::clusters::Live;
use super::{Blocked, Error, Inventory};
use crate::audit::{self, Action, Event, action};
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, PhoneId};
use crate::phone::{HostKey, SshLogin, SshSession, Target, takes_keys_over_ssh};
use crate::security::{ManageClusters, May, Viewer};
use crate::store::{self, host_keys};

/// A host key that was learned of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedKey {
    /// The key.
    pub host_key: HostKey,
    /// When it was learned, unix milliseconds.
    pub learned_at: i64,
}

impl Inventory {
    /// The login that CUCM gives the cluster's phones for SSH; none when nobody has set it here.
    ///
    /// # Errors
    /// [`Error::UnknownCluster`], [`Error::Secret`].
    pub async fn ssh_login(&self, cluster: ClusterId) -> Result<Option<SshLogin>, Error> {
        Ok(self.live(cluster).await?.ssh.clone())
    }

    /// The host key that was learned of a phone.
    pub async fn host_key(&self, phone: PhoneId) -> Result<Option<HostKey>, Error> {
        Ok(self.learned_host_key(phone).await?.map(|learned| learned.host_key))
    }

    /// The same, and when it was learned.
    pub async fn learned_host_key(&self, phone: PhoneId) -> Result<Option<LearnedKey>, Error> {
        let Some(row) = host_keys::of(self.store(), phone).await? else {
            return Ok(None);
        };
        Ok(Some(LearnedKey {
            host_key: row
                .host_key
                .parse()
                .map_err(|_| store::Error::Corrupt("phone_host_key.host_key"))?,
            learned_at: row.learned_at,
        }))
    }

    /// Keeps the host key of a phone at the first contact, with a line in the trail. One that is known stays.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub async fn pin_host_key(&self, viewer: &Viewer, phone: PhoneId, key: &HostKey) -> Result<(), Error> {
        let event = self
            .host_key_event(viewer, phone, action::HOST_KEY_LEARNED, key.as_str())
            .await?;
        let mut tx = self.store().begin().await?;
        if host_keys::learn(&mut tx, phone, key.as_str(), self.now_ms()).await? {
            audit::record(&mut tx, &event).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Forgets the host key of a phone that was replaced or reset; the next contact learns another. False when none was
    /// known.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub async fn forget_host_key(&self, may: &May<ManageClusters>, phone: PhoneId) -> Result<bool, Error> {
        self.require(may, phone).await?;
        let event = self.host_key_event(may, phone, action::HOST_KEY_FORGOTTEN, "").await?;
        let mut tx = self.store().begin().await?;
        let forgotten = host_keys::forget(&mut tx, phone).await?;
        if forgotten {
            audit::record(&mut tx, &event).await?;
            tx.commit().await?;
        }
        Ok(forgotten)
    }

    /// Whether something speaks SSH at a phone whose model takes keys there; no session is opened.
    ///
    /// # Errors
    /// [`Error::Blocked`], [`Error::OutsideNetworks`], [`Error::Phone`].
    pub async fn speaks_ssh(&self, phone: PhoneId) -> Result<bool, Error> {
        let target = self.ssh_target(phone).await?;
        Ok(self.inner.phones.speaks_ssh(&target).await?)
    }

    /// The host key that a phone shows to whom it has never met; no login is sent, and nothing is kept. A person says
    /// whether it is to be trusted.
    ///
    /// # Errors
    /// As [`Inventory::open_ssh`].
    pub async fn shown_host_key(&self, viewer: &Viewer, phone: PhoneId) -> Result<HostKey, Error> {
        self.require(viewer, phone).await?;
        let target = self.ssh_target(phone).await?;
        let live = self.live(self.cluster_of(phone).await?).await?;
        login_of(&live)?;
        Ok(self.inner.phones.ssh_host_key(&target).await?)
    }

    /// Opens a phone's SSH shell for keys, as [`Phones::ssh`](crate::phone::Phones::ssh) with the cluster's login and the
    /// key that was learned. Where none was learned yet, the phone must show the one that a person has `accepted`; it is
    /// kept once the phone has taken the login.
    ///
    /// # Errors
    /// [`Error::Blocked`] when it is known that it cannot work: no address, a model without keys over SSH, no SSH login
    /// of the cluster, a host key that nobody has accepted. [`Error::Phone`], [`Error::OutsideNetworks`],
    /// [`Error::UnknownPhone`].
    pub async fn open_ssh(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        accepted: Option<&HostKey>,
    ) -> Result<SshSession, Error> {
        self.require(viewer, phone).await?;
        let target = self.ssh_target(phone).await?;
        let live = self.live(self.cluster_of(phone).await?).await?;
        let login = login_of(&live)?;
        let learned = self.host_key(phone).await?;
        let is_first = learned.is_none();
        let pinned = learned.or_else(|| accepted.cloned()).ok_or_else(|| {
            let evidence = "the phone's SSH host key is not known yet, and nobody has accepted it; no login was sent";
            blocked(Cause::None, evidence.to_owned())
        })?;
        let session = self.inner.phones.ssh(&target, &login, Some(&pinned)).await?;
        if is_first {
            self.pin_host_key(viewer, phone, &pinned).await?;
        }
        Ok(session)
    }

    /// A phone as a target of keys over SSH.
    async fn ssh_target(&self, phone: PhoneId) -> Result<Target, Error> {
        let target = self.target(phone).await?;
        if takes_keys_over_ssh(target.model) {
            return Ok(target);
        }
        let evidence = format!(
            "{}: keys over SSH are for 69xx, 78xx and 88xx, not on 7900 and others",
            target.model.name
        );
        Err(blocked(Cause::ModelWithoutControl, evidence))
    }

    async fn host_key_event(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        action: Action,
        detail: &str,
    ) -> Result<Event, Error> {
        let phone = self.phone(viewer, phone).await?;
        let cluster = self.cluster(viewer, phone.cluster_id).await?;
        Ok(Event::new(self.now_ms(), viewer.actor(), action)
            .detail(detail)
            .phone(phone.id, phone.name)
            .cluster(cluster.id, cluster.name))
    }
}

fn login_of(live: &Live) -> Result<SshLogin, Error> {
    live.ssh.clone().ok_or_else(|| {
        let evidence = format!(
            "no SSH login is set for {}; an admin types it on the cluster's page",
            live.cluster.name
        );
        blocked(Cause::ControlLoginRejected, evidence)
    })
}

fn blocked(cause: Cause, evidence: String) -> Error {
    Error::Blocked(Blocked { cause, evidence })
}

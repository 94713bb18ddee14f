//! What the phone said, and how its address met us. One conversation at a time, as everywhere.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::Seen;
use crate::domain::cause::Cause;
use crate::domain::screen::Picture;
use crate::phone::{DeviceInformation, Error, NetworkConfiguration, Shot, Target, Urgency};

/// The answers so far.
#[derive(Debug, Default)]
pub(in crate::diagnosis) struct PhoneSeen {
    address: OnceCell<Option<Ipv4Addr>>,
    device: OnceCell<Option<Result<DeviceInformation, Error>>>,
    network: OnceCell<Option<Result<NetworkConfiguration, Error>>>,
    messages: OnceCell<Option<Result<Vec<String>, Error>>>,
    shot: OnceCell<Option<Result<Shot, Error>>>,
    picture: OnceCell<Option<Result<Arc<Picture>, (Cause, String)>>>,
}

impl Seen {
    /// The address to examine: RIS's, when RIS knows one now, else the inventory's.
    pub(in crate::diagnosis) async fn address(&self) -> Option<Ipv4Addr> {
        let asked = self.phone.address.get_or_init(|| async {
            let told = self.registrations().await.ok();
            let name = self.subject.name.as_ref();
            let entry = told.zip(name).and_then(|(told, name)| told.get(name));
            entry.and_then(|entry| entry.address).or(self.subject.phone.address)
        });
        *asked.await
    }

    /// The phone to talk to; none without an address inside its cluster's networks.
    pub(in crate::diagnosis) async fn target(&self) -> Option<Target> {
        self.subject.target_at(self.address().await?).ok()
    }

    /// What it says of itself; none when it cannot be asked.
    pub(in crate::diagnosis) async fn device(&self) -> Option<Result<&DeviceInformation, Error>> {
        let asked = self.phone.device.get_or_init(|| async {
            let target = self.target().await?;
            Some(self.tools.phones.device_information(&target, Urgency::Look).await)
        });
        asked.await.as_ref().map(|told| told.as_ref().map_err(Clone::clone))
    }

    /// Its network set-up with the Authentication URL it uses; none when it cannot be asked.
    pub(in crate::diagnosis) async fn network(&self) -> Option<Result<&NetworkConfiguration, Error>> {
        let asked = self.phone.network.get_or_init(|| async {
            let target = self.target().await?;
            Some(self.tools.phones.network_configuration(&target, Urgency::Look).await)
        });
        asked.await.as_ref().map(|told| told.as_ref().map_err(Clone::clone))
    }

    /// Its status messages, oldest first; none when it cannot be asked.
    pub(in crate::diagnosis) async fn messages(&self) -> Option<Result<&[String], Error>> {
        let asked = self.phone.messages.get_or_init(|| async {
            let target = self.target().await?;
            Some(self.tools.phones.status_messages(&target, Urgency::Look).await)
        });
        asked.await.as_ref().map(|told| told.as_deref().map_err(Clone::clone))
    }

    /// The first try for its picture; none when it cannot be asked.
    pub(in crate::diagnosis) async fn shot(&self) -> Option<Result<&Shot, Error>> {
        let asked = self.phone.shot.get_or_init(|| async {
            let target = self.target().await?;
            Some(self.tools.phones.screenshot(&target, Urgency::Look).await)
        });
        asked.await.as_ref().map(|told| told.as_ref().map_err(Clone::clone))
    }

    /// That picture, decoded off the async threads.
    pub(in crate::diagnosis) async fn picture(&self) -> Option<&Result<Arc<Picture>, (Cause, String)>> {
        let asked = self.phone.picture.get_or_init(|| async {
            let shot = self.shot().await?.ok()?.clone();
            let decoded = tokio::task::spawn_blocking(move || shot.to_picture()).await.ok()?;
            Some(decoded.map(Arc::new).map_err(|error| (error.cause(), error.evidence())))
        });
        asked.await.as_ref()
    }
}

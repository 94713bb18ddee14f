//! A phone with everything that a diagnosis of it needs: its cluster's client, the control login, the ways to it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::targets::model_of;
use super::{Cluster, Error, Inventory, Phone};
use crate::cucm::{Cucm, Login};
use crate::domain::catalogue::Model;
use crate::domain::device_name::DeviceName;
use crate::domain::ids::{ClusterId, PhoneId};
use crate::phone::Target;
use crate::store::phones;

/// One phone to be diagnosed or mended. Holds the control login's password; it never leaves by `Debug`.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The phone as the inventory has it.
    pub phone: Phone,
    /// Its device name; none of a phone that is known only by its address.
    pub name: Option<DeviceName>,
    /// What it is.
    pub model: &'static Model,
    /// Its cluster.
    pub cluster: Cluster,
    /// The client of its cluster, shared with everybody.
    pub cucm: Cucm,
    /// Whom the phone is asked to authorise.
    pub control: Login,
    live: Arc<super::clusters::Live>,
}

impl Subject {
    /// The phone at an address, by default the one the inventory has, with the way by which its last picture came.
    ///
    /// # Errors
    /// [`Error::OutsideNetworks`].
    pub fn target_at(&self, address: Ipv4Addr) -> Result<Target, Error> {
        let route = self.phone.screenshot_route.clone();
        self.live.target(address, self.model, route)
    }
}

impl Inventory {
    /// The client of a cluster, shared with everybody. Who may is the caller's question.
    ///
    /// # Errors
    /// [`Error::UnknownCluster`], [`Error::Secret`].
    pub async fn cucm_of(&self, id: ClusterId) -> Result<Cucm, Error> {
        Ok(self.live(id).await?.cucm.clone())
    }

    /// One phone with what is needed to ask CUCM and the phone about it. Who may is the caller's question.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], [`Error::Secret`].
    pub async fn subject(&self, id: PhoneId) -> Result<Subject, Error> {
        let phone = phones::by_id(self.store(), id).await?.ok_or(Error::UnknownPhone)?;
        let live = self.live(phone.cluster_id).await?;
        let name = if phone.by_address {
            None
        } else {
            phone.name.parse().ok()
        };
        Ok(Subject {
            name,
            model: model_of(&phone),
            cluster: live.cluster.clone(),
            cucm: live.cucm.clone(),
            control: Login {
                username: live.control.username.clone(),
                password: live.control.password.clone(),
            },
            phone,
            live,
        })
    }
}

//! What CUCM said. A CUCM that cannot be reached is found out once; every later question fails at once with that.

use tokio::sync::OnceCell;

use super::Seen;
use crate::cucm::{
    AppUser, Authentication, EnterpriseUrls, Error, PhoneDetail, ProcessNode, Registrations, Scheme, Service, Urgency,
    Version,
};

/// The answers so far.
#[derive(Debug, Default)]
pub(in crate::diagnosis) struct CucmSeen {
    version: OnceCell<Result<Version, Error>>,
    detail: OnceCell<Result<PhoneDetail, Error>>,
    registrations: OnceCell<Result<Registrations, Error>>,
    nodes: OnceCell<Result<Vec<ProcessNode>, Error>>,
    urls: OnceCell<Result<EnterpriseUrls, Error>>,
    user: OnceCell<Result<Option<AppUser>, Error>>,
    authentication: OnceCell<Result<Authentication, Error>>,
}

/// The phone has no device name, so CUCM cannot be asked about it.
fn nameless() -> Error {
    Error::PhoneUnknown {
        name: "a phone known only by its address".to_owned(),
    }
}

impl Seen {
    /// CUCM's release and AXL schema; fails as everything fails that AXL is asked.
    pub(in crate::diagnosis) async fn version(&self) -> Result<&Version, Error> {
        let asked = self.cucm.version.get_or_init(|| self.subject.cucm.version());
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// The phone's configuration.
    pub(in crate::diagnosis) async fn detail(&self) -> Result<&PhoneDetail, Error> {
        self.version().await?;
        let name = self.subject.name.as_ref().ok_or_else(nameless)?;
        let asked = self.cucm.detail.get_or_init(|| self.subject.cucm.get_phone(name));
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// What RIS says of the phone, asked as a person.
    pub(in crate::diagnosis) async fn registrations(&self) -> Result<&Registrations, Error> {
        if let Err(
            error @ Error::Unreachable {
                service: Service::Axl, ..
            },
        ) = self.version().await
        {
            return Err(error);
        }
        let name = self.subject.name.as_ref().ok_or_else(nameless)?;
        let names = std::slice::from_ref(name);
        let asked = self
            .cucm
            .registrations
            .get_or_init(|| self.subject.cucm.registrations(names, Urgency::Person));
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// The servers of the cluster.
    pub(in crate::diagnosis) async fn nodes(&self) -> Result<&[ProcessNode], Error> {
        self.version().await?;
        let asked = self.cucm.nodes.get_or_init(|| self.subject.cucm.process_nodes());
        asked.await.as_deref().map_err(Clone::clone)
    }

    /// The cluster's Authentication URLs.
    pub(in crate::diagnosis) async fn enterprise_urls(&self) -> Result<&EnterpriseUrls, Error> {
        self.version().await?;
        let asked = self.cucm.urls.get_or_init(|| self.subject.cucm.enterprise_urls());
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// The control login as CUCM has it.
    pub(in crate::diagnosis) async fn control_user(&self) -> Result<Option<&AppUser>, Error> {
        self.version().await?;
        let name = &self.subject.control.username;
        let asked = self.cucm.user.get_or_init(|| self.subject.cucm.app_user(name));
        asked.await.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// What CUCM's authenticate service says over https for the control login and this phone: the one try with the real
    /// password that a diagnosis makes there.
    pub(in crate::diagnosis) async fn authentication(&self) -> Result<&Authentication, Error> {
        let name = self.subject.name.as_ref().ok_or_else(nameless)?;
        let control = &self.subject.control;
        let asked = self
            .cucm
            .authentication
            .get_or_init(|| self.subject.cucm.authenticate(control, name, Scheme::Https));
        asked.await.as_ref().map_err(Clone::clone)
    }
}

//! What guides fill in.

use std::time::Duration;

use super::super::urls::Proposed;
use super::super::{Case, RemedyId, Shared};
use crate::inventory::TlsMode;

/// How long CUCM may take for all of it; a guide is wanted when something is broken.
const PATIENCE: Duration = Duration::from_secs(4);

/// The values of one phone and its cluster.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) device: String,
    pub(super) model: String,
    pub(super) address: String,
    pub(super) cluster: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) authentication_http_port: u16,
    pub(super) phone_ports: [u16; 2],
    pub(super) networks: String,
    /// The CUCM login.
    pub(super) login: String,
    pub(super) control: String,
    /// Whether the control login is another user than the CUCM login.
    pub(super) own_control: bool,
    pub(super) trust: TlsMode,
    /// Whether the control login is an end user; as an application user when CUCM does not tell.
    pub(super) end_user: bool,
    pub(super) profile: String,
    pub(super) phones_of_profile: Option<u64>,
    /// Phones of the cluster.
    pub(super) phones: Option<u64>,
    pub(super) urls: Proposed,
    /// Whether a click would do where the CUCM login may write.
    pub(super) reads_only: bool,
}

impl Shared {
    pub(super) async fn facts(&self, case: &Case, id: RemedyId) -> Facts {
        let subject = &case.subject;
        let cluster = &subject.cluster;
        let path = "/ccmcip/authenticate.jsp";
        let mut facts = Facts {
            device: subject.phone.name.clone(),
            model: subject.model.name.clone(),
            address: subject
                .phone
                .address
                .map_or_else(|| "the phone's address".to_owned(), |address| address.to_string()),
            cluster: cluster.name.clone(),
            host: cluster.host.clone(),
            port: cluster.port,
            authentication_http_port: cluster.authentication_http_port,
            phone_ports: [cluster.phone_http_port, cluster.phone_https_port],
            networks: cluster.phone_networks.join(", "),
            login: cluster.login_username.clone(),
            control: subject.control.username.clone(),
            own_control: cluster.control_username.is_some(),
            trust: cluster.tls.mode,
            end_user: false,
            profile: "Standard Common Phone Profile".to_owned(),
            phones_of_profile: None,
            phones: None,
            urls: Proposed {
                https: format!("https://ADDRESS:{}{path}", cluster.port),
                http: format!("http://ADDRESS:{}{path}", cluster.authentication_http_port),
            },
            reads_only: id.one_click() && self.reads_only(subject),
        };
        let counts = self.parts.inventory.phone_counts(&case.viewer, cluster.id).await;
        facts.phones = counts.ok().map(|counts| counts.all);
        // What has been told when the time is over is kept.
        let _ = tokio::time::timeout(PATIENCE, self.ask(case, id, &mut facts)).await;
        facts
    }

    async fn ask(&self, case: &Case, id: RemedyId, facts: &mut Facts) {
        let subject = &case.subject;
        match id {
            RemedyId::AddControlledDevice
            | RemedyId::AddControlledDeviceForVisit
            | RemedyId::UnlockLogin
            | RemedyId::LoginPassword
            | RemedyId::UseCucmLogin => {
                if let Ok(Some(user)) = subject.cucm.app_user(&facts.control).await {
                    facts.end_user = user.is_end_user;
                }
            }
            RemedyId::SetAuthenticationUrl
            | RemedyId::EnterpriseAuthenticationUrl
            | RemedyId::ThirdPartyServer
            | RemedyId::ShortReply => {
                if let Some(proposed) = self.proposed_urls(subject).await {
                    facts.urls = proposed;
                }
            }
            RemedyId::WebAccessInProfile | RemedyId::SettingsAccessBeforeUpgrade => {
                let Some(device) = &subject.name else { return };
                let Ok(detail) = subject.cucm.get_phone(device).await else {
                    return;
                };
                if !detail.common_phone_profile.is_empty() {
                    facts.profile = detail.common_phone_profile;
                }
                facts.phones_of_profile = subject.cucm.phones_of_profile(&facts.profile).await.ok();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
impl Facts {
    pub(super) fn example() -> Self {
        Self {
            device: "SEP001122334455".to_owned(),
            model: "Cisco 8841".to_owned(),
            address: "10.1.2.3".to_owned(),
            cluster: "Main".to_owned(),
            host: "cucm-pub".to_owned(),
            port: 8443,
            authentication_http_port: 8080,
            phone_ports: [80, 443],
            networks: "10.0.0.0/8".to_owned(),
            login: "axl".to_owned(),
            control: "ctl".to_owned(),
            own_control: true,
            trust: TlsMode::Pinned,
            end_user: false,
            profile: "Desk".to_owned(),
            phones_of_profile: Some(42),
            phones: Some(100),
            urls: Proposed {
                https: "https://10.0.0.1:8443/ccmcip/authenticate.jsp".to_owned(),
                http: "http://10.0.0.1:8080/ccmcip/authenticate.jsp".to_owned(),
            },
            reads_only: true,
        }
    }
}

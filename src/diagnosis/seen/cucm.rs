//! What CUCM said. A CUCM that cannot be reached is found out once; every later question fails at once with that.

use std::future::Future;
use std::time::Duration;

use tokio::sync::OnceCell;
use url::Url;

use super::Seen;
use super::login::{First, LoginTried};
use super::url::{UrlHost, Urls};
use crate::cucm::{
    self, AppUser, EnterpriseUrls, Error, LastKnown, PhoneDetail, Probe, ProcessNode, Registrations, SeenCertificate,
    Service, Urgency, UrlAnswer, Version,
};
use crate::domain::finding::Port;
use crate::inventory::{Tls, TlsMode};

/// How long CUCM may take to accept a connection, name resolution included.
pub(in crate::diagnosis) const REACH: Duration = Duration::from_secs(2);
/// How long its TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(2);
/// How long one answer of AXL may take.
pub(super) const QUESTION: Duration = Duration::from_secs(4);
/// How long other requests of ours to AXL may keep a diagnosis waiting: they say nothing of CUCM.
const TURN: Duration = Duration::from_secs(2);
/// How long AXL is left alone when it asked to come back later.
const COME_BACK: Duration = Duration::from_millis(300);
/// How long the authenticate service, or what an Authentication URL names, may take.
pub(in crate::diagnosis) const AUTHENTICATE: Duration = Duration::from_secs(3);
/// How long RIS may take, our own queue (5 s at most for a person) included.
const RIS: Duration = Duration::from_millis(5_500);
/// The same when AXL was silent already: the phone must still be looked at.
const RIS_AFTER_SILENCE: Duration = Duration::from_secs(2);

/// The answers so far.
#[derive(Debug, Default)]
pub(in crate::diagnosis) struct CucmSeen {
    reach: OnceCell<Probe>,
    certificate: OnceCell<Result<SeenCertificate, Error>>,
    version: OnceCell<Result<Version, Error>>,
    detail: OnceCell<Result<PhoneDetail, Error>>,
    registrations: OnceCell<Result<Registrations, Error>>,
    last_known: OnceCell<Result<Option<LastKnown>, Error>>,
    nodes: OnceCell<Result<Vec<ProcessNode>, Error>>,
    enterprise: OnceCell<Result<EnterpriseUrls, Error>>,
    user: OnceCell<Result<Option<AppUser>, Error>>,
    pub(super) login: OnceCell<LoginTried>,
    pub(super) login_checked: OnceCell<LoginTried>,
    /// Who had the password first.
    pub(super) first_try: std::sync::OnceLock<First>,
    pub(super) urls: OnceCell<Result<Urls, Error>>,
    pub(super) url_host: OnceCell<Option<UrlHost>>,
    pub(super) url_answer: OnceCell<Option<Result<UrlAnswer, Error>>>,
    pub(super) configured_answer: OnceCell<Option<(Url, Result<UrlAnswer, Error>)>>,
    /// Whether AXL was not asked for its version because requests of our own stood in front.
    axl_queued: std::sync::OnceLock<()>,
}

/// The phone has no device name, so CUCM cannot be asked about it.
fn nameless() -> Error {
    Error::PhoneUnknown {
        name: "a phone known only by its address".to_owned(),
    }
}

/// An answer within the time that a diagnosis has for it.
pub(in crate::diagnosis) async fn within<T>(
    limit: Duration,
    service: Service,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(limit, asked)
        .await
        .unwrap_or(Err(Error::TimedOut { service }))
}

async fn axl<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    within(QUESTION, Service::Axl, asked).await
}

/// How a host met the attempt to connect; none when its name does not resolve. A network's own word that there is no way
/// comes before the limit, silence only at its end.
pub(in crate::diagnosis) fn met(probe: &Probe, limit: Duration) -> Option<Port> {
    probe.resolved.as_ref().ok()?;
    Some(if probe.connected.is_some() {
        Port::Open
    } else if probe.refused {
        Port::Refused
    } else if probe.took < limit {
        Port::Unroutable
    } else {
        Port::Silent
    })
}

/// Why there is no connection; none when there is one.
fn unreached(probe: &Probe) -> Option<Error> {
    let service = Service::Axl;
    match (met(probe, REACH), &probe.resolved) {
        (None, Err(reason)) => Some(Error::NotResolved {
            service,
            reason: reason.clone(),
        }),
        (Some(Port::Refused), _) => Some(Error::Refused { service }),
        (Some(Port::Silent), _) => Some(Error::Silent { service }),
        (Some(Port::Unroutable), _) => Some(Error::Unreachable {
            service,
            reason: "the network says that there is no way to it".to_owned(),
        }),
        (Some(Port::Open) | None, _) => None,
    }
}

/// Whether a certificate is another than the one that was accepted for the cluster.
pub(in crate::diagnosis) fn is_other_than_pinned(trust: &Tls, shown: &SeenCertificate) -> bool {
    let pinned = trust
        .fingerprint_sha256
        .as_ref()
        .filter(|_| trust.mode == TlsMode::Pinned);
    pinned.is_some_and(|pinned| pinned.parse() != Ok(shown.fingerprint))
}

impl Seen {
    /// How CUCM met the attempt to connect. Nothing was sent.
    pub(in crate::diagnosis) async fn reach(&self) -> &Probe {
        let cluster = &self.subject.cluster;
        let asked = || cucm::probe(&cluster.host, cluster.port, REACH);
        self.cucm.reach.get_or_init(asked).await
    }

    /// The certificate that CUCM shows, whatever it is. Nothing but the handshake was sent.
    pub(in crate::diagnosis) async fn certificate(&self) -> Result<&SeenCertificate, Error> {
        let asked = self.cucm.certificate.get_or_init(|| async {
            if let Some(error) = unreached(self.reach().await) {
                return Err(error);
            }
            let cluster = &self.subject.cluster;
            match cucm::seen_certificate(&cluster.host, cluster.port, HANDSHAKE).await {
                // Nothing was asked yet: a handshake without an end is not an AXL without an answer.
                Err(Error::TimedOut { service }) => Err(Error::TlsFailed {
                    service,
                    reason: format!("it did not begin within {} s", HANDSHAKE.as_secs()),
                }),
                seen => seen,
            }
        });
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// Whether there is a CUCM to talk to. A certificate that we cannot read is no reason not to try; one that is not the
    /// accepted one is, also while an older connection would still work.
    pub(in crate::diagnosis) async fn reached(&self) -> Result<(), Error> {
        match self.certificate().await {
            Ok(shown) if is_other_than_pinned(&self.subject.cluster.tls, shown) => Err(Error::TlsUntrusted {
                reason: format!("the fingerprint is {}, not the accepted one", shown.fingerprint),
            }),
            Ok(_) | Err(Error::TlsUntrusted { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// CUCM's release and AXL schema; fails as everything fails that AXL is asked.
    pub(in crate::diagnosis) async fn version(&self) -> Result<&Version, Error> {
        let asked = self.cucm.version.get_or_init(|| async {
            self.reached().await?;
            let cucm = &self.subject.cucm;
            if tokio::time::timeout(TURN, cucm.axl_turn()).await.is_err() {
                let _ = self.cucm.axl_queued.set(());
                return Err(Error::TimedOut { service: Service::Axl });
            }
            match axl(cucm.version()).await {
                Err(Error::Status { status: 503, .. }) => {
                    tokio::time::sleep(COME_BACK).await;
                    axl(cucm.version()).await
                }
                told => told,
            }
        });
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// Whether other requests of ours stood in front of AXL so long that it was not asked, which says nothing of it.
    pub(in crate::diagnosis) fn is_axl_queued(&self) -> bool {
        self.cucm.axl_queued.get().is_some()
    }

    /// The phone's configuration.
    pub(in crate::diagnosis) async fn detail(&self) -> Result<&PhoneDetail, Error> {
        self.version().await?;
        let name = self.subject.name.as_ref().ok_or_else(nameless)?;
        let asked = self.cucm.detail.get_or_init(|| axl(self.subject.cucm.get_phone(name)));
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// What RIS says of the phone, asked as a person. Not asked with a login that AXL refused a moment ago: a further
    /// wrong try might lock it.
    pub(in crate::diagnosis) async fn registrations(&self) -> Result<&Registrations, Error> {
        self.reached().await?;
        let limit = match self.version().await {
            Err(error @ (Error::LoginRejected { .. } | Error::TlsUntrusted { .. } | Error::TlsTooOld { .. })) => {
                return Err(error);
            }
            Err(Error::TimedOut { .. }) => RIS_AFTER_SILENCE,
            _ => RIS,
        };
        let name = self.subject.name.as_ref().ok_or_else(nameless)?;
        let names = std::slice::from_ref(name);
        let asked = self.cucm.registrations.get_or_init(|| {
            let asked = self.subject.cucm.registrations(names, Urgency::Person);
            within(limit, Service::Ris, asked)
        });
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// Where CUCM's database last saw the phone.
    pub(in crate::diagnosis) async fn last_known(&self) -> Result<Option<&LastKnown>, Error> {
        self.version().await?;
        let name = self.subject.name.as_ref().ok_or_else(nameless)?;
        let asked = self
            .cucm
            .last_known
            .get_or_init(|| axl(self.subject.cucm.registration_dynamic(name)));
        asked.await.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// The servers of the cluster.
    pub(in crate::diagnosis) async fn nodes(&self) -> Result<&[ProcessNode], Error> {
        self.version().await?;
        let asked = self.cucm.nodes.get_or_init(|| axl(self.subject.cucm.process_nodes()));
        asked.await.as_deref().map_err(Clone::clone)
    }

    /// The cluster's Authentication URLs.
    pub(in crate::diagnosis) async fn enterprise_urls(&self) -> Result<&EnterpriseUrls, Error> {
        self.version().await?;
        let asked = self
            .cucm
            .enterprise
            .get_or_init(|| axl(self.subject.cucm.enterprise_urls()));
        asked.await.as_ref().map_err(Clone::clone)
    }

    /// The control login as CUCM has it.
    pub(in crate::diagnosis) async fn control_user(&self) -> Result<Option<&AppUser>, Error> {
        self.version().await?;
        let name = &self.subject.control.username;
        let asked = self.cucm.user.get_or_init(|| axl(self.subject.cucm.app_user(name)));
        asked.await.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}

//! Which certificates are trusted, and what a server shows before any trust.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;

use super::certificate::{describe, fingerprint_of};
use super::error::{Error, Service, one_line};
use super::records::SeenCertificate;
use super::{Fingerprint, Trust};

/// The TLS configuration of a trust.
pub(super) fn client_config(trust: &Trust) -> Result<ClientConfig, Error> {
    let provider = provider();
    let policy = match trust {
        Trust::System => Policy::Roots {
            verifier: roots_verifier(system_roots(), &provider)?,
            own: Vec::new(),
        },
        Trust::Ca(pem) => {
            let own = certificates(pem)?;
            Policy::Roots {
                verifier: roots_verifier(own.clone(), &provider)?,
                own,
            }
        }
        Trust::Pinned(fingerprint) => Policy::Pinned(*fingerprint),
        Trust::Insecure => Policy::Any,
    };
    config_for(policy, provider)
}

fn config_for(policy: Policy, provider: Arc<CryptoProvider>) -> Result<ClientConfig, Error> {
    let verifier = Verifier {
        policy,
        provider: Arc::clone(&provider),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| untrusted(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn untrusted(error: &dyn fmt::Display) -> Error {
    Error::TlsUntrusted {
        reason: one_line(&error.to_string(), 200),
    }
}

fn system_roots() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let invalid = || Error::InvalidConnection {
        what: "the CA is no certificate in PEM".to_owned(),
    };
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid())?;
    if certificates.is_empty() {
        Err(invalid())
    } else {
        Ok(certificates)
    }
}

fn roots_verifier(
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| untrusted(&error))
}

/// Another certificate than the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("the fingerprint is {seen}, the accepted one is {pinned}")]
struct OtherFingerprint {
    seen: Fingerprint,
    pinned: Fingerprint,
}

#[derive(Debug)]
enum Policy {
    Roots {
        verifier: Arc<WebPkiServerVerifier>,
        /// Certificates uploaded as CA: CUCM's own self-signed one is often among them and signs for itself.
        own: Vec<CertificateDer<'static>>,
    },
    Pinned(Fingerprint),
    Any,
    /// Any, and what was shown is kept.
    Record(Arc<Mutex<Shown>>),
}

/// What a server showed in its handshake.
#[derive(Debug, Default)]
pub(super) struct Shown {
    leaf: Option<CertificateDer<'static>>,
    is_tls13: bool,
}

impl Shown {
    /// The certificate, once there was a handshake.
    pub(super) fn certificate(&self) -> Option<Result<SeenCertificate, Error>> {
        let tls_version = if self.is_tls13 { "TLS 1.3" } else { "TLS 1.2" };
        self.leaf.as_ref().map(|leaf| describe(leaf, tls_version))
    }
}

/// A configuration that trusts anything and keeps what was shown.
pub(super) fn recording_config() -> Result<(ClientConfig, Arc<Mutex<Shown>>), Error> {
    let shown = Arc::new(Mutex::new(Shown::default()));
    let config = config_for(Policy::Record(Arc::clone(&shown)), provider())?;
    Ok((config, shown))
}

/// Decides on the certificate; the handshake's signature is always checked, so that whoever shows a certificate also
/// holds its key.
#[derive(Debug)]
struct Verifier {
    policy: Policy,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.policy {
            Policy::Any => Ok(ServerCertVerified::assertion()),
            Policy::Record(shown) => {
                shown.lock().unwrap_or_else(PoisonError::into_inner).leaf = Some(end_entity.clone().into_owned());
                Ok(ServerCertVerified::assertion())
            }
            Policy::Pinned(pinned) => {
                let seen = fingerprint_of(end_entity);
                if seen == *pinned {
                    return Ok(ServerCertVerified::assertion());
                }
                let other = OtherFingerprint { seen, pinned: *pinned };
                Err(CertificateError::Other(OtherError(Arc::new(other))).into())
            }
            Policy::Roots { own, .. } if own.iter().any(|known| known.as_ref() == end_entity.as_ref()) => {
                Ok(ServerCertVerified::assertion())
            }
            Policy::Roots { verifier, .. } => {
                verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if let Policy::Record(shown) = &self.policy {
            shown.lock().unwrap_or_else(PoisonError::into_inner).is_tls13 = true;
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a failed handshake means.
pub(super) fn handshake_error(error: &rustls::Error, service: Service) -> Error {
    use rustls::{AlertDescription, Error as Tls};
    match error {
        Tls::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        )
        | Tls::PeerIncompatible(_) => Error::TlsTooOld {
            reason: one_line(&error.to_string(), 200),
        },
        Tls::InvalidCertificate(CertificateError::Other(other)) => untrusted(&other.0),
        Tls::InvalidCertificate(_) => untrusted(&error),
        Tls::InvalidMessage(_) => Error::NotTls {
            service,
            reason: one_line(&error.to_string(), 200),
        },
        other => Error::TlsFailed {
            service,
            reason: one_line(&other.to_string(), 200),
        },
    }
}

/// The TLS error at the bottom of a chain of errors, if there is one.
pub(super) fn tls_cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // An io::Error's source skips the error it wraps.
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            let inner: &(dyn std::error::Error + 'static) = inner;
            if let Some(found) = tls_cause(inner) {
                return Some(found);
            }
        }
        current = error.source();
    }
    None
}

/// Shakes hands with a server and tells its certificate and protocol. Trusts nothing and sends nothing but the handshake;
/// gives up after `timeout`. What went wrong is told apart: [`Error::NotResolved`], [`Error::Refused`],
/// [`Error::Silent`], [`Error::TimedOut`] (connected, then no handshake), [`Error::TlsTooOld`], [`Error::NotTls`],
/// [`Error::TlsFailed`].
pub async fn seen_certificate(host: &str, port: u16, timeout: Duration) -> Result<SeenCertificate, Error> {
    let service = Service::Axl;
    let started = Instant::now();
    let socket = tokio::time::timeout(timeout, connect(host, port))
        .await
        .map_err(|_| Error::Silent { service })??;
    let left = timeout.saturating_sub(started.elapsed());
    tokio::time::timeout(left, shake_hands(host, socket))
        .await
        .map_err(|_| Error::TimedOut { service })?
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, Error> {
    let service = Service::Axl;
    let addresses: Vec<_> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| Error::NotResolved {
            service,
            reason: one_line(&error.to_string(), 200),
        })?
        .collect();
    TcpStream::connect(addresses.as_slice())
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => Error::Refused { service },
            io::ErrorKind::TimedOut => Error::Silent { service },
            _ => Error::Unreachable {
                service,
                reason: one_line(&error.to_string(), 200),
            },
        })
}

async fn shake_hands(host: &str, socket: TcpStream) -> Result<SeenCertificate, Error> {
    let failed = |reason: &dyn fmt::Display| Error::TlsFailed {
        service: Service::Axl,
        reason: one_line(&reason.to_string(), 200),
    };
    let (config, shown) = recording_config()?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(&error))?;
    tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, socket)
        .await
        .map_err(|error| tls_cause(&error).map_or_else(|| failed(&error), |tls| handshake_error(tls, Service::Axl)))?;
    let certificate = shown.lock().unwrap_or_else(PoisonError::into_inner).certificate();
    certificate.unwrap_or_else(|| Err(untrusted(&"the server showed no certificate")))
}

//! Which certificates are trusted, and what a server shows before any trust.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};

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

/// The SHA-256 of a certificate.
fn fingerprint_of(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint::from_bytes(Sha256::digest(certificate.as_ref()).into())
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
    Record(Arc<Mutex<Option<CertificateDer<'static>>>>),
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
            Policy::Record(slot) => {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.clone().into_owned());
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
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a failed handshake means.
pub(super) fn handshake_error(error: &rustls::Error) -> Error {
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
        other => Error::Unreachable {
            service: Service::Axl,
            reason: one_line(&format!("TLS handshake failed: {other}"), 200),
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
        if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
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
/// gives up after `timeout`.
pub async fn seen_certificate(host: &str, port: u16, timeout: Duration) -> Result<SeenCertificate, Error> {
    let unreachable = |reason: String| Error::Unreachable {
        service: Service::Axl,
        reason,
    };
    tokio::time::timeout(timeout, shake_hands(host, port))
        .await
        .map_err(|_| unreachable("no answer in time".to_owned()))?
}

async fn shake_hands(host: &str, port: u16) -> Result<SeenCertificate, Error> {
    let unreachable = |reason: &dyn fmt::Display| Error::Unreachable {
        service: Service::Axl,
        reason: one_line(&reason.to_string(), 200),
    };
    let slot = Arc::new(Mutex::new(None));
    let config = config_for(Policy::Record(Arc::clone(&slot)), provider())?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| unreachable(&error))?;
    let socket = tokio::net::TcpStream::connect((host, port))
        .await
        .map_err(|error| unreachable(&error))?;
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, socket)
        .await
        .map_err(|error| tls_cause(&error).map_or_else(|| unreachable(&error), handshake_error))?;
    let tls_version = match stream.get_ref().1.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS 1.2",
    };
    let leaf = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    let leaf = leaf.ok_or_else(|| untrusted(&"the server showed no certificate"))?;
    describe(&leaf, tls_version)
}

fn describe(leaf: &CertificateDer<'_>, tls_version: &str) -> Result<SeenCertificate, Error> {
    let (_, certificate) =
        x509_parser::parse_x509_certificate(leaf).map_err(|_| untrusted(&"the certificate cannot be read"))?;
    Ok(SeenCertificate {
        fingerprint: fingerprint_of(leaf),
        subject: common_name(certificate.subject()),
        issuer: common_name(certificate.issuer()),
        not_after: certificate.validity().not_after.timestamp(),
        self_signed: certificate.subject() == certificate.issuer(),
        tls_version: tls_version.to_owned(),
    })
}

fn common_name(name: &x509_parser::x509::X509Name<'_>) -> String {
    let text = name
        .iter_common_name()
        .find_map(|attribute| attribute.as_str().ok())
        .map_or_else(|| name.to_string(), str::to_owned);
    one_line(&text, 200)
}

//! What a certificate says of itself.

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::public_key::PublicKey;

use super::Fingerprint;
use super::error::{Error, one_line};
use super::records::SeenCertificate;

/// The SHA-256 of a certificate.
pub(super) fn fingerprint_of(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint::from_bytes(Sha256::digest(certificate.as_ref()).into())
}

/// Reads a certificate; nothing of it is verified.
pub(super) fn describe(leaf: &CertificateDer<'_>, tls_version: &str) -> Result<SeenCertificate, Error> {
    let (_, certificate) = x509_parser::parse_x509_certificate(leaf).map_err(|_| Error::TlsUntrusted {
        reason: "the certificate cannot be read".to_owned(),
    })?;
    Ok(SeenCertificate {
        fingerprint: fingerprint_of(leaf),
        subject: common_name(certificate.subject()),
        issuer: common_name(certificate.issuer()),
        serial: certificate.raw_serial_as_string().to_ascii_uppercase(),
        key: key_name(&certificate),
        signature: signature_name(&certificate.signature_algorithm.algorithm.to_id_string()),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
        self_signed: certificate.subject() == certificate.issuer(),
        tls_version: tls_version.to_owned(),
    })
}

fn key_name(certificate: &X509Certificate<'_>) -> String {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(key)) => format!("EC {}", key.key_size()),
        _ => certificate.public_key().algorithm.algorithm.to_id_string(),
    }
}

/// The names of RFC 3279, 4055, 5758 and 8410; others stay what they are.
fn signature_name(identifier: &str) -> String {
    let name = match identifier {
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" => "SHA-1 with RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    name.to_owned()
}

fn common_name(name: &x509_parser::x509::X509Name<'_>) -> String {
    let text = name
        .iter_common_name()
        .find_map(|attribute| attribute.as_str().ok())
        .map_or_else(|| name.to_string(), str::to_owned);
    one_line(&text, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_certificate_says() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut asked = rcgen::CertificateParams::new(vec!["cucm.example".to_owned()]).unwrap();
        asked.distinguished_name.push(rcgen::DnType::CommonName, "cucm.example");
        asked.serial_number = Some(rcgen::SerialNumber::from_slice(&[0x1a, 0x02]));
        asked.not_before = rcgen::date_time_ymd(2020, 1, 1);
        asked.not_after = rcgen::date_time_ymd(2030, 1, 1);
        let made = asked.self_signed(&key).unwrap();
        let seen = describe(made.der(), "TLS 1.3").unwrap();
        assert_eq!(
            (seen.subject.as_str(), seen.issuer.as_str()),
            ("cucm.example", "cucm.example")
        );
        assert_eq!((seen.serial.as_str(), seen.key.as_str()), ("1A:02", "EC 256"));
        assert_eq!(seen.signature, "SHA-256 with ECDSA");
        assert_eq!((seen.not_before, seen.not_after), (1_577_836_800, 1_893_456_000));
        assert!(seen.self_signed);
        assert_eq!(seen.fingerprint, fingerprint_of(made.der()));
        assert!(describe(&CertificateDer::from(vec![1, 2, 3]), "TLS 1.3").is_err());
    }
}

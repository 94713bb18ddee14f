//! What certificate CUCM shows, and whether it is the trusted one.

use super::super::words::moment;
use crate::cucm::{Error, SeenCertificate};
use crate::diagnosis::seen::{Seen, is_other_than_pinned};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::inventory::{Tls, TlsMode};

const CHECK: CheckId = CheckId::CucmTls;
/// A certificate that ends sooner than this is worth a warning.
const EXPIRY_WARNING_DAYS: i64 = 30;
const SECONDS_A_DAY: i64 = 86_400;

pub(in crate::diagnosis::checks) async fn tls(seen: &Seen) -> Finding {
    if seen.reach().await.connected.is_none() {
        return Finding::skipped(CHECK, "CUCM was not reached");
    }
    let trust = &seen.subject.cluster.tls;
    let shown = match seen.certificate().await {
        Ok(shown) => shown,
        Err(error) => return no_handshake(&error),
    };
    if is_other_than_pinned(trust, shown) {
        let evidence = format!(
            "CUCM shows another certificate than the accepted one: {}",
            shown.subject
        );
        return described(Finding::failed(CHECK, evidence), trust, shown).sign(Sign::CucmTlsUntrusted);
    }
    // With authorities, only a handshake made by their rules tells; the login is the first to make one.
    if matches!(trust.mode, TlsMode::System | TlsMode::Ca)
        && let Err(Error::TlsUntrusted { reason }) = seen.version().await
    {
        let evidence = format!("CUCM's certificate ({}) is not trusted: {reason}", shown.subject);
        return described(Finding::failed(CHECK, evidence), trust, shown).sign(Sign::CucmTlsUntrusted);
    }
    let now = seen.tools.clock.now().as_second();
    described(trusted(trust, shown, now), trust, shown).excludes(&[
        Cause::CucmUnreachable,
        Cause::CucmTlsUntrusted,
        Cause::CucmTlsTooOld,
    ])
}

fn no_handshake(error: &Error) -> Finding {
    let finding = Finding::failed(CHECK, error.evidence());
    match error {
        Error::TlsTooOld { .. } => finding.sign(Sign::CucmTlsTooOld),
        Error::TlsUntrusted { .. } => finding.sign(Sign::CucmTlsUntrusted),
        _ => finding.sign(Sign::CucmUnreachable),
    }
}

fn trusted(trust: &Tls, shown: &SeenCertificate, now: i64) -> Finding {
    let days = (shown.not_after - now).div_euclid(SECONDS_A_DAY);
    let until = moment(shown.not_after);
    if trust.mode == TlsMode::Insecure {
        let evidence = format!(
            "{} with {}; it is not checked, because this cluster is set to trust any certificate",
            shown.subject, shown.tls_version
        );
        Finding::warning(CHECK, evidence)
    } else if shown.not_after <= now {
        let evidence = format!(
            "{}: trusted, but it ended on {until}; phones may refuse it",
            shown.subject
        );
        Finding::warning(CHECK, evidence)
    } else if days < EXPIRY_WARNING_DAYS {
        Finding::warning(
            CHECK,
            format!("{}: trusted, but it ends in {days} days, on {until}", shown.subject),
        )
    } else {
        let how = match trust.mode {
            TlsMode::Pinned => "the accepted certificate",
            _ => "signed by a trusted authority",
        };
        let evidence = format!("{}: {how}, valid until {until}, {}", shown.subject, shown.tls_version);
        Finding::passed(CHECK, evidence)
    }
}

fn described(finding: Finding, trust: &Tls, shown: &SeenCertificate) -> Finding {
    let issuer = if shown.self_signed { "itself" } else { &shown.issuer };
    let validity = format!("{} to {}", moment(shown.not_before), moment(shown.not_after));
    let finding = finding
        .detail("Protocol", &shown.tls_version)
        .detail("Subject", &shown.subject)
        .detail("Signed by", issuer)
        .detail("Valid", validity)
        .detail("Key", format!("{}, {}", shown.key, shown.signature))
        .detail("Fingerprint seen", shown.fingerprint.to_string());
    match &trust.fingerprint_sha256 {
        Some(pinned) if trust.mode == TlsMode::Pinned => finding.detail("Fingerprint accepted", pinned),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cucm::Fingerprint;
    use crate::domain::finding::CheckOutcome;

    const NOW: i64 = 1_800_000_000;

    fn shown(not_after: i64) -> SeenCertificate {
        SeenCertificate {
            fingerprint: Fingerprint::from_bytes([7; 32]),
            subject: "cucm-pub".to_owned(),
            issuer: "cucm-pub".to_owned(),
            serial: "01".to_owned(),
            key: "RSA 2048".to_owned(),
            signature: "SHA-256 with RSA".to_owned(),
            not_before: 0,
            not_after,
            self_signed: true,
            tls_version: "TLS 1.2".to_owned(),
        }
    }

    fn pinned(fingerprint: &str) -> Tls {
        Tls {
            mode: TlsMode::Pinned,
            fingerprint_sha256: Some(fingerprint.to_owned()),
            ca_pem: None,
        }
    }

    #[test]
    fn a_certificate_about_to_end_is_a_warning() {
        let trust = pinned("");
        let outcome = |days: i64| trusted(&trust, &shown(NOW + days * SECONDS_A_DAY), NOW);
        assert_eq!(outcome(31).outcome, CheckOutcome::Passed);
        let soon = outcome(29);
        assert_eq!(soon.outcome, CheckOutcome::Warning);
        assert!(soon.evidence.contains("in 29 days"), "{}", soon.evidence);
        assert!(outcome(-1).evidence.contains("it ended on"));
    }

    #[test]
    fn the_pinned_one_is_told_in_any_spelling() {
        assert!(!is_other_than_pinned(&pinned(&"07".repeat(32)), &shown(NOW)));
        assert!(is_other_than_pinned(&pinned(&"08".repeat(32)), &shown(NOW)));
        let any = Tls {
            mode: TlsMode::Insecure,
            ..pinned(&"08".repeat(32))
        };
        assert!(!is_other_than_pinned(&any, &shown(NOW)));
    }
}

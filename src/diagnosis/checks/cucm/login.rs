//! Whether AXL takes the CUCM login, and what CUCM it is.

use super::super::words::{is_unreached, status};
use crate::cucm::{AppUser, Error, Version, product_version};
use crate::diagnosis::seen::Seen;
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::CucmLogin;
/// The role that reads and writes, and the one that only reads (cucm-apis.md 4).
const WRITES: &str = "standard axl api access";
const READS: &str = "standard axl read only api access";
/// The first release whose authenticate answers 69xx phones cannot read.
const LONG_REPLIES: (u32, u32) = (11, 5);

pub(in crate::diagnosis::checks) async fn login(seen: &Seen) -> Finding {
    let cluster = &seen.subject.cluster;
    let finding = match seen.version().await {
        Ok(version) => {
            let user = if seen.is_one_login() {
                seen.control_user().await.ok().flatten()
            } else {
                None
            };
            works(&cluster.login_username, version, user)
        }
        Err(error) if is_unreached(&error) => {
            return Finding::skipped(CHECK, "CUCM was not reached, or is not trusted; the login was not sent");
        }
        Err(_) if seen.is_axl_queued() => {
            let why = "other requests of this server to AXL did not end in time; that says nothing of AXL itself";
            Finding::warning(CHECK, why)
        }
        Err(error) => fails(&cluster.login_username, &error),
    };
    finding
        .detail(
            "Request",
            format!("POST https://{}:{}/axl/ getCCMVersion", cluster.host, cluster.port),
        )
        .detail("Login", &cluster.login_username)
}

fn works(username: &str, version: &Version, user: Option<&AppUser>) -> Finding {
    let product = &version.product;
    let reads_only = user.is_some_and(reads_only);
    let note = if reads_only {
        "; it may only read, so that remedies are told, not carried out"
    } else {
        ""
    };
    let evidence = format!(
        "AXL takes the login {username}{note}; CUCM {product}, AXL {}",
        version.axl
    );
    let mut finding = Finding::passed(CHECK, evidence)
        .sign(Sign::AxlWorks)
        .excludes(&[
            Cause::CucmUnreachable,
            Cause::CucmTlsUntrusted,
            Cause::CucmTlsTooOld,
            Cause::CucmLoginRejected,
            Cause::AxlUnavailable,
            Cause::AxlVersionUnsupported,
        ])
        .detail("Status", "HTTP 200")
        .detail("Release", product)
        .detail("AXL schema", version.axl.as_str());
    if let Some((major, minor)) = product_version(product) {
        finding = finding.sign(Sign::CucmRelease(major, minor));
        if (major, minor) < LONG_REPLIES {
            finding = finding.excludes(&[Cause::AuthenticationReplyUnreadable]);
        }
    }
    match user {
        Some(user) => finding.detail("Roles", user.roles.join(", ")),
        None => finding,
    }
}

/// Whether the user's roles let it read through AXL and not write.
fn reads_only(user: &AppUser) -> bool {
    let has = |wanted: &str| user.roles.iter().any(|role| role.eq_ignore_ascii_case(wanted));
    has(READS) && !has(WRITES)
}

fn fails(username: &str, error: &Error) -> Finding {
    let (sign, evidence) = match error {
        Error::LoginRejected { .. } => (
            Sign::AxlLoginRejected,
            format!("AXL answers 401 to {username}: the name or the password is wrong, or the user is locked"),
        ),
        Error::RoleMissing { .. } => (
            Sign::AxlRoleMissing,
            format!("AXL answers 403 to {username}: it lacks the role Standard AXL API Access"),
        ),
        Error::VersionUnsupported { .. } => (Sign::AxlVersionUnsupported, error.evidence()),
        Error::Status { status: 404, .. } => (
            Sign::AxlDown,
            "AXL answers 404: the Cisco AXL Web Service does not run".to_owned(),
        ),
        Error::TimedOut { .. } | Error::Throttled | Error::Status { status: 503, .. } => {
            (Sign::AxlBusy, error.evidence())
        }
        _ => (Sign::AxlDown, error.evidence()),
    };
    let finding = Finding::failed(CHECK, evidence).sign(sign).excludes(&[
        Cause::CucmUnreachable,
        Cause::CucmTlsUntrusted,
        Cause::CucmTlsTooOld,
    ]);
    match status(error) {
        Some(status) => finding.detail("Status", status),
        None => finding.detail("Error", error.evidence()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cucm::{AxlVersion, Service};

    fn user(roles: &[&str]) -> AppUser {
        AppUser {
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            ..AppUser::default()
        }
    }

    #[test]
    fn a_role_that_only_reads_is_told() {
        let version = Version {
            axl: AxlVersion::V14_0,
            product: "10.5.2.1".to_owned(),
        };
        let found = works("axl", &version, Some(&user(&["Standard AXL Read Only API Access"])));
        assert!(found.evidence.contains("may only read"), "{}", found.evidence);
        assert!(found.signs.contains(&Sign::CucmRelease(10, 5)));
        assert!(found.rules_out.contains(&Cause::AuthenticationReplyUnreadable));
        let both = user(&["Standard AXL Read Only API Access", "Standard AXL API Access"]);
        assert!(!works("axl", &version, Some(&both)).evidence.contains("only"));
    }

    #[test]
    fn each_answer_has_its_sign() {
        let service = Service::Axl;
        let cases = [
            (Error::LoginRejected { service }, Sign::AxlLoginRejected),
            (Error::RoleMissing { service }, Sign::AxlRoleMissing),
            (Error::Status { service, status: 404 }, Sign::AxlDown),
            (Error::Status { service, status: 500 }, Sign::AxlDown),
            (Error::Status { service, status: 503 }, Sign::AxlBusy),
            (Error::TimedOut { service }, Sign::AxlBusy),
            (
                Error::VersionUnsupported {
                    offered: "7.1".to_owned(),
                },
                Sign::AxlVersionUnsupported,
            ),
        ];
        for (error, sign) in cases {
            let found = fails("axl", &error);
            assert_eq!(found.signs, [sign], "{error:?}");
            assert!(!found.details.is_empty());
        }
    }
}

//! Remedies that change what is kept here, or in the cluster's settings.

use std::net::Ipv4Addr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::super::plan::{Act, Confirm, Plan, device};
use super::super::types::{Change, Input};
use super::super::{Case, RemedyError, Shared};
use crate::cucm::{self, SeenCertificate, Urgency};
use crate::domain::cause::Cause;
use crate::inventory::{Subject, TlsMode};
use crate::phone;

/// How long CUCM may take to show its certificate.
const SHOW: Duration = Duration::from_secs(5);
/// How long what answers at an address may take to tell its name.
const TELL: Duration = Duration::from_secs(4);
/// The longest user name or password of CUCM, in characters.
const LONGEST_LOGIN: usize = 128;

impl Shared {
    pub(in crate::diagnosis::remedies) async fn plan_certificate(&self, case: &Case) -> Result<Plan, RemedyError> {
        let cluster = &case.subject.cluster;
        let seen = cucm::seen_certificate(&cluster.host, cluster.port, SHOW).await?;
        let kept = match (cluster.tls.mode, cluster.tls.fingerprint_sha256.as_deref()) {
            (TlsMode::Pinned, Some(fingerprint)) => fingerprint.to_owned(),
            (TlsMode::Insecure, _) => "any certificate".to_owned(),
            (TlsMode::Ca, _) => "certificates of the CA that was named".to_owned(),
            _ => "certificates of the system's CAs".to_owned(),
        };
        let shown = seen.fingerprint.to_string();
        let same = cluster.tls.mode == TlsMode::Pinned && cluster.tls.fingerprint_sha256.as_deref() == Some(&shown);
        let changes = if same {
            Vec::new()
        } else {
            vec![Change::new(
                format!("Trusted certificate of {}", cluster.name),
                kept,
                shown.clone(),
            )]
        };
        let counts = self.parts.inventory.phone_counts(&case.viewer, cluster.id).await?;
        Ok(Plan {
            read: shown,
            warnings: certificate_warnings(&seen, self.parts.clock.now().as_second()),
            phones_touched: counts.all,
            ..Plan::new(Act::Certificate(seen.fingerprint), changes)
        })
    }

    pub(in crate::diagnosis::remedies) async fn plan_cucm_login(&self, case: &Case) -> Result<Plan, RemedyError> {
        let cluster = &case.subject.cluster;
        let changes = match &cluster.control_username {
            None => Vec::new(),
            Some(own) => vec![Change::new(
                format!("Control login of {}", cluster.name),
                own,
                format!("{}, the CUCM login", cluster.login_username),
            )],
        };
        let counts = self.parts.inventory.phone_counts(&case.viewer, cluster.id).await?;
        let mut warnings = vec![format!(
            "Phones obey {} only where it is among their controlling users: each phone must be among its Controlled Devices.",
            cluster.login_username
        )];
        // That AXL takes the CUCM login proves its password; one question, no try of a password besides.
        let unproved = match case.subject.cucm.app_user(&cluster.login_username).await {
            Ok(_) => None,
            Err(error @ cucm::Error::LoginRejected { .. }) => return Err(error.into()),
            Err(error) => Some(error.evidence()),
        };
        let confirm = unproved.filter(|_| !changes.is_empty()).map(|why| {
            warnings.push(format!(
                "Whether the CUCM login's password is right is not known: {why}."
            ));
            unproved_confirm(&cluster.login_username)
        });
        Ok(Plan {
            read: format!("{:?} {}", cluster.control_username, confirm.is_some()),
            warnings,
            confirm,
            phones_touched: counts.all,
            ..Plan::new(Act::CucmLogin, changes)
        })
    }

    /// `password` is none for the preview.
    pub(in crate::diagnosis::remedies) async fn plan_control_login(
        &self,
        case: &Case,
        input: Option<&str>,
        password: Option<&SecretString>,
    ) -> Result<Plan, RemedyError> {
        let cluster = &case.subject.cluster;
        let username = input.unwrap_or(&case.subject.control.username).to_owned();
        for (field, text) in [
            ("input", username.as_str()),
            ("password", password.map_or("", |password| password.expose_secret())),
        ] {
            if text.chars().count() > LONGEST_LOGIN || text.chars().any(char::is_control) {
                let problem = format!("CUCM takes at most {LONGEST_LOGIN} characters, without line breaks");
                return Err(RemedyError::Invalid { field, problem });
            }
        }
        let from = match &cluster.control_username {
            Some(own) => own.clone(),
            None => format!("{}, the CUCM login", cluster.login_username),
        };
        let to = format!("{username}, with the password given");
        let counts = self.parts.inventory.phone_counts(&case.viewer, cluster.id).await?;
        let mut warnings = vec![
            "CUCM is asked once whether the password is right; a wrong one may count toward the lock of the user."
                .to_owned(),
        ];
        let unprovable = match case.subject.cucm.app_user(&username).await {
            Ok(Some(_)) => None,
            Ok(None) => Some(format!(
                "CUCM has no user {username}, so that nobody here can tell whether its password is right."
            )),
            Err(error) => Some(format!(
                "CUCM cannot be asked whether the password is right: {}.",
                error.evidence()
            )),
        };
        let confirm = unprovable.map(|why| {
            warnings.push(why);
            unproved_confirm(&username)
        });
        let unproved = confirm.is_some();
        Ok(Plan {
            read: format!("{:?} {username} {unproved}", cluster.control_username),
            warnings,
            confirm,
            phones_touched: counts.all,
            input: Some(Input {
                label: "User name; upper and lower case count".to_owned(),
                value: username.clone(),
                choices: Vec::new(),
            }),
            asks_password: true,
            ..Plan::new(
                Act::ControlLogin {
                    username,
                    password: password.cloned().unwrap_or_default(),
                    unproved,
                },
                vec![Change::new(format!("Control login of {}", cluster.name), from, to)],
            )
        })
    }

    pub(in crate::diagnosis::remedies) async fn plan_take_address(&self, case: &Case) -> Result<Plan, RemedyError> {
        let subject = &case.subject;
        let (address, source) = found_address(subject).await?;
        let now = subject.phone.address;
        let from = now.map_or_else(|| "none".to_owned(), |address| address.to_string());
        let changes = if now == Some(address) {
            Vec::new()
        } else {
            vec![Change::new(
                format!("Address of {}", subject.phone.name),
                &from,
                address.to_string(),
            )]
        };
        let mut warnings = vec![format!("The address comes from {source}.")];
        if !changes.is_empty() {
            warnings.extend(self.who_answers(subject, address).await?);
        }
        Ok(Plan {
            read: format!("{from} {address}"),
            warnings,
            ..Plan::new(Act::Address(address), changes)
        })
    }

    pub(in crate::diagnosis::remedies) async fn plan_by_address(
        &self,
        case: &Case,
        input: Option<&str>,
    ) -> Result<Plan, RemedyError> {
        let subject = &case.subject;
        let typed = match input {
            Some(typed) => Some(typed.parse::<Ipv4Addr>().map_err(|_| RemedyError::Invalid {
                field: "input",
                problem: "an IPv4 address, such as 10.20.30.40".to_owned(),
            })?),
            None => match subject.phone.address {
                Some(address) => Some(address),
                None => found_address(subject).await.ok().map(|(address, _)| address),
            },
        };
        let address = typed.ok_or_else(|| RemedyError::Invalid {
            field: "input",
            problem: "no address of this phone is known: read it at the phone and type it".to_owned(),
        })?;
        // Refused here already, with the networks it must be in.
        subject.target_at(address)?;
        let change = Change::new(
            "Phones known by their address",
            "as they are",
            format!("with {address}"),
        );
        Ok(Plan {
            read: address.to_string(),
            warnings: vec![
                "The control login is sent to whatever lives at this address, when you press a key or look at the screen."
                    .to_owned(),
            ],
            input: Some(Input {
                label: "Address of the phone".to_owned(),
                value: address.to_string(),
                choices: Vec::new(),
            }),
            ..Plan::new(Act::ByAddress(address), vec![change])
        })
    }

    /// Refuses an address at which another phone answers; else what to know about it.
    async fn who_answers(&self, subject: &Subject, address: Ipv4Addr) -> Result<Option<String>, RemedyError> {
        let mut target = subject.target_at(address)?;
        // The page needs no login, and nobody knows yet what lives there.
        target.credentials = None;
        let asked = self.parts.phones.device_information(&target, phone::Urgency::Look);
        let told = tokio::time::timeout(TELL, asked).await.ok().and_then(Result::ok);
        let Some(name) = told.and_then(|told| told.host_name) else {
            return Ok(Some(format!("Nothing at {address} tells its name now.")));
        };
        if subject
            .name
            .as_ref()
            .is_some_and(|meant| !meant.as_str().eq_ignore_ascii_case(&name))
        {
            let evidence = format!("at {address} answers {name}, another phone");
            return Err(RemedyError::not_possible(Cause::PhoneAddressStale, evidence));
        }
        Ok(None)
    }
}

/// What is typed by somebody who knows a password to be right that cannot be proved.
fn unproved_confirm(username: &str) -> Confirm {
    Confirm {
        expected: format!("unproved {username}"),
        why: "the password cannot be proved, and a wrong one may lock the user".to_owned(),
    }
}

/// The address CUCM gives for a phone now: RIS's, else the last that its database knows.
async fn found_address(subject: &Subject) -> Result<(Ipv4Addr, &'static str), RemedyError> {
    let device = device(subject)?;
    let told = subject
        .cucm
        .registrations(std::slice::from_ref(&device), Urgency::Person)
        .await;
    if let Some(address) = told.as_ref().ok().and_then(|told| told.get(&device)?.address) {
        return Ok((address, "CUCM's registration service (RIS)"));
    }
    let last = subject.cucm.registration_dynamic(&device).await;
    match (last, told) {
        (Ok(Some(last)), _) if last.address.is_some() => {
            let address = last.address.unwrap_or(Ipv4Addr::UNSPECIFIED);
            Ok((address, "CUCM's database, which may be older than RIS"))
        }
        (_, Err(error)) => Err(error.into()),
        _ => Err(RemedyError::not_possible(
            Cause::PhoneAddressMissing,
            format!("CUCM gives no address for {device}, neither by RIS nor as the last one known"),
        )),
    }
}

fn certificate_warnings(seen: &SeenCertificate, now: i64) -> Vec<String> {
    let mut warnings = vec![
        format!(
            "Shown now: {}, issued by {}, serial {}, {}.",
            seen.subject, seen.issuer, seen.serial, seen.key
        ),
        "Compare the new fingerprint with the one in CUCM: Cisco Unified OS Administration > Security > Certificate Management > tomcat. Accept it only when it is the same: whoever stands between could show one of their own and read the password."
            .to_owned(),
    ];
    if seen.not_after < now {
        warnings.push("The certificate has expired.".to_owned());
    } else if seen.not_before > now {
        warnings.push("The certificate is not valid yet.".to_owned());
    }
    warnings
}

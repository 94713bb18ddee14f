//! Remedies that change CUCM's configuration.

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

use super::super::kept::Kept;
use super::super::plan::{Act, Plan, device};
use super::super::types::{Change, Input};
use super::super::{Case, RemedyError, Shared, urls, vendor};
use crate::cucm::{AppUser, AxlVersion, PhoneDetail};
use crate::diagnosis::checks::shown_url;
use crate::domain::cause::Cause;
use crate::domain::device_name::DeviceName;
use crate::domain::ids::RemedyRunId;
use crate::inventory::Subject;
use crate::store::remedies as rows;

/// Where CUCM answers phones; upper and lower case count (cucm-apis.md 3).
const PATH: &str = "/ccmcip/authenticate.jsp";
/// The longest URL that CUCM keeps for a phone, in characters (cucm-apis.md 1.6).
const LONGEST_URL: usize = 255;

/// Releases before 10.0 have no order to only take the configuration (cucm-apis.md 1.2).
pub(in crate::diagnosis::remedies) fn only_resets(subject: &Subject) -> bool {
    subject
        .cucm
        .axl_version()
        .is_some_and(|version| version < AxlVersion::V10_0)
}

async fn control_user(subject: &Subject) -> Result<AppUser, RemedyError> {
    let name = &subject.control.username;
    subject.cucm.app_user(name).await?.ok_or_else(|| {
        let evidence = format!("CUCM has neither an application user nor an end user {name}, the control login");
        RemedyError::not_possible(Cause::ControlLoginRejected, evidence)
    })
}

fn shown(value: &str) -> String {
    if value.is_empty() {
        "empty".to_owned()
    } else {
        shown_url(value)
    }
}

/// Whether a URL holds what may be a password.
fn is_secret(url: &str) -> bool {
    let named = |url: &Url| {
        url.query_pairs().any(|(name, _)| {
            let name = name.to_ascii_lowercase();
            vendor::SECRET.iter().any(|part| name.contains(part))
        })
    };
    shown_url(url) != url || Url::parse(url).is_ok_and(|url| named(&url))
}

impl Shared {
    pub(in crate::diagnosis::remedies) async fn plan_association(&self, case: &Case) -> Result<Plan, RemedyError> {
        let device = device(&case.subject)?;
        // A phone that CUCM does not have cannot be anybody's; this says so in the words people know.
        case.subject.cucm.get_phone(&device).await?;
        let user = control_user(&case.subject).await?;
        let there = user.devices.iter().any(|name| name == device.as_str());
        let kind = if user.is_end_user {
            "end user"
        } else {
            "application user"
        };
        let changes = if there {
            Vec::new()
        } else {
            vec![Change::new(
                format!("Controlled devices of the {kind} {}", user.userid),
                format!("{} devices, without {device}", user.devices.len()),
                format!("{} devices, with {device}", user.devices.len() + 1),
            )]
        };
        let read = format!("{} {device} {there}", user.userid);
        let mut warnings = Vec::new();
        if !there && self.writes_whole_lists(case.subject.cluster.id, &user.userid) {
            warnings.push(format!(
                "This CUCM lets no single row be written for {}: the whole list of {} devices is written, read back and compared.",
                user.userid,
                user.devices.len() + 1
            ));
        }
        let act = Act::Associate {
            user: user.userid,
            end_user: user.is_end_user,
            device,
            devices: user.devices_as_written,
        };
        Ok(Plan {
            warnings,
            read,
            ..Plan::new(act, changes)
        })
    }

    pub(in crate::diagnosis::remedies) async fn plan_web_access(&self, case: &Case) -> Result<Plan, RemedyError> {
        let device = device(&case.subject)?;
        let detail = case.subject.cucm.get_phone(&device).await?;
        if detail.vendor_config_is_nested {
            let evidence = "the phone's Product Specific Configuration has parts that cannot be written back as they were; change Web Access on its page in CUCM";
            return Err(RemedyError::not_possible(Cause::WebAccessDisabled, evidence));
        }
        let now = detail.vendor(vendor::WEB_ACCESS).map(str::to_owned);
        let changes = if now.as_deref() == Some(vendor::ENABLED) {
            Vec::new()
        } else {
            let from = vendor::web_access_in_words(now.as_deref());
            vec![Change::new(format!("Web Access of {device}"), from, "Enabled (0)")]
        };
        let mut plan = Plan {
            read: read_of(&detail),
            warnings: vec![
                "Web Access is the phone's own web server. Whoever reaches the phone's address can read its information pages."
                    .to_owned(),
            ],
            ..Plan::new(
                Act::Vendor(vendor::Write {
                    device,
                    before: Box::new(detail),
                    key: vendor::WEB_ACCESS.to_owned(),
                    value: Some(vendor::ENABLED.to_owned()),
                }),
                changes,
            )
        };
        self.add_push_warnings(case, &mut plan).await;
        Ok(plan)
    }

    pub(in crate::diagnosis::remedies) async fn plan_set_url(
        &self,
        case: &Case,
        input: Option<&str>,
    ) -> Result<Plan, RemedyError> {
        let device = device(&case.subject)?;
        let detail = case.subject.cucm.get_phone(&device).await?;
        let proposed = self.proposed_urls(&case.subject).await;
        let proposal = proposed.as_ref().map(|proposed| proposed.https.as_str());
        let Some(typed) = input.or(proposal).map(str::to_owned) else {
            return Err(RemedyError::Invalid {
                field: "input",
                problem: "CUCM's address could not be found here: type the whole Authentication URL".to_owned(),
            });
        };
        let (wished, mut warnings) = checked(&typed, &detail)?;
        warnings.push(
            "The phone then asks this URL in place of the cluster's, also when the cluster's changes later.".to_owned(),
        );
        let choices = proposed.map_or_else(Vec::new, |proposed| {
            vec![
                (
                    proposed.https,
                    "the password is protected on its way; the phone must trust CUCM's certificate".to_owned(),
                ),
                (
                    proposed.http,
                    "works also with a trust list that does not fit; the control login's password crosses the voice network in clear".to_owned(),
                ),
            ]
        });
        let mut plan = url_plan(device, detail, wished)?;
        plan.warnings = warnings;
        plan.input = Some(Input {
            label: "Authentication URL".to_owned(),
            value: typed,
            choices,
        });
        self.add_push_warnings(case, &mut plan).await;
        Ok(plan)
    }

    pub(in crate::diagnosis::remedies) async fn plan_clear_url(&self, case: &Case) -> Result<Plan, RemedyError> {
        let device = device(&case.subject)?;
        let detail = case.subject.cucm.get_phone(&device).await?;
        let mut plan = url_plan(device, detail, urls::Pair::default())?;
        plan.warnings = vec!["The phone then asks the cluster's Authentication URL.".to_owned()];
        self.add_push_warnings(case, &mut plan).await;
        Ok(plan)
    }

    pub(in crate::diagnosis::remedies) async fn plan_unlock(&self, case: &Case) -> Result<Plan, RemedyError> {
        let user = control_user(&case.subject).await?;
        let from = match (user.locked_by_admin, user.locked) {
            (true, _) => "locked by an administrator",
            (false, true) => "locked after wrong passwords",
            (false, false) => "CUCM tells of no lock",
        };
        let change = Change::new(format!("Lock of {}", user.userid), from, "unlocked");
        let mut warnings = vec![
            "Whatever sent the wrong passwords will lock the user again: look for other programs with an old password of this user."
                .to_owned(),
        ];
        if user.locked_by_admin {
            warnings.push("Somebody locked this user on purpose; ask why before you unlock it.".to_owned());
        }
        let counts = self
            .parts
            .inventory
            .phone_counts(&case.viewer, case.subject.cluster.id)
            .await?;
        let read = format!("{} {from}", user.userid);
        let act = Act::Unlock {
            user: user.userid,
            end_user: user.is_end_user,
        };
        Ok(Plan {
            read,
            warnings,
            phones_touched: counts.all,
            ..Plan::new(act, vec![change])
        })
    }

    /// What follows when the phone takes a new configuration: it may restart, and on old releases it must.
    async fn add_push_warnings(&self, case: &Case, plan: &mut Plan) {
        if plan.changes.is_empty() {
            return;
        }
        let (warnings, confirm) = self.push_warnings(&case.subject).await;
        plan.warnings.extend(warnings);
        plan.confirm = confirm;
        plan.needs_token = only_resets(&case.subject);
    }

    /// Adds the phone for good; also one that is there only for a visit.
    pub(in crate::diagnosis::remedies) async fn plan_lasting_association(
        &self,
        case: &Case,
    ) -> Result<Plan, RemedyError> {
        let mut plan = self.plan_association(case).await?;
        let Act::Associate { user, device, .. } = &plan.act else {
            return Ok(plan);
        };
        let subject = &case.subject;
        let visits = rows::visits(&self.parts.store).await?;
        let of_this = visits.into_iter().filter(|run| {
            let kept = serde_json::from_str(&run.kept).ok();
            run.phone == subject.phone.id
                && run.phone_name == subject.phone.name
                && matches!(kept, Some(Kept::Association { user: of, .. }) if of == *user)
        });
        let lasting: Vec<RemedyRunId> = of_this.map(|run| run.id).collect();
        if !lasting.is_empty() {
            let what = format!("Stay of {device} among the controlled devices of {user}");
            plan.changes.push(Change::new(what, "until a visit ends", "for good"));
        }
        plan.read = format!("{} {lasting:?}", plan.read);
        plan.lasting = lasting;
        Ok(plan)
    }

    /// The URLs at which the cluster's publisher answers phones, by address.
    pub(in crate::diagnosis::remedies) async fn proposed_urls(&self, subject: &Subject) -> Option<urls::Proposed> {
        let address = publisher_address(subject).await?;
        let cluster = &subject.cluster;
        Some(urls::Proposed {
            https: format!("https://{address}:{}{PATH}", cluster.port),
            http: format!("http://{address}:{}{PATH}", cluster.authentication_http_port),
        })
    }
}

/// Everything about a phone that a write of ours must not disturb, as one text.
fn read_of(detail: &PhoneDetail) -> String {
    format!(
        "{}\n{:?}\n{}\n{}",
        detail.version_stamp, detail.vendor_config, detail.authentication_url, detail.secure_authentication_url
    )
}

/// Refuses to write over a URL with a password: it would have to be kept for undo.
fn url_plan(device: DeviceName, detail: PhoneDetail, wished: urls::Pair) -> Result<Plan, RemedyError> {
    let now = urls::Pair::of(&detail);
    if now != wished && [&now.secure, &now.plain].into_iter().any(|url| is_secret(url)) {
        let evidence = format!(
            "an Authentication URL of {device} holds a login or a password, which is kept nowhere here, so that this could not be taken back: change it on the phone's page in CUCM"
        );
        return Err(RemedyError::not_possible(Cause::AuthenticationUrlOverridden, evidence));
    }
    let read = format!("{}\n{}\n{}", read_of(&detail), wished.secure, wished.plain);
    let fields = [
        ("Secured Authentication URL", &now.secure, &wished.secure),
        ("Authentication URL", &now.plain, &wished.plain),
    ];
    let changes = fields
        .into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(what, from, to)| Change::new(format!("{what} of {device}"), shown(from), shown(to)))
        .collect();
    Ok(Plan {
        read,
        ..Plan::new(
            Act::Urls(urls::Write {
                device,
                before: Box::new(detail),
                wished,
            }),
            changes,
        )
    })
}

/// The two fields of a URL that a person typed, and what speaks against it. A phone takes its secure URL first, then the
/// plain one (cucm-apis.md 3), so that a plain URL is written into both.
fn checked(typed: &str, detail: &PhoneDetail) -> Result<(urls::Pair, Vec<String>), RemedyError> {
    let invalid = |problem: &str| RemedyError::Invalid {
        field: "input",
        problem: problem.to_owned(),
    };
    if typed.chars().count() > LONGEST_URL {
        return Err(invalid("CUCM keeps at most 255 characters of a URL"));
    }
    let url = Url::parse(typed)
        .map_err(|_| invalid("this is no URL; write it as https://ADDRESS:8443/ccmcip/authenticate.jsp"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("a URL must hold no login"));
    }
    if is_secret(typed) {
        return Err(invalid("a URL must hold no password"));
    }
    let mut warnings = Vec::new();
    match url.host() {
        Some(Host::Domain(name)) => warnings.push(format!(
            "{name} is a name: phones without a working DNS cannot resolve it. An address is safer."
        )),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => {}
        None => return Err(invalid("the URL has no host")),
    }
    if url.path() != PATH {
        warnings.push(format!("CUCM's own path is {PATH}, where upper and lower case count."));
    }
    let pair = match url.scheme() {
        "https" => urls::Pair {
            secure: typed.to_owned(),
            plain: detail.authentication_url.clone(),
        },
        "http" => {
            warnings.push(
                "Over http the control login's password crosses the voice network in clear: whoever can listen there can read it."
                    .to_owned(),
            );
            urls::Pair {
                secure: typed.to_owned(),
                plain: typed.to_owned(),
            }
        }
        _ => return Err(invalid("an Authentication URL begins with https:// or http://")),
    };
    Ok((pair, warnings))
}

/// The publisher's address: as the cluster is set up, else as CUCM names its node, else as its name resolves here.
async fn publisher_address(subject: &Subject) -> Option<Ipv4Addr> {
    let host = subject.cluster.host.as_str();
    if let Ok(address) = host.parse() {
        return Some(address);
    }
    let nodes = subject.cucm.process_nodes().await.unwrap_or_default();
    let publisher = nodes.iter().find(|node| node.is_publisher);
    if let Some(address) = publisher.and_then(|node| node.name.parse().ok()) {
        return Some(address);
    }
    let found = tokio::net::lookup_host((host, subject.cluster.port)).await.ok()?;
    found.into_iter().find_map(|found| match found.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_url_goes_into_both_fields_and_is_warned_of() {
        let detail = PhoneDetail {
            authentication_url: "http://old/".to_owned(),
            ..PhoneDetail::default()
        };
        let (pair, warnings) = checked("https://10.0.0.1:8443/ccmcip/authenticate.jsp", &detail).unwrap();
        assert_eq!((pair.plain.as_str(), warnings.len()), ("http://old/", 0));
        let (pair, warnings) = checked("http://10.0.0.1:8080/ccmcip/authenticate.jsp", &detail).unwrap();
        assert_eq!(pair.plain, pair.secure);
        assert!(warnings[0].contains("in clear"), "{warnings:?}");
        let (_, warnings) = checked("https://cucm-pub:8443/CCMCIP/authenticate.jsp", &detail).unwrap();
        assert_eq!(warnings.len(), 2);
    }

    #[test]
    fn a_url_with_a_password_is_neither_kept_nor_shown() {
        let device: DeviceName = "SEP001122334455".parse().unwrap();
        for url in [
            "http://u:s3cret@h/a",
            "http://h/a?Password=s3cret",
            "http://h/a?pwd=s3cret",
        ] {
            let detail = PhoneDetail {
                authentication_url: url.to_owned(),
                ..PhoneDetail::default()
            };
            let told = url_plan(device.clone(), detail, urls::Pair::default());
            let Err(RemedyError::NotPossible(trouble)) = told else {
                panic!("{told:?}")
            };
            assert!(!trouble.evidence.contains("s3cret"), "{trouble:?}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        let long = format!("https://10.0.0.1/{}", "a".repeat(255));
        for typed in [
            "",
            "10.0.0.1",
            "ftp://10.0.0.1/",
            "https://u:p@10.0.0.1/",
            "https://10.0.0.1/a?userid=x&Password=s3cret",
            "https://10.0.0.1/a?pwd=s3cret",
            "https://",
            &long,
        ] {
            assert!(
                matches!(
                    checked(typed, &PhoneDetail::default()),
                    Err(RemedyError::Invalid { field: "input", .. })
                ),
                "{typed}"
            );
        }
    }
}

//! Which Authentication URL the phone asks, and where it comes from.

use super::shape::{Ports, fault};
use crate::diagnosis::seen::{Seen, Sourced, Urls, Whose, is_same};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign, UrlSource};

const CHECK: CheckId = CheckId::UrlInForce;

pub(in crate::diagnosis::checks) async fn in_force(seen: &Seen) -> Finding {
    let urls = match seen.urls().await {
        Ok(urls) => urls,
        Err(error) => {
            let why = format!("Neither CUCM nor the phone tells its URLs: {}", error.evidence());
            return Finding::skipped(CHECK, why);
        }
    };
    let Some(url) = urls.in_force() else {
        return blank(urls);
    };
    let is_right = is_right(seen, &url).await;
    with_proof(judged(urls, &url, is_right), urls)
}

/// Whether the URL is one of CUCM's own, on a server of this cluster: then it is as good as the cluster's.
async fn is_right(seen: &Seen, url: &Sourced) -> bool {
    let ports = Ports {
        https: seen.subject.cluster.port,
        http: seen.subject.cluster.authentication_http_port,
    };
    let well_written = url.url().is_some_and(|url| fault(&url, ports).is_none());
    well_written && matches!(seen.url_host().await, Some(host) if matches!(host.whose, Whose::Node(_)))
}

fn blank(urls: &Urls) -> Finding {
    if !urls.device_read || !urls.cluster_read {
        let why = "CUCM could not be asked for every URL, and the phone reports none";
        return with_proof(Finding::skipped(CHECK, why), urls);
    }
    let evidence = "No Authentication URL is set: the phone obeys everybody who reaches it, with any password";
    with_proof(Finding::warning(CHECK, evidence).sign(Sign::UrlBlank), urls).excludes(&[
        Cause::AuthenticationUrlUnresolvable,
        Cause::AuthenticationUrlUnreachable,
        Cause::AuthenticationUrlWrong,
        Cause::AuthenticationUrlOverridden,
        Cause::AuthenticationUrlThirdParty,
    ])
}

fn judged(urls: &Urls, url: &Sourced, is_right: bool) -> Finding {
    let text = shown(&url.text);
    let secure = url.url().is_some_and(|url| url.scheme() == "https");
    let of_device = matches!(url.source, UrlSource::DeviceSecure | UrlSource::Device);
    let differs = !urls.of_cluster().any(|cluster| is_same(&cluster.text, &url.text));
    let overridden = of_device && differs && urls.cluster_read && !is_right;
    let not_taken = urls.is_taken() == Some(false);
    let finding = if not_taken {
        let meant = urls.configured.first().map_or_else(
            || "CUCM has none for it".to_owned(),
            |meant| format!("CUCM has {} for it", shown(&meant.text)),
        );
        let evidence = format!("The phone asks {text}, and {meant}: it did not take the change");
        Finding::failed(CHECK, evidence).sign(Sign::UrlNotTaken)
    } else if overridden {
        let evidence = format!("The phone has an Authentication URL of its own: {text}");
        Finding::failed(CHECK, evidence).sign(Sign::UrlOverridden)
    } else {
        let finding = Finding::passed(CHECK, format!("The phone asks {text}, {}", origin(url.source)));
        if urls.is_taken() == Some(true) && !of_device {
            finding.excludes(&[Cause::AuthenticationUrlOverridden])
        } else {
            finding
        }
    };
    let finding = finding.sign(Sign::UrlInForce(url.source, secure));
    let by_name = url
        .url()
        .is_some_and(|url| matches!(url.host(), Some(url::Host::Domain(_))));
    if by_name {
        finding
            .sign(Sign::UrlByName)
            .detail("Host", "a name, which the phone must resolve")
    } else {
        finding
    }
}

fn with_proof(mut finding: Finding, urls: &Urls) -> Finding {
    for url in &urls.configured {
        finding = finding.detail(title(url.source), shown(&url.text));
    }
    if !urls.knows_secure {
        finding = finding.detail("Model", "too old for secure URLs: it asks the plain ones");
    }
    match &urls.reported {
        Some(told) if told.is_empty() => finding.detail(title(UrlSource::Phone), "none on its page"),
        Some(told) => finding.detail(
            title(UrlSource::Phone),
            told.iter().map(|url| shown(url)).collect::<Vec<_>>().join(", "),
        ),
        None => finding.detail(title(UrlSource::Phone), "not to be read"),
    }
}

fn title(source: UrlSource) -> &'static str {
    match source {
        UrlSource::Phone => "Reported by the phone",
        UrlSource::DeviceSecure => "Device, secure",
        UrlSource::Device => "Device",
        UrlSource::EnterpriseSecure => "Enterprise parameter, secure",
        UrlSource::Enterprise => "Enterprise parameter",
    }
}

fn origin(source: UrlSource) -> &'static str {
    match source {
        UrlSource::Phone => "as it reports itself",
        UrlSource::DeviceSecure => "its own secure URL in CUCM",
        UrlSource::Device => "its own URL in CUCM",
        UrlSource::EnterpriseSecure => "the cluster's secure URL",
        UrlSource::Enterprise => "the cluster's URL",
    }
}

/// A URL as it may be shown: a login or a password written into it is masked.
pub(in crate::diagnosis) fn shown(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else {
        return text.to_owned();
    };
    let secret = |name: &str| name.to_ascii_lowercase().contains("pass");
    let has_login = !url.username().is_empty() || url.password().is_some();
    if !has_login && !url.query_pairs().any(|(name, _)| secret(&name)) {
        return text.to_owned();
    }
    if has_login {
        // A URL that can hold a login takes another one.
        let _ = url.set_username("***");
        let _ = url.set_password(None);
    }
    let masked: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name, value)) if secret(name) && !value.is_empty() => format!("{name}=***"),
            _ => part.to_owned(),
        })
        .collect();
    url.set_query(
        Some(&masked.join("&"))
            .filter(|query| !query.is_empty())
            .map(String::as_str),
    );
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::CheckOutcome;

    const SECURE: &str = "https://10.0.0.1:8443/ccmcip/authenticate.jsp";
    const OTHER: &str = "http://old-callmanager:8080/ccmcip/authenticate.jsp";

    fn sourced(source: UrlSource, text: &str) -> Sourced {
        Sourced {
            source,
            text: text.to_owned(),
        }
    }

    fn urls(configured: Vec<Sourced>, reported: Option<&str>) -> Urls {
        Urls {
            configured,
            device_read: true,
            cluster_read: true,
            reported: Some(reported.map(str::to_owned).into_iter().collect()),
            knows_secure: true,
        }
    }

    #[test]
    fn a_url_of_the_devices_own_is_a_fault_unless_it_is_right() {
        let own = sourced(UrlSource::Device, OTHER);
        let all = urls(
            vec![own.clone(), sourced(UrlSource::EnterpriseSecure, SECURE)],
            Some(OTHER),
        );
        let found = judged(&all, &own, false);
        assert!(found.signs.contains(&Sign::UrlOverridden) && found.signs.contains(&Sign::UrlByName));
        assert_eq!(found.outcome, CheckOutcome::Failed);
        let found = judged(&all, &own, true);
        assert_eq!(
            found.outcome,
            CheckOutcome::Passed,
            "set on purpose, to a server of the cluster"
        );
        assert!(!found.rules_out.contains(&Cause::AuthenticationUrlOverridden));
    }

    #[test]
    fn a_phone_that_kept_its_old_url_is_told() {
        let all = urls(vec![sourced(UrlSource::EnterpriseSecure, SECURE)], Some(OTHER));
        let found = judged(&all, &all.in_force().unwrap(), false);
        assert!(found.signs.contains(&Sign::UrlNotTaken));
        assert!(found.signs.contains(&Sign::UrlInForce(UrlSource::Phone, false)));
        let all = urls(vec![sourced(UrlSource::EnterpriseSecure, SECURE)], Some(SECURE));
        let found = judged(&all, &all.in_force().unwrap(), true);
        assert_eq!(found.signs, [Sign::UrlInForce(UrlSource::EnterpriseSecure, true)]);
        assert!(found.rules_out.contains(&Cause::AuthenticationUrlOverridden));
    }

    #[test]
    fn a_phone_without_a_url_obeys_everybody() {
        let found = blank(&urls(Vec::new(), None));
        assert_eq!(
            (found.outcome, found.signs),
            (CheckOutcome::Warning, vec![Sign::UrlBlank])
        );
        let unread = Urls {
            cluster_read: false,
            ..urls(Vec::new(), None)
        };
        assert_eq!(blank(&unread).outcome, CheckOutcome::Skipped);
    }

    #[test]
    fn secrets_in_a_url_are_masked() {
        assert_eq!(
            shown("http://h/a?userid=x&Password=secret"),
            "http://h/a?userid=x&Password=***"
        );
        assert_eq!(shown("http://u:secret@h/a"), "http://***@h/a");
        assert_eq!(shown(SECURE), SECURE);
        assert_eq!(shown("no url"), "no url");
    }
}

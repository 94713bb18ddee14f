//! Whose server the phone asks, and whether its name resolves here.

use crate::diagnosis::seen::{Seen, UrlHost, Whose};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::UrlHost;

pub(in crate::diagnosis::checks) async fn host(seen: &Seen) -> Finding {
    match seen.url_host().await {
        Some(host) => judged(host),
        None => Finding::skipped(CHECK, "No Authentication URL with a host is known"),
    }
}

fn judged(host: &UrlHost) -> Finding {
    let text = &host.text;
    let finding = match (&host.addresses, &host.whose) {
        (Err(_), Whose::Node(node)) => {
            let evidence = format!(
                "{text} is the server {node} of the cluster, but the name does not resolve on this server; phones may use \
                 another resolver"
            );
            Finding::warning(CHECK, evidence).sign(Sign::UrlUnresolvable)
        }
        (Err(_), _) => {
            let evidence = format!("The name {text} does not resolve on this server, and is no server of the cluster");
            Finding::failed(CHECK, evidence).sign(Sign::UrlUnresolvable)
        }
        (Ok(_), Whose::Node(node)) if node == text => {
            Finding::passed(CHECK, format!("{text} is a server of the cluster"))
        }
        (Ok(_), Whose::Node(node)) => Finding::passed(CHECK, format!("{text} is the server {node} of the cluster")),
        (Ok(_), Whose::Stranger) => {
            let evidence = format!("{text} is no server of the cluster: phones ask a server of somebody else");
            Finding::failed(CHECK, evidence)
        }
        (Ok(_), Whose::Unsure) => {
            let evidence = format!(
                "Whether {text} is a server of the cluster cannot be told here: not every server's name resolves, or AXL \
                 does not list them"
            );
            Finding::warning(CHECK, evidence)
        }
    };
    let finding = match host.whose {
        Whose::Node(_) => finding.excludes(&[Cause::AuthenticationUrlThirdParty]),
        Whose::Stranger => finding.sign(Sign::UrlThirdParty(text.clone())),
        Whose::Unsure => finding,
    };
    let finding = if host.is_name {
        finding
    } else {
        finding.excludes(&[Cause::AuthenticationUrlUnresolvable])
    };
    match &host.addresses {
        Ok(addresses) => {
            let listed = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            finding.detail("Addresses", listed)
        }
        Err(word) => finding.detail("Resolver", word),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::domain::finding::CheckOutcome;

    fn found(text: &str, address: Option<[u8; 4]>, whose: Whose) -> Finding {
        judged(&UrlHost {
            text: text.to_owned(),
            is_name: text.parse::<IpAddr>().is_err(),
            addresses: address
                .map(|address| vec![Ipv4Addr::from(address).into()])
                .ok_or_else(|| "unknown".to_owned()),
            whose,
        })
    }

    #[test]
    fn each_kind_of_host_is_told() {
        let node = || Whose::Node("cucm-pub".to_owned());
        let own = found("10.0.0.1", Some([10, 0, 0, 1]), node());
        assert_eq!(own.outcome, CheckOutcome::Passed);
        assert_eq!(
            own.rules_out,
            [Cause::AuthenticationUrlThirdParty, Cause::AuthenticationUrlUnresolvable]
        );
        let by_name = found("cucm-pub", Some([10, 0, 0, 1]), node());
        assert_eq!(by_name.rules_out, [Cause::AuthenticationUrlThirdParty]);
        let lost = found("cucm-pub", None, node());
        assert_eq!(lost.outcome, CheckOutcome::Warning);
        assert_eq!(lost.signs, [Sign::UrlUnresolvable]);
        let gone = found("nowhere", None, Whose::Unsure);
        assert_eq!(
            (gone.outcome, gone.signs),
            (CheckOutcome::Failed, vec![Sign::UrlUnresolvable])
        );
        let paging = found("10.0.0.9", Some([10, 0, 0, 9]), Whose::Stranger);
        assert_eq!(paging.signs, [Sign::UrlThirdParty("10.0.0.9".to_owned())]);
        let unsure = found("10.0.0.9", Some([10, 0, 0, 9]), Whose::Unsure);
        assert_eq!((unsure.outcome, unsure.signs.len()), (CheckOutcome::Warning, 0));
    }
}

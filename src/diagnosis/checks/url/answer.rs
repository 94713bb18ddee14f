//! What the Authentication URL answers. Asked as a phone asks, with a user that does not exist.

use url::Url;

use super::super::cucm::header_lines;
use super::in_force::shown;
use super::shape::{Ports, fault};
use crate::cucm::{Error, UrlAnswer};
use crate::diagnosis::seen::{Seen, Urls, Whose, is_service_word};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::UrlAnswer;

pub(in crate::diagnosis::checks) async fn answer(seen: &Seen) -> Finding {
    let Some(in_force) = seen.urls().await.ok().and_then(Urls::in_force) else {
        return Finding::skipped(CHECK, "No Authentication URL is known");
    };
    let Some(url) = in_force.url() else {
        let evidence = format!("The Authentication URL is no URL: {}", shown(&in_force.text));
        return Finding::failed(CHECK, evidence).sign(Sign::UrlWrong("it is no URL".to_owned()));
    };
    let whose = seen.url_host().await.map(|host| &host.whose);
    let ports = Ports {
        https: seen.subject.cluster.port,
        http: seen.subject.cluster.authentication_http_port,
    };
    // Another server has its own path and port, which only it knows.
    let fault = match whose {
        Some(Whose::Stranger) => None,
        _ => fault(&url, ports),
    };
    let finding = match seen.url_answer().await {
        None => unresolved(fault),
        Some(Ok(answer)) => answered(&url, answer, whose, fault),
        Some(Err(error)) => unanswered(&url, &error, fault),
    };
    finding.detail("Request", format!("GET {}, with a made-up user", shown(&in_force.text)))
}

fn wrong(fault: String) -> Finding {
    Finding::failed(CHECK, format!("The Authentication URL is wrong: {fault}")).sign(Sign::UrlWrong(fault))
}

fn unresolved(fault: Option<String>) -> Finding {
    fault.map_or_else(
        || {
            Finding::skipped(
                CHECK,
                "Its host does not resolve on this server, so it could not be asked",
            )
        },
        wrong,
    )
}

fn answered(url: &Url, answer: &UrlAnswer, whose: Option<&Whose>, fault: Option<String>) -> Finding {
    let took = answer.took.as_millis();
    let finding = if let Some(to) = &answer.redirect {
        redirected(to, whose, fault)
    } else if answer.authorized {
        let evidence = "It says AUTHORIZED to a user that does not exist: phones that ask it obey everybody";
        works(Finding::warning(CHECK, evidence))
    } else if answer.status == 200 && is_service_word(&answer.word) {
        works(match fault {
            None => Finding::passed(
                CHECK,
                format!("It answers in {took} ms, with {} header lines", answer.headers),
            ),
            Some(fault) => Finding::warning(CHECK, format!("It answers as it should, though {fault}")),
        })
    } else if let Some(fault) = fault {
        wrong(format!("{fault}; it answers HTTP {}", answer.status))
    } else if answer.status == 200 {
        wrong("it answers something else than a word of the authenticate service".to_owned())
    } else if matches!(whose, Some(Whose::Stranger)) {
        wrong(format!("that server answers HTTP {} for {}", answer.status, url.path()))
    } else {
        let evidence = format!("The service behind it does not run: it answers HTTP {}", answer.status);
        Finding::failed(CHECK, evidence).sign(Sign::UrlUnreachable)
    };
    finding
        .detail("Status", format!("HTTP {}", answer.status))
        .detail("Word", &answer.word)
        .detail("Header lines", header_lines(answer.headers))
        .detail("Took", format!("{took} ms"))
}

/// It answers as the service does. That phones reach it too does not follow.
fn works(finding: Finding) -> Finding {
    finding
        .sign(Sign::UrlAnswers)
        .excludes(&[Cause::AuthenticationUrlWrong])
}

/// Paging servers pass users whom they do not know on to CUCM; newer phones lose the login on the way.
fn redirected(to: &str, whose: Option<&Whose>, fault: Option<String>) -> Finding {
    match (whose, fault) {
        (Some(Whose::Stranger), _) => {
            let evidence = format!(
                "It passes users whom it does not know on to {to}; newer phones lose the login on the way, so only a user \
                 of that server can control them"
            );
            Finding::warning(CHECK, evidence)
        }
        (_, Some(fault)) => wrong(format!("{fault}; it redirects to {to}")),
        (_, None) => wrong(format!("it redirects to {to}, and phones lose the login on the way")),
    }
    .detail("Redirect to", to)
}

fn unanswered(url: &Url, error: &Error, fault: Option<String>) -> Finding {
    let finding = match (error, fault) {
        (_, Some(fault)) => wrong(fault),
        (Error::OddUrl { what }, None) => wrong(what.clone()),
        (error, None) => {
            let place = format!(
                "{}, port {}",
                url.host_str().unwrap_or_default(),
                url.port_or_known_default().unwrap_or_default()
            );
            let evidence = match error {
                Error::Refused { .. } => format!("{place} refuses the connection"),
                Error::Silent { .. } => format!("{place} does not answer"),
                Error::TimedOut { .. } => format!("{place} takes the connection and answers nothing"),
                other => format!("{place}: {}", other.evidence()),
            };
            Finding::failed(CHECK, evidence).sign(Sign::UrlUnreachable)
        }
    };
    finding.detail("Error", error.evidence())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cucm::Service;
    use crate::domain::finding::CheckOutcome;

    fn url() -> Url {
        "http://10.0.0.1:8080/ccmcip/authenticate.jsp".parse().unwrap()
    }

    fn said(status: u16, word: &str, redirect: Option<&str>) -> UrlAnswer {
        UrlAnswer {
            status,
            redirect: redirect.map(str::to_owned),
            word: word.to_owned(),
            authorized: word == "AUTHORIZED",
            took: Duration::from_millis(3),
            headers: 10,
            certificate: None,
        }
    }

    #[test]
    fn every_spelling_of_a_no_is_an_answer() {
        for word in ["UN-AUTHORIZED", "Un-Authorized", "UNAUTHORIZED", "ERROR"] {
            let found = answered(&url(), &said(200, word, None), None, None);
            assert_eq!(found.signs, [Sign::UrlAnswers], "{word}");
        }
        let page = answered(&url(), &said(200, "<html>Sign in</html>", None), None, None);
        assert!(matches!(page.signs[..], [Sign::UrlWrong(_)]));
        let everybody = answered(&url(), &said(200, "AUTHORIZED", None), None, None);
        assert_eq!(everybody.outcome, CheckOutcome::Warning);
    }

    #[test]
    fn an_odd_url_that_answers_is_no_fault() {
        let fault = Some("port 9090 is none of CUCM's for http".to_owned());
        let works = answered(&url(), &said(200, "UN-AUTHORIZED", None), None, fault.clone());
        assert_eq!(
            (works.outcome, works.signs),
            (CheckOutcome::Warning, vec![Sign::UrlAnswers])
        );
        let refused = Error::Refused {
            service: Service::AuthenticationUrl,
        };
        let found = unanswered(&url(), &refused, fault);
        assert!(matches!(found.signs[..], [Sign::UrlWrong(_)]));
        assert_eq!(unanswered(&url(), &refused, None).signs, [Sign::UrlUnreachable]);
    }

    #[test]
    fn a_paging_server_that_passes_users_on_is_told() {
        let found = answered(
            &url(),
            &said(302, "", Some("10.0.0.1:8080")),
            Some(&Whose::Stranger),
            None,
        );
        assert_eq!((found.outcome, found.signs.len()), (CheckOutcome::Warning, 0));
        assert!(found.evidence.contains("10.0.0.1:8080"));
        let own = answered(&url(), &said(302, "", Some("elsewhere")), None, None);
        assert!(matches!(own.signs[..], [Sign::UrlWrong(_)]));
    }
}

//! The checks, a file an area, run side by side.

mod answer;
mod cucm;
mod enrolment;
mod login;
mod network;
mod pace;
mod proof;
mod trust;
mod url;
mod web;
mod words;

/// A URL as it may be shown.
pub(super) use self::url::shown as shown_url;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::seen::{Options, Seen, Tools};
use crate::domain::finding::{CheckId, Finding};
use crate::inventory::Subject;

/// How long a check may take; what it waits for has shorter limits of its own, so that this is the last resort.
const LIMIT: Duration = Duration::from_secs(9);

/// A finding as soon as it is there.
pub type Progress = mpsc::UnboundedSender<Finding>;

type Checking<'a> = Pin<Box<dyn Future<Output = Finding> + Send + 'a>>;

/// Runs every check on a phone and gives the findings in the order of [`CheckId::ALL`]. Each is also sent to `progress`
/// when it ends. Takes less than 10 s whatever is dead.
pub async fn examine(
    subject: Subject,
    tools: Tools,
    options: Options,
    progress: &Progress,
) -> (Vec<Finding>, Arc<Seen>) {
    let seen = Arc::new(Seen::new(subject, tools, options));
    // Whoever waits only for a while must not be the one who asks: the question would be given up with the wait.
    let ahead = async {
        let _ = tokio::join!(
            seen.registrations(),
            seen.login_tried(),
            seen.ask_phone(),
            seen.configured_answer()
        );
        std::future::pending().await
    };
    let mut findings = tokio::select! {
        biased;
        findings = ahead => findings,
        findings = all(&seen, progress) => findings,
    };
    findings.sort_by_key(|finding| finding.check);
    (findings, seen)
}

/// Whether a phone has what CUCM has for it: the finding of [`CheckId::ConfigurationTaken`] alone. The phone is asked at the
/// address of the inventory, so that RIS is left alone.
pub async fn configuration_taken(subject: Subject, tools: Tools) -> Finding {
    let seen = Seen::new(subject, tools, Options::default());
    seen.trust_the_address();
    timed(CheckId::ConfigurationTaken, &seen).await
}

async fn all(seen: &Seen, progress: &Progress) -> Vec<Finding> {
    let mut running: FuturesUnordered<_> = CheckId::ALL.iter().map(|check| timed(*check, seen)).collect();
    let mut findings = Vec::with_capacity(CheckId::ALL.len());
    while let Some(finding) = running.next().await {
        // Nobody may be following.
        let _ = progress.send(finding.clone());
        findings.push(finding);
    }
    findings
}

async fn timed(check: CheckId, seen: &Seen) -> Finding {
    let begun = Instant::now();
    let mut finding = tokio::time::timeout(LIMIT, run(check, seen))
        .await
        .unwrap_or_else(|_| Finding::skipped(check, format!("not finished within {} s", LIMIT.as_secs())));
    finding.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    finding
}

fn run(check: CheckId, seen: &Seen) -> Checking<'_> {
    match check {
        CheckId::CucmAddress => Box::pin(cucm::address(seen)),
        CheckId::CucmTls => Box::pin(cucm::tls(seen)),
        CheckId::CucmLogin => Box::pin(cucm::login(seen)),
        CheckId::CucmRis => Box::pin(cucm::ris(seen)),
        CheckId::AuthenticateHttps => Box::pin(cucm::authenticate_https(seen)),
        CheckId::AuthenticateHttp => Box::pin(cucm::authenticate_http(seen)),
        CheckId::PhoneKnown => Box::pin(enrolment::known(seen)),
        CheckId::PhoneModel => Box::pin(enrolment::model(seen)),
        CheckId::PhoneRegistered => Box::pin(enrolment::registered(seen)),
        CheckId::PhoneAddress => Box::pin(enrolment::address(seen)),
        CheckId::TcpHttp => Box::pin(network::http(seen)),
        CheckId::TcpHttps => Box::pin(network::https(seen)),
        CheckId::Identity => Box::pin(network::identity(seen)),
        CheckId::WebAccess => Box::pin(web::access(seen)),
        CheckId::ControlLogin => Box::pin(login::accepted(seen)),
        CheckId::ControlledDevice => Box::pin(login::controlled_device(seen)),
        CheckId::LoginRoles => Box::pin(login::roles(seen)),
        CheckId::UrlInForce => Box::pin(url::in_force(seen)),
        CheckId::UrlHost => Box::pin(url::host(seen)),
        CheckId::UrlAnswer => Box::pin(url::answer(seen)),
        CheckId::StatusMessages => Box::pin(trust::messages(seen)),
        CheckId::TrustHash => Box::pin(trust::hash(seen)),
        CheckId::ConfigurationTaken => Box::pin(trust::configuration(seen)),
        CheckId::SettingsAccess => Box::pin(trust::settings_access(seen)),
        CheckId::Screenshot => Box::pin(answer::screenshot(seen)),
        CheckId::Series => Box::pin(answer::series(seen)),
        CheckId::AnswerTimes => Box::pin(pace::answer_times(seen)),
        CheckId::InCall => Box::pin(pace::in_call(seen)),
    }
}

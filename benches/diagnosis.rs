//! How long a diagnosis takes: `cargo bench --bench diagnosis`.
//!
//! The server's parts, the simulated CUCM and its phones share this process; everything between them goes over sockets of
//! this machine, with TLS as on a real cluster. The figures to reach are those of the design, section 8: a healthy phone in
//! 1 s, dead hosts in the way in 10 s.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops here")]

#[expect(dead_code, reason = "this benchmark needs no process of its own")]
mod measure;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use measure::site::{config, furnish};
use measure::{Figures, say};
use sidetone::app;
use sidetone::clock::Clock;
use sidetone::diagnosis::Diagnoses;
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;
use sidetone::lifecycle::Tasks;
use sidetone::security::{Diagnose, May, Viewer};
use sidetone::simulator::{CucmFault, Fault, Options, Simulator};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const FLEET: usize = 40;
/// Runs on a healthy phone.
const RUNS: usize = 40;
/// Runs with something dead: each waits for time limits alone.
const DEAD_RUNS: usize = 3;
const URLS: [&str; 2] = ["URLAuthentication", "SecureAuthenticationURL"];

struct Clinic {
    diagnoses: Diagnoses,
    may: May<Diagnose>,
    simulator: Simulator,
    phones: Vec<PhoneId>,
}

fn main() {
    Runtime::new().unwrap().block_on(Box::pin(everything()));
}

async fn everything() {
    let (tasks, folder) = (Tasks::new(), TempDir::new().unwrap());
    let clinic = clinic(&tasks, &folder).await;
    say("| what | runs | p50 ms | p99 ms | verdict |");
    say("|---|---|---|---|---|");
    for latency in [0, 30, 100] {
        clinic.slow_down(Duration::from_millis(latency));
        let what = format!("a healthy phone that thinks {latency} ms");
        clinic.one_by_one(&what, RUNS).await;
    }
    clinic.slow_down(Duration::from_millis(30));
    clinic.side_by_side().await;
    let phone = clinic.simulator.phone_by_model("8845").unwrap();
    phone.set_fault(Fault::Unreachable);
    clinic
        .one_by_one("a phone that does not answer at all", DEAD_RUNS)
        .await;
    clinic.simulator.cucm().set_fault(CucmFault::Silent);
    clinic.one_by_one("the same, and CUCM is silent too", DEAD_RUNS).await;
    phone.clear_faults();
    clinic.one_by_one("a healthy phone, CUCM is silent", DEAD_RUNS).await;
    assert!(tasks.finish().await);
}

async fn clinic(tasks: &Tasks, folder: &TempDir) -> Clinic {
    let options = Options {
        phones: FLEET,
        faults: false,
        ..Options::default()
    };
    let simulator = Simulator::start(options, tasks, Clock::system()).unwrap();
    let urls = URLS.map(|name| simulator.cucm().parameter(name));
    let (_, ids) = furnish(&simulator, folder.path(), Role::Admin).await;
    for (name, url) in URLS.into_iter().zip(urls) {
        simulator.cucm().set_parameter(name, &url);
    }
    let running = app::start(config(folder.path()), Clock::system(), tasks, false)
        .await
        .unwrap();
    let healthy = simulator.phone_by_model("8845").unwrap();
    let mut phones = vec![ids[healthy.name()]];
    let others = simulator
        .phones()
        .into_iter()
        .filter(|phone| phone.model().contains("88"));
    phones.extend(
        others
            .map(|phone| ids[phone.name()])
            .filter(|id| *id != phones[0])
            .take(15)
            .collect::<Vec<_>>(),
    );
    Clinic {
        diagnoses: running.app.diagnoses.clone(),
        may: Viewer::system().may().unwrap(),
        simulator,
        phones,
    }
}

impl Clinic {
    fn slow_down(&self, latency: Duration) {
        for phone in self.simulator.phones() {
            phone.set_latency(latency);
        }
    }

    /// Diagnoses of the first phone, one after the other.
    async fn one_by_one(&self, what: &str, runs: usize) {
        let (mut times, mut verdict) = (Vec::with_capacity(runs), String::new());
        for _ in 0..runs {
            let begun = Instant::now();
            let record = self.diagnoses.run(&self.may, self.phones[0]).await.unwrap();
            times.push(begun.elapsed());
            verdict = record
                .verdict
                .as_ref()
                .map_or_else(String::new, |verdict| verdict.cause.to_string());
        }
        report(what, times, &verdict);
    }

    /// Diagnoses of many phones at once.
    async fn side_by_side(&self) {
        let each = self.phones.iter().map(|phone| async {
            let begun = Instant::now();
            self.diagnoses.run(&self.may, *phone).await.unwrap();
            begun.elapsed()
        });
        let what = format!("{} healthy phones at once, 30 ms each", self.phones.len());
        report(&what, join_all(each).await, "");
    }
}

fn report(what: &str, times: Vec<Duration>, verdict: &str) {
    let runs = times.len();
    let figures = Figures::new(times);
    let (middle, worst) = (figures.percentile(0.5), figures.percentile(0.99));
    say(&format!("| {what} | {runs} | {middle:.0} | {worst:.0} | {verdict} |"));
}

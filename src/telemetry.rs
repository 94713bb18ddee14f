//! Logs, metrics, and the names under which things are counted.

use std::io::IsTerminal as _;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::Telemetry;
use crate::domain::cause::Cause;

/// Starts logging to standard error. Calling it again changes nothing.
pub fn start_logging(settings: &Telemetry) -> Result<(), InvalidFilter> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|_| InvalidFilter(settings.log.clone()))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let _ = if settings.log_json {
        builder.json().try_init()
    } else {
        builder.compact().try_init()
    };
    Ok(())
}

/// The log filter cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("telemetry.log is {0:?}, which is no log filter; try info")]
pub struct InvalidFilter(String);

/// The metrics of this process; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Installs the recorder of this process; a second call (tests start many servers in one process) shares the first.
    pub fn install() -> Self {
        static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Another recorder can only be there when a test harness set one; ours then renders nothing.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        });
        Self { handle: handle.clone() }
    }

    /// The registry in Prometheus' text form.
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

fn describe() {
    metrics::describe_counter!(
        "sidetone_http_requests_total",
        "Requests answered, by method, route and status"
    );
    metrics::describe_counter!("sidetone_presses_total", "Keys, by outcome and cause");
    metrics::describe_counter!(
        "sidetone_screenshots_total",
        "Pictures asked of phones, by outcome and cause"
    );
    metrics::describe_counter!("sidetone_diagnoses_total", "Diagnoses that ended, by the cause found");
    metrics::describe_gauge!("sidetone_watched_phones", "Phones whose screen is being watched");
    metrics::describe_gauge!(
        "sidetone_live_connections",
        "Open live connections of browsers and programs"
    );
}

/// Counts a request.
pub fn count_request(method: &str, route: &str, status: u16) {
    metrics::counter!("sidetone_http_requests_total",
        "method" => method.to_owned(), "route" => route.to_owned(), "status" => status.to_string())
    .increment(1);
}

/// Counts a key, by what became of it.
pub fn count_press(outcome: &'static str, cause: Option<Cause>) {
    metrics::counter!("sidetone_presses_total", "outcome" => outcome, "cause" => cause.map_or("", Cause::code))
        .increment(1);
}

/// Counts a diagnosis that ended with a verdict.
pub fn count_diagnosis(cause: Cause) {
    metrics::counter!("sidetone_diagnoses_total", "cause" => cause.code()).increment(1);
}

/// Counts a picture asked of a phone.
pub fn count_screenshot(cause: Option<Cause>, took: Duration) {
    metrics::counter!("sidetone_screenshots_total", "cause" => cause.map_or("none", Cause::code)).increment(1);
    metrics::histogram!("sidetone_screenshot_seconds").record(took.as_secs_f64());
}

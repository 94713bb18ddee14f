//! `[telemetry]`: logs and metrics.

use std::path::PathBuf;

use secrecy::SecretString;

use super::section::section;

section! {
    /// Logs and metrics.
    pub struct Telemetry {
        /// What is logged, as a filter of `tracing-subscriber`, such as `info` or `info,sidetone::phone=debug`.
        pub log: String = "info".to_owned(),
        /// Log as one JSON object a line instead of text.
        pub log_json: bool = false,
        /// Bearer token that `GET /metrics` asks of callers from other machines; empty: only this machine may read it.
        #[serde(serialize_with = "crate::config::never_serialise")]
        pub metrics_token: SecretString = SecretString::default(),
        /// File that holds `metrics_token`.
        pub metrics_token_file: PathBuf = PathBuf::new(),
    }
}

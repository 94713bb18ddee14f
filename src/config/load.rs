//! Reading the configuration: defaults < file < environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use toml::{Table, Value};

use super::Config;

const PREFIX: &str = "SIDETONE_";

/// Why the configuration is refused; each names the file, the variable or the key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or holds an unknown key or a value of the wrong kind.
    #[error("{path}: {message}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
    /// A variable with our prefix names no setting.
    #[error("{0} names no setting; see docs/configuration.md")]
    UnknownVariable(String),
    /// A variable's value is of the wrong kind.
    #[error("{variable}: {message}")]
    Variable {
        /// Which variable.
        variable: String,
        /// Why.
        message: String,
    },
    /// A number outside its limits.
    #[error("{key} is {value}, but must be {least} to {most}")]
    OutOfRange {
        /// Which setting.
        key: &'static str,
        /// Its value.
        value: u64,
        /// The least allowed.
        least: u64,
        /// The most allowed.
        most: u64,
    },
    /// Not `scheme://host[:port]`.
    #[error("server.public_origin is {0:?}, but must look like https://sidetone.example, without a path")]
    PublicOrigin(String),
    /// Not `scheme://host[:port]`.
    #[error("reach.base_url is {0:?}, but must look like http://10.1.2.3:8080, without a path")]
    BaseUrl(String),
    /// Not 224.0.0.0 to 239.255.255.255.
    #[error("reach.multicast_groups has {0}, which is no multicast address, such as 239.192.77.1")]
    MulticastGroup(std::net::Ipv4Addr),
}

/// Loads the configuration from an optional file and the variables given (normally those of the process).
pub fn load(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Config, Error> {
    let mut table = match file {
        Some(path) => read_file(path)?,
        None => Table::new(),
    };
    if let Some(path) = file {
        parse(table.clone()).map_err(|message| Error::File {
            path: path.to_owned(),
            message,
        })?;
    }
    overlay(&mut table, variables)?;
    let mut config = parse(table).map_err(|message| Error::Variable {
        variable: PREFIX.to_owned() + "…",
        message,
    })?;
    let token_file = config.telemetry.metrics_token_file.clone();
    if config.telemetry.metrics_token.expose_secret().is_empty() && !token_file.as_os_str().is_empty() {
        config.telemetry.metrics_token = read_secret(&token_file)?;
    }
    Ok(config)
}

fn parse(table: Table) -> Result<Config, String> {
    table
        .try_into()
        .map_err(|error: toml::de::Error| error.message().to_owned())
}

fn read_file(path: &Path) -> Result<Table, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    text.parse().map_err(|error: toml::de::Error| Error::File {
        path: path.to_owned(),
        message: error.to_string(),
    })
}

fn read_secret(path: &Path) -> Result<SecretString, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(SecretString::from(text.trim().to_owned()))
}

/// Writes the variables over the table, each in the kind that its default has.
fn overlay(table: &mut Table, variables: impl Iterator<Item = (String, String)>) -> Result<(), Error> {
    let known = known_settings();
    for (variable, text) in variables {
        let Some(name) = variable.strip_prefix(PREFIX) else {
            continue;
        };
        if is_flag_variable(name) {
            continue;
        }
        let Some((section, key, default)) = known.get(name) else {
            return Err(Error::UnknownVariable(variable));
        };
        let value = convert(&text, default).map_err(|message| Error::Variable { variable, message })?;
        let entry = table
            .entry(section.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = entry {
            section.insert(key.clone(), value);
        }
    }
    Ok(())
}

/// Variables that stand for flags of the command line rather than settings.
fn is_flag_variable(name: &str) -> bool {
    matches!(name, "CONFIG" | "LISTEN" | "DATA")
}

fn known_settings() -> BTreeMap<String, (String, String, Value)> {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    let mut known = BTreeMap::new();
    for (section, value) in defaults {
        for (key, default) in value.as_table().cloned().unwrap_or_default() {
            let name = format!("{section}_{key}").to_ascii_uppercase();
            known.insert(name, (section.clone(), key, default));
        }
    }
    known
}

fn convert(text: &str, default: &Value) -> Result<Value, String> {
    match default {
        Value::Boolean(_) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| "must be true or false".to_owned()),
        Value::Integer(_) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| "must be a whole number".to_owned()),
        Value::Array(_) => Ok(Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        )),
        _ => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = file("[phones]\nmost_at_once = 7\n[server]\nlisten = '127.0.0.1:9000'\n");
        let config = load(
            Some(file.path()),
            variables(&[
                ("SIDETONE_SERVER_LISTEN", "127.0.0.1:9100"),
                ("SIDETONE_SERVER_TRUSTED_PROXIES", "127.0.0.1, ::1"),
                ("PATH", "x"),
            ]),
        )
        .unwrap();
        assert_eq!(config.phones.most_at_once, 7);
        assert_eq!(config.server.listen.port(), 9100);
        assert_eq!(config.server.trusted_proxies.len(), 2);
        assert_eq!(config.screens.idle_ms, 2_000);
        config.validate().unwrap();
    }

    #[test]
    fn mistakes_are_named() {
        let unknown = load(None, variables(&[("SIDETONE_SERVER_LISTNE", "x")])).unwrap_err();
        assert!(unknown.to_string().contains("SIDETONE_SERVER_LISTNE"), "{unknown}");
        let kind = load(None, variables(&[("SIDETONE_PHONES_MOST_AT_ONCE", "many")])).unwrap_err();
        assert!(kind.to_string().contains("whole number"), "{kind}");
        let key = load(Some(file("[phones]\nmost_at_onec = 7\n").path()), variables(&[])).unwrap_err();
        assert!(key.to_string().contains("most_at_onec"), "{key}");
        let mut config = Config::default();
        config.phones.most_at_once = 0;
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .contains("phones.most_at_once")
        );
        config = Config::default();
        config.server.public_origin = "https://a/b".to_owned();
        assert!(config.validate().is_err());
    }

    #[test]
    fn a_secret_may_come_from_a_file_and_is_never_written_out() {
        let secret = file("planted-token\n");
        let path = secret.path().to_string_lossy().into_owned();
        let config = load(None, variables(&[("SIDETONE_TELEMETRY_METRICS_TOKEN_FILE", &path)])).unwrap();
        assert_eq!(config.telemetry.metrics_token.expose_secret(), "planted-token");
        assert!(!format!("{config:?}").contains("planted-token"));
        assert!(!toml::to_string(&config).unwrap().contains("planted-token"));
    }
}

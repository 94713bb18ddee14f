//! JSON, for another program.

use crate::diagnosis::Record;

/// A record as indented JSON: everything that is kept of it, the picture excepted.
pub fn json(record: &Record) -> String {
    // Strings, numbers and lists of them: nothing in a record can fail to be written.
    serde_json::to_string_pretty(record).unwrap_or_default()
}

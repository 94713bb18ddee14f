//! The archive: pictures as files, steps as CSV and JSON. Nothing is compressed: pictures are already.

use std::io::{self, Write};

use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Source, Step, moment};
use crate::domain::screen::Picture;

/// One step in `steps.json` and `steps.csv`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    number: usize,
    offset_ms: i64,
    at: String,
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    person: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    outcome: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    picture: String,
}

const COLUMNS: &str = "number,offset_ms,at,kind,person,key,label,outcome,detail,picture\r\n";

pub(super) fn write(source: &Source, out: &mut impl Write) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(out);
    let mut lines = Vec::with_capacity(source.steps.len());
    for (number, step) in (1..).zip(&source.steps) {
        let picture = match step.kind.as_str() {
            "picture" => source.picture(step)?,
            _ => None,
        };
        let name = picture
            .as_ref()
            .map(|picture| name_of(number, picture))
            .unwrap_or_default();
        if let Some(picture) = picture {
            archive.start_file(name.as_str(), options(step.at))?;
            archive.write_all(&picture.bytes)?;
        }
        lines.push(line(source, number, step, name));
    }
    let now = source.now.as_millisecond();
    archive.start_file("steps.csv", options(now))?;
    archive.write_all(csv(&lines).as_bytes())?;
    archive.start_file("steps.json", options(now))?;
    serde_json::to_writer_pretty(&mut archive, &lines)?;
    archive.finish()?;
    Ok(())
}

fn name_of(number: usize, picture: &Picture) -> String {
    let ending = match picture.format.media_type() {
        "image/jpeg" => "jpg",
        _ => "png",
    };
    format!("pictures/{number:05}.{ending}")
}

fn options(at: i64) -> SimpleFileOptions {
    let at = moment(at).to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let part = |number: i8| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(at.year()).unwrap_or(0);
    let (month, day) = (part(at.month()), part(at.day()));
    let time = DateTime::from_date_and_time(year, month, day, part(at.hour()), part(at.minute()), part(at.second()));
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(time.unwrap_or_default())
        .unix_permissions(0o644)
}

fn line<'a>(source: &Source, number: usize, step: &'a Step, picture: String) -> Line<'a> {
    Line {
        number,
        offset_ms: source.offset(step),
        at: moment(step.at).to_string(),
        kind: &step.kind,
        person: &step.user_name,
        key: &step.key,
        label: &step.label,
        outcome: &step.outcome,
        detail: &step.detail,
        picture,
    }
}

fn csv(lines: &[Line<'_>]) -> String {
    let mut text = COLUMNS.to_owned();
    for line in lines {
        let (number, offset) = (line.number.to_string(), line.offset_ms.to_string());
        let fields = [
            &number,
            &offset,
            &line.at,
            line.kind,
            line.person,
            line.key,
            line.label,
            line.outcome,
            line.detail,
            &line.picture,
        ];
        text += &fields.map(field).join(",");
        text += "\r\n";
    }
    text
}

/// A field in quotes. One that a spreadsheet would take for a formula begins with an apostrophe.
fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_or_breaks_the_line() {
        assert_eq!(field("Ana"), "\"Ana\"");
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("say \"no\",\nplease"), "\"say \"\"no\"\",\nplease\"");
    }
}

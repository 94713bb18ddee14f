//! One file that needs nothing else: numbered steps with their pictures inside, no script, nothing from anywhere.

use std::io::{self, Write};

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Source, Step, moment};
use crate::recordings::steps::{Numbered, clock_face, numbered};

#[derive(Template)]
#[template(path = "recordings/export_head.html")]
struct Head<'a> {
    phone: &'a str,
    about: &'a str,
    cluster: &'a str,
    person: &'a str,
    started: String,
    length: String,
    ended: bool,
    steps: usize,
    presses: i64,
    masks: usize,
    hide_digits: bool,
    made: String,
}

#[derive(Template)]
#[template(path = "recordings/export_step.html")]
struct StepPart<'a> {
    number: usize,
    offset: String,
    at: String,
    step: &'a Step,
    failed: bool,
    before: Option<Shown>,
    after: Option<Shown>,
}

/// A picture as it stands in the file.
struct Shown {
    source: String,
    width: u32,
    height: u32,
    offset: String,
}

const FOOT: &str = "</ol>\n</main>\n</body>\n</html>\n";

pub(super) fn write(source: &Source, out: &mut impl Write) -> io::Result<()> {
    let steps = numbered(&source.steps);
    head(source, steps.len()).write_into(out).map_err(io::Error::other)?;
    for (number, one) in (1..).zip(&steps) {
        part(source, number, one)?.write_into(out).map_err(io::Error::other)?;
    }
    out.write_all(FOOT.as_bytes())
}

fn head(source: &Source, steps: usize) -> Head<'_> {
    let recording = &source.recording;
    let end = recording.ended_at.unwrap_or_else(|| source.now.as_millisecond());
    Head {
        phone: &recording.phone_name,
        about: &recording.phone_about,
        cluster: &recording.cluster_name,
        person: &recording.user_name,
        started: in_full(recording.started_at),
        length: clock_face(end - recording.started_at),
        ended: recording.ended_at.is_some(),
        steps,
        presses: recording.presses,
        masks: source.masks.len(),
        hide_digits: source.hide_digits,
        made: in_full(source.now.as_millisecond()),
    }
}

fn part<'a>(source: &Source, number: usize, one: &Numbered<'a>) -> io::Result<StepPart<'a>> {
    let is_press = one.step.kind == "press";
    Ok(StepPart {
        number,
        offset: clock_face(source.offset(one.step)),
        at: moment(one.step.at).strftime("%H:%M:%S UTC").to_string(),
        step: one.step,
        failed: is_press && one.step.outcome != "sent",
        before: one
            .before
            .filter(|_| is_press)
            .map_or(Ok(None), |step| shown(source, step))?,
        after: one.after.map_or(Ok(None), |step| shown(source, step))?,
    })
}

fn shown(source: &Source, step: &Step) -> io::Result<Option<Shown>> {
    let Some(picture) = source.picture(step)? else {
        return Ok(None);
    };
    let media_type = picture.format.media_type();
    Ok(Some(Shown {
        source: format!("data:{media_type};base64,{}", STANDARD.encode(&picture.bytes)),
        width: picture.width,
        height: picture.height,
        offset: clock_face(source.offset(step)),
    }))
}

fn in_full(millis: i64) -> String {
    moment(millis).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

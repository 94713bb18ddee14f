//! One recording: the player, and its deletion.

use axum::response::Response;
use serde::Deserialize;

use super::view;
use crate::domain::ids::RecordingId;
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::Section;
use crate::http::pages::recordings::{Mark, PlayerPage, ShownView, StepView};
use crate::http::visit::{self, Visit};
use crate::recordings::{Recording, Step, clock_face};
use crate::security::SeePhones;

/// A time in which nothing happened is marked as such from this length on, in milliseconds.
const IDLE_MS: i64 = 10_000;
/// The time line's length in the units of its drawing.
const LINE: i64 = 1000;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    step: Option<i64>,
}

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let (recording, steps) = visit.app.recordings.view(&may, id).await?;
    visit::html(&page(&visit, &recording, &steps, &asked))
}

#[derive(Debug, Deserialize)]
pub(super) struct Deletion {
    #[serde(default)]
    confirm: String,
}

pub(super) async fn delete(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Form(form): Form<Deletion>,
) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let (recording, steps) = visit.app.recordings.steps(&may, id).await?;
    if form.confirm != "yes" && crate::recordings::is_owner(&visit.viewer, &recording) {
        let page = PlayerPage {
            unconfirmed: true,
            ..page(&visit, &recording, &steps, &Asked::default())
        };
        return visit::refused(&page);
    }
    let recording = visit.app.recordings.delete(&may, id).await?;
    let text = format!("The recording of {} was deleted.", recording.phone_name);
    Ok(visit::done(super::HERE, text))
}

fn page(visit: &Visit, recording: &Recording, steps: &[Step], asked: &Asked) -> PlayerPage {
    let end = recording.ended_at.unwrap_or_else(|| visit.app.clock.now_ms());
    let length_ms = (end - recording.started_at).max(1);
    let q = asked.q.trim().to_owned();
    let views = steps.iter().map(|step| step_view(recording, step));
    let found: Vec<StepView> = views.filter(|step| fits(step, &q)).collect();
    PlayerPage {
        layout: visit.layout(&format!("Recording of {}", recording.phone_name), Section::Recordings),
        recording: view(visit, recording),
        length_ms,
        total: steps.len(),
        shown: shown(recording, steps, asked.step),
        marks: marks(recording, steps, length_ms),
        steps: found,
        q,
        unconfirmed: false,
    }
}

/// The picture that was on the screen at a step, else the first.
fn shown(recording: &Recording, steps: &[Step], at: Option<i64>) -> Option<ShownView> {
    let reached = at.and_then(|n| steps.iter().position(|step| step.n == n));
    let until = &steps[..reached.map_or(0, |index| index + 1)];
    let is_picture = |step: &&Step| step.kind == "picture";
    let picture = until
        .iter()
        .rfind(is_picture)
        .or_else(|| steps.iter().find(is_picture))?;
    Some(ShownView {
        picture: picture.n,
        width: picture.width,
        height: picture.height,
        clock: clock_face(picture.at - recording.started_at),
    })
}

fn step_view(recording: &Recording, step: &Step) -> StepView {
    let at_ms = (step.at - recording.started_at).max(0);
    let is_press = step.kind == "press";
    let text = match step.kind.as_str() {
        "press" => &step.label,
        "picture" if step.n == 1 => "The screen at the start",
        "picture" => "The screen changed",
        "lost" => "No picture could be had",
        "back" => "Pictures come again",
        _ => "Something is missing here",
    };
    StepView {
        n: step.n,
        at_ms,
        clock: clock_face(at_ms),
        kind: step.kind.clone(),
        person: step.user_name.clone(),
        text: text.to_owned(),
        failed: is_press && step.outcome != "sent",
        detail: step.detail.clone(),
        size: (step.kind == "picture").then_some((step.width, step.height)),
    }
}

/// Whether a step is a press whose key or person holds the text; without one every step fits.
fn fits(step: &StepView, q: &str) -> bool {
    let q = q.to_lowercase();
    q.is_empty()
        || step.kind == "press"
            && [&step.person, &step.text]
                .iter()
                .any(|text| text.to_lowercase().contains(&q))
}

/// Marks in the order in which they are drawn: what is idle or lost lies under what happened.
fn marks(recording: &Recording, steps: &[Step], length_ms: i64) -> Vec<Mark> {
    let place = |at: i64| ((at - recording.started_at).clamp(0, length_ms)) * LINE / length_ms;
    let end = recording.started_at + length_ms;
    let mut marks = Vec::new();
    let mut lost = false;
    let starts = std::iter::once(recording.started_at).chain(steps.iter().map(|step| step.at));
    let ends = steps.iter().map(|step| step.at).chain([end]);
    let kinds = std::iter::once("").chain(steps.iter().map(|step| step.kind.as_str()));
    for ((from, to), kind) in starts.zip(ends).zip(kinds) {
        match kind {
            "lost" => lost = true,
            "back" | "picture" => lost = false,
            _ => {}
        }
        if lost || to - from >= IDLE_MS {
            marks.push(Mark {
                kind: if lost { "lost" } else { "idle" },
                x: place(from),
                width: (place(to) - place(from)).max(1),
            });
        }
    }
    for kind in ["picture", "press"] {
        let of_kind = steps.iter().filter(|step| step.kind == kind);
        marks.extend(of_kind.map(|step| Mark {
            kind,
            x: place(step.at).min(LINE - 3),
            width: 3,
        }));
    }
    marks.dedup();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ClusterId, PhoneId, UserId};

    fn recording() -> Recording {
        Recording {
            id: RecordingId(1),
            phone: PhoneId(1),
            phone_name: String::new(),
            phone_about: String::new(),
            phone_is_there: true,
            cluster: ClusterId(1),
            cluster_name: String::new(),
            user: UserId(1),
            user_name: String::new(),
            started_at: 1_000,
            ended_at: Some(101_000),
            ending: String::new(),
            detail: String::new(),
            pictures: 0,
            presses: 0,
            bytes: 0,
        }
    }

    fn step(n: i64, at: i64, kind: &str) -> Step {
        Step {
            n,
            at: 1_000 + at,
            kind: kind.to_owned(),
            ..Step::default()
        }
    }

    #[test]
    fn the_line_tells_idle_times_and_times_without_pictures() {
        let steps = [
            step(1, 0, "picture"),
            step(2, 2_000, "press"),
            step(3, 50_000, "lost"),
            step(4, 60_000, "back"),
        ];
        let marks = marks(&recording(), &steps, 100_000);
        let told: Vec<_> = marks.iter().map(|mark| (mark.kind, mark.x, mark.width)).collect();
        assert_eq!(
            told,
            [
                ("idle", 20, 480),
                ("lost", 500, 100),
                ("idle", 600, 400),
                ("picture", 0, 3),
                ("press", 20, 3)
            ]
        );
    }

    #[test]
    fn a_press_shows_the_picture_before_it() {
        let steps = [step(1, 0, "picture"), step(2, 5, "press"), step(3, 9, "picture")];
        let shown_at = |at| shown(&recording(), &steps, at).map(|shown| shown.picture);
        assert_eq!(shown_at(Some(2)), Some(1));
        assert_eq!(shown_at(Some(3)), Some(3));
        assert_eq!(shown_at(None), Some(1));
        assert_eq!(shown_at(Some(77)), Some(1));
        assert_eq!(shown(&recording(), &steps[1..2], None).map(|shown| shown.picture), None);
    }
}

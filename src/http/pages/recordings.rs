//! Recordings: the list, the player, the export, and the sign on a phone's page.

use askama::Template;

use super::{Choice, FieldErrors, Layout, Pager, Section, When};

/// `GET /recordings?phone=&person=&page=`; with the header `X-Fragment: rows` only the block `rows`.
#[derive(Debug, Template)]
#[template(path = "recordings/list.html", blocks = ["rows"])]
pub struct RecordingsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Text of a phone's name or owner; may be empty.
    pub phone: String,
    /// A person's number; empty: everybody.
    pub person: String,
    /// Those who recorded something.
    pub people: Vec<Choice>,
    /// Newest first.
    pub recordings: Vec<RecordingView>,
    /// Where in the list.
    pub pager: Pager,
    /// How long recordings are kept, in days; 0: until somebody deletes them.
    pub keep_days: u64,
    /// Whether recording is allowed.
    pub enabled: bool,
}

impl RecordingsPage {
    /// Whether the list must be fetched again soon.
    pub fn is_busy(&self) -> bool {
        self.recordings.iter().any(|one| one.running)
    }

    /// Whether anything is filtered.
    pub fn is_filtered(&self) -> bool {
        !self.phone.is_empty() || !self.person.is_empty()
    }
}

/// One recording.
#[derive(Debug, Clone)]
pub struct RecordingView {
    /// Its number.
    pub id: i64,
    /// The page of its phone, while it is there.
    pub phone_id: Option<i64>,
    /// The phone's name.
    pub phone: String,
    /// The phone's owner or description; may be empty.
    pub about: String,
    /// The phone's cluster.
    pub cluster: String,
    /// Who recorded.
    pub person: String,
    /// When it began.
    pub started: When,
    /// The same as date and time.
    pub started_at: String,
    /// How long it is, as `MM:SS`.
    pub length: String,
    /// How many pictures.
    pub pictures: u64,
    /// How many presses.
    pub presses: u64,
    /// What it takes, such as `1.2 MiB`.
    pub size: String,
    /// Whether it runs now.
    pub running: bool,
    /// Why it ended, when nobody stopped it; may be empty.
    pub ending: String,
    /// Whether the viewer may stop and delete it.
    pub is_theirs: bool,
}

/// `GET /recordings/{id}?q=&step=`.
///
/// Forms: `POST /recordings/{id}/stop`, `POST /recordings/{id}/deletion` (`confirm`). Pictures are
/// `GET /recordings/{id}/pictures/{n}`.
#[derive(Debug, Template)]
#[template(path = "recordings/player.html")]
pub struct PlayerPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The recording.
    pub recording: RecordingView,
    /// How long it is, in milliseconds; at least 1.
    pub length_ms: i64,
    /// Its steps, in order; those that the search finds.
    pub steps: Vec<StepView>,
    /// How many steps there are in all.
    pub total: usize,
    /// What is looked for in the steps; may be empty.
    pub q: String,
    /// The step whose picture is shown at first.
    pub shown: Option<ShownView>,
    /// Marks of the time line.
    pub marks: Vec<Mark>,
    /// Whether deleting was asked for without being confirmed.
    pub unconfirmed: bool,
}

/// The picture that is shown without script.
#[derive(Debug, Clone)]
pub struct ShownView {
    /// The number of the picture.
    pub picture: i64,
    /// Pixels across.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
    /// When, as `MM:SS`.
    pub clock: String,
}

/// One step of the list.
#[derive(Debug, Clone)]
pub struct StepView {
    /// Its number.
    pub n: i64,
    /// Milliseconds from the start.
    pub at_ms: i64,
    /// The same as `MM:SS`.
    pub clock: String,
    /// `picture`, `press`, `lost`, `back` or `missed`.
    pub kind: String,
    /// Who pressed; empty for what is no press.
    pub person: String,
    /// What happened: a key's label, or a sentence.
    pub text: String,
    /// Whether it is a press that the phone did not take.
    pub failed: bool,
    /// Why not, or why there is no picture; may be empty.
    pub detail: String,
    /// Pixels of a picture, across and down.
    pub size: Option<(i64, i64)>,
}

/// A mark of the time line, in thousandths of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// `picture`, `press`, `idle` or `lost`.
    pub kind: &'static str,
    /// Where it begins.
    pub x: i64,
    /// How wide it is.
    pub width: i64,
}

/// `GET /recordings/{id}/export?picture=`; the form comes back here when it is refused, else as a file.
#[derive(Debug, Template)]
#[template(path = "recordings/export.html")]
pub struct ExportPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The recording.
    pub recording: RecordingView,
    /// The one that regions are drawn over.
    pub chosen: Option<PictureChoice>,
    /// The one before, and the one after.
    pub neighbours: (Option<i64>, Option<i64>),
    /// What was typed.
    pub form: ExportForm,
    /// What is wrong with it, by `mask-1` and so on, or `masks`.
    pub errors: FieldErrors,
    /// The most regions.
    pub most_masks: usize,
}

impl ExportPage {
    /// What is wrong with a region, counted from 1.
    pub fn mask_error(&self, number: &usize) -> Option<&str> {
        MASK_FIELDS
            .get(number.wrapping_sub(1))
            .and_then(|field| self.errors.get(field))
    }
}

/// Names of the regions' errors.
pub const MASK_FIELDS: [&str; 20] = [
    "mask-1", "mask-2", "mask-3", "mask-4", "mask-5", "mask-6", "mask-7", "mask-8", "mask-9", "mask-10", "mask-11",
    "mask-12", "mask-13", "mask-14", "mask-15", "mask-16", "mask-17", "mask-18", "mask-19", "mask-20",
];

/// A picture to draw regions over.
#[derive(Debug, Clone)]
pub struct PictureChoice {
    /// Its step.
    pub n: i64,
    /// When, as `MM:SS`.
    pub clock: String,
    /// Pixels across.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
}

/// The form of an export, as typed.
#[derive(Debug, Clone, Default)]
pub struct ExportForm {
    /// `html` or `zip`.
    pub form: String,
    /// Whether digits are left out.
    pub hide_digits: bool,
    /// Regions: x, y, width, height.
    pub masks: Vec<[String; 4]>,
}

/// Recording on a phone's page: the sign for everybody, and the button.
#[derive(Debug, Clone, Default)]
pub struct RecordButton {
    /// Whether the phone can be recorded at all.
    pub offered: bool,
    /// Who records it now.
    pub by: Vec<String>,
    /// The viewer's own recording of it.
    pub own: Option<OwnRecording>,
    /// The longest recording, in minutes.
    pub longest_minutes: u64,
    /// How long recordings are kept, in days; 0: until somebody deletes them.
    pub keep_days: u64,
}

/// A recording of the viewer that runs.
#[derive(Debug, Clone)]
pub struct OwnRecording {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub started: When,
}

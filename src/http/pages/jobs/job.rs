//! One job: what holds it, how far it is, its phones.

use askama::Template;
use percent_encoding::utf8_percent_encode;

use super::JobView;
use crate::domain::job::{Hold, RunState};
use crate::http::pages::phones::IN_QUERY;
use crate::http::pages::{Choice, Layout, Pager, Section, When, thousands};

/// `GET /jobs/{id}?q=&state=&model=&sort=&page=`; with the header `X-Fragment` one block alone: `progress` or `runs`.
#[derive(Debug, Template)]
#[template(path = "jobs/job.html", blocks = ["progress", "runs"])]
pub struct JobPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The job.
    pub job: JobView,
    /// The schedule that started it: its number and title.
    pub schedule: Option<(i64, String)>,
    /// The job whose failed phones it repeats.
    pub origin: Option<i64>,
    /// Why it does not go on by itself, and what to do.
    pub hold: Option<HoldView>,
    /// The first phones, to be looked at; only while the canary holds it.
    pub pairs: Vec<PairView>,
    /// How many phones there are of each state.
    pub tally: Vec<Tally>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// What it does and how carefully, each a label and a text.
    pub brakes: Vec<(&'static str, String)>,
    /// Whether it has a run a phone; a sync has none.
    pub has_runs: bool,
    /// Its phones; none of a sync, and where only its progress is shown.
    pub runs: Option<RunsView>,
    /// The words of the button that repeats the failed ones.
    pub retry: Option<String>,
    /// What must be typed for that; none where nothing must.
    pub retry_confirm: Option<String>,
}

impl JobPage {
    /// Whether it can be paused.
    pub fn may_pause(&self) -> bool {
        self.has_runs && !self.job.state.is_over() && matches!(self.job.hold, None | Some(Hold::Window))
    }

    /// States of the filter.
    pub fn states(&self) -> Vec<(&'static str, &'static str)> {
        let states = RunState::ALL.map(|state| (state.as_str(), run_word(state)));
        states.into_iter().chain([(NEEDS_PERSON, "Needs a person")]).collect()
    }
}

/// The word in `state` for runs that ended because somebody must say what the phone shows.
pub const NEEDS_PERSON: &str = "needs-person";

/// The state of a run as people read it.
pub fn run_word(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "To do",
        RunState::Waiting => "Busy, again later",
        RunState::Running => "Under way",
        RunState::Succeeded => "Succeeded",
        RunState::Failed => "Failed",
        RunState::Unproved => "Not proved",
        RunState::Unsure => "Unsure",
        RunState::Skipped => "Left alone",
        RunState::Cancelled => "Not begun",
    }
}

/// Why a job does not go on by itself.
#[derive(Debug, Clone)]
pub struct HoldView {
    /// Which.
    pub hold: Hold,
    /// More, as a sentence or two.
    pub words: String,
    /// Whether this viewer may let it go on.
    pub may: bool,
    /// Phones that would follow.
    pub rest: u64,
    /// What is shown here, for the order to name: the stage of the canary, or the job's version.
    pub seen: Option<u64>,
}

impl HoldView {
    /// Its heading.
    pub fn title(&self) -> &'static str {
        match self.hold {
            Hold::Approval => "A second admin must approve it",
            Hold::Canary => "Look at the first phones",
            Hold::Paused => "Paused",
            Hold::Window => "Outside its maintenance window",
            Hold::Failures => "Stopped: too many phones failed",
        }
    }

    /// Its icon.
    pub fn icon(&self) -> &'static str {
        match self.hold {
            Hold::Approval => "hand-stop",
            Hold::Canary => "eye",
            Hold::Paused => "player-pause",
            Hold::Window => "clock",
            Hold::Failures => "alert-triangle",
        }
    }

    /// The form that lets it go on: where it is sent, and its words.
    pub fn act(&self) -> Option<(&'static str, String)> {
        if !self.may {
            return None;
        }
        Some(match self.hold {
            Hold::Approval => ("approval", "Approve it".to_owned()),
            Hold::Canary => ("canary", format!("Go on with the next {}", thousands(self.rest))),
            Hold::Paused => ("resume", "Resume".to_owned()),
            Hold::Failures => ("resume", "Go on all the same".to_owned()),
            Hold::Window => return None,
        })
    }

    /// The form that ends it: where it is sent, and its words.
    pub fn no(&self) -> Option<(&'static str, &'static str)> {
        match self.hold {
            Hold::Approval => self.may.then_some(("refusal", "Refuse it")),
            Hold::Canary | Hold::Failures => Some(("cancellation", "Stop here")),
            Hold::Paused | Hold::Window => None,
        }
    }
}

/// One of the first phones, with what its display showed before and after.
#[derive(Debug, Clone)]
pub struct PairView {
    /// Its run.
    pub run: i64,
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// How its run ended.
    pub state: &'static str,
    /// The same in words.
    pub word: &'static str,
    /// What was seen.
    pub evidence: String,
    /// Its pictures, in order.
    pub shots: Vec<Shot>,
}

/// A kept picture.
#[derive(Debug, Clone)]
pub struct Shot {
    /// Its name, such as `before`.
    pub name: String,
    /// Where it is.
    pub href: String,
}

/// How many phones are in a state.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The state.
    pub state: &'static str,
    /// The same in words.
    pub word: &'static str,
    /// How many.
    pub count: u64,
    /// Those phones.
    pub href: String,
    /// Whether they are shown now.
    pub current: bool,
}

/// What was asked of the phones of a job; empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    /// A part of a phone's name.
    pub q: String,
    /// A state.
    pub state: String,
    /// A model.
    pub model: String,
    /// A column; `-` before it turns the order round.
    pub sort: String,
    /// From 1; 0 is the first, too.
    pub page: u64,
}

impl RunQuery {
    /// Whether anything narrows it.
    pub fn is_narrow(&self) -> bool {
        [&self.q, &self.state, &self.model].iter().any(|word| !word.is_empty())
    }

    /// The address of this view of a job.
    pub fn href(&self, job: i64) -> String {
        let page = if self.page > 1 {
            self.page.to_string()
        } else {
            String::new()
        };
        let members = [
            ("q", &self.q),
            ("state", &self.state),
            ("model", &self.model),
            ("sort", &self.sort),
            ("page", &page),
        ];
        let told: Vec<String> = members
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, IN_QUERY)))
            .collect();
        if told.is_empty() {
            format!("/jobs/{job}")
        } else {
            format!("/jobs/{job}?{}", told.join("&"))
        }
    }

    /// The same view sorted by a column; the other way round when it is sorted by it already.
    #[must_use]
    pub fn sorted_by(&self, column: &str) -> Self {
        let sort = if self.sort == column {
            format!("-{column}")
        } else {
            column.to_owned()
        };
        Self {
            sort,
            page: 1,
            ..self.clone()
        }
    }

    /// The same view of one state alone.
    #[must_use]
    pub fn in_state(&self, state: &str) -> Self {
        Self {
            state: state.to_owned(),
            page: 1,
            ..self.clone()
        }
    }
}

/// The phones of a job.
#[derive(Debug, Clone)]
pub struct RunsView {
    /// What was asked for.
    pub query: RunQuery,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The phones of this page.
    pub rows: Vec<RunRow>,
    /// Models of the job's phones.
    pub models: Vec<Choice>,
    /// Where in the list.
    pub pager: Pager,
}

/// A column of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its word in `sort`.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The value of `aria-sort`.
    pub order: &'static str,
    /// The address that sorts by it.
    pub href: String,
}

impl RunsView {
    /// The columns of a view.
    pub fn columns_of(job: i64, query: &RunQuery) -> Vec<Column> {
        [
            ("phone", "Phone"),
            ("model", "Model"),
            ("state", "State"),
            ("took", "Took"),
            ("ended", "When"),
        ]
        .into_iter()
        .map(|(id, title)| Column {
            id,
            title,
            order: match query.sort.strip_prefix('-') {
                Some(column) if column == id => "descending",
                None if query.sort == id => "ascending",
                _ => "none",
            },
            href: query.sorted_by(id).href(job),
        })
        .collect()
    }

    /// `12 480 phones`.
    pub fn count(&self) -> String {
        match self.pager.total {
            0 => "No phones".to_owned(),
            1 => "1 phone".to_owned(),
            total => format!("{} phones", thousands(total)),
        }
    }
}

/// One phone of a job.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Its run.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// Where its run stands.
    pub state: &'static str,
    /// The same in words.
    pub word: &'static str,
    /// How long it took; may be empty.
    pub took: String,
    /// When it ended, began, or is due again.
    pub at: Option<When>,
    /// Why it did not succeed.
    pub cause: Option<&'static str>,
    /// What was seen.
    pub evidence: String,
    /// Of one that needs a person: what there is to do, and what was done.
    pub by_hand: Option<ByHandView>,
}

/// A run that needs a person.
#[derive(Debug, Clone)]
pub struct ByHandView {
    /// The address that plays it by hand; none when nothing is left to do, or the phone is gone.
    pub play: Option<String>,
    /// What somebody played on the phone since: its address and words.
    pub played: Option<(String, String)>,
    /// Whether it is done.
    pub is_done: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_the_view_and_nothing_else() {
        let query = RunQuery {
            q: "SEP00 &".to_owned(),
            state: "failed".to_owned(),
            sort: "took".to_owned(),
            page: 3,
            ..RunQuery::default()
        };
        assert_eq!(query.href(7), "/jobs/7?q=SEP00%20%26&state=failed&sort=took&page=3");
        assert_eq!(query.sorted_by("took").sort, "-took");
        assert_eq!(RunQuery::default().href(7), "/jobs/7");
        assert_eq!(query.in_state("").href(7), "/jobs/7?q=SEP00%20%26&sort=took");
    }
}

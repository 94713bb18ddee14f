//! "Why not?": the diagnosis of a phone, as it runs and when it has ended.

mod mending;
mod rows;

use askama::Template;

use super::phones::status_word;
use super::{Layout, Section, Trouble, When};
use crate::diagnosis::wizards::Kind;
use crate::domain::cause::Cause;
use crate::domain::finding::{Certainty, CheckOutcome, Verdict};
use crate::domain::phone::RegistrationStatus;

pub use mending::{ChangeView, MendingStage, MendingView, RemedyView};
pub use rows::{AreaView, RowFragment, RowView, areas};

/// Findings that stand beside the verdict at most; the proof below holds them all.
const MOST_DECISIVE: usize = 3;

/// The phone that a page of a diagnosis is about.
#[derive(Debug, Clone)]
pub struct PhoneView {
    /// Its number.
    pub id: i64,
    /// Whether it is still in the list of phones.
    pub exists: bool,
    /// Its device name, or address.
    pub name: String,
    /// Its owner; may be empty.
    pub owner: String,
    /// Its first directory number; may be empty.
    pub number: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its model, without `Cisco `.
    pub model: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Whether it is registered.
    pub status: RegistrationStatus,
}

impl PhoneView {
    /// What people call it: its owner, else its name.
    pub fn title(&self) -> &str {
        if self.owner.is_empty() { &self.name } else { &self.owner }
    }

    /// The status in a word.
    pub fn status_word(&self) -> &'static str {
        status_word(self.status)
    }
}

/// `GET /phones/{id}/diagnosis`: the button, and what was found before.
///
/// Form: `POST /phones/{id}/diagnosis`, which goes to `/diagnoses/{id}`.
#[derive(Debug, Template)]
#[template(path = "diagnosis/start.html")]
pub struct StartPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The phone.
    pub phone: PhoneView,
    /// Why it could not be controlled when it was last tried.
    pub known: Option<Trouble>,
    /// What was changed from here and may be undone.
    pub changes: Vec<ChangeView>,
    /// Newest first.
    pub earlier: Vec<EarlierView>,
}

/// A diagnosis of the same phone.
#[derive(Debug, Clone)]
pub struct EarlierView {
    /// Its number.
    pub id: i64,
    /// When it was made.
    pub at: When,
    /// By whom; may be empty.
    pub by: String,
    /// The cause it named; none while it runs, or when it was cut short.
    pub cause: Option<Cause>,
    /// Whether it runs.
    pub running: bool,
}

impl EarlierView {
    /// What it found, in words.
    pub fn outcome(&self) -> &'static str {
        match self.cause {
            Some(cause) => cause.title(),
            None if self.running => "Under way",
            None => "Cut short",
        }
    }
}

/// The picture that the diagnosis took.
#[derive(Debug, Clone)]
pub struct PictureView {
    /// Its address.
    pub src: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// `GET /diagnoses/{id}`; with the header `X-Fragment: whole` only the block `whole`. While it runs, its findings come
/// from `GET /diagnoses/{id}/events` as [`RowFragment`]s.
///
/// Forms: `POST /phones/{id}/diagnosis` (again), `POST /phones/{id}/remedy-runs/{run}/undo`.
#[derive(Debug, Template)]
#[template(path = "diagnosis/diagnosis.html", blocks = ["whole"])]
pub struct DiagnosisPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Its number.
    pub id: i64,
    /// The phone.
    pub phone: PhoneView,
    /// When it began.
    pub started_at: When,
    /// Who asked for it; may be empty.
    pub by: String,
    /// Whether checks are still under way.
    pub running: bool,
    /// The checks.
    pub areas: Vec<AreaView>,
    /// What follows from them.
    pub verdict: Option<Verdict>,
    /// The picture that came, where one came.
    pub picture: Option<PictureView>,
    /// What mends it, the best first.
    pub remedies: Vec<RemedyView>,
    /// What was changed from here.
    pub changes: Vec<ChangeView>,
    /// Other diagnoses of this phone, newest first.
    pub earlier: Vec<EarlierView>,
    /// The remedy that this diagnosis looks after.
    pub mending: Option<MendingView>,
}

impl DiagnosisPage {
    fn rows(&self) -> impl Iterator<Item = &RowView> {
        self.areas.iter().flat_map(|area| &area.rows)
    }

    fn count(&self, outcome: CheckOutcome) -> usize {
        self.rows().filter(|row| row.outcome == Some(outcome)).count()
    }

    /// Whether a page without script asks again by itself.
    pub fn refreshes(&self) -> bool {
        self.running || self.is_checking()
    }

    /// Whether the remedy's effect is still being looked for.
    pub fn is_checking(&self) -> bool {
        self.mending
            .as_ref()
            .is_some_and(|mending| mending.stage == MendingStage::Checking)
    }

    /// Checks that have ended.
    pub fn done(&self) -> usize {
        self.rows().filter(|row| !row.is_waiting()).count()
    }

    /// Checks in all.
    pub fn total(&self) -> usize {
        self.rows().count()
    }

    /// `2 failed, 1 warning, 21 passed, 4 skipped`; what there is none of is left out.
    pub fn counts(&self) -> String {
        let words = [
            (CheckOutcome::Failed, "failed"),
            (CheckOutcome::Warning, "to know"),
            (CheckOutcome::Passed, "passed"),
            (CheckOutcome::Skipped, "skipped"),
        ];
        let counted = words.into_iter().map(|(outcome, word)| (self.count(outcome), word));
        let told: Vec<_> = counted
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        told.join(", ")
    }

    /// Whether something is to be mended.
    pub fn is_fault(&self) -> bool {
        self.verdict
            .as_ref()
            .is_some_and(|verdict| verdict.cause != Cause::None)
    }

    /// Whether the next step must be told beside the summary, which often ends in it.
    pub fn tells_next_step(&self) -> bool {
        let told = |verdict: &Verdict| verdict.summary.contains(verdict.cause.next_step());
        self.is_fault() && !self.verdict.as_ref().is_some_and(told)
    }

    /// The remedies that are shown in full: the best, and all that the program can do.
    pub fn foremost(&self) -> Vec<&RemedyView> {
        let shown = self.remedies.iter().enumerate();
        let shown = shown.filter(|(number, remedy)| *number == 0 || remedy.one_click);
        shown.map(|(_, remedy)| remedy).collect()
    }

    /// The rest: more ways to do it by hand.
    pub fn by_hand(&self) -> Vec<&RemedyView> {
        let rest = self.remedies.iter().skip(1);
        rest.filter(|remedy| !remedy.one_click).collect()
    }

    /// The wizard that leads through the cause, step by step.
    pub fn wizard(&self) -> Option<Kind> {
        Kind::of_cause(self.verdict.as_ref()?.cause)
    }

    /// The class of the verdict's card.
    pub fn verdict_class(&self) -> &'static str {
        match &self.verdict {
            None => "v-none-yet",
            Some(verdict) if verdict.cause == Cause::None => "v-well",
            Some(_) => "v-fault",
        }
    }

    fn certainty(&self) -> Certainty {
        self.verdict
            .as_ref()
            .map_or(Certainty::Possible, |verdict| verdict.certainty)
    }

    /// How sure the verdict is, in a word.
    pub fn certainty_word(&self) -> &'static str {
        match self.certainty() {
            Certainty::Proved => "Proved",
            Certainty::Likely => "Likely",
            Certainty::Possible => "Possible",
        }
    }

    /// What that word means.
    pub fn certainty_meaning(&self) -> &'static str {
        match self.certainty() {
            Certainty::Proved => "the decisive evidence was seen",
            Certainty::Likely => "everything fits, and nothing fits better",
            Certainty::Possible => "the evidence allows other causes too",
        }
    }

    /// The findings that stand beside the verdict: those that failed, then those that warn.
    pub fn decisive(&self) -> Vec<&RowView> {
        if !self.is_fault() {
            return Vec::new();
        }
        let with = |outcome| self.rows().filter(move |row| row.outcome == Some(outcome));
        let found = with(CheckOutcome::Failed).chain(with(CheckOutcome::Warning));
        found.take(MOST_DECISIVE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::{CheckId, Finding};

    fn phone() -> PhoneView {
        PhoneView {
            id: 7,
            exists: true,
            name: "SEP0C75BD310001".to_owned(),
            owner: "Ana Ruiz".to_owned(),
            number: "1001".to_owned(),
            description: "Reception, Lyon".to_owned(),
            model: "8845".to_owned(),
            cluster: "Lyon".to_owned(),
            status: RegistrationStatus::Registered,
        }
    }

    fn page(findings: &[Finding], verdict: Option<Verdict>) -> DiagnosisPage {
        DiagnosisPage {
            layout: Layout::default(),
            id: 12,
            phone: phone(),
            started_at: When::from_ms(0, 0),
            by: "hana".to_owned(),
            running: verdict.is_none(),
            areas: areas(findings, verdict.is_some()),
            verdict,
            picture: None,
            remedies: Vec::new(),
            changes: Vec::new(),
            earlier: Vec::new(),
            mending: None,
        }
    }

    fn refused() -> Finding {
        Finding::failed(CheckId::TcpHttp, "10.20.30.40:80 refused the connection at once")
            .detail("Request", "TCP connect to 10.20.30.40:80")
            .excludes(&[Cause::PhoneUnreachable])
    }

    #[test]
    fn every_check_has_its_row_from_the_start() {
        let page = page(&[], None);
        assert_eq!((page.done(), page.total()), (0, CheckId::ALL.len()));
        let html = page.render().unwrap();
        for check in CheckId::ALL {
            assert!(html.contains(&format!("id=\"check-{}\"", check.code())), "{check:?}");
        }
        assert!(html.contains("0 of 28 checks") && html.contains("http-equiv=\"refresh\""));
    }

    #[test]
    fn a_verdict_stands_with_its_proof_and_failed_checks_stand_open() {
        let verdict = Verdict {
            cause: Cause::WebAccessDisabled,
            certainty: Certainty::Proved,
            summary: "The phone's web server is <off>.".to_owned(),
            also: vec![Cause::DeviceNotAssociated],
            ruled_out: vec![Cause::PhoneUnreachable],
        };
        let passed = Finding::passed(CheckId::CucmAddress, "resolves").detail("Address", "10.1.1.1");
        let page = page(&[passed, refused()], Some(verdict));
        assert_eq!(page.decisive().len(), 1);
        assert_eq!(page.counts(), "1 failed, 1 passed");
        let html = page.render().unwrap();
        assert!(html.contains("is &#60;off&#62;."), "texts are plain");
        assert_eq!(html.matches("<details open>").count(), 1);
        assert!(!html.contains("http-equiv"));
    }

    #[test]
    fn a_row_is_sent_as_the_page_draws_it() {
        let row = RowFragment {
            row: RowView::of(&refused()),
        };
        let row = row.render().unwrap();
        let html = page(&[refused()], None).render().unwrap();
        assert!(html.contains(row.trim()));
    }

    #[test]
    fn times_read_as_people_say_them() {
        let mut row = RowView::of(&refused());
        row.duration_ms = 999;
        assert_eq!(row.took().as_deref(), Some("999 ms"));
        row.duration_ms = 4_070;
        assert_eq!(row.took().as_deref(), Some("4.0 s"));
        assert_eq!(RowView::waiting(CheckId::Series).took(), None);
    }
}

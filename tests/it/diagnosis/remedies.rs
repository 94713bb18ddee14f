//! Remedies applied to simulated phones: the fault is gone, and comes back when the remedy is taken back.

mod agreed;
mod cucm;
mod here;
mod kept;

use sidetone::audit;
use sidetone::config;
use sidetone::diagnosis::remedies::{self, Applied, Apply, Preview, Remedies, RemedyError, RemedyId, Run, RunState};
use sidetone::diagnosis::{self, Diagnoses};
use sidetone::domain::cause::Cause;
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;
use sidetone::inventory::ClusterDraft;
use sidetone::security::Viewer;
use sidetone::simulator::{Options, PhoneHandle};

use super::Clinic;

/// A clinic that mends.
struct Ward {
    clinic: Clinic,
    remedies: Remedies,
    diagnoses: Diagnoses,
}

fn viewer(role: Role) -> Viewer {
    let mut viewer = Viewer::command();
    viewer.role = role;
    viewer
}

impl Ward {
    async fn new() -> Self {
        Self::with(|_| {}, |_| {}).await
    }

    async fn with(options: impl FnOnce(&mut Options), draft: impl FnOnce(&mut ClusterDraft)) -> Self {
        let quick = |wanted: &mut Options| {
            wanted.restart = std::time::Duration::ZERO;
            options(wanted);
        };
        let clinic = Clinic::with(quick, draft).await;
        let tools = clinic.tools.clone();
        let diagnoses = Diagnoses::new(diagnosis::Parts {
            tasks: clinic.tasks.clone(),
            tools: tools.clone(),
            settings: config::Diagnosis::default(),
        });
        let remedies = Remedies::new(remedies::Parts {
            store: tools.store,
            clock: tools.clock,
            tasks: clinic.tasks.clone(),
            inventory: tools.inventory,
            phones: tools.phones,
            screens: tools.screens,
            control: tools.control,
            diagnoses: diagnoses.clone(),
        });
        Self {
            clinic,
            remedies,
            diagnoses,
        }
    }

    async fn id(&self, phone: &PhoneHandle) -> PhoneId {
        self.clinic.id(phone).await
    }

    async fn preview(&self, phone: &PhoneHandle, id: RemedyId) -> Result<Preview, RemedyError> {
        let number = self.id(phone).await;
        self.remedies.preview(&viewer(Role::Admin), number, id, None).await
    }

    async fn apply(&self, phone: &PhoneHandle, id: RemedyId, request: Apply) -> Result<Applied, RemedyError> {
        let number = self.id(phone).await;
        self.remedies.apply(&viewer(Role::Admin), number, id, request).await
    }

    /// Previews, then applies what the preview showed.
    async fn mend(&self, phone: &PhoneHandle, id: RemedyId) -> Applied {
        let request = self.agreed(phone, id, None).await;
        let applied = self.apply(phone, id, request).await.unwrap();
        assert!(!self.run(applied).await.changes.is_empty(), "{id}: nothing to do");
        applied
    }

    /// With the phone's name typed.
    async fn undo(&self, applied: Applied) -> Result<Applied, RemedyError> {
        let name = self.run(applied).await.phone_name;
        self.remedies.undo(&viewer(Role::Admin), applied.run, Some(&name)).await
    }

    /// What a person sends who has seen the preview of this input.
    async fn agreed(&self, phone: &PhoneHandle, id: RemedyId, input: Option<&str>) -> Apply {
        let number = self.id(phone).await;
        let preview = self
            .remedies
            .preview(&viewer(Role::Admin), number, id, input)
            .await
            .unwrap();
        Apply {
            token: Some(preview.token),
            confirmation: preview.confirm,
            input: input.map(str::to_owned),
            password: None,
        }
    }

    async fn run(&self, applied: Applied) -> Run {
        self.remedies.run(&viewer(Role::Admin), applied.run).await.unwrap()
    }

    /// The newest run of a phone.
    async fn newest(&self, phone: &PhoneHandle) -> Run {
        let number = self.id(phone).await;
        let runs = self.remedies.runs(&viewer(Role::Admin), number).await.unwrap();
        runs.into_iter().next().unwrap()
    }

    /// The causes that the diagnosis after a remedy names.
    async fn causes(&self, applied: Applied) -> Vec<Cause> {
        let record = self
            .diagnoses
            .record(&Viewer::system(), applied.diagnosis.unwrap())
            .await
            .unwrap();
        record.faults()
    }

    /// Everything that is wrong with a phone now.
    async fn faults(&self, phone: &PhoneHandle) -> Vec<Cause> {
        let number = self.id(phone).await;
        self.diagnoses.run_as_system(number).await.unwrap().faults()
    }

    /// What is wrong with a phone now.
    async fn diagnose(&self, phone: &PhoneHandle) -> Cause {
        let number = self.id(phone).await;
        let record = self.diagnoses.run_as_system(number).await.unwrap();
        record.verdict.as_ref().unwrap().cause
    }

    /// Actions and outcomes of the trail about remedies, oldest first.
    async fn trail(&self) -> Vec<(String, &'static str, String)> {
        let page = audit::list(&self.clinic.house.store, &audit::Filter::default(), None, 500).await;
        let mut lines: Vec<_> = page
            .unwrap()
            .lines
            .into_iter()
            .filter(|line| line.action.starts_with("remedy"))
            .map(|line| (line.action, line.outcome.as_str(), line.detail))
            .collect();
        lines.reverse();
        lines
    }
}

/// The phone's name, typed.
fn typed(phone: &PhoneHandle) -> Apply {
    Apply {
        confirmation: Some(phone.name().to_owned()),
        ..Apply::default()
    }
}

/// The user that controls phones in the simulated cluster.
const USER: &str = "sidetone-app";

#[track_caller]
fn assert_guided(told: &Result<impl std::fmt::Debug, RemedyError>) {
    assert!(matches!(told, Err(RemedyError::Guided(_))), "{told:?}");
}

#[track_caller]
fn assert_state(run: &Run, state: RunState, words: &str) {
    assert_eq!(run.state, state, "{run:?}");
    assert!(run.evidence.contains(words), "{words:?} in {run:?}");
}

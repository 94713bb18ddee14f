//! Macros played on simulated phones, over real sockets.

mod given;
mod job;
mod kept;
mod person;
mod proof;
mod refusals;
mod sight;
mod ssh;
mod steps;
mod telling;
mod trust;

use sidetone::config;
use sidetone::domain::ids::{MacroId, MacroRunId, UserId};
use sidetone::domain::script::{Arguments, RunEnd};
use sidetone::inventory::ClusterDraft;
use sidetone::macros::{
    self, Command, Library, LibraryParts, Macros, Order, PlayError, Playing, Reply, RunView, Shown, StepOutcome, Way,
};
use sidetone::security::Viewer;
use sidetone::simulator::{Options, PhoneHandle};
use std::time::Duration;
use tokio::sync::watch;

use crate::diagnosis::Clinic;

/// Simulated phones, and who plays macros on them.
pub(crate) struct Stage {
    pub(crate) clinic: Clinic,
    pub(crate) macros: Macros,
}

/// A run that is followed.
struct Followed {
    id: MacroRunId,
    view: watch::Receiver<Shown>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}, |_| {}).await
    }

    /// Phones restart at once unless the options say otherwise.
    pub(crate) async fn with(options: impl FnOnce(&mut Options), draft: impl FnOnce(&mut ClusterDraft)) -> Self {
        let quick = |wanted: &mut Options| {
            wanted.restart = Duration::ZERO;
            options(wanted);
        };
        let with_emergency = |wanted: &mut ClusterDraft| {
            wanted.emergency_numbers = vec!["112".to_owned()];
            draft(wanted);
        };
        let clinic = Clinic::with(quick, with_emergency).await;
        let macros = player(&clinic);
        Self { clinic, macros }
    }

    /// A macro of this text.
    pub(crate) async fn add(&self, text: &str) -> MacroId {
        let may = admin().may().unwrap();
        let kept = self.macros.library().add(&may, text, "").await;
        kept.unwrap_or_else(|error| panic!("{error:?} in\n{text}")).id
    }

    /// An order that confirms what must be confirmed.
    pub(crate) async fn order(&self, phone: &PhoneHandle, macro_id: MacroId) -> Order {
        Order {
            macro_id,
            version: None,
            phone: self.clinic.id(phone).await,
            arguments: Arguments::new(),
            dry_run: false,
            step_by_step: false,
            way: Way::Auto,
            confirmation: Some(phone.name().to_owned()),
        }
    }

    async fn start(&self, order: Order) -> Result<Followed, PlayError> {
        let id = self.macros.start(&admin(), order).await?;
        // One that is over already is read from the store.
        let view = match self.macros.follow(&admin(), id).await {
            Ok(view) => view,
            Err(PlayError::Over) => {
                let over = self.macros.run(&admin(), id).await.unwrap();
                watch::channel(std::sync::Arc::new(over)).1
            }
            Err(error) => panic!("{error}"),
        };
        Ok(Followed { id, view })
    }

    async fn started(&self, phone: &PhoneHandle, text: &str) -> Followed {
        let macro_id = self.add(text).await;
        self.start(self.order(phone, macro_id).await).await.unwrap()
    }

    /// Plays to the end.
    pub(crate) async fn play(&self, phone: &PhoneHandle, text: &str) -> RunView {
        let run = self.started(phone, text).await;
        self.ended(run).await
    }

    /// The run as it is kept after its end.
    async fn ended(&self, mut run: Followed) -> RunView {
        let last = run.until(|view| view.state.is_over()).await;
        let kept = self.macros.run(&admin(), run.id).await.unwrap();
        assert_eq!(*last, kept, "what was shown is what is kept");
        kept
    }

    async fn tell(&self, run: &Followed, command: Command) {
        self.macros.command(&admin(), run.id, command).await.unwrap();
    }

    /// Answers the question that stands.
    async fn answer(&self, run: &Followed, reply: Reply) {
        let question = self.macros.run(&admin(), run.id).await.unwrap().asked;
        self.tell(run, Command::Answer { question, reply }).await;
    }
}

impl Followed {
    async fn until(&mut self, wanted: impl Fn(&RunView) -> bool) -> Shown {
        let seen = self.view.wait_for(|view| wanted(view) || view.state.is_over()).await;
        let seen = seen.unwrap().clone();
        assert!(wanted(&seen), "it ended before: {seen:#?}");
        seen
    }
}

/// What the program itself wires together.
fn player(clinic: &Clinic) -> Macros {
    let tools = clinic.tools.clone();
    Macros::new(macros::Parts {
        library: Library::new(LibraryParts {
            store: tools.store.clone(),
            clock: tools.clock.clone(),
        }),
        store: tools.store,
        clock: tools.clock,
        tasks: clinic.tasks.clone(),
        inventory: tools.inventory,
        phones: tools.phones,
        screens: tools.screens,
        control: tools.control,
        settings: config::Macros::default(),
    })
}

fn admin() -> Viewer {
    Viewer::command()
}

/// Somebody else.
fn other() -> Viewer {
    let mut viewer = Viewer::command();
    viewer.user = UserId(77);
    "bob".clone_into(&mut viewer.name);
    viewer
}

#[track_caller]
fn ended_as(view: &RunView, end: RunEnd, words: &str) {
    assert_eq!(view.state, Playing::Over(end), "{view:#?}");
    assert!(view.evidence.contains(words), "{words:?} in {view:#?}");
}

/// What the steps saw, one line each.
fn seen(view: &RunView) -> Vec<(StepOutcome, String)> {
    let steps = view.steps.iter();
    steps
        .map(|step| (step.outcome, step.seen.clone().unwrap_or_default()))
        .collect()
}

/// The way to the reset of the security settings of an 88xx or 78xx.
const TO_SECURITY: &str = "\
expect idle
press Applications
choose \"Admin settings\"
choose \"Reset settings\"
choose \"Security settings\"
expect title \"Security settings\"
";

/// A macro that deletes the trust list of an 88xx or 78xx.
fn deletion(name: &str) -> String {
    format!(
        "macro \"{name}\"\ndestructive\n\nfetch trust-list as before\n{TO_SECURITY}destructive softkey \"Reset\"\nprove trust-list-deleted within 30s\n"
    )
}

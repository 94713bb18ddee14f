//! Starting a run: what is checked before anything is sent, the row, the task, the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::arguments;
use super::desk::{Desk, Line};
use super::ending::Ending;
use super::error::PlayError;
use super::facts::is_model;
use super::hands::Hands;
use super::player::{Piece, Player, State, Witness, compares};
use super::types::{Command, Order, Playing, Reply, RunView, Shown, Teller, Told};
use super::{Held, Live, MOST_UNHEEDED, Macros, Place, Shared, as_json};
use crate::audit::{self, Actor, Event, Outcome, action};
use crate::domain::catalogue::{self, Model};
use crate::domain::ids::{ClusterId, MacroRunId};
use crate::domain::script::{Act, Danger, Fits, RunEnd, Step};
use crate::inventory::Phone;
use crate::macros::preview::range_words;
use crate::security::{May, MendPhones, PressKeys, RunDestructive, RunMacros, Viewer};
use crate::store::{self, macro_runs as rows};

/// A run that may begin.
pub(super) struct Ready {
    pub(super) viewer: Viewer,
    pub(super) may: May<PressKeys>,
    pub(super) piece: Piece,
    pub(super) phone: Phone,
    pub(super) model: &'static Model,
    pub(super) emergency: Vec<String>,
    pub(super) values: BTreeMap<String, String>,
}

impl Macros {
    /// Starts to play a macro for a person. It goes on whatever its person does, until it ends or is stopped.
    ///
    /// # Errors
    /// Why it was not begun; nothing was sent then.
    pub async fn start(&self, viewer: &Viewer, order: Order) -> Result<MacroRunId, PlayError> {
        let shared = &self.shared;
        let ready = shared.check(viewer, &order).await?;
        if ready.piece.script.danger == Danger::Destructive && !order.dry_run {
            let typed = order.confirmation.as_deref().map(str::trim);
            if !typed.is_some_and(|typed| typed.eq_ignore_ascii_case(&ready.phone.name)) {
                return Err(PlayError::Confirm(ready.phone.name));
            }
        }
        let place = shared.take_place(order.phone, Held::Beginning)?;
        // The row and the run belong to one task: who leaves meanwhile leaves no row behind that nobody plays.
        let (began, told) = oneshot::channel();
        let task = begin(Arc::clone(shared), ready, order, place, began);
        self.shared
            .parts
            .tasks
            .spawn("macro", async move { Box::pin(task).await });
        let stops = PlayError::NotNow("the program stops; nothing was begun");
        told.await.unwrap_or(Err(stops))
    }

    /// Follows a run under way: the channel holds it as it stands, its last value is over, and then it closes.
    ///
    /// # Errors
    /// [`PlayError::Unknown`], [`PlayError::Over`].
    pub async fn follow(&self, viewer: &Viewer, id: MacroRunId) -> Result<watch::Receiver<Shown>, PlayError> {
        self.run(viewer, id).await?;
        let running = self.shared.running();
        running
            .runs
            .get(&id)
            .map(|live| live.view.clone())
            .ok_or(PlayError::Over)
    }

    /// Tells a run something. Whoever may play it may do so.
    ///
    /// # Errors
    /// [`PlayError::Unknown`], [`PlayError::Over`], [`PlayError::Denied`], [`PlayError::NotNow`].
    pub async fn command(&self, viewer: &Viewer, id: MacroRunId, command: Command) -> Result<(), PlayError> {
        let view = self.run(viewer, id).await?;
        viewer.may::<RunMacros>()?;
        let kept = self
            .shared
            .parts
            .library
            .version(viewer, view.macro_id, view.version)
            .await;
        if !kept.is_ok_and(|kept| kept.danger == Danger::Safe) && command != Command::Stop {
            viewer.may::<RunDestructive>()?;
        }
        fits_now(&view, command)?;
        if let Command::Answer { reply, .. } = command {
            self.shared.note_answer(viewer, &view, reply).await?;
        }
        let told = Told {
            command,
            by: teller(viewer),
        };
        let running = self.shared.running();
        let live = running.runs.get(&id).ok_or(PlayError::Over)?;
        live.commands.try_send(told).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => PlayError::NotNow("the run has not heeded what it was told before"),
            mpsc::error::TrySendError::Closed(_) => PlayError::Over,
        })
    }
}

/// Whoever tells a run something.
pub(super) fn teller(viewer: &Viewer) -> Teller {
    Teller {
        name: viewer.name.clone(),
        is_trusted: viewer.may::<RunDestructive>().is_ok(),
    }
}

/// Whether a run can be told this as it stands.
fn fits_now(view: &RunView, command: Command) -> Result<(), PlayError> {
    let (question, reply) = match (&view.state, command) {
        (Playing::Over(_), _) => return Err(PlayError::Over),
        (_, Command::Answer { question, reply }) => (question, reply),
        _ => return Ok(()),
    };
    let Playing::Asking(asked) = &view.state else {
        return Err(PlayError::NotNow("the run asks nothing now"));
    };
    if question != view.asked {
        return Err(PlayError::NotNow(
            "the run asks another question now than the one that was answered; look again",
        ));
    }
    match reply {
        Reply::Refuse => Ok(()),
        Reply::Confirm { .. } if !asked.needs_row => Ok(()),
        Reply::Row { row, .. } if asked.needs_row && row > 0 => Ok(()),
        Reply::Confirm { .. } => Err(PlayError::NotNow("the run asks for the number of a row")),
        Reply::Row { .. } => Err(PlayError::NotNow("the run asks for yes or no, not for a row")),
    }
}

impl Shared {
    /// Everything that can be known before the phone is asked.
    pub(super) async fn check(&self, viewer: &Viewer, order: &Order) -> Result<Ready, PlayError> {
        let may = viewer.may::<PressKeys>()?;
        viewer.may::<RunMacros>()?;
        let library = &self.parts.library;
        let kept = match order.version {
            Some(version) => library.version(viewer, order.macro_id, version).await?,
            None => library.get(viewer, order.macro_id).await?,
        };
        let script = kept.script.ok_or(PlayError::Unreadable)?;
        if script.danger == Danger::Destructive {
            viewer.may::<RunDestructive>()?;
        }
        if restarts(&script.steps) {
            viewer.may::<MendPhones>()?;
        }
        let phone = self.parts.inventory.phone(viewer, order.phone).await?;
        let model = catalogue::find(phone.model_number, &phone.model);
        fits(&script.fits, model, &phone.firmware)?;
        let cluster = self.parts.inventory.cluster(viewer, phone.cluster_id).await?;
        let emergency = cluster.emergency_numbers;
        let tones = library.tones(viewer).await?;
        let values = arguments::resolve(&script.parameters, &order.arguments, &tones, &emergency)?;
        Ok(Ready {
            viewer: viewer.clone(),
            may,
            piece: Piece {
                id: kept.id,
                name: kept.name,
                version: kept.version,
                text: Sha256::digest(kept.text.as_bytes()).into(),
                script: Arc::new(script),
            },
            phone,
            model,
            emergency,
            values,
        })
    }

    /// Who answered a question, and what.
    async fn note_answer(&self, viewer: &Viewer, view: &RunView, reply: Reply) -> Result<(), PlayError> {
        let Playing::Asking(question) = &view.state else {
            return Ok(());
        };
        let (asked, words) = (&question.expectation, reply.words());
        let mut event = Event::new(self.parts.clock.now_ms(), viewer.actor(), action::MACRO_ANSWERED)
            .phone(view.phone, view.phone_name.clone())
            .detail(format!("{}: {asked}: {words}", detail(view)));
        if let Ok(phone) = self.parts.inventory.phone(viewer, view.phone).await
            && let Ok(cluster) = self.parts.inventory.cluster(viewer, phone.cluster_id).await
        {
            event = event.cluster(cluster.id, cluster.name);
        }
        let mut tx = self.parts.store.begin().await?;
        audit::record(&mut tx, &event).await?;
        Ok(tx.commit().await?)
    }

    /// Writes the row with its line in the trail.
    async fn open(&self, ready: &Ready, order: &Order) -> Result<(RunView, MacroRunId), PlayError> {
        let mut view = view_of(ready, order, self.parts.clock.now_ms());
        let record = as_json(&view);
        let new = rows::NewRun {
            macro_id: view.macro_id,
            macro_name: &view.macro_name,
            version: view.version,
            phone: view.phone,
            phone_name: &view.phone_name,
            cluster: ready.phone.cluster_id,
            by: &view.by,
            dry_run: view.dry_run,
            began_at: view.began_at,
            record: &record,
        };
        let cluster = self
            .parts
            .inventory
            .cluster(&ready.viewer, ready.phone.cluster_id)
            .await?;
        let event = Event::new(view.began_at, ready.viewer.actor(), action::MACRO_STARTED)
            .phone(view.phone, view.phone_name.clone())
            .cluster(cluster.id, cluster.name)
            .detail(detail(&view));
        let mut tx = self.parts.store.begin().await?;
        let id = rows::insert(&mut tx, &new).await?;
        audit::record(&mut tx, &event).await?;
        tx.commit().await?;
        view.id = id;
        Ok((view, id))
    }
}

/// A macro as the trail calls it.
pub(super) fn detail(view: &RunView) -> String {
    let dry = if view.dry_run { ", dry run" } else { "" };
    format!("{} version {}{dry}", view.macro_name, view.version)
}

/// The first view of a run.
pub(super) fn view_of(ready: &Ready, order: &Order, now: i64) -> RunView {
    RunView {
        id: MacroRunId(0),
        macro_id: ready.piece.id,
        macro_name: ready.piece.name.clone(),
        version: ready.piece.version,
        phone: ready.phone.id,
        phone_name: ready.phone.name.clone(),
        by: ready.viewer.name.clone(),
        dry_run: order.dry_run,
        state: Playing::Running,
        asked: 0,
        way: order.way,
        steps: Vec::new(),
        current: None,
        cause: None,
        evidence: String::new(),
        began_at: now,
        ended_at: None,
        pictures: Vec::new(),
    }
}

/// A player that has not begun.
pub(super) fn player<'h>(
    shared: &Arc<Shared>,
    ready: Ready,
    desk: Desk,
    order: &Order,
    witness: Witness<'h>,
) -> Player<'h> {
    let state = State {
        compares: compares(&ready.piece.script.steps),
        ..State::default()
    };
    Player {
        shared: Arc::clone(shared),
        viewer: ready.viewer,
        may: ready.may,
        load: String::new(),
        emergency: ready.emergency,
        values: ready.values,
        dry_run: order.dry_run,
        desk,
        witness,
        hands: Hands::Undecided,
        hold: None,
        state,
        piece: ready.piece,
        phone: ready.phone,
        model: ready.model,
    }
}

/// Writes the run down, answers its number, and plays it.
async fn begin(
    shared: Arc<Shared>,
    ready: Ready,
    order: Order,
    place: Place,
    began: oneshot::Sender<Result<MacroRunId, PlayError>>,
) {
    let (view, id) = match shared.open(&ready, &order).await {
        Ok(opened) => opened,
        Err(error) => {
            drop(place);
            // Whoever asked for it may have left.
            let _ = began.send(Err(error));
            return;
        }
    };
    let (told, commands) = mpsc::channel(MOST_UNHEEDED);
    let program = shared.parts.tasks.stop_token();
    let desk = Desk::new(
        view,
        Line::Open(commands, teller(&ready.viewer)),
        CancellationToken::new(),
        program,
        order.step_by_step,
    );
    let live = Live {
        view: desk.follow(),
        commands: told,
    };
    {
        let mut running = shared.running();
        running.phones.insert(order.phone, Held::ByRun(id));
        running.runs.insert(id, live);
    }
    let player = player(&shared, ready, desk, &order, Witness::Row(id));
    let _ = began.send(Ok(id));
    finish(shared, player, place).await;
}

/// Plays to the end and keeps it, then tells who follows.
async fn finish(shared: Arc<Shared>, mut player: Player<'static>, place: Place) {
    let ending = Box::pin(player.play()).await;
    let now = shared.parts.clock.now_ms();
    let mut view = RunView::clone(&player.desk.view());
    settle(&mut view, &ending, now);
    let actor = player.viewer.actor();
    if let Err(error) = shared.end(&view, actor, player.phone.cluster_id).await {
        tracing::error!(error = %error, "the end of a macro cannot be kept: {error}");
    }
    // Whoever sees the end may begin the next run.
    drop(place);
    player.desk.update(|shown| *shown = view);
}

/// Writes an end into a view.
pub(super) fn settle(view: &mut RunView, ending: &Ending, now: i64) {
    view.state = Playing::Over(ending.end);
    view.cause = ending.cause;
    view.evidence.clone_from(&ending.evidence);
    view.ended_at = Some(now);
    view.current = None;
}

impl Shared {
    /// Keeps how a run ended, with its line in the trail.
    pub(super) async fn end(&self, view: &RunView, actor: Actor, cluster: ClusterId) -> Result<(), store::Error> {
        let Playing::Over(end) = &view.state else { return Ok(()) };
        let record = as_json(view);
        let row = rows::End {
            state: end.as_str(),
            cause: view.cause.map_or("", crate::domain::cause::Cause::code),
            ended_at: view.ended_at.unwrap_or(view.began_at),
            record: &record,
        };
        let known = store::clusters::by_id(&self.parts.store, cluster).await?;
        let mut event = Event::new(row.ended_at, actor, action::MACRO_ENDED)
            .phone(view.phone, view.phone_name.clone())
            .detail(format!("{}: {}", detail(view), end.as_str()));
        if let Some(cluster) = known {
            event = event.cluster(cluster.id, cluster.name);
        }
        if !matches!(end, RunEnd::Succeeded | RunEnd::Rehearsed) {
            event = event.ended(Outcome::Failed, view.cause);
        }
        let mut tx = self.parts.store.begin().await?;
        if rows::end(&mut tx, view.id, &row).await? {
            audit::record(&mut tx, &event).await?;
        }
        tx.commit().await
    }
}

fn restarts(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.act {
        Act::Restart => true,
        Act::If { then, otherwise, .. } => restarts(then) || restarts(otherwise),
        Act::Repeat { steps, .. } => restarts(steps),
        _ => false,
    })
}

/// Why a macro is not for a phone of a model with a load, if it is not.
pub fn misfit(of: &Fits, model: &Model, load: &str) -> Option<String> {
    match fits(of, model, load) {
        Err(PlayError::OtherKind(words)) => Some(words),
        _ => None,
    }
}

/// Whether the macro is for this phone.
fn fits(fits: &Fits, model: &Model, load: &str) -> Result<(), PlayError> {
    let other = |what: String| Err(PlayError::OtherKind(what));
    if !fits.families.is_empty() && !fits.families.contains(&model.family.id) {
        let families = fits.families.join(", ");
        return other(format!(
            "The macro is for the families {families}; this is a {}",
            model.name
        ));
    }
    if !fits.models.is_empty() && !fits.models.iter().any(|name| is_model(model, name)) {
        let models = fits.models.join(", ");
        return other(format!("The macro is for {models}; this is a {}", model.name));
    }
    match &fits.firmware {
        // The load that CUCM last told; one that does not tell its version is taken for another.
        Some(range) if range.holds(load) != Some(true) => other(format!(
            "The macro is for firmware {}; this phone runs {load:?}",
            range_words(range)
        )),
        _ => Ok(()),
    }
}

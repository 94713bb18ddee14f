//! One run: its steps in order, each recorded, until one of them ends it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;

use super::Shared;
use super::desk::Desk;
use super::emergency::Typed;
use super::ending::Ending;
use super::expect::Met;
use super::free::OwnCall;
use super::hands::Hands;
use super::harm::Padlock;
use super::prove::Baseline;
use super::types::{JobHooks, StepOutcome, StepRecord};
use super::wanted::Wanted;
use crate::control::Hold;
use crate::domain::catalogue::Model;
use crate::domain::ids::{MacroId, MacroRunId};
use crate::domain::script::{Act, MOST_ROUNDS, MOST_TAKEN, Rounds, RunEnd, Script, Seen, Step, Template};
use crate::inventory::Phone;
use crate::security::{May, PressKeys, Viewer};
use crate::store::{self, macro_runs as rows};

/// The macro that is played.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) id: MacroId,
    pub(super) name: String,
    pub(super) version: u32,
    /// SHA-256 of its text.
    pub(super) text: [u8; 32],
    pub(super) script: Arc<Script>,
}

/// Who must know before the first act reaches the phone.
pub(super) enum Witness<'h> {
    /// The row of the run.
    Row(MacroRunId),
    /// The job, with its own row.
    Job(&'h dyn JobHooks),
}

/// One run under way.
pub(super) struct Player<'h> {
    pub(super) shared: Arc<Shared>,
    pub(super) viewer: Viewer,
    pub(super) may: May<PressKeys>,
    pub(super) piece: Piece,
    pub(super) phone: Phone,
    pub(super) model: &'static Model,
    /// The load that runs; empty when nobody knows.
    pub(super) load: String,
    /// Emergency numbers of the cluster.
    pub(super) emergency: Vec<String>,
    /// Parameters, and facts that were fetched.
    pub(super) values: BTreeMap<String, String>,
    pub(super) dry_run: bool,
    pub(super) desk: Desk,
    pub(super) witness: Witness<'h>,
    pub(super) hands: Hands,
    /// The wheel, from the first act to the end.
    pub(super) hold: Option<Hold>,
    pub(super) state: State,
}

/// What a run remembers from step to step.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one run")]
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether anything may have reached the phone.
    pub(super) touched: bool,
    /// Whether a step that cannot be taken back was sent.
    pub(super) destructive: bool,
    /// Whether what comes only before the first such step was done: baseline, picture.
    pub(super) prepared: bool,
    /// Where the phone that is meant was last named.
    pub(super) proved_at: Option<Ipv4Addr>,
    /// What was met last, if nothing was pressed since.
    pub(super) met: Option<Met>,
    /// Whether a person agreed to press a phone that is in a call.
    pub(super) call_agreed: bool,
    /// Whether the phone has no page of its lines.
    pub(super) no_lines: bool,
    /// When it was last seen whether a call is up.
    pub(super) calls_seen: Option<Instant>,
    /// Whether the run began a call itself.
    pub(super) own_call: OwnCall,
    /// The picture at the last press, of macros that compare with it.
    pub(super) before_press: Option<[u8; 32]>,
    pub(super) compares: bool,
    /// The picture right before a background image was set.
    pub(super) before_background: Option<[u8; 32]>,
    pub(super) typed: Typed,
    pub(super) padlock: Padlock,
    pub(super) baseline: Option<Baseline>,
    /// A press in doubt that only the proof after it can tell.
    pub(super) doubt: Option<String>,
    /// Whether a proof comes after the step under way.
    pub(super) proof_next: bool,
    /// Whether a step that cannot be taken back comes after it, directly.
    pub(super) harm_next: bool,
    /// Whether the step under way waits for a proof.
    pub(super) proving: bool,
    pub(super) proved: Option<String>,
    pub(super) questions: usize,
    pub(super) taken: usize,
}

/// What a step came to.
pub(super) struct Done {
    pub(super) outcome: StepOutcome,
    pub(super) seen: Option<String>,
}

impl Done {
    pub(super) fn plain() -> Self {
        Self {
            outcome: StepOutcome::Done,
            seen: None,
        }
    }

    pub(super) fn saw(seen: impl Into<String>) -> Self {
        Self {
            seen: Some(seen.into()),
            ..Self::plain()
        }
    }
}

impl Player<'_> {
    /// Plays the whole macro; the answer is how it ended. The wheel is given back.
    pub(super) async fn play(&mut self) -> Ending {
        let played = self.try_play().await;
        let mut ending = match played {
            Ok(()) => self.finished(),
            Err(ending) => ending,
        };
        if self.dry_run && ending.end == RunEnd::Succeeded {
            ending.end = RunEnd::Rehearsed;
        }
        if self.desk.is_stopping() && self.state.touched && ending.end == RunEnd::Stopped {
            ending.end = RunEnd::Unsure;
            ending.evidence = format!("{}, in the middle of the run", ending.evidence);
        }
        self.own_up(&mut ending);
        if let Some(doubt) = &self.state.doubt
            && ending.end == RunEnd::Unproved
        {
            ending.evidence = format!("{}. The last key: {doubt}", ending.evidence);
        }
        self.tidy_up(&ending).await;
        ending
    }

    /// What must not be tried again as if nothing had happened is no plain failure: a run that ends early after a step that
    /// cannot be taken back, and one of a job that was cut off after anything was sent.
    fn own_up(&self, ending: &mut Ending) {
        let state = &self.state;
        let begun = state.destructive || state.doubt.is_some();
        let is_job = matches!(self.witness, Witness::Job(_));
        let so_far = self.desk.view();
        let (end, evidence) = told_after(
            ending,
            Sent {
                destructive: begun,
                anything_of_a_job: is_job && state.touched,
            },
            state.proving.then_some(so_far.evidence.as_str()),
        );
        (ending.end, ending.evidence) = (end, evidence);
        if ending.end != RunEnd::Skipped {
            ending.skipped = None;
        }
    }

    async fn try_play(&mut self) -> Result<(), Ending> {
        self.prepare().await?;
        let script = Arc::clone(&self.piece.script);
        self.block(&script.steps, false).await?;
        if self.dry_run {
            return Err(Ending::new(
                RunEnd::Rehearsed,
                "Everything was done: the macro has no step on this way that cannot be taken back",
            ));
        }
        Ok(())
    }

    fn finished(&self) -> Ending {
        let evidence = self.state.proved.clone();
        Ending::new(
            RunEnd::Succeeded,
            evidence.unwrap_or_else(|| "Every step was done".to_owned()),
        )
    }

    /// The steps of a block in order. `proof_after` says whether a proof follows the block.
    fn block<'a>(&'a mut self, steps: &'a [Step], proof_after: bool) -> BoxFuture<'a, Result<(), Ending>> {
        Box::pin(async move {
            for (index, step) in steps.iter().enumerate() {
                let next = steps.get(index + 1);
                let proof_next = next.map_or(proof_after, |next| is_proof(&next.act));
                self.state.harm_next = next.is_some_and(|next| next.destructive);
                self.take(step, proof_next).await?;
            }
            Ok(())
        })
    }

    async fn take(&mut self, step: &Step, proof_next: bool) -> Result<(), Ending> {
        self.state.taken += 1;
        if self.state.taken > MOST_TAKEN {
            return Err(Ending::failed(format!(
                "The run was ended after {MOST_TAKEN} steps: a loop of the macro does not end"
            )));
        }
        self.desk.before_step(step.at).await?;
        let began_at = self.shared.parts.clock.now_ms();
        let begun = Instant::now();
        self.state.proof_next = proof_next;
        self.state.proving = is_proof(&step.act);
        match &step.act {
            Act::If {
                condition,
                then,
                otherwise,
            } => {
                let held = self.holds(condition).await;
                let told = held.as_ref().map(|held| Done::saw(if *held { "yes" } else { "no" }));
                self.record(step, began_at, begun, told);
                let way = if held? { then } else { otherwise };
                self.block(way, proof_next).await
            }
            Act::Repeat { times, until, steps } => {
                self.record(step, began_at, begun, Ok(Done::plain()));
                self.repeat(times, until.as_ref(), steps).await
            }
            act => {
                let done = self.act(step, act).await;
                self.record(
                    step,
                    began_at,
                    begun,
                    done.as_ref().map(|done| Done {
                        outcome: done.outcome,
                        seen: done.seen.clone(),
                    }),
                );
                if self.state.touched {
                    self.keep_progress().await;
                }
                done.map(drop)
            }
        }
    }

    async fn repeat(&mut self, times: &Rounds, until: Option<&Seen>, steps: &[Step]) -> Result<(), Ending> {
        let rounds = match times {
            Rounds::Count(count) => *count,
            Rounds::Of(template) => {
                let text = self.fill(template)?;
                let count = text
                    .trim()
                    .parse()
                    .ok()
                    .filter(|count| (1..=MOST_ROUNDS).contains(count));
                count.ok_or_else(|| Ending::failed(format!("{text} is no number of rounds from 1 to {MOST_ROUNDS}")))?
            }
        };
        let until = until.map(|seen| self.wanted(seen)).transpose()?;
        for _ in 0..rounds.min(MOST_ROUNDS) {
            if let Some(wanted) = &until
                && self.is_seen_now(wanted).await?
            {
                break;
            }
            self.block(steps, false).await?;
        }
        Ok(())
    }

    /// Adds a step to the record of the run.
    fn record(&self, step: &Step, began_at: i64, begun: Instant, done: Result<Done, &Ending>) {
        let (outcome, seen, cause) = match done {
            Ok(done) => (done.outcome, done.seen, None),
            Err(ending) => {
                let outcome = match (&step.act, ending.end) {
                    (Act::Stop { failed: false, .. }, _) => StepOutcome::Done,
                    (_, RunEnd::Rehearsed | RunEnd::Stopped) => StepOutcome::Skipped,
                    _ => StepOutcome::Failed,
                };
                (outcome, Some(ending.evidence.clone()), ending.cause)
            }
        };
        let record = StepRecord {
            at: step.at,
            words: crate::macros::step_words(step),
            began_at,
            took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome,
            seen,
            cause,
        };
        self.desk.update(|view| view.steps.push(record));
    }

    /// A template with its parameters and facts put in.
    pub(super) fn fill(&self, template: &Template) -> Result<String, Ending> {
        fill(&template.text, &self.values).map_err(|name| {
            let at = template.at;
            Ending::failed(format!("{at}: nothing is known as {{{name}}} here"))
        })
    }

    /// The texts of a template of which any will do.
    pub(super) fn fill_any(&self, template: &Template) -> Result<Vec<String>, Ending> {
        let filled = template.alternatives().map(|text| {
            self.fill(&Template {
                text: text.to_owned(),
                at: template.at,
            })
        });
        filled.collect()
    }

    pub(super) fn wanted(&self, seen: &Seen) -> Result<Wanted, Ending> {
        Ok(match seen {
            Seen::Title(text) => Wanted::Title(self.fill_any(text)?),
            Seen::Row(text) => Wanted::Row(self.fill_any(text)?),
            Seen::Softkey(text) => Wanted::Softkey(self.fill_any(text)?),
            Seen::Line(text) => Wanted::Line(self.fill_any(text)?),
            Seen::Idle => Wanted::Idle,
            Seen::CallState(text) => Wanted::CallState(self.fill_any(text)?),
            Seen::InCall => Wanted::InCall,
            Seen::StatusMessage(text) => Wanted::StatusMessage(self.fill_any(text)?),
            Seen::Picture(name) => Wanted::Picture(name.clone()),
            Seen::Changed => Wanted::Changed,
            Seen::Not(seen) => Wanted::Not(Box::new(self.wanted(seen)?)),
        })
    }

    /// Before the first act reaches the phone: written down first, so that a crash afterwards is told as one.
    pub(super) async fn about_to_act(&mut self) -> Result<(), Ending> {
        self.desk.check()?;
        self.no_call_of_others().await?;
        self.hold_wheel()?;
        if self.state.touched {
            return Ok(());
        }
        match &self.witness {
            Witness::Job(hooks) => {
                if let Err(error) = hooks.about_to_send().await {
                    // A job that was cancelled meanwhile writes nothing down any more.
                    self.desk.check()?;
                    return Err(error.into());
                }
            }
            Witness::Row(id) => self.shared.touch(*id).await?,
        }
        self.state.touched = true;
        Ok(())
    }

    /// Keeps how far the run has come, for the case that the program dies. What fails here is no reason to stop.
    async fn keep_progress(&self) {
        let Witness::Row(id) = &self.witness else { return };
        let record = super::as_json(&self.desk.view());
        let kept = async {
            let mut tx = self.shared.parts.store.begin().await?;
            rows::progress(&mut tx, *id, &record).await?;
            tx.commit().await
        };
        let kept: Result<(), store::Error> = kept.await;
        if let Err(error) = kept {
            tracing::warn!(error = %error, "the progress of a macro cannot be kept: {error}");
        }
    }

    /// After the last step: the last picture, the phone's idle screen where nobody stays, the wheel if the run took it.
    async fn tidy_up(&mut self, ending: &Ending) {
        if self.state.touched {
            let leaves = !self.desk.is_attended() && !self.state.destructive && ending.end != RunEnd::Succeeded;
            let back_out = ending.end == RunEnd::Rehearsed || leaves && ending.end != RunEnd::Unsure;
            self.last_picture().await;
            if back_out {
                self.back_out().await;
            }
        }
        self.hands.close().await;
        if let Some(hold) = self.hold.take()
            && let Err(error) = self.shared.parts.control.let_go(&self.may, hold).await
        {
            tracing::warn!("the wheel could not be given back after a macro: {error}");
        }
    }
}

/// What may have reached the phone when a run ends.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// A step that cannot be taken back.
    destructive: bool,
    /// Anything at all, in the run of a job.
    anything_of_a_job: bool,
}

/// The end that is told for one that came early, with its evidence; `proof` is what was seen so far while a proof was awaited.
fn told_after(ending: &Ending, sent: Sent, proof: Option<&str>) -> (RunEnd, String) {
    let evidence = ending.evidence.clone();
    let is_early = matches!(
        ending.end,
        RunEnd::Failed | RunEnd::Stopped | RunEnd::Skipped | RunEnd::NeedsPerson
    );
    match proof {
        Some(seen) if is_early && sent.destructive => {
            let seen = if seen.is_empty() { "nothing was seen yet" } else { seen };
            let evidence = format!("{evidence}, before the proof was complete: {seen}");
            (RunEnd::Unproved, evidence)
        }
        None if is_early && sent.destructive => {
            let evidence = format!("{evidence}, after a step that cannot be taken back was sent");
            (RunEnd::Unsure, evidence)
        }
        _ if sent.anything_of_a_job && ending.end == RunEnd::Stopped => {
            let evidence = format!("{evidence}, after something was sent to the phone");
            (RunEnd::Unsure, evidence)
        }
        _ => (ending.end, evidence),
    }
}

fn is_proof(act: &Act) -> bool {
    matches!(act, Act::Prove { .. })
}

/// `{name}` replaced by what it stands for.
///
/// # Errors
/// The name that stands for nothing.
fn fill(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let named = after.split_once('}').filter(|(name, _)| is_name(name));
        if let Some((name, behind)) = named {
            filled.push_str(values.get(name).ok_or_else(|| name.to_owned())?);
            rest = behind;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// Whether a script compares the screen with that of the last press anywhere.
pub(super) fn compares(steps: &[Step]) -> bool {
    fn changed(seen: &Seen) -> bool {
        match seen {
            Seen::Changed => true,
            Seen::Not(inner) => changed(inner),
            _ => false,
        }
    }
    fn asks(condition: &crate::domain::script::Condition) -> bool {
        use crate::domain::script::Condition;
        match condition {
            Condition::Seen(seen) => changed(seen),
            Condition::Not(inner) => asks(inner),
            _ => false,
        }
    }
    steps.iter().any(|step| match &step.act {
        Act::Expect { seen, .. } => changed(seen),
        Act::If {
            condition,
            then,
            otherwise,
        } => asks(condition) || compares(then) || compares(otherwise),
        Act::Repeat { until, steps, .. } => until.as_ref().is_some_and(changed) || compares(steps),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_never_told_as_a_plain_failure() {
        let early = [RunEnd::Failed, RunEnd::Stopped, RunEnd::Skipped, RunEnd::NeedsPerson];
        let told = |end: RunEnd, destructive: bool, anything_of_a_job: bool, proof: Option<&str>| {
            let sent = Sent {
                destructive,
                anything_of_a_job,
            };
            told_after(&Ending::new(end, "Why"), sent, proof)
        };
        for end in early {
            assert_eq!(told(end, true, false, None).0, RunEnd::Unsure, "{end:?}");
            let (unproved, evidence) = told(end, true, true, Some("silent"));
            assert_eq!(unproved, RunEnd::Unproved, "{end:?}");
            assert_eq!(evidence, "Why, before the proof was complete: silent");
            assert_eq!(told(end, false, false, None), (end, "Why".to_owned()));
        }
        assert_eq!(told(RunEnd::Stopped, false, true, None).0, RunEnd::Unsure);
        assert_eq!(told(RunEnd::Failed, false, true, None).0, RunEnd::Failed);
        for end in [RunEnd::Succeeded, RunEnd::Unproved, RunEnd::Rehearsed] {
            assert_eq!(told(end, true, true, None), (end, "Why".to_owned()));
        }
    }

    #[test]
    fn templates_are_filled_in() {
        let values = BTreeMap::from([
            ("times".to_owned(), "3".to_owned()),
            ("a-b".to_owned(), "{x}".to_owned()),
        ]);
        assert_eq!(
            fill("{times} x {a-b} { {X} {", &values),
            Ok("3 x {x} { {X} {".to_owned())
        );
        assert_eq!(fill("to {number}", &values), Err("number".to_owned()));
    }
}

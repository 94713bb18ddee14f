//! Between a run and who follows it: what it shows, what a person tells it, when it must end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::ending::Ending;
use super::types::{Command, Playing, Question, RunView, Shown};
use crate::domain::script::{Place, RunEnd};

/// How long a question waits for its answer.
const ANSWER_WITHIN: Duration = Duration::from_mins(15);
/// How long a run stands still at most.
const PAUSED_AT_MOST: Duration = Duration::from_hours(1);

/// A person's answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes { row: Option<u8>, remember: bool },
    No,
}

/// The desk of one run.
pub(super) struct Desk {
    view: watch::Sender<Shown>,
    /// None: nobody is there who could be asked.
    commands: Option<mpsc::UnboundedReceiver<Command>>,
    cancel: CancellationToken,
    program: CancellationToken,
    paused: bool,
    stepping: bool,
}

impl Desk {
    pub(super) fn new(
        view: RunView,
        commands: Option<mpsc::UnboundedReceiver<Command>>,
        cancel: CancellationToken,
        program: CancellationToken,
        stepping: bool,
    ) -> Self {
        Self {
            view: watch::Sender::new(Arc::new(view)),
            commands,
            cancel,
            program,
            paused: false,
            stepping,
        }
    }

    pub(super) fn follow(&self) -> watch::Receiver<Shown> {
        self.view.subscribe()
    }

    /// Whether a person follows the run and can be asked.
    pub(super) fn is_attended(&self) -> bool {
        self.commands.is_some()
    }

    /// Whether the end of the program ended the run.
    pub(super) fn is_stopping(&self) -> bool {
        self.program.is_cancelled()
    }

    pub(super) fn view(&self) -> Shown {
        Arc::clone(&self.view.borrow())
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut RunView)) {
        self.view.send_modify(|view| change(Arc::make_mut(view)));
    }

    fn show(&self, state: Playing) {
        self.update(|view| view.state = state);
    }

    /// Whether the run may go on at all.
    pub(super) fn check(&mut self) -> Result<(), Ending> {
        if self.program.is_cancelled() {
            return Err(Ending::stopped("The program was stopped"));
        }
        if self.cancel.is_cancelled() {
            return Err(Ending::stopped("The job was cancelled"));
        }
        while let Some(Ok(command)) = self.commands.as_mut().map(mpsc::UnboundedReceiver::try_recv) {
            self.heed(command)?;
        }
        Ok(())
    }

    /// A command that is no answer.
    fn heed(&mut self, command: Command) -> Result<(), Ending> {
        match command {
            Command::Pause => self.paused = true,
            Command::Resume => (self.paused, self.stepping) = (false, false),
            Command::Step => (self.paused, self.stepping) = (false, true),
            Command::Stop => return Err(Ending::stopped(format!("{} stopped it", self.view.borrow().by))),
            // Answers to a question that is answered already.
            Command::Confirm { .. } | Command::Row { .. } | Command::Refuse => {}
        }
        Ok(())
    }

    /// Stands still before a step while a person wants it to.
    pub(super) async fn before_step(&mut self, at: Place) -> Result<(), Ending> {
        self.check()?;
        self.update(|view| view.current = Some(at));
        if !self.paused && !self.stepping {
            return Ok(());
        }
        self.show(Playing::Paused);
        let until = Instant::now() + PAUSED_AT_MOST;
        loop {
            match self.next(until).await? {
                Some(Command::Step) => {
                    self.heed(Command::Step)?;
                    break;
                }
                Some(command) => {
                    self.heed(command)?;
                    if command == Command::Resume {
                        break;
                    }
                }
                None => {
                    let minutes = PAUSED_AT_MOST.as_secs() / 60;
                    return Err(Ending::stopped(format!("It stood still for {minutes} minutes")));
                }
            }
        }
        self.show(Playing::Running);
        Ok(())
    }

    /// Waits, and heeds what is told meanwhile.
    pub(super) async fn sleep(&mut self, time: Duration) -> Result<(), Ending> {
        let until = Instant::now() + time;
        while let Some(command) = self.next(until).await? {
            self.heed(command)?;
        }
        Ok(())
    }

    /// The next command; none when the time is over.
    async fn next(&mut self, until: Instant) -> Result<Option<Command>, Ending> {
        let told = async {
            match &mut self.commands {
                Some(commands) => match commands.recv().await {
                    Some(command) => command,
                    None => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        };
        let command = tokio::select! {
            biased;
            () = self.program.cancelled() => None,
            () = self.cancel.cancelled() => None,
            command = told => Some(command),
            () = sleep_until(until) => None,
        };
        if command.is_none() {
            self.check()?;
        }
        Ok(command)
    }

    /// Asks a person. Nobody there, or no answer in time, ends the run.
    pub(super) async fn ask(&mut self, question: Question) -> Result<Answer, Ending> {
        if !self.is_attended() {
            return Err(Ending::new(RunEnd::NeedsPerson, question.words));
        }
        let (words, needs_row) = (question.words.clone(), question.needs_row);
        self.show(Playing::Asking(question));
        let until = Instant::now() + ANSWER_WITHIN;
        let answer = loop {
            match self.next(until).await? {
                Some(Command::Confirm { remember }) if !needs_row => break Answer::Yes { row: None, remember },
                Some(Command::Row { row, remember }) if needs_row => {
                    break Answer::Yes {
                        row: Some(row),
                        remember,
                    };
                }
                Some(Command::Refuse) => break Answer::No,
                Some(command) => self.heed(command)?,
                None => {
                    let minutes = ANSWER_WITHIN.as_secs() / 60;
                    let evidence = format!("Nobody answered within {minutes} minutes: {words}");
                    return Err(Ending::new(RunEnd::NeedsPerson, evidence));
                }
            }
        };
        self.show(Playing::Running);
        Ok(answer)
    }

    /// Waits without heeding anybody: for what must be finished, within its own limit.
    pub(super) async fn rest(&self, time: Duration) {
        tokio::select! {
            () = sleep(time) => {}
            () = self.program.cancelled() => {}
        }
    }
}

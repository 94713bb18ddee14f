//! Between a run and who follows it: what it shows, what a person tells it, when it must end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::ending::Ending;
use super::types::{Command, Playing, Question, Reply, RunView, Shown, Teller, Told};
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

/// Who can be asked.
pub(super) enum Line {
    /// A person began the run; they and others tell it things here.
    Open(mpsc::Receiver<Told>, Teller),
    /// Nobody is there.
    Nobody,
}

/// The desk of one run.
pub(super) struct Desk {
    view: watch::Sender<Shown>,
    /// None: nobody is there who could be asked.
    commands: Option<mpsc::Receiver<Told>>,
    /// Who told it something last; at first whoever began it.
    teller: Option<Teller>,
    cancel: CancellationToken,
    program: CancellationToken,
    paused: bool,
    stepping: bool,
}

impl Desk {
    pub(super) fn new(
        view: RunView,
        line: Line,
        cancel: CancellationToken,
        program: CancellationToken,
        stepping: bool,
    ) -> Self {
        let (commands, teller) = match line {
            Line::Open(commands, teller) => (Some(commands), Some(teller)),
            Line::Nobody => (None, None),
        };
        Self {
            view: watch::Sender::new(Arc::new(view)),
            commands,
            teller,
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

    /// Who told the run something last; its name in what the run tells.
    pub(super) fn teller(&self) -> Teller {
        self.teller.clone().unwrap_or_else(|| Teller {
            name: self.view.borrow().by.clone(),
            is_trusted: false,
        })
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
        while let Some(Ok(told)) = self.commands.as_mut().map(mpsc::Receiver::try_recv) {
            self.teller = Some(told.by);
            self.heed(told.command)?;
        }
        Ok(())
    }

    /// A command that is no answer.
    fn heed(&mut self, command: Command) -> Result<(), Ending> {
        match command {
            Command::Pause => self.paused = true,
            Command::Resume => (self.paused, self.stepping) = (false, false),
            Command::Step => (self.paused, self.stepping) = (false, true),
            Command::Stop => return Err(Ending::stopped(format!("{} stopped it", self.teller().name))),
            // To a question that is answered already.
            Command::Answer { .. } => {}
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
                    Some(told) => told,
                    None => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        };
        let told = tokio::select! {
            biased;
            () = self.program.cancelled() => None,
            () = self.cancel.cancelled() => None,
            told = told => Some(told),
            () = sleep_until(until) => None,
        };
        let Some(told) = told else {
            self.check()?;
            return Ok(None);
        };
        self.teller = Some(told.by);
        Ok(Some(told.command))
    }

    /// Asks a person. Nobody there, or no answer in time, ends the run. Only an answer that names this question counts: one
    /// that was meant for an earlier question, or came twice, was given to another picture.
    pub(super) async fn ask(&mut self, question: Question) -> Result<Answer, Ending> {
        if !self.is_attended() {
            return Err(Ending::new(RunEnd::NeedsPerson, question.words));
        }
        let (words, needs_row) = (question.words.clone(), question.needs_row);
        self.check()?;
        self.update(|view| {
            view.asked += 1;
            view.state = Playing::Asking(question);
        });
        let number = self.view.borrow().asked;
        let until = Instant::now() + ANSWER_WITHIN;
        let answer = loop {
            match self.next(until).await? {
                Some(Command::Answer { question, reply }) if question == number => match reply {
                    Reply::Confirm { remember } if !needs_row => break Answer::Yes { row: None, remember },
                    Reply::Row { row, remember } if needs_row => {
                        break Answer::Yes {
                            row: Some(row),
                            remember,
                        };
                    }
                    Reply::Refuse => break Answer::No,
                    Reply::Confirm { .. } | Reply::Row { .. } => {}
                },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{MacroId, MacroRunId, PhoneId};
    use crate::macros::Way;

    fn desk() -> (Desk, mpsc::Sender<Told>) {
        let view = RunView {
            id: MacroRunId(1),
            macro_id: MacroId(1),
            macro_name: "m".to_owned(),
            version: 1,
            phone: PhoneId(1),
            phone_name: "SEP000000000001".to_owned(),
            by: "ann".to_owned(),
            dry_run: false,
            state: Playing::Running,
            asked: 0,
            way: Way::Auto,
            steps: Vec::new(),
            current: None,
            cause: None,
            evidence: String::new(),
            began_at: 0,
            ended_at: None,
            pictures: Vec::new(),
        };
        let (told, commands) = mpsc::channel(8);
        let line = Line::Open(commands, by("ann"));
        let (cancel, program) = (CancellationToken::new(), CancellationToken::new());
        (Desk::new(view, line, cancel, program, false), told)
    }

    fn by(name: &str) -> Teller {
        Teller {
            name: name.to_owned(),
            is_trusted: true,
        }
    }

    fn question() -> Question {
        Question {
            expectation: "the idle screen".to_owned(),
            picture: None,
            words: "Is it?".to_owned(),
            needs_row: false,
            can_remember: false,
        }
    }

    fn answer(question: u32, reply: Reply, name: &str) -> Told {
        Told {
            command: Command::Answer { question, reply },
            by: by(name),
        }
    }

    #[tokio::test]
    async fn only_the_answer_to_the_question_that_stands_counts() {
        let (mut desk, told) = desk();
        let yes = Reply::Confirm { remember: false };
        // One came before anything was asked, and the first question is answered twice.
        told.try_send(answer(1, Reply::Refuse, "early")).unwrap();
        let shown = desk.follow();
        let (first, ()) = tokio::join!(desk.ask(question()), async {
            shown.clone().wait_for(|view| view.asked == 1).await.unwrap();
            told.try_send(answer(1, yes, "bob")).unwrap();
            told.try_send(answer(1, yes, "bob")).unwrap();
        });
        assert_eq!(
            first.unwrap(),
            Answer::Yes {
                row: None,
                remember: false
            }
        );
        assert_eq!(desk.teller(), by("bob"));
        let (second, ()) = tokio::join!(desk.ask(question()), async {
            shown.clone().wait_for(|view| view.asked == 2).await.unwrap();
            told.try_send(answer(1, yes, "bob")).unwrap();
            told.try_send(answer(
                2,
                Reply::Row {
                    row: 1,
                    remember: false,
                },
                "bob",
            ))
            .unwrap();
            told.try_send(answer(2, Reply::Refuse, "eve")).unwrap();
        });
        assert_eq!(second.unwrap(), Answer::No);
        assert_eq!(desk.teller(), by("eve"));
    }
}

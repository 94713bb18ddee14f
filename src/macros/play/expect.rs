//! Waiting until something is seen, and the rule that nothing destructive is pressed without it.

use std::time::{Duration, Instant};

use super::ending::Ending;
use super::look::{Menu, Sighting};
use super::player::{Done, Player};
use super::sights::Recognised;
use super::types::StepOutcome;
use super::wanted::Wanted;
use crate::domain::cause::Trouble;
use crate::domain::script::RunEnd;

/// The rest between two looks: doubled each time up to the longest.
const FIRST_REST: Duration = Duration::from_millis(150);
const LONGEST_REST: Duration = Duration::from_secs(1);
/// A confirmation that cannot be looked at again holds this long.
const TRUSTED_FOR: Duration = Duration::from_mins(2);

/// What was met, so that it can be looked at once more right before a destructive step.
#[derive(Debug, Clone)]
pub(super) enum Met {
    /// The phone told it in words.
    Seen(Wanted),
    /// A menu that was opened by its row.
    Menu(Menu),
    /// A picture that is known, or that a person confirmed.
    Sight([u8; 32]),
    /// A person's word, without a picture.
    Word(Instant),
}

impl Player<'_> {
    /// Looks until it is seen, at most so long.
    pub(super) async fn expect(&mut self, wanted: &Wanted, within: Duration) -> Result<Done, Ending> {
        let until = Instant::now() + within;
        let mut rest = FIRST_REST;
        loop {
            let missing = match self.look(wanted).await {
                Ok(Sighting::Yes(seen)) => {
                    self.state.met = Some(Met::Seen(wanted.clone()));
                    return Ok(Done::saw(seen));
                }
                Ok(Sighting::Dark) => return self.expect_by_sight(wanted).await,
                Ok(Sighting::No(seen)) => Ok(seen),
                Err(trouble) => Err(trouble),
            };
            if Instant::now() + rest > until {
                return Err(self.not_seen(wanted, missing).await);
            }
            self.desk.sleep(rest).await?;
            rest = (rest * 2).min(LONGEST_REST);
        }
    }

    /// The same with a picture, where the phone does not tell its screen in words.
    async fn expect_by_sight(&mut self, wanted: &Wanted) -> Result<Done, Ending> {
        let recognised = self.recognise(&wanted.words(), false).await?;
        self.state.met = Some(recognised.met.clone());
        Ok(recognised.done())
    }

    /// Whether it is seen now; a person is asked where the phone does not tell.
    pub(super) async fn is_seen_now(&mut self, wanted: &Wanted) -> Result<bool, Ending> {
        match self.look(wanted).await {
            Ok(Sighting::Yes(_)) => {
                self.state.met = Some(Met::Seen(wanted.clone()));
                Ok(true)
            }
            Ok(Sighting::No(_)) => Ok(false),
            Ok(Sighting::Dark) => self.is_recognised(&wanted.words()).await,
            Err(trouble) => Err(self.lost(&trouble)),
        }
    }

    async fn not_seen(&mut self, wanted: &Wanted, seen: Result<String, Trouble>) -> Ending {
        match seen {
            Err(trouble) => self.lost(&trouble),
            Ok(seen) => {
                let evidence = format!("The phone does not show {}; it shows {seen}", wanted.words());
                match self.locked().await {
                    Some(trouble) => {
                        Ending::failed(format!("{evidence}. {}", trouble.evidence)).caused(trouble.named())
                    }
                    None => Ending::failed(evidence),
                }
            }
        }
    }

    /// The phone tells nothing any more. After a step that cannot be taken back nobody knows how far it came.
    pub(super) fn lost(&self, trouble: &Trouble) -> Ending {
        let ending = Ending::failed_by(trouble);
        if self.state.destructive {
            return Ending {
                end: RunEnd::Unsure,
                evidence: format!("After a step that cannot be taken back: {}", ending.evidence),
                ..ending
            };
        }
        ending
    }

    /// Right before a destructive step: it is the phone that is meant, in no call, and still shows what was met.
    /// The answer is the menu in which it was seen: softkey and row of the step are taken from it, and from no later one.
    pub(super) async fn guard(&mut self) -> Result<Option<Menu>, Ending> {
        let unseen = || {
            Ending::failed(
                "Since the last key nothing was seen that says where the phone is (after a choose the heading must be the \
                 row's text); a step that cannot be taken back is pressed only on what was just seen",
            )
        };
        let met = self.state.met.clone().ok_or_else(unseen)?;
        self.hold_wheel()?;
        self.prepare_destructive().await?;
        self.desk.check()?;
        self.still_there(&met).await
    }

    async fn still_there(&mut self, met: &Met) -> Result<Option<Menu>, Ending> {
        let gone = |now: String| {
            Ending::failed(format!(
                "Between the look and the key the screen became another ({now}); nothing was pressed"
            ))
        };
        let untold = || gone("the phone no longer tells it in words".to_owned());
        match met {
            Met::Seen(wanted @ (Wanted::Title(_) | Wanted::Row(_) | Wanted::Softkey(_) | Wanted::Exact(_))) => {
                let now = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
                let now = now.ok_or_else(untold)?;
                if now.shows(&wanted.clone().exactly()) == Some(true) {
                    return Ok(Some(now));
                }
                Err(gone(now.words()))
            }
            Met::Seen(wanted) => match self.look(wanted).await {
                Ok(Sighting::Yes(_)) => Ok(None),
                Ok(Sighting::No(seen)) => Err(gone(seen)),
                Ok(Sighting::Dark) => Err(untold()),
                Err(trouble) => Err(self.lost(&trouble)),
            },
            Met::Menu(menu) => {
                let now = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
                let now = now.ok_or_else(untold)?;
                if now.is_same(menu) {
                    Ok(Some(now))
                } else {
                    Err(gone(now.words()))
                }
            }
            Met::Sight(pixels) => {
                // The words first: whatever they say must still belong to the picture.
                let now = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
                match self.shot().await {
                    Ok(shot) if shot.pixels == *pixels => Ok(now),
                    Ok(_) => Err(gone("its picture differs".to_owned())),
                    Err(trouble) => Err(self.lost(&trouble)),
                }
            }
            Met::Word(at) if at.elapsed() <= TRUSTED_FOR => Ok(None),
            Met::Word(_) => Err(gone("too long ago to be trusted".to_owned())),
        }
    }
}

impl Recognised {
    /// How the step reads in the record.
    pub(super) fn done(&self) -> Done {
        Done {
            outcome: if self.asked {
                StepOutcome::Asked
            } else {
                StepOutcome::Done
            },
            seen: Some(self.words.clone()),
        }
    }
}

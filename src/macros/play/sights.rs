//! Pictures of a run: kept as evidence, compared with screens that people recognised, shown with a question.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::desk::Answer;
use super::ending::Ending;
use super::expect::Met;
use super::player::{Done, Player, Witness};
use super::types::{PictureRef, Question, StepOutcome, Way};
use super::wanted::is_named_picture;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::EvidenceId;
use crate::domain::screen::{Picture, Screen, ScreenFormat};
use crate::domain::script::Danger;
use crate::phone::Urgency;
use crate::screens;
use crate::store::{self, macro_runs, sights as rows};

/// How often a person is asked again because the screen changed before the answer.
const MOST_ANSWERS: usize = 3;
/// The rest between two pictures that are compared.
const REST: Duration = Duration::from_millis(300);
/// How long a screen may take to stand still before it is compared.
const STANDS_STILL: Duration = Duration::from_secs(5);

/// A picture with the number that is equal for equal screens.
pub(super) struct Shot {
    pub(super) screen: Arc<Screen>,
    pub(super) pixels: [u8; 32],
}

/// A screen that is what the macro expects, though the phone does not say so.
pub(super) struct Recognised {
    pub(super) met: Met,
    /// The row or softkey, where one was asked for.
    pub(super) row: Option<u8>,
    pub(super) asked: bool,
    pub(super) words: String,
}

impl Player<'_> {
    /// A new picture.
    pub(super) async fn shot(&self) -> Result<Shot, Trouble> {
        let screen = self.shared.parts.screens.picture(self.phone.id, Duration::ZERO).await?;
        let picture = screen.picture.clone();
        let read = tokio::task::spawn_blocking(move || screens::sight(&picture)).await;
        let unreadable = |error: String| Trouble::new(Cause::ScreenshotUndecodable, error);
        let pixels = read
            .map_err(|error| unreadable(error.to_string()))?
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Shot { screen, pixels })
    }

    /// Waits until two pictures that follow each other are equal; the answer is the last, and whether it stands still.
    pub(super) async fn settled(&mut self, within: Duration) -> Result<(Shot, bool), Ending> {
        let until = Instant::now() + within;
        let mut before = self.shot().await.map_err(|trouble| self.lost(&trouble))?;
        loop {
            self.desk.sleep(REST).await?;
            let now = self.shot().await.map_err(|trouble| self.lost(&trouble))?;
            if now.pixels == before.pixels {
                return Ok((now, true));
            }
            if Instant::now() >= until {
                return Ok((now, false));
            }
            before = now;
        }
    }

    /// Keeps a picture in the report.
    pub(super) async fn keep(&self, name: &str, picture: &Picture) -> Result<EvidenceId, store::Error> {
        let store = &self.shared.parts.store;
        let hash: [u8; 32] = Sha256::digest(&picture.bytes).into();
        let new = rows::NewPicture {
            hash: &hash,
            bytes: &picture.bytes,
            format: match picture.format {
                ScreenFormat::Png => "png",
                ScreenFormat::Jpeg => "jpeg",
            },
            width: picture.width,
            height: picture.height,
            at: self.shared.parts.clock.now_ms(),
        };
        let mut tx = store.begin().await?;
        let id = rows::keep_picture(&mut tx, &new).await?;
        if let Witness::Row(run) = &self.witness {
            macro_runs::add_picture(&mut tx, *run, id).await?;
        }
        tx.commit().await?;
        let kept = PictureRef {
            name: name.to_owned(),
            evidence_id: id,
        };
        self.desk.update(|view| view.pictures.push(kept));
        Ok(id)
    }

    /// Keeps what the phone shows now, if it can be had: a picture for the report is no reason to end a run.
    pub(super) async fn keep_now(&self, name: &str) -> Done {
        if self.hands.way() == Way::Ssh {
            return skipped("no picture: keys go over SSH");
        }
        match self.shared.parts.screens.picture(self.phone.id, Duration::ZERO).await {
            Ok(screen) => match self.keep(name, &screen.picture).await {
                Ok(_) => Done::saw(format!("{} × {}", screen.picture.width, screen.picture.height)),
                Err(error) => skipped(&format!("the picture could not be kept: {error}")),
            },
            Err(trouble) => skipped(&format!("no picture: {}", trouble.evidence)),
        }
    }

    /// The last picture of a run. A phone that is away, as after its restart, is not waited for.
    pub(super) async fn last_picture(&self) {
        let answers = async {
            let target = self.target().await.ok()?;
            let phones = &self.shared.parts.phones;
            phones.device_information(&target, Urgency::Background).await.ok()
        };
        if self.hands.way() != Way::Ssh && answers.await.is_some() {
            self.keep_now("last").await;
        }
    }

    /// Under which macro's text the picture of an expectation is remembered: one with a name that its macro made up means
    /// nothing in another; words that say what is seen mean the same in all.
    fn named_in(&self, expectation: &str) -> &[u8] {
        if is_named_picture(expectation) {
            &self.piece.text
        } else {
            &[]
        }
    }

    /// Whether the screen is what is expected, by a remembered picture or by a person's word. Without either the run ends.
    pub(super) async fn recognise(&mut self, expectation: &str, needs_row: bool) -> Result<Recognised, Ending> {
        if let Some(known) = self.by_itself(expectation, needs_row).await? {
            return Ok(known);
        }
        let (answer, shown) = self.asked(expectation, needs_row).await?;
        let by = self.desk.teller().name;
        let Answer::Yes { row, remember } = answer else {
            return Err(Ending::stopped(format!(
                "{by} said that the phone does not show {expectation}"
            )));
        };
        let Some((shot, picture)) = shown else {
            return Ok(self.on_their_word(row));
        };
        if remember && !self.load.is_empty() {
            self.remember(expectation, &shot.pixels, row, picture).await?;
        }
        Ok(Recognised {
            met: Met::Sight(shot.pixels),
            row,
            asked: true,
            words: format!("{by} confirmed {expectation}"),
        })
    }

    /// Asks a person about what the phone shows, and again when it shows something else by the time of the answer: only what
    /// still stands there was answered. The picture is none where there is none.
    async fn asked(
        &mut self,
        expectation: &str,
        needs_row: bool,
    ) -> Result<(Answer, Option<(Shot, EvidenceId)>), Ending> {
        for _ in 0..MOST_ANSWERS {
            let shown = self.shown_now().await?;
            let picture = shown.as_ref().map(|(_, picture)| *picture);
            let answer = self.ask_for(expectation, needs_row, picture, shown.is_some()).await?;
            let Some((shot, _)) = &shown else {
                return Ok((answer, None));
            };
            let now = self.shot().await.map_err(|trouble| self.lost(&trouble))?;
            if now.pixels == shot.pixels {
                return Ok((answer, shown));
            }
        }
        Err(Ending::failed(format!(
            "The screen changed {MOST_ANSWERS} times before the answer came; it was asked for {expectation}"
        )))
    }

    /// The same as a question that may be answered with no.
    pub(super) async fn is_recognised(&mut self, expectation: &str) -> Result<bool, Ending> {
        if let Some(known) = self.by_itself(expectation, false).await? {
            self.state.met = Some(known.met);
            return Ok(true);
        }
        let (answer, shown) = self.asked(expectation, false).await?;
        let (pixels, picture) = shown.map(|(shot, picture)| (shot.pixels, picture)).unzip();
        let Answer::Yes { remember, .. } = answer else {
            return Ok(false);
        };
        if let (true, Some(pixels), Some(picture)) = (remember && !self.load.is_empty(), pixels, picture) {
            self.remember(expectation, &pixels, None, picture).await?;
        }
        self.state.met = Some(pixels.map_or_else(|| Met::Word(Instant::now()), Met::Sight));
        Ok(true)
    }

    /// A remembered picture.
    async fn by_itself(&mut self, expectation: &str, needs_row: bool) -> Result<Option<Recognised>, Ending> {
        if self.hands.way() == Way::Ssh || self.load.is_empty() {
            return Ok(None);
        }
        let shot = match self.settled(STANDS_STILL).await {
            Ok((shot, _)) => shot,
            // Where there is no picture, a person can be asked all the same.
            Err(ending) if ending.cause == Some(Cause::ScreenshotUnsupported) => return Ok(None),
            Err(ending) => return Err(ending),
        };
        let wanted = rows::Wanted {
            model: &self.model.name,
            load: &self.load,
            expectation,
            script: self.named_in(expectation),
            trusted: self.piece.script.danger == Danger::Destructive,
        };
        let found = rows::recognise(&self.shared.parts.store, &wanted, &shot.pixels).await?;
        let row = found.and_then(|known| known.row).and_then(|row| u8::try_from(row).ok());
        if found.is_none() || needs_row && row.is_none() {
            return Ok(None);
        }
        Ok(Some(Recognised {
            met: Met::Sight(shot.pixels),
            row,
            asked: false,
            words: format!("the remembered picture of {expectation}"),
        }))
    }

    fn on_their_word(&self, row: Option<u8>) -> Recognised {
        Recognised {
            met: Met::Word(Instant::now()),
            row,
            asked: true,
            words: format!("{} confirmed it without a picture", self.desk.teller().name),
        }
    }

    /// The picture that goes with a question; none where there is none.
    pub(super) async fn shown_now(&mut self) -> Result<Option<(Shot, EvidenceId)>, Ending> {
        if self.hands.way() == Way::Ssh {
            return Ok(None);
        }
        match self.shot().await {
            Ok(shot) => {
                self.state.questions += 1;
                let name = format!("question {}", self.state.questions);
                let picture = self.keep(&name, &shot.screen.picture).await?;
                Ok(Some((shot, picture)))
            }
            Err(trouble) if trouble.cause == Cause::ScreenshotUnsupported => Ok(None),
            Err(trouble) => Err(self.lost(&trouble)),
        }
    }

    async fn ask_for(
        &mut self,
        expectation: &str,
        needs_row: bool,
        picture: Option<EvidenceId>,
        is_shown: bool,
    ) -> Result<Answer, Ending> {
        let look = if is_shown {
            "This phone does not tell its screen in words. Look at the picture"
        } else {
            "Nothing shows this phone's screen here. Ask the person in front of it"
        };
        let words = if needs_row {
            format!("{look}: which one is {expectation}, counted from 1?")
        } else {
            format!("{look}: does the phone show {expectation}?")
        };
        let question = Question {
            expectation: expectation.to_owned(),
            picture,
            words,
            needs_row,
            can_remember: is_shown && !self.load.is_empty(),
        };
        self.desk.ask(question).await
    }

    async fn remember(
        &self,
        expectation: &str,
        pixels: &[u8; 32],
        row: Option<u8>,
        picture: EvidenceId,
    ) -> Result<(), Ending> {
        let by = self.desk.teller();
        let sight = rows::NewSight {
            model: &self.model.name,
            load: &self.load,
            expectation,
            pixels,
            row,
            picture,
            script: self.named_in(expectation),
            trusted: by.is_trusted,
            by: &by.name,
            at: self.shared.parts.clock.now_ms(),
        };
        let mut tx = self.shared.parts.store.begin().await?;
        rows::remember(&mut tx, &sight).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn skipped(why: &str) -> Done {
    Done {
        outcome: StepOutcome::Skipped,
        seen: Some(why.to_owned()),
    }
}

//! What the people at the phones see and hear: texts, rings, backgrounds, ring tones.

use super::{Doing, Done};
use crate::control::is_in_doubt;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{BackgroundId, SoundId};
use crate::domain::job::{RunState, Text};
use crate::reach::{Busy, ReachError};

impl Doing<'_> {
    /// Shows a text.
    pub(super) async fn message(&self, text: &Text) -> Done {
        if let Err(done) = self.ready().await {
            return done;
        }
        match self.jobs.parts().reach.message(self.viewer, self.phone, text).await {
            Ok(_) => Done::succeeded("the phone took it"),
            Err(error) => mishap(error),
        }
    }

    /// Rings.
    pub(super) async fn ring(&self, tone: &str, times: u32) -> Done {
        if let Err(done) = self.ready().await {
            return done;
        }
        let reach = &self.jobs.parts().reach;
        let rung = reach
            .ring_until(self.viewer, self.phone, (tone, times), Busy::Skip, self.cancel)
            .await;
        match rung {
            // People heard it: to begin again from the first ring would be worse than a few rings too little.
            Ok(rung) => Done::succeeded(match rung.cut_short {
                None => format!("it rang {} times", rung.times),
                Some(why) => format!("it rang {} of {times} times, cut short: {why}", rung.times),
            }),
            Err(error) => mishap(error),
        }
    }

    /// Sets a background image; the pictures before and after tell whether it is there.
    pub(super) async fn background(&self, id: BackgroundId) -> Done {
        if let Err(done) = self.ready().await {
            return done;
        }
        match self
            .jobs
            .parts()
            .reach
            .set_background(self.viewer, self.phone, id)
            .await
        {
            Ok(proved) => {
                let mut pictures = Vec::new();
                for (name, screen) in [("before", &proved.before), ("after", &proved.after)] {
                    if let Some(screen) = screen
                        && let Ok(picture) = self.keep_picture(name, screen).await
                    {
                        pictures.push(picture);
                    }
                }
                let state = if proved.proved {
                    RunState::Succeeded
                } else {
                    RunState::Unproved
                };
                Done {
                    pictures,
                    ..Done::new(state, None, proved.evidence)
                }
            }
            Err(error) => mishap(error),
        }
    }

    /// Sets a ring tone.
    pub(super) async fn ring_tone(&self, id: SoundId) -> Done {
        if let Err(done) = self.ready().await {
            return done;
        }
        match self.jobs.parts().reach.set_ring_tone(self.viewer, self.phone, id).await {
            Ok(_) => Done::succeeded("the phone took it"),
            Err(error) => mishap(error),
        }
    }

    /// The phone is free, and it is written down that something is about to be sent.
    async fn ready(&self) -> Result<(), Done> {
        self.is_free().await?;
        self.touched().await
    }
}

/// How a run ended that did not reach anybody. One whose phone may have taken it all the same is never repeated by itself.
fn mishap(error: ReachError) -> Done {
    let words = error.to_string();
    match error {
        ReachError::Blocked(trouble) | ReachError::Personalization(trouble) if is_in_doubt(&trouble) => {
            Done::new(RunState::Unsure, trouble.named(), trouble.evidence)
        }
        ReachError::Blocked(trouble) | ReachError::Personalization(trouble) => Done::failed(trouble),
        ReachError::Busy(_) | ReachError::Driven(_) => Done::busy(words),
        ReachError::UnknownPhone => Done::skipped(Cause::PhoneUnknown, words),
        ReachError::Unsupported { .. } => Done::skipped(Cause::None, words),
        ReachError::Stopping => Done {
            stopped: true,
            ..Done::new(RunState::Cancelled, None, words)
        },
        _ => Done::failed(Trouble::new(Cause::None, words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_phone_may_have_taken_is_unsure_and_a_clear_no_has_failed() {
        let ended = |evidence: &str| {
            let trouble = Trouble::new(Cause::PhoneNotAnswering, evidence);
            mishap(ReachError::Blocked(trouble)).state
        };
        assert_eq!(
            ended("no answer within 10 s; it may have reached the phone all the same"),
            Some(RunState::Unsure)
        );
        assert_eq!(ended("connection refused"), Some(RunState::Failed));
    }
}

//! What only looks: pictures, facts, readiness. Looking leaves no mark, so that it is begun anew after a crash.

use std::time::Duration;

use super::{Doing, Done};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::phone::ReadinessState;

impl Doing<'_> {
    /// Takes a picture and keeps it.
    pub(super) async fn picture(&self) -> Done {
        match self.jobs.parts().screens.picture(self.phone, Duration::ZERO).await {
            Ok(screen) => {
                let size = format!("{} by {} pixels", screen.picture.width, screen.picture.height);
                match self.keep_picture("picture", &screen).await {
                    Ok(picture) => Done {
                        pictures: vec![picture],
                        ..Done::succeeded(size)
                    },
                    Err(error) => Done::failed(Trouble::new(
                        Cause::None,
                        format!("the picture could not be kept: {error}"),
                    )),
                }
            }
            Err(trouble) => Done::failed(trouble),
        }
    }

    /// Reads the phone's pages anew.
    pub(super) async fn facts(&self) -> Done {
        match self.jobs.parts().inventory.read_facts(self.viewer, self.phone).await {
            Ok(read) => match read.unread.first() {
                // A phone that tells nothing of itself was not read.
                Some(unread) if unread.what == "device information" => {
                    Done::failed(Trouble::new(unread.cause, unread.evidence.clone()))
                }
                Some(unread) => Done::succeeded(format!(
                    "{} facts are known; {} could not be read: {}",
                    read.facts.len(),
                    unread.what,
                    unread.evidence
                )),
                None => Done::succeeded(format!("{} facts are known", read.facts.len())),
            },
            Err(error) => Done::out_of_reach(error),
        }
    }

    /// Looks whether the phone can be controlled. That it cannot is what was to be found, not a failure.
    pub(super) async fn readiness(&self) -> Done {
        let parts = self.jobs.parts();
        if let Err(error) = parts.readiness.look_at(self.phone).await {
            return Done::failed(Trouble::new(Cause::None, error.to_string()));
        }
        match parts.inventory.phone(self.viewer, self.phone).await {
            Ok(phone) => {
                let cause = phone.readiness.cause;
                let words = match (phone.readiness.state, cause) {
                    (ReadinessState::Ready, _) => "can be controlled".to_owned(),
                    (ReadinessState::Blocked, Some(cause)) => format!("cannot be controlled: {}", cause.title()),
                    _ => "whether it can be controlled cannot be told".to_owned(),
                };
                Done {
                    cause,
                    ..Done::succeeded(words)
                }
            }
            Err(error) => Done::out_of_reach(error),
        }
    }
}

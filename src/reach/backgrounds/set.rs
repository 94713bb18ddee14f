//! Setting a background, and looking whether it is there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Sizes;
use super::picture;
use crate::audit::action;
use crate::control::{Act, Heed};
use crate::domain::ids::{BackgroundId, PhoneId};
use crate::domain::screen::Screen;
use crate::reach::media::Media;
use crate::reach::sounds::not_personal;
use crate::reach::{Busy, Reach, ReachError, Shared};
use crate::security::{May, ReachPeople, Viewer};

/// How long a phone may take to fetch and show a background. CIP3 waits 5 s in any case (phone-xml-api.md 4.4).
const PATIENCE: Duration = Duration::from_secs(15);
/// From one look to the next.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The share of a screen that a background changes at least; a clock that moved on changes less.
const LEAST_CHANGE: f64 = 0.05;

/// A background that a phone took.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The screen before; none when the phone gives no picture.
    pub before: Option<Arc<Screen>>,
    /// The screen after.
    pub after: Option<Arc<Screen>>,
    /// Whether the pictures show that it was set.
    pub proved: bool,
    /// What they show, in words.
    pub evidence: String,
    /// How long the phone took to accept it.
    pub took: Duration,
}

impl Reach {
    /// Lets a phone fetch a background in its size and use it, and compares its screen before and after.
    ///
    /// # Errors
    /// [`ReachError::Unsupported`], [`ReachError::Personalization`] when the phone takes none, or what it said.
    pub async fn set_background(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        id: BackgroundId,
    ) -> Result<Proved, ReachError> {
        let may: May<ReachPeople> = viewer.may()?;
        let shared = &self.shared;
        shared.inventory.require(viewer, phone).await?;
        let background = shared.background(id).await?;
        let target = shared.inventory.target(phone).await?;
        let sizes = Sizes::of(target.model).ok_or_else(|| ReachError::Unsupported {
            what: "background that can be set",
            model: target.model.name.clone(),
        })?;
        let image = shared.made(&background, sizes.image, sizes.grey).await?;
        let icon = shared.made(&background, sizes.preview, sizes.grey).await?;
        let png = |bytes| Media {
            content_type: "image/png",
            bytes,
        };
        let image = shared.shelf.put(target.address, png(image))?;
        let icon = shared.shelf.put(target.address, png(icon))?;
        let before = shared.screens.picture(phone, Duration::ZERO).await.ok();
        let act = Act {
            action: action::BACKGROUND_SET,
            detail: background.name,
            heed: Heed::Driver,
        };
        let setting = shared.control.act(&may, phone, act, async move |phones, target| {
            phones.set_background(&target, &image, &icon).await
        });
        let took = setting.await.map_err(not_personal)?;
        Ok(shared.prove(phone, before, took).await)
    }
}

impl Shared {
    /// Looks at the screen until it has changed, within the phone's patience.
    async fn prove(&self, phone: PhoneId, before: Option<Arc<Screen>>, took: Duration) -> Proved {
        let Some(before) = before else {
            return Proved {
                before: None,
                after: None,
                proved: false,
                evidence: "the phone took it; there is no picture of its screen before to compare with".to_owned(),
                took,
            };
        };
        let deadline = Instant::now() + PATIENCE;
        let mut after = None;
        let mut share = None;
        loop {
            if let Ok(seen) = self.screens.picture(phone, Duration::ZERO).await {
                let (one, other) = (before.picture.bytes.clone(), seen.picture.bytes.clone());
                after = Some(seen);
                let compared = tokio::task::spawn_blocking(move || picture::difference(&one, &other)).await;
                share = compared.ok().flatten();
                if share.is_some_and(|share| share >= LEAST_CHANGE) {
                    break;
                }
            }
            if Instant::now() + LOOK_EVERY > deadline {
                break;
            }
            sleep(LOOK_EVERY).await;
        }
        let changed = share.filter(|share| *share >= LEAST_CHANGE);
        // A call covers the screen as a new background does.
        let call = match (changed, self.mind_calls(phone, Busy::Skip).await) {
            (Some(_), Err(error)) => Some(error.to_string()),
            _ => None,
        };
        let proved = changed.is_some() && call.is_none();
        let evidence = match (changed, call, &after) {
            (_, Some(call), _) => format!("the phone took it, but its screen shows something else: {call}"),
            (Some(share), None, _) => format!("{:.0} % of the screen changed", share * 100.0),
            (None, None, Some(_)) if share.is_none() => {
                "the phone took it, but the pictures of its screen cannot be compared".to_owned()
            }
            (None, None, Some(_)) => {
                "the phone took it, but its screen looks as before: it may have had this background, or \
                                 show something else than its idle screen"
                    .to_owned()
            }
            (None, None, None) => "the phone took it, but gives no picture of its screen any more".to_owned(),
        };
        Proved {
            before: Some(before),
            after,
            proved,
            evidence,
            took,
        }
    }
}

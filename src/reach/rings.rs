//! Ringing and shaking a phone.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{Busy, Reach, ReachError, limits};
use crate::audit::action;
use crate::control::{Act, Heed};
use crate::domain::execute::{ExecuteUrl, InvalidExecute};
use crate::domain::ids::PhoneId;
use crate::macros::MacroError;
use crate::security::{May, ReachPeople, Viewer};

/// From the beginning of one ring to the beginning of the next, unless the phone takes longer (capabilities.md R5).
const EVERY: Duration = Duration::from_secs(3);
/// The longest that a phone shakes or rests in one turn, in milliseconds (phone-xml-api.md 3.3).
const LONGEST_SHAKE: u32 = 65_536;

/// A phone rang, or shook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// How often.
    pub times: u32,
    /// From the first to the end of the last.
    pub took: Duration,
    /// Why it was fewer times than asked for.
    pub cut_short: Option<String>,
}

/// How a phone shakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vibration {
    /// Shaking, in milliseconds, 1 to 65,536.
    pub on_ms: u32,
    /// Resting after it, in milliseconds, up to 65,536.
    pub off_ms: u32,
    /// How often, 1 to 10.
    pub times: u32,
}

impl Default for Vibration {
    fn default() -> Self {
        Self {
            on_ms: 1_000,
            off_ms: 500,
            times: 3,
        }
    }
}

impl Reach {
    /// Plays a tone of the list that admins edit, `times` times, every 3 s, and none after the last. It goes on when the
    /// caller leaves, and ends with the first ring that the phone does not take, when a call begins that it must not
    /// disturb, or with the program.
    ///
    /// # Errors
    /// [`ReachError::Invalid`] (`tone`, `times`), [`ReachError::Busy`] and [`ReachError::Driven`] before the first ring:
    /// afterwards [`Rung::cut_short`] tells. What the phone said, with which ring in the audit trail.
    pub async fn ring(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        tone: &str,
        times: u32,
        busy: Busy,
    ) -> Result<Rung, ReachError> {
        let stop = self.shared.tasks.stop_token();
        self.ring_until(viewer, phone, (tone, times), busy, &stop).await
    }

    /// The same, and it ends also when `stop` is cancelled.
    ///
    /// # Errors
    /// Those of [`Reach::ring`], and [`ReachError::Stopping`] before the first ring.
    pub async fn ring_until(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        (tone, times): (&str, u32),
        busy: Busy,
        stop: &CancellationToken,
    ) -> Result<Rung, ReachError> {
        let may: May<ReachPeople> = viewer.may()?;
        let most = limits().rings;
        if !(1..=most).contains(&times) {
            return Err(ReachError::invalid("times", format!("a phone rings 1 to {most} times")));
        }
        self.shared.inventory.require(viewer, phone).await?;
        let url = self.tone(viewer, tone).await?;
        let (reach, stop, ends) = (self.clone(), stop.clone(), self.shared.tasks.stop_token());
        let ringing = self.shared.tasks.spawn("ring", async move {
            let begun = Instant::now();
            let mut cut_short = None;
            let mut rung = 0;
            while rung < times {
                let next = begun + EVERY * rung;
                tokio::select! {
                    biased;
                    () = stop.cancelled() => cut_short = Some("it was stopped".to_owned()),
                    () = ends.cancelled() => cut_short = Some("the server stopped".to_owned()),
                    () = tokio::time::sleep_until(next.into()) => {}
                }
                if cut_short.is_some() {
                    break;
                }
                match reach.ring_once(&may, phone, url.clone(), (rung + 1, times), busy).await {
                    Ok(()) => rung += 1,
                    Err(error @ (ReachError::Busy(_) | ReachError::Driven(_))) if rung > 0 => {
                        cut_short = Some(error.to_string());
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
            if rung == 0 {
                return Err(ReachError::Stopping);
            }
            Ok(Rung {
                times: rung,
                took: begun.elapsed(),
                cut_short,
            })
        });
        ringing.await.ok().flatten().unwrap_or(Err(ReachError::Stopping))
    }

    async fn ring_once(
        &self,
        may: &May<ReachPeople>,
        phone: PhoneId,
        url: ExecuteUrl,
        (n, times): (u32, u32),
        busy: Busy,
    ) -> Result<(), ReachError> {
        self.shared.mind_calls(phone, busy).await?;
        let tone = url.as_str().trim_start_matches("Play:");
        let act = Act {
            action: action::RING,
            detail: format!("{tone}, {n} of {times}"),
            heed: Heed::Driver,
        };
        let control = &self.shared.control;
        let ringing = control.act(may, phone, act, async move |phones, target| {
            phones.run_one(&target, url).await
        });
        ringing.await?;
        Ok(())
    }

    /// Shakes a phone of a family that can.
    ///
    /// # Errors
    /// [`ReachError::Unsupported`], [`ReachError::Invalid`] (`on_ms`, `off_ms`, `times`), or what the phone said.
    pub async fn vibrate(&self, viewer: &Viewer, phone: PhoneId, how: Vibration) -> Result<Rung, ReachError> {
        let may: May<ReachPeople> = viewer.may()?;
        let most = limits().rings;
        if !(1..=LONGEST_SHAKE).contains(&how.on_ms) {
            return Err(ReachError::invalid(
                "on_ms",
                format!("it shakes for 1 to {LONGEST_SHAKE} ms"),
            ));
        }
        if how.off_ms > LONGEST_SHAKE {
            return Err(ReachError::invalid(
                "off_ms",
                format!("it rests for up to {LONGEST_SHAKE} ms"),
            ));
        }
        if !(1..=most).contains(&how.times) {
            return Err(ReachError::invalid("times", format!("it shakes 1 to {most} times")));
        }
        self.shared.inventory.require(viewer, phone).await?;
        let target = self.shared.inventory.target(phone).await?;
        if !target.model.family.vibrates {
            return Err(ReachError::Unsupported {
                what: "vibration that can be told",
                model: target.model.name.clone(),
            });
        }
        let detail = format!("{}:{}:{}", how.on_ms, how.off_ms, how.times);
        let url = uri(&format!("Vibrate:{detail}"))?;
        let act = Act {
            action: action::VIBRATE,
            detail,
            heed: Heed::Driver,
        };
        let control = &self.shared.control;
        let shaking = control.act(&may, phone, act, async move |phones, target| {
            phones.run_one(&target, url).await
        });
        Ok(Rung {
            times: how.times,
            took: shaking.await?,
            cut_short: None,
        })
    }

    /// The tones that may be rung with: the list that admins edit.
    ///
    /// # Errors
    /// [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn tones(&self, viewer: &Viewer) -> Result<Vec<String>, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        self.shared.library.tones(viewer).await.map_err(|error| match error {
            MacroError::Denied(denied) => ReachError::Denied(denied),
            MacroError::Store(error) => ReachError::Store(error),
            other => ReachError::invalid("tone", other.to_string()),
        })
    }

    /// The item of a tone in the list.
    async fn tone(&self, viewer: &Viewer, tone: &str) -> Result<ExecuteUrl, ReachError> {
        if !self.tones(viewer).await?.iter().any(|known| known == tone) {
            let problem = format!("{tone:?} is not in the list of tones that admins edit");
            return Err(ReachError::invalid("tone", problem));
        }
        format!("Play:{tone}")
            .parse()
            .map_err(|error: InvalidExecute| ReachError::invalid("tone", error.to_string()))
    }
}

/// A URI of ours; it is well-formed by construction.
pub(super) fn uri(text: &str) -> Result<ExecuteUrl, ReachError> {
    text.parse()
        .map_err(|error: InvalidExecute| ReachError::invalid("items", error.to_string()))
}

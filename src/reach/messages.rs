//! A text on a phone's display, and its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream};
use jiff::Timestamp;

use super::error::in_doubt;
use super::media::Media;
use super::rings::uri;
use super::{Reach, ReachError, Shared, check_text};
use crate::audit::{self, Actor, Event, action};
use crate::control::{Act, Heed};
use crate::domain::execute::{ExecuteItem, ExecuteUrl, InvalidExecute};
use crate::domain::ids::PhoneId;
use crate::domain::job::Text;
use crate::phone::{Target, push};
use crate::security::{May, ReachPeople, Viewer};
use crate::store::{self, reach::messages as rows};

/// How often it is looked for texts whose time is over.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A text that could not be taken off is tried again after this time at first, in milliseconds.
const AGAIN_MS: i64 = 60_000;
/// And after this time at last.
const LONGEST_PAUSE_MS: i64 = 15 * 60_000;
/// How long after its end that goes on, in milliseconds: by then somebody has pressed Exit.
const GIVE_UP_MS: i64 = 60 * 60_000;
/// Texts that are looked for in one round.
pub(super) const ROUND: i64 = 512;
/// Phones that are asked at once: many silent ones must not keep the others waiting.
const AT_ONCE: usize = 32;

/// A phone took what was sent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// When.
    pub at: Timestamp,
    /// How long the phone took.
    pub took: Duration,
    /// Whether the phone was told to fetch it, because it takes nothing so long in one push.
    pub fetched: bool,
}

impl Reach {
    /// Shows a text on a phone, with Exit and its buttons as softkeys.
    ///
    /// # Errors
    /// Nothing was sent unless it is [`ReachError::Blocked`] with evidence that something was.
    pub async fn message(&self, viewer: &Viewer, phone: PhoneId, text: &Text) -> Result<Delivered, ReachError> {
        let may: May<ReachPeople> = viewer.may()?;
        let shared = &self.shared;
        check_text(text)?;
        shared.inventory.require(viewer, phone).await?;
        shared.refuse_emergency(viewer, phone, text).await?;
        let target = shared.inventory.target(phone).await?;
        let document = push::text(target.model, text);
        let url = shared.lay_out(&target, &document)?;
        let fetched = url.is_some();
        let ends = shared.expect_end(&may, phone, text).await?;
        let detail = format!("{} characters, title {:?}", text.text.chars().count(), text.title);
        let act = Act {
            action: action::MESSAGE,
            detail,
            heed: Heed::Driver,
        };
        let doubt = Arc::new(AtomicBool::new(false));
        let doubted = Arc::clone(&doubt);
        let sent = shared.control.act(&may, phone, act, async move |phones, target| {
            let answer = match url {
                Some(url) => phones.run_one(&target, url).await,
                None => phones.show_text(&target, &document).await,
            };
            doubted.store(answer.as_ref().err().is_some_and(in_doubt), Ordering::Relaxed);
            answer
        });
        let took = match sent.await {
            Ok(took) => took,
            Err(error) => {
                // What was not shown needs no end; taking off what nobody sent would close something else.
                if !doubt.load(Ordering::Relaxed) {
                    shared.as_before(&ends).await;
                }
                return Err(error.into());
            }
        };
        Ok(Delivered {
            at: shared.clock.now(),
            took,
            fetched,
        })
    }

    /// Takes texts off displays whose time is over, several phones at once; how many were tried, [`ROUND`] at most. The
    /// program does so by itself every few seconds, and goes on at once while there are more.
    ///
    /// # Errors
    /// The store.
    pub async fn end_messages(&self) -> Result<usize, store::Error> {
        let shared = &self.shared;
        let due = rows::due(&shared.store, shared.clock.now_ms(), ROUND).await?;
        let count = due.len();
        stream::iter(due.into_iter().map(Ok))
            .try_for_each_concurrent(AT_ONCE, |shown| {
                let shared = Arc::clone(shared);
                async move { shared.end_message(&shown).await }
            })
            .await?;
        Ok(count)
    }
}

/// What was known of the end of a phone's text before another one was sent, and is now.
struct Ends {
    before: Option<rows::Shown>,
    now: Option<rows::Shown>,
}

impl Shared {
    /// The URL under which a phone fetches a text that it does not take pushed; none when it does.
    fn lay_out(&self, target: &Target, document: &push::Document) -> Result<Option<ExecuteUrl>, ReachError> {
        if document.fits(target.model) {
            return Ok(None);
        }
        let declared = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{}", document.as_str());
        let media = Media {
            content_type: "text/xml; charset=utf-8",
            bytes: Bytes::from(declared),
        };
        let url = self.shelf.put(target.address, media)?;
        let url = url
            .parse()
            .map_err(|error: InvalidExecute| ReachError::NoBaseUrl(error.to_string()))?;
        Ok(Some(url))
    }

    /// Refuses buttons that would dial an emergency number of the phone's cluster.
    async fn refuse_emergency(&self, viewer: &Viewer, phone: PhoneId, text: &Text) -> Result<(), ReachError> {
        if text.buttons.is_empty() {
            return Ok(());
        }
        let items = text
            .buttons
            .iter()
            .map(|button| format!("Dial:{}", button.dials).parse());
        let urls: Vec<ExecuteUrl> = items
            .collect::<Result<_, InvalidExecute>>()
            .map_err(|error| ReachError::invalid("buttons", error.to_string()))?;
        let items: Vec<ExecuteItem> = urls.into_iter().map(|url| ExecuteItem { url, priority: 0 }).collect();
        Ok(self.control.refuse_emergency(viewer, phone, &items).await?)
    }

    /// Keeps when the text is to be taken off, before it is shown: a program that is killed must not forget it.
    async fn expect_end(&self, viewer: &Viewer, phone: PhoneId, text: &Text) -> Result<Ends, ReachError> {
        let mut tx = self.store.begin().await?;
        let before = rows::shown(&mut tx, phone).await?;
        match text.expires_minutes {
            Some(minutes) => {
                let expires_at = self.clock.now_ms() + i64::from(minutes) * 60_000;
                rows::expect(&mut tx, phone, &viewer.name, expires_at).await?;
            }
            None => rows::forget(&mut tx, phone).await?,
        }
        let now = rows::shown(&mut tx, phone).await?;
        tx.commit().await?;
        Ok(Ends { before, now })
    }

    /// The text was not shown: the one before it still is, and still ends.
    async fn as_before(&self, ends: &Ends) {
        let settled = async {
            let mut tx = self.store.begin().await?;
            if let Some(now) = &ends.now {
                rows::forget_this(&mut tx, now).await?;
            }
            if let Some(before) = &ends.before {
                rows::put_back(&mut tx, before).await?;
            }
            tx.commit().await
        };
        if let Err(error) = settled.await {
            tracing::warn!(error = %error, "the end of a text cannot be put back: {error}");
        }
    }

    /// Takes one text off. A phone that somebody drives, or that does not answer, is tried again for an hour.
    async fn end_message(&self, shown: &rows::Shown) -> Result<(), store::Error> {
        let phone = PhoneId(shown.phone_id);
        let ended = self.close_services(phone, &shown.user_name).await;
        let now = self.clock.now_ms();
        let mut tx = self.store.begin().await?;
        match ended {
            Ok(()) => rows::forget_this(&mut tx, shown).await?,
            // Ever more rarely: what was silent for long is silent for longer.
            Err(_) if now < shown.expires_at + GIVE_UP_MS => {
                let pause = (now - shown.expires_at).clamp(AGAIN_MS, LONGEST_PAUSE_MS);
                rows::put_off(&mut tx, shown, now + pause).await?;
            }
            Err(error) => {
                tracing::info!(phone = phone.0, "a text was left on a display: {error}");
                rows::forget_this(&mut tx, shown).await?;
                let minutes = (now - shown.expires_at) / 60_000;
                let detail = format!("left on the display {minutes} min after its end: {error}");
                let event = Event::new(now, Actor::system(), action::MESSAGE_EXPIRED)
                    .detail(detail)
                    .ended(audit::Outcome::Failed, None);
                audit::record(&mut tx, &event).await?;
            }
        }
        tx.commit().await
    }

    /// A pushed text is shown by the services application: closing that takes it off, and does nothing when it is closed
    /// (phone-xml-api.md 3.3).
    async fn close_services(&self, phone: PhoneId, sent_by: &str) -> Result<(), ReachError> {
        let may: May<ReachPeople> = Viewer::system().may()?;
        let url = uri("Init:Services")?;
        let act = Act {
            action: action::MESSAGE_EXPIRED,
            detail: format!("sent by {sent_by}"),
            heed: Heed::Driver,
        };
        let closing = self.control.act(&may, phone, act, async move |phones, target| {
            phones.run_one(&target, url).await
        });
        closing.await?;
        Ok(())
    }
}

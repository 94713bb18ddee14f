//! The phones that one connection watches, and what happens on them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tokio_stream::wrappers::{BroadcastStream, WatchStream};

use super::frames::{Crowd, Frame};
use crate::control::{Attendance, Notice, Wheel};
use crate::domain::cause::Trouble;
use crate::domain::ids::PhoneId;
use crate::http::state::App;
use crate::screens::{Attention, Audience, Look, Onlooker, PacedBy, Phase, State, Text};
use crate::security::Viewer;

/// The least time between two lists of viewers of a phone: when hundreds come at once, not each is told of each.
const CROWD_EVERY: Duration = Duration::from_millis(500);
/// The least time between two events that tell nothing new but the age of the picture. The client counts the age itself;
/// the event corrects it, and brings the figures of the last answer.
const AGE_EVERY: Duration = Duration::from_secs(2);
/// The same for a tile.
const TILE_AGE_EVERY: Duration = Duration::from_secs(10);

/// Something new about a phone.
#[derive(Debug)]
pub(super) enum News {
    Screen(Arc<State>),
    Wheel(Wheel),
    Pressed(Box<Notice>),
    Viewers(Audience),
    Text(Arc<Text>),
}

type Told = (PhoneId, News);

/// Ends a stream of news when it is dropped.
#[derive(Debug)]
struct Feed(AbortHandle);

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A view that counts as a viewer, and the news that come from it.
#[derive(Debug)]
struct View {
    _look: Look,
    _feeds: Vec<Feed>,
}

/// What was last told of a screen, to be compared.
#[derive(Debug)]
struct LastTold {
    at: Instant,
    phase: Phase,
    paced_by: PacedBy,
    trouble: Option<Trouble>,
}

/// One phone.
#[derive(Debug)]
pub(super) struct Sight {
    attention: Attention,
    view: Option<View>,
    wants_text: bool,
    reading: Option<Feed>,
    _attendance: Attendance,
    _feeds: Vec<Feed>,
    last_told: Option<LastTold>,
    /// Whether the wheel was told at all.
    pub(super) wheel_told: bool,
    /// The picture sent last.
    pub(super) frame: Option<Arc<Frame>>,
    /// The viewers told last.
    pub(super) crowd: Option<Arc<Crowd>>,
}

impl Sight {
    /// Whether a state is worth an event. One that only confirms the picture is so now and then.
    pub(super) fn is_worth_telling(&mut self, state: &State) -> bool {
        let every = match self.attention {
            Attention::Tile => TILE_AGE_EVERY,
            Attention::Foreground => AGE_EVERY,
        };
        let known = self.last_told.as_ref().is_some_and(|told| {
            let same = told.phase == state.phase && told.paced_by == state.paced_by && told.trouble == state.trouble;
            same && told.at.elapsed() < every
        });
        if !known {
            self.last_told = Some(LastTold {
                at: Instant::now(),
                phase: state.phase,
                paced_by: state.paced_by,
                trouble: state.trouble.clone(),
            });
        }
        !known
    }
}

/// All phones of a connection.
pub(super) struct Sights {
    app: App,
    phones: BTreeMap<PhoneId, Sight>,
    news: SelectAll<Abortable<BoxStream<'static, Told>>>,
    visible: bool,
}

impl Sights {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            phones: BTreeMap::new(),
            news: SelectAll::new(),
            visible: true,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.phones.len()
    }

    pub(super) fn phones(&self) -> Vec<PhoneId> {
        self.phones.keys().copied().collect()
    }

    pub(super) fn holds(&self, phone: PhoneId) -> bool {
        self.phones.contains_key(&phone)
    }

    pub(super) fn get_mut(&mut self, phone: PhoneId) -> Option<&mut Sight> {
        self.phones.get_mut(&phone)
    }

    /// Watches a phone, or watches it more or less closely than before.
    pub(super) fn watch(&mut self, viewer: &Viewer, phone: PhoneId, attention: Attention) {
        if let Some(sight) = self.phones.get_mut(&phone) {
            if sight.attention != attention {
                sight.attention = attention;
                self.look(viewer, phone);
            }
            return;
        }
        let attendance = self.app.control.attend(phone, viewer);
        let wheel = WatchStream::new(attendance.wheel()).map(News::Wheel);
        let feeds = vec![self.feed(phone, wheel), self.feed(phone, presses(attendance.presses()))];
        let sight = Sight {
            attention,
            view: None,
            wants_text: false,
            reading: None,
            _attendance: attendance,
            _feeds: feeds,
            last_told: None,
            wheel_told: false,
            frame: None,
            crowd: None,
        };
        self.phones.insert(phone, sight);
        self.look(viewer, phone);
    }

    pub(super) fn unwatch(&mut self, phone: PhoneId) {
        if self.phones.remove(&phone).is_some() {
            self.app.frames.forget(phone);
        }
    }

    /// Whether words are wanted from a phone that is watched.
    pub(super) fn read(&mut self, phone: PhoneId, wanted: bool) {
        let Some(sight) = self.phones.get_mut(&phone) else {
            return;
        };
        sight.wants_text = wanted;
        self.read_if_wanted(phone);
    }

    /// A page that nobody can see looks at nothing; its driver keeps the wheel all the same.
    pub(super) fn show(&mut self, viewer: &Viewer, visible: bool) {
        self.visible = visible;
        for phone in self.phones() {
            if let Some(sight) = self.phones.get_mut(&phone) {
                // What changed meanwhile is not known to have been seen: all is told again.
                (sight.view, sight.frame, sight.last_told) = (None, None, None);
            }
            self.look(viewer, phone);
        }
    }

    /// Starts to look, in the way that is wanted; an older look ends when the new one has begun, so that its watch lasts.
    fn look(&mut self, viewer: &Viewer, phone: PhoneId) {
        let Some(attention) = self.phones.get(&phone).map(|sight| sight.attention) else {
            return;
        };
        let view = self.visible.then(|| {
            let onlooker = Onlooker::new(viewer);
            let onlooker = match attention {
                Attention::Tile => onlooker.at_a_tile(),
                Attention::Foreground => onlooker,
            };
            let look = self.app.screens.look(phone, onlooker);
            let mut feeds = vec![self.feed(phone, WatchStream::new(look.states()).map(News::Screen))];
            if attention == Attention::Foreground {
                feeds.push(self.feed(phone, crowd(look.audience())));
            }
            View {
                _look: look,
                _feeds: feeds,
            }
        });
        if let Some(sight) = self.phones.get_mut(&phone) {
            sight.view = view;
        }
        self.read_if_wanted(phone);
    }

    fn read_if_wanted(&mut self, phone: PhoneId) {
        let wanted = self.visible && self.phones.get(&phone).is_some_and(|sight| sight.wants_text);
        let running = self.phones.get(&phone).is_some_and(|sight| sight.reading.is_some());
        if wanted == running {
            return;
        }
        let feed = wanted.then(|| {
            let reading = self.app.screens.read(phone);
            let texts = stream::unfold(reading, |mut reading| async move {
                let text = reading.next().await;
                Some((News::Text(text), reading))
            });
            self.feed(phone, texts)
        });
        if let Some(sight) = self.phones.get_mut(&phone) {
            sight.reading = feed;
        }
    }

    fn feed(&mut self, phone: PhoneId, news: impl Stream<Item = News> + Send + 'static) -> Feed {
        let (handle, registration) = AbortHandle::new_pair();
        let news = news.map(move |news| (phone, news)).boxed();
        self.news.push(Abortable::new(news, registration));
        Feed(handle)
    }

    /// Waits for the next that is new; for ever when nothing is watched. Of each kind only the newest comes, but of keys
    /// each.
    pub(super) async fn next(&mut self) -> Told {
        match self.news.next().await {
            Some(told) => told,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Sights {
    fn drop(&mut self) {
        for phone in self.phones() {
            self.unwatch(phone);
        }
    }
}

fn presses(notices: broadcast::Receiver<Notice>) -> impl Stream<Item = News> {
    // A client that is far behind misses the oldest keys.
    BroadcastStream::new(notices).filter_map(|notice| async { Some(News::Pressed(Box::new(notice.ok()?))) })
}

fn crowd(audience: watch::Receiver<Audience>) -> impl Stream<Item = News> {
    stream::unfold((audience, false), |(mut audience, told)| async move {
        if told {
            tokio::time::sleep(CROWD_EVERY).await;
            audience.changed().await.ok()?;
        }
        let now = Arc::clone(&audience.borrow_and_update());
        Some((News::Viewers(now), (audience, true)))
    })
}

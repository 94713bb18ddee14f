//! Messages that are the same for all who watch a phone, made once.
//!
//! Each connection holds on to what it sent last; what nobody holds is forgotten. So a picture costs one copy however
//! many look, and nothing once they have left.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use axum::extract::ws::{Message, Utf8Bytes};
use bytes::Bytes;

use super::event;
use crate::domain::ids::PhoneId;
use crate::domain::screen::Screen;
use crate::screens::Audience;

/// A picture as it travels.
#[derive(Debug)]
pub(super) struct Frame {
    version: u64,
    bytes: Bytes,
}

impl Frame {
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn message(&self) -> Message {
        Message::Binary(self.bytes.clone())
    }
}

/// Who looks at a phone, as it travels.
#[derive(Debug)]
pub(super) struct Crowd {
    audience: Audience,
    text: Utf8Bytes,
}

impl Crowd {
    pub(super) fn message(&self) -> Message {
        Message::Text(self.text.clone())
    }
}

#[derive(Debug, Default)]
struct Made {
    picture: Weak<Frame>,
    crowd: Weak<Crowd>,
}

/// The messages that some connection still holds, by phone.
#[derive(Debug, Default)]
pub struct Frames(Mutex<HashMap<PhoneId, Made>>);

impl Frames {
    fn lock(&self) -> MutexGuard<'_, HashMap<PhoneId, Made>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The message of a picture.
    pub(super) fn picture(&self, phone: PhoneId, screen: &Screen) -> Arc<Frame> {
        let made = self.lock().get(&phone).and_then(|made| made.picture.upgrade());
        if let Some(frame) = made.filter(|frame| frame.version == screen.version) {
            return frame;
        }
        // Made without the lock: two that come at once may both make it, which costs a copy and no wait.
        let frame = Arc::new(Frame {
            version: screen.version,
            bytes: event::picture(phone, screen),
        });
        self.lock().entry(phone).or_default().picture = Arc::downgrade(&frame);
        frame
    }

    /// The message of who looks.
    pub(super) fn viewers(&self, phone: PhoneId, audience: &Audience) -> Arc<Crowd> {
        let made = self.lock().get(&phone).and_then(|made| made.crowd.upgrade());
        if let Some(crowd) = made.filter(|crowd| Arc::ptr_eq(&crowd.audience, audience)) {
            return crowd;
        }
        let crowd = Arc::new(Crowd {
            audience: Arc::clone(audience),
            text: event::viewers(phone, audience).into(),
        });
        self.lock().entry(phone).or_default().crowd = Arc::downgrade(&crowd);
        crowd
    }

    /// Forgets what nobody holds any more, of phones that a connection no longer watches.
    pub(super) fn forget(&self, phone: PhoneId) {
        let mut made = self.lock();
        let unused = made
            .get(&phone)
            .is_some_and(|made| made.picture.strong_count() == 0 && made.crowd.strong_count() == 0);
        if unused {
            made.remove(&phone);
        }
    }
}

//! Asking for a picture: by which way, and whether what came is one.

use std::time::Duration;

use bytes::Bytes;

use super::error::{Error, ErrorKind};
use super::journal::Terms;
use super::picture;
use super::target::{Target, Urgency};
use super::wire::{Ask, Wire, other};
use crate::domain::catalogue::{Control, Scheme, ScreenshotRoute};
use crate::domain::cause::Cause;
use crate::domain::screen::Picture;

/// The path that makes a 69xx render its display (phone-xml-api.md 1.1).
const RENDER: &str = "/CGI/Screenshot";

/// The form in which a phone sent its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShotKind {
    /// A `CiscoIPPhoneImage` document.
    CipImage,
    /// A Windows bitmap.
    Bmp,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

/// A picture as the phone sent it, whole as far as that shows without decoding.
#[derive(Debug, Clone)]
pub struct Shot {
    /// What came.
    pub body: Bytes,
    /// Its form, told by its first bytes or its root element.
    pub kind: ShotKind,
    /// The way by which it came, to be remembered for the phone.
    pub route: ScreenshotRoute,
    /// How long the phone took, queueing not counted.
    pub took: Duration,
}

/// Why bytes are no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no picture: {0}")]
pub struct PictureError(String);

impl PictureError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// Always `screenshot-undecodable`.
    pub fn cause(&self) -> Cause {
        Cause::ScreenshotUndecodable
    }

    /// What was wrong with the bytes.
    pub fn evidence(&self) -> String {
        self.0.clone()
    }
}

impl Shot {
    /// The picture for browsers: PNG and JPEG as they came, the rest as PNG. Work for a blocking thread.
    ///
    /// # Errors
    /// When the body is no picture of its kind, or larger than 4096x4096.
    pub fn to_picture(&self) -> Result<Picture, PictureError> {
        picture::convert(self.kind, &self.body)
    }
}

/// The ways that are left to try.
struct Ways {
    left: Vec<ScreenshotRoute>,
    tried: Vec<ScreenshotRoute>,
}

impl Ways {
    /// The remembered way first, then the family's in its order.
    fn of(target: &Target) -> Self {
        let family = &target.model.family.screenshot;
        let mut left: Vec<_> = target.screenshot_route.iter().cloned().collect();
        left.extend(
            family
                .iter()
                .filter(|way| Some(*way) != target.screenshot_route.as_ref())
                .cloned(),
        );
        left.reverse();
        Self {
            left,
            tried: Vec::new(),
        }
    }

    fn next(&mut self) -> Option<ScreenshotRoute> {
        let way = self.left.pop()?;
        self.tried.push(way.clone());
        Some(way)
    }

    /// A whole scheme does not answer: what is left of it is struck out, and the same paths are tried by the other one.
    fn give_up(&mut self, scheme: Scheme, way: &ScreenshotRoute) {
        self.left.retain(|left| left.scheme != scheme);
        let same_path = ScreenshotRoute {
            scheme: other(scheme),
            ..way.clone()
        };
        let other_refused = self.tried.iter().any(|tried| tried.scheme == same_path.scheme);
        if !other_refused && !self.left.contains(&same_path) {
            self.left.insert(0, same_path);
        }
    }
}

/// Looks for a picture by every way that evidence leaves open. A refusal of the phone ends the search with its cause.
pub(super) async fn take(wire: &Wire, target: &Target, terms: &Terms, urgency: Urgency) -> Result<Shot, Error> {
    let name = &target.model.name;
    let family = target.model.family;
    if family.control == Control::None {
        return Err(Error::new(
            ErrorKind::ModelWithoutControl,
            format!("{name}; nothing was sent"),
            false,
        ));
    }
    let mut ways = Ways::of(target);
    let nothing = || {
        Error::new(
            ErrorKind::ScreenshotUnsupported,
            format!("{name}; nothing was sent"),
            false,
        )
    };
    let (mut refused, mut missing) = (None, None);
    while let Some(way) = ways.next() {
        let error = match take_whole(wire, target, &way, terms, urgency).await {
            Ok(shot) => return Ok(shot),
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::NotFound => missing = Some(error),
            ErrorKind::Refused | ErrorKind::Handshake => {
                ways.give_up(way.scheme, &way);
                refused.get_or_insert(error);
            }
            _ => return Err(error),
        }
    }
    let unsupported = |error: Error| Error::new(ErrorKind::ScreenshotUnsupported, error.evidence(), true);
    Err(missing.map(unsupported).or(refused).unwrap_or_else(nothing))
}

/// A picture cut short is asked for once more (phone-xml-api.md 1.5).
async fn take_whole(
    wire: &Wire,
    target: &Target,
    way: &ScreenshotRoute,
    terms: &Terms,
    urgency: Urgency,
) -> Result<Shot, Error> {
    match take_once(wire, target, way, terms, urgency).await {
        Err(error) if *error.kind() == ErrorKind::Truncated && !terms.once => {
            take_once(wire, target, way, terms, urgency).await
        }
        result => result,
    }
}

async fn take_once(
    wire: &Wire,
    target: &Target,
    way: &ScreenshotRoute,
    terms: &Terms,
    urgency: Urgency,
) -> Result<Shot, Error> {
    let ask = |path| Ask {
        scheme: way.scheme,
        path,
        login: true,
        form: None,
        limit: wire.settings.read_timeout,
        terms,
    };
    if way.render_first {
        match wire.get(target, &ask(RENDER), urgency).await {
            // A phone that takes no connection or no login for this will take none for the picture.
            Err(error) if !error.was_sent() || is_refusal(error.kind()) => return Err(error),
            _ => {}
        }
    }
    let reply = wire.get(target, &ask(&way.path), urgency).await?;
    let Some(kind) = picture::kind_of(&reply.body) else {
        let kind = match reply.body.len() {
            0 => ErrorKind::Truncated,
            _ if reply.is_page() => ErrorKind::Foreign,
            _ => ErrorKind::NoPicture,
        };
        return Err(reply.fail(kind));
    };
    if !picture::is_whole(kind, &reply.body) {
        return Err(reply.fail(ErrorKind::Truncated));
    }
    let scheme = if reply.url.scheme() == "https" {
        Scheme::Https
    } else {
        Scheme::Http
    };
    Ok(Shot {
        body: reply.body,
        kind,
        route: ScreenshotRoute { scheme, ..way.clone() },
        took: reply.took,
    })
}

fn is_refusal(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::PhoneError(0 | 4)
    )
}

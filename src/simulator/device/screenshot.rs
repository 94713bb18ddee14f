//! `/CGI/Screenshot` and `/CGI/lcd.bmp`.

use bytes::Bytes;
use hyper::Response;

use super::{Context, not_found, panel};
use crate::simulator::answer::{Body, cut, endless, stalled, whole};
use crate::simulator::fault::Fault;
use crate::simulator::models::Pages;
use crate::simulator::prepared;

/// One byte more than clients should accept.
const HUGE: usize = 4 * 1024 * 1024 + 1;

/// The picture, or what the faults make of it.
pub(super) fn answer(context: &Context, path: &str) -> Response<Body> {
    // On the 69xx this path only makes the phone draw; the picture is fetched from the other.
    if context.phone.device.model.pages == Pages::Static && path == "/CGI/Screenshot" {
        return whole(200, "text/html", "");
    }
    if let Some(how) = context.world.options.prepared {
        let step = context.phone.step(how.turning);
        return whole(200, "image/png", prepared::at(step));
    }
    let Some(picture) = panel::draw(&context.world, &context.phone) else {
        return not_found();
    };
    for fault in &context.faults {
        match fault {
            Fault::TruncatedPicture => return cut(picture.content_type, &picture.body),
            Fault::GarbagePicture => return whole(200, picture.content_type, Bytes::from_static(&[0xA5; 4_096])),
            Fault::EndlessBody => return endless(picture.content_type),
            Fault::StalledBody => return stalled(picture.content_type, &picture.body),
            Fault::OtherFormat => return whole(200, "image/png", prepared::at(0)),
            Fault::HugeBody => return whole(200, picture.content_type, vec![0x42; HUGE]),
            _ => {}
        }
    }
    whole(200, picture.content_type, picture.body)
}

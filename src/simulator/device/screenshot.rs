//! `/CGI/Screenshot` and `/CGI/lcd.bmp`.

use bytes::Bytes;
use hyper::Response;

use super::{Context, error_body, not_found, panel};
use crate::simulator::answer::{Body, cut, endless, stalled, whole, xml};
use crate::simulator::fault::{Fault, Glitch};
use crate::simulator::models::Pages;
use crate::simulator::prepared;
use crate::simulator::world::lock;

/// One byte more than clients should accept.
const HUGE: usize = 4 * 1024 * 1024 + 1;

/// The picture, or what the faults make of it.
pub(super) async fn answer(context: &Context, path: &str) -> Response<Body> {
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
            Fault::GarbagePicture => return garbage(picture.content_type),
            Fault::EndlessBody => return endless(picture.content_type),
            Fault::StalledBody => return stalled(picture.content_type, &picture.body),
            Fault::OtherFormat => return whole(200, "image/png", prepared::at(0)),
            Fault::Intermittent(glitch) if spoils_this(context) => match glitch {
                Glitch::Truncated => return cut(picture.content_type, &picture.body),
                Glitch::Garbage => return garbage(picture.content_type),
                Glitch::Error => return xml(error_body(3)),
                Glitch::Late => tokio::time::sleep(context.world.options.late).await,
            },
            Fault::HugeBody => return whole(200, picture.content_type, vec![0x42; HUGE]),
            _ => {}
        }
    }
    whole(200, picture.content_type, picture.body)
}

/// The first picture is spoilt, the second is not, and so on.
fn spoils_this(context: &Context) -> bool {
    let mut state = lock(&context.phone.state);
    state.glitches += 1;
    state.glitches % 2 == 1
}

fn garbage(content_type: &'static str) -> Response<Body> {
    whole(200, content_type, Bytes::from_static(&[0xA5; 4_096]))
}

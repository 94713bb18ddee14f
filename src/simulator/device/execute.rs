//! `/CGI/Execute`: keys, internal URIs and objects pushed to the phone.

use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderValue, LOCATION};
use hyper::{Method, Request, Response};

use super::object::{self, Item, Object};
use super::push::{self, Refusal};
use super::rtp::{self, Outcome};
use super::{Context, error_body, not_found, panel};
use crate::simulator::answer::{Answer, Body, escape, whole, xml};
use crate::simulator::exchange;
use crate::simulator::models::Pages;
use crate::simulator::world::lock;

/// The most bytes of an object, and on the oldest loads.
const MOST_BYTES: usize = 40 * 1024;
const MOST_BYTES_CLASSIC: usize = 512;
const MOST_ITEMS: usize = 3;
/// The priority of what only an idle phone shows.
const ONLY_IF_IDLE: u8 = 2;

struct ItemAnswer {
    url: String,
    status: i32,
    data: String,
}

/// Executes a pushed object, or gives the result of the last one (GET, where the phone answered 303).
pub(super) async fn answer(context: &Context, request: Request<Incoming>) -> Answer {
    let classic = context.phone.device.model.pages == Pages::Classic;
    if request.method() == Method::GET && classic {
        let last = lock(&context.phone.state).last_response.clone();
        return Ok(last.map_or_else(not_found, xml));
    }
    let announced = request.headers().contains_key(CONTENT_LENGTH);
    if request.method() != Method::POST || !announced {
        return Ok(not_found());
    }
    // Encoding can triple the size.
    let Ok(body) = Limited::new(request.into_body(), 3 * MOST_BYTES + 64).collect().await else {
        return Ok(xml(error_body(1)));
    };
    let most = if classic { MOST_BYTES_CLASSIC } else { MOST_BYTES };
    let object = form_field(&body.to_bytes()).filter(|object| object.len() <= most);
    let Some(object) = object.and_then(|object| object::parse(&object, push::most_position(&context.phone))) else {
        return Ok(xml(error_body(1)));
    };
    Ok(match carry_out(context, object).await {
        Ok(answers) => respond(context, classic, &answers),
        Err(number) => xml(error_body(number)),
    })
}

/// Does what the object asks: an answer for each item, or the number of an error.
async fn carry_out(context: &Context, object: Object) -> Result<Vec<ItemAnswer>, u8> {
    let (world, phone) = (&context.world, &context.phone);
    match object {
        Object::Execute(items) => {
            let mut answers = Vec::new();
            for item in items {
                answers.push(run(context, item).await?);
            }
            return Ok(answers);
        }
        Object::Text(text) => panel::show(world, phone, text),
        Object::Background { image, icon } => push::set_background(world, phone, &image, &icon)
            .await
            .map_err(Refusal::number)?,
        Object::RingTone(url) => push::set_ring_tone(world, phone, &url).await.map_err(Refusal::number)?,
        Object::Other => {}
    }
    Ok(Vec::new())
}

/// The value of the form field `XML`, percent-encoded or raw.
fn form_field(body: &[u8]) -> Option<String> {
    let raw = body.strip_prefix(b"XML=")?;
    if raw.first() == Some(&b'<') {
        return String::from_utf8(raw.to_vec()).ok();
    }
    url::form_urlencoded::parse(body)
        .find(|(name, _)| name == "XML")
        .map(|(_, value)| value.into_owned())
}

async fn run(context: &Context, item: Item) -> Result<ItemAnswer, u8> {
    let (world, phone) = (&context.world, &context.phone);
    let Item { url, priority } = item;
    let answered = |url: String, status: i32, data: &str| ItemAnswer {
        url,
        status,
        data: data.to_owned(),
    };
    if let Some(key) = url.strip_prefix("Key:") {
        // Keys that the model lacks are dropped in silence.
        phone.pressed(key);
        panel::press(world, phone, key);
        return Ok(answered(url, 0, "Success"));
    }
    if url.starts_with("http://") || url.starts_with("https://") {
        // One that is for an idle phone alone is dropped in silence too.
        let dropped = priority == ONLY_IF_IDLE && exchange::is_in_call(world, phone);
        let shown = dropped || push::show_page(world, phone, &url).await;
        return Ok(if shown {
            answered(url, 0, "Success")
        } else {
            answered(url, 6, "Page not available")
        });
    }
    if url.starts_with("Play:") && url != "Play:Stop" {
        let length: Duration = world.options.sound;
        tokio::time::sleep(length).await;
    }
    match rtp::run(world, phone, &url).await {
        Some(Outcome::Item(status, data)) => Ok(answered(url, status, &data)),
        Some(Outcome::Error(number)) => Err(number),
        None => {
            let (status, data) = panel::execute_uri(world, phone, &url);
            Ok(answered(url, status, &data))
        }
    }
}

fn respond(context: &Context, classic: bool, answers: &[ItemAnswer]) -> Response<Body> {
    let items: Vec<String> = answers
        .iter()
        .map(|answer| {
            let (data, url) = (escape(&answer.data), escape(&answer.url));
            format!(
                "<ResponseItem Status=\"{}\" Data=\"{data}\" URL=\"{url}\"/>\n",
                answer.status
            )
        })
        .collect();
    let mut items = items.concat();
    if !classic {
        return xml(format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<CiscoIPPhoneResponse>\n{items}</CiscoIPPhoneResponse>\n"
        ));
    }
    // Early loads write two declarations and always three items.
    for _ in answers.len()..MOST_ITEMS {
        items.push_str("<ResponseItem Status=\"0\" Data=\"\" URL=\"\"/>\n");
    }
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><?xml version=\"1.0\"?>\n<CiscoIPPhoneResponse>\n{items}\
         </CiscoIPPhoneResponse>"
    );
    lock(&context.phone.state).last_response = Some(body);
    let mut answer = whole(303, "text/html", "");
    answer
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_static("/CGI/Execute"));
    answer
}

//! `/CGI/Execute`: keys, internal URIs and objects pushed to the phone.

use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderValue, LOCATION};
use hyper::{Method, Request, Response};

use super::{Context, error_body, not_found, panel};
use crate::simulator::answer::{Answer, Body, escape, whole, xml};
use crate::simulator::models::Pages;
use crate::simulator::world::lock;

/// The most bytes of an object, and on the oldest loads.
const MOST_BYTES: usize = 40 * 1024;
const MOST_BYTES_CLASSIC: usize = 512;
const MOST_ITEMS: usize = 3;
const MOST_URL: usize = 256;

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
    let object = form_field(&body.to_bytes());
    let Some(items) = object
        .filter(|object| object.len() <= most)
        .and_then(|object| items(&object))
    else {
        return Ok(xml(error_body(1)));
    };
    let mut answers = Vec::new();
    for url in items {
        answers.push(run(context, url).await);
    }
    Ok(respond(context, classic, &answers))
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

/// The URLs of an Execute object; other objects that phones show come out as none. `None` is what cannot be parsed.
fn items(object: &str) -> Option<Vec<String>> {
    let document = roxmltree::Document::parse(object.trim()).ok()?;
    let root = document.root_element();
    let name = root.tag_name().name();
    if name != "CiscoIPPhoneExecute" {
        let shown = name.starts_with("CiscoIPPhone") || matches!(name, "setBackground" | "setRingTone");
        return shown.then(Vec::new);
    }
    let items: Vec<String> = root
        .children()
        .filter(|child| child.has_tag_name("ExecuteItem"))
        .map(|item| item.attribute("URL").unwrap_or("").to_owned())
        .collect();
    let good = |url: &String| (1..=MOST_URL).contains(&url.chars().count());
    ((1..=MOST_ITEMS).contains(&items.len()) && items.iter().all(good)).then_some(items)
}

async fn run(context: &Context, url: String) -> ItemAnswer {
    let (world, phone) = (&context.world, &context.phone);
    if let Some(key) = url.strip_prefix("Key:") {
        // Keys that the model lacks are dropped in silence.
        phone.pressed(key);
        panel::press(world, phone, key);
        return ItemAnswer {
            url,
            status: 0,
            data: "Success".to_owned(),
        };
    }
    if url.starts_with("http://") || url.starts_with("https://") {
        return ItemAnswer {
            url,
            status: 0,
            data: "Success".to_owned(),
        };
    }
    if url.starts_with("Play:") && url != "Play:Stop" {
        let length: Duration = world.options.sound;
        tokio::time::sleep(length).await;
    }
    let (status, data) = panel::execute_uri(world, phone, &url);
    ItemAnswer { url, status, data }
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

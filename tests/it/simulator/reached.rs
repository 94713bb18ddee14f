//! What reaches a phone: pushed texts, pages, pictures and ring tones that it fetches, sounds.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::*;

/// Pages on a port of this machine.
struct Site {
    port: u16,
}

impl Site {
    async fn with(bench: &Bench, pages: Vec<(&str, &'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = pages
            .into_iter()
            .map(|(path, kind, body)| (path.to_owned(), (kind, body)));
        let pages: Arc<HashMap<String, (&'static str, Vec<u8>)>> = Arc::new(pages.collect());
        let stop = bench.tasks.stop_token();
        bench.tasks.spawn("test-site", async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    incoming = listener.accept() => answer(incoming.unwrap().0, &pages).await,
                }
            }
        });
        Self { port }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn answer(mut stream: TcpStream, pages: &HashMap<String, (&'static str, Vec<u8>)>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut more = [0; 1_024];
        let length = stream.read(&mut more).await.unwrap();
        if length == 0 {
            return;
        }
        head.extend_from_slice(&more[..length]);
    }
    let head = String::from_utf8(head).unwrap();
    let found = head.split(' ').nth(1).and_then(|path| pages.get(path));
    let (status, kind, body) = found.map_or(("404 Not Found", "text/html", b"none".as_slice()), |(kind, body)| {
        ("200 OK", kind, body.as_slice())
    });
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
}

impl Bench {
    /// Pushes an object: the answer's body.
    pub(super) async fn push(&self, phone: &PhoneHandle, object: &str) -> String {
        let form = format!("XML={object}");
        let request = format!(
            "POST /CGI/Execute HTTP/1.1\r\nHost: p\r\nAuthorization: {LOGIN}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.phone_request(phone, &request).await.unwrap().text()
    }

    pub(super) async fn mode_info(&self, phone: &PhoneHandle) -> String {
        self.get(phone, "/CGI/ModeInfo").await.unwrap().text()
    }

    async fn screen(&self, phone: &PhoneHandle) -> Vec<u8> {
        self.get(phone, "/CGI/Screenshot").await.unwrap().body
    }
}

const REFUSED: &str = "<CiscoIPPhoneError Number=\"1\" />";

fn text_object(title: &str, text: &str, prompt: &str, softkeys: &[(&str, &str, &str)]) -> String {
    let softkeys: Vec<String> = softkeys
        .iter()
        .map(|(position, name, url)| {
            format!("<SoftKeyItem><Name>{name}</Name><URL>{url}</URL><Position>{position}</Position></SoftKeyItem>")
        })
        .collect();
    format!(
        "<CiscoIPPhoneText><Title>{title}</Title><Prompt>{prompt}</Prompt><Text>{text}</Text>{}</CiscoIPPhoneText>",
        softkeys.concat()
    )
}

fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut file = io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb(colour));
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

#[tokio::test]
async fn a_pushed_text_is_on_the_display_with_its_softkeys_until_it_is_left() {
    let bench = Bench::small();
    let (phone, other) = (bench.phone("8845"), bench.phone("8851"));
    let idle = bench.screen(&phone).await;
    let dial = format!("Dial:{}", other.dn());
    let object = text_object(
        "Drill",
        "Leave by the stairs &amp; wait",
        "Acknowledge",
        &[
            ("1", "Call", &dial),
            ("2", "Leave", "SoftKey:Exit"),
            ("-1", "Hidden", "SoftKey:Exit"),
        ],
    );
    assert!(bench.push(&phone, &object).await.contains("<CiscoIPPhoneResponse>"));
    let shown = ("Drill".to_owned(), "Leave by the stairs & wait".to_owned());
    let labels = vec!["Call".to_owned(), "Leave".to_owned()];
    assert_eq!(phone.shown_text(), Some((shown.0, shown.1, labels)));
    let words = bench.mode_info(&phone).await;
    for part in [
        "<PlaneTitle>Drill</PlaneTitle>",
        "<FieldValue>Leave by the stairs &amp; wait</FieldValue>",
        "<Prompt>Acknowledge</Prompt>",
        "<Feature Position=\"2\" Enabled=\"true\" Label=\"Leave\"/>",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert_ne!(bench.screen(&phone).await, idle);
    bench.execute(&phone, &["Key:Soft2"]).await;
    assert_eq!(phone.shown_text(), None);
    assert_eq!(bench.screen(&phone).await, idle);

    bench.push(&phone, &object).await;
    bench.execute(&phone, &["Init:Services"]).await;
    assert_eq!(phone.shown_text(), None, "it belongs to the services");
    bench.push(&phone, &object).await;
    bench.execute(&phone, &["Key:Soft1"]).await;
    assert!(phone.is_in_call() && other.is_in_call());
    bench.end().await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_the_display_stays() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    let long = |length: usize| "x".repeat(length);
    for object in [
        text_object(&long(33), "", "", &[]),
        text_object("", &long(4_001), "", &[]),
        text_object("", "", &long(33), &[]),
        text_object("", "", "", &[("1", &long(33), "SoftKey:Exit")]),
        text_object("", "", "", &[("1", "Go", &long(257))]),
        text_object("", "", "", &[("17", "Go", "SoftKey:Exit")]),
        text_object("", "", "", &[("", "Go", "SoftKey:Exit")]),
        "<CiscoIPPhoneText><Title>open".to_owned(),
        "<html/>".to_owned(),
    ] {
        assert_eq!(bench.push(&phone, &object).await, REFUSED, "{object}");
        assert_eq!(phone.shown_text(), None);
    }
    let most = text_object(&long(32), &long(4_000), &long(32), &[("16", &long(32), "SoftKey:Exit")]);
    assert!(bench.push(&phone, &most).await.contains("<CiscoIPPhoneResponse>"));
    assert_eq!(phone.shown_text().map(|shown| shown.1.len()), Some(4_000));
    let cordless = bench.phone("8821");
    let ninth = text_object("", "", "", &[("9", "Go", "SoftKey:Exit")]);
    assert_eq!(bench.push(&cordless, &ninth).await, REFUSED);
    // 512 bytes with everything around the text.
    let old = bench.phone("7960");
    assert_eq!(bench.push(&old, &text_object("", &long(500), "", &[])).await, REFUSED);
    bench.push(&old, &text_object("Old", &long(300), "", &[])).await;
    assert_eq!(old.shown_text().map(|shown| shown.0), Some("Old".to_owned()));
    bench.end().await;
}

#[tokio::test]
async fn a_page_is_fetched_and_shown() {
    let bench = Bench::small();
    let long = text_object("Long", &"y".repeat(2_000), "", &[]);
    let site = Site::with(
        &bench,
        vec![
            ("/long", "text/xml", long.into_bytes()),
            ("/plain", "text/html; charset=utf-8", b"<b>words</b>".to_vec()),
            ("/broken", "text/xml", b"<CiscoIPPhoneText>".to_vec()),
        ],
    )
    .await;
    let old = bench.phone("7960");
    bench.execute(&old, &[&site.url("/long")]).await;
    assert_eq!(old.shown_text().map(|shown| shown.1.len()), Some(2_000));
    let phone = bench.phone("8845");
    bench.execute(&phone, &[&site.url("/plain")]).await;
    let plain = (String::new(), "<b>words</b>".to_owned(), Vec::new());
    assert_eq!(phone.shown_text(), Some(plain.clone()));
    for wrong in ["/broken", "/missing"] {
        let answer = bench.execute(&phone, &[&site.url(wrong)]).await.text();
        assert!(answer.contains("Status=\"6\""), "{answer}");
    }
    let outside = bench.execute(&phone, &["http://192.0.2.1/"]).await.text();
    assert!(outside.contains("Status=\"6\""), "{outside}");
    assert_eq!(phone.shown_text(), Some(plain));
    bench.end().await;
}

#[tokio::test]
async fn a_background_is_fetched_and_seen_on_the_idle_screen() {
    let bench = Bench::small();
    let site = Site::with(
        &bench,
        vec![
            ("/800.png", "image/png", png(800, 480, [10, 200, 30])),
            ("/139.png", "image/png", png(139, 109, [10, 200, 30])),
            ("/320.png", "image/png", png(320, 212, [10, 200, 30])),
            ("/80.png", "image/png", png(80, 53, [10, 200, 30])),
            ("/none.png", "image/png", b"no picture".to_vec()),
        ],
    )
    .await;
    let object = |image: &str, icon: &str| {
        let (image, icon) = (site.url(image), site.url(icon));
        format!("<setBackground><background><image>{image}</image><icon>{icon}</icon></background></setBackground>")
    };
    for (model, image, icon, size) in [
        ("8845", "/800.png", "/139.png", (800, 480)),
        ("7965", "/320.png", "/80.png", (320, 212)),
    ] {
        let phone = bench.phone(model);
        let before = bench.screen(&phone).await;
        for wrong in [
            object("/320.png", "/139.png"),
            object(image, "/none.png"),
            object("/gone.png", icon),
        ] {
            let wrong = if model == "7965" {
                wrong.replace("/320.png", "/800.png")
            } else {
                wrong
            };
            assert_eq!(bench.push(&phone, &wrong).await, "<CiscoIPPhoneError Number=\"3\" />");
            assert_eq!(phone.background(), None);
        }
        let taken = bench.push(&phone, &object(image, icon)).await;
        assert!(taken.contains("<CiscoIPPhoneResponse>"), "{taken}");
        let (url, bytes, width, height) = phone.background().unwrap();
        assert_eq!((url, (width, height)), (site.url(image), size));
        assert!(bytes > 100);
        let after = bench.screen(&phone).await;
        assert_ne!(after, before);
        let shown = image::load_from_memory(&after).unwrap().to_rgb8();
        let green = shown
            .pixels()
            .filter(|pixel| pixel.0[1] > 150 && pixel.0[0] < 60)
            .count();
        assert!(green > 10_000, "{model}: {green}");
    }
    let locked = bench.phone("8851");
    locked.set_fault(Fault::PersonalizationOff);
    let refused = bench.push(&locked, &object("/800.png", "/139.png")).await;
    assert_eq!(refused, "<CiscoIPPhoneError Number=\"4\" />");
    assert_eq!(locked.background(), None);
    let mono = bench.phone("7841");
    assert_eq!(bench.push(&mono, &object("/800.png", "/139.png")).await, REFUSED);
    bench.end().await;
}

#[tokio::test]
async fn a_ring_tone_has_one_of_the_sizes_that_phones_take() {
    let bench = Bench::small();
    let site = Site::with(
        &bench,
        vec![
            ("/good.raw", "application/octet-stream", vec![0xFF; 16_080]),
            ("/odd.raw", "application/octet-stream", vec![0xFF; 241]),
            ("/long.raw", "application/octet-stream", vec![0xFF; 16_320]),
            ("/wide.rwb", "application/octet-stream", vec![0; 160_800]),
        ],
    )
    .await;
    let object = |path: &str| format!("<setRingTone><ringTone>{}</ringTone></setRingTone>", site.url(path));
    let (phone, old) = (bench.phone("8845"), bench.phone("7965"));
    for wrong in ["/odd.raw", "/long.raw", "/gone.raw"] {
        assert_eq!(
            bench.push(&phone, &object(wrong)).await,
            "<CiscoIPPhoneError Number=\"3\" />"
        );
    }
    bench.push(&phone, &object("/good.raw")).await;
    assert_eq!(phone.ring_tone(), Some((site.url("/good.raw"), 16_080)));
    bench.push(&phone, &object("/wide.rwb")).await;
    assert_eq!(phone.ring_tone(), Some((site.url("/wide.rwb"), 160_800)));
    bench.push(&old, &object("/wide.rwb")).await;
    assert_eq!(old.ring_tone(), None);
    old.set_fault(Fault::OldLoad("SCCP45.8-3-1S".to_owned()));
    assert_eq!(bench.push(&old, &object("/good.raw")).await, REFUSED, "9.1 is needed");
    bench.end().await;
}

#[tokio::test]
async fn sounds_and_vibrations_are_remembered() {
    let bench = Bench::small();
    let (phone, cordless) = (bench.phone("8845"), bench.phone("8821"));
    bench.execute(&phone, &["Play:Chime.raw"]).await;
    bench.execute(&phone, &["Play:Stop"]).await;
    assert_eq!(phone.sounds_played(), ["Chime.raw"]);
    let none = bench.execute(&phone, &["Vibrate:500:250:3"]).await.text();
    assert!(none.contains("Status=\"6\"") && phone.vibrations().is_empty(), "{none}");
    for wrong in ["Vibrate:65537:1:1", "Vibrate:1:1", "Vibrate:1:1:1:1"] {
        let answer = bench.execute(&cordless, &[wrong]).await.text();
        assert!(answer.contains("Invalid URI"), "{answer}");
    }
    bench.execute(&cordless, &["Vibrate:500:250:3"]).await;
    let felt = cordless.vibrations();
    assert_eq!((felt[0].on_ms, felt[0].off_ms, felt[0].count), (500, 250, 3));
    bench.end().await;
}

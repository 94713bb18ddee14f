//! Reaching people by page and by API: what is refused, and what a phone does with the rest.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use sidetone::domain::role::Role;
use sidetone::simulator::Fault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{Answer, Client};
use super::server::TestServer;

/// A server whose multicast stays on this machine.
async fn server() -> TestServer {
    TestServer::with(|config| config.reach.multicast_interface = [127, 0, 0, 1].into()).await
}

/// A WAV of 8 kHz and 16 bits.
fn wav(samples: usize) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for _ in 0..samples {
        writer.write_sample(8_000_i16).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A form with one file.
async fn upload(browser: &Client, path: &str, fields: &[(&str, &str)], field: &str, file: &[u8]) -> Answer {
    let csrf = browser.csrf().await;
    let mut body = Vec::new();
    for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
        body.extend(format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    let head = format!("--B\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"gong.wav\"\r\n\r\n");
    body.extend(head.as_bytes());
    body.extend(file);
    body.extend(b"\r\n--B--\r\n");
    browser
        .text("POST", path, "multipart/form-data; boundary=B", body)
        .await
}

fn fields(answer: &Answer) -> Vec<String> {
    let problem = answer.value();
    problem["errors"]
        .as_object()
        .map(|errors| errors.keys().cloned().collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_delivered_or_says_why_not() {
    let server = server().await;
    let (handle, phone) = server.phone("8845");
    let (silent, dead) = server.phone("8865");
    silent.set_fault(Fault::Refuses);
    let program = server.api(Role::Helpdesk).await;
    let path = format!("/api/v1/phones/{phone}/messages");
    let message = json!({"title": "Drill", "text": "Leave by the north stairs.",
        "buttons": [{"label": "Desk", "dials": "4711"}]});
    let sent = program.json("POST", &path, &message).await;
    assert_eq!(
        (sent.status, &sent.value()["fetched"]),
        (200, &json!(false)),
        "{}",
        sent.text()
    );
    let (title, text, softkeys) = handle.shown_text().unwrap();
    assert_eq!((title.as_str(), text.as_str()), ("Drill", "Leave by the north stairs."));
    assert!(softkeys.iter().any(|softkey| softkey == "Desk"), "{softkeys:?}");
    let refused = program
        .json("POST", &format!("/api/v1/phones/{dead}/messages"), &message)
        .await;
    assert_eq!(refused.value()["phone"], json!(dead), "{}", refused.text());
    assert!(refused.value()["cause"].is_string());

    let browser = server.signed_in_as(Role::Helpdesk).await;
    let page = browser.get("/messages").await;
    let states = page.texts(".sent-list .state");
    assert_eq!(states.len(), 2, "{states:?}");
    for word in ["delivered", "failed"] {
        assert!(states.iter().any(|state| state == word), "{states:?}");
    }
    assert!(
        !page.text().contains("north stairs"),
        "the trail does not tell what a message says"
    );
    server.close().await;
}

#[tokio::test]
async fn what_breaks_a_limit_is_named_by_its_field_and_nothing_is_sent() {
    let server = server().await;
    let (handle, phone) = server.phone("8845");
    let program = server.api(Role::Helpdesk).await;
    let path = format!("/api/v1/phones/{phone}/messages");
    let desk = |dials: &str| json!([{"label": "Desk", "dials": dials}]);
    for (message, field) in [
        (json!({"text": " "}), "text"),
        (json!({"text": "x".repeat(4_001)}), "text"),
        (json!({"text": "x", "title": "é".repeat(33)}), "title"),
        (json!({"text": "x", "prompt": "y".repeat(33)}), "prompt"),
        (json!({"text": "x", "expires_minutes": 0}), "expires_minutes"),
        (json!({"text": "x", "buttons": desk("not a number")}), "buttons"),
        // An emergency number, however it is written.
        (json!({"text": "x", "buttons": desk("911")}), "buttons"),
        (json!({"text": "x", "buttons": desk("9,911")}), "buttons"),
    ] {
        let answer = program.json("POST", &path, &message).await;
        answer.problem(422);
        assert_eq!(fields(&answer), [field], "{message}");
    }
    for (ring, field) in [
        (json!({"tone": "Piano2.raw"}), "tone"),
        (json!({"tone": "none.raw"}), "tone"),
        (json!({"tone": "Analog1.raw", "times": 11}), "times"),
        (json!({"tone": "Analog1.raw", "busy": "maybe"}), "busy"),
    ] {
        let answer = program
            .json("POST", &format!("/api/v1/phones/{phone}/rings"), &ring)
            .await;
        answer.problem(422);
        assert_eq!(fields(&answer), [field], "{ring}");
    }
    assert_eq!((handle.shown_text(), handle.sounds_played()), (None, Vec::new()));

    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = phone.to_string();
    let long = "z".repeat(40);
    let typed = [
        ("m_title", long.as_str()),
        ("m_text", "Hello"),
        ("phone", id.as_str()),
        ("act", "send"),
    ];
    let answer = browser.post_form("/messages", &typed).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.first("#m_title", "value"), long, "what was typed stays");
    assert_eq!(answer.texts("#m_title-left [data-left]"), ["8 too many"]);
    assert_eq!(answer.all(".pick input[checked]", "value"), [id.as_str()]);
    assert_eq!(handle.shown_text(), None);
    server.close().await;
}

#[tokio::test]
async fn supervisors_and_strangers_reach_nobody() {
    let server = server().await;
    let (handle, phone) = server.phone("8845");
    let supervisor = server.api(Role::Supervisor).await;
    let message = json!({"text": "x"});
    for path in [
        format!("/api/v1/phones/{phone}/messages"),
        "/api/v1/announcements".to_owned(),
    ] {
        supervisor.json("POST", &path, &message).await.problem(403);
    }
    let browser = server.signed_in_as(Role::Supervisor).await;
    let page = browser.get(&format!("/phones/{phone}")).await;
    assert_eq!(page.all("[data-reach-bar]", "class").len(), 0);
    assert_eq!(handle.shown_text(), None);

    // More than one phone is for who runs jobs.
    let helpdesk = server.api(Role::Helpdesk).await;
    let sound = helpdesk
        .text("POST", "/api/v1/sounds?name=Gong", "audio/wav", wav(800))
        .await
        .value()["id"]
        .clone();
    let others: Vec<i64> = server.ids().into_iter().take(2).collect();
    let order = json!({"sound_id": sound, "phone_ids": others});
    helpdesk
        .json("POST", "/api/v1/announcements", &order)
        .await
        .problem(403);
    server.close().await;
}

#[tokio::test]
async fn templates_are_kept_used_and_removed() {
    let server = server().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let typed = [
        ("m_title", "Drill"),
        ("m_text", "Leave."),
        ("name", "Fire drill"),
        ("act", "keep"),
    ];
    let kept = browser.post_form("/messages", &typed).await;
    assert!(
        kept.location().starts_with("/messages?template="),
        "{} {}",
        kept.status,
        kept.text()
    );
    let again = browser.post_form("/messages", &typed).await;
    assert_eq!(again.status, 422, "the name is taken");
    let page = browser.get(kept.location()).await;
    assert_eq!(page.first("#m_title", "value"), "Drill");

    let program = server.api(Role::Helpdesk).await;
    let list = program.get("/api/v1/message-templates").await.value();
    assert_eq!(
        (&list["total"], &list["items"][0]["message"]["text"]),
        (&json!(1), &json!("Leave."))
    );
    let path = format!("/api/v1/message-templates/{}", list["items"][0]["id"]);
    let changed = json!({"name": "Fire drill", "message": {"text": "Stay."}});
    assert_eq!(
        program.json("PUT", &path, &changed).await.value()["message"]["text"],
        json!("Stay.")
    );
    assert_eq!(program.send(program.request("DELETE", &path)).await.status, 204);
    program.get(&path).await.problem(404);
    server.close().await;
}

#[tokio::test]
async fn an_upload_that_says_500_mb_is_refused_before_it_is_read() {
    let server = server().await;
    let user = server.person("helpdesk", Role::Helpdesk, None).await;
    let token = server.token_of(user).await;
    // Only the head is sent: an answer means that nobody waited for the rest.
    let mut socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/sounds?name=Large HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: audio/wav\r\ncontent-length: 500000000\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");

    // A small file whose own head claims 500 MB of sound.
    let mut lies = wav(800);
    let size = 500_000_000_u32.to_le_bytes();
    lies[40..44].copy_from_slice(&size);
    let program = server.program_of(user).await;
    let refused = program
        .text("POST", "/api/v1/sounds?name=Lies", "audio/wav", lies)
        .await;
    refused.problem(422);
    assert_eq!(fields(&refused), ["sound"]);
    let text = program
        .text("POST", "/api/v1/sounds?name=Text", "audio/wav", "no sound at all")
        .await;
    assert_eq!(fields(&text), ["sound"]);
    assert_eq!(program.get("/api/v1/sounds").await.value()["total"], json!(0));
    server.close().await;
}

#[tokio::test]
async fn an_image_bomb_is_refused_and_a_background_is_proved() {
    let server = server().await;
    let (handle, phone) = server.phone("8845");
    let admin = server.api(Role::Admin).await;
    // A head that claims 60,000 x 60,000 pixels.
    let mut bomb = png(16, 16);
    for at in [16, 20] {
        bomb[at..at + 4].copy_from_slice(&60_000_u32.to_be_bytes());
    }
    for (name, bytes) in [("Bomb", bomb), ("Text", b"no picture".to_vec()), ("Small", png(2, 2))] {
        let path = format!("/api/v1/backgrounds?name={name}");
        let refused = admin.text("POST", &path, "image/png", bytes).await;
        refused.problem(422);
        assert_eq!(fields(&refused), ["picture"], "{name}");
    }
    let outside = admin
        .text(
            "POST",
            "/api/v1/backgrounds?name=X&crop=0,0,900,10",
            "image/png",
            png(800, 480),
        )
        .await;
    assert_eq!(fields(&outside), ["picture"]);
    let wrong = admin
        .text(
            "POST",
            "/api/v1/backgrounds?name=X&crop=1,2",
            "image/png",
            png(800, 480),
        )
        .await;
    assert_eq!(fields(&wrong), ["crop"]);

    let browser = server.signed_in_as(Role::Admin).await;
    let crop = [
        ("x", "10"),
        ("y", "20"),
        ("width", "400"),
        ("height", "240"),
        ("name", "Stripes"),
    ];
    let kept = upload(&browser, "/backgrounds", &crop, "picture", &png(900, 500)).await;
    assert!(
        kept.location().starts_with("/backgrounds?background="),
        "{} {}",
        kept.status,
        kept.text()
    );
    let page = browser.get(kept.location()).await;
    let previews = page.all("details[open] .previews img", "src");
    assert_eq!(previews.len(), sidetone::reach::sizes().len());
    for preview in &previews {
        assert_eq!(
            browser.get(preview).await.header("content-type"),
            "image/png",
            "{preview}"
        );
    }
    let background = kept.location().rsplit('=').next().unwrap().to_owned();
    let id = phone.to_string();
    let set = [("background", background.as_str()), ("phone", id.as_str())];
    let proof = browser.post_form("/backgrounds/setting", &set).await;
    assert_eq!(proof.status, 200, "{}", proof.text());
    let shots = proof.all("[data-proof] img", "src");
    assert_eq!(shots.len(), 2);
    assert!(shots.iter().all(|shot| shot.starts_with("data:image/")));
    assert_ne!(shots[0], shots[1]);
    let (url, _, width, height) = handle.background().unwrap();
    assert_eq!((width, height), (800, 480));
    let path = url
        .split_once("/media/")
        .map(|(_, token)| format!("/media/{token}"))
        .unwrap();
    assert_eq!(server.nobody().get(&path).await.status, 200, "phones sign in nowhere");
    server.close().await;
}

async fn ended(program: &Client, path: &str) -> Value {
    // Each question takes a turn on a socket; the announcement lasts a tenth of a second.
    for _ in 0..2_000 {
        let view = program.get(path).await.value();
        if view["ending"].is_string() {
            return view;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} does not end");
}

#[tokio::test]
async fn an_announcement_is_uploaded_played_followed_and_stopped() {
    let server = server().await;
    let (handle, phone) = server.phone("8845");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let nothing = browser
        .post_form("/announcements", &[("phone", &phone.to_string())])
        .await;
    assert_eq!(nothing.status, 422);
    let kept = upload(
        &browser,
        "/sounds",
        &[("name", ""), ("from", "announcements")],
        "sound",
        &wav(8_000 * 200),
    )
    .await;
    assert!(
        kept.location().starts_with("/announcements?sound="),
        "{} {}",
        kept.status,
        kept.text()
    );
    let page = browser.get(kept.location()).await;
    assert_eq!(page.texts(".sound-list b"), ["gong"], "named like the file");
    let heard = browser.get(&page.first(".sound-list audio", "src")).await;
    assert_eq!((heard.status, &heard.body[..4]), (200, &b"RIFF"[..]));

    let sound = kept.location().rsplit('=').next().unwrap().to_owned();
    let id = phone.to_string();
    let order = [("sound", sound.as_str()), ("phone", id.as_str()), ("volume", "30")];
    let began = browser.post_form("/announcements", &order).await;
    let here = began.location().to_owned();
    assert!(here.starts_with("/announcements/"), "{} {}", began.status, began.text());
    let page = browser.get(&here).await;
    assert_eq!(page.texts(".hearing code"), [handle.name()]);
    let twice = browser.post_form("/announcements", &order).await;
    assert_eq!(twice.status, 422, "the phone hears one already");
    let stop = browser.post_form(&format!("{here}/stop"), &[]).await;
    assert_eq!(stop.location(), here);
    let events = browser.get(&format!("{here}/events")).await.text();
    assert!(
        events.contains("event: state") && events.ends_with("event: done\ndata: over\n\n"),
        "{events}"
    );
    let program = server.api(Role::Helpdesk).await;
    let view = ended(&program, &format!("/api/v1{here}")).await;
    assert_eq!((&view["ending"], &view["volume"]), (&json!("stopped"), &json!(30)));
    assert_eq!(handle.rtp_received().streams_open, 0);
    let list = browser.get("/announcements").await;
    assert_eq!(list.texts(".sent-list .state"), ["stopped by a person"]);
    server.close().await;
}

#[tokio::test]
async fn forms_below_a_phone_answer_in_place_and_without_script() {
    let server = server().await;
    let (handle, phone) = server.phone("8821");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let page = browser.get(&format!("/phones/{phone}")).await;
    let forms = page.all("[data-reach-bar] form", "action");
    assert!(forms.contains(&format!("/phones/{phone}/vibrations")), "{forms:?}");
    let csrf = browser.csrf().await;
    let shaking = browser
        .request("POST", &format!("/phones/{phone}/vibrations"))
        .header("x-csrf-token", &csrf)
        .header("x-fragment", "said")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("times=2");
    let said = browser.send(shaking).await;
    assert_eq!(
        said.texts(".notice.done span"),
        ["It vibrates twice."],
        "{}",
        said.text()
    );
    assert_eq!(handle.vibrations().len(), 1);
    let rung = browser
        .post_form(&format!("/phones/{phone}/rings"), &[("tone", "Analog1.raw")])
        .await;
    assert_eq!(rung.location(), format!("/phones/{phone}"));
    assert_eq!(handle.sounds_played().len(), 1);
    // A refused message keeps all that was typed, on the page of messages.
    let typed = [("m_text", "Hello"), ("m_prompt", "p"), ("m_expires", "soon")];
    let refused = browser.post_form(&format!("/phones/{phone}/messages"), &typed).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.first("#m_expires", "value"), "soon");
    assert_eq!(refused.all(".pick input[checked]", "value"), [phone.to_string()]);
    server.close().await;
}

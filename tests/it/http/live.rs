//! The live channel (`docs/live.md`), spoken by a client of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;
use sidetone::screens::Attention;
use sidetone::security::{ManagePeople, May, Viewer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::client::Seen;
use super::server::TestServer;

/// Longer than anything here may take.
const LIMIT: Duration = Duration::from_secs(20);

/// An open channel.
struct Channel {
    socket: WebSocketStream<TcpStream>,
    seen: Seen,
}

/// What the server said.
#[derive(Debug)]
enum Said {
    Event(Value),
    Picture { header: Value, bytes: Vec<u8> },
    Closed(u16),
}

/// Opens the channel with these headers, or gives the status of the refusal.
async fn open(server: &TestServer, headers: &[(&'static str, &str)]) -> Result<Channel, u16> {
    let mut request = format!("ws://{}/live", server.address).into_client_request().unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(server.address).await.unwrap();
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(Channel {
            socket,
            seen: server.seen.clone(),
        }),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

/// The channel of a program of somebody with that role.
async fn program(server: &TestServer, role: Role) -> Channel {
    let user = server.person(role.as_str(), role, None).await;
    let token = format!("Bearer {}", server.token_of(user).await);
    open(server, &[("authorization", &token)])
        .await
        .unwrap_or_else(|status| panic!("{status}"))
}

/// The channel of a program of that person of the helpdesk, who watches a phone.
async fn helpdesk(server: &TestServer, name: &str, phone: i64) -> Channel {
    let user = server.person(name, Role::Helpdesk, None).await;
    let token = format!("Bearer {}", server.token_of(user).await);
    let mut channel = open(server, &[("authorization", &token)]).await.ok().unwrap();
    channel.send(json!({"watch": [phone]})).await;
    assert_eq!(channel.wheel().await.0, "now");
    channel
}

/// The cookie of a new session.
async fn cookie(server: &TestServer, name: &str) -> String {
    let password = TestServer::password_of(name);
    let fields = [("name", name), ("password", password.as_str())];
    let answer = server.nobody().post_fields("/login", &fields).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    server.guard(cookie.split_once('=').unwrap().1);
    cookie
}

impl Channel {
    async fn send(&mut self, message: Value) {
        self.text(&message.to_string()).await;
    }

    async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn next(&mut self) -> Said {
        loop {
            let message = timeout(LIMIT, self.socket.next())
                .await
                .expect("the server says nothing");
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.seen.add(text.as_bytes());
                    return Said::Event(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
                    return Said::Picture {
                        header: serde_json::from_slice(&bytes[4..4 + length]).unwrap(),
                        bytes: bytes[4 + length..].to_vec(),
                    };
                }
                Some(Ok(Message::Close(frame))) => return Said::Closed(frame.unwrap().code.into()),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("{error}"),
                None => panic!("the connection broke without a word"),
            }
        }
    }

    /// The next event of a kind.
    async fn event(&mut self, kind: &str) -> Value {
        loop {
            match self.next().await {
                Said::Event(event) if event["event"] == kind => return event,
                Said::Closed(code) => panic!("closed with {code}"),
                _ => {}
            }
        }
    }

    async fn picture(&mut self) -> (Value, Vec<u8>) {
        loop {
            match self.next().await {
                Said::Picture { header, bytes } => return (header, bytes),
                Said::Closed(code) => panic!("closed with {code}"),
                Said::Event(_) => {}
            }
        }
    }

    async fn closed(&mut self) -> u16 {
        loop {
            if let Said::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// What is told of the wheel next: the reason, the driver, who asks, and whether this user drives.
    async fn wheel(&mut self) -> (String, Value, Value, bool) {
        let event = self.event("driver").await;
        (
            event["reason"].as_str().unwrap().to_owned(),
            event["driver"]["user"].clone(),
            event["asking"]["user"].clone(),
            event["you"].as_bool().unwrap(),
        )
    }

    /// Waits for a change of the wheel, by its reason.
    async fn turned(&mut self, reason: &str) -> (Value, Value, bool) {
        loop {
            let (told, driver, asking, you) = self.wheel().await;
            if told == reason {
                return (driver, asking, you);
            }
        }
    }

    /// Names of those who look, as told next.
    async fn viewers(&mut self) -> (Vec<String>, u64) {
        let event = self.event("viewers").await;
        let names = event["viewers"].as_array().unwrap().iter();
        let names = names
            .map(|viewer| viewer["user"].as_str().unwrap().to_owned())
            .collect();
        (names, event["count"].as_u64().unwrap())
    }

    async fn press(&mut self, phone: i64, key: &str, reference: &str) {
        self.send(json!({"press": {"phone": phone, "key": key, "ref": reference}}))
            .await;
    }
}

#[tokio::test]
async fn a_watch_shows_the_screen_and_a_press_changes_it() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let mut channel = program(&server, Role::Helpdesk).await;
    channel.send(json!({"watch": [id]})).await;
    let (mut header, first) = channel.picture().await;
    let version = header.as_object_mut().unwrap().remove("version");
    assert!(version.unwrap().as_u64() >= Some(1));
    let told = json!({
        "phone": id, "captured_at": server.clock.now().to_string(),
        "type": "image/png", "width": 800, "height": 480,
    });
    assert_eq!(header, told);
    assert_eq!(&first[1..4], b"PNG");
    let state = channel.event("phone").await;
    assert_eq!(
        (&state["phone"], &state["state"], &state["age_ms"]),
        (&json!(id), &json!("live"), &json!(0))
    );
    channel.press(id, "Settings", "c1").await;
    channel.press(id, "NavDwn", "c2").await;
    for (key, reference) in [("Settings", "c1"), ("NavDwn", "c2")] {
        let pressed = channel.event("press").await;
        assert_eq!((&pressed["ref"], &pressed["key"]), (&json!(reference), &json!(key)));
        assert_eq!(pressed["outcome"], "sent");
        assert!(pressed["duration_ms"].is_u64() && pressed["phone"] == id);
    }
    assert_eq!(handle.keys_received(), ["Settings", "NavDwn"]);
    server.close().await;
}

#[tokio::test]
async fn only_changed_pictures_are_sent_and_the_newest_has_the_highest_version() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("7965");
    let mut channel = program(&server, Role::Helpdesk).await;
    channel.send(json!({"watch": [id]})).await;
    let (old, first) = channel.picture().await;
    channel.press(id, "Settings", "").await;
    let (header, second) = channel.picture().await;
    assert!(header["version"].as_u64() > old["version"].as_u64());
    assert_ne!(first, second);
    // A second viewer is given the newest picture at once.
    let mut other = program(&server, Role::Supervisor).await;
    other.send(json!({"watch": [id]})).await;
    let (seen, bytes) = other.picture().await;
    assert!(seen["version"].as_u64() >= header["version"].as_u64());
    assert!(seen["version"] != header["version"] || bytes == second);
    server.close().await;
}

#[tokio::test]
async fn a_press_that_is_not_allowed_or_not_possible_is_answered_and_goes_nowhere() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("7811");
    let mut supervisor = program(&server, Role::Supervisor).await;
    supervisor.press(id, "KeyPad1", "s").await;
    let refused = supervisor.event("press").await;
    assert_eq!(
        (&refused["ref"], &refused["outcome"]),
        (&json!("s"), &json!("not-sent"))
    );
    assert!(refused["evidence"].as_str().unwrap().contains("helpdesk"), "{refused}");
    let mut helpdesk = program(&server, Role::Helpdesk).await;
    for (phone, key) in [
        (id, "Session1"),
        (id, "NoSuchKey"),
        (id, ""),
        (999_999, "KeyPad1"),
        (-1, "KeyPad1"),
    ] {
        helpdesk.press(phone, key, "h").await;
        let refused = helpdesk.event("press").await;
        assert_eq!(refused["outcome"], "not-sent", "{phone} {key}");
        assert!(refused["evidence"].is_string(), "{refused}");
    }
    assert_eq!(handle.requests().len(), 0);
    server.close().await;
}

#[tokio::test]
async fn the_channel_is_for_tokens_and_for_our_own_pages() {
    let server = TestServer::start().await;
    server.person("helpdesk", Role::Helpdesk, None).await;
    let cookie = cookie(&server, "helpdesk").await;
    let own = format!("http://{}", server.address);
    assert_eq!(open(&server, &[]).await.err(), Some(401));
    assert_eq!(open(&server, &[("origin", &own)]).await.err(), Some(401));
    assert_eq!(
        open(&server, &[("authorization", "Bearer st_none")]).await.err(),
        Some(401)
    );
    for foreign in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let refused = open(&server, &[("cookie", &cookie), ("origin", foreign)]).await;
        assert_eq!(refused.err(), Some(403), "{foreign}");
    }
    assert_eq!(
        open(&server, &[("cookie", &cookie)]).await.err(),
        Some(403),
        "no Origin"
    );
    let mut channel = open(&server, &[("cookie", &cookie), ("origin", &own)])
        .await
        .ok()
        .unwrap();
    channel.send(json!({"watch": [server.phone("8845").1]})).await;
    channel.picture().await;
    drop(channel);
    let plain = server.api(Role::Helpdesk).await.get("/live").await;
    assert_eq!(plain.status, 400, "no upgrade: {}", plain.text());
    server.close().await;
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_told_and_ten_of_them_end_it() {
    let server = TestServer::empty(|_| {}).await;
    let mut channel = program(&server, Role::Helpdesk).await;
    for text in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        r#"{"watch":"all"}"#,
        r#"{"watch":[1.5]}"#,
        r#"{"dance":1}"#,
        r#"{"press":{}}"#,
    ] {
        channel.text(text).await;
        assert!(channel.event("error").await["message"].is_string(), "{text}");
    }
    channel.send(json!({"watch": [4_711]})).await;
    let unknown = channel.event("error").await;
    assert_eq!(unknown["message"], "no such phone: 4711", "no mistake of form");
    channel.text("once more").await;
    assert_eq!(channel.closed().await, 1008);
    // A message beyond the limit ends the connection at once.
    let mut channel = program(&server, Role::Helpdesk).await;
    let _ = channel.socket.send(Message::text("x".repeat(65 * 1024))).await;
    let ended = timeout(LIMIT, async {
        while let Some(Ok(message)) = channel.socket.next().await {
            if message.is_close() {
                return;
            }
        }
    });
    ended.await.unwrap();
    server.close().await;
}

#[tokio::test]
async fn a_connection_watches_a_hundred_phones_at_most_and_none_while_it_is_hidden() {
    let server = TestServer::sized(105).await;
    let ids = server.ids();
    let mut channel = program(&server, Role::Supervisor).await;
    channel.send(json!({"visible": false})).await;
    channel.send(json!({"watch": ids})).await;
    assert_eq!(
        channel.event("error").await["message"],
        "at most 100 phones a connection"
    );
    let watched = |id: &i64| server.app.screens.viewers(PhoneId(*id));
    assert_eq!(ids.iter().map(watched).sum::<usize>(), 0);
    channel.send(json!({"unwatch": &ids[3..]})).await;
    channel.send(json!({"visible": true})).await;
    let mut seen = BTreeSet::new();
    while seen.len() < 3 {
        let state = channel.event("phone").await;
        seen.insert(state["phone"].as_i64().unwrap());
    }
    assert_eq!(ids.iter().map(watched).sum::<usize>(), 3);
    assert_eq!(seen, ids[..3].iter().copied().collect());
    channel.send(json!({"visible": false})).await;
    channel
        .text("a mistake, to know when the message before it was served")
        .await;
    channel.event("error").await;
    assert_eq!(ids.iter().map(watched).sum::<usize>(), 0);
    server.close().await;
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_channel() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let user = server.person("helpdesk", Role::Helpdesk, None).await;
    let cookie = cookie(&server, "helpdesk").await;
    let own = format!("http://{}", server.address);
    let mut channel = open(&server, &[("cookie", &cookie), ("origin", &own)])
        .await
        .ok()
        .unwrap();
    channel.press(id, "KeyPad1", "1").await;
    assert_eq!(channel.event("press").await["outcome"], "sent");
    let may: May<ManagePeople> = Viewer::system().may().unwrap();
    server.app.security.disable_user(&may, user).await.unwrap();
    assert_eq!(channel.closed().await, 4401, "at once, without a message");
    assert_eq!(handle.keys_received(), ["KeyPad1"]);
    server.close().await;
}

#[tokio::test]
async fn many_viewers_of_a_phone_are_served_by_one_poll() {
    const VIEWERS: usize = 20;
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let (mut viewers, mut old) = (Vec::new(), Value::Null);
    for _ in 0..VIEWERS {
        let mut channel = program(&server, Role::Supervisor).await;
        channel.send(json!({"watch": [id]})).await;
        old = channel.picture().await.0["version"].clone();
        viewers.push(channel);
    }
    assert_eq!(server.app.screens.viewers(PhoneId(id)), VIEWERS);
    let before = handle.requests_for("/CGI/Screenshot");
    let mut helpdesk = program(&server, Role::Helpdesk).await;
    helpdesk.press(id, "Settings", "").await;
    for channel in &mut viewers {
        let (header, _) = channel.picture().await;
        assert!(header["version"].as_u64() > old.as_u64());
    }
    let asked = handle.requests_for("/CGI/Screenshot") - before;
    assert!((1..VIEWERS).contains(&asked), "{asked} pictures for {VIEWERS} viewers");
    assert_eq!(handle.most_concurrent_requests(), 1);
    server.close().await;
}

#[tokio::test]
async fn a_stop_tells_every_channel_and_waits_for_no_open_page() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let browser = server.signed_in_as(Role::Supervisor).await;
    assert_eq!(browser.get("/phones").await.status, 200);
    let mut channels = Vec::new();
    for _ in 0..8 {
        let mut channel = program(&server, Role::Supervisor).await;
        channel.send(json!({"watch": [id]})).await;
        channel.picture().await;
        channels.push(channel);
    }
    assert!(server.tasks().finish().await, "in 1.5 s");
    for channel in &mut channels {
        assert_eq!(channel.closed().await, 1001);
    }
    server.close().await;
}

#[tokio::test]
async fn the_first_key_takes_the_wheel_and_nobody_else_presses() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let mut ana = helpdesk(&server, "ana", id).await;
    let mut ben = helpdesk(&server, "ben", id).await;
    let mut supervisor = program(&server, Role::Supervisor).await;
    supervisor.send(json!({"watch": [id]})).await;
    assert_eq!(
        supervisor.wheel().await,
        ("now".into(), Value::Null, Value::Null, false)
    );
    ana.press(id, "KeyPad1", "1").await;
    assert_eq!(ana.wheel().await, ("pressed".into(), json!("ana"), Value::Null, true));
    assert_eq!(ana.event("press").await["outcome"], "sent");
    for other in [&mut ben, &mut supervisor] {
        assert_eq!(
            other.wheel().await,
            ("pressed".into(), json!("ana"), Value::Null, false)
        );
        let pressed = other.event("pressed").await;
        let told = (&pressed["phone"], &pressed["by"], &pressed["key"], &pressed["outcome"]);
        assert_eq!(told, (&json!(id), &json!("ana"), &json!("KeyPad1"), &json!("sent")));
        assert!(pressed["duration_ms"].is_u64());
    }
    ben.press(id, "KeyPad2", "2").await;
    let refused = ben.event("press").await;
    assert_eq!(
        (&refused["outcome"], &refused["ref"]),
        (&json!("not-sent"), &json!("2"))
    );
    let evidence = refused["evidence"].as_str().unwrap();
    assert!(
        evidence.starts_with("ana has been driving this phone since"),
        "{refused}"
    );
    for wish in ["drive", "ask", "release"] {
        supervisor.send(json!({ wish: {"phone": id} })).await;
        let refused = supervisor.event("error").await;
        assert_eq!(refused["message"], "this needs the role helpdesk", "{wish}");
    }
    supervisor.press(id, "KeyPad3", "3").await;
    assert_eq!(supervisor.event("press").await["outcome"], "not-sent");
    // Another page of the same person drives too, and learns what the first pressed.
    let mut second = helpdesk(&server, "ana", id).await;
    second.press(id, "KeyPad4", "4").await;
    assert_eq!(second.event("press").await["outcome"], "sent");
    assert_eq!(ana.event("pressed").await["key"], "KeyPad4");
    assert_eq!(handle.keys_received(), ["KeyPad1", "KeyPad4"]);
    server.close().await;
}

#[tokio::test]
async fn a_driver_who_is_asked_refuses_or_gives_the_wheel_or_says_nothing() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let mut ana = helpdesk(&server, "ana", id).await;
    let mut ben = helpdesk(&server, "ben", id).await;
    ana.press(id, "KeyPad1", "").await;
    ana.turned("pressed").await;
    ben.turned("pressed").await;
    let ask = json!({"ask": {"phone": id}});
    ben.send(ask.clone()).await;
    let asked = ana.event("driver").await;
    let until = server.clock.now() + Duration::from_secs(10);
    assert_eq!(asked["asking"], json!({"user": "ben", "until": until, "you": false}));
    assert_eq!((&asked["reason"], &asked["you"]), (&json!("asked"), &json!(true)));
    ana.send(json!({"answer": {"phone": id, "allow": false}})).await;
    assert_eq!(ben.turned("refused").await, (json!("ana"), Value::Null, false));
    assert_eq!(ana.turned("refused").await, (json!("ana"), Value::Null, true));
    ben.send(json!({"answer": {"phone": id, "allow": true}})).await;
    let nonsense = ben.event("error").await;
    assert_eq!(nonsense["message"], "nobody asks you for the wheel of this phone");
    // Taken back.
    ben.send(ask.clone()).await;
    ana.turned("asked").await;
    ben.send(json!({"release": {"phone": id}})).await;
    assert_eq!(ana.turned("withdrawn").await, (json!("ana"), Value::Null, true));
    // No answer grants it, but only after ten seconds.
    ben.send(ask.clone()).await;
    ana.turned("asked").await;
    server.clock.advance(Duration::from_millis(9_999));
    let mut cid = helpdesk(&server, "cid", id).await;
    cid.send(ask.clone()).await;
    assert_eq!(cid.event("error").await["message"], "ben asks for the wheel already");
    assert_eq!(server.app.control.driver(PhoneId(id)).unwrap().name, "ana");
    server.clock.advance(Duration::from_millis(1));
    assert_eq!(ana.turned("granted").await, (json!("ben"), Value::Null, false));
    assert_eq!(ben.turned("granted").await, (json!("ben"), Value::Null, true));
    // Its line is written beside the telling, not before.
    while server.trail().await[0].action != "drive-granted" {
        tokio::task::yield_now().await;
    }
    // Given.
    ana.send(ask).await;
    ben.turned("asked").await;
    ben.send(json!({"answer": {"phone": id, "allow": true}})).await;
    assert_eq!(ana.turned("granted").await, (json!("ana"), Value::Null, true));
    assert_eq!(handle.keys_received(), ["KeyPad1"]);
    let trail = server.trail().await;
    let turns: Vec<_> = trail
        .iter()
        .filter(|line| line.action.starts_with("drive"))
        .map(|line| (line.user_name.as_str(), line.action.as_str(), line.detail.as_str()))
        .collect();
    let expected = [
        ("ben", "drive-granted", "to ana"),
        ("ben", "drive-granted", "to ben: ana did not answer"),
        ("ana", "drive-refused", "to ben"),
    ];
    assert_eq!(turns, expected);
    server.close().await;
}

#[tokio::test]
async fn a_take_over_is_seen_by_both_and_drops_the_keys_that_were_not_sent_yet() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let mut ana = helpdesk(&server, "ana", id).await;
    let mut ben = helpdesk(&server, "ben", id).await;
    // One asks before the other has a key at all: a free wheel is there to be taken.
    ana.send(json!({"ask": {"phone": id}})).await;
    assert_eq!(ana.turned("taken").await, (json!("ana"), Value::Null, true));
    ben.turned("taken").await;
    handle.set_latency(Duration::from_secs(1));
    for (key, reference) in [("KeyPad1", "1"), ("KeyPad2", "2"), ("KeyPad3", "3")] {
        ana.press(id, key, reference).await;
    }
    while handle.requests_for("/CGI/Execute") == 0 {
        tokio::task::yield_now().await;
    }
    ben.send(json!({"drive": {"phone": id}})).await;
    assert_eq!(ben.turned("taken").await, (json!("ben"), Value::Null, true));
    let mut outcomes = BTreeSet::new();
    for _ in 0..3 {
        let press = ana.event("press").await;
        let text = |member: &str| press[member].as_str().unwrap_or_default().to_owned();
        let by_ben = text("evidence").starts_with("ben has been driving this phone");
        outcomes.insert((text("ref"), text("outcome"), by_ben));
    }
    let expected = [("1", "sent", false), ("2", "not-sent", true), ("3", "not-sent", true)];
    let expected = expected.map(|(reference, outcome, by_ben)| (reference.to_owned(), outcome.to_owned(), by_ben));
    assert_eq!(outcomes, BTreeSet::from(expected));
    handle.clear_faults();
    handle.set_latency(Duration::ZERO);
    ben.press(id, "KeyPad4", "4").await;
    assert_eq!(ben.event("press").await["outcome"], "sent");
    assert_eq!(handle.keys_received(), ["KeyPad1", "KeyPad4"]);
    ben.send(json!({"release": {"phone": id}})).await;
    assert_eq!(ana.turned("released").await, (Value::Null, Value::Null, false));
    let trail = server.trail().await;
    let turns: Vec<_> = trail.iter().filter(|line| line.action.starts_with("drive")).collect();
    let turns: Vec<_> = turns
        .iter()
        .map(|line| (line.user_name.as_str(), line.action.as_str(), line.detail.as_str()))
        .collect();
    assert_eq!(
        turns,
        [("ben", "drive-released", ""), ("ben", "drive-taken", "from ana")]
    );
    server.close().await;
}

#[tokio::test]
async fn the_wheel_is_free_after_five_idle_minutes_and_15_s_after_the_driver_left() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let mut ben = helpdesk(&server, "ben", id).await;
    let mut ana = helpdesk(&server, "ana", id).await;
    ana.press(id, "KeyPad1", "").await;
    ben.turned("pressed").await;
    server.clock.advance(Duration::from_secs(4 * 60 + 59));
    ana.press(id, "KeyPad2", "").await;
    while ben.event("pressed").await["key"] != "KeyPad2" {}
    server.clock.advance(Duration::from_secs(4 * 60 + 59));
    assert_eq!(server.app.control.driver(PhoneId(id)).unwrap().name, "ana");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(ben.turned("idle").await, (Value::Null, Value::Null, false));
    // A page that is loaded again keeps it, however long the new one stays.
    ana.press(id, "KeyPad3", "").await;
    ben.turned("pressed").await;
    drop(ana);
    server.clock.advance(Duration::from_secs(14));
    let mut ana = helpdesk(&server, "ana", id).await;
    server.clock.advance(Duration::from_mins(1));
    ana.send(json!({"visible": false})).await;
    ana.press(id, "KeyPad4", "").await;
    assert_eq!(ana.event("press").await["outcome"], "sent", "hidden, but there");
    ana.send(json!({"unwatch": [id]})).await;
    // The answer says that what was sent before it has been done.
    ana.send(json!({"watch": [999_999]})).await;
    ana.event("error").await;
    server.clock.advance(Duration::from_secs(15));
    assert_eq!(ben.turned("left").await, (Value::Null, Value::Null, false));
    server.close().await;
}

#[tokio::test]
async fn who_may_no_longer_press_loses_the_wheel_and_the_connection() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let may: May<ManagePeople> = Viewer::system().may().unwrap();
    let mut ben = helpdesk(&server, "ben", id).await;
    let people = &server.app.security;
    for (name, ends) in [("ana", "role"), ("cid", "disabled")] {
        let mut driver = helpdesk(&server, name, id).await;
        driver.press(id, "KeyPad1", "").await;
        assert_eq!(ben.turned("pressed").await.0, json!(name));
        let user = server.person(name, Role::Helpdesk, None).await;
        match ends {
            "role" => people.set_role(&may, user, Role::Supervisor).await.unwrap(),
            _ => people.disable_user(&may, user).await.unwrap(),
        }
        assert_eq!(driver.closed().await, 4401, "{ends}");
        assert_eq!(ben.turned("left").await.0, Value::Null, "{ends}");
    }
    // Somebody else's change ends nothing here.
    ben.press(id, "KeyPad2", "").await;
    assert_eq!(ben.event("press").await["outcome"], "sent");
    server.close().await;
}

#[tokio::test]
async fn signing_out_ends_the_channel_of_that_session_alone() {
    let server = TestServer::start().await;
    server.person("helpdesk", Role::Helpdesk, None).await;
    let (own, first) = (format!("http://{}", server.address), cookie(&server, "helpdesk").await);
    let second = cookie(&server, "helpdesk").await;
    let connect = async |cookie: &str| {
        let headers = [("cookie", cookie), ("origin", own.as_str())];
        open(&server, &headers).await.ok().unwrap()
    };
    let (mut ended, mut other) = (connect(&first).await, connect(&second).await);
    let value = first.split_once('=').unwrap().1;
    let viewer = server
        .app
        .security
        .viewer_of_session(value, None)
        .await
        .unwrap()
        .unwrap();
    server.app.security.sign_out(&viewer).await.unwrap();
    assert_eq!(ended.closed().await, 4401);
    other.text("is anybody there").await;
    other.event("error").await;
    server.close().await;
}

#[tokio::test]
async fn who_looks_is_told_by_name_once_however_many_pages_they_have() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let mut ana = helpdesk(&server, "ana", id).await;
    assert_eq!(ana.viewers().await, (vec!["ana".to_owned()], 1));
    let mut supervisor = program(&server, Role::Supervisor).await;
    supervisor.send(json!({"tiles": [id]})).await;
    assert_eq!(
        ana.viewers().await,
        (vec!["ana".to_owned(), "supervisor".to_owned()], 2)
    );
    let second = helpdesk(&server, "ana", id).await;
    assert_eq!(ana.viewers().await.1, 2);
    drop(second);
    assert_eq!(ana.viewers().await.1, 2);
    // A tile is told nothing of viewers; a phone in the foreground is.
    supervisor.send(json!({"watch": [id]})).await;
    let told = supervisor.event("viewers").await;
    let viewers = told["viewers"].as_array().unwrap();
    assert_eq!(
        viewers[0],
        json!({"user": "ana", "role": "helpdesk", "recording": false})
    );
    assert_eq!((viewers.len(), &told["count"]), (2, &json!(2)));
    supervisor.send(json!({"visible": false})).await;
    while ana.viewers().await.1 != 1 {}
    server.close().await;
}

#[tokio::test]
async fn a_phone_goes_between_tile_and_foreground_without_being_left() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let mut channel = program(&server, Role::Supervisor).await;
    let attention = || {
        let audience = server.app.screens.audience(PhoneId(id));
        audience.values().map(|onlooker| onlooker.attention).collect::<Vec<_>>()
    };
    channel.send(json!({"tiles": [id, id]})).await;
    channel.picture().await;
    assert_eq!(attention(), [Attention::Tile]);
    let asked = handle.requests_for("/CGI/Screenshot");
    channel.send(json!({"watch": [id]})).await;
    channel.event("viewers").await;
    assert_eq!(attention(), [Attention::Foreground]);
    channel.send(json!({"tiles": [id]})).await;
    channel.send(json!({"watch": [999_999]})).await;
    channel.event("error").await;
    assert_eq!(attention(), [Attention::Tile]);
    assert_eq!(handle.requests_for("/CGI/Screenshot"), asked, "the watch went on");
    server.close().await;
}

#[tokio::test]
async fn many_requests_for_phones_that_are_not_there_end_the_connection_and_cost_little() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let mut channel = program(&server, Role::Supervisor).await;
    // Ten thousand at once, each many times: what exists is shown, of the rest a hundred are looked for.
    let mut many: Vec<i64> = (1_000_000..1_008_000).collect();
    many.extend([id; 200]);
    channel.send(json!({"watch": [id]})).await;
    channel.picture().await;
    channel.send(json!({ "watch": many })).await;
    let unknown = channel.event("error").await;
    let unknown = unknown["message"].as_str().unwrap();
    assert!(
        unknown.starts_with("no such phone: 1000000, ") && unknown.ends_with(" and 89 more"),
        "{unknown}"
    );
    assert_eq!(
        channel.event("error").await["message"],
        "at most 100 phones a connection"
    );
    assert_eq!(server.app.screens.viewers(PhoneId(id)), 1);
    // Ten thousand requests, one after the other.
    let (mut sink, mut stream) = channel.socket.split();
    let ending = async {
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Close(frame) = message {
                return frame.map(|frame| u16::from(frame.code));
            }
        }
        None
    };
    let sending = async {
        for number in 0..10_000_i64 {
            let ids = [id, 2_000_000 + number];
            let request = Message::text(json!({ "watch": ids }).to_string());
            if sink.send(request).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let closed = timeout(LIMIT, async {
        tokio::select! {
            code = ending => code,
            () = sending => None,
        }
    });
    assert_eq!(closed.await.unwrap(), Some(1008));
    while server.app.screens.viewers(PhoneId(id)) > 0 {
        tokio::task::yield_now().await;
    }
    server.close().await;
}

#[tokio::test]
async fn a_message_that_is_too_long_is_told_so() {
    let server = TestServer::empty(|_| {}).await;
    for message in [
        Message::text("x".repeat(65 * 1024)),
        Message::binary(vec![0; 512 * 1024]),
    ] {
        let mut channel = program(&server, Role::Helpdesk).await;
        channel.socket.send(message).await.unwrap();
        assert_eq!(channel.closed().await, 1009);
    }
    server.close().await;
}

#[tokio::test]
async fn behind_a_proxy_the_public_origin_counts_and_no_header_of_the_browser() {
    const PUBLIC: &str = "https://sidetone.example";
    let server = TestServer::empty(|config| {
        config.server.public_origin = PUBLIC.to_owned();
        config.server.trusted_proxies = vec![[127, 0, 0, 1].into()];
    })
    .await;
    server.person("helpdesk", Role::Helpdesk, None).await;
    let password = TestServer::password_of("helpdesk");
    let browser = server.nobody();
    let form = browser
        .request("POST", "/login")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-for", "203.0.113.9")
        .header("origin", PUBLIC)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("name=helpdesk&password={}", password.replace(' ', "+")));
    let answer = browser.send(form).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-sidetone="), "{}", answer.text());
    server.guard(cookie.split_once('=').unwrap().1);
    let proxied = |origin: &'static str| {
        [
            ("cookie", cookie.clone()),
            ("origin", origin.to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
            ("x-forwarded-for", "203.0.113.9".to_owned()),
            ("x-forwarded-host", "evil.example".to_owned()),
        ]
    };
    for foreign in ["https://evil.example", "http://sidetone.example", "null"] {
        let headers = proxied(foreign);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(open(&server, &headers).await.err(), Some(403), "{foreign}");
    }
    let headers = proxied(PUBLIC);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut channel = open(&server, &headers).await.ok().unwrap();
    channel.send(json!({"watch": [1]})).await;
    assert_eq!(channel.event("error").await["message"], "no such phone: 1");
    // Without TLS at the proxy there is no such cookie.
    assert_eq!(open(&server, &headers[..2]).await.err(), Some(401));
    server.close().await;
}

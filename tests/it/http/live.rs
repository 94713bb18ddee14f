//! The live channel (`docs/live.md`), spoken by a client of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;
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
    channel.press(id, "KeyPad2", "2").await;
    assert_eq!(channel.event("press").await["outcome"], "not-sent");
    assert_eq!(channel.closed().await, 4401);
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

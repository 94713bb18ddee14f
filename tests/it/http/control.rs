//! Keys and pushed items: order, limits, the trail, and phones that do not answer as they should.

use std::time::Duration;

use serde_json::{Value, json};
use sidetone::audit::Outcome as Trail;
use sidetone::control::{Outcome, Pressing};
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;
use sidetone::security::{PressKeys, Viewer};
use sidetone::simulator::Fault;
use sqlx::Connection as _;

use super::client::{Answer, Client};
use super::server::TestServer;

const EXECUTE: &str = "/CGI/Execute";

async fn press(client: &Client, phone: i64, keys: &[&str]) -> Answer {
    let path = format!("/api/v1/phones/{phone}/presses");
    client.json("POST", &path, &json!({ "keys": keys })).await
}

fn outcomes(answer: &Answer) -> Vec<Value> {
    let value = answer.value();
    let results = value["results"].as_array().unwrap();
    results.iter().map(|result| result["outcome"].clone()).collect()
}

#[tokio::test]
async fn keys_go_out_in_order_and_stop_at_the_first_that_is_not_taken() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.api(Role::Helpdesk).await;
    let keys = ["KeyPad1", "KeyPad2", "KeyPad2", "KeyPadStar", "Soft1"];
    let sent = press(&helpdesk, id, &keys).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(outcomes(&sent), ["sent"; 5]);
    assert_eq!(handle.keys_received(), keys);
    assert_eq!(
        handle.requests_for(EXECUTE),
        keys.len(),
        "one key a request, none twice"
    );
    assert_eq!(handle.most_concurrent_requests(), 1);
    let first = sent.value()["results"][0].clone();
    assert_eq!((&first["key"], &first["cause"]), (&json!("KeyPad1"), &Value::Null));
    assert!(first["duration_ms"].is_u64());
    handle.set_fault(Fault::Error(4));
    let refused = press(&helpdesk, id, &["KeyPad7", "KeyPad8", "KeyPad9"]).await;
    assert_eq!(refused.status, 200);
    assert_eq!(outcomes(&refused), ["refused", "not-sent", "not-sent"]);
    assert_eq!(refused.value()["results"][0]["cause"], "authentication-refused");
    assert_eq!(handle.keys_received(), keys);
    server.close().await;
}

#[tokio::test]
async fn keys_that_the_model_lacks_or_too_many_of_them_reach_nothing() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("7811");
    let helpdesk = server.api(Role::Helpdesk).await;
    let many = vec!["KeyPad1"; 65];
    for keys in [&[][..], &["KeyPad1", "Session1"], &["KeyPad1", "Nothing"], &[""], &many] {
        let problem = press(&helpdesk, id, keys).await.problem(422);
        assert!(
            problem["detail"].as_str().unwrap().contains("Nothing was sent"),
            "{problem}"
        );
    }
    press(&helpdesk, 999_999, &["KeyPad1"]).await.problem(404);
    let (_, without) = server.phone("ATA 187");
    let blocked = press(&helpdesk, without, &["KeyPad1"]).await.problem(409);
    assert_eq!(blocked["cause"], "model-without-control");
    assert_eq!(handle.requests().len(), 0);
    server.close().await;
}

/// Queues a key; the answer comes later.
async fn queue(server: &TestServer, viewer: &Viewer, phone: i64, key: &str) -> Pressing {
    let may = viewer.may::<PressKeys>().unwrap();
    let keys = vec![key.parse().unwrap()];
    server.app.control.press(&may, PhoneId(phone), keys).await.unwrap()
}

async fn viewer(server: &TestServer, name: &str) -> Viewer {
    let user = server.person(name, Role::Helpdesk, None).await;
    let token = server.token_of(user).await;
    server
        .app
        .security
        .viewer_of_token(&token, None)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_failed_key_takes_those_with_it_that_the_same_viewer_had_queued() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let ana = viewer(&server, "ana").await;
    handle.set_latency(Duration::from_millis(500));
    handle.set_fault(Fault::Error(4));
    let first = queue(&server, &ana, id, "KeyPad1").await;
    let second = queue(&server, &ana, id, "KeyPad2").await;
    // The line is there before the phone has answered.
    while handle.requests_for(EXECUTE) == 0 {
        tokio::task::yield_now().await;
    }
    let trail = server.trail().await;
    assert_eq!(
        (trail[0].detail.as_str(), trail[0].outcome),
        ("KeyPad1", Trail::Started)
    );
    let first = first.outcome().await.remove(0);
    let second = second.outcome().await.remove(0);
    assert_eq!((first.outcome, second.outcome), (Outcome::Refused, Outcome::NotSent));
    assert_eq!(second.trouble, first.trouble);
    let trail = server.trail().await;
    let presses = trail.iter().filter(|line| line.action == "press");
    let told: Vec<_> = presses
        .map(|line| (line.user_name.as_str(), line.detail.as_str(), line.outcome, line.cause))
        .collect();
    let cause = first.trouble.map(|trouble| trouble.cause);
    assert_eq!(told, [("ana", "KeyPad1", Trail::Refused, cause)]);
    assert_eq!(handle.keys_received().len(), 0);
    server.close().await;
}

#[tokio::test]
async fn nothing_is_pressed_that_the_trail_cannot_hold() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.api(Role::Helpdesk).await;
    let mut database = sqlx::SqliteConnection::connect(&server.database()).await.unwrap();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(FAIL, 'full'); END";
    sqlx::query(trigger).execute(&mut database).await.unwrap();
    assert_eq!(
        outcomes(&press(&helpdesk, id, &["KeyPad1", "KeyPad2"]).await),
        ["not-sent"; 2]
    );
    let items = json!({"items": [{"url": "Key:KeyPad1"}]});
    let pushed = helpdesk
        .json("POST", &format!("/api/v1/phones/{id}/executions"), &items)
        .await;
    assert!(pushed.status >= 400, "{}", pushed.text());
    assert_eq!(handle.requests().len(), 0);
    sqlx::query("DROP TRIGGER full").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    assert_eq!(outcomes(&press(&helpdesk, id, &["KeyPad3"]).await), ["sent"]);
    assert_eq!(handle.keys_received(), ["KeyPad3"]);
    server.close().await;
}

async fn execute(client: &Client, phone: i64, body: &Value) -> Answer {
    client
        .json("POST", &format!("/api/v1/phones/{phone}/executions"), body)
        .await
}

fn items(urls: &[&str]) -> Value {
    let items: Vec<_> = urls.iter().map(|url| json!({ "url": url })).collect();
    json!({ "items": items })
}

#[tokio::test]
async fn items_are_pushed_within_the_limits_of_phones_and_of_safety() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.api(Role::Helpdesk).await;
    let long = format!("http://127.0.0.1/{}", "x".repeat(256));
    for refused in [
        items(&[]),
        items(&["Key:KeyPad1", "Play:Chime.raw", "Init:Services", "Vibrate:1"]),
        items(&["Key:KeyPad1", "Key:KeyPad2"]),
        items(&["http://127.0.0.1/a", "https://127.0.0.1/b"]),
        items(&["Play:Piano2.raw"]),
        items(&["Play:PIANO2.RAW"]),
        items(&["Key:NoSuchKey"]),
        items(&["Key:"]),
        items(&["hello"]),
        items(&[""]),
        items(&["file:///etc/passwd"]),
        items(&["Key:KeyPad1 "]),
        items(&["Dial:1\u{e9}"]),
        items(&[&long]),
        json!({"items": [{"url": "Key:KeyPad1", "priority": 3}]}),
    ] {
        execute(&helpdesk, id, &refused).await.problem(422);
    }
    for number in [
        "Dial:112",
        "Dial:0112",
        "Dial:911",
        "EditDial:999",
        "SendDigits:112",
        "Dial:1-1-2",
    ] {
        let problem = execute(&helpdesk, id, &items(&[number])).await.problem(409);
        assert!(
            problem["detail"].as_str().unwrap().contains("emergency_confirmed"),
            "{problem}"
        );
    }
    assert_eq!(handle.requests().len(), 0);
    let mut confirmed = items(&["Dial:112"]);
    confirmed["emergency_confirmed"] = json!(true);
    let dialled = execute(&helpdesk, id, &confirmed).await;
    assert_eq!(dialled.status, 200, "{}", dialled.text());
    let item = dialled.value()["items"][0].clone();
    assert_eq!((&item["url"], &item["status"]), (&json!("Dial:112"), &json!(0)));
    assert!(item["data"].is_string());
    let pushed = execute(&helpdesk, id, &items(&["Key:KeyPad4"])).await;
    assert_eq!(pushed.status, 200);
    assert_eq!(handle.keys_received(), ["KeyPad4"]);
    let trail = server.trail().await;
    let told: Vec<_> = trail.iter().filter(|line| line.action == "execute").collect();
    let told: Vec<_> = told.iter().map(|line| (line.detail.as_str(), line.outcome)).collect();
    assert_eq!(
        told,
        [("Key", Trail::Done), ("Dial", Trail::Done)],
        "without the digits"
    );
    server.close().await;
}

#[tokio::test]
async fn a_phone_that_answers_badly_or_never_delays_no_other() {
    let server = TestServer::with(|config| config.phones.read_timeout_ms = 500).await;
    let viewer = server.api(Role::Helpdesk).await;
    let screen = |id: i64| {
        let viewer = viewer.clone();
        async move { viewer.get(&format!("/api/v1/phones/{id}/screen")).await }
    };
    let (_, healthy) = server.phone("8841");
    for (model, fault, status) in [
        ("8845", Fault::Silent, 504),
        ("8851", Fault::EndlessBody, 502),
        ("8865", Fault::HugeBody, 502),
        ("7965", Fault::GarbagePicture, 502),
    ] {
        let (handle, id) = server.phone(model);
        handle.set_fault(fault.clone());
        let mut bad = std::pin::pin!(screen(id));
        if fault == Fault::Silent {
            let good = tokio::select! {
                biased;
                bad = &mut bad => panic!("{fault:?} came first: {}", bad.status),
                good = screen(healthy) => good,
            };
            assert_eq!(good.status, 200);
        }
        let bad = bad.await;
        assert_eq!(bad.status, status, "{fault:?}: {}", bad.text());
        assert_eq!(outcomes(&press(&viewer, healthy, &["KeyPad1"]).await), ["sent"]);
    }
    server.close().await;
}

#[tokio::test]
async fn a_press_in_doubt_is_told_and_never_repeated() {
    let server = TestServer::with(|config| config.phones.read_timeout_ms = 300).await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.api(Role::Helpdesk).await;
    handle.set_fault(Fault::Silent);
    let doubt = press(&helpdesk, id, &["KeyPad1", "KeyPad2"]).await;
    assert_eq!(outcomes(&doubt), ["failed", "not-sent"]);
    let first = doubt.value()["results"][0].clone();
    assert_eq!(first["cause"], "phone-not-answering");
    assert!(
        first["evidence"]
            .as_str()
            .unwrap()
            .contains("may have reached the phone"),
        "{first}"
    );
    let asked = handle.requests_for(EXECUTE);
    assert!(asked <= 1, "{asked} requests for one key");
    handle.clear_faults();
    assert_eq!(outcomes(&press(&helpdesk, id, &["KeyPad3"]).await), ["sent"]);
    assert_eq!(handle.wait_for_keys(1).await, ["KeyPad3"]);
    server.close().await;
}

#[tokio::test]
async fn programs_and_forms_take_a_free_wheel_and_no_other() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let (ana, ben) = (
        server.person("ana", Role::Helpdesk, None).await,
        server.person("ben", Role::Helpdesk, None).await,
    );
    let (ana, program) = (server.program_of(ana).await, server.program_of(ben).await);
    let phone = format!("/api/v1/phones/{id}");
    assert_eq!(ana.get(&phone).await.value()["driver"], Value::Null);
    assert_eq!(outcomes(&press(&ana, id, &["KeyPad1"]).await), ["sent"]);
    let since = server.clock.now().to_string();
    let driver = json!({"user": "ana", "since": since});
    assert_eq!(program.get(&phone).await.value()["driver"], driver);
    let found = program.get("/api/v1/phones?q=model:8845").await.value();
    assert_eq!(found["items"][0]["driver"], driver);
    let problem = press(&program, id, &["KeyPad2"]).await.problem(409);
    assert_eq!((&problem["driver"], &problem["phone"]), (&driver, &json!(id)));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("ana has been driving this phone since"), "{detail}");
    assert!(detail.ends_with("nothing was sent."), "{detail}");
    let pushed = execute(&program, id, &items(&["Key:KeyPad2"])).await.problem(409);
    assert_eq!(pushed["driver"], driver);
    // The page without script says the same, with a way to take over.
    let browser = server.browser_of("ben").await;
    let refused = browser
        .post_form(&format!("/phones/{id}/presses"), &[("key", "KeyPad2")])
        .await;
    assert_eq!(
        refused.page(422).texts(".press-trouble .title span"),
        ["Somebody else drives this phone"]
    );
    let form = format!("/phones/{id}/driver");
    let beside_the_failure = format!(".press-trouble form[action=\"{form}\"] button[name=action]");
    assert_eq!(refused.all(&beside_the_failure, "value"), ["take"]);
    browser.post_form(&form, &[("action", "steal")]).await.page(422);
    let taken = browser.post_form(&form, &[("action", "take")]).await;
    assert_eq!(
        (taken.status, taken.location()),
        (303, format!("/phones/{id}").as_str())
    );
    let pressed = browser
        .post_form(&format!("/phones/{id}/presses"), &[("key", "KeyPad3")])
        .await;
    assert_eq!(pressed.status, 303, "{}", pressed.text());
    // A token of the same person drives as well.
    assert_eq!(outcomes(&press(&program, id, &["KeyPad4"]).await), ["sent"]);
    press(&ana, id, &["KeyPad5"]).await.problem(409);
    browser.post_form(&form, &[("action", "release")]).await;
    assert_eq!(program.get(&phone).await.value()["driver"], Value::Null);
    // Without a connection that watches, the wheel is free 15 s after the last key.
    assert_eq!(outcomes(&press(&ana, id, &["KeyPad6"]).await), ["sent"]);
    let mut wheel = server.app.control.follow(PhoneId(id));
    server.clock.advance(Duration::from_secs(15));
    wheel.wait_for(|wheel| wheel.driver.is_none()).await.unwrap();
    assert_eq!(handle.keys_received(), ["KeyPad1", "KeyPad3", "KeyPad4", "KeyPad6"]);
    server.close().await;
}

#[tokio::test]
async fn the_wheel_stays_where_it_is_when_the_trail_cannot_say_that_it_moved() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let (ana, ben) = (viewer(&server, "ana").await, viewer(&server, "ben").await);
    let control = &server.app.control;
    control.drive(&ana.may().unwrap(), PhoneId(id)).await.unwrap();
    let mut database = sqlx::SqliteConnection::connect(&server.database()).await.unwrap();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(FAIL, 'full'); END";
    sqlx::query(trigger).execute(&mut database).await.unwrap();
    let taken = control.drive(&ben.may().unwrap(), PhoneId(id)).await;
    assert!(taken.unwrap_err().to_string().starts_with("nothing was changed"));
    assert_eq!(control.driver(PhoneId(id)).unwrap().name, "ana");
    database.close().await.unwrap();
    server.close().await;
}

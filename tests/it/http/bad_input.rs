//! What bad input gets: a clear 4xx, nothing changed, nothing sent to a phone, no secret told.

use serde_json::{Value, json};
use sidetone::domain::role::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::server::{CUCM_PASSWORD, TestServer};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused() {
    let server = TestServer::start().await;
    let (admin, program) = (server.signed_in_as(Role::Admin).await, server.api(Role::Admin).await);
    let before = server.trail().await.len();
    let csrf = admin.csrf().await;
    let large = "x".repeat(1024 * 1024 + 1);
    for (method, path) in [("POST", "/api/v1/clusters"), ("PATCH", "/api/v1/clusters/1")] {
        program.text(method, path, JSON, large.clone()).await.problem(413);
    }
    for path in ["/people", "/clusters", "/login", "/account/password"] {
        let form = admin.request("POST", path).header("content-type", FORM);
        let form = form.header("x-csrf-token", &csrf).body(large.clone());
        admin.send(form).await.page(413);
        let form = admin.request("POST", path).header("content-type", FORM);
        admin
            .send(form.body(format!("csrf={csrf}&name={large}")))
            .await
            .page(413);
    }
    server
        .nobody()
        .post_fields("/login", &[("name", &large)])
        .await
        .page(413);
    assert_eq!(server.trail().await.len(), before);
    server.close().await;
}

#[tokio::test]
async fn a_body_of_ten_mebibytes_is_not_waited_for() {
    let server = TestServer::empty(|_| {}).await;
    for path in ["/login", "/api/v1/clusters"] {
        let user = server.person("admin", Role::Admin, None).await;
        let token = server.token_of(user).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: {}\r\n\
             Content-Length: 10485760\r\n\r\n",
            if path == "/login" { FORM } else { JSON },
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; 1024 * 1024 + 1]).await.unwrap();
        let mut answer = vec![0; 64];
        let read = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");
    }
    server.close().await;
}

#[tokio::test]
async fn text_that_is_none_and_bodies_of_the_wrong_shape_are_refused() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let program = server.api(Role::Helpdesk).await;
    let presses = format!("/api/v1/phones/{id}/presses");
    let executions = format!("/api/v1/phones/{id}/executions");
    for (body, status) in [
        (&b"{\"keys\":[\"\xff\xfe\"]}"[..], 400),
        (b"", 400),
        (b"{", 400),
        (b"{\"keys\":[\"KeyPad1\"]} more", 400),
        (b"[]", 422),
        (b"null", 422),
        (b"\"KeyPad1\"", 422),
        (b"{}", 422),
        (b"{\"keys\":\"KeyPad1\"}", 422),
        (b"{\"keys\":[1]}", 422),
        (b"{\"keys\":[\"KeyPad1\"],\"repeat\":2}", 422),
        (b"{\"keys\":[\"KeyPad1\"],\"keys\":[\"KeyPad2\"]}", 422),
    ] {
        let answer = program.text("POST", &presses, JSON, body).await;
        answer.problem(status);
    }
    let deep = "[".repeat(100_000);
    program
        .text("POST", &presses, JSON, format!(r#"{{"keys":{deep}"#))
        .await
        .problem(422);
    for kind in ["text/plain", FORM, "multipart/form-data", ""] {
        let answer = program.text("POST", &presses, kind, r#"{"keys":["KeyPad1"]}"#).await;
        answer.problem(415);
    }
    for item in [
        json!({"url": 5}),
        json!("Key:KeyPad1"),
        json!({"url": "Key:KeyPad1", "priority": -1}),
    ] {
        program
            .json("POST", &executions, &json!({"items": [item]}))
            .await
            .problem(422);
    }
    let form = format!("/phones/{id}/presses");
    let csrf = helpdesk.csrf().await;
    for body in ["key=%ff", "key=KeyPad1&key=KeyPad2", "no=key"] {
        let answer = helpdesk.text("POST", &form, FORM, format!("csrf={csrf}&{body}")).await;
        answer.page(400);
    }
    helpdesk
        .text("POST", &form, JSON, format!(r#"{{"csrf":"{csrf}","key":"KeyPad1"}}"#))
        .await
        .page(403);
    helpdesk.get("/phones?q=%ff").await.page(400);
    program.get("/api/v1/phones?q=%ff").await.problem(400);
    assert_eq!(handle.requests().len(), 0);
    server.close().await;
}

#[tokio::test]
async fn numbers_cursors_and_names_that_mean_nothing_are_refused() {
    let server = TestServer::start().await;
    let admin = server.api(Role::Admin).await;
    for list in ["phones", "jobs", "events"] {
        for query in [
            "limit=0",
            "limit=-1",
            "limit=501",
            "limit=many",
            "limit=5&limit=6",
            "cursor=%00nonsense",
            "colour=red",
        ] {
            let answer = admin.get(&format!("/api/v1/{list}?{query}")).await;
            assert_eq!(answer.status, 400, "{list} {query}: {}", answer.text());
            answer.problem(400);
        }
    }
    for query in [
        "status=asleep",
        "readiness=maybe",
        "sort=colour",
        "cluster=x",
        "cluster=9999999999999999999",
    ] {
        admin.get(&format!("/api/v1/phones?{query}")).await.problem(400);
    }
    admin.get("/api/v1/events?since=yesterday").await.problem(400);
    for id in [
        "999999",
        "-1",
        "0",
        "abc",
        "1.5",
        "9223372036854775808",
        "%00",
        "%ff",
        "..%2f1",
    ] {
        for kind in ["phones", "clusters", "jobs"] {
            let answer = admin.get(&format!("/api/v1/{kind}/{id}")).await;
            assert_eq!(answer.status, 404, "{kind} {id}: {}", answer.text());
            answer.problem(404);
        }
    }
    for (method, path, status) in [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/v1/", 404),
        ("DELETE", "/api/v1/phones", 405),
        ("PUT", "/api/v1/clusters/1", 405),
        ("GET", "/api/v1/phones/1/presses", 405),
    ] {
        let answer = admin.json(method, path, &json!({})).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    let browser = server.signed_in_as(Role::Admin).await;
    browser.get("/nothing").await.page(404);
    let csrf = browser.csrf().await;
    let put = browser.request("DELETE", "/people").header("x-csrf-token", csrf);
    browser.send(put).await.page(405);
    // What is looked for may be anything; it finds something or nothing.
    for q in [
        "%22",
        "%27%20OR%201%3D1",
        "dn%3A",
        "%21",
        "a%22b*",
        "%00",
        "NEAR(",
        "-",
        "%25",
        "model%3A%22",
    ] {
        let found = admin.get(&format!("/api/v1/phones?q={q}")).await;
        assert!(found.status == 200 || found.status == 400, "{q}: {}", found.text());
    }
    let long = "x".repeat(8_000);
    let found = admin.get(&format!("/api/v1/phones?q={long}")).await;
    assert!(found.status == 200 || found.status == 400, "{}", found.text());
    server.close().await;
}

fn cluster(change: &[(&str, Value)]) -> Value {
    let mut body = json!({
        "name": "New", "host": "127.0.0.1", "login": {"username": "axl", "password": CUCM_PASSWORD},
        "tls": {"mode": "insecure"}, "phone_networks": ["127.20.0.0/16"],
    });
    for (name, value) in change {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_cluster_that_breaks_the_rules_is_refused_field_by_field() {
    let server = TestServer::start().await;
    let admin = server.api(Role::Admin).await;
    let before = server.trail().await.len();
    let login = |name: &str, password: &str| json!({"username": name, "password": password});
    for (field, told, value) in [
        ("name", "name", json!("")),
        ("name", "name", json!("x".repeat(65))),
        ("name", "name", json!("a\u{0}b")),
        ("host", "host", json!("https://cucm")),
        ("host", "host", json!("x".repeat(300))),
        ("port", "port", json!(0)),
        ("port", "port", json!(65_536)),
        ("phone_http_port", "phone_http_port", json!(70_000)),
        ("login", "login.username", login("a:b", "p")),
        ("login", "login.username", login(&"x".repeat(129), "p")),
        ("login", "login.password", login("axl", "")),
        ("login", "login.password", login("axl", &"x".repeat(129))),
        ("control_login", "control_login.password", json!({"username": "paging"})),
        ("tls", "tls.mode", json!({"mode": "maybe"})),
        ("tls", "tls.fingerprint_sha256", json!({"mode": "pinned"})),
        (
            "tls",
            "tls.fingerprint_sha256",
            json!({"mode": "pinned", "fingerprint_sha256": "12:34"}),
        ),
        ("tls", "tls.ca_pem", json!({"mode": "ca", "ca_pem": "hello"})),
        ("phone_networks", "phone_networks", json!([])),
        ("phone_networks", "phone_networks", json!(["10.0.0.0/33"])),
        ("phone_networks", "phone_networks", json!(["10.0.0/8"])),
        ("phone_networks", "phone_networks", json!(["everywhere"])),
    ] {
        let answer = admin
            .json("POST", "/api/v1/clusters", &cluster(&[(field, value.clone())]))
            .await;
        let problem = answer.problem(422);
        let errors = problem["errors"].as_object().unwrap();
        assert_eq!(errors.keys().collect::<Vec<_>>(), [told], "{value}: {problem}");
    }
    for (field, value) in [
        ("port", json!(-1)),
        ("port", json!("8443")),
        ("phone_networks", json!("10.0.0.0/8")),
        ("colour", json!(1)),
    ] {
        admin
            .json("POST", "/api/v1/clusters", &cluster(&[(field, value)]))
            .await
            .problem(422);
    }
    let here = format!("/api/v1/clusters/{}", server.cluster);
    admin
        .json("PATCH", &here, &json!({"phone_networks": ["10.0.0.0/99"]}))
        .await
        .problem(422);
    admin.json("PATCH", &here, &json!({"colour": "red"})).await.problem(422);
    assert_eq!(server.trail().await.len(), before, "nothing was changed");
    assert_eq!(admin.get("/api/v1/clusters").await.value()["total"], 1);
    server.close().await;
}

#[tokio::test]
async fn addresses_outside_the_networks_get_nothing() {
    let server = TestServer::start().await;
    let helpdesk = server.api(Role::Helpdesk).await;
    let add = |address: &str| json!({"cluster_id": server.cluster.0, "address": address});
    for address in [
        "192.0.2.1",
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "127.1",
        "0x7f.1",
        "host",
        "",
        "127.20.0.1:80",
    ] {
        helpdesk
            .json("POST", "/api/v1/phones", &add(address))
            .await
            .problem(422);
    }
    let unknown = json!({"cluster_id": 999, "address": "127.20.0.1"});
    helpdesk.json("POST", "/api/v1/phones", &unknown).await.problem(404);
    // A phone that was inside is not reached any more once its network is gone.
    let (handle, id) = server.phone("8845");
    let admin = server.api(Role::Admin).await;
    let here = format!("/api/v1/clusters/{}", server.cluster);
    let moved = admin
        .json("PATCH", &here, &json!({"phone_networks": ["10.0.0.0/8"]}))
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    let phone = format!("/api/v1/phones/{id}");
    let screen = helpdesk.get(&format!("{phone}/screen")).await;
    assert!((400..600).contains(&screen.status));
    screen.problem(screen.status);
    let press = json!({"keys": ["KeyPad1"]});
    let pressed = helpdesk.json("POST", &format!("{phone}/presses"), &press).await;
    pressed.problem(pressed.status);
    assert_eq!(handle.requests().len(), 0);
    server.close().await;
}

#[tokio::test]
async fn a_wrong_password_or_pin_of_cucm_is_told_by_its_cause() {
    let server = TestServer::start().await;
    let admin = server.api(Role::Admin).await;
    let here = format!("/api/v1/clusters/{}", server.cluster);
    let wrong = "Canary-wrong-0815";
    server.guard(wrong);
    for (patch, cause) in [
        (json!({"login": {"password": wrong}}), "cucm-login-rejected"),
        (
            json!({"tls": {"mode": "pinned", "fingerprint_sha256": "00".repeat(32)}}),
            "cucm-tls-untrusted",
        ),
        (json!({"port": 1}), "cucm-unreachable"),
    ] {
        assert_eq!(admin.json("PATCH", &here, &patch).await.status, 200);
        let job = admin.json("POST", &format!("{here}/syncs"), &json!({})).await.value()["job"]["id"].clone();
        server.end_of_job(job.as_i64().unwrap()).await;
        let told = admin.get(&format!("/api/v1/jobs/{job}")).await.value();
        assert_eq!(
            (&told["state"], &told["cause"]),
            (&json!("failed"), &json!(cause)),
            "{told}"
        );
        assert_eq!(
            admin.get("/api/v1/phones").await.value()["total"],
            json!(server.count())
        );
    }
    server.close().await;
}

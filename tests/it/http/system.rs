//! Health, metrics, static files, and the headers that every answer carries.

use serde_json::json;
use sidetone::domain::role::Role;

use super::client::Answer;
use super::server::TestServer;

#[tokio::test]
async fn health_readiness_and_metrics_are_told() {
    let server = TestServer::start().await;
    let nobody = server.nobody();
    let health = nobody.get("/healthz").await;
    assert_eq!((health.status, health.text().as_str()), (200, "ok\n"));
    let ready = nobody.get("/readyz").await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"));
    let (_, id) = server.phone("8845");
    let helpdesk = server.api(Role::Helpdesk).await;
    let keys = json!({"keys": ["KeyPad1"]});
    helpdesk
        .json("POST", &format!("/api/v1/phones/{id}/presses"), &keys)
        .await;
    helpdesk.get(&format!("/api/v1/phones/{id}/screen")).await;
    let metrics = nobody.get("/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = metrics.text();
    for line in [
        "sidetone_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"}",
        "sidetone_presses_total{outcome=\"sent\",cause=\"\"}",
        "sidetone_screenshots_total{cause=\"none\"}",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains(&format!("/phones/{id}")), "routes, not paths");
    server.app.store.close().await;
    let ready = nobody.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(nobody.get("/healthz").await.status, 200);
    server.close().await;
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_with_their_token() {
    let secret = "canary-metrics-77";
    let server = TestServer::empty(|config| config.telemetry.metrics_token = secret.to_owned().into()).await;
    server.guard(secret);
    let nobody = server.nobody();
    let through_a_proxy = |token: &str| {
        let request = nobody
            .request("GET", "/metrics")
            .header("x-forwarded-for", "203.0.113.9");
        nobody.send(request.header("authorization", format!("Bearer {token}")))
    };
    through_a_proxy("").await.problem(403);
    through_a_proxy("canary-metrics-78").await.problem(403);
    assert_eq!(through_a_proxy(secret).await.status, 200);
    server.close().await;
}

fn guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe"), "{what}");
    assert!(policy.contains("frame-ancestors 'none'"), "{what}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers_of_safety_and_is_not_stored() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let admin = server.signed_in_as(Role::Admin).await;
    let program = server.api(Role::Admin).await;
    let nobody = server.nobody();
    let answers = [
        ("a page", admin.get("/phones").await),
        ("a redirect", admin.get("/").await),
        ("to the sign-in", nobody.get("/phones").await),
        ("the sign-in", nobody.get("/login").await),
        ("no such page", admin.get("/nothing").await),
        ("a malformed query", admin.get("/phones?page=x").await),
        ("no token of the form", admin.post_fields("/logout", &[]).await),
        ("a wrong password", nobody.post_fields("/login", &[]).await),
        ("a picture", admin.get(&format!("/phones/{id}/screen")).await),
        ("a list of the API", program.get("/api/v1/phones").await),
        ("a problem", program.get("/api/v1/phones/0").await),
        ("no token", nobody.get("/api/v1/phones").await),
        ("no method", program.json("PUT", "/api/v1/phones", &json!({})).await),
        (
            "too large",
            nobody.post_fields("/login", &[("name", &"x".repeat(2_000_000))]).await,
        ),
        ("health", nobody.get("/healthz").await),
        ("metrics", nobody.get("/metrics").await),
        ("no upgrade", program.get("/live").await),
        ("the document", nobody.get("/api/v1/openapi.json").await),
    ];
    for (what, answer) in &answers {
        guarded(answer, what);
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
    let inline = admin.get(&format!("/phones/{id}")).await;
    assert_eq!(inline.all("script:not([src])", "type").len(), 0);
    assert_eq!(inline.all("[style]", "style").len() + inline.texts("style").len(), 0);
    assert_eq!(inline.all("[onclick]", "onclick").len(), 0);
    server.close().await;
}

#[tokio::test]
async fn static_files_are_served_to_all_and_what_is_none_is_not_found() {
    let server = TestServer::empty(|_| {}).await;
    let nobody = server.nobody();
    let page = nobody.get("/login").await;
    let mut files = page.all("link[href]", "href");
    files.extend(page.all("script[src]", "src"));
    files.extend(page.all("img[src]", "src"));
    assert!(files.len() >= 3);
    for file in files {
        assert!(file.starts_with("/static/"), "{file} is of another host");
        let answer = nobody.get(&file).await;
        guarded(&answer, &file);
        assert_eq!(answer.status, 200, "{file}");
        // A build for tests reads them from the disk, where they change.
        let kept = answer.header("cache-control");
        let expected = if cfg!(debug_assertions) {
            "no-cache"
        } else {
            "public, max-age=31536000, immutable"
        };
        assert_eq!(kept, expected, "{file}");
        let again = nobody
            .request("GET", &file)
            .header("if-none-match", answer.header("etag"));
        assert_eq!(nobody.send(again).await.status, 304);
    }
    for path in [
        "/static/none.css",
        "/static/",
        "/static/%2e%2e/Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%00",
    ] {
        let answer = nobody.get(path).await;
        assert!(
            answer.status == 404 || answer.status == 303,
            "{path}: {}",
            answer.status
        );
        guarded(&answer, path);
        assert!(!answer.text().contains("[package]"));
    }
    server.close().await;
}

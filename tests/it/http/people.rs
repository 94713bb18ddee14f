//! Signing in and out, the set-up link, people, one's own account, the trail.

use std::time::Duration;

use sidetone::domain::role::Role;

use super::client::{Answer, Client};
use super::server::TestServer;

async fn sign_in(browser: &Client, name: &str, password: &str, next: &str) -> Answer {
    let fields = [("name", name), ("password", password), ("next", next)];
    browser.post_fields("/login", &fields).await
}

#[tokio::test]
async fn people_sign_in_go_where_they_wanted_and_sign_out() {
    let server = TestServer::start().await;
    server.person("grace", Role::Helpdesk, None).await;
    let password = TestServer::password_of("grace");
    let browser = server.nobody();
    let sent = browser.get("/phones?q=ana&page=1").await;
    assert_eq!(sent.status, 303);
    let form = browser.get(sent.location()).await;
    assert_eq!(form.page(200).first("[name=next]", "value"), "/phones?q=ana&page=1");
    let wrong = sign_in(&browser, "grace", "wrong", "/phones?q=ana").await;
    assert_eq!(wrong.page(422).texts("[role=alert]").len(), 1);
    assert_eq!(wrong.first("[name=name]", "value"), "grace");
    assert_eq!(wrong.first("[name=next]", "value"), "/phones?q=ana");
    assert_eq!(wrong.first("[name=password]", "value"), "");
    assert!(!wrong.header("set-cookie").contains("sidetone="));
    let nobody = sign_in(&browser, "nobody", "wrong", "").await;
    assert_eq!(
        nobody.page(422).texts("[role=alert]"),
        wrong.texts("[role=alert]"),
        "who exists is not told"
    );
    for (next, goes) in [
        ("/phones?q=ana", "/phones?q=ana"),
        ("", "/phones"),
        ("//evil.example", "/phones"),
        ("https://evil.example/", "/phones"),
        ("/\\evil.example", "/phones"),
    ] {
        let browser = server.nobody();
        let answer = sign_in(&browser, "GRACE", &password, next).await;
        assert_eq!((answer.status, answer.location()), (303, goes), "{next}");
        let cookie = answer.header("set-cookie");
        for part in ["sidetone=", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(part), "{part}");
        }
    }
    sign_in(&browser, "grace", &password, "").await;
    assert_eq!(browser.get("/login?next=%2Fjobs").await.location(), "/jobs");
    let csrf = browser.csrf().await;
    let out = browser.post_form("/logout", &[]).await;
    assert_eq!((out.status, out.location()), (303, "/login"));
    assert_eq!(browser.get("/account").await.status, 303);
    let replayed = browser
        .request("POST", "/account/sessions/end")
        .header("x-csrf-token", csrf);
    assert_eq!(browser.send(replayed).await.location(), "/login");
    server.close().await;
}

#[tokio::test]
async fn a_session_ends_with_its_cookie_kept_and_by_time() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    server.clock.advance(Duration::from_hours(7));
    assert_eq!(browser.get("/account").await.status, 200);
    server.clock.advance(Duration::from_hours(7));
    assert_eq!(browser.get("/account").await.status, 200, "every request counts");
    server.clock.advance(Duration::from_hours(9));
    assert_eq!(browser.get("/account").await.status, 303);
    server.close().await;
}

#[tokio::test]
async fn guessing_a_password_is_slowed_down() {
    let server = TestServer::empty(|_| {}).await;
    server.person("grace", Role::Helpdesk, None).await;
    let password = TestServer::password_of("grace");
    let browser = server.nobody();
    for _ in 0..5 {
        sign_in(&browser, "grace", "wrong", "").await.page(422);
    }
    let slowed = sign_in(&browser, "grace", &password, "").await;
    assert_eq!(slowed.page(429).header("retry-after"), "5");
    assert_eq!(slowed.all("[data-countdown]", "data-countdown"), ["5"]);
    server.clock.advance(Duration::from_secs(5));
    assert_eq!(sign_in(&browser, "grace", &password, "").await.status, 303);
    server.close().await;
}

#[tokio::test]
async fn the_set_up_link_serves_once() {
    let server = TestServer::empty(|_| {}).await;
    let link = server.setup_path.clone().unwrap();
    let token = link.split_once("token=").unwrap().1;
    let browser = server.nobody();
    browser.get("/setup?token=wrong").await.page(410);
    assert_eq!(browser.get("/login").await.page(200).texts("[role=alert]").len(), 1);
    browser.get(&link).await.page(200);
    let password = TestServer::password_of("first");
    server.guard(&password);
    let set_up = async |token: &str, name: &str, password: &str, again: &str| {
        let fields = [
            ("token", token),
            ("name", name),
            ("password", password),
            ("password_again", again),
        ];
        browser.post_fields("/setup", &fields).await
    };
    set_up(token, "first", &password, "another").await.page(422);
    set_up(token, "", &password, &password).await.page(422);
    set_up(token, "first", "short", "short").await.page(422);
    set_up("wrong", "first", &password, &password).await.page(410);
    let done = set_up(token, "first", &password, &password).await;
    assert_eq!((done.status, done.location()), (303, "/phones"));
    assert_eq!(
        browser.get("/people").await.page(200).texts("h1").len(),
        1,
        "an admin, signed in"
    );
    let late = [
        ("token", token),
        ("name", "second"),
        ("password", &password),
        ("password_again", &password),
    ];
    server.nobody().post_fields("/setup", &late).await.page(410);
    server.nobody().get(&link).await.page(410);
    server.close().await;
}

#[tokio::test]
async fn an_admin_adds_changes_and_disables_people() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let password = TestServer::password_of("linus");
    server.guard(&password);
    let add = async |name: &str, role: &str, password: &str| {
        let fields = [("name", name), ("role", role), ("password", password)];
        admin.post_form("/people", &fields).await
    };
    assert_eq!(add("linus", "supervisor", &password).await.location(), "/people");
    let long = "x".repeat(65);
    for (name, role, password) in [
        ("LINUS", "supervisor", password.as_str()),
        ("", "supervisor", &password),
        (&long, "supervisor", &password),
        ("a\u{202e}b", "supervisor", &password),
        ("new", "emperor", &password),
        ("new", "helpdesk", "short"),
        ("new", "helpdesk", &"x".repeat(5_000)),
    ] {
        add(name, role, password).await.page(422);
    }
    let user = server.person("linus", Role::Supervisor, None).await;
    let linus = server.browser_of("linus").await;
    assert_eq!(linus.get("/people").await.status, 403);
    let here = format!("/people/{user}");
    assert_eq!(admin.post_form(&here, &[("role", "admin")]).await.status, 303);
    assert_eq!(linus.get("/people").await.status, 200, "from the next request on");
    admin.post_form(&here, &[("role", "emperor")]).await.page(422);
    assert_eq!(
        admin
            .post_form(&format!("{here}/disabled"), &[("disabled", "yes")])
            .await
            .status,
        303
    );
    assert_eq!(linus.get("/people").await.location(), "/login?next=%2Fpeople");
    sign_in(&linus, "linus", &password, "").await.page(422);
    admin
        .post_form(&format!("{here}/disabled"), &[("disabled", "maybe")])
        .await
        .page(400);
    assert_eq!(
        admin
            .post_form(&format!("{here}/disabled"), &[("disabled", "no")])
            .await
            .status,
        303
    );
    let linus = server.browser_of("linus").await;
    let new = "another canary staple";
    server.guard(new);
    admin
        .post_form(&format!("{here}/password"), &[("password", "short")])
        .await
        .page(422);
    assert_eq!(
        admin
            .post_form(&format!("{here}/password"), &[("password", new)])
            .await
            .status,
        303
    );
    assert_eq!(linus.get("/account").await.status, 303, "must sign in again");
    assert_eq!(sign_in(&linus, "linus", new, "").await.status, 303);
    let own = server.person("admin", Role::Admin, None).await;
    for act in ["", "/disabled", "/password"] {
        let fields = [("role", "supervisor"), ("disabled", "yes"), ("password", new)];
        admin.post_form(&format!("/people/{own}{act}"), &fields).await.page(409);
    }
    server.close().await;
}

#[tokio::test]
async fn ones_own_account_has_password_tokens_and_sessions() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let elsewhere = server.browser_of("helpdesk").await;
    assert_eq!(browser.post_form("/account/sessions/end", &[]).await.status, 303);
    assert_eq!(elsewhere.get("/account").await.status, 303);
    assert_eq!(browser.get("/account").await.status, 200);

    for label in ["", &"x".repeat(101), "a\u{7}b"] {
        browser
            .post_form("/account/tokens", &[("label", label)])
            .await
            .page(422);
    }
    let csrf = browser.csrf().await;
    // The token is in this one answer, so that it is read past the search for secrets.
    let form = browser.request("POST", "/account/tokens").header("x-csrf-token", csrf);
    let form = form
        .header("content-type", "application/x-www-form-urlencoded")
        .body("label=script");
    let page = form.send().await.unwrap().text().await.unwrap();
    let token = token_in(&page);
    server.guard(&token);
    let program = server.stranger(&token);
    assert_eq!(program.get("/api/v1/phones?limit=1").await.status, 200);
    let account = browser.get("/account").await;
    let revoke = account.first("form[action$='/revocation']", "action");
    assert_eq!(browser.post_form(&revoke, &[]).await.status, 303);
    program.get("/api/v1/phones?limit=1").await.problem(401);
    browser.post_form(&revoke, &[]).await.page(404);

    let (old, new) = (TestServer::password_of("helpdesk"), "quite another canary");
    server.guard(new);
    let change = async |current: &str, new: &str, again: &str| {
        let fields = [("current", current), ("password", new), ("password_again", again)];
        browser.post_form("/account/password", &fields).await
    };
    change("wrong", new, new).await.page(422);
    change(&old, new, "differs").await.page(422);
    change(&old, "short", "short").await.page(422);
    let other = server.browser_of("helpdesk").await;
    assert_eq!(change(&old, new, new).await.status, 303);
    assert_eq!(browser.get("/account").await.status, 200, "a session of its own");
    assert_eq!(other.get("/account").await.status, 303);
    sign_in(&other, "helpdesk", &old, "").await.page(422);
    assert_eq!(sign_in(&other, "helpdesk", new, "").await.status, 303);
    server.close().await;
}

fn token_in(page: &str) -> String {
    let at = page.find("stt_").unwrap_or_else(|| panic!("no token in {page}"));
    let rest = &page[at..];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    rest[..end.unwrap()].to_owned()
}

#[tokio::test]
async fn the_trail_is_read_page_by_page_and_filtered() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.api(Role::Helpdesk).await;
    let keys: Vec<_> = (0..60).map(|n| format!("KeyPad{}", n % 10)).collect();
    let path = format!("/api/v1/phones/{id}/presses");
    helpdesk.json("POST", &path, &serde_json::json!({ "keys": keys })).await;
    let admin = server.signed_in_as(Role::Admin).await;
    let first = admin.get("/activity?action=press").await;
    assert_eq!(first.page(200).texts("tbody tr").len(), 50);
    let next = first.first("a[rel=next]", "href");
    assert!(next.contains("action=press"), "{next}");
    assert_eq!(admin.get(&next).await.page(200).texts("tbody tr").len(), 10);
    let of_phone = format!("/activity?phone={}&outcome=done", handle.name());
    assert_eq!(admin.get(&of_phone).await.texts("tbody tr").len(), 50);
    for nothing in [
        "user=everybody",
        "outcome=maybe",
        "action=dance",
        "before=1",
        "phone=SEPX",
    ] {
        let page = admin.get(&format!("/activity?{nothing}")).await;
        assert_eq!(page.page(200).texts("tbody tr").len(), 0, "{nothing}");
    }
    admin.get("/activity?before=x").await.page(400);
    server.close().await;
}

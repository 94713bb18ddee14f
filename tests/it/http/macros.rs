//! Macros through the pages and the API: written, compared, imported, played, recorded.

use serde_json::{Value, json};
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;

use super::client::{Answer, Client};
use super::server::TestServer;

/// A macro that only looks.
const LOOK: &str = "macro \"Look at the settings\"\ndescription \"Opens the settings and leaves them.\"\nsafe\n\n\
                    press Settings\nsettle within 5s\nscreenshot \"settings\"\n";

/// The number of the macro that an answer leads to.
fn saved(answer: &Answer) -> i64 {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let number = answer.location().strip_prefix("/macros/").unwrap();
    number.parse().unwrap()
}

async fn add(browser: &Client, text: &str) -> i64 {
    saved(
        &browser
            .post_form("/macros", &[("text", text), ("action", "save")])
            .await,
    )
}

/// A form with a file, its token first.
async fn import(browser: &Client, file: &[u8]) -> Answer {
    let csrf = browser.csrf().await;
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--b\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"look.macro\"\r\nContent-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let kind = "multipart/form-data; boundary=b";
    browser.text("POST", "/macros/import", kind, body).await
}

/// A run, once it is over.
async fn end_of(program: &Client, run: &str) -> Value {
    loop {
        let shown = program.get(&format!("/api/v1/macro-runs/{run}")).await.value();
        if !["running", "paused", "asking"].contains(&shown["state"].as_str().unwrap()) {
            return shown;
        }
        tokio::task::yield_now().await;
    }
}

/// A run, once it stands still.
async fn until_state(program: &Client, run: &str, state: &str) -> Value {
    loop {
        let shown = program.get(&format!("/api/v1/macro-runs/{run}")).await.value();
        if shown["state"] == state {
            return shown;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_mistake_is_named_with_its_place_and_nothing_is_lost_or_saved() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let before = admin.get("/macros").await.texts(".macros tbody tr").len();
    let wrong = LOOK.replace("press Settings", "press Setings");
    let answer = admin.post_form("/macros", &[("text", &wrong), ("note", "first")]).await;
    answer.page(422);
    assert_eq!(answer.texts("textarea[name=text]")[0], wrong.trim());
    assert_eq!(answer.first("input[name=note]", "value"), "first");
    assert_eq!(answer.first("a.mistake", "data-line"), "5");
    assert!(
        answer.texts(".mistake code").contains(&"press Setings".to_owned()),
        "{}",
        answer.text()
    );
    let checked = admin.post_form("/macros", &[("text", LOOK), ("action", "check")]).await;
    checked.page(200);
    assert_eq!(checked.texts(".preview-about b"), ["Look at the settings"]);
    assert_eq!(checked.texts("[data-preview] .macro-step").len(), 3);
    let csrf = admin.csrf().await;
    let fragment = admin
        .post_fields("/macros/preview", &[("csrf", &csrf), ("text", &wrong)])
        .await;
    assert_eq!(fragment.first("a.mistake", "data-line"), "5");
    assert_eq!(admin.get("/macros").await.texts(".macros tbody tr").len(), before);
    server.close().await;
}

#[tokio::test]
async fn versions_are_kept_compared_and_restored() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let id = add(&admin, LOOK).await;
    let other = LOOK.replace("press Settings", "press Info");
    let here = format!("/macros/{id}");
    let fields = [
        ("text", other.as_str()),
        ("base_version", "1"),
        ("note", "the other key"),
    ];
    saved(&admin.post_form(&here, &fields).await);
    let page = admin.get(&here).await;
    assert_eq!(page.texts(".versions a"), ["Version 2", "Version 1"]);
    let compared = admin.get(&format!("{here}/versions/2")).await;
    assert_eq!(compared.texts(".l-removed code"), ["press Settings"]);
    assert_eq!(compared.texts(".l-added code"), ["press Info"]);
    let turned = admin.get(&format!("{here}/versions/1?with=2")).await;
    assert_eq!(turned.texts(".l-added code"), ["press Settings"]);
    admin.get(&format!("{here}/versions/9")).await.page(404);
    let restored = admin.post_form(&format!("{here}/versions/1/restoration"), &[]).await;
    assert_eq!(saved(&restored), id);
    let file = admin.get(&format!("{here}/export")).await;
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"look-at-the-settings.macro\""
    );
    assert_eq!(file.text(), LOOK);
    assert_eq!(admin.get(&format!("{here}/export?version=2")).await.text(), other);
    admin.post_form(&format!("{here}/removal"), &[]).await.page(422);
    let removed = admin.post_form(&format!("{here}/removal"), &[("confirm", "yes")]).await;
    assert_eq!(removed.location(), "/macros");
    admin.get(&here).await.page(404);
    server.close().await;
}

#[tokio::test]
async fn who_saves_after_somebody_else_sees_both_texts() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let id = add(&admin, LOOK).await;
    let here = format!("/macros/{id}");
    let (theirs, mine) = (LOOK.replace("Settings", "Info"), LOOK.replace("within 5s", "within 9s"));
    server.person("ruth", Role::Admin, None).await;
    let ruth = server.browser_of("ruth").await;
    saved(&ruth.post_form(&here, &[("text", &theirs), ("base_version", "1")]).await);
    let answer = admin.post_form(&here, &[("text", &mine), ("base_version", "1")]).await;
    answer.page(422);
    assert_eq!(answer.texts("#h-conflict"), ["ruth saved version 2 while you wrote"]);
    assert_eq!(answer.texts("textarea[name=text]")[0], mine.trim());
    assert_eq!(answer.texts(".conflict .l-removed code")[0], "press Info");
    assert_eq!(answer.first("input[name=base_version]", "value"), "2");
    saved(&admin.post_form(&here, &[("text", &mine), ("base_version", "2")]).await);
    assert_eq!(admin.get(&format!("{here}/export")).await.text(), mine);
    server.close().await;
}

#[tokio::test]
async fn files_come_in_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let wrong = import(&admin, b"macro \"X\"\nsafe\npress Nothing\nwait 2 weeks\n").await;
    wrong.page(422);
    assert_eq!(wrong.texts("#h-mistakes"), ["2 mistakes; nothing was saved"]);
    let latin = import(&admin, b"macro \"Caf\xe9\"\nsafe\n").await;
    latin.page(422);
    assert!(
        latin.texts(".mistake b")[0].starts_with("Line 1, column 11"),
        "{}",
        latin.text()
    );
    let big = import(&admin, "# a\n".repeat(40_000).as_bytes()).await;
    big.page(422);
    admin.post_form("/macros/import", &[]).await.page(422);
    let id = saved(&import(&admin, LOOK.as_bytes()).await);
    assert_eq!(admin.get(&format!("/macros/{id}/export")).await.text(), LOOK);
    import(&admin, LOOK.as_bytes()).await.page(422);
    server.close().await;
}

#[tokio::test]
async fn the_list_is_searched_and_shows_what_was_played_last() {
    let server = TestServer::start().await;
    let (admin, program) = (server.signed_in_as(Role::Admin).await, server.api(Role::Admin).await);
    let (handle, phone) = server.phone("8845");
    let id = add(&admin, LOOK).await;
    let find = "/macros?q=look+settings&mark=safe";
    assert_eq!(admin.get(find).await.texts(".macros th a"), ["Look at the settings"]);
    assert_eq!(
        admin.get("/macros?q=no-such-thing").await.texts(".empty h2"),
        ["No macro fits"]
    );
    admin.get("/macros?mark=odd").await.page(400);
    let question = admin.get(&format!("/macros/{id}/play?phone={phone}")).await;
    assert_eq!(question.texts(".macro-steps .macro-step").len(), 3);
    let started = admin
        .post_form(&format!("/macros/{id}/play"), &[("phone", &phone.to_string())])
        .await;
    assert_eq!(started.status, 303, "{}", started.text());
    let run = started.location().strip_prefix("/macro-runs/").unwrap().to_owned();
    let ended = end_of(&program, &run).await;
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(handle.keys_received().first().map(String::as_str), Some("Settings"));
    let page = admin.get(&format!("/macro-runs/{run}")).await;
    assert_eq!(page.texts(".plan .p-done").len(), 3, "{}", page.text());
    assert_eq!(page.texts("#h-standing"), ["Succeeded"]);
    let picture = page.first(".run-pictures img", "src");
    assert!(admin.get(&picture).await.header("content-type").starts_with("image/"));
    let events = admin.get(&format!("/macro-runs/{run}/events")).await;
    assert!(
        events.text().ends_with("event: done\ndata: over\n\n"),
        "{}",
        events.text()
    );
    assert_eq!(admin.get(find).await.texts(".c-last .state"), ["Succeeded"]);
    let of_phone = admin.get(&format!("/phones/{phone}/macros")).await;
    assert_eq!(of_phone.texts(".run-lines .state"), ["Succeeded"]);
    admin
        .post_form(&format!("/macro-runs/{run}/commands"), &[("command", "stop")])
        .await;
    let flash = admin.get(&format!("/macro-runs/{run}")).await;
    assert!(flash.text().contains("This run is over."), "{}", flash.text());
    server.close().await;
}

#[tokio::test]
async fn step_by_step_it_waits_and_a_person_may_stop_it() {
    let server = TestServer::start().await;
    let (admin, program) = (server.signed_in_as(Role::Admin).await, server.api(Role::Admin).await);
    let (handle, phone) = server.phone("8845");
    let id = add(&admin, LOOK).await;
    let phone = phone.to_string();
    let fields = [("phone", phone.as_str()), ("step_by_step", "yes")];
    let started = admin.post_form(&format!("/macros/{id}/play"), &fields).await;
    let run = started.location().strip_prefix("/macro-runs/").unwrap().to_owned();
    let here = format!("/macro-runs/{run}");
    until_state(&program, &run, "paused").await;
    let page = admin.get(&here).await;
    assert_eq!(page.texts(".plan [aria-current=step] .step-no"), ["1"]);
    assert_eq!(handle.keys_received().len(), 0);
    admin
        .post_form(&format!("{here}/commands"), &[("command", "step")])
        .await;
    loop {
        let shown = until_state(&program, &run, "paused").await;
        if shown["steps"].as_array().unwrap().len() == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(handle.keys_received(), ["Settings"]);
    let body = json!({"command": "stop"});
    let told = program
        .json("POST", &format!("/api/v1/macro-runs/{run}/commands"), &body)
        .await;
    assert_eq!(told.status, 202, "{}", told.text());
    assert_eq!(end_of(&program, &run).await["state"], "stopped");
    let odd = program
        .json(
            "POST",
            &format!("/api/v1/macro-runs/{run}/commands"),
            &json!({"command": "dance"}),
        )
        .await;
    odd.problem(422);
    server.close().await;
}

#[tokio::test]
async fn what_cannot_be_taken_back_needs_an_admin_and_the_phones_name() {
    let server = TestServer::start().await;
    let (admin, helpdesk) = (
        server.signed_in_as(Role::Admin).await,
        server.signed_in_as(Role::Helpdesk).await,
    );
    let (handle, phone) = server.phone("8845");
    let text = "macro \"Danger\"\ndestructive\n\npress Settings\nexpect title \"Settings\" within 5s\ndestructive \
                press KeyPad1\n";
    let id = add(&admin, text).await;
    let (here, number) = (format!("/macros/{id}/play"), phone.to_string());
    helpdesk.get(&here).await.page(403);
    helpdesk.post_form(&here, &[("phone", &number)]).await.page(403);
    assert!(helpdesk.get("/macros?q=danger").await.text().contains("admins play it"));
    let asked = admin.get(&format!("{here}?phone={phone}")).await;
    assert_eq!(asked.first("input[name=confirmation]", "data-confirm"), handle.name());
    for typed in ["", "SEP000000000000"] {
        let fields = [("phone", number.as_str()), ("confirmation", typed)];
        let refused = admin.post_form(&here, &fields).await;
        refused.page(422);
        assert_eq!(refused.first("input[name=confirmation]", "aria-invalid"), "true");
    }
    assert_eq!(handle.keys_received().len(), 0);
    let rehearsed = admin.post_form(&here, &[("phone", &number), ("dry_run", "yes")]).await;
    let run = rehearsed.location().strip_prefix("/macro-runs/").unwrap().to_owned();
    let program = server.api(Role::Admin).await;
    let ended = end_of(&program, &run).await;
    assert_eq!(ended["state"], "rehearsed", "{ended}");
    assert!(!handle.keys_received().contains(&"KeyPad1".to_owned()));
    server.close().await;
}

#[tokio::test]
async fn the_api_takes_text_and_names_every_mistake() {
    let server = TestServer::start().await;
    let program = server.api(Role::Admin).await;
    let wrong = json!({"text": LOOK.replace("press Settings", "press Setings\npres 1")});
    let problem = program.json("POST", "/api/v1/macros", &wrong).await.problem(422);
    let mistakes = problem["mistakes"].as_array().unwrap();
    assert_eq!(mistakes.len(), 2, "{problem}");
    assert_eq!((&mistakes[0]["line"], &mistakes[1]["line"]), (&json!(5), &json!(6)));
    assert!(
        mistakes
            .iter()
            .all(|one| one["column"].is_u64() && one["message"].is_string())
    );
    let made = program.text("POST", "/api/v1/macros", "text/plain", LOOK).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.value()["id"].as_i64().unwrap();
    let here = format!("/api/v1/macros/{id}");
    assert_eq!(made.location(), here);
    assert_eq!(program.get(&here).await.value()["text"], LOOK);
    let other = LOOK.replace("5s", "6s");
    let body = json!({"text": other, "base_version": 1, "note": "longer"});
    assert_eq!(program.json("PUT", &here, &body).await.value()["version"], 2);
    program
        .json("PUT", &here, &json!({"text": LOOK, "base_version": 1}))
        .await
        .problem(409);
    let versions = program.get(&format!("{here}/versions")).await.value();
    assert_eq!(versions["items"][0]["note"], "longer");
    let (_, phone) = server.phone("8845");
    let body = json!({"phone_id": phone, "dry_run": true});
    let begun = program.json("POST", &format!("{here}/runs"), &body).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let run = begun.value()["run"]["id"].to_string();
    assert_eq!(begun.location(), format!("/api/v1/macro-runs/{run}"));
    let ended = end_of(&program, &run).await;
    assert!(ended["ended_at"].is_string(), "{ended}");
    assert_eq!(program.send(program.request("DELETE", &here)).await.status, 204);
    program.get(&here).await.problem(404);
    let built_in = program.get("/api/v1/macros").await.value()["items"][0]["id"].to_string();
    let kept = program
        .send(program.request("DELETE", &format!("/api/v1/macros/{built_in}")))
        .await;
    kept.problem(409);
    server.close().await;
}

#[tokio::test]
async fn presses_become_a_macro_with_the_rows_by_name_and_everybody_sees_it() {
    let server = TestServer::start().await;
    let (admin, program) = (server.signed_in_as(Role::Admin).await, server.api(Role::Admin).await);
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let (_, phone) = server.phone("8845");
    let (here, id) = (format!("/phones/{phone}"), PhoneId(phone));
    let press = async |key: &str| {
        let path = format!("/api/v1/phones/{phone}/presses");
        let answer = program.json("POST", &path, &json!({ "keys": [key] })).await;
        assert_eq!(answer.value()["results"][0]["outcome"], "sent", "{}", answer.text());
    };
    assert!(helpdesk.get(&here).await.texts(".macro-recording").is_empty());
    let begun = admin.post_form(&format!("{here}/macro-recording"), &[]).await;
    assert_eq!(begun.location(), here);
    admin.post_form(&format!("{here}/macro-recording"), &[]).await.page(409);
    let audience = server.app.screens.audience(id);
    assert!(audience.values().any(|one| one.recording && one.name == "admin"));
    let mut reading = server.app.screens.read(id);
    let mut until_title = async |title: &str| while reading.next().await.title.as_deref().unwrap_or("") != title {};
    until_title("").await;
    press("Settings").await;
    until_title("Settings").await;
    press("KeyPad5").await;
    until_title("Phone information").await;
    assert!(admin.get(&here).await.text().contains("Your presses are recorded"));
    let stopped = admin
        .post_form(&format!("{here}/macro-recording/end"), &[("action", "stop")])
        .await;
    assert_eq!(stopped.location(), format!("/macros/new?recorded={phone}"));
    let editor = admin.get(stopped.location()).await;
    let text = editor.texts("textarea[name=text]")[0].clone();
    for line in [
        "press Settings",
        "choose \"Phone information\"",
        "expect title \"Settings\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(
        admin.get(&here).await.text().contains("Open in the editor"),
        "not saved, not lost"
    );
    let number = phone.to_string();
    let fields = [("text", text.as_str()), ("recorded", number.as_str())];
    let id = saved(&admin.post_form("/macros", &fields).await);
    assert!(!admin.get(&here).await.text().contains("Open in the editor"));
    // The first closes the row, the second the menu: the macro begins where the recording began.
    press("NavBack").await;
    press("NavBack").await;
    let replayed = admin
        .post_form(&format!("/macros/{id}/play"), &[("phone", &number)])
        .await;
    let run = replayed.location().strip_prefix("/macro-runs/").unwrap().to_owned();
    let ended = end_of(&program, &run).await;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    server.close().await;
}

#[tokio::test]
async fn admins_edit_the_list_of_tones() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let shown = admin.get("/macros/tones").await.texts("textarea[name=tones]");
    assert!(shown[0].contains("Chime.raw"), "{shown:?}");
    let refused = admin
        .post_form("/macros/tones", &[("tones", "Bass.raw\r\nPiano2.raw")])
        .await;
    refused.page(422);
    assert!(refused.texts(".error")[0].contains("Piano2.raw"));
    assert!(refused.texts("textarea[name=tones]")[0].starts_with("Bass.raw"));
    let kept = admin.post_form("/macros/tones", &[("tones", "Own.raw")]).await;
    assert_eq!(kept.location(), "/macros");
    assert_eq!(
        admin.get("/macros/tones").await.texts("textarea[name=tones]"),
        ["Own.raw"]
    );
    server.close().await;
}

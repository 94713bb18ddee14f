//! Dialling from a phone's page, and what a text costs in taps.

use serde_json::json;
use sidetone::domain::role::Role;
use sidetone::simulator::Fault;

use super::client::{Answer, Client};
use super::server::TestServer;

/// As the page's own script sends a form.
async fn scripted(client: &Client, path: &str, part: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = client.csrf().await;
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("csrf", &csrf).extend_pairs(fields);
    let request = client.request("POST", path).header("x-fragment", part);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    client.send(request.body(body.finish())).await
}

#[tokio::test]
async fn a_number_is_dialled_as_people_write_it() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let path = format!("/phones/{id}/dial");
    let dialled = helpdesk.post_form(&path, &[("number", "+20 (30)-4.1")]).await;
    assert_eq!((dialled.status, dialled.location()), (303, &*format!("/phones/{id}")));
    let page = helpdesk.get(dialled.location()).await;
    assert_eq!(page.texts(".banner.done"), ["The phone was told to dial 203041."]);
    let answer = scripted(&helpdesk, &path, "dial", &[("number", "*21#")]).await;
    assert_eq!(answer.value(), json!({"outcome": "dialled", "number": "*21#"}));
    let sent = handle.requests_for("/CGI/Execute");
    for wrong in ["", "ana", "12,34", "1:2", &"1".repeat(41)] {
        helpdesk.post_form(&path, &[("number", wrong)]).await.page(422);
        let refused = scripted(&helpdesk, &path, "dial", &[("number", wrong)]).await;
        assert_eq!((refused.status, &refused.value()["outcome"]), (422, &json!("refused")));
    }
    let supervisor = server.signed_in_as(Role::Supervisor).await;
    supervisor.post_form(&path, &[("number", "2030")]).await.page(403);
    assert_eq!(handle.requests_for("/CGI/Execute"), sent);
    handle.set_fault(Fault::Error(4));
    let failed = scripted(&helpdesk, &path, "dial", &[("number", "2030")]).await.value();
    assert_eq!(failed["outcome"], "failed");
    assert!(failed["cause_title"].as_str().is_some_and(|title| !title.is_empty()));
    let failed = helpdesk.post_form(&path, &[("number", "2030")]).await;
    assert_eq!(failed.page(422).texts("[data-press-trouble] .title").len(), 1);
    server.close().await;
}

#[tokio::test]
async fn an_emergency_number_is_dialled_only_after_the_question_about_it() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("7841");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let path = format!("/phones/{id}/dial");
    let page = helpdesk.get(&format!("/phones/{id}")).await;
    assert!(page.first("[data-emergency]", "data-emergency").contains("112"));
    let asked = helpdesk.post_form(&path, &[("number", "0 112")]).await;
    assert_eq!(asked.page(409).texts("h1"), ["112 is an emergency number. Dial it?"]);
    assert_eq!(asked.first("form [name=number]", "value"), "0112");
    for other in ["", "911", "yes", "0112"] {
        let fields = [("number", "0112"), ("emergency", other)];
        let asked = scripted(&helpdesk, &path, "dial", &fields).await;
        assert_eq!(asked.status, 409);
        assert_eq!(asked.value(), json!({"outcome": "emergency", "number": "112"}));
    }
    assert_eq!(handle.requests_for("/CGI/Execute"), 0);
    let confirmed = [("number", "0112"), ("emergency", "112")];
    assert_eq!(helpdesk.post_form(&path, &confirmed).await.status, 303);
    assert_eq!(handle.requests_for("/CGI/Execute"), 1);
    server.close().await;
}

#[tokio::test]
async fn the_taps_of_a_text_are_told_and_nothing_is_sent() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("7965");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let path = format!("/phones/{id}/taps");
    let taps = scripted(&helpdesk, &path, "taps", &[("text", "ba")]).await;
    assert_eq!(
        taps.value(),
        json!({"taps": [
            {"character": "b", "key": "KeyPad2", "times": 2, "wait": false},
            {"character": "a", "key": "KeyPad2", "times": 1, "wait": true},
        ]})
    );
    let refused = scripted(&helpdesk, &path, "taps", &[("text", "Jürgen")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.value(), json!({"message": "No key has 'ü'. Nothing was sent."}));
    let keyless = server.phone("ATA 187").1;
    let refused = scripted(&helpdesk, &format!("/phones/{keyless}/taps"), "taps", &[("text", "a")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(handle.requests_for("/CGI/Execute"), 0);
    server.close().await;
}

#[tokio::test]
async fn the_bare_page_has_the_phone_and_nothing_around_it() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let bare = helpdesk.get(&format!("/phones/{id}?bare=1")).await;
    assert_eq!(bare.page(200).texts(".rail").len(), 0);
    assert_eq!(bare.texts(".panels").len(), 0);
    assert!(!bare.all("button[name=key]", "value").is_empty());
    assert_ne!(bare.first("input[name=csrf]", "value"), "");
    helpdesk.get(&format!("/phones/{id}?bare=0")).await.page(200);
    server.close().await;
}

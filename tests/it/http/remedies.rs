//! Remedies through the API: preview, apply, runs, undo, and every refusal.

use serde_json::json;
use sidetone::domain::role::Role;
use sidetone::simulator::Fault;

use super::server::TestServer;

#[tokio::test]
async fn a_program_mends_a_phone_and_takes_it_back() {
    let server = TestServer::start().await;
    let (phone, id) = server.phone("8845");
    phone.set_fault(Fault::NotAssociated);
    let admin = server.api(Role::Admin).await;
    let path = format!("/api/v1/phones/{id}/remedies/add-controlled-device");
    let preview = admin.get(&path).await;
    assert_eq!(preview.status, 200, "{}", preview.text());
    let preview = preview.value();
    assert_eq!(
        (&preview["one_click"], &preview["phones_touched"]),
        (&json!(true), &json!(1)),
        "{preview}"
    );

    let mended = admin.json("POST", &path, &json!({ "token": preview["token"] })).await;
    assert_eq!(mended.status, 200, "{}", mended.text());
    let mended = mended.value();
    assert_eq!(mended["verdict"]["cause"], "none", "{mended}");
    assert_eq!(mended["remedies"], json!([]), "{mended}");
    assert!(mended["checks"].as_array().unwrap().len() > 20, "{mended}");
    let stale = admin.json("POST", &path, &json!({ "token": preview["token"] })).await;
    stale.problem(409);

    let runs = admin.get(&format!("/api/v1/phones/{id}/remedies")).await.value();
    let run = &runs["items"][0];
    assert_eq!(
        (&run["state"], &run["undoable"]),
        (&json!("done"), &json!(true)),
        "{runs}"
    );
    assert_eq!(run["diagnosis"], mended["id"], "{runs}");
    let undo = format!("/api/v1/remedy-runs/{}/undo", run["id"]);
    let helpdesk = server.api(Role::Helpdesk).await;
    helpdesk.send(helpdesk.request("POST", &undo)).await.problem(403);
    let undone = admin.send(admin.request("POST", &undo)).await;
    assert_eq!(
        undone.value()["verdict"]["cause"],
        "device-not-associated",
        "{}",
        undone.text()
    );
    admin.send(admin.request("POST", &undo)).await.problem(409);

    let trail: Vec<_> = server.trail().await.into_iter().map(|line| line.action).collect();
    assert!(
        trail.contains(&"remedy-applied".to_owned()) && trail.contains(&"remedy-undone".to_owned()),
        "{trail:?}"
    );
    server.close().await;
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let server = TestServer::start().await;
    let (phone, id) = server.phone("8845");
    let admin = server.api(Role::Admin).await;
    let path = |remedy: &str| format!("/api/v1/phones/{id}/remedies/{remedy}");
    let guide = admin.get(&path("trust-list-by-keys")).await.value();
    assert_eq!(guide["one_click"], json!(false), "{guide}");
    assert!(guide["steps"].as_array().unwrap().len() > 2, "{guide}");
    let by_hand = admin
        .send(admin.request("POST", &path("trust-list-by-keys")))
        .await
        .problem(409);
    assert_eq!(by_hand["guide"]["steps"], guide["steps"], "{by_hand}");

    admin.get(&path("no-such-remedy")).await.problem(404);
    admin
        .get("/api/v1/phones/999999/remedies/restart-phone")
        .await
        .problem(404);
    let bad = json!({ "input": "no url" });
    let bad = admin
        .json("POST", &path("set-authentication-url"), &bad)
        .await
        .problem(422);
    assert!(bad["errors"]["input"].is_string(), "{bad}");
    admin
        .json("POST", &path("restart-phone"), &json!({ "colour": 1 }))
        .await
        .problem(422);

    phone.set_fault(Fault::WebAccessOff);
    let token = json!({ "token": "of-another-time" });
    admin
        .json("POST", &path("enable-web-access"), &token)
        .await
        .problem(412);
    let typed = admin
        .json("POST", &path("restart-phone"), &json!({}))
        .await
        .problem(422);
    assert!(
        typed["errors"]["confirmation"].as_str().unwrap().contains(phone.name()),
        "{typed}"
    );
    let unseen = json!({ "confirmation": phone.name() });
    let unseen = admin.json("POST", &path("restart-phone"), &unseen).await.problem(422);
    assert!(unseen["errors"]["token"].is_string(), "{unseen}");
    let helpdesk = server.api(Role::Helpdesk).await;
    helpdesk
        .json("POST", &path("enable-web-access"), &json!({}))
        .await
        .problem(403);
    server.close().await;
}

//! Phones and clusters through the pages, forms and all.

use std::collections::BTreeSet;

use sidetone::domain::catalogue;
use sidetone::domain::ids::ClusterId;
use sidetone::domain::role::Role;
use sidetone::simulator::Fault;

use super::client::{Answer, Client};
use super::server::{CUCM_PASSWORD, TestServer};

fn rows(page: &Answer) -> Vec<String> {
    page.page(200).texts("table.phones tbody th code")
}

#[tokio::test]
async fn phones_are_searched_filtered_sorted_and_paged() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let viewer = server.signed_in_as(Role::Supervisor).await;
    let all = rows(&viewer.get("/phones").await);
    assert_eq!(all.len(), server.count());
    for query in [
        format!("q={}", handle.name()),
        format!("q=dn:{}", handle.dn()),
        format!("q={}&status=registered&cluster={}", handle.name(), server.cluster),
        "model=Cisco+8845".to_owned(),
    ] {
        let page = viewer.get(&format!("/phones?{query}")).await;
        assert!(rows(&page).contains(&handle.name().to_owned()), "{query}");
        assert!(rows(&page).len() < all.len(), "{query}");
        let links = page.all("table.phones tbody th a", "href");
        assert!(links.contains(&format!("/phones/{id}")), "{query}");
    }
    let up = rows(&viewer.get("/phones?sort=name").await);
    let down = rows(&viewer.get("/phones?sort=-name").await);
    assert!(up.is_sorted());
    assert_eq!(up.iter().rev().collect::<Vec<_>>(), down.iter().collect::<Vec<_>>());
    let nothing = viewer.get("/phones?q=nobody-is-called-so").await;
    assert_eq!(nothing.page(200).texts("h2"), ["No phone fits"]);
    for unknown in [
        "status=asleep",
        "readiness=maybe",
        "sort=colour",
        "cluster=x",
        "page=x",
        "page=-1",
    ] {
        viewer.get(&format!("/phones?{unknown}")).await.page(400);
    }
    viewer.get("/phones?page=2").await.page(404);
    viewer.get("/phones?page=18446744073709551615").await.page(404);
    let part = viewer.request("GET", "/phones").header("x-fragment", "rows");
    let part = viewer.send(part).await;
    assert_eq!((part.status, part.texts("h1").len()), (200, 0));
    assert_eq!(part.texts("tbody th code").len(), all.len());
    server.close().await;
}

#[tokio::test]
async fn a_phones_page_has_the_keys_of_its_model_and_none_for_those_who_look_on() {
    let server = TestServer::start().await;
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let supervisor = server.signed_in_as(Role::Supervisor).await;
    for model in ["8845", "7965", "7811", "7960"] {
        let (handle, id) = server.phone(model);
        let page = helpdesk.get(&format!("/phones/{id}")).await;
        let shown: BTreeSet<_> = page.page(200).all("button[name=key]", "value").into_iter().collect();
        let known = catalogue::by_name(handle.model()).unwrap();
        assert!(!shown.is_empty());
        for key in &shown {
            assert!(known.has(&key.parse().unwrap()), "a {model} has no key {key}");
        }
        assert_eq!(shown.contains("Session1"), model == "8845");
        let watched = supervisor.get(&format!("/phones/{id}")).await;
        assert_eq!(watched.page(200).all("button[name=key]", "value").len(), 0);
        assert_eq!(watched.all("[data-press]", "data-phone").len(), 0);
    }
    server.close().await;
}

#[tokio::test]
async fn a_key_pressed_by_form_reaches_the_phone_and_one_it_lacks_does_not() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("7811");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let path = format!("/phones/{id}/presses");
    let pressed = helpdesk.post_form(&path, &[("key", "KeyPad5")]).await;
    assert_eq!(
        (pressed.status, pressed.location()),
        (303, format!("/phones/{id}").as_str())
    );
    assert_eq!(handle.wait_for_keys(1).await, ["KeyPad5"]);
    for wrong in ["Session1", "NoSuchKey", "Key:KeyPad5", "", &"x".repeat(5000)] {
        helpdesk.post_form(&path, &[("key", wrong)]).await.page(422);
    }
    let page = helpdesk.get(&format!("/phones/{id}")).await;
    assert_eq!(page.texts("[data-chips] li").len(), 1);
    let supervisor = server.signed_in_as(Role::Supervisor).await;
    supervisor.post_form(&path, &[("key", "KeyPad6")]).await.page(403);
    assert_eq!(handle.keys_received(), ["KeyPad5"]);
    handle.set_fault(Fault::Error(4));
    let failed = helpdesk.post_form(&path, &[("key", "KeyPad7")]).await;
    assert_eq!(failed.page(422).texts("[data-press-trouble] .title").len(), 1);
    let trail = server.trail().await;
    let lines: Vec<_> = trail.iter().filter(|line| line.action == "press").collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.detail.as_str(), line.outcome.as_str()))
        .collect();
    assert_eq!(told, [("KeyPad7", "refused"), ("KeyPad5", "done")]);
    let outlaw = server.phone("ATA 187").1;
    let blocked = helpdesk
        .post_form(&format!("/phones/{outlaw}/presses"), &[("key", "KeyPad1")])
        .await;
    blocked.page(422);
    server.close().await;
}

#[tokio::test]
async fn facts_are_read_and_a_silent_phone_is_explained() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let viewer = server.signed_in_as(Role::Supervisor).await;
    let path = format!("/phones/{id}/facts");
    let read = viewer.post_form(&path, &[]).await;
    assert_eq!(read.status, 303, "{}", read.text());
    let page = viewer.get(read.location()).await;
    assert_eq!(page.page(200).texts(".banner.done"), ["The phone was read."]);
    let serial = server
        .app
        .inventory
        .phone(
            &sidetone::security::Viewer::system(),
            sidetone::domain::ids::PhoneId(id),
        )
        .await;
    assert!(page.text().contains(&serial.unwrap().serial));
    assert_eq!(
        viewer.get(read.location()).await.texts(".banner.done").len(),
        0,
        "said once"
    );
    handle.set_fault(Fault::Refuses);
    let unread = viewer.post_form(&path, &[]).await;
    assert_eq!(
        unread.page(200).texts("#facts .trouble .title").len(),
        1,
        "{}",
        unread.text()
    );
    let shot = viewer.get(&format!("/phones/{id}/screen")).await;
    shot.page(502);
    handle.clear_faults();
    let shot = viewer.get(&format!("/phones/{id}/screen")).await;
    assert_eq!(shot.header("content-type"), "image/png");
    viewer.get("/phones/999999").await.page(404);
    viewer.get("/phones/word").await.page(404);
    server.close().await;
}

#[tokio::test]
async fn a_phone_is_added_by_its_address_inside_the_networks_alone() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let cluster = server.cluster.to_string();
    let address = handle.address().to_string();
    let add = async |cluster: &str, address: &str| {
        let fields = [("cluster", cluster), ("address", address)];
        helpdesk.post_form("/phones/by-address", &fields).await
    };
    assert_eq!(add(&cluster, &address).await.location(), format!("/phones/{id}"));
    for (cluster, address) in [
        (cluster.as_str(), "192.0.2.1"),
        (&cluster, "127.0.0.1"),
        (&cluster, "300.1.2.3"),
        (&cluster, "cucm.example"),
        (&cluster, ""),
        ("999", address.as_str()),
        ("", &address),
    ] {
        let refused = add(cluster, address).await;
        assert_eq!(
            refused.page(422).texts("#by-address .error").len(),
            1,
            "{cluster} {address}"
        );
    }
    server.close().await;
}

/// The form of a cluster as the page has it, with fields changed.
async fn form(browser: &Client, page: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let page = browser.get(page).await;
    let mut fields = Vec::new();
    let names: BTreeSet<_> = page.all("form[data-cluster-form] [name]", "name").into_iter().collect();
    for name in names {
        let input = format!("form[data-cluster-form] [name={name}]");
        let value = match name.as_str() {
            "phone_networks" | "tls_ca_pem" => page.texts(&input).remove(0),
            "tls_mode" | "use_cucm_login" => page.first(&format!("{input}[checked]"), "value"),
            _ => page.first(&input, "value"),
        };
        fields.push((name, value));
    }
    for (name, value) in changed {
        let at = fields
            .iter()
            .position(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("no field {name}"));
        (*value).clone_into(&mut fields[at].1);
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

async fn send(browser: &Client, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post_fields(path, &fields).await
}

#[tokio::test]
async fn a_cluster_is_added_checked_synced_and_removed_by_its_pages() {
    let server = TestServer::empty(|_| {}).await;
    let admin = server.signed_in_as(Role::Admin).await;
    let empty = admin.get("/phones").await;
    assert_eq!(empty.page(200).texts("h2"), ["No cluster yet"]);
    let summary = server.simulator.summary();
    let ports = [
        summary.https_port,
        summary.phone_http_port,
        summary.phone_https_port,
        summary.authentication_http_port,
    ]
    .map(|port| port.to_string());
    let good = [
        ("name", "Lyon & co"),
        ("host", "127.0.0.1"),
        ("port", ports[0].as_str()),
        ("login_username", &summary.logins[0].username),
        ("login_password", CUCM_PASSWORD),
        ("phone_networks", summary.phone_networks[0]),
        ("phone_http_port", &ports[1]),
        ("phone_https_port", &ports[2]),
        ("authentication_http_port", &ports[3]),
    ];
    // Without a fingerprint the one that CUCM shows is offered; saving again accepts it.
    let fields = form(&admin, "/clusters/new", &good).await;
    let offered = send(&admin, "/clusters", &fields).await;
    let shown = offered.page(422).first("[name=tls_fingerprint]", "value");
    assert_eq!(shown, summary.fingerprint_sha256);
    assert_eq!(offered.first("[name=name]", "value"), "Lyon & co");
    assert_eq!(offered.first("[name=login_password]", "value"), "");
    let accepted = [&good[..], &[("tls_fingerprint", shown.as_str())]].concat();
    let fields = form(&admin, "/clusters/new", &accepted).await;
    let added = send(&admin, "/clusters", &fields).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let here = added.location().to_owned();
    assert_eq!(admin.get(&here).await.page(200).texts("h1"), ["Lyon & co"]);
    // The same name again, and every field wrong at once.
    let again = send(&admin, "/clusters", &fields).await;
    assert_eq!(again.page(422).texts(".error"), ["Another cluster has this name."]);
    let wrong = [
        ("host", "https://cucm/"),
        ("port", "many"),
        ("login_username", "a:b"),
        ("phone_networks", "10.0.0.0/33"),
        ("phone_http_port", "70000"),
        ("tls_fingerprint", "12:34"),
    ];
    let fields = form(&admin, "/clusters/new", &[&good[..], &wrong[..]].concat()).await;
    let refused = send(&admin, "/clusters", &fields).await;
    assert_eq!(
        refused.page(422).texts(".error").len(),
        wrong.len(),
        "{:?}",
        refused.texts(".error")
    );
    assert_eq!(admin.get("/clusters").await.texts("tbody tr").len(), 1);

    let checks = admin.post_form(&format!("{here}/checks"), &[]).await;
    assert_eq!(checks.page(200).texts("#checks li .outcome"), ["Passed"; 8]);
    let trial = admin
        .post_form(
            &format!("{here}/trial"),
            &[("address", &summary.phones[0].address.unwrap().to_string())],
        )
        .await;
    assert_eq!(
        trial.page(200).all("img.trial-shot", "src").len(),
        1,
        "{}",
        trial.text()
    );
    let outside = admin
        .post_form(&format!("{here}/trial"), &[("address", "192.0.2.1")])
        .await;
    assert_eq!(outside.page(422).texts("#trial .error").len(), 1);
    let synced = admin.post_form(&format!("{here}/syncs"), &[]).await;
    assert_eq!((synced.status, synced.location()), (303, here.as_str()));
    let job = admin.get("/jobs").await.first("table.jobs a[href^='/jobs/']", "href");
    server
        .end_of_job(job.trim_start_matches("/jobs/").parse().unwrap())
        .await;
    assert!(admin.get(&job).await.page(200).texts("h1")[0].contains("Lyon & co"));
    assert_eq!(
        admin.post_form(&format!("{job}/cancellation"), &[]).await.location(),
        job
    );
    assert_eq!(
        admin.get(&job).await.texts(".banner.failed"),
        ["The job was over already."]
    );
    assert_eq!(rows(&admin.get("/phones").await).len(), summary.phones.len());

    let kept = admin.post_form(&format!("{here}/removal"), &[("name", "Lyon")]).await;
    assert_eq!(kept.page(422).texts(".danger .error").len(), 1);
    assert_eq!(rows(&admin.get("/phones").await).len(), summary.phones.len());
    let gone = admin
        .post_form(&format!("{here}/removal"), &[("name", "Lyon & co")])
        .await;
    assert_eq!((gone.status, gone.location()), (303, "/clusters"));
    admin.get(&here).await.page(404);
    assert_eq!(admin.get("/phones").await.texts("h2"), ["No cluster yet"]);
    admin.get("/activity").await.page(200);
    server.close().await;
}

/// What CUCM was asked so far.
fn asked(server: &TestServer) -> String {
    format!("{:?}", server.simulator.cucm().counts())
}

#[tokio::test]
async fn a_cluster_is_edited_without_typing_its_passwords_and_a_changed_certificate_is_shown_first() {
    let server = TestServer::start().await;
    let admin = server.signed_in_as(Role::Admin).await;
    let here = format!("/clusters/{}", server.cluster);
    let print = server.simulator.summary().fingerprint_sha256;
    let other = ["00"; 32].join(":");
    let edit = format!("{here}/edit");
    let fields = form(&admin, &edit, &[("name", "Paris"), ("tls_fingerprint", &other)]).await;
    assert!(fields.iter().all(|(name, _)| !name.contains("password")));
    let saved = send(&admin, &here, &fields).await;
    assert_eq!(
        (saved.status, saved.location()),
        (303, here.as_str()),
        "{}",
        saved.text()
    );
    let listed = form(&admin, &edit, &[("emergency_numbers", "112, 17;18\n112")]).await;
    assert_eq!(send(&admin, &here, &listed).await.status, 303);
    let kept = admin.get(&edit).await.first("[name=emergency_numbers]", "value");
    assert_eq!(kept, "112, 17, 18");
    let wrong = form(&admin, &edit, &[("emergency_numbers", "112, police")]).await;
    let refused = send(&admin, &here, &wrong).await;
    assert_eq!(refused.page(422).texts(".error").len(), 1);
    let checks = admin.post_form(&format!("{here}/checks"), &[]).await;
    let outcomes = checks.page(200).texts("#checks li .outcome");
    assert_eq!(outcomes[..2], ["Passed", "Failed"]);
    assert!(outcomes[2..].iter().all(|outcome| outcome == "Skipped"), "{outcomes:?}");
    assert_eq!(checks.first("[name=fingerprint]", "value"), print);
    let before = asked(&server);
    let accepted = admin
        .post_form(&format!("{here}/certificate"), &[("fingerprint", &print)])
        .await;
    assert_eq!(accepted.status, 303);
    assert_eq!(
        asked(&server),
        before,
        "nothing is sent to a server that is not trusted"
    );
    admin
        .post_form(&format!("{here}/certificate"), &[("fingerprint", "none")])
        .await
        .page(422);
    let checks = admin.post_form(&format!("{here}/checks"), &[]).await;
    assert_eq!(
        checks.texts("#checks li .outcome"),
        ["Passed"; 8],
        "the password was kept"
    );
    server.simulator.cucm().set_password("sidetone-app", "something else");
    server.simulator.cucm().expire_sessions();
    let checks = admin.post_form(&format!("{here}/checks"), &[]).await;
    assert_eq!(checks.texts("#checks li .outcome")[2], "Failed");
    server.close().await;
}

#[tokio::test]
async fn for_whom_a_cluster_is_not_there_neither_are_its_phones() {
    let server = TestServer::start().await;
    let (handle, id) = server.phone("8845");
    let elsewhere: &[ClusterId] = &[];
    let user = server.person("limited", Role::Admin, Some(elsewhere)).await;
    let limited = server.browser_of("limited").await;
    assert_eq!(limited.get("/phones").await.page(200).texts("tbody tr").len(), 0);
    for path in [
        format!("/phones/{id}"),
        format!("/phones/{id}/screen"),
        format!("/clusters/{}", server.cluster),
    ] {
        limited.get(&path).await.page(404);
    }
    let press = format!("/phones/{id}/presses");
    limited.post_form(&press, &[("key", "KeyPad1")]).await.page(404);
    limited.post_form(&format!("/phones/{id}/facts"), &[]).await.page(404);
    for act in ["checks", "syncs", "trial", "removal"] {
        let path = format!("/clusters/{}/{act}", server.cluster);
        limited
            .post_form(&path, &[("name", "Simulated"), ("address", "127.20.0.1")])
            .await
            .page(404);
    }
    let by_address = [
        ("cluster", &*server.cluster.to_string()),
        ("address", &*handle.address().to_string()),
    ];
    limited.post_form("/phones/by-address", &by_address).await.page(422);
    let program = server.program_of(user).await;
    let api = format!("/api/v1/phones/{id}");
    for path in [api.clone(), format!("{api}/screen"), format!("{api}/facts")] {
        program.get(&path).await.problem(404);
    }
    let keys = serde_json::json!({"keys": ["KeyPad1"]});
    program
        .json("POST", &format!("{api}/presses"), &keys)
        .await
        .problem(404);
    let items = serde_json::json!({"items": [{"url": "Key:KeyPad1"}]});
    program
        .json("POST", &format!("{api}/executions"), &items)
        .await
        .problem(404);
    assert_eq!(program.get("/api/v1/phones").await.value()["total"], 0);
    assert_eq!(program.get("/api/v1/jobs").await.value()["total"], 0);
    assert_eq!(handle.requests().len(), 0, "nothing reached the phone");
    server.close().await;
}

//! "Why not?" through the pages: a diagnosis from its button to its verdict, and a remedy from its preview to its undo.

use sidetone::domain::finding::CheckId;
use sidetone::domain::role::Role;
use sidetone::simulator::Fault;

use super::client::{Answer, Client};
use super::server::TestServer;

/// Begins a diagnosis and follows it to its end: its address, and what was sent meanwhile.
async fn diagnosed(browser: &Client, phone: i64) -> (String, String) {
    let begun = browser.post_form(&format!("/phones/{phone}/diagnosis"), &[]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let page = begun.location().to_owned();
    let events = browser.get(&format!("{page}/events")).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    (page, events.text())
}

fn verdict(page: &Answer) -> String {
    page.page(200).texts("#h-verdict").concat()
}

#[tokio::test]
async fn a_healthy_phone_is_found_well_and_its_picture_is_shown() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let offer = format!("/phones/{phone}/diagnosis");
    let before = helpdesk.get(&offer).await;
    assert!(before.page(200).texts("button").contains(&"Find out why".to_owned()));
    let (path, events) = diagnosed(&helpdesk, phone).await;
    assert_eq!(events.matches("event: finding").count(), CheckId::ALL.len());
    assert!(events.trim_end().ends_with("event: done\ndata: over"), "{events}");
    let page = helpdesk.get(&path).await;
    assert_eq!(verdict(&page), "The phone answers and its screen was read");
    assert_eq!(page.texts("[data-check]").len(), CheckId::ALL.len());
    assert!(page.all("[data-outcome=failed]", "id").is_empty());
    let picture = helpdesk.get(&page.first(".verdict-picture img", "src")).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    // Whoever asks again at once is shown what was found, and a reload begins nothing.
    assert_eq!(helpdesk.get(&offer).await.location(), path);
    assert_eq!(
        page.all("#ticket a", "href").first(),
        Some(&format!("{path}/report.html"))
    );
    server.close().await;
}

#[tokio::test]
async fn a_fault_is_named_with_its_proof_and_a_helpdesk_person_learns_whom_to_ask() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_fault(Fault::WebAccessOff);
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let (path, _) = diagnosed(&helpdesk, phone).await;
    let page = helpdesk.get(&path).await;
    assert_eq!(verdict(&page), "The phone's own web server is switched off");
    let failed = page.all("[data-outcome=failed]", "id");
    assert!(failed.contains(&"check-web-access".to_owned()), "{failed:?}");
    assert_eq!(
        page.all("[data-outcome=failed] details[open]", "open").len(),
        failed.len()
    );
    let remedy = page.first("a[href$='/remedies/enable-web-access']", "href");
    let asking = helpdesk.get(&remedy).await;
    assert!(asking.page(200).texts("#ask-text").concat().contains(handle.name()));
    assert!(
        asking
            .texts("form button")
            .iter()
            .all(|text| !text.starts_with("Turn on"))
    );
    helpdesk.post_form(&remedy, &[]).await.page(403);
    // A script asks for the inside alone.
    let part = helpdesk.request("GET", &path).header("x-fragment", "whole");
    let part = helpdesk.send(part).await.text();
    assert!(part.contains("id=\"h-verdict\"") && !part.contains("<html"));
    let supervisor = server.signed_in_as(Role::Supervisor).await;
    for path in [path.as_str(), remedy.as_str()] {
        let refused = supervisor.get(path).await;
        assert!(
            refused.page(403).text().contains("this needs the role helpdesk"),
            "{path}"
        );
    }
    server.close().await;
}

#[tokio::test]
async fn a_remedy_is_previewed_applied_looked_after_and_undone() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_fault(Fault::NotAssociated);
    let admin = server.signed_in_as(Role::Admin).await;
    let (path, _) = diagnosed(&admin, phone).await;
    let ill = "The phone is not among the control login's controlled devices";
    assert_eq!(verdict(&admin.get(&path).await), ill);
    let remedy = format!("/phones/{phone}/remedies/add-controlled-device");
    let preview = admin.get(&remedy).await;
    assert!(
        preview
            .page(200)
            .texts(".change-table tbody")
            .concat()
            .contains(handle.name())
    );
    let token = preview.first("input[name=token]", "value");
    let changed = admin.post_form(&remedy, &[("token", "of another time")]).await;
    assert!(
        changed
            .page(422)
            .texts("[role=alert]")
            .concat()
            .contains("changed meanwhile")
    );
    let applied = admin.post_form(&remedy, &[("token", &token)]).await;
    assert_eq!(applied.status, 303, "{}", applied.text());
    let after = admin.get(applied.location()).await;
    assert_eq!(verdict(&after), "The phone answers and its screen was read");
    let told = after.texts("#mending").concat();
    assert!(told.contains("it helped"), "{told}");
    let undo = after.first("#mending form", "action");
    assert!(after.all("#changes form", "action").contains(&undo));
    let undone = admin.post_form(&undo, &[]).await;
    let after = admin.get(undone.location()).await;
    assert_eq!(verdict(&after), ill);
    assert!(after.texts("#mending").concat().contains("Undone by admin"));
    assert!(after.all("#changes form", "action").is_empty());
    let again = admin.post_form(&undo, &[]).await;
    assert!(
        again.header("set-cookie").contains("flash="),
        "it says that it was undone already"
    );
    server.close().await;
}

#[tokio::test]
async fn a_guide_checks_a_step_and_comes_back_to_it() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_fault(Fault::WebAccessOff);
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let guide = format!("/phones/{phone}/remedies/web-access-in-profile");
    let page = helpdesk.get(&guide).await;
    assert!(!page.page(200).texts(".step h3").is_empty());
    let step = page.first("input[name=step]", "value");
    let checked = helpdesk.post_form(&format!("{guide}/checks"), &[("step", &step)]).await;
    assert!(
        checked.location().ends_with(&format!("#step-{step}")),
        "{}",
        checked.location()
    );
    let back = helpdesk.get(checked.location()).await;
    assert!(
        back.texts(".notice")
            .concat()
            .contains("The phone's own web server is switched off")
    );
    assert_eq!(back.texts(&format!("#step-{step} .step-seen")).len(), 1);
    // A diagnosis of another phone says nothing about this one.
    let (_, other) = server.phone("7965");
    let (path, _) = diagnosed(&helpdesk, other).await;
    let number = path.trim_start_matches("/diagnoses/");
    let page = helpdesk.get(&format!("{guide}?diagnosis={number}")).await;
    assert!(page.page(200).texts(".step-seen").is_empty());
    server.close().await;
}

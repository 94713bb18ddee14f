//! Wizards through the pages: begun, walked, shared, left, saved.

use sidetone::domain::ids::ClusterId;
use sidetone::domain::role::Role;
use sidetone::simulator::Fault;

use super::client::{Answer, Client};
use super::server::TestServer;

/// Begins a wizard for a phone; gives the address of its first step.
async fn begun(browser: &Client, kind: &str, phone: i64) -> String {
    let answer = browser
        .post_form(&format!("/wizards/{kind}"), &[("phone", &phone.to_string())])
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().to_owned()
}

/// The page once nothing is looked at any more.
async fn seen(browser: &Client, path: &str) -> Answer {
    let waiting = async {
        loop {
            let page = browser.get(path).await;
            if page.all("[data-busy]", "hidden").is_empty() {
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_mins(1);
    tokio::time::timeout(limit, waiting).await.unwrap()
}

/// The run's own address.
fn run_of(step: &str) -> &str {
    step.rsplit_once('/').unwrap().0
}

async fn given(browser: &Client, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post_form(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.text());
    answer.location().to_owned()
}

fn current(page: &Answer) -> String {
    page.page(200).first("[aria-current=step]", "href")
}

#[tokio::test]
async fn the_list_offers_eight_wizards_to_those_who_may_diagnose() {
    let server = TestServer::start().await;
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let list = helpdesk.get("/wizards").await;
    assert_eq!(list.page(200).texts(".wiz-kinds h3").len(), 8);
    assert_eq!(list.first(".rail-nav [aria-current=page]", "href"), "/wizards");
    for href in list.all(".wiz-kinds a", "href") {
        let page = helpdesk.get(&href).await;
        assert!(page.page(200).texts(".wiz-outline li").len() >= 7, "{href}");
    }
    let supervisor = server.signed_in_as(Role::Supervisor).await;
    assert!(
        supervisor
            .get("/phones")
            .await
            .all("a[href='/wizards']", "href")
            .is_empty()
    );
    supervisor.get("/wizards").await.page(403);
    helpdesk.get("/wizards/no-such-wizard").await.page(404);
    helpdesk
        .post_form("/wizards/no-such-wizard", &[("phone", "1")])
        .await
        .page(404);
    server.close().await;
}

#[tokio::test]
async fn a_wizard_begins_for_the_phone_that_is_found_chosen_or_linked() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let by_name = given(&browser, "/wizards/no-address", &[("q", handle.name())]).await;
    assert!(browser.get(&by_name).await.page(200).text().contains(handle.name()));
    let several = browser.post_form("/wizards/no-address", &[("q", "SEP")]).await;
    assert_eq!(
        several.page(422).texts("[role=alert]"),
        ["Several phones fit. Choose one."]
    );
    assert!(several.all("input[name=phone]", "value").len() > 1);
    let none = browser
        .post_form("/wizards/no-address", &[("q", "nothing-like-it")])
        .await;
    assert_eq!(none.page(422).texts(".error"), ["No phone fits."]);
    assert_eq!(none.first("#q", "value"), "nothing-like-it", "what was typed stays");
    browser.post_form("/wizards/no-address", &[("q", " ")]).await.page(422);
    let linked = browser.get(&format!("/wizards/no-address?phone={phone}")).await;
    assert_eq!(
        linked.page(200).all("input[name=phone][checked]", "value"),
        [phone.to_string()]
    );
    browser.get("/wizards/no-address?phone=999999").await.page(404);
    browser
        .post_form("/wizards/no-address", &[("phone", "999999")])
        .await
        .page(404);
    let cluster = server.cluster.to_string();
    let for_cluster = given(&browser, "/wizards/certificate-change", &[("cluster", &cluster)]).await;
    assert!(for_cluster.ends_with("/what"));
    browser
        .post_form("/wizards/certificate-change", &[("cluster", "")])
        .await
        .page(422);
    browser
        .post_form("/wizards/certificate-change", &[("cluster", "999")])
        .await
        .page(404);
    server.close().await;
}

#[tokio::test]
async fn a_step_says_why_shows_what_was_seen_and_leads_on() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_fault(Fault::NotAssociated);
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let look = begun(&browser, "phone-refuses-control", phone).await;
    let page = seen(&browser, &look).await;
    assert_eq!(current(&page), look);
    assert!(page.texts(".wiz-why")[0].contains("error 4"));
    assert!(page.texts(".check-row").len() >= 3);
    let part = browser.request("GET", &look).header("x-fragment", "live");
    let part = browser.send(part).await.text();
    assert!(part.contains("check-row") && !part.contains("<html"));

    let association = given(&browser, &look, &[]).await;
    assert!(association.ends_with("/association"), "{association}");
    let page = seen(&browser, &association).await;
    let body = page.page(200).texts(".wiz-body").concat();
    for words in [
        handle.name(),
        "User Management > Application User > ",
        "Save Selected/Changes",
        "Device Association",
    ] {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert_eq!(
        page.first("a[href$='/remedies/add-controlled-device']", "href"),
        format!("/phones/{phone}/remedies/add-controlled-device")
    );
    let refused = browser.post_form(&association, &[("tick", "yes")]).await;
    assert!(refused.page(422).texts("[role=alert]")[0].contains("This is not done yet"));

    let run = run_of(&look);
    browser.get(&format!("{run}/no-such-step")).await.page(404);
    let early = browser.get(&format!("{run}/by-hand")).await;
    assert!(early.page(409).text().contains("Cause 2: the controlled devices"));
    browser
        .post_form(&format!("{run}/by-hand"), &[("choice", "picture")])
        .await
        .page(409);
    assert_eq!(seen(&browser, &look).await.status, 200, "earlier steps stay open");

    handle.clear_faults();
    given(&browser, &format!("{association}/check"), &[]).await;
    let page = seen(&browser, &association).await;
    assert!(
        page.texts(".notice.done")
            .concat()
            .contains("Done, as far as Sidetone sees")
    );
    let end = page.first(".wiz-buttons a.primary", "href");
    assert!(end.ends_with("/end"), "{end}");
    assert_eq!(given(&browser, &end, &[]).await, "/wizards");
    let actions: Vec<String> = server.trail().await.into_iter().map(|line| line.action).collect();
    for action in ["wizard-started", "wizard-ended"] {
        assert!(actions.iter().any(|known| known == action), "{actions:?}");
    }
    server.close().await;
}

#[tokio::test]
async fn two_people_walk_one_run_and_others_do_not_know_of_it() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("7965");
    let ana = server.signed_in_as(Role::Helpdesk).await;
    let ben = server.signed_in_as(Role::Admin).await;
    server.person("limited", Role::Helpdesk, Some(&[ClusterId(4711)])).await;
    let limited = server.browser_of("limited").await;
    let model = begun(&ana, "auth-fail-79xx", phone).await;
    let run = run_of(&model).to_owned();
    assert_eq!(
        ana.get(&model).await.all("input[checked]", "value"),
        ["7965"],
        "as CUCM has it"
    );
    given(&ana, &model, &[("choice", "7965")]).await;
    let symptom = format!("{run}/symptom");
    given(&ben, &symptom, &[]).await;
    let page = seen(&ana, &format!("{run}/route")).await;
    let rail = page.page(200).texts(".wiz-rail li");
    assert!(
        rail[0].contains("done by helpdesk") && rail[1].contains("done by admin"),
        "{rail:?}"
    );
    for path in [
        run.clone(),
        model.clone(),
        format!("{run}/support"),
        format!("{run}/dhcp/ios"),
    ] {
        limited.get(&path).await.page(404);
    }
    for path in [
        model.clone(),
        format!("{model}/check"),
        format!("{run}/leave"),
        format!("{run}/resume"),
    ] {
        limited.post_form(&path, &[("choice", "7965")]).await.page(404);
    }
    assert!(limited.get("/wizards").await.page(200).texts(".wiz-runs").is_empty());
    assert_eq!(ben.get(&run).await.location(), format!("{run}/route"));
    assert_eq!(given(&ana, &format!("{run}/leave"), &[]).await, "/wizards");
    ben.post_form(&format!("{run}/route"), &[("choice", "bench")])
        .await
        .page(409);
    let list = ben.get("/wizards").await;
    assert!(list.texts(".wiz-runs").concat().contains("Left at: The way"));
    assert_eq!(given(&ben, &format!("{run}/resume"), &[]).await, format!("{run}/route"));
    assert_eq!(
        given(&ben, &format!("{run}/route"), &[("choice", "bench")]).await,
        format!("{run}/kit")
    );
    server.close().await;
}

#[tokio::test]
async fn the_bench_gives_its_lines_to_copy_and_to_save_and_warns_before_the_wipe() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("7965");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let model = begun(&browser, "auth-fail-79xx", phone).await;
    let run = run_of(&model).to_owned();
    let at = |step: &str| format!("{run}/{step}");
    browser.get(&at("dhcp/ios")).await.page(409);
    given(&browser, &model, &[("choice", "7965")]).await;
    given(&browser, &at("symptom"), &[]).await;
    given(&browser, &at("route"), &[("choice", "bench")]).await;
    let kit = browser.get(&at("kit")).await;
    assert!(kit.text().contains("cmterm-7945_7965-sccp.8-5-2.zip"));
    let unticked = browser.post_form(&at("kit"), &[]).await;
    assert_eq!(unticked.page(422).texts("#h-tick"), ["Tick that it is done first."]);
    given(&browser, &at("kit"), &[("tick", "yes")]).await;
    let good = [
        ("router", "192.168.50.1"),
        ("prefix", "/24"),
        ("tftp", "192.168.50.2"),
        ("first", "192.168.50.10"),
        ("last", "192.168.50.99"),
    ];
    let mut bad = good;
    bad[2].1 = "192.168.51.2";
    let refused = browser.post_form(&at("addresses"), &bad).await;
    assert!(refused.page(422).texts("#h-tftp")[0].contains("outside 192.168.50.0/24"));
    assert_eq!(
        refused.first("#f-tftp", "value"),
        "192.168.51.2",
        "what was typed stays"
    );
    given(&browser, &at("addresses"), &good).await;
    let dhcp = browser.get(&at("dhcp")).await;
    let shown = dhcp.page(200).texts(".wiz-lines pre");
    assert_eq!(shown.len(), 4);
    for (id, name) in [
        ("ios", "bench-ios.txt"),
        ("isc", "bench-dhcpd.conf"),
        ("kea", "bench-kea-dhcp4.json"),
        ("dnsmasq", "bench-dnsmasq.conf"),
    ] {
        let file = browser.get(&at(&format!("dhcp/{id}"))).await;
        let attached = format!("attachment; filename=\"{name}\"");
        assert_eq!(
            (file.status, file.header("content-disposition")),
            (200, attached.as_str())
        );
        assert!(file.text().contains("192.168.50.2"));
        assert!(
            shown.contains(&file.text().trim().to_owned()),
            "the same lines as on the page"
        );
    }
    browser.get(&at("dhcp/windows")).await.page(404);
    given(&browser, &at("dhcp"), &[("tick", "yes")]).await;
    let tftp = seen(&browser, &at("tftp")).await;
    assert!(tftp.text().contains("term65.default.loads"));
    given(&browser, &at("tftp"), &[("tick", "yes")]).await;
    given(&browser, &at("plug"), &[("choice", "stays")]).await;
    given(&browser, &at("factory"), &[("choice", "stays")]).await;
    let wipe = browser.get(&at("wipe")).await;
    let warning = wipe.page(200).texts(".wiz-danger").concat();
    assert!(
        warning.contains("3491672850*#") && warning.contains("black"),
        "{warning}"
    );
    server.close().await;
}

#[tokio::test]
async fn what_was_seen_and_done_is_collected_in_one_file_without_secrets() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8865");
    handle.set_fault(Fault::TrustListBroken);
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let look = begun(&browser, "trust-list-trouble", phone).await;
    seen(&browser, &look).await;
    let settings = given(&browser, &look, &[]).await;
    seen(&browser, &settings).await;
    let file = browser.get(&format!("{}/support", run_of(&look))).await;
    assert_eq!(file.status, 200);
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; filename=\"sidetone-trust-list-trouble-")
    );
    let text = file.text();
    for words in [
        handle.name(),
        "Trust list trouble",
        "began the wizard",
        "helpdesk",
        "Steps",
        "Log",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(file.texts("table").len() >= 5, "facts, findings, readings, steps, log");
    server.close().await;
}

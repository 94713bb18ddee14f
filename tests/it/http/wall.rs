//! The wall: which phones it shows to whom, and the walls people keep.

use sidetone::domain::ids::ClusterId;
use sidetone::domain::role::Role;

use super::client::{Answer, Client};
use super::server::TestServer;

fn shown(page: &Answer) -> Vec<String> {
    page.all("[data-phone]", "data-phone")
}

fn numbers(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn a_wall_shows_what_was_searched_listed_or_nothing_and_says_what_is_left_out() {
    let server = TestServer::sized(130).await;
    let browser = server.signed_in_as(Role::Supervisor).await;
    let empty = browser.get("/wall").await;
    assert!(shown(empty.page(200)).is_empty());
    assert_eq!(empty.all("[role=search] [name=q]", "name"), ["q"]);
    assert_eq!(empty.all(".empty a[href='/phones']", "href"), ["/phones"]);

    let all = browser.get("/wall?q=").await;
    assert_eq!(shown(all.page(200)).len(), 100);
    assert_eq!(
        all.texts(".wall-sum span")[0],
        "130 phones fit; the first 100 are shown."
    );
    assert_eq!(
        all.text().matches("/screen\"").count(),
        24,
        "a page without script has few pictures"
    );

    let (_, desk) = server.phone("Cisco 8845");
    let found = browser.get("/wall?model=8845&status=registered&size=small").await;
    assert!(shown(&found).contains(&desk.to_string()));
    assert_eq!(found.first("[data-wall]", "data-size"), "small");
    assert_eq!(
        found.first("[data-to-display]", "href"),
        "/wall?q=&model=8845&status=registered&size=small&display=1"
    );
    assert!(
        browser
            .get("/wall?q=nothing-fits")
            .await
            .page(200)
            .texts("h2")
            .contains(&"No phone to show".to_owned())
    );

    let (_, old) = server.phone("Cisco 7960");
    let listed = browser.get(&format!("/wall?ids={old},999999,{desk},{old},-4")).await;
    assert_eq!(shown(&listed), [old.to_string(), desk.to_string()]);
    assert!(listed.texts(".wall-sum span")[0].starts_with("2 phones of the list are left out"));
    assert_eq!(
        shown(&browser.get(&format!("/wall?ids={old}&ids={desk}")).await).len(),
        2
    );
    assert_eq!(listed.all(".choose-list [name=ids]", "value"), shown(&listed));
    let many = browser.get(&format!("/wall?ids={}", numbers(&server.ids()))).await;
    assert_eq!(shown(many.page(200)).len(), 100);
    let display = browser.get("/wall?q=&display=1").await;
    assert_eq!(display.all("[data-display]", "data-size"), ["medium"]);
    server.close().await;
}

#[tokio::test]
async fn what_means_nothing_is_refused() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let endless = format!("ids={}", numbers(&(0..1_001).collect::<Vec<_>>()));
    for (asked, status) in [
        ("ids=1,two", 400),
        ("ids=99999999999999999999", 400),
        (endless.as_str(), 400),
        ("q=&size=huge", 400),
        ("q=&display=yes", 400),
        ("q=ana&ids=1", 400),
        ("wall=1&status=registered", 400),
        ("status=asleep", 400),
        ("cluster=x", 400),
        ("q=%ff", 400),
        ("wall=none", 404),
        ("wall=77", 404),
    ] {
        browser.get(&format!("/wall?{asked}")).await.page(status);
    }
    let long = "x".repeat(61);
    for (fields, status) in [
        (&[("q", "ana"), ("name", "")][..], 422),
        (&[("q", "ana"), ("name", "  ")], 422),
        (&[("q", "ana"), ("name", long.as_str())], 422),
        (&[("q", "ana"), ("name", "two\nlines")], 422),
        (&[("name", "nothing chosen")], 422),
        (&[("ids", "1,x"), ("name", "a")], 400),
        (&[("q", "ana"), ("size", "huge"), ("name", "a")], 400),
        (&[("status", "asleep"), ("name", "a")], 400),
        (&[("wall", "77"), ("name", "a")], 404),
    ] {
        browser.post_form("/wall/saved", fields).await.page(status);
    }
    assert!(
        browser.get("/wall").await.all("[data-saved]", "href").is_empty(),
        "nothing was saved"
    );
    server.close().await;
}

/// Saves a wall; gives its address.
async fn saved(browser: &Client, fields: &[(&str, &str)]) -> String {
    let answer = browser.post_form("/wall/saved", fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().to_owned()
}

#[tokio::test]
async fn a_saved_wall_comes_back_is_renamed_replaced_and_deleted() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Supervisor).await;
    let (_, desk) = server.phone("Cisco 8845");
    let (_, old) = server.phone("Cisco 7960");
    let list = numbers(&[old, desk]);
    let there = saved(&browser, &[("ids", &list), ("size", "large"), ("name", " Front desk ")]).await;
    let wall = browser.get(&there).await;
    assert_eq!(wall.page(200).texts("h1"), ["Front desk"]);
    assert_eq!(shown(&wall), [old.to_string(), desk.to_string()]);
    assert_eq!(wall.first("[data-wall]", "data-size"), "large");
    assert_eq!(
        wall.first("[data-to-size=small]", "href"),
        format!("{there}&size=small")
    );
    assert_eq!(
        shown(&browser.get("/wall?wall=front%20DESK").await).len(),
        2,
        "by its name"
    );

    let taken = browser
        .post_form("/wall/saved", &[("q", "model:8845"), ("name", "FRONT desk")])
        .await;
    assert_eq!(
        taken.page(422).texts(".error"),
        ["You have a wall of this name already."]
    );
    assert_eq!(taken.first("#save-name", "value"), "FRONT desk");
    let fields = [("q", "model:8845"), ("name", "FRONT desk"), ("replace", "1")];
    assert_eq!(saved(&browser, &fields).await, there);
    let replaced = browser.get(&there).await;
    assert!(shown(&replaced).contains(&desk.to_string()) && !shown(&replaced).contains(&old.to_string()));

    let second = saved(&browser, &[("wall", &there["/wall?wall=".len()..]), ("name", "Copy")]).await;
    let id = second["/wall?wall=".len()..].to_owned();
    let clash = browser
        .post_form(&format!("/wall/saved/{id}"), &[("name", "front desk")])
        .await;
    clash.page(422);
    let renamed = browser
        .post_form(&format!("/wall/saved/{id}"), &[("name", "Lobby"), ("shared", "1")])
        .await;
    assert_eq!((renamed.status, renamed.location()), (303, second.as_str()));
    assert_eq!(browser.get(&second).await.texts("h1"), ["Lobby"]);
    let gone = browser.post_form(&format!("/wall/saved/{id}/removal"), &[]).await;
    assert_eq!((gone.status, gone.location()), (303, "/wall"));
    browser.get(&second).await.page(404);
    browser
        .post_form(&format!("/wall/saved/{id}/removal"), &[])
        .await
        .page(404);
    server.close().await;
}

#[tokio::test]
async fn a_private_wall_is_its_owners_and_a_shared_one_shows_each_their_own_phones() {
    let server = TestServer::start().await;
    let owner = server.signed_in_as(Role::Helpdesk).await;
    server.person("grace", Role::Supervisor, None).await;
    server.person("limited", Role::Helpdesk, Some(&[ClusterId(4711)])).await;
    let (grace, limited) = (server.browser_of("grace").await, server.browser_of("limited").await);
    let list = numbers(&server.ids());
    let private = saved(&owner, &[("ids", &list), ("name", "Mine")]).await;
    let shared = saved(&owner, &[("ids", &list), ("name", "Ours"), ("shared", "1")]).await;
    grace.get(&private).await.page(404);
    grace.get("/wall?wall=mine").await.page(404);
    assert_eq!(shown(&grace.get(&shared).await).len(), server.count());
    assert_eq!(grace.get("/wall").await.texts("[data-saved]"), ["Ours"]);
    for path in ["", "/removal"] {
        let id = &shared["/wall?wall=".len()..];
        let answer = grace
            .post_form(&format!("/wall/saved/{id}{path}"), &[("name", "Stolen")])
            .await;
        answer.page(404);
    }

    let empty = limited.get(&shared).await;
    assert!(shown(empty.page(200)).is_empty());
    assert!(shown(limited.get("/wall?q=").await.page(200)).is_empty());
    assert!(shown(limited.get(&format!("/wall?ids={list}")).await.page(200)).is_empty());
    let own = saved(&limited, &[("ids", &list), ("name", "Probe"), ("shared", "1")]).await;
    assert!(
        shown(owner.get(&own).await.page(200)).is_empty(),
        "nobody shares what they do not see"
    );

    let admin = server.signed_in_as(Role::Admin).await;
    let id = &shared["/wall?wall=".len()..];
    assert_eq!(
        admin.post_form(&format!("/wall/saved/{id}/removal"), &[]).await.status,
        303
    );
    let id = &private["/wall?wall=".len()..];
    admin
        .post_form(&format!("/wall/saved/{id}/removal"), &[])
        .await
        .page(404);
    server.close().await;
}

#[tokio::test]
async fn only_who_may_press_gets_keys_and_the_list_leads_to_the_wall() {
    let server = TestServer::start().await;
    let supervisor = server.signed_in_as(Role::Supervisor).await;
    let helpdesk = server.signed_in_as(Role::Helpdesk).await;
    let looking = supervisor.get("/wall?q=").await;
    assert!(!looking.text().contains("data-key=") && !looking.text().contains("data-select-mode"));
    let pressing = helpdesk.get("/wall?q=").await;
    assert_eq!(pressing.all("[data-bar] [data-key='Hold']", "type"), ["button"]);
    let list = helpdesk.get("/phones?q=model%3A8845&sort=-name&page=1").await;
    let link = list.all("a[href^='/wall?']", "href");
    assert_eq!(link, ["/wall?q=model%3A8845&sort=-name"]);
    let (_, desk) = server.phone("Cisco 8845");
    assert!(shown(&helpdesk.get(&link[0]).await).contains(&desk.to_string()));
    server.close().await;
}

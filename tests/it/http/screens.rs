//! Shared watches of real (simulated) phones: one poller, its pace and its budget, what is wrong with a phone, and its
//! screen in words.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use sidetone::config::Config;
use sidetone::domain::catalogue::{Scheme, ScreenshotRoute};
use sidetone::domain::cause::Cause;
use sidetone::domain::ids::PhoneId;
use sidetone::domain::screen::ScreenFormat;
use sidetone::inventory::{ClusterPatch, Error};
use sidetone::screens::{Look, Onlooker, PacedBy, Phase, Reading, State, Text};
use sidetone::security::{ManageClusters, May, PressKeys, Viewer};
use sidetone::simulator::{Fault, PhoneHandle};
use tokio::time::timeout;

use super::server::TestServer;

/// Longer than anything here may take.
const LIMIT: Duration = Duration::from_secs(20);
const PICTURE: &str = "/CGI/Screenshot";

fn onlooker() -> Onlooker {
    Onlooker::new(&Viewer::system())
}

/// The first state that is as wanted.
async fn until(look: &mut Look, wanted: impl Fn(&State) -> bool) -> Arc<State> {
    timeout(LIMIT, async {
        loop {
            let state = look.next().await;
            if wanted(&state) {
                return state;
            }
        }
    })
    .await
    .expect("the watch does not get there")
}

async fn live(look: &mut Look) -> Arc<State> {
    until(look, |state| state.phase == Phase::Live).await
}

fn version(state: &State) -> u64 {
    state.screen.as_ref().unwrap().version
}

async fn words(reading: &mut Reading, wanted: impl Fn(&Text) -> bool) -> Arc<Text> {
    timeout(LIMIT, async {
        loop {
            let text = reading.next().await;
            if wanted(&text) {
                return text;
            }
        }
    })
    .await
    .expect("the phone does not say so")
}

async fn press(server: &TestServer, phone: PhoneId, key: &str) {
    let may: May<PressKeys> = Viewer::system().may().unwrap();
    let pressing = server.app.control.press(&may, phone, vec![key.parse().unwrap()]).await;
    pressing.unwrap_or_else(|refusal| panic!("{refusal}"));
}

async fn call(server: &TestServer, from: PhoneId, to: &PhoneHandle) {
    let target = server.app.inventory.target(from).await.unwrap();
    let item = sidetone::domain::execute::ExecuteItem {
        url: format!("Dial:{}", to.dn()).parse().unwrap(),
        priority: 0,
    };
    server.app.phones.execute(&target, &[item]).await.unwrap();
}

async fn sync(server: &TestServer) {
    let may: May<ManageClusters> = Viewer::system().may().unwrap();
    let started = server.app.jobs.start_sync(&may, server.cluster).await.unwrap();
    server.app.jobs.finished(&may, started.job.id).await.unwrap();
}

/// Pictures follow each other quickly, and so do attempts at a phone that fails.
fn quick(config: &mut Config) {
    (config.screens.idle_ms, config.screens.quiet_ms) = (100, 100);
    config.screens.pictures_per_second = 1_000;
    config.phones.read_timeout_ms = 500;
}

#[tokio::test]
async fn one_poller_serves_all_who_look_and_nobody_leaves_it_twice() {
    let server = TestServer::start().await;
    let screens = &server.app.screens;
    let (handle, id) = server.phone("8845");
    let mut looks: Vec<Look> = (0..20).map(|_| screens.look(PhoneId(id), onlooker())).collect();
    let mut seen = Vec::new();
    for look in &mut looks {
        seen.push(live(look).await);
    }
    assert_eq!(handle.requests_for(PICTURE), 1);
    let first = seen[0].screen.as_ref().unwrap();
    assert!(
        seen.iter()
            .all(|state| Arc::ptr_eq(state.screen.as_ref().unwrap(), first))
    );
    assert_eq!(
        (screens.viewers(PhoneId(id)), seen[0].paced_by),
        (20, PacedBy::Settings)
    );
    // A key is fetched for all of them alike, until the picture stands still.
    press(&server, PhoneId(id), "Settings").await;
    for look in &mut looks {
        until(look, |state| version(state) > version(&seen[0])).await;
    }
    assert!(handle.requests_for(PICTURE) <= 6);
    assert_eq!(handle.most_concurrent_requests(), 1);
    server.close().await;
}

#[tokio::test]
async fn a_watch_outlives_its_last_viewer_by_the_grace_time() {
    let server = TestServer::with(|config| config.screens.grace_ms = 600_000).await;
    let screens = &server.app.screens;
    let (handle, id) = server.phone("8845");
    let mut look = screens.look(PhoneId(id), onlooker());
    let before = live(&mut look).await;
    drop(look);
    let mut back = screens.look(PhoneId(id), onlooker());
    let after = live(&mut back).await;
    assert!(Arc::ptr_eq(
        before.screen.as_ref().unwrap(),
        after.screen.as_ref().unwrap()
    ));
    assert_eq!(handle.requests_for(PICTURE), 1);
    server.close().await;

    let server = TestServer::with(|config| config.screens.grace_ms = 0).await;
    let screens = &server.app.screens;
    let (handle, id) = server.phone("8845");
    let mut look = screens.look(PhoneId(id), onlooker());
    live(&mut look).await;
    drop(look);
    let gone = async {
        while screens.state(PhoneId(id)).is_some() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, gone).await.expect("the watch does not end");
    live(&mut screens.look(PhoneId(id), onlooker())).await;
    assert_eq!(handle.requests_for(PICTURE), 2);
    server.close().await;
}

#[tokio::test]
async fn an_unchanged_picture_is_kept_and_confirmed() {
    let server = TestServer::with(quick).await;
    // One that sends PNG, one that sends bitmaps, one that sends its own form.
    for model in ["8845", "7965", "7821"] {
        let (_, id) = server.phone(model);
        let mut look = server.app.screens.look(PhoneId(id), onlooker());
        let first = live(&mut look).await;
        server.clock.advance(Duration::from_secs(5));
        let later = until(&mut look, |state| state.confirmed_at > first.confirmed_at).await;
        if version(&later) == version(&first) {
            assert!(Arc::ptr_eq(
                first.screen.as_ref().unwrap(),
                later.screen.as_ref().unwrap()
            ));
        }
        assert!(later.polls_per_s > 0.1, "{model}: {}", later.polls_per_s);
    }
    server.close().await;
}

#[tokio::test]
async fn a_tile_that_somebody_opens_is_fetched_at_once() {
    let server = TestServer::with(|config| {
        quick(config);
        (config.screens.tile_ms, config.screens.tile_quiet_ms) = (600_000, 600_000);
    })
    .await;
    let screens = &server.app.screens;
    let (handle, id) = server.phone("8845");
    let mut tile = screens.look(PhoneId(id), onlooker().at_a_tile());
    let first = live(&mut tile).await;
    assert_eq!(handle.requests_for(PICTURE), 1);
    server.clock.advance(Duration::from_secs(1));
    let opened = screens.look(PhoneId(id), onlooker());
    until(&mut tile, |state| state.confirmed_at > first.confirmed_at).await;
    drop(opened);
    server.close().await;
}

#[tokio::test]
async fn the_budget_of_a_cluster_is_shared_and_told() {
    let server = TestServer::with(|config| config.screens.pictures_per_second = 4).await;
    let screens = &server.app.screens;
    let models = ["8845", "8851", "8841", "7965"];
    let ids: BTreeSet<i64> = models.iter().map(|model| server.phone(model).1).collect();
    let mut looks: Vec<Look> = ids.iter().map(|&id| screens.look(PhoneId(id), onlooker())).collect();
    let mut paced = Vec::new();
    for look in &mut looks {
        paced.push(live(look).await.paced_by);
    }
    assert!(paced.contains(&PacedBy::Budget), "{paced:?}");
    server.close().await;
}

#[tokio::test]
async fn a_phone_that_moved_is_followed_after_a_sync() {
    let server = TestServer::start().await;
    let screens = &server.app.screens;
    let (handle, id) = server.phone("8845");
    let mut look = screens.look(PhoneId(id), onlooker());
    live(&mut look).await;
    // An open connection would stay with the phone.
    handle.set_fault(Fault::Refuses);
    screens.expect_change(PhoneId(id));
    until(&mut look, |state| state.trouble.is_some()).await;
    let [first, second, third, _] = handle.address().octets();
    handle.move_to(Ipv4Addr::new(first, second, third, 250));
    handle.clear_faults();
    screens.expect_change(PhoneId(id));
    let stale = timeout(LIMIT, look.next()).await.unwrap();
    assert!(stale.trouble.is_some() && stale.screen.is_some() && stale.phase == Phase::Stale);
    sync(&server).await;
    screens.expect_change(PhoneId(id));
    assert_eq!(live(&mut look).await.trouble, None);
    let target = server.app.inventory.target(PhoneId(id)).await.unwrap();
    assert_eq!(target.address, handle.address());
    server.close().await;
}

#[tokio::test]
async fn the_way_to_a_phone_is_read_once_and_every_change_is_seen() {
    let server = TestServer::start().await;
    let (inventory, may) = (&server.app.inventory, Viewer::system().may().unwrap());
    let (_, id) = server.phone("8845");
    let id = PhoneId(id);
    let before = inventory.target(id).await.unwrap();
    let route = ScreenshotRoute {
        scheme: Scheme::Https,
        path: "/CGI/Screenshot".to_owned(),
        render_first: false,
    };
    assert_ne!(before.screenshot_route.as_ref(), Some(&route));
    inventory.remember_route(id, &route).await.unwrap();
    assert_eq!(inventory.target(id).await.unwrap().screenshot_route, Some(route));
    let narrow = ClusterPatch {
        phone_networks: Some(vec!["10.0.0.0/8".to_owned()]),
        ..ClusterPatch::default()
    };
    inventory.change_cluster(&may, server.cluster, narrow).await.unwrap();
    assert!(matches!(inventory.target(id).await, Err(Error::OutsideNetworks(_))));
    let wide = ClusterPatch {
        phone_networks: Some(vec!["127.0.0.0/8".to_owned()]),
        ..ClusterPatch::default()
    };
    inventory.change_cluster(&may, server.cluster, wide).await.unwrap();
    assert_eq!(inventory.target(id).await.unwrap().address, before.address);
    inventory.remove_cluster(&may, server.cluster).await.unwrap();
    assert!(matches!(inventory.target(id).await, Err(Error::UnknownPhone)));
    server.close().await;
}

#[tokio::test]
async fn a_known_way_costs_no_sql() {
    let server = TestServer::start().await;
    let (_, id) = server.phone("8845");
    let before = server.app.inventory.target(PhoneId(id)).await.unwrap();
    server.app.store.close().await;
    let after = server.app.inventory.target(PhoneId(id)).await.unwrap();
    assert_eq!(after.address, before.address);
    server.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_one_phone_harms_no_other() {
    let server = TestServer::with(quick).await;
    let screens = &server.app.screens;
    let faults = [
        ("8845", Fault::HugeBody, Cause::ScreenshotUndecodable),
        ("8851", Fault::EndlessBody, Cause::ScreenshotUndecodable),
        ("8841", Fault::StalledBody, Cause::PhoneSlow),
        ("7965", Fault::GarbagePicture, Cause::ScreenshotUndecodable),
        ("7821", Fault::Silent, Cause::PhoneNotAnswering),
    ];
    let mut sick = Vec::new();
    for (model, fault, cause) in faults {
        let (handle, id) = server.phone(model);
        handle.set_fault(fault);
        sick.push((handle, screens.look(PhoneId(id), onlooker()), cause));
    }
    let (healthy, id) = server.phone("7975");
    let mut well = screens.look(PhoneId(id), onlooker());
    let first = live(&mut well).await;
    for (handle, look, cause) in &mut sick {
        let state = until(look, |state| state.trouble.is_some()).await;
        let told = state.trouble.as_ref().unwrap();
        assert_eq!((state.phase, told.cause), (Phase::Lost, *cause), "{}", handle.model());
        assert!(state.screen.is_none() && !told.evidence.is_empty());
    }
    server.clock.advance(Duration::from_secs(1));
    until(&mut well, |state| {
        state.phase == Phase::Live && state.confirmed_at > first.confirmed_at
    })
    .await;
    assert_eq!(healthy.most_concurrent_requests(), 1);
    // They come back by themselves, with nobody doing anything.
    for (handle, look, _) in &mut sick {
        handle.clear_faults();
        live(look).await;
    }
    server.close().await;
}

#[tokio::test]
async fn a_phone_may_change_the_form_of_its_pictures() {
    let server = TestServer::with(quick).await;
    let (handle, id) = server.phone("7965");
    let mut look = server.app.screens.look(PhoneId(id), onlooker());
    let mut before = live(&mut look).await;
    let size = |state: &State| {
        let picture = &state.screen.as_ref().unwrap().picture;
        (picture.format, picture.width, picture.height)
    };
    let own = size(&before);
    handle.set_fault(Fault::OtherFormat);
    let other = (ScreenFormat::Png, 800, 480);
    for wanted in [other, own] {
        let after = until(&mut look, |state| state.screen.is_some() && size(state) == wanted).await;
        assert!(version(&after) > version(&before) && after.trouble.is_none());
        before = after;
        handle.clear_faults();
    }
    server.close().await;
}

#[tokio::test]
async fn the_screen_in_words_follows_the_picture() {
    let server = TestServer::start().await;
    let screens = &server.app.screens;
    let (_, id) = server.phone("8845");
    let (other, other_id) = server.phone("8851");
    let (id, other_id) = (PhoneId(id), PhoneId(other_id));
    let mut reading = screens.read(other_id);
    let _look = screens.look(other_id, onlooker());
    let idle = words(&mut reading, |_| true).await;
    assert!(idle.available && idle.calls.is_empty());
    assert_eq!(
        (idle.lines[0].position, idle.lines[0].number.as_deref()),
        (1, Some(other.dn()))
    );
    assert!(idle.lines.iter().all(|line| line.message_waiting.is_some()));
    // A second reader is told at once what the first was told.
    assert!(Arc::ptr_eq(&words(&mut screens.read(other_id), |_| true).await, &idle));
    call(&server, id, &other).await;
    screens.expect_change(other_id);
    let ringing = words(&mut reading, |text| !text.calls.is_empty()).await;
    let call = &ringing.calls[0];
    assert_eq!((call.line, call.state.as_deref()), (1, Some("RINGIN")));
    assert_eq!(call.number.as_deref(), Some(server.phone("8845").0.dn()));
    assert_eq!(ringing.lines[0].state.as_deref(), Some("RINGING"));
    assert!(ringing.softkeys.iter().any(|key| key.label == "Answer"), "{ringing:?}");
    press(&server, other_id, "Settings").await;
    words(&mut reading, |text| {
        text.title != ringing.title || text.rows != ringing.rows
    })
    .await;
    assert_eq!(other.most_concurrent_requests(), 1);
    server.close().await;
}

#[tokio::test]
async fn an_8821_is_never_asked_for_its_calls() {
    let server = TestServer::start().await;
    let screens = &server.app.screens;
    let (_, caller) = server.phone("8845");
    let (handle, id) = server.phone("8821");
    let mut reading = screens.read(PhoneId(id));
    let _look = screens.look(PhoneId(id), onlooker());
    words(&mut reading, |text| text.available).await;
    call(&server, PhoneId(caller), &handle).await;
    screens.expect_change(PhoneId(id));
    let ringing = words(&mut reading, |text| {
        text.lines.iter().any(|line| line.state.as_deref() == Some("RINGING"))
    })
    .await;
    assert!(ringing.calls.is_empty());
    let asked = handle.requests();
    assert!(asked.iter().all(|seen| !seen.path.contains("CallInfo")), "{asked:?}");
    server.close().await;
}

#[tokio::test]
async fn a_phone_without_words_is_asked_once() {
    let server = TestServer::start().await;
    let screens = &server.app.screens;
    let (handle, id) = server.phone("8845");
    handle.set_fault(Fault::NoWords);
    let mut reading = screens.read(PhoneId(id));
    let mut look = screens.look(PhoneId(id), onlooker());
    let text = words(&mut reading, |_| true).await;
    assert!(!text.available && text.lines.is_empty() && text.title.is_none());
    let asked = handle.requests_for("/CGI/Java/") + handle.requests_for("/CGI/ModeInfo");
    let before = live(&mut look).await;
    press(&server, PhoneId(id), "Settings").await;
    until(&mut look, |state| version(state) > version(&before)).await;
    let again = handle.requests_for("/CGI/Java/") + handle.requests_for("/CGI/ModeInfo");
    assert_eq!(asked, again);
    server.close().await;
}

//! Texts on displays.

use std::time::Duration;

use sidetone::audit::Outcome;
use sidetone::domain::cause::Cause;
use sidetone::domain::job::{Text, TextButton};
use sidetone::domain::role::Role;
use sidetone::reach::ReachError;
use sidetone::security::{May, PressKeys, Viewer};
use sidetone::simulator::Fault;

use super::{Site, may_reach};

fn text(words: &str) -> Text {
    Text {
        title: "Fire drill".to_owned(),
        text: words.to_owned(),
        ..Text::default()
    }
}

fn with_button(dials: &str) -> Text {
    Text {
        buttons: vec![TextButton {
            label: "Call the desk".to_owned(),
            dials: dials.to_owned(),
        }],
        ..text("Leave <now> & meet at 'A'")
    }
}

#[tokio::test]
async fn a_text_is_shown_with_its_softkeys_and_the_trail_does_not_tell_it() {
    let site = Site::new().await;
    let (_, helpdesk) = site.person("ann", Role::Helpdesk).await;
    let (handle, phone) = site.phone("8845");
    let delivered = site
        .reach()
        .message(&helpdesk, phone, &with_button("2041"))
        .await
        .unwrap();
    assert!(!delivered.fetched);
    let (title, words, mut keys) = handle.shown_text().unwrap();
    keys.sort();
    assert_eq!(
        (title.as_str(), words.as_str()),
        ("Fire drill", "Leave <now> & meet at 'A'")
    );
    assert_eq!(keys, ["Call the desk", "Exit"]);
    let line = site
        .trail()
        .await
        .into_iter()
        .find(|line| line.action == "message")
        .unwrap();
    assert_eq!((line.user_name.as_str(), line.outcome), ("ann", Outcome::Done));
    assert!(
        line.detail.contains("Fire drill") && !line.detail.contains("Leave"),
        "{}",
        line.detail
    );
    site.end().await;
}

#[tokio::test]
async fn an_old_phone_fetches_what_is_longer_than_512_bytes() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("7962");
    let short = site
        .reach()
        .message(&Viewer::system(), phone, &text("Hello"))
        .await
        .unwrap();
    assert!(!short.fetched);
    let long = text(&"0123456789".repeat(390));
    let delivered = site.reach().message(&Viewer::system(), phone, &long).await.unwrap();
    assert!(delivered.fetched);
    let (title, words, keys) = handle.shown_text().unwrap();
    assert_eq!((title, words), (long.title, long.text));
    assert_eq!(keys, ["Exit"]);
    site.end().await;
}

#[tokio::test]
async fn what_breaks_a_limit_is_refused_with_its_field_and_nothing_is_sent() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8845");
    let refused = |text: Text| {
        let reach = site.reach();
        async move { reach.message(&Viewer::system(), phone, &text).await.unwrap_err() }
    };
    let long = refused(text(&"x".repeat(4_001))).await;
    assert!(matches!(long, ReachError::Invalid { field: "text", .. }), "{long}");
    let title = Text {
        title: "x".repeat(33),
        ..text("Hello")
    };
    assert!(matches!(
        refused(title).await,
        ReachError::Invalid { field: "title", .. }
    ));
    for number in ["112", "0112", "911#", "9911"] {
        let emergency = refused(with_button(number)).await;
        assert!(matches!(emergency, ReachError::Emergency(_)), "{number}: {emergency}");
    }
    let (_, supervisor) = site.person("sue", Role::Supervisor).await;
    let denied = site.reach().message(&supervisor, phone, &text("Hello")).await;
    assert!(matches!(denied, Err(ReachError::Denied(_))));
    assert_eq!(handle.requests_for("/CGI/Execute"), 0);
    site.end().await;
}

#[tokio::test]
async fn a_phone_that_somebody_drives_or_that_does_not_answer_gets_none() {
    let site = Site::new().await;
    let (_, driver) = site.person("dora", Role::Helpdesk).await;
    let (handle, phone) = site.phone("8845");
    let may: May<PressKeys> = driver.may().unwrap();
    site.app.control.drive(&may, phone).await.unwrap();
    let refused = site.reach().message(&Viewer::system(), phone, &text("Hello")).await;
    assert!(matches!(refused, Err(ReachError::Driven(_))), "{refused:?}");
    assert_eq!(handle.shown_text(), None);
    // The driver themselves may.
    site.reach().message(&driver, phone, &text("Hello")).await.unwrap();
    let (silent, its_number) = site.phone("7821");
    silent.set_fault(Fault::Refuses);
    let failed = site
        .reach()
        .message(&Viewer::system(), its_number, &text("Hello"))
        .await;
    let Err(ReachError::Blocked(trouble)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(trouble.cause, Cause::WebAccessDisabled);
    site.end().await;
}

#[tokio::test]
async fn a_text_is_taken_off_when_its_time_is_over() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8845");
    let expiring = |minutes| Text {
        expires_minutes: minutes,
        ..text("Hello")
    };
    let show = |minutes| {
        let (reach, text) = (site.reach(), expiring(minutes));
        async move { reach.message(&Viewer::system(), phone, &text).await.unwrap() }
    };
    show(Some(5)).await;
    site.clock.advance(Duration::from_mins(4));
    site.reach().end_messages().await.unwrap();
    assert!(handle.shown_text().is_some());
    // A later text without an end stays, whatever was before it.
    show(None).await;
    site.clock.advance(Duration::from_mins(10));
    assert_eq!(site.reach().end_messages().await.unwrap(), 0);
    assert!(handle.shown_text().is_some());
    show(Some(1)).await;
    site.clock.advance(Duration::from_mins(1));
    assert_eq!(site.reach().end_messages().await.unwrap(), 1);
    assert_eq!(handle.shown_text(), None);
    assert_eq!(site.reach().end_messages().await.unwrap(), 0);
    site.end().await;
}

#[tokio::test]
async fn an_end_that_cannot_be_done_is_tried_for_an_hour_and_then_told() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8845");
    let expiring = Text {
        expires_minutes: Some(5),
        ..text("Hello")
    };
    site.reach().message(&may_reach(), phone, &expiring).await.unwrap();
    handle.set_fault(Fault::Refuses);
    site.clock.advance(Duration::from_mins(5));
    assert_eq!(site.reach().end_messages().await.unwrap(), 1);
    assert_eq!(site.reach().end_messages().await.unwrap(), 0, "not again at once");
    site.clock.advance(Duration::from_mins(1));
    assert_eq!(site.reach().end_messages().await.unwrap(), 1);
    site.clock.advance(Duration::from_hours(1));
    assert_eq!(site.reach().end_messages().await.unwrap(), 1);
    site.clock.advance(Duration::from_hours(1));
    assert_eq!(site.reach().end_messages().await.unwrap(), 0);
    let trail = site.trail().await;
    let told = trail
        .iter()
        .any(|line| line.action == "message-expired" && line.detail.contains("left on the display"));
    assert!(told, "{trail:?}");
    site.end().await;
}

#[tokio::test]
async fn templates_are_kept_by_name() {
    let site = Site::new().await;
    let (reach, may) = (site.reach(), may_reach());
    let id = reach.add_template(&may, " Fire ", &with_button("2041")).await.unwrap();
    let taken = reach.add_template(&may, "fire", &text("Hello")).await;
    assert!(matches!(taken, Err(ReachError::NameTaken(_))), "{taken:?}");
    reach.save_template(&may, id, "Fire drill", &text("Go")).await.unwrap();
    let kept = reach.templates(&may).await.unwrap();
    assert_eq!(
        (kept[0].name.as_str(), kept[0].text.text.as_str(), kept.len()),
        ("Fire drill", "Go", 1)
    );
    reach.remove_template(&may, id).await.unwrap();
    assert!(matches!(
        reach.template(&may, id).await,
        Err(ReachError::Unknown("template"))
    ));
    site.end().await;
}

#[tokio::test]
async fn a_text_that_is_not_sent_takes_nothing_from_the_one_before_it() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8845");
    let expiring = |minutes| Text {
        expires_minutes: minutes,
        ..text("Hello")
    };
    site.reach()
        .message(&may_reach(), phone, &expiring(Some(5)))
        .await
        .unwrap();
    let (_, driver) = site.person("dora", Role::Helpdesk).await;
    let may: May<PressKeys> = driver.may().unwrap();
    site.app.control.drive(&may, phone).await.unwrap();
    for minutes in [None, Some(30)] {
        let refused = site.reach().message(&Viewer::system(), phone, &expiring(minutes)).await;
        assert!(matches!(refused, Err(ReachError::Driven(_))), "{refused:?}");
    }
    site.app.control.release(&may, phone).await.unwrap();
    site.clock.advance(Duration::from_mins(5));
    assert_eq!(site.reach().end_messages().await.unwrap(), 1);
    assert_eq!(handle.shown_text(), None);
    site.end().await;
}

#[tokio::test]
async fn silent_phones_do_not_keep_the_others_texts_on_their_displays() {
    let site = Site::new().await;
    let expiring = Text {
        expires_minutes: Some(5),
        ..text("Hello")
    };
    let phones = ["7821", "7962", "8841", "8845", "8851"].map(|model| site.phone(model));
    for (_, phone) in &phones {
        site.reach().message(&may_reach(), *phone, &expiring).await.unwrap();
    }
    for (handle, _) in &phones[..4] {
        handle.set_fault(Fault::Silent);
    }
    site.clock.advance(Duration::from_mins(5));
    let begun = std::time::Instant::now();
    assert_eq!(site.reach().end_messages().await.unwrap(), phones.len());
    assert_eq!(phones[4].0.shown_text(), None);
    // One after another they would take 3 s each.
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    site.end().await;
}

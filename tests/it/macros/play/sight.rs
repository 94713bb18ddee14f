//! Phones that do not tell their screen in words: a person confirms a picture, and it may be remembered.

use std::time::Duration;

use sidetone::domain::role::Role;
use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, PlayError, Playing, Reply};
use sidetone::security::{EditMacros, Viewer};
use sidetone::simulator::Fault;
use tokio_util::sync::CancellationToken;

use super::job::Witnessed;
use super::{Stage, admin, ended_as};

const MACRO: &str = "macro \"blind\"\ndestructive\n\nfetch trust-list as before\npress Applications\nchoose \"Admin settings\"\nchoose \"Reset settings\"\n\
    choose \"Security settings\"\nexpect title \"Security settings\"\ndestructive press Soft3\nprove trust-list-deleted within 30s\n";

#[tokio::test]
async fn a_picture_that_a_person_confirmed_stands_in_for_words() {
    let stage = Stage::with(|options| options.restart = Duration::from_secs(5), |_| {}).await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::NoMenus);
    let macro_id = stage.add(MACRO).await;
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    let order = stage.order(&phone, macro_id).await;
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::NeedsPerson, "{report:#?}");
    assert!(report.pictures.iter().any(|(name, _)| name.starts_with("first")));
    phone.clear_faults();
    stage.play(&phone, "macro \"idle\"\nsafe\n\nexpect idle\n").await;
    phone.set_fault(Fault::NoMenus);

    let mut run = stage.start(order.clone()).await.unwrap();
    for (asked, answer) in [
        ("the row \"Admin settings\"", Reply::Row { row: 6, remember: true }),
        ("the row \"Reset settings\"", Reply::Row { row: 4, remember: true }),
        ("the row \"Security settings\"", Reply::Row { row: 5, remember: true }),
        (
            "a menu with the heading \"Security settings\"",
            Reply::Confirm { remember: true },
        ),
    ] {
        let view = run
            .until(|view| matches!(&view.state, Playing::Asking(question) if question.expectation == asked))
            .await;
        let Playing::Asking(question) = &view.state else {
            unreachable!()
        };
        assert!(question.can_remember, "{question:?}");
        let picture = stage.macros.picture(&admin(), view.id, question.picture.unwrap()).await;
        assert!(!picture.unwrap().bytes.is_empty());
        // An answer to the question before was given to another picture.
        let late = Command::Answer {
            question: view.asked - 1,
            reply: answer,
        };
        let refused = stage.macros.command(&admin(), run.id, late).await;
        assert!(matches!(refused, Err(PlayError::NotNow(_))), "{refused:?}");
        stage.answer(&run, answer).await;
    }
    run.until(|view| view.evidence.contains("silent since")).await;
    stage.clinic.house.clock.advance(Duration::from_secs(6));
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Succeeded, "No Trust List installed");

    // The same pictures on the same load need nobody.
    let pressed = phone.keys_received().len();
    let back = async {
        phone.wait_for_keys(pressed + 5).await;
        while phone.is_registered() {
            tokio::task::yield_now().await;
        }
        stage.clinic.house.clock.advance(Duration::from_secs(6));
    };
    let viewer = admin();
    let playing = Box::pin(stage.macros.play_for_job(&viewer, &order, &hooks, &cancel));
    let (report, ()) = tokio::join!(playing, back);
    assert_eq!(report.end, RunEnd::Succeeded, "{report:#?}");
    let may = admin().may::<EditMacros>().unwrap();
    let sights = stage.macros.sights(&may).await.unwrap();
    assert_eq!(sights.len(), 4);
    stage.macros.forget_sight(&may, sights[0].id).await.unwrap();
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::NeedsPerson);
    stage.clinic.close().await;
}

#[tokio::test]
async fn what_a_person_refuses_is_not_pressed() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::NoWords);
    let text = "macro \"refuse\"\ndestructive\n\nexpect title \"Anything\"\ndestructive press Soft3\n";
    let mut run = stage.started(&phone, text).await;
    run.until(|view| matches!(view.state, Playing::Asking(_))).await;
    stage.answer(&run, Reply::Refuse).await;
    ended_as(&stage.ended(run).await, RunEnd::Stopped, "does not show");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn what_the_helpdesk_recognised_stands_in_for_nothing_destructive() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::NoWords);
    let mut helpdesk = Viewer::command();
    helpdesk.role = Role::Helpdesk;
    helpdesk.name = "hal".to_owned();
    let look = |name: &str, expected: &str| format!("macro \"{name}\"\nsafe\n\nexpect {expected}\n");
    for (first, second, expected) in [("a", "b", "title \"Anything\""), ("c", "d", "picture \"menu\"")] {
        let mut run = stage.started(&phone, &look(first, expected)).await;
        run.until(|view| matches!(view.state, Playing::Asking(_))).await;
        let yes = Command::Answer {
            question: 1,
            reply: Reply::Confirm { remember: true },
        };
        stage.macros.command(&helpdesk, run.id, yes).await.unwrap();
        let view = stage.ended(run).await;
        ended_as(&view, RunEnd::Succeeded, "");
        let seen = view.steps[0].seen.clone().unwrap();
        assert!(seen.starts_with("hal confirmed"), "{seen}");
        if expected.starts_with("title") {
            let again = stage.play(&phone, &look(second, expected)).await;
            ended_as(&again, RunEnd::Succeeded, "");
        }
    }
    // The name of a picture means nothing in another macro, and a destructive one wants an admin's word.
    for text in [
        look("other", "picture \"menu\""),
        "macro \"harm\"\ndestructive\n\nexpect title \"Anything\"\ndestructive press Soft3\n".to_owned(),
    ] {
        let mut run = stage.started(&phone, &text).await;
        run.until(|view| matches!(view.state, Playing::Asking(_))).await;
        stage.answer(&run, Reply::Refuse).await;
        ended_as(&stage.ended(run).await, RunEnd::Stopped, "does not show");
    }
    let may = admin().may::<EditMacros>().unwrap();
    let sights = stage.macros.sights(&may).await.unwrap();
    assert!(sights.iter().all(|sight| sight.by == "hal"), "{sights:?}");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

//! Runs that are kept: after a crash, in lists, and removed when they are old.

use std::collections::BTreeSet;
use std::time::Duration;

use sidetone::audit;
use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, PlayError, Playing};
use sidetone::store;

use super::{Stage, admin, ended_as, player};

#[tokio::test]
async fn a_crash_leaves_unsure_what_was_touched_and_stops_the_rest() {
    let stage = Stage::new().await;
    let (touched, untouched) = (stage.clinic.phone("8845"), stage.clinic.phone("8841"));
    let unread = stage.clinic.phone("8851");
    let macro_id = stage.add("macro \"steps\"\nsafe\n\npress VolUp\npress VolUp\n").await;
    let mut runs = Vec::new();
    for phone in [&touched, &untouched, &unread] {
        let mut order = stage.order(phone, macro_id).await;
        order.step_by_step = true;
        let mut run = stage.start(order).await.unwrap();
        run.until(|view| view.state == Playing::Paused).await;
        runs.push(run);
    }
    stage.tell(&runs[0], Command::Step).await;
    runs[0]
        .until(|view| view.state == Playing::Paused && view.steps.len() == 1)
        .await;
    let mut tx = stage.clinic.tools.store.begin().await.unwrap();
    store::macro_runs::progress(&mut tx, runs[2].id, "{").await.unwrap();
    tx.commit().await.unwrap();
    // Another program opens the same database, as after a kill: nothing of this one's memory is left.
    let later = player(&stage.clinic);
    assert_eq!(later.recover().await.unwrap(), 3);
    let view = later.run(&admin(), runs[0].id).await.unwrap();
    ended_as(&view, RunEnd::Unsure, "nobody knows how far it came");
    assert_eq!(view.steps.len(), 1, "the steps so far are kept");
    ended_as(
        &later.run(&admin(), runs[1].id).await.unwrap(),
        RunEnd::Stopped,
        "before anything was sent",
    );
    let of_unread = later.runs_of_phone(&admin(), stage.clinic.id(&unread).await, 1).await;
    assert_eq!(of_unread.unwrap()[0].state, "stopped", "its row alone tells it");
    assert_eq!(later.recover().await.unwrap(), 0);
    assert_eq!(touched.keys_received(), ["VolUp"], "nothing is repeated");
    for run in &runs {
        stage.tell(run, Command::Stop).await;
    }
    stage.clinic.close().await;
}

#[tokio::test]
async fn runs_are_listed_and_removed_with_their_pictures() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let view = stage
        .play(&phone, "macro \"shot\"\nsafe\n\npress VolUp\nscreenshot \"x\"\n")
        .await;
    let id = stage.clinic.id(&phone).await;
    let runs = stage.macros.runs_of_phone(&admin(), id, 10).await.unwrap();
    assert_eq!(
        (runs.len(), runs[0].id, runs[0].state.as_str()),
        (1, view.id, "succeeded")
    );
    let runs = stage.macros.runs_of_macro(&admin(), view.macro_id, 10).await.unwrap();
    assert_eq!(runs.len(), 1);
    let mut limited = admin();
    limited.clusters = Some(BTreeSet::new());
    assert!(matches!(
        stage.macros.run(&limited, view.id).await,
        Err(PlayError::Unknown)
    ));
    let picture = view.pictures[0].evidence_id;
    assert!(stage.macros.picture(&limited, view.id, picture).await.is_err());
    let page = audit::list(&stage.clinic.house.store, &audit::Filter::default(), None, 500)
        .await
        .unwrap();
    let actions: Vec<_> = page.lines.iter().map(|line| line.action.as_str()).collect();
    for action in ["macro-started", "macro-ended", "press", "drive-released"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    stage.clinic.house.clock.advance(Duration::from_hours(2184));
    stage.macros.sweep().await.unwrap();
    assert!(matches!(
        stage.macros.run(&admin(), view.id).await,
        Err(PlayError::Unknown)
    ));
    assert!(stage.macros.evidence(picture).await.unwrap().is_none());
    stage.clinic.close().await;
}

//! Trust lists deleted and proved, and what is no proof.

use std::time::Duration;

use sidetone::domain::script::RunEnd;
use sidetone::macros::Playing;
use sidetone::simulator::{Fault, Options};

use super::{Stage, admin, deletion, ended_as};

#[tokio::test]
async fn a_broken_trust_list_is_deleted_and_proved() {
    let stage = Stage::with(|options| options.fast = true, |_| {}).await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::TrustListBroken);
    let view = stage.play(&phone, &deletion("delete")).await;
    ended_as(&view, RunEnd::Succeeded, "its trust list was");
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    let names: Vec<_> = view.pictures.iter().map(|picture| picture.name.as_str()).collect();
    assert_eq!(names, ["first", "before", "last"]);
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_falls_silent_proves_nothing() {
    let stage = Stage::with(|options| options.restart = Duration::from_mins(1), |_| {}).await;
    let phone = stage.clinic.phone("8845");
    let text = deletion("delete").replace("within 30s", "within 2s");
    let view = stage.play(&phone, &text).await;
    ended_as(&view, RunEnd::Unproved, "silent since");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_key_that_gets_no_answer_in_the_middle_is_unsure() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage
        .add("macro \"silent\"\nsafe\n\npress VolUp\npress VolUp\npress VolUp\n")
        .await;
    let mut order = stage.order(&phone, macro_id).await;
    order.step_by_step = true;
    let mut run = stage.start(order).await.unwrap();
    run.until(|view| view.state == Playing::Paused).await;
    phone.set_fault(Fault::Silent);
    stage.tell(&run, sidetone::macros::Command::Resume).await;
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Unsure, "may have reached the phone");
    assert_eq!(view.steps.len(), 1);
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_goes_away_and_comes_back_is_proved() {
    let stage = Stage::with(|options| options.restart = Duration::from_secs(30), |_| {}).await;
    let phone = stage.clinic.phone("7821");
    let mut run = stage.started(&phone, &deletion("delete")).await;
    run.until(|view| view.evidence.contains("silent since")).await;
    stage.clinic.house.clock.advance(Duration::from_secs(31));
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Succeeded, "went away and came back");
    stage.clinic.close().await;
}

#[tokio::test]
async fn the_library_deletes_the_trust_list_of_one_phone_of_every_family_and_proves_it() {
    let away = |options: &mut Options| {
        options.restart = Duration::from_mins(5);
        options.every_model = true;
        options.phones = 60;
    };
    let stage = Stage::with(away, |_| {}).await;
    let library = stage.macros.library();
    library.furnish().await.unwrap();
    let listed = library.list(&admin()).await.unwrap();
    let deletes = listed.iter().find(|kept| kept.built_in == Some("delete-trust-list"));
    let macro_id = deletes.unwrap().id;
    let mut runs = Vec::new();
    for model in [
        "7911", "7941", "7945", "7975", "6941", "7821", "8841", "8845", "8821", "8831", "8945", "9951", "9861",
    ] {
        let phone = stage.clinic.simulator.phone_by_model(model);
        let phone = phone.unwrap_or_else(|| panic!("no {model} is simulated"));
        let order = stage.order(&phone, macro_id).await;
        runs.push((model, phone, stage.start(order).await.unwrap()));
    }
    for (_, phone, _) in &runs {
        while phone.is_registered() {
            tokio::task::yield_now().await;
        }
    }
    stage.clinic.house.clock.advance(Duration::from_secs(301));
    for (model, _, run) in runs {
        let view = stage.ended(run).await;
        assert!(
            matches!(view.state, Playing::Over(RunEnd::Succeeded)),
            "{model}: {view:#?}"
        );
        assert!(
            view.evidence.contains("No Trust List installed"),
            "{model}: {}",
            view.evidence
        );
    }
    stage.clinic.close().await;
}

//! A person at a run: pause, step, stop, one run a phone.

use sidetone::domain::role::Role;
use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, PlayError, Playing, Reply};
use sidetone::security::Viewer;

use super::{Stage, admin, ended_as, other};
use sidetone::control::{ExecuteError, Refusal};
use sidetone::security::PressKeys;

#[tokio::test]
async fn a_run_is_taken_step_by_step_and_stopped() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage
        .add("macro \"steps\"\nsafe\n\npress VolUp\npress VolUp\npress VolUp\npress VolDwn\n")
        .await;
    let mut order = stage.order(&phone, macro_id).await;
    order.step_by_step = true;
    let mut run = stage.start(order.clone()).await.unwrap();
    run.until(|view| view.state == Playing::Paused && view.steps.is_empty())
        .await;
    assert!(phone.keys_received().is_empty());
    let busy = stage.macros.start(&admin(), order).await;
    assert!(matches!(busy, Err(PlayError::Busy(Some(id))) if id == run.id));
    stage.tell(&run, Command::Step).await;
    let view = run
        .until(|view| view.state == Playing::Paused && view.steps.len() == 1)
        .await;
    assert_eq!(view.current.unwrap().line, 5);
    assert_eq!(phone.keys_received(), ["VolUp"]);
    let late = Command::Answer {
        question: 1,
        reply: Reply::Confirm { remember: false },
    };
    let wrong = stage.macros.command(&admin(), run.id, late).await;
    assert!(matches!(wrong, Err(PlayError::NotNow(_))));
    let mut supervisor = Viewer::command();
    supervisor.role = Role::Supervisor;
    let denied = stage.macros.command(&supervisor, run.id, Command::Resume).await;
    assert!(matches!(denied, Err(PlayError::Denied(_))));
    stage.tell(&run, Command::Stop).await;
    let id = run.id;
    ended_as(&stage.ended(run).await, RunEnd::Stopped, "stopped it");
    assert_eq!(phone.keys_received(), ["VolUp"]);
    assert!(matches!(
        stage.macros.command(&admin(), id, Command::Stop).await,
        Err(PlayError::Over)
    ));
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_paused_run_goes_on_where_it_stood() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let text = "macro \"pause\"\nsafe\n\npress VolUp\nwait 300ms\npress VolDwn\n";
    let mut run = stage.started(&phone, text).await;
    stage.tell(&run, Command::Pause).await;
    run.until(|view| view.state == Playing::Paused).await;
    stage.tell(&run, Command::Resume).await;
    ended_as(&stage.ended(run).await, RunEnd::Succeeded, "");
    assert_eq!(phone.keys_received(), ["VolUp", "VolDwn"]);
    stage.clinic.close().await;
}

#[tokio::test]
async fn who_takes_the_wheel_ends_the_run() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage
        .add("macro \"wheel\"\nsafe\n\npress VolUp\npress VolUp\npress VolUp\n")
        .await;
    let mut order = stage.order(&phone, macro_id).await;
    order.step_by_step = true;
    let mut run = stage.start(order).await.unwrap();
    run.until(|view| view.state == Playing::Paused).await;
    stage.tell(&run, Command::Step).await;
    run.until(|view| view.state == Playing::Paused && view.steps.len() == 1)
        .await;
    let may = other().may::<PressKeys>().unwrap();
    let id = stage.clinic.id(&phone).await;
    stage.clinic.tools.control.drive(&may, id).await.unwrap();
    stage.tell(&run, Command::Resume).await;
    ended_as(&stage.ended(run).await, RunEnd::Stopped, "bob has been driving");
    assert_eq!(phone.keys_received(), ["VolUp"]);
    assert_eq!(stage.clinic.tools.control.driver(id).unwrap().name, "bob");
    stage.clinic.close().await;
}

#[tokio::test]
async fn no_other_hand_of_the_same_person_presses_while_a_run_does() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage
        .add("macro \"Long one\"\nsafe\n\npress VolUp\npress VolUp\n")
        .await;
    let mut order = stage.order(&phone, macro_id).await;
    order.step_by_step = true;
    let mut run = stage.start(order).await.unwrap();
    run.until(|view| view.state == Playing::Paused).await;
    let (control, id) = (&stage.clinic.tools.control, stage.clinic.id(&phone).await);
    let may = admin().may::<PressKeys>().unwrap();
    let key = || vec!["VolDwn".parse().unwrap()];
    let before = control.press(&may, id, key()).await.unwrap();
    assert_eq!(before.outcome().await.len(), 1, "the run has pressed nothing yet");
    stage.tell(&run, Command::Step).await;
    run.until(|view| view.state == Playing::Paused && view.steps.len() == 1)
        .await;
    let refused = control.press(&may, id, key()).await.unwrap_err();
    assert!(
        matches!(&refused, Refusal::Driven(driver) if driver.by_macro.as_deref() == Some("Long one")),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("stop it first"), "{refused}");
    let items = vec![sidetone::domain::execute::ExecuteItem {
        url: "Init:Services".parse().unwrap(),
        priority: 0,
    }];
    let refused = control.execute(&may, id, items, false).await;
    assert!(matches!(refused, Err(ExecuteError::Driven(_))), "{refused:?}");
    assert!(control.release(&may, id).await.is_err(), "nor is the wheel let go of");
    stage.tell(&run, Command::Stop).await;
    stage.ended(run).await;
    assert_eq!(phone.keys_received(), ["VolDwn", "VolUp"]);
    let driver = control.driver(id).unwrap();
    assert_eq!(driver.by_macro, None, "it is the person's again, as before the run");
    let after = control.press(&may, id, key()).await.unwrap();
    after.outcome().await;
    assert_eq!(phone.keys_received().len(), 3);
    stage.clinic.close().await;
}

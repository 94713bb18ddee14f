//! A person at a run: pause, step, stop, one run a phone.

use sidetone::domain::role::Role;
use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, PlayError, Playing, Reply};
use sidetone::security::Viewer;

use super::{Stage, admin, ended_as, other};
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

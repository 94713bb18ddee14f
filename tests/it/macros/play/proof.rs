//! What is no proof, however much it looks like one.

use std::time::Duration;

use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, Playing};
use sidetone::simulator::Fault;

use super::{Stage, ended_as};

/// A key that restarts nothing, taken for one that does.
const LOUDER: &str = "macro \"a key\"\ndestructive\n\nfetch trust-list as before\npress Settings\nexpect title \"Settings\"\ndestructive press VolUp\n";

#[tokio::test]
async fn a_phone_that_was_only_out_of_reach_did_not_restart() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let mut run = stage
        .started(&phone, &format!("{LOUDER}prove restarted within 8s\n"))
        .await;
    phone.wait_for_keys(2).await;
    phone.set_fault(Fault::WebAccessOff);
    run.until(|view| view.evidence.contains("silent since")).await;
    phone.clear_faults();
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Unproved, "went away and came back; no new registration");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_restart_before_the_key_is_not_the_work_of_the_key() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage.add(&format!("{LOUDER}prove restarted within 3s\n")).await;
    let mut order = stage.order(&phone, macro_id).await;
    order.step_by_step = true;
    let mut run = stage.start(order).await.unwrap();
    run.until(|view| view.state == Playing::Paused).await;
    stage.tell(&run, Command::Step).await;
    run.until(|view| view.steps.len() == 1 && view.state == Playing::Paused)
        .await;
    stage.clinic.house.clock.advance(Duration::from_mins(1));
    phone.restart();
    assert!(phone.is_registered());
    stage.tell(&run, Command::Resume).await;
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Unproved, "no new registration was seen");
    assert_eq!(phone.keys_received(), ["Settings", "VolUp"]);
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_menu_without_calls_is_no_empty_list_of_calls() {
    let stage = Stage::new().await;
    let (phone, called) = (stage.clinic.phone("8845"), stage.clinic.phone("8841"));
    let text = format!(
        "macro \"called\"\nsafe\n\ndial \"{}\"\nexpect in call within 5s\npress Release\nexpect not in call within 5s\n\
         press Settings\nprove call-logs-empty within 30s\n",
        called.dn()
    );
    let view = stage.play(&phone, &text).await;
    ended_as(&view, RunEnd::Unproved, "Placed calls: 1 entries");
    let text =
        "macro \"cleared\"\nsafe\n\nexecute \"Init:CallHistory\"\npress Settings\nprove call-logs-empty within 30s\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Succeeded, "Placed calls: 0 entries");
    stage.clinic.close().await;
}

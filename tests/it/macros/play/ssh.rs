//! Keys over SSH, where the phone's web server is dead.

use sidetone::domain::script::RunEnd;
use sidetone::macros::{Playing, Reply, RunView, Way};
use sidetone::simulator::{Fault, PhoneHandle};
use tokio_util::sync::CancellationToken;

use super::job::Witnessed;
use super::{Stage, admin, deletion, ended_as};

/// A phone with its web server off and SSH on.
async fn without_web_server(stage: &Stage) -> PhoneHandle {
    let summary = stage.clinic.simulator.summary();
    let patch = serde_json::json!({
        "ssh_login": { "username": summary.ssh_login.username, "password": summary.ssh_login.password },
        "phone_ssh_port": summary.phone_ssh_port,
    });
    stage.clinic.change(serde_json::from_value(patch).unwrap()).await;
    let phone = stage.clinic.phone("8845");
    phone.set_vendor("sshAccess", Some("0"));
    phone.set_fault(Fault::WebAccessOff);
    phone
}

#[tokio::test]
async fn a_dry_run_over_ssh_leaves_the_menus_again() {
    let stage = Stage::new().await;
    let phone = without_web_server(&stage).await;
    let macro_id = stage.add(&deletion("delete")).await;
    let mut order = stage.order(&phone, macro_id).await;
    order.dry_run = true;
    let mut run = stage.start(order).await.unwrap();
    let mut rows = [6, 4, 5].into_iter();
    loop {
        let stands = |view: &RunView| matches!(view.state, Playing::Asking(_)) || view.state.is_over();
        let view = run.until(stands).await;
        let Playing::Asking(question) = &view.state else { break };
        let answer = if question.needs_row {
            Reply::Row {
                row: rows.next().unwrap(),
                remember: false,
            }
        } else {
            Reply::Confirm { remember: false }
        };
        let asked = view.steps.len();
        stage.answer(&run, answer).await;
        run.until(|view| view.steps.len() > asked).await;
    }
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Rehearsed, "first that cannot be taken back");
    let keys = phone.keys_received();
    assert_eq!(keys[..4], ["Settings", "KeyPad6", "KeyPad4", "KeyPad5"]);
    assert!(
        keys.len() > 4 && keys[4..].iter().all(|key| key == "NavBack"),
        "{keys:?}"
    );
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_dead_web_server_is_gone_round_by_ssh() {
    let stage = Stage::new().await;
    let phone = without_web_server(&stage).await;
    let macro_id = stage.add(&deletion("delete").replace("within 30s", "within 5s")).await;
    let order = stage.order(&phone, macro_id).await;
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(
        report.end,
        RunEnd::NeedsPerson,
        "nobody walked this way yet: {report:#?}"
    );
    assert!(phone.keys_received().is_empty());

    let mut run = stage.start(order.clone()).await.unwrap();
    let rows = [6, 4, 5, 3];
    let mut named = rows.iter();
    let mut named_by_a_person = 0;
    loop {
        let stands =
            |view: &RunView| matches!(view.state, Playing::Asking(_)) || view.evidence.contains("cannot be read");
        let view = run.until(stands).await;
        let Playing::Asking(question) = &view.state else { break };
        assert!(question.picture.is_none() && !question.can_remember, "{question:?}");
        let answer = if question.needs_row {
            Reply::Row {
                row: *named.next().unwrap(),
                remember: false,
            }
        } else {
            Reply::Confirm { remember: false }
        };
        let asked = view.steps.len();
        let expectation = question.expectation.clone();
        if expectation == format!("the phone {}", phone.name()) {
            named_by_a_person += 1;
            assert!(!phone.keys_received().contains(&"Soft3".to_owned()));
        }
        stage.answer(&run, answer).await;
        let is_another =
            |view: &RunView| matches!(&view.state, Playing::Asking(next) if next.expectation != expectation);
        run.until(|view| view.steps.len() > asked || is_another(view)).await;
    }
    assert_eq!(named_by_a_person, 1, "nothing else says which phone it is");
    // The phone takes its configuration anew, and with it its web server.
    phone.clear_faults();
    let view = stage.ended(run).await;
    // What its pages told before the key nobody knows: an old message of a deletion would look the same.
    ended_as(&view, RunEnd::Unproved, "its messages of before are not known");
    assert_eq!(view.way, Way::Ssh);
    assert_eq!(
        phone.keys_received(),
        ["Settings", "KeyPad6", "KeyPad4", "KeyPad5", "Soft3"]
    );

    // Nobody can tell whether it is in a call: a job leaves it alone, also on a way that was walked.
    phone.set_vendor("sshAccess", Some("0"));
    phone.set_fault(Fault::WebAccessOff);
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::NeedsPerson, "{report:#?}");
    assert_eq!(phone.keys_received().len(), 5);
    stage.clinic.close().await;
}

//! Keys over SSH, where the phone's web server is dead.

use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, Playing, Reply, RunView, Way};
use sidetone::simulator::{Fault, PhoneHandle};
use tokio_util::sync::CancellationToken;

use super::job::Witnessed;
use super::{Followed, Stage, admin, deletion, ended_as};

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

/// Answers every question with yes, or with the next row, until the run asks no more; what was asked.
async fn answer_all(stage: &Stage, run: &mut Followed, rows: &[u8]) -> Vec<String> {
    let mut rows = rows.iter();
    let mut asked = Vec::new();
    loop {
        let stands = |view: &RunView| {
            matches!(view.state, Playing::Asking(_)) || view.state.is_over() || view.evidence.contains("cannot be read")
        };
        let view = run.until(stands).await;
        let Playing::Asking(question) = &view.state else {
            return asked;
        };
        assert!(question.picture.is_none() && !question.can_remember, "{question:?}");
        asked.push(question.expectation.clone());
        let answer = if question.needs_row {
            Reply::Row {
                row: *rows.next().unwrap(),
                remember: false,
            }
        } else {
            Reply::Confirm { remember: false }
        };
        let number = view.asked;
        stage.answer(run, answer).await;
        run.until(|view| view.asked > number || !matches!(view.state, Playing::Asking(_)))
            .await;
    }
}

#[tokio::test]
async fn a_dry_run_over_ssh_leaves_the_menus_again() {
    let stage = Stage::new().await;
    let phone = without_web_server(&stage).await;
    let macro_id = stage.add(&deletion("delete")).await;
    let mut order = stage.order(&phone, macro_id).await;
    order.dry_run = true;
    let mut run = stage.start(order).await.unwrap();
    let asked = answer_all(&stage, &mut run, &[6, 4, 5]).await;
    assert!(asked[0].starts_with("the SSH host key of SEP"), "{asked:?}");
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
    let mut run = stage.start(order.clone()).await.unwrap();
    let asked = answer_all(&stage, &mut run, &[6, 4, 5, 3]).await;
    let name = format!("the phone {}", phone.name());
    let named_by_a_person = asked.iter().filter(|expectation| **expectation == name).count();
    assert_eq!(named_by_a_person, 1, "nothing else says which phone it is: {asked:?}");
    assert_eq!(asked[0], format!("the SSH host key of {}", phone.name()));
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

    // The host key is known now: the next run does not ask for it.
    phone.set_vendor("sshAccess", Some("0"));
    phone.set_fault(Fault::WebAccessOff);
    let mut run = stage.start(order).await.unwrap();
    let view = run.until(|view| matches!(view.state, Playing::Asking(_))).await;
    let Playing::Asking(question) = &view.state else {
        unreachable!()
    };
    assert!(!question.expectation.contains("host key"), "{question:?}");
    stage.tell(&run, Command::Stop).await;
    stage.ended(run).await;
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_job_leaves_a_phone_without_web_server_to_a_person() {
    let stage = Stage::new().await;
    let phone = without_web_server(&stage).await;
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    for text in [deletion("delete"), "macro \"press\"\nsafe\n\npress VolUp\n".to_owned()] {
        let order = stage.order(&phone, stage.add(&text).await).await;
        let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
        assert_eq!(report.end, RunEnd::NeedsPerson, "{report:#?}");
        for words in ["Its web server is dead", "SSH is on", "from the phone's page"] {
            assert!(report.evidence.contains(words), "{words}: {report:#?}");
        }
        assert!(report.cause.is_some(), "{report:#?}");
    }
    let order = stage.order(&phone, stage.add(&deletion("again")).await).await;
    phone.set_fault(Fault::SshOff);
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::Failed, "{report:#?}");
    assert!(report.evidence.contains("SSH does not answer either"), "{report:#?}");
    assert_eq!(phone.ssh_logins(), 0, "no session was opened");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_host_key_that_nobody_accepted_gets_no_login() {
    let stage = Stage::new().await;
    let phone = without_web_server(&stage).await;
    let inventory = &stage.clinic.tools.inventory;
    let id = stage.clinic.id(&phone).await;
    assert!(
        inventory.open_ssh(&admin(), id, None).await.is_err(),
        "nor is one taken by itself"
    );
    let mut run = stage.started(&phone, "macro \"press\"\nsafe\n\npress VolUp\n").await;
    let view = run.until(|view| matches!(view.state, Playing::Asking(_))).await;
    let Playing::Asking(question) = &view.state else {
        unreachable!()
    };
    let shown = inventory.shown_host_key(&admin(), id).await.unwrap();
    assert!(question.words.contains(shown.as_str()), "{question:?}");
    assert!(question.words.contains("nothing has named this phone"), "{question:?}");
    stage.answer(&run, Reply::Refuse).await;
    ended_as(&stage.ended(run).await, RunEnd::Stopped, "no login was sent");
    assert_eq!(phone.ssh_logins(), 0);
    assert!(inventory.host_key(id).await.unwrap().is_none());
    stage.clinic.close().await;
}

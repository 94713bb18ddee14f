//! Runs of jobs: nobody is asked, and what is about to be sent is written down first.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use sidetone::domain::script::RunEnd;
use sidetone::macros::{JobHooks, Skip};
use sidetone::security::PressKeys;
use sidetone::simulator::Fault;
use sidetone::store;
use tokio_util::sync::CancellationToken;

use super::{Stage, admin, deletion};

/// Counts how often something was about to be sent.
#[derive(Debug, Default)]
pub(super) struct Witnessed(AtomicUsize);

impl JobHooks for Witnessed {
    fn about_to_send(&self) -> BoxFuture<'_, Result<(), store::Error>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }
}

/// A database that fails.
struct Broken;

impl JobHooks for Broken {
    fn about_to_send(&self) -> BoxFuture<'_, Result<(), store::Error>> {
        Box::pin(async { Err(store::Error::Corrupt("job_run.touched")) })
    }
}

#[tokio::test]
async fn busy_phones_are_left_for_later() {
    let stage = Stage::new().await;
    let (phone, second) = (stage.clinic.phone("8845"), stage.clinic.phone("8841"));
    let macro_id = stage.add("macro \"press\"\nsafe\n\npress VolUp\n").await;
    let order = stage.order(&phone, macro_id).await;
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    phone.call(&second);
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(
        (report.end, report.skipped),
        (RunEnd::Skipped, Some(Skip::InCall)),
        "{report:#?}"
    );
    let order = stage.order(&stage.clinic.phone("8851"), macro_id).await;
    // Also of the job's own user: a job is nobody's hand.
    let may = admin().may::<PressKeys>().unwrap();
    stage.clinic.tools.control.drive(&may, order.phone).await.unwrap();
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!((report.end, report.skipped), (RunEnd::Skipped, Some(Skip::Driven)));
    stage.clinic.tools.control.release(&may, order.phone).await.unwrap();
    assert_eq!(hooks.0.load(Ordering::SeqCst), 0, "looking is no act");
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::Succeeded, "{report:#?}");
    assert_eq!(hooks.0.load(Ordering::SeqCst), 1);
    assert!(report.pictures.iter().any(|(name, _)| name == "last"));
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_call_that_comes_in_meanwhile_is_left_alone() {
    let stage = Stage::new().await;
    let (phone, second) = (stage.clinic.phone("8845"), stage.clinic.phone("8841"));
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    let own = "macro \"own\"\nsafe\n\npress Speaker\nexpect in call\nwait 1s\npress Speaker\nexpect not in call\n";
    let order = stage.order(&phone, stage.add(own).await).await;
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::Succeeded, "the call is the run's own: {report:#?}");
    assert_eq!(phone.keys_received(), ["Speaker", "Speaker"]);

    let macro_id = stage
        .add("macro \"twice\"\nsafe\n\npress VolUp\nwait 2s\npress VolUp\n")
        .await;
    let order = stage.order(&phone, macro_id).await;
    let viewer = admin();
    let playing = Box::pin(stage.macros.play_for_job(&viewer, &order, &hooks, &cancel));
    let ringing = async {
        phone.wait_for_keys(3).await;
        phone.call(&second);
    };
    let (report, ()) = tokio::join!(playing, ringing);
    assert_eq!(report.end, RunEnd::Failed, "{report:#?}");
    assert!(report.evidence.contains("A call came in"), "{report:#?}");
    assert_eq!(phone.keys_received(), ["Speaker", "Speaker", "VolUp"]);
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_job_calls_no_number_that_nobody_knows() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    let text = "macro \"redial\"\nsafe\n\npress Speaker\nexpect softkey \"Redial\"\nsoftkey \"Redial\"\n";
    let order = stage.order(&phone, stage.add(text).await).await;
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::NeedsPerson, "{report:#?}");
    assert!(report.evidence.contains("does not tell which"), "{report:#?}");
    assert_eq!(
        phone.keys_received(),
        ["Speaker"],
        "nor is a phone in a call backed out of its menus"
    );
    stage.clinic.close().await;
}

#[tokio::test]
async fn nothing_is_sent_that_could_not_be_written_down() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage.add("macro \"press\"\nsafe\n\npress VolUp\n").await;
    let order = stage.order(&phone, macro_id).await;
    let cancel = CancellationToken::new();
    let report = stage.macros.play_for_job(&admin(), &order, &Broken, &cancel).await;
    assert_eq!(report.end, RunEnd::Failed);
    assert!(phone.keys_received().is_empty());
    cancel.cancel();
    let report = stage
        .macros
        .play_for_job(&admin(), &order, &Witnessed::default(), &cancel)
        .await;
    assert_eq!(report.end, RunEnd::Stopped, "{report:#?}");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_job_deletes_a_trust_list_and_proves_it() {
    let stage = Stage::with(|options| options.restart = std::time::Duration::from_secs(5), |_| {}).await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage.add(&deletion("delete")).await;
    let order = stage.order(&phone, macro_id).await;
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    let clock = stage.clinic.house.clock.clone();
    // The phone is away until its time has passed.
    let back = async {
        phone.wait_for_keys(5).await;
        while phone.is_registered() {
            tokio::task::yield_now().await;
        }
        clock.advance(std::time::Duration::from_secs(6));
    };
    let viewer = admin();
    let playing = Box::pin(stage.macros.play_for_job(&viewer, &order, &hooks, &cancel));
    let (report, ()) = tokio::join!(playing, back);
    assert_eq!(report.end, RunEnd::Succeeded, "{report:#?}");
    assert_eq!(hooks.0.load(Ordering::SeqCst), 1);

    phone.set_fault(Fault::Unreachable);
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::Failed);
    assert!(report.cause.is_some() && report.pictures.is_empty(), "{report:#?}");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_cancelled_run_never_hides_what_was_sent() {
    let stage = Stage::with(|options| options.restart = std::time::Duration::from_secs(5), |_| {}).await;
    let phone = stage.clinic.phone("8845");
    let viewer = admin();
    let pressed = stage.add("macro \"press\"\nsafe\n\npress VolUp\nwait 60s\n").await;
    for (macro_id, keys, end, words) in [
        (pressed, 1, RunEnd::Unsure, "after something was sent"),
        (
            stage.add(&deletion("delete")).await,
            1 + 5,
            RunEnd::Unproved,
            "before the proof was complete",
        ),
    ] {
        let order = stage.order(&phone, macro_id).await;
        let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
        let late = async {
            phone.wait_for_keys(keys).await;
            while keys > 1 && phone.is_registered() {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let playing = Box::pin(stage.macros.play_for_job(&viewer, &order, &hooks, &cancel));
        let (report, ()) = tokio::join!(playing, late);
        // It may be cancelled right between the last key and the proof.
        let between = end == RunEnd::Unproved && report.end == RunEnd::Unsure;
        assert!(report.end == end || between, "{report:#?}");
        assert!(between || report.evidence.contains(words), "{report:#?}");
    }
    stage.clinic.close().await;
}

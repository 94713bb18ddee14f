//! Visits that end by themselves, and runs that were cut off.

use std::time::Duration;

use sidetone::diagnosis::remedies::{Apply, RemedyError, RemedyId, RunState};
use sidetone::domain::ids::{EventId, RemedyRunId};
use sidetone::domain::role::Role;
use sidetone::screens::Onlooker;
use sidetone::simulator::{CucmFault, Fault};
use sidetone::store::remedies::{self as rows, NewRun};

use super::{USER, Ward, assert_state, viewer};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_visit_ends_fifteen_minutes_after_the_last_look() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let (cucm, clock) = (ward.clinic.simulator.cucm(), ward.clinic.house.clock.clone());
    let is_there = || cucm.controlled_devices(USER).iter().any(|name| name == phone.name());
    phone.set_fault(Fault::NotAssociated);
    let applied = ward.mend(&phone, RemedyId::AddControlledDeviceForVisit).await;
    assert!(is_there());
    assert!(ward.run(applied).await.visit_until.is_some());

    let look = ward
        .clinic
        .tools
        .screens
        .look(ward.id(&phone).await, Onlooker::new(&viewer(Role::Helpdesk)));
    clock.advance(14 * MINUTE);
    ward.remedies.sweep().await.unwrap();
    drop(look);
    clock.advance(14 * MINUTE);
    ward.remedies.sweep().await.unwrap();
    assert!(is_there(), "somebody looked 14 minutes ago");
    clock.advance(MINUTE);
    ward.remedies.sweep().await.unwrap();
    assert!(!is_there());
    let run = ward.run(applied).await;
    assert_eq!(
        (run.state, run.undone.unwrap().0.as_str()),
        (RunState::Undone, "sidetone")
    );
    let trail = ward.trail().await;
    assert_eq!(trail.last().map(|line| line.0.as_str()), Some("remedy-undone"));
    ward.remedies.sweep().await.unwrap();
    assert_eq!(ward.trail().await.len(), trail.len());
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_visit_ends_after_eight_hours_whoever_looks_and_is_tried_again_when_cucm_is_away() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let (cucm, clock) = (ward.clinic.simulator.cucm(), ward.clinic.house.clock.clone());
    let is_there = || cucm.controlled_devices(USER).iter().any(|name| name == phone.name());
    phone.set_fault(Fault::NotAssociated);
    ward.mend(&phone, RemedyId::AddControlledDeviceForVisit).await;
    let look = ward
        .clinic
        .tools
        .screens
        .look(ward.id(&phone).await, Onlooker::new(&viewer(Role::Helpdesk)));
    clock.advance(8 * 60 * MINUTE);
    cucm.set_fault(CucmFault::Throttled { times: 99 });
    ward.remedies.sweep().await.unwrap();
    assert!(is_there());
    assert_state(
        &ward.newest(&phone).await,
        RunState::Done,
        "could not be taken out again",
    );
    cucm.clear_faults();
    let lines = ward.trail().await.len();
    ward.remedies.sweep().await.unwrap();
    assert!(is_there(), "tried again only after a minute");
    assert_eq!(ward.trail().await.len(), lines);
    clock.advance(MINUTE);
    ward.remedies.sweep().await.unwrap();
    assert!(!is_there());
    let run = ward.newest(&phone).await;
    assert_eq!((run.state, run.evidence.as_str()), (RunState::Undone, ""));
    drop(look);
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_is_added_for_good_during_a_visit_stays_after_it() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    let is_there = || cucm.controlled_devices(USER).iter().any(|name| name == phone.name());
    phone.set_fault(Fault::NotAssociated);
    let visit = ward.mend(&phone, RemedyId::AddControlledDeviceForVisit).await;
    let preview = ward.preview(&phone, RemedyId::AddControlledDevice).await.unwrap();
    assert!(preview.changes[0].to.contains("for good"), "{preview:?}");
    ward.mend(&phone, RemedyId::AddControlledDevice).await;
    assert_eq!(ward.run(visit).await.visit_until, None);
    ward.clinic.house.clock.advance(24 * 60 * MINUTE);
    ward.remedies.sweep().await.unwrap();
    assert!(is_there());
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_was_there_before_the_visit_stays() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let applied = ward
        .apply(&phone, RemedyId::AddControlledDeviceForVisit, Apply::default())
        .await
        .unwrap();
    assert_eq!(ward.run(applied).await.visit_until, None);
    ward.clinic.house.clock.advance(24 * 60 * MINUTE);
    ward.remedies.sweep().await.unwrap();
    assert!(
        ward.clinic
            .simulator
            .cucm()
            .controlled_devices(USER)
            .iter()
            .any(|name| name == phone.name())
    );
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_doubtful_and_can_be_taken_back() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let store = &ward.clinic.house.store;
    let new = NewRun {
        remedy: "add-controlled-device",
        phone: ward.id(&phone).await,
        phone_name: phone.name().to_owned(),
        cluster: ward.clinic.cluster,
        cluster_name: "Simulated".to_owned(),
        user: None,
        user_name: "ana".to_owned(),
        event: EventId(1),
        began_at: 1_800_000_000_000,
        changes: r#"[{"what":"Controlled devices","from":"without","to":"with"}]"#.to_owned(),
        kept: format!(r#"{{"kind":"association","user":"{USER}","end_user":false}}"#),
        kept_login: None,
        visit_until: None,
    };
    let mut tx = store.begin().await.unwrap();
    let run: RemedyRunId = rows::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(
        ward.remedies.undo(&viewer(Role::Admin), run, None).await,
        Err(RemedyError::NotUndoable(_))
    ));
    assert_eq!(ward.remedies.recover().await.unwrap(), 1);
    assert_eq!(ward.remedies.recover().await.unwrap(), 0);
    let found = ward.remedies.run(&viewer(Role::Admin), run).await.unwrap();
    assert!(found.state == RunState::Doubtful && found.undoable, "{found:?}");
    ward.remedies.undo(&viewer(Role::Admin), run, None).await.unwrap();
    assert!(
        !ward
            .clinic
            .simulator
            .cucm()
            .controlled_devices(USER)
            .iter()
            .any(|name| name == phone.name())
    );
    ward.clinic.close().await;
}

//! What the store says of a run counts: what is over is not touched, and what is not kept is not over.

use std::time::Duration;

use sidetone::jobs::{Brakes, JobState, RunState, Targets};
use sidetone::store::jobs as rows;
use sidetone::store::jobs::runs::{self, Recovered, Touched};
use sqlx::Connection as _;

use super::fleet::{Fleet, draft, message, system, unbraked};

#[tokio::test]
async fn only_a_run_that_is_not_over_is_marked_as_touched() {
    let fleet = Fleet::new(25).await;
    let phones = vec![fleet.phone("8845").1, fleet.phone("8841").1];
    let brakes = Brakes {
        approval: true,
        ..unbraked()
    };
    let asked = draft(message("x"), Targets::Phones(phones), brakes);
    let store = &fleet.app.store;
    let held = fleet.make(&system(), &asked).await;
    let run = fleet.runs(held).await[0].id;
    let mut tx = store.begin().await.unwrap();
    let touched = runs::touch(&mut tx, run, 1).await.unwrap();
    assert!(
        touched.is_marked,
        "its beginning was not kept, and it is under way all the same"
    );
    assert!(!runs::begin(&mut tx, run, 2).await.unwrap());
    tx.commit().await.unwrap();
    let marked = runs::by_id(store, run).await.unwrap().unwrap();
    assert_eq!(
        (marked.state, marked.touched, marked.attempts),
        (RunState::Running, true, 1)
    );
    let mut tx = store.begin().await.unwrap();
    let recovered = runs::recover(&mut tx, "nobody knows", "cancelled", 3).await.unwrap();
    tx.commit().await.unwrap();
    let unsure = Recovered {
        unsure: 1,
        ..Recovered::default()
    };
    assert_eq!(recovered, unsure, "it is not begun again");
    let cancelled = fleet.make(&system(), &asked).await;
    fleet.jobs().cancel(&system(), cancelled, None).await.unwrap();
    assert_eq!(fleet.end(cancelled).await.state, JobState::Cancelled);
    let run = fleet.runs(cancelled).await[0].id;
    let mut tx = store.begin().await.unwrap();
    let refused = Touched {
        is_marked: false,
        waited: false,
    };
    assert_eq!(runs::touch(&mut tx, run, 4).await.unwrap(), refused);
    tx.commit().await.unwrap();
    let left = runs::by_id(store, run).await.unwrap().unwrap();
    assert_eq!((left.state, left.touched), (RunState::Cancelled, false));
    fleet.close().await;
}

#[tokio::test]
async fn a_job_is_not_over_before_the_ends_of_its_runs_are_on_disk() {
    let fleet = Fleet::new(25).await;
    let mut database = sqlx::SqliteConnection::connect(&fleet.database()).await.unwrap();
    let trigger = "CREATE TRIGGER full BEFORE UPDATE ON job_run WHEN NEW.state = 'succeeded'
                   BEGIN SELECT RAISE(FAIL, 'full'); END";
    sqlx::query(trigger).execute(&mut database).await.unwrap();
    let (desk, id) = fleet.phone("8845");
    let asked = draft(message("x"), Targets::Phones(vec![id]), unbraked());
    let job = fleet.make(&system(), &asked).await;
    // Longer than the writer of runs tries it by itself.
    let viewer = sidetone::security::Viewer::system();
    let ended = tokio::time::timeout(Duration::from_secs(8), fleet.jobs().finished(&viewer, job));
    assert!(ended.await.is_err(), "its run is not over on disk");
    assert_eq!(fleet.runs(job).await[0].state, RunState::Running);
    sqlx::query("DROP TRIGGER full").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    let ended = fleet.end(job).await;
    assert_eq!((ended.state, ended.succeeded), (JobState::Succeeded, 1));
    assert_eq!(fleet.runs(job).await[0].state, RunState::Succeeded);
    assert_eq!(desk.requests_for("/CGI/Execute"), 1);
    fleet.close().await;
}

#[tokio::test]
async fn an_old_job_is_removed_with_its_runs_some_at_a_time() {
    let fleet = Fleet::new(25).await;
    let phones = ["8845", "8841"].map(|model| fleet.phone(model).1);
    let asked = draft(message("x"), Targets::Phones(phones.into()), unbraked());
    let (first, second) = (fleet.run(&asked).await.id, fleet.run(&asked).await.id);
    let store = &fleet.app.store;
    for gone in [false, true] {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(rows::remove_some(&mut tx, first, 2).await.unwrap(), gone);
        tx.commit().await.unwrap();
    }
    assert_eq!(rows::by_id(store, first).await.unwrap(), None);
    assert_eq!(fleet.runs(second).await.len(), 2);
    assert_eq!(fleet.jobs().sweep().await.unwrap(), 0, "it is not old yet");
    fleet.clock.advance(Duration::from_hours(24 * 400));
    assert_eq!(
        fleet.jobs().sweep().await.unwrap(),
        2,
        "the job, and the sync before it"
    );
    assert_eq!(rows::by_id(store, second).await.unwrap(), None);
    fleet.close().await;
}

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

#[tokio::test]
async fn a_large_job_is_written_in_parts_between_which_others_write() {
    let fleet = Fleet::new(25).await;
    let (desk, _) = fleet.phone("8845");
    let mut database = sqlx::SqliteConnection::connect(&fleet.database()).await.unwrap();
    let copies = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 9000)
                  INSERT INTO phone (cluster_id, name, model, model_number, status, address, created_at, updated_at)
                  SELECT cluster_id, printf('SEP00AA%08d', n), model, model_number, status, address, 0, 0
                  FROM phone, number
                  WHERE name = $1";
    sqlx::query(copies)
        .bind(desk.name())
        .execute(&mut database)
        .await
        .unwrap();
    let brakes = Brakes {
        approval: true,
        ..unbraked()
    };
    let asked = draft(message("x"), Targets::Search(<_>::default()), brakes);
    let may = system();
    let preview = fleet.jobs().draft(&may, &asked).await.unwrap();
    let accepted = sidetone::jobs::Accepted {
        preview_token: preview.token,
        confirmation: preview.confirm,
    };
    let over = std::sync::atomic::AtomicBool::new(false);
    let others = async {
        let mut met = Vec::new();
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            fleet.app.store.begin().await.unwrap().commit().await.unwrap();
            let of = "SELECT (SELECT COUNT(*) FROM job_run WHERE job_id = job_making.job_id) FROM job_making";
            let written: Option<(i64,)> = sqlx::query_as(of).fetch_optional(&mut database).await.unwrap();
            if let Some((written,)) = written {
                met.push(written);
            }
        }
        met
    };
    let making = async {
        let made = fleet.jobs().create(&may, &asked, &accepted).await.unwrap();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        made
    };
    let (made, mut met) = tokio::join!(making, others);
    met.dedup();
    assert!(met.len() >= 2, "others wrote in between: {met:?}");
    assert!(
        met.iter().all(|written| written % 2_000 == 0 || *written > 9_000),
        "{met:?}"
    );
    let job = fleet.jobs().job(&may, made).await.unwrap();
    assert_eq!(
        (job.hold, job.total),
        (Some(sidetone::jobs::Hold::Approval), preview.total)
    );
    assert_eq!(fleet.runs_in_all(made).await.len() as u64, job.total);
    database.close().await.unwrap();
    fleet.close().await;
}

//! Jobs by the calendar.

use std::time::{Duration, Instant};

use sidetone::domain::ids::ScheduleId;
use sidetone::jobs::{Accepted, Action, Draft, Error, Job, Missed, Rule, ScheduleLine, Targets, When};
use sidetone::security::{May, RunJobs, Viewer};

use super::fleet::{Fleet, draft, message, system, unbraked};

fn daily(fleet: &Fleet, action: Action, missed: Missed) -> Draft {
    let soon = fleet.clock.now().to_zoned(jiff::tz::TimeZone::UTC).time() + jiff::Span::new().minutes(5);
    let (_, id) = fleet.phone("8845");
    Draft {
        title: "Every day".to_owned(),
        schedule: Some(When {
            rule: Rule::Daily { time: soon },
            time_zone: "UTC".to_owned(),
            missed,
        }),
        ..draft(action, Targets::Phones(vec![id]), unbraked())
    }
}

async fn make(fleet: &Fleet, may: &May<RunJobs>, draft: &Draft) -> ScheduleId {
    let preview = fleet.jobs().draft(may, draft).await.unwrap();
    let accepted = Accepted {
        preview_token: preview.token,
        confirmation: preview.confirm,
    };
    let id = fleet.jobs().schedule(may, draft, &accepted).await.unwrap();
    let again = fleet.jobs().schedule(may, draft, &accepted).await.unwrap();
    assert_eq!(again, id, "the same order given twice makes one schedule");
    id
}

/// The log as soon as it has so many lines, newest first.
async fn log(fleet: &Fleet, id: ScheduleId, lines: usize) -> Vec<ScheduleLine> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let (_, log) = fleet.jobs().schedule_of(&system(), id).await.unwrap();
        if log.len() >= lines {
            return log;
        }
        assert!(Instant::now() < deadline, "the log has {} lines", log.len());
        tokio::task::yield_now().await;
    }
}

async fn jobs_of(fleet: &Fleet, id: ScheduleId) -> Vec<Job> {
    let page = fleet.jobs().list(&Viewer::system(), None, 100).await.unwrap();
    page.jobs.into_iter().filter(|job| job.schedule == Some(id)).collect()
}

#[tokio::test]
async fn each_start_makes_a_job() {
    let fleet = Fleet::new(25).await;
    let id = make(&fleet, &system(), &daily(&fleet, message("daily"), Missed::Skip)).await;
    for start in 1..=2_usize {
        assert_eq!(jobs_of(&fleet, id).await.len(), start - 1);
        let wait = if start == 1 { 301 } else { 24 * 60 * 60 };
        fleet.clock.advance(Duration::from_secs(wait));
        let lines = log(&fleet, id, start).await;
        assert_eq!(lines[0].words, "started", "{lines:?}");
        fleet.end(lines[0].job.unwrap()).await;
    }
    assert_eq!(jobs_of(&fleet, id).await.len(), 2);
    assert!(fleet.phone("8845").0.shown_text().is_some());
    let (schedule, _) = fleet.jobs().schedule_of(&system(), id).await.unwrap();
    assert!(schedule.next_at.unwrap() > fleet.clock.now_ms());
    let by_hand = fleet.jobs().run_now(&system(), id).await.unwrap();
    fleet.end(by_hand).await;
    fleet.jobs().remove_schedule(&system(), id).await.unwrap();
    assert!(fleet.jobs().schedules(&system()).await.unwrap().is_empty());
    assert_eq!(jobs_of(&fleet, id).await.len(), 3, "its jobs stay");
    fleet.close().await;
}

#[tokio::test]
async fn a_missed_start_is_left_out_or_made_up_for_once() {
    let fleet = Fleet::new(25).await;
    let skips = make(&fleet, &system(), &daily(&fleet, Action::Facts, Missed::Skip)).await;
    let late = make(&fleet, &system(), &daily(&fleet, Action::Facts, Missed::RunLate)).await;
    // As if the program had been down for three days and some hours.
    fleet.clock.advance(Duration::from_secs(3 * 24 * 60 * 60 + 2 * 60 * 60));
    let (skipped, made_up) = (log(&fleet, skips, 1).await, log(&fleet, late, 1).await);
    assert!(skipped[0].words.starts_with("left out"), "{skipped:?}");
    assert!(made_up[0].words.contains("minutes late"), "{made_up:?}");
    fleet.end(made_up[0].job.unwrap()).await;
    assert_eq!(
        (jobs_of(&fleet, skips).await.len(), jobs_of(&fleet, late).await.len()),
        (0, 1)
    );
    fleet.close().await;
}

#[tokio::test]
async fn a_dangerous_schedule_is_approved_once_a_version() {
    let fleet = Fleet::new(25).await;
    let (boss, second) = (fleet.admin("boss").await, fleet.admin("second").await);
    let restart = daily(&fleet, Action::Restart { reset: false }, Missed::Skip);
    let id = make(&fleet, &boss, &restart).await;
    assert!(matches!(fleet.jobs().run_now(&boss, id).await, Err(Error::NotHeld(_))));
    assert!(matches!(
        fleet.jobs().approve_schedule(&boss, id, 1).await,
        Err(Error::OwnApproval { .. })
    ));
    fleet.jobs().approve_schedule(&second, id, 1).await.unwrap();
    fleet.clock.advance(Duration::from_secs(301));
    let lines = log(&fleet, id, 1).await;
    let job = fleet.end(lines[0].job.unwrap()).await;
    assert_eq!(job.approved_by.as_deref(), Some("second"));
    assert_eq!((job.succeeded, job.created_by.as_str()), (1, "boss"));
    let preview = fleet.jobs().draft(&boss, &restart).await.unwrap();
    let accepted = Accepted {
        preview_token: preview.token,
        confirmation: preview.confirm,
    };
    fleet
        .jobs()
        .change_schedule(&boss, (id, 1), &restart, &accepted)
        .await
        .unwrap();
    let again = fleet.jobs().change_schedule(&boss, (id, 1), &restart, &accepted).await;
    assert!(matches!(again, Err(Error::Changed)), "somebody changed it meanwhile");
    fleet.clock.advance(Duration::from_secs(24 * 60 * 60));
    let lines = log(&fleet, id, 2).await;
    assert!(lines[0].words.contains("waits for approval"), "{lines:?}");
    assert!(matches!(
        fleet.jobs().approve_schedule(&second, id, 1).await,
        Err(Error::Changed)
    ));
    fleet.close().await;
}

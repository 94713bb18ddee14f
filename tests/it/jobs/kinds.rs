//! Each kind of job, on the phones it is for.

use std::time::Duration;

use sidetone::clock::Clock;
use sidetone::domain::cause::Cause;
use sidetone::domain::ids::PhoneId;
use sidetone::jobs::{Action, JobState, RunState, Targets, Wanted};
use sidetone::simulator::{CucmFault, Fault, Service};

use super::fleet::{Fleet, draft, message, options, unbraked};

#[tokio::test]
async fn a_message_reaches_every_phone_that_can_show_one_and_the_others_are_named() {
    let fleet = Fleet::new(40).await;
    let everything = draft(message("Lunch"), Targets::Search(<_>::default()), unbraked());
    let preview = fleet.jobs().draft(&super::fleet::system(), &everything).await.unwrap();
    assert_eq!(preview.total, 40);
    let skipped: u64 = preview.skipped.iter().map(|group| group.count).sum();
    assert!(skipped > 0, "there are devices without a web server");
    assert_eq!(preview.will_run + skipped, 40);
    assert_eq!(
        preview.by_model.iter().map(|(_, count)| count).sum::<u64>(),
        preview.will_run
    );
    assert!(!preview.destructive && preview.confirm.is_none());

    let job = fleet.run(&everything).await;
    let runs = fleet.runs(job.id).await;
    let failed: Vec<_> = runs.iter().filter(|run| run.state == RunState::Failed).collect();
    assert_eq!(job.state, JobState::Succeeded, "{failed:?}");
    assert_eq!((job.total, job.done, job.skipped), (40, 40, skipped));
    assert_eq!(job.succeeded, preview.will_run);
    let (desk, _) = fleet.phone("8845");
    assert_eq!(desk.shown_text().unwrap().1, "Lunch");
    let run = runs.iter().find(|run| run.phone_name == desk.name()).unwrap();
    assert_eq!((run.state, run.attempts, run.steps.len()), (RunState::Succeeded, 1, 1));
    assert!(run.began_at.is_some() && run.ended_at.is_some());
    let without = runs.iter().find(|run| run.state == RunState::Skipped).unwrap();
    assert!(without.cause.is_some() && !without.evidence.is_empty());
    let actions: Vec<String> = fleet.trail().await.into_iter().map(|line| line.action).collect();
    assert!(actions.iter().any(|action| action == "job-created"));
    assert!(actions.iter().any(|action| action == "job-ended"));
    fleet.close().await;
}

#[tokio::test]
async fn looking_jobs_read_and_tell_what_they_found() {
    let fleet = Fleet::new(25).await;
    let (desk, id) = fleet.phone("8845");
    let (broken, broken_id) = fleet.phone("8841");
    broken.set_fault(Fault::Refuses);
    let phones = || Targets::Phones(vec![id, broken_id]);
    let facts = fleet.run(&draft(Action::Facts, phones(), unbraked())).await;
    assert_eq!(
        (facts.state, facts.succeeded, facts.failed),
        (JobState::PartlyFailed, 1, 1)
    );
    let failed = fleet
        .runs(facts.id)
        .await
        .into_iter()
        .find(|run| run.state == RunState::Failed);
    assert!(failed.unwrap().cause.is_some());
    let pictures = fleet.run(&draft(Action::Picture, phones(), unbraked())).await;
    assert_eq!((pictures.succeeded, pictures.failed), (1, 1));
    let readiness = fleet.run(&draft(Action::Readiness, phones(), unbraked())).await;
    assert_eq!((readiness.state, readiness.succeeded), (JobState::Succeeded, 2));
    let runs = fleet.runs(readiness.id).await;
    let told = |name: &str| runs.iter().find(|run| run.phone_name == name).unwrap();
    assert_eq!(told(desk.name()).evidence, "can be controlled");
    assert!(
        told(broken.name()).cause.is_some(),
        "that it cannot is found, not failed"
    );
    fleet.close().await;
}

#[tokio::test]
async fn a_ring_and_a_restart_do_what_they_say() {
    // By the clock: that a phone registered anew is told by the time of its registration.
    let fleet = Fleet::at(Clock::system(), options(25), |_| {}).await;
    let (desk, id) = fleet.phone("8845");
    let ring = Action::Ring {
        tone: "Analog1.raw".to_owned(),
        times: 1,
    };
    let job = fleet.run(&draft(ring, Targets::Phones(vec![id]), unbraked())).await;
    assert_eq!(job.state, JobState::Succeeded, "{:?}", fleet.runs(job.id).await);
    assert_eq!(desk.sounds_played().len(), 1);
    let restart = draft(Action::Restart { reset: false }, Targets::Phones(vec![id]), unbraked());
    let preview = fleet.jobs().draft(&super::fleet::system(), &restart).await.unwrap();
    assert_eq!(
        (preview.destructive, preview.confirm.as_deref()),
        (true, Some("1 phone"))
    );
    let maker = fleet.admin("boss").await;
    let job = fleet.make(&maker, &restart).await;
    fleet.jobs().approve(&fleet.admin("second").await, job).await.unwrap();
    let job = fleet.end(job).await;
    assert_eq!(job.state, JobState::Succeeded, "{:?}", fleet.runs(job.id).await);
    assert_eq!(job.approved_by.as_deref(), Some("second"));
    let proved = &fleet.runs(job.id).await[0].evidence;
    assert!(proved.contains("registered anew"), "{proved}");
    let trail = fleet.trail().await;
    let line = trail.iter().find(|line| line.action == "remedy-applied").unwrap();
    assert_eq!(line.user_name, "boss", "a job acts in the name of whoever made it");
    fleet.close().await;
}

#[tokio::test]
async fn a_restart_that_nothing_proves_is_no_success() {
    let fleet = Fleet::new(25).await;
    let (_, id) = fleet.phone("8845");
    let asked = draft(Action::Restart { reset: true }, Targets::Phones(vec![id]), unbraked());
    let maker = fleet.admin("boss").await;
    fleet.simulator.cucm().set_fault(CucmFault::Down(Service::Ris));
    let job = fleet.make(&maker, &asked).await;
    fleet.jobs().approve(&fleet.admin("second").await, job).await.unwrap();
    let job = fleet.end(job).await;
    assert_eq!((job.unproved, job.succeeded), (1, 0));
    let run = fleet.runs(job.id).await.remove(0);
    assert!(run.evidence.contains("took the order to reset"), "{run:?}");
    fleet.close().await;
}

#[tokio::test]
async fn a_restart_that_is_stopped_before_the_phone_is_back_is_not_proved() {
    // The clock stands still: no registration is later than another.
    let fleet = Fleet::new(25).await;
    let (desk, id) = fleet.phone("8845");
    let asked = draft(Action::Restart { reset: false }, Targets::Phones(vec![id]), unbraked());
    let maker = fleet.admin("boss").await;
    let job = fleet.make(&maker, &asked).await;
    fleet.jobs().approve(&fleet.admin("second").await, job).await.unwrap();
    let cucm = fleet.simulator.cucm();
    let before = cucm.counts().ris;
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while cucm.counts().ris < before + 2 {
        assert!(std::time::Instant::now() < deadline, "CUCM is asked before and after");
        tokio::task::yield_now().await;
    }
    fleet.jobs().cancel(&maker, job, None).await.unwrap();
    let job = fleet.end(job).await;
    assert_eq!((job.state, job.unproved), (JobState::Cancelled, 1), "{}", desk.name());
    let run = fleet.runs(job.id).await.remove(0);
    assert!(run.evidence.contains("before the phone registered anew"), "{run:?}");
    fleet.close().await;
}

#[tokio::test]
async fn remedies_mend_many_phones_and_leave_the_healthy_alone() {
    let fleet = Fleet::new(30).await;
    let (dark, dark_id) = fleet.phone("8841");
    let (lit, lit_id) = fleet.phone("8845");
    dark.set_vendor("webAccess", Some("1"));
    dark.restart();
    let remedy = Action::Remedy {
        remedy: "enable-web-access".to_owned(),
    };
    let before = lit.requests().len();
    let job = fleet
        .run(&draft(remedy, Targets::Phones(vec![dark_id, lit_id]), unbraked()))
        .await;
    let runs = fleet.runs(job.id).await;
    assert_eq!(job.succeeded, 2, "{runs:?}");
    let run = runs.iter().find(|run| run.phone == Some(lit_id)).unwrap();
    assert!(
        run.evidence.contains("nothing was changed") || run.evidence.contains("Web Access"),
        "{run:?}"
    );
    assert!(lit.requests().len() >= before);
    let wrong = Action::Remedy {
        remedy: "reset-phone".to_owned(),
    };
    let refused = fleet
        .jobs()
        .draft(
            &super::fleet::system(),
            &draft(wrong, Targets::Phones(vec![dark_id]), unbraked()),
        )
        .await;
    assert!(refused.is_err());
    fleet.close().await;
}

#[tokio::test]
async fn users_of_extension_mobility_are_logged_out() {
    let fleet = Fleet::new(25).await;
    let (shared, shared_id) = fleet.phone("8845");
    let (own, own_id) = fleet.phone("8841");
    shared.log_in("ada");
    let job = fleet
        .run(&draft(
            Action::Logout,
            Targets::Phones(vec![shared_id, own_id]),
            unbraked(),
        ))
        .await;
    let runs = fleet.runs(job.id).await;
    assert_eq!((job.state, job.succeeded), (JobState::Succeeded, 2), "{runs:?}");
    assert_eq!((shared.logged_in_user(), own.logged_in_user()), (None, None));
    let told = |id| &runs.iter().find(|run| run.phone == Some(id)).unwrap().evidence;
    assert_eq!(told(shared_id), "ada was logged out");
    assert!(told(own_id).contains("nothing was changed"), "{runs:?}");
    fleet.close().await;
}

#[tokio::test]
async fn a_phone_that_is_gone_is_left_alone() {
    let fleet = Fleet::new(25).await;
    let (_, id) = fleet.phone("8845");
    let gone = Targets::Phones(vec![id, PhoneId(99_999), id]);
    let preview = fleet
        .jobs()
        .draft(&super::fleet::system(), &draft(Action::Facts, gone.clone(), unbraked()))
        .await
        .unwrap();
    assert_eq!((preview.total, preview.will_run), (1, 1), "a phone counts once");
    assert_eq!(preview.skipped.len(), 1);
    let (away, away_id) = fleet.phone("7965");
    away.set_fault(Fault::NotRegistered);
    fleet.clock.advance(Duration::from_mins(1));
    fleet.app.inventory.refresh_registration(away_id).await.unwrap();
    let preview = fleet
        .jobs()
        .draft(
            &super::fleet::system(),
            &draft(message("x"), Targets::Phones(vec![id, away_id]), unbraked()),
        )
        .await
        .unwrap();
    assert_eq!(preview.will_run, 1);
    assert_eq!(preview.skipped[0].names, [away.name()]);
    assert!(matches!(
        preview.skipped[0].cause,
        Some(Cause::PhoneNotRegistered | Cause::PhoneAddressMissing)
    ));
    fleet.close().await;
}

#[tokio::test]
async fn a_phone_that_does_not_tell_whether_it_is_in_a_call_is_left_alone() {
    let fleet = Fleet::new(25).await;
    let (desk, id) = fleet.phone("8845");
    desk.set_fault(Fault::Silent);
    let sent = desk.requests_for("/CGI/Execute");
    let job = fleet
        .run(&draft(message("x"), Targets::Phones(vec![id]), unbraked()))
        .await;
    let runs = fleet.runs(job.id).await;
    assert_eq!(runs[0].state, RunState::Failed, "{runs:?}");
    assert!(runs[0].evidence.contains("did not tell whether"), "{runs:?}");
    assert_eq!(desk.requests_for("/CGI/Execute"), sent);
    fleet.close().await;
}

#[tokio::test]
async fn remedies_that_wait_for_their_turn_are_not_applied_after_a_cancel() {
    let fleet = Fleet::new(40).await;
    let phones: Vec<PhoneId> = fleet
        .of_model("8845")
        .into_iter()
        .chain(fleet.of_model("8841"))
        .chain(fleet.of_model("8851"))
        .map(|(_, id)| id)
        .collect();
    let all = phones.len();
    assert!(all >= 3, "{all}");
    let cucm = fleet.simulator.cucm();
    cucm.set_fault(CucmFault::Slow(Service::Axl, Duration::from_secs(1)));
    let remedy = Action::Remedy {
        remedy: "enable-web-access".to_owned(),
    };
    let system = super::fleet::system();
    let job = fleet
        .make(&system, &draft(remedy, Targets::Phones(phones), unbraked()))
        .await;
    while fleet.runs(job).await.iter().any(|run| run.state == RunState::Queued) {
        tokio::task::yield_now().await;
    }
    fleet.jobs().cancel(&system, job, None).await.unwrap();
    fleet.end(job).await;
    let runs = fleet.runs(job).await;
    let cancelled = runs.iter().filter(|run| run.state == RunState::Cancelled).count();
    assert!(cancelled >= all - 1, "only the one under way goes on: {runs:?}");
    fleet.close().await;
}

#[tokio::test]
async fn pictures_are_kept_as_long_as_the_report_that_shows_them() {
    let fleet = Fleet::new(25).await;
    let (_, id) = fleet.phone("8845");
    let job = fleet
        .run(&draft(Action::Picture, Targets::Phones(vec![id]), unbraked()))
        .await;
    let run = fleet.runs(job.id).await.remove(0);
    assert_eq!(run.pictures.len(), 1, "{run:?}");
    fleet.clock.advance(Duration::from_hours(4800));
    fleet.app.macros.sweep().await.unwrap();
    let viewer = sidetone::security::Viewer::system();
    let (_, bytes) = fleet.jobs().run_picture(&viewer, run.id, 0).await.unwrap();
    assert!(!bytes.is_empty());
    fleet.close().await;
}

#[tokio::test]
async fn a_table_is_in_the_order_in_which_phones_are_begun_and_counts_as_the_job_does() {
    let fleet = Fleet::new(25).await;
    let job = fleet
        .run(&draft(message("x"), Targets::Search(<_>::default()), unbraked()))
        .await;
    let viewer = sidetone::security::Viewer::system();
    let page = async |wanted: &Wanted, page| fleet.jobs().table(&viewer, job.id, wanted, page, 10).await.unwrap();
    let all = Wanted::default();
    let mut names = Vec::new();
    for number in 1..=3 {
        let table = page(&all, number).await;
        assert_eq!(table.total, job.total);
        assert!(
            table.runs.iter().all(|run| run.steps.is_empty()),
            "steps are not read for a table"
        );
        names.extend(table.runs.into_iter().map(|run| run.id));
    }
    let in_order: Vec<_> = fleet.runs(job.id).await.into_iter().map(|run| run.id).collect();
    assert_eq!(names, in_order);
    for state in [RunState::Succeeded, RunState::Skipped, RunState::Failed] {
        let wanted = Wanted {
            state: Some(state),
            ..Wanted::default()
        };
        let counted = page(&wanted, 1).await.total;
        let really = fleet.jobs().count_runs(&viewer, job.id, &wanted).await.unwrap();
        assert_eq!(counted, really, "{state:?}");
    }
    fleet.close().await;
}

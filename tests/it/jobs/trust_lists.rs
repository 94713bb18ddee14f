//! Trust lists deleted on a whole fleet, with faults among the phones: each run ends as it should.

use std::collections::BTreeMap;
use std::time::Duration;

use sidetone::clock::Clock;
use sidetone::domain::cause::Cause;
use sidetone::domain::ids::PhoneId;
use sidetone::domain::script::Arguments;
use sidetone::jobs::{Action, Job, Run, RunState, Targets};
use sidetone::security::RunMacros;
use sidetone::simulator::{Fault, Options, PhoneHandle};

use super::fleet::{Fleet, draft, options, system, unbraked};

/// What is the matter with a phone of the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    Nothing,
    BrokenList,
    Silent,
    InCall,
    Locked,
    WrongName,
    WebServerDead,
}

impl Matter {
    /// Of the phone of this number in the fleet.
    fn of(number: usize) -> Self {
        match number % 25 {
            3 => Self::Silent,
            7 => Self::InCall,
            11 => Self::Locked,
            15 => Self::WrongName,
            19 => Self::WebServerDead,
            5 | 10 | 20 => Self::BrokenList,
            _ => Self::Nothing,
        }
    }

    fn befall(self, phone: &PhoneHandle, other: &PhoneHandle) {
        match self {
            Self::Nothing => {}
            Self::BrokenList => phone.set_fault(Fault::TrustListBroken),
            Self::Silent => phone.set_fault(Fault::Silent),
            Self::InCall => phone.call(other),
            Self::Locked => phone.set_fault(Fault::SettingsLocked),
            Self::WrongName => phone.set_fault(Fault::WrongName("SEP00AABBCCDDEE".to_owned())),
            Self::WebServerDead => phone.set_fault(Fault::WebAccessOff),
        }
    }

    fn fits(self, run: &Run) -> bool {
        match self {
            Self::Nothing | Self::BrokenList => run.state == RunState::Succeeded,
            Self::Silent => run.state == RunState::Failed && run.cause == Some(Cause::PhoneNotAnswering),
            Self::InCall => run.state == RunState::Waiting && run.evidence.contains("call"),
            Self::Locked => run.state == RunState::Failed && run.cause == Some(Cause::SettingsAccessLocked),
            Self::WrongName => run.state == RunState::Failed && run.cause == Some(Cause::PhoneAddressStale),
            // Over SSH nothing is seen: a job leaves the phone to a person, or names the cause where SSH is off, too.
            Self::WebServerDead => {
                matches!(run.state, RunState::Failed | RunState::Skipped) && !run.evidence.is_empty()
            }
        }
    }
}

async fn deletion(fleet: &Fleet) -> Action {
    let library = fleet.app.macros.library();
    let listed = library.list(&system::<RunMacros>()).await.unwrap();
    let deletes = listed.iter().find(|kept| kept.built_in == Some("delete-trust-list"));
    Action::Macro {
        macro_id: deletes.unwrap().id,
        version: None,
        arguments: Arguments::default(),
        dry_run: false,
        ssh: true,
    }
}

/// Phones that the macro is for, by their numbers here.
fn desks(fleet: &Fleet) -> Vec<(PhoneHandle, PhoneId)> {
    let with_list = [
        "7911", "7941", "7945", "7965", "7975", "7821", "7841", "8811", "8841", "8845", "8851", "8861", "8865",
    ];
    with_list.iter().flat_map(|model| fleet.of_model(model)).collect()
}

async fn settled(fleet: &Fleet, phones: usize) -> (Job, Vec<(PhoneHandle, Matter, Run)>) {
    let desks: Vec<_> = desks(fleet).into_iter().take(phones).collect();
    assert_eq!(desks.len(), phones, "the fleet is large enough");
    let spare = fleet.phone("8831").0;
    for (number, (phone, _)) in desks.iter().enumerate() {
        Matter::of(number).befall(phone, &spare);
    }
    let targets = Targets::Phones(desks.iter().map(|(_, id)| *id).collect());
    let mut brakes = unbraked();
    brakes.at_once = 500;
    let wanted = draft(deletion(fleet).await, targets, brakes);
    let maker = fleet.admin("boss").await;
    let id = fleet.make(&maker, &wanted).await;
    fleet.jobs().approve(&fleet.admin("second").await, id).await.unwrap();
    let in_call = (0..phones)
        .filter(|number| Matter::of(*number) == Matter::InCall)
        .count() as u64;
    let job = fleet
        .until_within(id, Duration::from_mins(3), |job| {
            job.state.is_over() || job.done + in_call >= job.total && job.done > 0
        })
        .await;
    let runs = fleet.runs_in_all(id).await;
    let by_name: BTreeMap<_, _> = runs.into_iter().map(|run| (run.phone_name.clone(), run)).collect();
    let told = desks.into_iter().enumerate().map(|(number, (phone, _))| {
        let run = by_name[phone.name()].clone();
        (phone, Matter::of(number), run)
    });
    (job, told.collect())
}

fn fleet_of(phones: usize) -> Options {
    Options {
        fast: true,
        // As many requests as in a minute: both sides count them in a tenth of it, and CUCM refuses one too many as ever.
        ris_window: Duration::from_secs(6),
        ..options(phones)
    }
}

#[tokio::test]
async fn five_hundred_mixed_phones_with_faults_among_them_each_end_as_they_should() {
    let fleet = Fleet::at(Clock::system(), fleet_of(900), |config| {
        config.jobs.most_at_once = 500;
        config.phones.read_timeout_ms = 5_000;
    })
    .await;
    let (job, told) = settled(&fleet, 500).await;
    let mut wrong = BTreeMap::<_, Vec<_>>::new();
    for (phone, matter, run) in &told {
        if !matter.fits(run) {
            let line = format!(
                "{} {}: {:?} {:?} {}",
                phone.name(),
                phone.model(),
                run.state,
                run.cause,
                run.evidence
            );
            wrong.entry(*matter).or_default().push(line);
        }
    }
    assert!(wrong.is_empty(), "{job:?}\n{wrong:#?}");
    for (phone, matter, _) in &told {
        match matter {
            Matter::BrokenList => assert!(phone.faults().is_empty(), "{}: mended", phone.name()),
            Matter::InCall | Matter::WrongName | Matter::Silent => {
                assert!(phone.keys_received().is_empty(), "{}: nothing is pressed", phone.name());
            }
            _ => {}
        }
    }
    assert!(fleet.simulator.cucm().counts().ris_refused == 0, "CUCM's limit is kept");
    fleet
        .jobs()
        .cancel(&fleet.admin("boss").await, job.id, None)
        .await
        .unwrap();
    fleet.close().await;
}

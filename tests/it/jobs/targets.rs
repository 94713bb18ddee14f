//! Phones by search, by selection and by the names of a file.

use std::fmt::Write as _;
use std::time::Instant;

use sidetone::jobs::{Accepted, Action, Choice, Error, Targets, names_from_csv};

use super::fleet::{Fleet, draft, system, unbraked};

#[tokio::test]
async fn a_search_means_what_the_list_of_phones_shows_and_is_frozen() {
    let fleet = Fleet::new(60).await;
    let choice = Choice {
        q: "model:8845".to_owned(),
        ..Choice::default()
    };
    let asked = draft(Action::Facts, Targets::Search(choice), unbraked());
    let preview = fleet.jobs().draft(&system(), &asked).await.unwrap();
    assert_eq!(preview.total, fleet.of_model("8845").len() as u64);
    assert!(
        preview
            .first
            .iter()
            .all(|name| fleet.simulator.phone(name).unwrap().model().ends_with("8845"))
    );
    let job = fleet.run(&asked).await;
    assert_eq!(job.total, preview.total);
    fleet.close().await;
}

#[tokio::test]
async fn names_of_a_file_are_found_and_the_unknown_and_double_are_told() {
    let fleet = Fleet::new(25).await;
    let (desk, id) = fleet.phone("8845");
    let mac = desk.name().trim_start_matches("SEP").to_ascii_lowercase();
    let file = format!("Device Name;Room\n{};1\n{mac};2\nSEP00DEADBEEF00;3\n", desk.name());
    let names = names_from_csv(file.as_bytes()).unwrap().names;
    let asked = draft(Action::Facts, Targets::Names(names), unbraked());
    let preview = fleet.jobs().draft(&system(), &asked).await.unwrap();
    assert_eq!((preview.total, preview.will_run), (1, 1));
    assert_eq!(preview.unknown, ["SEP00DEADBEEF00"]);
    assert_eq!(preview.double, [desk.name()]);
    let unseen = fleet.jobs().create(&system(), &asked, &Accepted::default()).await;
    assert!(
        matches!(unseen, Err(Error::Changed)),
        "nothing runs until the preview was accepted"
    );
    let job = fleet.run(&asked).await;
    assert_eq!(fleet.runs(job.id).await[0].phone, Some(id));
    fleet.close().await;
}

#[tokio::test]
async fn two_hundred_thousand_names_are_looked_up_in_a_moment() {
    let fleet = Fleet::new(25).await;
    let mut file = String::from("name,owner\n");
    for number in 0..199_999 {
        writeln!(file, "SEP{number:012X},somebody").unwrap();
    }
    file += fleet.phone("8845").0.name();
    let began = Instant::now();
    let names = names_from_csv(file.as_bytes()).unwrap();
    assert_eq!((names.rows, names.names.len()), (200_000, 200_000));
    let asked = draft(Action::Facts, Targets::Names(names.names), unbraked());
    let preview = fleet.jobs().draft(&system(), &asked).await.unwrap();
    assert_eq!((preview.total, preview.unknown_count), (1, 199_999));
    assert!(preview.unknown.len() <= 200);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    fleet.close().await;
}

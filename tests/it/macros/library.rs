//! Keeping macros: versions, conflicts, what comes with the program, the list of ring tones.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sidetone::audit::{self, Filter};
use sidetone::clock::Clock;
use sidetone::domain::ids::MacroId;
use sidetone::domain::role::Role;
use sidetone::domain::script::Danger;
use sidetone::macros::{Library, LibraryParts, MOST_MACROS, MacroError, STOCK_TONES, parse};
use sidetone::security::{EditMacros, May, Viewer};
use sidetone::store::Store;
use sidetone::store::macros::{self as rows, NewVersion};
use tempfile::TempDir;

use crate::store::scratch;

struct Shelf {
    library: Library,
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

async fn shelf() -> Shelf {
    let (store, folder) = scratch().await;
    let clock = Clock::fixed_at("2026-11-21T08:00:00Z".parse::<Timestamp>().unwrap());
    let library = Library::new(LibraryParts {
        store: store.clone(),
        clock: clock.clone(),
    });
    Shelf {
        library,
        store,
        clock,
        _folder: folder,
    }
}

fn admin() -> May<EditMacros> {
    viewer(Role::Admin).may().unwrap()
}

fn viewer(role: Role) -> Viewer {
    let mut viewer = Viewer::command();
    viewer.role = role;
    "Ana".clone_into(&mut viewer.name);
    viewer
}

fn text(name: &str, step: &str) -> String {
    format!("# Kept with its comments.\nmacro \"{name}\"\nsafe\n\n{step}\n")
}

impl Shelf {
    /// What the trail says, oldest first.
    async fn trail(&self) -> Vec<(String, String)> {
        let page = audit::list(&self.store, &Filter::default(), None, 100).await.unwrap();
        let lines = page.lines.into_iter().rev();
        lines.map(|line| (line.action, line.detail)).collect()
    }

    async fn id_of(&self, name: &str) -> MacroId {
        let kept = self.library.list(&admin()).await.unwrap();
        kept.into_iter().find(|one| one.name == name).unwrap().id
    }

    /// What an earlier program, or a later one, would have brought.
    async fn brought(&self, word: &str, edition: u32, name: &str, text: &str) -> MacroId {
        let new = NewVersion {
            name,
            danger: "safe",
            text,
            note: "Comes with the program",
            edition: Some(edition),
            at: 1,
            by: "sidetone",
        };
        let mut tx = self.store.begin().await.unwrap();
        let id = rows::insert(&mut tx, Some(word), &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

#[tokio::test]
async fn every_version_is_kept_with_who_and_when() {
    let shelf = shelf().await;
    let library = &shelf.library;
    let may = admin();
    let first = text("Door", "press Settings");
    let added = library.add(&may, &first, "  For the door ").await.unwrap();
    assert_eq!((added.version, added.text.as_str()), (1, first.as_str()));
    assert_eq!(added.danger, Danger::Safe);
    assert!(!added.edited && added.built_in.is_none());

    shelf.clock.advance(std::time::Duration::from_mins(1));
    let second = text("Front door", "press Applications");
    let saved = library.save(&may, added.id, 1, &second, "").await.unwrap();
    assert_eq!((saved.version, saved.name.as_str()), (2, "Front door"));
    assert_eq!(saved.updated_at, added.updated_at + 60_000);
    assert_eq!(saved.updated_by, "Ana");

    // The same text again is no version, whatever ends its lines.
    let same = library
        .save(&may, added.id, 2, &second.replace('\n', "\r\n"), "again")
        .await
        .unwrap();
    assert_eq!(same, saved);

    let restored = library.restore_version(&may, added.id, 1).await.unwrap();
    assert_eq!((restored.version, restored.text.as_str()), (3, first.as_str()));
    assert_eq!(library.version(&may, added.id, 2).await.unwrap().text, second);
    let lines = library.versions(&may, added.id).await.unwrap();
    let notes: Vec<_> = lines.iter().map(|line| (line.version, line.note.as_str())).collect();
    assert_eq!(notes, [(3, "Restored version 1"), (2, ""), (1, "For the door")]);
    assert!(lines.iter().all(|line| line.saved_by == "Ana" && !line.by_program));

    let expected = [
        ("macro-added", "Door"),
        ("macro-changed", "Front door, version 2"),
        ("macro-changed", "Door, version 3"),
    ];
    assert_eq!(
        shelf.trail().await,
        expected.map(|(action, detail)| (action.to_owned(), detail.to_owned()))
    );
}

#[tokio::test]
async fn a_text_with_mistakes_is_saved_over_nothing() {
    let shelf = shelf().await;
    let may = admin();
    let good = text("Door", "press Settings");
    let kept = shelf.library.add(&may, &good, "").await.unwrap();
    let wrong = text("Door", "pres Settings\nwait 5");
    for refused in [
        shelf.library.add(&may, &wrong, "").await,
        shelf.library.save(&may, kept.id, 1, &wrong, "").await,
    ] {
        let Err(MacroError::Mistakes(mistakes)) = refused else {
            panic!("{refused:?}");
        };
        let places: Vec<_> = mistakes.iter().map(|mistake| mistake.at.line).collect();
        assert_eq!(places, [5, 6]);
    }
    assert_eq!(shelf.library.list(&may).await.unwrap(), std::slice::from_ref(&kept));
    let long = "x".repeat(201);
    assert!(matches!(
        shelf.library.save(&may, kept.id, 1, &good, &long).await,
        Err(MacroError::Note)
    ));
    assert_eq!(shelf.trail().await.len(), 1);
}

#[tokio::test]
async fn the_second_of_two_who_save_the_same_version_is_told() {
    let shelf = shelf().await;
    let may = admin();
    let kept = shelf
        .library
        .add(&may, &text("Door", "press Settings"), "")
        .await
        .unwrap();
    let (mine, theirs) = (text("Door", "press Soft1"), text("Door", "press Soft2"));
    let (one, other) = tokio::join!(
        shelf.library.save(&may, kept.id, 1, &mine, ""),
        shelf.library.save(&may, kept.id, 1, &theirs, "")
    );
    let outcomes = [one, other];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes
            .iter()
            .any(|outcome| matches!(outcome, Err(MacroError::Conflict { current: 2 })))
    );
    assert_eq!(shelf.library.versions(&may, kept.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn names_are_unique_whatever_their_case_and_free_again_after_removal() {
    let shelf = shelf().await;
    let may = admin();
    let door = shelf
        .library
        .add(&may, &text("Door", "press Settings"), "")
        .await
        .unwrap();
    let gate = shelf
        .library
        .add(&may, &text("Gate", "press Settings"), "")
        .await
        .unwrap();
    for refused in [
        shelf.library.add(&may, &text("DOOR", "press Soft1"), "").await,
        shelf
            .library
            .save(&may, gate.id, 1, &text("door", "press Soft1"), "")
            .await,
    ] {
        assert!(matches!(refused, Err(MacroError::NameTaken)), "{refused:?}");
    }
    shelf.library.remove(&may, door.id).await.unwrap();
    for gone in [
        shelf.library.get(&may, door.id).await.err(),
        shelf.library.version(&may, door.id, 1).await.err(),
        shelf.library.versions(&may, door.id).await.err(),
        shelf.library.remove(&may, door.id).await.err(),
        shelf
            .library
            .save(&may, door.id, 1, &text("Door", "press Soft1"), "")
            .await
            .err(),
        shelf.library.restore_version(&may, gate.id, 7).await.err(),
    ] {
        assert!(matches!(gone, Some(MacroError::Unknown)), "{gone:?}");
    }
    let again = shelf
        .library
        .add(&may, &text("Door", "press Settings"), "")
        .await
        .unwrap();
    assert_ne!(again.id, door.id);
    let removed = ("macro-removed".to_owned(), "Door".to_owned());
    assert!(shelf.trail().await.contains(&removed));
}

#[tokio::test]
async fn what_comes_with_the_program_is_furnished_once() {
    let shelf = shelf().await;
    shelf.library.furnish().await.unwrap();
    let kept = shelf.library.list(&viewer(Role::Helpdesk)).await.unwrap();
    let words: BTreeSet<_> = kept.iter().filter_map(|one| one.built_in).collect();
    let expected = [
        "clear-call-logs",
        "delete-ctl",
        "delete-trust-list",
        "factory-reset",
        "read-network-settings",
        "restart",
        "ring",
        "set-background",
        "set-ring-tone",
        "speed-dial-test",
    ];
    assert_eq!(words, BTreeSet::from(expected));
    for one in &kept {
        assert_eq!((one.version, one.edited), (1, false), "{}", one.name);
        assert!(one.script.is_some(), "{}", one.name);
        assert!(matches!(
            shelf.library.remove(&admin(), one.id).await,
            Err(MacroError::BuiltIn)
        ));
    }
    assert_eq!(shelf.trail().await.len(), 10);
    shelf.library.furnish().await.unwrap();
    assert_eq!(shelf.library.list(&admin()).await.unwrap(), kept);
    assert_eq!(shelf.trail().await.len(), 10);
}

#[tokio::test]
async fn a_newer_program_updates_what_nobody_edited_and_an_older_one_takes_nothing_back() {
    let shelf = shelf().await;
    let may = admin();
    let old = text("Ring", "execute \"Play:Bass.raw\"");
    let ring = shelf.brought("ring", 0, "Ring", &old).await;
    let edited = shelf
        .brought("restart", 0, "Restart the phone", &text("Restart the phone", "wait 1s"))
        .await;
    let mine = text("Restart the phone", "wait 2s");
    let saved = shelf.library.save(&may, edited, 1, &mine, "").await.unwrap();
    assert!(saved.edited);
    let later = text("Clear the call logs", "wait 3s");
    let newer = shelf
        .brought("clear-call-logs", 1_000, "Clear the call logs", &later)
        .await;

    shelf.library.furnish().await.unwrap();
    let updated = shelf.library.get(&may, ring).await.unwrap();
    assert_eq!(
        (updated.version, updated.edited, updated.built_in),
        (2, false, Some("ring"))
    );
    assert!(updated.text.contains("repeat {times} times"));
    assert_eq!(shelf.library.version(&may, ring, 1).await.unwrap().text, old);
    assert_eq!(shelf.library.get(&may, edited).await.unwrap(), saved);
    assert_eq!(shelf.library.get(&may, newer).await.unwrap().text, later);

    let restored = shelf.library.restore_built_in(&may, edited).await.unwrap();
    assert_eq!((restored.version, restored.edited), (3, false));
    assert!(restored.text.contains("destructive restart"));
    let own = shelf.library.add(&may, &text("Mine", "wait 1s"), "").await.unwrap();
    assert!(matches!(
        shelf.library.restore_built_in(&may, own.id).await,
        Err(MacroError::NotBuiltIn)
    ));
}

#[tokio::test]
async fn a_persons_macro_of_the_same_name_stays() {
    let shelf = shelf().await;
    let mine = shelf.library.add(&admin(), &text("Ring", "wait 1s"), "").await.unwrap();
    shelf.library.furnish().await.unwrap();
    let kept = shelf.library.list(&admin()).await.unwrap();
    assert_eq!(kept.len(), 10);
    assert_eq!(shelf.id_of("Ring").await, mine.id);
    shelf.library.remove(&admin(), mine.id).await.unwrap();
    shelf.library.furnish().await.unwrap();
    assert_ne!(shelf.id_of("Ring").await, mine.id);
}

#[tokio::test]
async fn a_text_of_a_later_program_is_shown_and_cannot_be_played() {
    let shelf = shelf().await;
    let id = shelf
        .brought("later", 1, "Later", "macro \"Later\"\nsafe\nlook closely\n")
        .await;
    assert!(parse("macro \"Later\"\nsafe\nlook closely\n").is_err());
    let kept = shelf.library.get(&admin(), id).await.unwrap();
    assert_eq!((kept.script, kept.name.as_str()), (None, "Later"));
    assert_eq!(shelf.library.list(&admin()).await.unwrap().len(), 1);
    // This program knows no such built-in: it may go.
    shelf.library.remove(&admin(), id).await.unwrap();
}

#[tokio::test]
async fn there_is_a_most_of_macros() {
    let shelf = shelf().await;
    let mut tx = shelf.store.begin().await.unwrap();
    for n in 0..MOST_MACROS {
        let name = format!("Macro {n}");
        let new = NewVersion {
            name: &name,
            danger: "safe",
            text: "",
            note: "",
            edition: None,
            at: 1,
            by: "Ana",
        };
        rows::insert(&mut tx, None, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(matches!(
        shelf.library.add(&admin(), &text("One more", "wait 1s"), "").await,
        Err(MacroError::TooMany)
    ));
}

#[tokio::test]
async fn supervisors_read_none_and_helpdesk_edits_none() {
    let shelf = shelf().await;
    shelf.library.furnish().await.unwrap();
    let supervisor = viewer(Role::Supervisor);
    assert!(matches!(
        shelf.library.list(&supervisor).await,
        Err(MacroError::Denied(_))
    ));
    assert!(matches!(
        shelf.library.tones(&supervisor).await,
        Err(MacroError::Denied(_))
    ));
    let helpdesk = viewer(Role::Helpdesk);
    assert_eq!(shelf.library.list(&helpdesk).await.unwrap().len(), 10);
    assert!(helpdesk.may::<EditMacros>().is_err());
}

#[tokio::test]
async fn admins_list_the_ring_tones() {
    let shelf = shelf().await;
    let may = admin();
    assert_eq!(shelf.library.tones(&may).await.unwrap(), STOCK_TONES);
    assert!(!STOCK_TONES.iter().any(|tone| tone.contains("Piano2")));
    let typed = ["Bell.raw", " Attention.rwb "].map(str::to_owned).to_vec();
    shelf.library.set_tones(&may, typed).await.unwrap();
    for refused in [vec!["Piano2.raw".to_owned()], Vec::new()] {
        assert!(matches!(
            shelf.library.set_tones(&may, refused).await,
            Err(MacroError::Tones(_))
        ));
    }
    assert_eq!(shelf.library.tones(&may).await.unwrap(), ["Bell.raw", "Attention.rwb"]);
    assert_eq!(
        shelf.trail().await,
        [("tones-changed".to_owned(), "2 listed".to_owned())]
    );
}

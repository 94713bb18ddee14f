//! The store: opening it, readiness, transactions that do not lose each other's work.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use sidetone::audit::{self, Action, Actor, Event, Filter, Outcome, Via, action};
use sidetone::domain::cause::Cause;
use sidetone::domain::ids::{ClusterId, PhoneId, UserId};
use sidetone::store::{Store, setup};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A store on a new file, with the folder that goes when the test ends.
pub(crate) async fn scratch() -> (Store, TempDir) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("sidetone.db")).await.unwrap();
    (store, folder)
}

#[tokio::test]
async fn a_new_store_is_ready_and_a_closed_one_is_not() {
    let (store, _folder) = scratch().await;
    store.ready().await.unwrap();
    store.close().await;
    assert!(store.ready().await.is_err());
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nowhere").join("sidetone.db");
    let error = Store::open(&path).await.unwrap_err().to_string();
    assert!(error.contains("nowhere"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_log_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_store, folder) = scratch().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_transactions_that_read_and_then_write_lose_nothing() {
    let (store, folder) = scratch().await;
    // A second program on the same file, as a command beside the running server.
    let beside = Store::open(&folder.path().join("sidetone.db")).await.unwrap();
    let mut adders = JoinSet::new();
    for n in 0..200 {
        let store = if n % 4 == 0 { beside.clone() } else { store.clone() };
        adders.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let count = setup::find_in(&mut tx).await.unwrap().map_or(0, |link| link.created_at);
            setup::replace(&mut tx, b"counter", count + 1).await.unwrap();
            tx.commit().await.unwrap();
        });
    }
    adders.join_all().await;
    let link = setup::find(&store).await.unwrap().unwrap();
    assert_eq!(link.created_at, 200);
}

#[tokio::test]
async fn a_transaction_that_is_not_committed_changes_nothing() {
    let (store, _folder) = scratch().await;
    let mut tx = store.begin().await.unwrap();
    setup::replace(&mut tx, b"gone", 1).await.unwrap();
    assert_eq!(
        setup::find(&store).await.unwrap(),
        None,
        "readers see what is committed"
    );
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(setup::find_in(&mut tx).await.unwrap(), None);
}

fn grace() -> Actor {
    Actor {
        user: Some(UserId(7)),
        name: "grace".to_owned(),
        via: Via::Api,
        address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    }
}

fn event(at: i64, actor: Actor, action: Action) -> Event {
    Event::new(at, actor, action)
}

async fn record(store: &Store, event: Event) {
    let mut tx = store.begin().await.unwrap();
    audit::record(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_act_has_its_line_before_and_its_outcome_after() {
    let (store, _folder) = scratch().await;
    let press = event(1_000, grace(), action::PRESS)
        .cluster(ClusterId(3), "lab")
        .phone(PhoneId(9), "SEP001122334455")
        .detail("Soft1");
    let id = audit::begin(&store, &press).await.unwrap();

    let line = audit::list(&store, &Filter::default(), None, 10)
        .await
        .unwrap()
        .lines
        .remove(0);
    assert_eq!((line.id, line.outcome, line.cause), (id, Outcome::Started, None));

    let took = Duration::from_millis(42);
    audit::finish(&store, id, Outcome::Failed, Some(Cause::PhoneUnreachable), took)
        .await
        .unwrap();
    audit::finish(&store, id, Outcome::Done, None, Duration::ZERO)
        .await
        .unwrap();

    let line = audit::list(&store, &Filter::default(), None, 10)
        .await
        .unwrap()
        .lines
        .remove(0);
    assert_eq!(line.outcome, Outcome::Failed, "an outcome is never changed");
    assert_eq!((line.cause, line.duration), (Some(Cause::PhoneUnreachable), Some(took)));
    assert_eq!(
        (line.at, line.action.as_str(), line.detail.as_str()),
        (1_000, "press", "Soft1")
    );
    assert_eq!((line.user, line.user_name.as_str()), (Some(UserId(7)), "grace"));
    assert_eq!((line.via, line.address.as_str()), (Via::Api, "127.0.0.1"));
    assert_eq!(line.phone.unwrap().name, "SEP001122334455");
    assert_eq!(line.cluster.unwrap().name, "lab");
}

#[tokio::test]
async fn the_trail_is_paged_from_the_newest_to_the_oldest() {
    let (store, _folder) = scratch().await;
    for at in 1..=7 {
        record(&store, event(at, Actor::system(), action::SYNC_STARTED)).await;
    }
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = audit::list(&store, &Filter::default(), cursor, 3).await.unwrap();
        assert_eq!(page.total, 7);
        seen.push(page.lines.iter().map(|line| line.at).collect::<Vec<_>>());
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
}

#[tokio::test]
async fn the_trail_is_filtered_by_phone_user_time_and_cluster() {
    let (store, _folder) = scratch().await;
    record(
        &store,
        event(1, grace(), action::PRESS)
            .phone(PhoneId(1), "a")
            .cluster(ClusterId(1), "x"),
    )
    .await;
    record(
        &store,
        event(2, grace(), action::PRESS)
            .phone(PhoneId(2), "b")
            .cluster(ClusterId(2), "y"),
    )
    .await;
    record(
        &store,
        event(3, Actor::system(), action::EXECUTE)
            .phone(PhoneId(1), "a")
            .cluster(ClusterId(1), "x"),
    )
    .await;
    record(&store, event(4, grace(), action::LOGIN)).await;

    let phone = Some(PhoneId(1));
    let user = Some(UserId(7));
    let clusters = Some([ClusterId(2)].into());
    let cases = [
        (Filter::default(), vec![4, 3, 2, 1]),
        (
            Filter {
                phone,
                ..Filter::default()
            },
            vec![3, 1],
        ),
        (
            Filter {
                user,
                ..Filter::default()
            },
            vec![4, 2, 1],
        ),
        (
            Filter {
                phone,
                user,
                ..Filter::default()
            },
            vec![1],
        ),
        (
            Filter {
                since: Some(3),
                ..Filter::default()
            },
            vec![4, 3],
        ),
        (
            Filter {
                clusters,
                ..Filter::default()
            },
            vec![4, 2],
        ),
        (
            Filter {
                phone: Some(PhoneId(99)),
                ..Filter::default()
            },
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        let page = audit::list(&store, &filter, None, 500).await.unwrap();
        assert_eq!(
            page.lines.iter().map(|line| line.at).collect::<Vec<_>>(),
            expected,
            "{filter:?}"
        );
        assert_eq!(page.total, expected.len() as u64, "{filter:?}");
    }
}

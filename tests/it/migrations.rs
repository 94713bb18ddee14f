//! Migrations: from nothing to the schema on record, twice over, and never backwards.

use std::path::Path;

use sidetone::store::{Error, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tempfile::TempDir;

use crate::store::scratch;

/// The schema as one readable text. Written anew by `UPDATE_SCHEMA=1 cargo test --test it migrations`.
const ON_RECORD: &str = include_str!("schema.sql");

async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn schema(database: &mut SqliteConnection) -> String {
    let statements: Vec<String> = sqlx::query_scalar(
        r"
        SELECT sql || ';'
        FROM sqlite_schema
        WHERE sql IS NOT NULL
            AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
            AND name <> '_sqlx_migrations'
            AND name NOT LIKE 'phone\_search\_%' ESCAPE '\'
        ORDER BY tbl_name, type DESC, name
        ",
    )
    .fetch_all(database)
    .await
    .unwrap();
    statements.join("\n\n") + "\n"
}

#[tokio::test]
async fn an_empty_file_becomes_the_schema_on_record() {
    let (store, folder) = scratch().await;
    store.close().await;
    let made = schema(&mut connect(&folder.path().join("sidetone.db")).await).await;
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let record = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/schema.sql");
        std::fs::write(record, &made).unwrap();
        return;
    }
    assert!(
        made == ON_RECORD,
        "the migrations make another schema than tests/it/schema.sql has; if that is meant, run \
         UPDATE_SCHEMA=1 cargo test --test it migrations"
    );
}

#[tokio::test]
async fn every_table_of_ours_is_strict() {
    let (store, folder) = scratch().await;
    store.close().await;
    let lax: Vec<String> = sqlx::query_scalar(
        r"
        SELECT name
        FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name <> '_sqlx_migrations'
            AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
        ",
    )
    .fetch_all(&mut connect(&folder.path().join("sidetone.db")).await)
    .await
    .unwrap();
    assert_eq!(lax, Vec::<String>::new());
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let (store, folder) = scratch().await;
    store.close().await;
    let path = folder.path().join("sidetone.db");
    let before = schema(&mut connect(&path).await).await;
    let again = Store::open(&path).await.unwrap();
    again.ready().await.unwrap();
    again.close().await;
    assert_eq!(schema(&mut connect(&path).await).await, before);
}

#[tokio::test]
async fn a_newer_programs_database_is_refused_untouched() {
    let (store, folder) = scratch().await;
    store.close().await;
    let path = folder.path().join("sidetone.db");
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (99991231235959, 'from the future', TRUE, x'00', 0)",
    )
    .execute(&mut connect(&path).await)
    .await
    .unwrap();

    let error = Store::open(&path).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Newer {
                found: 99_991_231_235_959,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("newer sidetone"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_untouched() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sidetone.db");
    let text = "this is a letter to somebody, not a database\n".repeat(40);
    std::fs::write(&path, &text).unwrap();
    assert!(Store::open(&path).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

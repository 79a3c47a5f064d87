//! SQLite's file: what stands in it, and when it cannot be written, as somebody else holds it or the disk is full.

use super::{at, rows};
use crate::support::TestApp;
use sea_orm::{ConnectionTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_process_writes_to_the_file_callers_are_told_to_come_back() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    let other = sea_orm::Database::connect(&app.addresses.primary).await.expect("a connection");
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
    let held = other.begin_with_options(options).await.expect("the file is ours");

    let names: Vec<_> = (0..6).map(|number| json!({"kind": "company", "name": format!("Delta {number}")})).collect();
    let posts = names.iter().map(|new| owner.post("/v1/suppliers", new.clone()));
    for answer in futures_util::future::join_all(posts).await {
        let answer = answer.refused(503, "database_busy");
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(owner.get("/v1/suppliers?count=true").await.expect(200).body["total_count"], 0);

    held.rollback().await.expect("the file is free");
    for new in names {
        owner.post("/v1/suppliers", new).await.expect(201);
    }
    assert_eq!(owner.get("/v1/suppliers?count=true").await.expect(200).body["total_count"], 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_disk_was_full_what_is_acknowledged_is_stored() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    // SQLite answers alike when the file may not grow, until the connection with this limit is gone.
    let limited = app.app.db.write((), |txn, ()| {
        Box::pin(async move {
            txn.execute_unprepared("PRAGMA max_page_count = 1").await?;
            Ok(())
        })
    });
    limited.await.expect("the limit is set");
    let long = |number: u32| json!({"kind": "company", "name": format!("{number} {}", "x".repeat(180))});
    let mut made = BTreeSet::new();
    let mut refused = 0;
    for number in 0..400 {
        let answer = owner.post("/v1/suppliers", long(number)).await;
        match answer.status {
            201 => drop(made.insert(answer.id())),
            _ => {
                assert_eq!(answer.refused(503, "database_busy").header("retry-after"), "60");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "the disk was never full");
    let elsewhere = sea_orm::Database::connect(&app.addresses.primary).await.expect("another process");
    let stored = rows(&elsewhere, "SELECT hex(id) FROM supplier").await;
    let stored: BTreeSet<String> = stored.iter().map(|row| at::<String>(row, 0).to_lowercase()).collect();
    assert_eq!(stored, made.iter().map(|id| id.replace('-', "")).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_soon_stands_in_the_file_itself() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    tokio::spawn(app.app.db.clone().keep_checkpoints());
    let folder = tempfile::tempdir().expect("a folder");
    let mut made = 0;
    // Every change brings along what was committed before it.
    loop {
        owner.supplier(&format!("Delta {made}")).await;
        made += 1;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        // Without its write-ahead log; at first, not even the tables are in the file.
        let copy = folder.path().join(format!("{made}.db"));
        std::fs::copy(app.addresses.file().expect("a file"), &copy).expect("a copy");
        let db = sea_orm::Database::connect(format!("sqlite:{}", copy.display())).await.expect("a database");
        let found = db
            .query_one_raw(sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Sqlite, "SELECT 1 FROM supplier"));
        if let Ok(Some(_)) = found.await {
            return;
        }
        assert!(made < 100, "nothing arrives in the file");
    }
}

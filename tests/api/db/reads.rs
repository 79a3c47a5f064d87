//! Reads over connections that are kept, and tallies that lie by their keys.

use super::{at, rows};
use crate::both;
use crate::feedback::{answer, csat};
use crate::support::TestApp;
use accord_migration::{Migrator, MigratorTrait};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseBackend};
use serde_json::json;
use std::time::Duration;

both! {
    async fn a_read_that_is_given_up_answers_nobody_else(app: TestApp) {
        let db = app.app.db.fresh();
        let slow = match db.get_database_backend() {
            DatabaseBackend::Sqlite => {
                "WITH RECURSIVE up(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM up WHERE x < 1000000) \
                 SELECT -1 FROM up WHERE x = 1000000"
            }
            _ => "SELECT -1::bigint FROM pg_sleep(0.2)",
        };
        for _ in 0..10 {
            let given_up = tokio::time::timeout(Duration::from_millis(5), rows(db, slow)).await;
            assert!(given_up.is_err(), "it was not slow");
            let asked = (0..8_i64).map(|number| async move {
                let sql = format!("SELECT {number} + CAST(0 AS bigint)");
                assert_eq!(at::<i64>(&rows(db, &sql).await[0], 0), number);
            });
            join_all(asked).await;
        }
    }

    async fn what_is_remembered_for_answers_is_forgotten_when_it_changes(app: TestApp) {
        let owner = app.owner().await;
        let (survey, supplier) = (csat(&owner).await, owner.supplier("Delta").await);
        let given = async |at: &str| {
            let mut new = answer(&survey, &supplier, 4);
            new["answered_at"] = json!(at);
            owner.post("/v1/feedback", new).await
        };
        let late = "2026-11-20T23:30:00Z";
        assert_eq!(given(late).await.expect(201).body["day"], "2026-11-20");
        owner.patch("/v1/organization", json!({"time_zone": "Europe/Berlin"})).await.expect(200);
        assert_eq!(given(late).await.expect(201).body["day"], "2026-11-21");
        owner.act(&format!("/v1/surveys/{survey}/retire")).await.expect(200);
        given(late).await.refused(409, "invalid_state");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_postgresql_has_ended_all_connections_reads_soon_go_on() {
    let Some(app) = TestApp::postgres().await else {
        return;
    };
    let owner = app.owner().await;
    join_all((0..20).map(|_| owner.get("/v1/suppliers"))).await;
    let other = sea_orm::Database::connect(&app.addresses.primary).await.expect("a connection");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(!rows(&other, end).await.is_empty(), "nobody was connected");
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(owner.get("/v1/suppliers").await.status);
    }
    assert!(answers.iter().all(|status| matches!(status, 200 | 503)), "{answers:?}");
    assert_eq!(answers[3..], [200; 3], "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tallies_survive_the_step_that_lays_them_by_their_keys() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    let survey = csat(&owner).await;
    let supplier = owner.supplier("Delta").await;
    for value in [5, 4, 2] {
        owner.post("/v1/feedback", answer(&survey, &supplier, value)).await.expect(201);
    }
    let other = sea_orm::Database::connect(&app.addresses.primary).await.expect("a connection");
    let all = "SELECT sum(n), sum(total), count(*) FROM feedback_tally";
    let read = |row: &sea_orm::QueryResult| [0, 1, 2].map(|index| at::<i64>(row, index));
    let before = read(&rows(&other, all).await[0]);
    assert!(before.iter().all(|sum| *sum > 0), "nothing was counted: {before:?}");
    for step in [Migrator::down(&other, Some(2)).await, Migrator::up(&other, None).await] {
        step.expect("the step");
        assert_eq!(read(&rows(&other, all).await[0]), before);
    }
}

/// Of a database that a program analysed while one supplier had all answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_a_small_supplier_are_found_by_an_index_beside_a_big_one() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    let (survey, big) = (csat(&owner).await, owner.supplier("Big").await);
    for _ in 0..20 {
        owner.post("/v1/feedback", answer(&survey, &big, 4)).await.expect(201);
    }
    let other = sea_orm::Database::connect(&app.addresses.primary).await.expect("a connection");
    let plan = async || {
        let asked = "EXPLAIN QUERY PLAN SELECT * FROM feedback WHERE supplier_id = ?1 AND superseded_by_id IS NULL";
        at::<String>(&rows(&other, asked).await[0], 3)
    };
    other.execute_unprepared("ANALYZE").await.expect("statistics");
    assert_eq!(plan().await, "SCAN feedback", "statistics are no danger any more");
    Migrator::down(&other, Some(1)).await.expect("the step back");
    Migrator::up(&other, None).await.expect("the step");
    assert!(plan().await.starts_with("SEARCH feedback USING INDEX feedback_supplier_id_id"), "{}", plan().await);
    app.app.db.clone().close().await;
    let kept = "SELECT count(*) FROM sqlite_stat1";
    assert_eq!(at::<i64>(&rows(&other, kept).await[0], 0), 0, "closing gathers statistics");
}

//! The databases: schema, write door, errors.

mod file;
mod reads;

use crate::both;
use crate::support::TestApp;
use accord::shared::auth::session::{self, SessionId};
use accord::shared::clock::Clock;
use accord::shared::db::{Txn, Writing};
use accord::shared::error::{Code, Error, Result};
use accord::shared::id::AccountId;
use accord::shared::jobs::schedule;
use accord_migration::{Migrator, MigratorTrait};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::ColumnType;
use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Statement, TryGetable};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Barrier;

async fn rows(db: &impl ConnectionTrait, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await.expect("the rows")
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> T {
    row.try_get_by_index(index).expect("the column")
}

/// Table → column → kind, and whether it may be empty.
type Schema = BTreeMap<String, BTreeMap<String, (String, bool)>>;

async fn schema(db: &impl ConnectionTrait) -> Schema {
    let sql = match db.get_database_backend() {
        sea_orm::DatabaseBackend::Sqlite => {
            "SELECT t.name, c.name, lower(c.type), c.\"notnull\" = 0 FROM sqlite_master t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
        }
        _ => {
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let mut schema = Schema::new();
    for row in rows(db, sql).await {
        let kind = stored_kind(&at::<String>(&row, 2)).to_owned();
        schema.entry(at(&row, 0)).or_default().insert(at(&row, 1), (kind, at(&row, 3)));
    }
    schema
}

/// Names of indexes, which come and go with the steps as well.
async fn indexes(db: &impl ConnectionTrait) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        sea_orm::DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'index'",
        _ => "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public'",
    };
    rows(db, sql).await.iter().map(|row| at(row, 0)).collect()
}

fn stored_kind(declared: &str) -> &str {
    match declared {
        "uuid" | "uuid_text" => "uuid",
        "text" | "varchar" | "character varying" => "text",
        "bigint" => "integer",
        "double" | "double precision" => "double",
        "boolean" => "boolean",
        "timestamp with time zone" | "timestamp_with_timezone_text" => "instant",
        "date" | "date_text" => "date",
        "jsonb" | "jsonb_text" => "json",
        "bytea" | "blob" => "bytes",
        other => other,
    }
}

fn mapped_kind(kind: &ColumnType) -> String {
    let kind = match kind {
        ColumnType::Uuid => "uuid",
        ColumnType::String(_) | ColumnType::Text => "text",
        ColumnType::BigInteger => "integer",
        ColumnType::Double => "double",
        ColumnType::Boolean => "boolean",
        ColumnType::TimestampWithTimeZone => "instant",
        ColumnType::Date => "date",
        ColumnType::JsonBinary => "json",
        ColumnType::VarBinary(_) | ColumnType::Binary(_) | ColumnType::Blob => "bytes",
        other => return format!("{other:?}"),
    };
    kind.to_owned()
}

both! {
    async fn every_step_goes_down_and_up_again(app: TestApp) {
        let owner = app.owner().await;
        let child = json!({"kind": "company", "name": "Child", "parent_id": owner.supplier("Parent").await,
            "legal_ids": [{"scheme": "IATA", "value": "DL"}], "categories": ["airline"]});
        let child = owner.post("/v1/suppliers", child).await.expect(201).id();
        let note = json!({"text": "Call back"});
        owner.post(&format!("/v1/suppliers/{child}/notes"), note).await.expect(201);

        let db = sea_orm::Database::connect(&app.addresses.primary).await.expect("a connection");
        let (tables, names) = (schema(&db).await, indexes(&db).await);
        Migrator::down(&db, None).await.expect("every step goes down");
        let left: Vec<_> = schema(&db).await.into_keys().collect();
        assert_eq!(left, ["lease", "seaql_migrations"], "tables left by a step that goes down");
        let left = indexes(&db).await;
        assert!(left.iter().all(|name| name.contains("lease") || name.contains("seaql_migrations")), "{left:?}");
        Migrator::up(&db, None).await.expect("every step goes up again");
        assert_eq!((schema(&db).await, indexes(&db).await), (tables, names));
        app.clock.advance(chrono::TimeDelta::minutes(1));
        owner.get("/v1/suppliers").await.refused(401, "session_revoked");
    }

    async fn tables_and_what_the_program_maps_are_the_same(app: TestApp) {
        let mut there = schema(app.app.db.fresh()).await;
        // No entity: raw SQL that must run before the first step, or needs no model of its own.
        for unmapped in ["idempotency_key", "lease", "seaql_migrations"] {
            assert!(there.remove(unmapped).is_some(), "{unmapped} is gone");
        }
        let mapped: Schema = accord::app::tables()
            .into_iter()
            .map(|table| {
                let columns = table.columns.iter().map(|column| {
                    (column.name.to_owned(), (mapped_kind(&column.kind), column.is_nullable))
                });
                (table.table.to_owned(), columns.collect())
            })
            .collect();
        for (table, columns) in &mapped {
            assert_eq!(there.get(table), Some(columns), "the columns of {table}");
        }
        let unknown: Vec<_> = there.keys().filter(|table| !mapped.contains_key(*table)).collect();
        assert!(unknown.is_empty(), "tables that nobody maps: {unknown:?}");
        let in_source: BTreeSet<_> = mapped.into_keys().collect();
        assert_eq!(entities_in_source(), in_source, "entities that `app::tables` does not name");
    }
}

/// The tables that some file of the program calls its own.
fn entities_in_source() -> BTreeSet<String> {
    fn walk(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("the source").flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).expect("a source file");
            let named = text.split("table_name = \"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(named.map(str::to_owned));
        }
    }
    let mut found = BTreeSet::new();
    walk(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    found
}

/// The smallest change there is: one row, whose name must be new.
async fn put(txn: &Txn, name: &str) -> Result<()> {
    let row = schedule::ActiveModel { name: Set(name.to_owned()), next_at: Set(Clock::system().now()) };
    schedule::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

async fn stored(app: &TestApp) -> BTreeSet<String> {
    let rows = schedule::Entity::find().all(app.app.db.fresh()).await.expect("the rows");
    rows.into_iter().map(|row| row.name).collect()
}

fn refusal() -> Error {
    Error::new(Code::RuleViolated, "The test says no.")
}

fn good<'a>(txn: &'a Txn, name: &'a Arc<str>) -> Writing<'a, ()> {
    Box::pin(put(txn, name))
}

fn refused<'a>(txn: &'a Txn, name: &'a Arc<str>) -> Writing<'a, ()> {
    Box::pin(async move {
        put(txn, name).await?;
        Err(refusal())
    })
}

fn twice<'a>(txn: &'a Txn, name: &'a Arc<str>) -> Writing<'a, ()> {
    Box::pin(async move {
        put(txn, name).await?;
        put(txn, name).await
    })
}

fn broken<'a>(txn: &'a Txn, name: &'a Arc<str>) -> Writing<'a, ()> {
    Box::pin(async move {
        put(txn, name).await?;
        txn.execute_unprepared("SELECT nothing FROM nowhere").await?;
        Ok(())
    })
}

fn panicking<'a>(txn: &'a Txn, name: &'a Arc<str>) -> Writing<'a, ()> {
    Box::pin(async move {
        put(txn, name).await?;
        panic!("the test panics here, inside a change");
    })
}

type Change = for<'a> fn(&'a Txn, &'a Arc<str>) -> Writing<'a, ()>;

/// Runs the change in a task of its own: a panic may end the task, never the test.
async fn attempt(app: &TestApp, name: &str, change: Change) -> Option<Result<()>> {
    let (db, name) = (app.app.db.clone(), Arc::from(name));
    tokio::spawn(async move { db.write(name, change).await }).await.ok()
}

both! {
    async fn a_change_that_fails_leaves_nothing_behind(app: TestApp) {
        let error = attempt(&app, "refused", refused).await.expect("no panic").expect_err("refused");
        assert_eq!(error.code, Code::RuleViolated);
        let error = attempt(&app, "broken", broken).await.expect("no panic").expect_err("broken");
        assert_eq!(error.code, Code::InternalError);
        assert!(!error.detail.contains("nowhere"), "the caller is told about the database: {}", error.detail);
        assert_eq!(stored(&app).await, BTreeSet::new());
    }

    async fn a_panic_leaves_nothing_behind_and_the_door_open(app: TestApp) {
        let outcome = attempt(&app, "panic", panicking).await;
        assert!(!matches!(outcome, Some(Ok(()))));
        attempt(&app, "next", good).await.expect("no panic").expect("the door is open");
        assert_eq!(stored(&app).await, BTreeSet::from(["next".to_owned()]));
    }

    async fn of_many_changes_at_once_exactly_the_good_ones_are_stored(app: TestApp) {
        let kinds: [Change; 6] = [good, refused, twice, good, broken, panicking];
        let app = Arc::new(app);
        let all = (0..300).map(|number| {
            let (app, change) = (app.clone(), kinds[number % kinds.len()]);
            tokio::spawn(async move {
                let name = format!("{number:03}");
                let answer = attempt(&app, &name, change).await;
                (number, name, matches!(answer, Some(Ok(()))))
            })
        });
        let mut promised = BTreeSet::new();
        for one in all.collect::<Vec<_>>() {
            let (number, name, is_done) = one.await.expect("an answer");
            assert_eq!(is_done, number % 6 == 0 || number % 6 == 3, "change {name}");
            promised.extend(is_done.then_some(name));
        }
        assert_eq!(stored(&app).await, promised);
    }

    async fn a_database_error_becomes_the_right_code(app: TestApp) {
        let taken = attempt(&app, "same", twice).await.expect("no panic").expect_err("unique");
        assert_eq!((taken.code, taken.code.status()), (Code::Conflict, 409));
        let dangling = app.app.db.write(app.clock.clone(), |txn, clock| Box::pin(async move {
            let row = session::ActiveModel {
                id: Set(SessionId::new(clock)),
                account_id: Set(AccountId::new(clock)),
                created_at: Set(clock.now()),
                expires_at: Set(clock.now()),
                revoked_at: Set(None),
                ..Default::default()
            };
            session::Entity::insert(row).exec_without_returning(txn).await?;
            Ok(())
        }));
        assert_eq!(dangling.await.expect_err("foreign key").code, Code::InUse);
        // Rules are checked before the database is asked: a check that fails is our mistake.
        let unchecked = app.app.db.write((), |txn, ()| Box::pin(async move {
            let sql = "UPDATE signing_key SET purpose = 'nonsense'";
            txn.execute_unprepared(sql).await?;
            Ok(())
        }));
        let error = unchecked.await.expect_err("check");
        assert_eq!(error.code, Code::InternalError);
        assert!(error.cause.as_ref().is_some_and(|cause| cause.to_string().to_lowercase().contains("check")));
        assert_eq!(stored(&app).await, BTreeSet::new());
    }
}

#[tokio::test]
async fn sqlite_is_set_up_as_promised() {
    let app = TestApp::sqlite().await;
    let compiled = rows(app.app.db.fresh(), "PRAGMA compile_options").await;
    let compiled: Vec<String> = compiled.iter().map(|row| at(row, 0)).collect();
    assert!(compiled.iter().any(|option| option == "ENABLE_QPSG"), "{compiled:?}");
    let settings = app.app.db.write((), |txn, ()| {
        Box::pin(async move {
            let mode = at::<String>(&rows(txn, "PRAGMA journal_mode").await[0], 0);
            let synchronous = at::<i64>(&rows(txn, "PRAGMA synchronous").await[0], 0);
            let foreign_keys = at::<i64>(&rows(txn, "PRAGMA foreign_keys").await[0], 0);
            Ok((mode, synchronous, foreign_keys))
        })
    });
    const FULL: i64 = 2;
    assert_eq!(settings.await.expect("the settings"), ("wal".to_owned(), FULL, 1));
    let refused = app.app.db.fresh().execute_unprepared("DELETE FROM supplier").await;
    assert!(refused.is_err(), "readers can write");
}

/// Two changes that meet: the first time each is run, it waits for the other in the middle.
type Meeting = (&'static str, &'static str, Arc<Barrier>, Arc<AtomicU32>);

async fn meet(app: &TestApp, change: for<'a> fn(&'a Txn, &'a Meeting) -> Writing<'a, ()>) -> u32 {
    let (barrier, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let one = app.app.db.write(("a", "b", barrier.clone(), runs.clone()), change);
    let two = app.app.db.write(("b", "a", barrier.clone(), runs.clone()), change);
    let (one, two) = tokio::join!(one, two);
    one.expect("the first change succeeds in the end");
    two.expect("the second change succeeds in the end");
    runs.load(Ordering::SeqCst)
}

async fn wait_once((_, _, barrier, runs): &Meeting) {
    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
        barrier.wait().await;
    }
}

fn lock_crosswise<'a>(txn: &'a Txn, meeting: &'a Meeting) -> Writing<'a, ()> {
    Box::pin(async move {
        let touch = |name: &str| format!("UPDATE schedule SET next_at = next_at WHERE name = '{name}'");
        txn.execute_unprepared(&touch(meeting.0)).await?;
        wait_once(meeting).await;
        txn.execute_unprepared(&touch(meeting.1)).await?;
        Ok(())
    })
}

fn put_if_empty<'a>(txn: &'a Txn, meeting: &'a Meeting) -> Writing<'a, ()> {
    Box::pin(async move {
        txn.execute_unprepared("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
        let is_empty = schedule::Entity::find().all(txn).await?.is_empty();
        wait_once(meeting).await;
        if is_empty {
            put(txn, meeting.0).await?;
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_on_postgres_is_run_again() {
    if let Some(app) = TestApp::postgres().await {
        attempt(&app, "a", good).await.expect("no panic").expect("a row");
        attempt(&app, "b", good).await.expect("no panic").expect("a row");
        assert!(meet(&app, lock_crosswise).await > 2, "there was no deadlock");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_serialisation_failure_on_postgres_is_run_again() {
    if let Some(app) = TestApp::postgres().await {
        assert!(meet(&app, put_if_empty).await > 2, "there was no failure");
        assert_eq!(stored(&app).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_of_postgres_callers_are_told_to_come_back_and_then_served() {
    let Some(app) = TestApp::postgres().await else { return };
    let owner = app.owner().await;
    let admin = sea_orm::Database::connect(&app.addresses.primary).await.expect("a connection");
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(!rows(&admin, sql).await.is_empty());
    for number in 0..20 {
        let new = json!({"kind": "company", "name": format!("Delta {number}")});
        let answer = owner.post("/v1/suppliers", new).await;
        if answer.status == 201 {
            return;
        }
        assert_eq!(answer.refused(503, "database_busy").header("retry-after"), "1");
    }
    panic!("still not served");
}

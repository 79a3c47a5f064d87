//! Several instances over one database.

use crate::both;
use crate::support::{Answer, Caller, TestApp, Wishes, empty_postgres};
use accord::app::{self, Parts};
use accord::shared::app::App;
use accord::shared::auth::password::Cost;
use accord::shared::clock::Clock;
use accord::shared::db::{Addresses, Lease};
use accord::shared::error::{Code, Error, Result};
use accord::shared::history::{seal, verify::verify};
use accord::shared::jobs::{self, ATTEMPTS, Job, JobStatus, NewJob, schedule::Schedule, worker};
use accord::shared::mail;
use chrono::TimeDelta;
use futures_util::future::{BoxFuture, join_all};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, Statement};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

async fn number(app: &App, sql: &str) -> i64 {
    let db = app.db.fresh();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("the query");
    row.expect("a row").try_get_by_index(0).expect("a number")
}

async fn opened(addresses: Addresses, secret: &str) -> Result<App> {
    let parts = Parts {
        addresses,
        clock: Clock::system(),
        secret: secret.to_owned(),
        rate_limits: None,
        password_cost: Cost::Trivial,
        public_url: "https://accord.example".to_owned(),
        mail: mail::Settings::in_folder("mail".into())?,
        files: crate::support::files::settings(&std::env::temp_dir()),
        owners: app::OWNERS,
    };
    app::open(parts).await
}

fn company(name: &str) -> Value {
    json!({"kind": "company", "name": name})
}

fn bearer<'a>(app: &'a TestApp, caller: &Caller<'_>) -> Caller<'a> {
    app.with_token(caller.token.as_deref().expect("a token"))
}

async fn names(caller: &Caller<'_>) -> Vec<String> {
    let list = caller.get("/v1/suppliers?limit=100").await.expect(200);
    let data = list.body["data"].as_array().expect("a page").iter();
    data.map(|supplier| supplier["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_instances_that_start_at_once_migrate_once_and_share_their_keys() {
    let Some(addresses) = empty_postgres().await else { return };
    let clock = Clock::system();
    let starts = (0..8).map(|_| {
        let (addresses, clock) = (addresses.clone(), clock.clone());
        tokio::spawn(TestApp::over(addresses, clock, Wishes::default()))
    });
    let mut apps = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        apps.push(start.await.expect("the instance opens"));
    }
    let one = &apps[0].app;
    let steps = "SELECT count(*) FROM seaql_migrations";
    assert_eq!(number(one, steps).await, number(one, "SELECT count(DISTINCT version) FROM seaql_migrations").await);
    assert_eq!(number(one, "SELECT count(*) FROM signing_key").await, 2);
    assert_eq!(number(one, "SELECT count(*) FROM lease").await, 0, "the lease of migrating was given back");

    let first = apps[0].owner().await;
    for name in ["Alpha", "Beta", "Gamma"] {
        first.supplier(name).await;
    }
    let page = first.get("/v1/suppliers?limit=1").await.expect(200);
    let cursor = page.body["next_cursor"].as_str().expect("a cursor");
    for other in &apps[1..] {
        let caller = bearer(other, &first);
        let next = caller.get(&format!("/v1/suppliers?limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!(next.body["data"][0]["name"], "Beta");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_start_at_once_on_an_empty_file_migrate_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let primary = format!("sqlite:{}?mode=rwc", folder.path().join("accord.db").display());
    let addresses = Addresses { primary, replica: None };
    let secret = "a secret of the tests, long enough to be one";
    let starts = join_all((0..4).map(|_| tokio::spawn(opened(addresses.clone(), secret))));
    let apps: Vec<_> = starts.await.into_iter().map(|app| app.expect("no panic").expect("it opens")).collect();
    assert_eq!(number(&apps[0], "SELECT count(*) FROM signing_key").await, 2);
    assert_eq!(number(&apps[0], "SELECT count(*) FROM lease").await, 0);
}

both! {
    async fn an_instance_with_another_secret_does_not_start(app: TestApp) {
        let other = opened(app.addresses.clone(), "another secret, which is long enough as well").await;
        let Err(error) = other else { panic!("it opened") };
        assert!(error.detail.contains("ACCORD_SECRET"), "{error}");
        app.owner().await.get("/v1/suppliers").await.expect(200);
    }

    async fn what_one_instance_writes_the_other_reads(app: TestApp) {
        let second = app.second_instance().await;
        let here = app.owner().await;
        let there = bearer(&second, &here);
        let id = here.supplier("Alpha").await;
        there.get(&format!("/v1/suppliers/{id}")).await.expect(200);
        let all = (0..40).map(|number| {
            let (caller, name) = (if number % 2 == 0 { &here } else { &there }, format!("Beta {number:02}"));
            async move { caller.post("/v1/suppliers", company(&name)).await.expect(201) }
        });
        join_all(all).await;
        assert_eq!(names(&here).await.len(), 41);
        assert_eq!(names(&here).await, names(&there).await);
    }

    async fn a_session_that_ends_here_has_ended_there_within_ten_seconds(app: TestApp) {
        let second = app.second_instance().await;
        let here = app.owner().await;
        let there = bearer(&second, &here);
        there.get("/v1/suppliers").await.expect(200);
        let disabled = app.app.db.write(app.clock.now(), |txn, now| Box::pin(async move {
            let sql = "UPDATE account SET disabled_at = $1";
            let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, [(*now).into()]);
            txn.execute_raw(statement).await?;
            Ok(())
        }));
        disabled.await.expect("the account is disabled");
        app.clock.advance(TimeDelta::seconds(10));
        there.get("/v1/suppliers").await.refused(401, "session_revoked");
    }

    async fn an_idempotency_key_holds_across_instances(app: TestApp) {
        let second = app.second_instance().await;
        let here = app.owner().await.with("Idempotency-Key", "one");
        let there = bearer(&second, &here).with("Idempotency-Key", "one");
        let made = here.post("/v1/suppliers", company("Alpha")).await.expect(201);
        let again = there.post("/v1/suppliers", company("Alpha")).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!((&again.text, again.header("location")), (&made.text, made.header("location")));
        there.post("/v1/suppliers", company("Other")).await.refused(422, "idempotency_key_reused");
        assert_eq!(names(&here).await, ["Alpha"]);
    }

    async fn a_key_sent_to_two_instances_at_once_has_one_effect(app: TestApp) {
        let second = app.second_instance().await;
        let here = app.owner().await;
        let there = bearer(&second, &here);
        for round in 0..5 {
            let (key, new) = (format!("round-{round}"), company(&format!("Alpha {round}")));
            let (here, there) = (here.with("Idempotency-Key", &key), there.with("Idempotency-Key", &key));
            let all = (0..8).map(|number| if number % 2 == 0 { here.clone() } else { there.clone() });
            let all = all.map(|caller| {
                let new = new.clone();
                async move { caller.post("/v1/suppliers", new).await }
            });
            let answers: Vec<Answer> = join_all(all).await.into_iter().map(|answer| answer.expect(201)).collect();
            let ids: BTreeSet<_> = answers.iter().map(Answer::id).collect();
            assert_eq!(ids.len(), 1);
            let originals = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty());
            assert_eq!(originals.count(), 1);
        }
        assert_eq!(names(&here).await.len(), 5);
    }

    async fn two_instances_seal_one_unbroken_chain(app: TestApp) {
        let second = app.second_instance().await;
        let here = app.owner().await;
        let there = bearer(&second, &here);
        for round in 0..6 {
            let all = (0..10).map(|number| {
                let (caller, name) = (if number % 2 == 0 { &here } else { &there }, format!("Alpha {round} {number}"));
                async move { caller.post("/v1/suppliers", company(&name)).await.expect(201) }
            });
            join_all(all).await;
            // Without the lease: the chain must hold even when both believe that it is theirs.
            let both = [app.app.clone(), second.app.clone()].map(|app| tokio::spawn(async move { seal::seal(&app).await }));
            for outcome in join_all(both).await {
                if let Err(error) = outcome.expect("no panic") {
                    assert!(matches!(error.code, Code::Conflict | Code::DatabaseBusy), "{error}");
                }
            }
        }
        while seal::seal(&app.app).await.expect("the rest") > 0 {}
        let report = verify(app.app.db.fresh()).await.expect("a report");
        assert!(report.is_intact, "{report:?}");
        // One row for the account, one for its sign-in, sixty for the suppliers.
        assert_eq!((report.sealed, report.unsealed), (62, 0));
    }

    async fn a_lease_has_one_holder_until_it_ends(app: TestApp) {
        let second = app.second_instance().await;
        let lease = || Lease::new("test", TimeDelta::seconds(15), &app.clock);
        let (ours, theirs) = (lease(), lease());
        assert!(ours.hold(&app.app.db, &app.clock).await.expect("an answer"));
        assert!(!theirs.hold(&second.app.db, &app.clock).await.expect("an answer"));
        theirs.release(&second.app.db).await.expect("an answer");
        app.clock.advance(TimeDelta::seconds(14));
        assert!(ours.hold(&app.app.db, &app.clock).await.expect("renewed"));
        app.clock.advance(TimeDelta::seconds(14));
        assert!(!theirs.hold(&second.app.db, &app.clock).await.expect("an answer"));
        app.clock.advance(TimeDelta::seconds(2));
        assert!(theirs.hold(&second.app.db, &app.clock).await.expect("an answer"));
        assert!(!ours.hold(&app.app.db, &app.clock).await.expect("an answer"));
    }
}

/// Writes one row for the job; jobs that carry `fails` do so once, after they have written.
fn effect(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    Box::pin(take_effect(app, job))
}

async fn take_effect(app: App, job: Job) -> Result<Value> {
    let db = app.db.clone();
    let write = db.write((app, job), |txn, (app, job)| {
        Box::pin(async move {
            job.still_mine(txn, &app.clock).await?;
            let values = [job.id.to_string().into(), job.attempt.into()];
            let sql = "INSERT INTO effect (job, attempt) VALUES ($1, $2)";
            txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
            if job.payload["fails"] == json!(true) && job.attempt == 1 {
                return Err(Error::new(Code::Conflict, "The first time it fails."));
            }
            Ok(json!({"attempt": job.attempt}))
        })
    });
    write.await
}

/// Does not end before somebody else has done the job, and then tries to do it as well.
fn too_slow(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    Box::pin(async move {
        while job.attempt == 1 && status(&app, job.id).await.0 != JobStatus::Succeeded {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        take_effect(app, job).await
    })
}

async fn status(app: &App, id: jobs::JobId) -> (JobStatus, i64) {
    let row = jobs::Entity::find_by_id(id).one(app.db.fresh()).await.expect("the query").expect("the job");
    (row.status, row.attempt)
}

fn work() -> worker::Work {
    let handlers = [("effect", effect as worker::Handler), ("too_slow", too_slow as worker::Handler)];
    worker::Work { handlers: handlers.into(), schedules: Vec::new() }
}

async fn prepare_effects(app: &App) {
    let table = app.db.write((), |txn, ()| {
        Box::pin(async move {
            txn.execute_unprepared("CREATE TABLE effect (job TEXT NOT NULL, attempt BIGINT NOT NULL)").await?;
            Ok(())
        })
    });
    table.await.expect("the table of effects");
}

async fn ordered(app: &App, kind: &'static str, payload: Value, key: Option<String>) -> Option<jobs::JobId> {
    let input = (app.clock.clone(), kind, payload, key);
    let stored = app.db.write(input, |txn, (clock, kind, payload, key)| {
        let new = NewJob { kind, payload: payload.clone(), dedupe_key: key.clone(), max_attempts: ATTEMPTS };
        Box::pin(jobs::enqueue(txn, clock, new))
    });
    stored.await.expect("the job is stored")
}

both! {
    async fn four_workers_do_two_hundred_jobs_once_each(app: TestApp) {
        let second = app.second_instance().await;
        prepare_effects(&app.app).await;
        for number in 0..200 {
            let payload = json!({"fails": number % 10 == 0});
            assert!(ordered(&app.app, "effect", payload.clone(), Some(format!("job {number}"))).await.is_some());
            // The same job from the other instance is known already.
            if number % 20 == 0 {
                assert!(ordered(&second.app, "effect", payload, Some(format!("job {number}"))).await.is_none());
            }
        }
        let workers: Vec<_> = [&app.app, &app.app, &second.app, &second.app]
            .map(|app| tokio::spawn(worker::run(app.clone(), work())))
            .into();
        let all_done = async {
            while number(&app.app, "SELECT count(*) FROM job WHERE status = 'succeeded'").await < 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                // What failed once waits for its time.
                app.clock.advance(TimeDelta::seconds(1));
            }
        };
        timeout(PATIENCE, all_done).await.expect("all jobs are done");
        workers.iter().for_each(tokio::task::JoinHandle::abort);
        assert_eq!(number(&app.app, "SELECT count(*) FROM job").await, 200);
        assert_eq!(number(&app.app, "SELECT count(*) FROM effect").await, 200);
        assert_eq!(number(&app.app, "SELECT count(DISTINCT job) FROM effect").await, 200);
        assert_eq!(number(&app.app, "SELECT count(*) FROM effect WHERE attempt = 2").await, 20);
    }

    async fn a_worker_that_lost_its_lease_writes_nothing(app: TestApp) {
        let second = app.second_instance().await;
        prepare_effects(&app.app).await;
        let id = ordered(&app.app, "too_slow", json!({}), None).await.expect("a job");
        let slow = tokio::spawn({
            let app = app.app.clone();
            async move { worker::run_one(&app, &work()).await }
        });
        let claimed = async {
            while status(&app.app, id).await != (JobStatus::Running, 1) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, claimed).await.expect("the job is claimed");
        assert!(!worker::run_one(&second.app, &work()).await.expect("an answer"), "it is taken while it is leased");
        app.clock.advance(worker::TERM + TimeDelta::seconds(1));
        assert!(worker::run_one(&second.app, &work()).await.expect("an answer"), "it is not taken over");
        timeout(PATIENCE, slow).await.expect("it ends").expect("no panic").expect("an answer");
        assert_eq!(status(&app.app, id).await, (JobStatus::Succeeded, 2));
        assert_eq!(number(&app.app, "SELECT count(*) FROM effect").await, 1);
    }

    async fn a_schedule_fires_once_however_many_instances_look(app: TestApp) {
        let second = app.second_instance().await;
        let schedules = vec![Schedule { kind: "hourly", every: TimeDelta::hours(1) }];
        let mut fired = BTreeMap::new();
        for hour in 0..6 {
            for _ in 0..3 {
                let looks = [&app.app, &second.app, &app.app, &second.app].map(|app| {
                    let (app, schedules) = (app.clone(), schedules.clone());
                    tokio::spawn(async move { jobs::schedule::tick(&app, &schedules).await })
                });
                for look in join_all(looks).await {
                    look.expect("no panic").expect("it looked");
                }
            }
            fired.insert(hour, number(&app.app, "SELECT count(*) FROM job WHERE kind = 'hourly'").await);
            app.clock.advance(TimeDelta::hours(1));
        }
        assert_eq!(fired.into_values().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        let keys = jobs::Entity::find().order_by_asc(jobs::Column::Id).all(app.app.db.fresh()).await.expect("jobs");
        assert!(keys.iter().all(|job| job.dedupe_key.is_some()));
    }
}

both! {
    async fn what_one_instance_changes_is_read_by_all(app: TestApp) {
        let (owner, other) = (app.owner().await, app.second_instance().await);
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let elsewhere = bearer(&other, &owner);
        for name in ["Acme", "Acme Two", "Acme Three"] {
            if name != "Acme" {
                owner.patch(&path, json!({"name": name})).await.expect(200);
                owner.patch(&path, json!({"name": ""})).await.refused(400, "validation_failed");
            }
            for _ in 0..2 {
                assert_eq!(owner.get(&path).await.expect(200).body["name"], name);
            }
            // What a running instance does twice a second.
            other.app.gate.catch_up().await.expect("the database answers");
            for _ in 0..2 {
                assert_eq!(elsewhere.get(&path).await.expect(200).body["name"], name);
            }
        }
        owner.delete(&path).await.expect(204);
        owner.get(&path).await.refused(404, "not_found");
    }

    async fn what_is_remembered_for_one_caller_is_not_shown_to_another(app: TestApp) {
        let owner = app.owner().await;
        let (own, others) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let supplier = app.sign_in(accord::shared::permission::Role::SupplierUser, Some(&own)).await;
        for _ in 0..2 {
            owner.get(&format!("/v1/suppliers/{others}")).await.expect(200);
            supplier.get(&format!("/v1/suppliers/{others}")).await.refused(404, "not_found");
            supplier.get(&format!("/v1/suppliers/{own}")).await.expect(200);
        }
    }
}

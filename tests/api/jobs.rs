//! Jobs: how they are seen and cancelled, and how workers share them.

use crate::both;
use crate::support::{Caller, TestApp};
use accord::shared::app::App;
use accord::shared::error::{Code, Error, Result};
use accord::shared::jobs::worker::{Handler, Work, run_one};
use accord::shared::jobs::{ATTEMPTS, Job, NewJob, enqueue, housekeeping, schedule};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

const KIND: &str = "test.work";
const EFFECT: &str = "test.effect";
const NOWHERE: &str = "/v1/jobs/01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// A worker that knows one kind of job.
fn work(handler: Handler) -> Work {
    Work { handlers: [(KIND, handler)].into(), schedules: Vec::new() }
}

fn succeeds(_: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move { Ok(json!({"attempt": job.attempt, "payload": job.payload})) }.boxed()
}

fn fails(_: App, _: Job) -> BoxFuture<'static, Result<Value>> {
    async { Err(Error::new(Code::Conflict, "The other side is down.")) }.boxed()
}

fn hangs(_: App, _: Job) -> BoxFuture<'static, Result<Value>> {
    std::future::pending().boxed()
}

fn panics(_: App, _: Job) -> BoxFuture<'static, Result<Value>> {
    async { panic!("a bug in a handler") }.boxed()
}

/// Writes an effect (another job), as a handler should: together with `still_mine`.
async fn write_effect(app: &App, job: &Job, by: &'static str) -> Result<Value> {
    let input = (app.clock.clone(), job.clone());
    let written = app.db.write(input, move |txn, (clock, job)| {
        Box::pin(async move {
            job.still_mine(txn, clock).await?;
            enqueue(txn, clock, NewJob { kind: EFFECT, payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS })
                .await
        })
    });
    written.await.map(|_| json!({"by": by}))
}

tokio::task_local! {
    /// The job as the worker holds it that lost its lease.
    static LOSER: Job;
}

/// Works so long that its lease runs out and another worker takes the job over.
fn is_overtaken(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        app.clock.advance(TimeDelta::seconds(61));
        LOSER.scope(job, run_one(&app, &work(takes_over))).await?;
        Ok(json!({"by": "first"}))
    }
    .boxed()
}

/// Does the job while the one who lost it tries to write, too.
fn takes_over(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let _ = write_effect(&app, &LOSER.get(), "first").await;
        write_effect(&app, &job, "second").await
    }
    .boxed()
}

/// Works until the job is not its own any more.
fn works_until_cancelled(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        while write_effect(&app, &job, "worker").await.is_ok() {
            tokio::task::yield_now().await;
        }
        Ok(json!({"by": "worker"}))
    }
    .boxed()
}

/// Stores a job and returns the address of it.
async fn order(app: &TestApp, payload: Value) -> String {
    let input = (app.clock.clone(), payload);
    let stored = app.app.db.write(input, |txn, (clock, payload)| {
        let job = NewJob { kind: KIND, payload: payload.clone(), dedupe_key: None, max_attempts: ATTEMPTS };
        Box::pin(enqueue(txn, clock, job))
    });
    format!("/v1/jobs/{}", stored.await.expect("it is stored").expect("it is new"))
}

async fn count(owner: &Caller<'_>, query: &str) -> Value {
    owner.get(&format!("/v1/jobs?count=true&{query}")).await.expect(200).body["total_count"].clone()
}

both! {
    async fn a_job_is_seen_from_its_order_to_its_end(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({"to": "do"})).await;
        let queued = owner.get(&path).await.expect(200);
        assert_eq!(queued.header("etag"), "\"1\"");
        let mut expected = json!({"id": path.rsplit('/').next(), "kind": KIND, "status": "queued",
            "import_id": null, "export_id": null,
            "progress": {"done": 0, "total": null}, "result": null, "error": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z",
            "started_at": null, "finished_at": null});
        assert_eq!(queued.body, expected);
        owner.with("if-none-match", "\"1\"").get(&path).await.expect(304);
        app.clock.advance(TimeDelta::seconds(5));
        assert!(run_one(&app.app, &work(succeeds)).await.expect("it runs"));
        let done = owner.get(&path).await.expect(200);
        expected["status"] = json!("succeeded");
        expected["result"] = json!({"attempt": 1, "payload": {"to": "do"}});
        expected["revision"] = json!(3);
        for member in ["updated_at", "started_at", "finished_at"] {
            expected[member] = json!("2026-11-21T09:00:05.000Z");
        }
        assert_eq!((&done.body, done.header("etag")), (&expected, "\"3\""));
        assert!(!run_one(&app.app, &work(succeeds)).await.expect("nothing is due"));
    }

    async fn jobs_are_listed_newest_first_by_state_and_kind(app: TestApp) {
        let owner = app.owner().await;
        let mut paths = Vec::new();
        for number in 0..5 {
            paths.push(order(&app, json!(number)).await);
        }
        run_one(&app.app, &work(succeeds)).await.expect("it runs");
        owner.act(&format!("{}/cancel", paths[4])).await.expect(200);
        let mut newest: Vec<_> = paths.iter().map(|path| path.rsplit('/').next().expect("an id")).collect();
        newest.reverse();
        for limit in [1, 2, 5] {
            assert_eq!(owner.walk(&format!("/v1/jobs?limit={limit}"), "id").await, newest);
        }
        for (query, found) in [
            ("status=succeeded", 1), ("status=cancelled&status=queued", 4), ("status=failed", 0),
            ("kind=test.work", 5), ("kind=housekeeping", 0), ("kind=test.work&status=queued", 3),
        ] {
            assert_eq!(count(&owner, query).await, found, "{query}");
        }
        let wrong = owner.get("/v1/jobs?status=done&kind=A").await.refused(400, "invalid_parameter");
        assert_eq!(wrong.errors(), ["kind pattern", "status not_in_enum"]);
    }

    async fn jobs_are_seen_by_owners_auditors_and_whoever_ordered_them(app: TestApp) {
        let owner = app.owner().await;
        let (path, own) = (order(&app, json!({})).await, owner.supplier("Acme").await);
        let auditor = app.sign_in(Role::Auditor, None).await;
        auditor.get(&path).await.expect(200);
        assert_eq!(auditor.get("/v1/jobs").await.expect(200).each("kind"), [KIND]);
        let refusal = auditor.act(&format!("{path}/cancel")).await.refused(403, "forbidden");
        assert_eq!(refusal.body["required_permission"], "jobs.cancel");
        for (role, supplier) in [(Role::Manager, None), (Role::SupplierAdmin, Some(own.as_str()))] {
            let caller = app.sign_in(role, supplier).await;
            assert_eq!(caller.get("/v1/jobs").await.expect(200).each("kind"), [""; 0]);
            caller.get(&path).await.refused(404, "not_found");
            caller.act(&format!("{path}/cancel")).await.refused(404, "not_found");
        }
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        assert_eq!(user.get("/v1/jobs").await.refused(403, "forbidden").body["required_permission"], "jobs.read");
        app.nobody().get(&path).await.refused(401, "missing_credentials");
        app.nobody().act(&format!("{path}/cancel")).await.refused(401, "missing_credentials");
    }

    async fn unknown_and_malformed_jobs_answer_alike(app: TestApp) {
        let owner = app.owner().await;
        let unknown = owner.get(NOWHERE).await.refused(404, "not_found");
        assert_eq!(owner.get("/v1/jobs/1").await.refused(404, "not_found").lasting(), unknown.lasting());
        owner.act(&format!("{NOWHERE}/cancel")).await.refused(404, "not_found");
    }

    async fn a_queued_job_that_is_cancelled_is_not_done(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        let cancelled = owner.act(&format!("{path}/cancel")).await.expect(200);
        assert_eq!((&cancelled.body["status"], cancelled.header("etag")), (&json!("cancelled"), "\"2\""));
        assert_eq!(cancelled.body["finished_at"], "2026-11-21T09:00:00.000Z");
        assert!(!run_one(&app.app, &work(succeeds)).await.expect("nothing is due"));
        let events = owner.get("/v1/audit-events?action=job.cancel").await.expect(200);
        assert_eq!(events.body["data"].as_array().map(Vec::len), Some(1));
    }

    async fn a_job_that_has_ended_is_not_cancelled(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        run_one(&app.app, &work(succeeds)).await.expect("it runs");
        let refusal = owner.act(&format!("{path}/cancel")).await.refused(409, "invalid_state");
        assert_eq!((&refusal.body["current_status"], &refusal.body["allowed"]), (&json!("succeeded"), &json!([])));
        assert_eq!(owner.get(&path).await.expect(200).body["status"], "succeeded");
    }

    async fn a_running_job_that_is_cancelled_writes_nothing_more(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        let cancel = async {
            while owner.get(&path).await.expect(200).body["status"] != "running" {
                tokio::task::yield_now().await;
            }
            let cancelled = owner.act(&format!("{path}/cancel")).await.expect(200);
            (cancelled, count(&owner, "kind=test.effect").await)
        };
        let handlers = work(works_until_cancelled);
        let (ran, (cancelled, effects)) = tokio::join!(run_one(&app.app, &handlers), cancel);
        assert!(ran.expect("it runs"));
        assert_eq!(cancelled.body["status"], "cancelled");
        assert_eq!(owner.get(&path).await.expect(200).body, cancelled.body);
        assert_eq!(count(&owner, "kind=test.effect").await, effects);
    }

    async fn a_lost_lease_is_taken_over_and_the_loser_writes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        assert!(run_one(&app.app, &work(is_overtaken)).await.expect("it runs"));
        let job = owner.get(&path).await.expect(200).body;
        assert_eq!((&job["status"], &job["result"]), (&json!("succeeded"), &json!({"by": "second"})));
        assert_eq!(job["started_at"], "2026-11-21T09:00:00.000Z");
        assert_eq!(count(&owner, "kind=test.effect").await, 1);
    }

    async fn a_job_that_fails_is_tried_again_later_and_then_given_up(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        for attempt in 1..=5 {
            assert!(run_one(&app.app, &work(fails)).await.expect("it runs"), "attempt {attempt}");
            let job = owner.get(&path).await.expect(200).body;
            assert_eq!(job["status"], if attempt < 5 { "queued" } else { "failed" });
            assert!(!run_one(&app.app, &work(fails)).await.expect("nothing is due at once"));
            app.clock.advance(TimeDelta::seconds(1 << attempt));
        }
        let job = owner.get(&path).await.expect(200).body;
        assert_eq!(job["error"], json!({"code": "conflict", "detail": "The other side is down."}));
        assert_eq!((&job["result"], &job["started_at"]), (&json!(null), &json!("2026-11-21T09:00:00.000Z")));
        assert_eq!(job["finished_at"], "2026-11-21T09:00:30.000Z");
        app.clock.advance(TimeDelta::hours(1));
        assert!(!run_one(&app.app, &work(fails)).await.expect("it is given up"));
    }

    async fn a_job_that_kills_its_workers_is_not_tried_for_ever(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        for _ in 0..5 {
            // The process ends in the middle: nobody notes how the job ended.
            let work = work(hangs);
            let died = tokio::time::timeout(std::time::Duration::from_millis(200), run_one(&app.app, &work));
            assert!(died.await.is_err());
            assert_eq!(owner.get(&path).await.expect(200).body["status"], "running");
            app.clock.advance(TimeDelta::seconds(61));
        }
        assert!(!run_one(&app.app, &work(hangs)).await.expect("it is given up"));
        let job = owner.get(&path).await.expect(200).body;
        assert_eq!((&job["status"], &job["error"]["detail"]), (&json!("failed"), &json!("Its workers died.")));
    }

    async fn a_job_that_failed_once_may_succeed_later(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!(7)).await;
        run_one(&app.app, &work(fails)).await.expect("it runs");
        app.clock.advance(TimeDelta::seconds(2));
        run_one(&app.app, &work(succeeds)).await.expect("it runs");
        let job = owner.get(&path).await.expect(200).body;
        assert_eq!((&job["status"], &job["error"]), (&json!("succeeded"), &json!(null)));
        assert_eq!(job["result"], json!({"attempt": 2, "payload": 7}));
    }

    async fn a_handler_that_panics_ends_its_job_and_not_the_worker(app: TestApp) {
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        for attempt in 1..=5 {
            assert!(run_one(&app.app, &work(panics)).await.expect("the worker lives"), "attempt {attempt}");
            app.clock.advance(TimeDelta::minutes(1));
        }
        let job = owner.get(&path).await.expect(200).body;
        assert_eq!((&job["status"], &job["error"]["code"]), (&json!("failed"), &json!("internal_error")));
        assert!(!job.to_string().contains("a bug in a handler"), "{job}");
    }

    async fn two_workers_at_once_do_a_job_once(app: TestApp) {
        let second = app.second_instance().await;
        let owner = app.owner().await;
        let path = order(&app, json!({})).await;
        let handlers = work(succeeds);
        let (one, other) = tokio::join!(run_one(&app.app, &handlers), run_one(&second.app, &handlers));
        assert_eq!(u8::from(one.expect("it works")) + u8::from(other.expect("it works")), 1);
        let job = owner.get(&path).await.expect(200).body;
        assert_eq!((&job["status"], &job["result"]["attempt"]), (&json!("succeeded"), &json!(1)));
    }

    async fn jobs_are_done_in_the_order_they_are_due(app: TestApp) {
        let owner = app.owner().await;
        let (first, second) = (order(&app, json!(1)).await, order(&app, json!(2)).await);
        run_one(&app.app, &work(succeeds)).await.expect("it runs");
        assert_eq!(owner.get(&first).await.expect(200).body["status"], "succeeded");
        assert_eq!(owner.get(&second).await.expect(200).body["status"], "queued");
    }

    async fn a_schedule_fires_once_an_hour_however_many_instances_look(app: TestApp) {
        let second = app.second_instance().await;
        let schedules = accord::app::work().schedules;
        for fired in 1..=3 {
            for _ in 0..3 {
                let looks = (schedule::tick(&app.app, &schedules), schedule::tick(&second.app, &schedules));
                let (one, other) = tokio::join!(looks.0, looks.1);
                one.and(other).expect("they look");
            }
            assert_eq!(count(&app.owner().await, "kind=housekeeping").await, fired);
            app.clock.advance(TimeDelta::hours(1));
        }
    }

    async fn housekeeping_removes_jobs_a_month_after_they_ended(app: TestApp) {
        let (done, waiting) = (order(&app, json!({})).await, order(&app, json!({})).await);
        run_one(&app.app, &work(succeeds)).await.expect("it runs");
        let all = Work {
            schedules: vec![schedule::Schedule { kind: housekeeping::KIND, every: housekeeping::EVERY }],
            ..accord::app::work()
        };
        for _ in 0..2 {
            schedule::tick(&app.app, &all.schedules).await.expect("it looks");
        }
        app.owner().await.act(&format!("{waiting}/cancel")).await.expect(200);
        app.clock.advance(TimeDelta::days(30));
        run_one(&app.app, &all).await.expect("it tidies");
        app.owner().await.get(&done).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        schedule::tick(&app.app, &all.schedules).await.expect("it looks");
        run_one(&app.app, &all).await.expect("it tidies");
        app.owner().await.get(&done).await.refused(404, "not_found");
    }
}

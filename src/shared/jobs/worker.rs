//! The worker: claims due jobs one at a time, runs the handler registered for their kind, and
//! notes how it ended.

use super::{Column, Entity, Job, JobStatus, schedule};
use crate::shared::app::App;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use uuid::Uuid;

/// How long a claimed job stays claimed without a sign of life.
pub const TERM: TimeDelta = TimeDelta::seconds(60);
const RENEWAL: Duration = Duration::from_secs(20);

pub type Handler = fn(App, Job) -> BoxFuture<'static, Result<Value>>;

/// Which handler does which kind of job, and which jobs come by themselves.
#[derive(Clone, Default)]
pub struct Work {
    pub handlers: HashMap<&'static str, Handler>,
    pub schedules: Vec<schedule::Schedule>,
}

/// Works for as long as the process lives.
pub async fn run(app: App, work: Work) {
    loop {
        let busy = async {
            schedule::tick(&app, &work.schedules).await?;
            run_one(&app, &work).await
        };
        match busy.await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, cause = ?error.cause, "looking for jobs failed; trying again"),
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), app.db.changed()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Does one due job; false when there was none.
pub async fn run_one(app: &App, work: &Work) -> Result<bool> {
    let now = app.clock.now();
    let kinds: Vec<&'static str> = work.handlers.keys().copied().collect();
    let is_due = Entity::find().filter(due(now, &kinds)).limit(1).one(app.db.fresh()).await?;
    if is_due.is_none() {
        return Ok(false);
    }
    let token = app.clock.uuid();
    let claimed =
        app.db.write((now, token, kinds), |txn, (now, token, kinds)| Box::pin(claim(txn, *now, *token, kinds))).await?;
    let Some((kind, job)) = claimed else {
        return Ok(false);
    };
    let outcome = match work.handlers.get(kind.as_str()) {
        Some(handler) => alive(app, &job, handler(app.clone(), job.clone())).await,
        None => Err(Error::internal(std::io::Error::other(format!("no handler for jobs of kind {kind}")))),
    };
    if let Err(error) = &outcome {
        tracing::warn!(job = %job.id, kind, %error, cause = ?error.cause, "a job failed");
    }
    let input = (app.clone(), job, outcome);
    app.db.write(input, |txn, (app, job, outcome)| Box::pin(finish(txn, app, job, outcome))).await?;
    Ok(true)
}

/// Ready, or lost by its worker; and of a kind that this program knows: a newer one may be working too.
fn due(now: Timestamp, kinds: &[&'static str]) -> Condition {
    let ready = Condition::all().add(Column::Status.eq(JobStatus::Queued)).add(Column::RunAt.lte(now));
    let lost = Condition::all().add(Column::Status.eq(JobStatus::Running)).add(Column::LeaseUntil.lt(now));
    Condition::all().add(Column::Kind.is_in(kinds.iter().copied())).add(Condition::any().add(ready).add(lost))
}

async fn claim(txn: &Txn, now: Timestamp, token: Uuid, kinds: &[&'static str]) -> Result<Option<(String, Job)>> {
    let found = Entity::find()
        .filter(due(now, kinds))
        .order_by_asc(Column::RunAt)
        .order_by_asc(Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(txn)
        .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    if row.attempt >= row.max_attempts {
        // Its workers died each time: a job that kills them is not tried for ever.
        let error = Stored(json!({"code": "internal_error", "detail": "Its workers died."}));
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(JobStatus::Failed))
            .col_expr(Column::Error, Expr::value(error))
            .col_expr(Column::FinishedAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .col_expr(Column::Revision, Expr::value(row.revision + 1))
            .filter(Column::Id.eq(row.id))
            .exec(txn)
            .await?;
        return Ok(None);
    }
    let attempt = row.attempt + 1;
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(JobStatus::Running))
        .col_expr(Column::Attempt, Expr::value(attempt))
        .col_expr(Column::LeaseToken, Expr::value(token))
        .col_expr(Column::LeaseUntil, Expr::value(now.plus(TERM)))
        .col_expr(Column::StartedAt, Expr::value(row.started_at.unwrap_or(now)))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::Revision, Expr::value(row.revision + 1))
        .filter(Column::Id.eq(row.id))
        .exec(txn)
        .await?;
    Ok(Some((row.kind, Job { id: row.id, payload: row.payload.0, attempt, lease_token: token })))
}

/// Runs the handler and renews the lease meanwhile. A panic is an error like any other.
async fn alive(app: &App, job: &Job, work: BoxFuture<'static, Result<Value>>) -> Result<Value> {
    let renew = || {
        let (app, input) = (app.clone(), (job.clone(), app.clock.clone()));
        async move { app.db.write(input, |txn, (job, clock)| Box::pin(job.still_mine(txn, clock))).await }.boxed()
    };
    beside(work, RENEWAL, renew).await
}

/// The work goes on while the lease is renewed: a renewal may have to wait for what the work itself has locked.
async fn beside(
    work: BoxFuture<'static, Result<Value>>,
    every: Duration,
    renew: impl Fn() -> BoxFuture<'static, Result<()>>,
) -> Result<Value> {
    let lost = async {
        loop {
            tokio::time::sleep(every).await;
            // A busy database is asked again before the term ends.
            if let Err(error) = renew().await
                && error.code == Code::Conflict
            {
                return error;
            }
        }
    };
    tokio::select! {
        done = AssertUnwindSafe(work).catch_unwind() => {
            done.unwrap_or_else(|_| Err(Error::internal(std::io::Error::other("the job panicked"))))
        }
        error = lost => Err(error),
    }
}

/// What was refused by a rule or for want of a right is refused the next time, too.
fn may_pass(error: &Error) -> bool {
    !matches!(error.code.status(), 400 | 403 | 404 | 422)
}

/// Notes the outcome, unless the job was cancelled or taken over meanwhile.
async fn finish(txn: &Txn, app: &App, job: &Job, outcome: &Result<Value>) -> Result<()> {
    let mine = Entity::find_by_id(job.id).filter(Column::LeaseToken.eq(job.lease_token)).one(txn).await?;
    let Some(row) = mine.filter(|row| row.status == JobStatus::Running) else {
        return Ok(());
    };
    let now = app.clock.now();
    let mut update = Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(Option::<Timestamp>::None))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::Revision, Expr::value(row.revision + 1));
    update = match outcome {
        Ok(result) => update
            .col_expr(Column::Status, Expr::value(JobStatus::Succeeded))
            .col_expr(Column::Result, Expr::value(Stored(result.clone())))
            .col_expr(Column::FinishedAt, Expr::value(now)),
        Err(error) if job.attempt < row.max_attempts && may_pass(error) => {
            let wait = TimeDelta::seconds(1 << job.attempt.clamp(1, 10));
            update
                .col_expr(Column::Status, Expr::value(JobStatus::Queued))
                .col_expr(Column::RunAt, Expr::value(now.plus(wait)))
        }
        Err(error) => update
            .col_expr(Column::Status, Expr::value(JobStatus::Failed))
            .col_expr(Column::Error, Expr::value(Stored(json!({"code": error.code, "detail": error.detail}))))
            .col_expr(Column::FinishedAt, Expr::value(now)),
    };
    update
        .filter(Column::Id.eq(job.id))
        .filter(Column::LeaseToken.eq(job.lease_token))
        .filter(Column::Status.eq(JobStatus::Running))
        .exec(txn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::Notify;

    #[tokio::test]
    async fn work_goes_on_while_its_lease_waits_to_be_renewed() {
        let (renewing, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (begun, release) = (renewing.clone(), released.clone());
        let work = async move {
            begun.notified().await;
            tokio::task::yield_now().await;
            release.notify_one();
            Ok(json!("done"))
        };
        let renew = || {
            let (renewing, released) = (renewing.clone(), released.clone());
            async move {
                renewing.notify_one();
                released.notified().await;
                Ok(())
            }
            .boxed()
        };
        let done = tokio::time::timeout(Duration::from_secs(10), beside(work.boxed(), Duration::from_millis(1), renew));
        assert_eq!(done.await.expect("neither waits for the other").expect("an outcome"), json!("done"));
    }

    #[tokio::test]
    async fn a_job_that_is_somebody_elses_ends() {
        let renew = || async { Err(Error::new(Code::Conflict, "The job is somebody else's.")) }.boxed();
        let ended = beside(std::future::pending().boxed(), Duration::from_millis(1), renew).await;
        assert_eq!(ended.expect_err("an end").code, Code::Conflict);
    }
}

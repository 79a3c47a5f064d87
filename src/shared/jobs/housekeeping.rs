//! The hourly job that removes what has served its time: idempotency keys after 24 hours,
//! finished jobs and ended sessions after 30 days.

use super::Job;
use crate::shared::app::App;
use crate::shared::auth::account::session;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use serde_json::{Value, json};

pub const KIND: &str = "housekeeping";
pub const EVERY: TimeDelta = TimeDelta::hours(1);

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let db = app.db.clone();
        db.write((app, job), |txn, (app, job)| Box::pin(tidy(txn, app, job))).await
    }
    .boxed()
}

async fn tidy(txn: &Txn, app: &App, job: &Job) -> Result<Value> {
    job.still_mine(txn, &app.clock).await?;
    let now = app.clock.now();
    let (day, month) = (now.plus(TimeDelta::hours(-24)), now.plus(TimeDelta::days(-30)));
    let keys = Statement::from_sql_and_values(
        txn.get_database_backend(),
        "DELETE FROM idempotency_key WHERE created_at < $1",
        [day.into()],
    );
    let keys = txn.execute_raw(keys).await?.rows_affected();
    let jobs = super::Entity::delete_many().filter(super::Column::FinishedAt.lt(month)).exec(txn).await?;
    let sessions = session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(month)).exec(txn).await?;
    Ok(json!({"idempotency_keys": keys, "jobs": jobs.rows_affected, "sessions": sessions.rows_affected}))
}

//! The hourly job that removes what has served its time: idempotency keys after 24 hours,
//! finished jobs and ended sessions after 30 days, failed sign-ins when they count no more.

use super::Job;
use crate::shared::app::App;
use crate::shared::auth::{session, throttle};
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, Statement};
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
    let sign_ins = sign_ins(txn, now).await?;
    Ok(json!({"idempotency_keys": keys, "jobs": jobs.rows_affected, "sign_ins": sign_ins}))
}

/// Ended sessions after 30 days with their refresh tokens, failed sign-ins when they count no more.
async fn sign_ins(txn: &Txn, now: Timestamp) -> Result<u64> {
    use session::refresh_token;
    let month = now.plus(TimeDelta::days(-30));
    let over = session::Column::ExpiresAt.lt(month);
    let of_ended = Query::select().column(session::Column::Id).from(session::Entity).and_where(over.clone()).to_owned();
    let tokens = refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::ExpiresAt.lt(month).or(refresh_token::Column::SessionId.in_subquery(of_ended)))
        .exec(txn)
        .await?;
    let sessions = session::Entity::delete_many().filter(over).exec(txn).await?;
    let forgotten = throttle::Column::UpdatedAt.lt(now.plus(-throttle::FORGOTTEN));
    let attempts = throttle::Entity::delete_many().filter(forgotten).exec(txn).await?;
    Ok(tokens.rows_affected + sessions.rows_affected + attempts.rows_affected)
}

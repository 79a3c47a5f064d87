//! The hourly job that removes exports after seven days, ends imports that were cancelled, and removes
//! files that nobody waits for.

use super::entity::{Column, Entity};
use crate::imports;
use crate::shared::app::App;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::jobs::Job;
use crate::shared::spool;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

pub const TIDYING: &str = "exports.tidy";
pub const TIDIED_EVERY: TimeDelta = TimeDelta::hours(1);
/// A file may still be on its way for so long.
const ON_ITS_WAY: TimeDelta = TimeDelta::hours(24);

pub fn tidy(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let db = app.db.clone();
        db.write((app, job), |txn, (app, job)| Box::pin(tidy_in(txn, app, job))).await
    }
    .boxed()
}

async fn tidy_in(txn: &Txn, app: &App, job: &Job) -> Result<Value> {
    job.still_mine(txn, &app.clock).await?;
    let now = app.clock.now();
    let imports = imports::end_lost(txn, &app.clock).await?;
    let exports = Entity::delete_many().filter(Column::ExpiresAt.lt(now)).exec(txn).await?;
    let own = Query::select().column(Column::Id).from(Entity).to_owned();
    let parts = spool::erase_orphans(txn, now.plus(-ON_ITS_WAY), vec![imports::owners(), own]).await?;
    Ok(json!({"imports_ended": imports, "exports_removed": exports.rows_affected, "parts_removed": parts}))
}

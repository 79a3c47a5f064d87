//! Tasks follow people: the hourly job that hands over what actions wait for when an agreement has another owner, or
//! somebody cannot sign in any more. Running twice, in two places or late does no harm.

use super::entity::{Column, Entity};
use super::rules::ENDED;
use super::store;
use crate::shared::app::App;
use crate::shared::error::Result;
use crate::shared::id::{ActionId, SupplierId};
use crate::shared::jobs::Job;
use crate::suppliers::lock_suppliers;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const HANDING_OVER: &str = "actions.hand_over";
pub const HANDED_OVER_EVERY: TimeDelta = TimeDelta::hours(1);

pub fn hand_over(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let unfinished = Entity::find()
            .select_only()
            .columns([Column::Id, Column::SupplierId])
            .filter(Column::Status.is_not_in(ENDED))
            .order_by_asc(Column::Id);
        let unfinished: Vec<(ActionId, SupplierId)> = unfinished.into_tuple().all(app.db.fresh()).await?;
        let mut handed_over = 0;
        for which in unfinished {
            handed_over += i64::from(look_at(&app, &job, which).await?);
        }
        Ok(json!({"handed_over": handed_over}))
    }
    .boxed()
}

async fn look_at(app: &App, job: &Job, which: (ActionId, SupplierId)) -> Result<bool> {
    let input = (app.clock.clone(), job.clone(), which);
    app.db
        .write(input, |txn, (clock, job, (id, supplier))| {
            Box::pin(async move {
                job.still_mine(txn, clock).await?;
                lock_suppliers(txn, vec![*supplier]).await?;
                match Entity::find_by_id(*id).lock_exclusive().one(txn).await? {
                    Some(row) => store::hand_over(txn, clock, &row).await,
                    None => Ok(false),
                }
            })
        })
        .await
}

//! Jobs that come by themselves. Every firing is a compare-and-swap on one row and a job with a
//! dedupe key, in one transaction: each happens once, however many instances look.

use super::NewJob;
use crate::shared::app::App;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub next_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A kind of job and how often it comes.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub kind: &'static str,
    pub every: TimeDelta,
}

/// Enqueues what is due.
pub async fn tick(app: &App, schedules: &[Schedule]) -> Result<()> {
    for schedule in schedules {
        let row = Entity::find_by_id(schedule.kind).one(app.db.fresh()).await?;
        let now = app.clock.now();
        if row.is_none_or(|row| row.next_at <= now) {
            let input = (app.clone(), schedule.clone());
            app.db.write(input, |txn, (app, schedule)| Box::pin(fire(txn, app, schedule))).await?;
        }
    }
    Ok(())
}

async fn fire(txn: &Txn, app: &App, schedule: &Schedule) -> Result<()> {
    let now = app.clock.now();
    let Some(row) = Entity::find_by_id(schedule.kind).one(txn).await? else {
        let first = ActiveModel { name: Set(schedule.kind.to_owned()), next_at: Set(now) };
        Entity::insert(first).on_conflict_do_nothing().exec_without_returning(txn).await?;
        return Ok(());
    };
    if row.next_at > now {
        return Ok(());
    }
    let swapped = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now.plus(schedule.every)))
        .filter(Column::Name.eq(schedule.kind))
        .filter(Column::NextAt.eq(row.next_at))
        .exec(txn)
        .await?;
    if swapped.rows_affected == 1 {
        let dedupe_key = Some(format!("schedule:{}:{}", schedule.kind, row.next_at));
        super::enqueue(
            txn,
            &app.clock,
            NewJob { kind: schedule.kind, payload: json!({}), dedupe_key, max_attempts: super::ATTEMPTS },
        )
        .await?;
    }
    Ok(())
}

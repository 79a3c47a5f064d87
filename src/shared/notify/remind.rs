//! Reminders. Rows are locked and passed over when somebody else has them, and the mail is ordered in the same
//! transaction, so that each goes out once, however many instances look.

use super::rules::next;
use super::{ActiveModel, Column, Entity, Model};
use crate::shared::app::App;
use crate::shared::auth::account;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::jobs::Job;
use crate::shared::mail::{self, Letter, Order};
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const KIND: &str = "notifications.remind";
pub const EVERY: TimeDelta = TimeDelta::minutes(1);

/// How many are reminded in one transaction.
const AT_ONCE: usize = 500;

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let mut reminded = 0;
        loop {
            let input = (app.clone(), job.clone());
            let (seen, sent) = app.db.write(input, |txn, (app, job)| Box::pin(remind_some(txn, app, job))).await?;
            reminded += sent;
            if seen < AT_ONCE {
                return Ok(json!({"reminded": reminded}));
            }
        }
    }
    .boxed()
}

/// How many were looked at, and how many of them get a mail.
async fn remind_some(txn: &Txn, app: &App, job: &Job) -> Result<(usize, usize)> {
    job.still_mine(txn, &app.clock).await?;
    let now = app.clock.now();
    let due = Entity::find()
        .filter(Column::RemindAt.lte(now))
        .order_by_asc(Column::RemindAt)
        .limit(AT_ONCE as u64)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(txn)
        .await?;
    if due.is_empty() {
        return Ok((0, 0));
    }
    let gone = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Id.is_in(due.iter().map(|row| row.account_id)))
        .filter(account::Column::DisabledAt.is_not_null());
    let gone: Vec<crate::shared::id::AccountId> = gone.into_tuple().all(txn).await?;
    let is_told = |row: &&Model| !gone.contains(&row.account_id);
    let order = |row: &Model| Order { letter: Letter::Reminder, id: row.id, round: row.reminders + 1 };
    let orders: Vec<_> = due.iter().filter(is_told).map(order).collect();
    let sent = orders.len();
    let after = due.iter().map(|row| ActiveModel {
        remind_at: Set(next(row.due_at, now)),
        reminders: Set(row.reminders + i64::from(is_told(&row))),
        revision: Set(row.revision + 1),
        updated_at: Set(now),
        ..row.clone().into_active_model()
    });
    use Column::{Id, RemindAt, Reminders, Revision, UpdatedAt};
    let changed = OnConflict::column(Id).update_columns([RemindAt, Reminders, Revision, UpdatedAt]).to_owned();
    let after = after.map(sea_orm::ActiveModelTrait::reset_all);
    Entity::insert_many(after).on_conflict(changed).exec_without_returning(txn).await?;
    mail::order_all(txn, &app.clock, orders).await?;
    Ok((due.len(), sent))
}

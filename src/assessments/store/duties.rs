//! What is due from whom about assessments.

use crate::assessments::entity::Model;
use crate::organization::time_zone;
use crate::shared::auth::account;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::{AccountId, AssessmentId, SupplierId};
use crate::shared::notify::{self, New, TaskKind};
use crate::shared::time::Timestamp;
use crate::shared::zone;
use chrono::{Days, TimeDelta};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;

/// What mails say. They name nobody.
const ANSWER: &str = "Answer a self-assessment";
const CHANGE: &str = "Look at your answers to a self-assessment again";
const VERIFY: &str = "Verify a self-assessment";

/// How long before it is due people are reminded.
const BEFORE: TimeDelta = TimeDelta::days(7);
/// How long one side has to look at what the other one did.
const TO_LOOK: TimeDelta = TimeDelta::days(14);

/// To be answered by whoever signs in for the suppliers, until the end of the day on which it is due.
pub async fn answers_due(txn: &Txn, clock: &Clock, rows: &[Model]) -> Result<()> {
    let (zone, now) = (time_zone(txn).await?, clock.now());
    let people = people(txn, rows.iter().map(|row| row.supplier_id).collect()).await?;
    let each = rows.iter().flat_map(|row| {
        let day_after = row.due_on.checked_add_days(Days::new(1));
        let due_at = day_after.and_then(|day| zone::day_begins(&zone, day)).unwrap_or_else(zone::end);
        let remind_at = due_at.plus(-BEFORE).max(now);
        let of_supplier = people.get(&row.supplier_id).into_iter().flatten();
        of_supplier.map(move |person| task(row, *person, TaskKind::Assessment, ANSWER, due_at, remind_at))
    });
    notify::require_all(txn, clock, each.collect()).await
}

/// Changes are requested: whoever signs in for the supplier is told at once.
pub async fn changes_due(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    let now = clock.now();
    let people = people(txn, vec![row.supplier_id]).await?;
    let each = people.values().flatten();
    let each = each.map(|person| task(row, *person, TaskKind::Assessment, CHANGE, now.plus(TO_LOOK), now));
    notify::done(txn, clock, TaskKind::AssessmentReview, row.id.0).await?;
    notify::require_all(txn, clock, each.collect()).await
}

/// It was submitted: whoever assigned it is told at once.
pub async fn review_due(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::done(txn, clock, TaskKind::Assessment, row.id.0).await?;
    let Some(person) = row.assigned_by else {
        return Ok(());
    };
    let now = clock.now();
    match account::Entity::find_by_id(person).one(txn).await?.filter(|account| account.disabled_at.is_none()) {
        Some(_) => {
            let due_at = now.plus(TO_LOOK);
            notify::require(txn, clock, task(row, person, TaskKind::AssessmentReview, VERIFY, due_at, now)).await
        }
        None => Ok(()),
    }
}

/// It was verified.
pub async fn review_done(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::done(txn, clock, TaskKind::AssessmentReview, row.id.0).await
}

/// Nothing is to be answered any more.
pub async fn forget_due(txn: &Txn, ids: Vec<AssessmentId>) -> Result<()> {
    notify::forget(txn, TaskKind::Assessment, ids.into_iter().map(|id| id.0).collect()).await
}

fn task(
    row: &Model,
    account_id: AccountId,
    kind: TaskKind,
    title: &'static str,
    due_at: Timestamp,
    remind_at: Timestamp,
) -> New {
    let (resource_id, supplier_id) = (row.id.0, Some(row.supplier_id));
    New { account_id, kind, resource_id, supplier_id, title, due_at, remind_at: Some(remind_at) }
}

/// Who signs in for suppliers.
async fn people(txn: &Txn, suppliers: Vec<SupplierId>) -> Result<HashMap<SupplierId, Vec<AccountId>>> {
    let found = account::Entity::find()
        .select_only()
        .columns([account::Column::SupplierId, account::Column::Id])
        .filter(account::Column::SupplierId.is_in(suppliers))
        .filter(account::Column::DisabledAt.is_null());
    let mut people: HashMap<SupplierId, Vec<AccountId>> = HashMap::new();
    for (supplier, person) in found.into_tuple::<(SupplierId, AccountId)>().all(txn).await? {
        people.entry(supplier).or_default().push(person);
    }
    Ok(people)
}

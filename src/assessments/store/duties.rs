//! What is due from whom about assessments.

use crate::assessments::entity::{Column, Entity, Model};
use crate::assessments::rules::EDITABLE;
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
use jiff::tz::TimeZone;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect};
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
        let of_supplier = people.get(&row.supplier_id).into_iter().flatten();
        of_supplier.map(|person| to_answer(row, *person, &zone, now))
    });
    notify::require_all(txn, clock, each.collect()).await
}

/// Whoever joined a supplier after it was assigned has it to answer, too: how many were told, of so many at most.
pub async fn newcomers_due(txn: &Txn, clock: &Clock, at_most: u64) -> Result<u64> {
    let told = Query::select()
        .expr(Expr::value(1))
        .from(notify::Entity)
        .and_where(notify::Column::Kind.eq(TaskKind::Assessment))
        .and_where(Expr::col((notify::Entity, notify::Column::ResourceId)).equals((Entity, Column::Id)))
        .and_where(
            Expr::col((notify::Entity, notify::Column::AccountId)).equals((account::Entity, account::Column::Id)),
        )
        .to_owned();
    let (ours, theirs) = (Column::SupplierId, account::Column::SupplierId);
    let of_its_supplier = Entity::belongs_to(account::Entity).from(ours).to(theirs).into();
    let untold = Entity::find()
        .select_only()
        .columns([Column::Id])
        .column(account::Column::Id)
        .join(JoinType::InnerJoin, of_its_supplier)
        .filter(Column::Status.is_in(EDITABLE))
        .filter(account::Column::DisabledAt.is_null())
        .filter(Expr::exists(told).not())
        .limit(at_most);
    let untold: Vec<(AssessmentId, AccountId)> = untold.into_tuple().all(txn).await?;
    let ids = untold.iter().map(|(id, _)| *id);
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(txn).await?;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let (zone, now) = (time_zone(txn).await?, clock.now());
    let each = untold.iter().filter_map(|(id, person)| Some(to_answer(rows.get(id)?, *person, &zone, now)));
    notify::require_all(txn, clock, each.collect()).await?;
    Ok(untold.len() as u64)
}

/// Changes are requested: whoever signs in for the supplier is told at once.
pub async fn changes_due(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    let now = clock.now();
    let people = people(txn, vec![row.supplier_id]).await?;
    let each = people.values().flatten();
    let each = each.map(|person| {
        New::about((row.id.0, row.supplier_id), *person, TaskKind::Assessment, CHANGE, now.plus(TO_LOOK), now)
    });
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
            notify::require(
                txn,
                clock,
                New::about((row.id.0, row.supplier_id), person, TaskKind::AssessmentReview, VERIFY, due_at, now),
            )
            .await
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

fn to_answer(row: &Model, person: AccountId, zone: &TimeZone, now: Timestamp) -> New {
    let day_after = row.due_on.checked_add_days(Days::new(1));
    let due_at = day_after.and_then(|day| zone::day_begins(zone, day)).unwrap_or_else(zone::end);
    New::about(
        (row.id.0, row.supplier_id),
        person,
        TaskKind::Assessment,
        ANSWER,
        due_at,
        Ord::max(due_at.plus(-BEFORE), now),
    )
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

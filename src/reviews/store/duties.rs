//! What is due from whom about reviews.

use crate::organization::time_zone;
use crate::reviews::entity::Model;
use crate::shared::auth::account;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::{AccountId, ReviewId};
use crate::shared::notify::{self, New, TaskKind};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use crate::shared::zone;
use chrono::{Days, NaiveDate, TimeDelta};
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// What mails say. They name nobody.
const PREPARE: &str = "Prepare and hold a review";
const RESPOND: &str = "Respond to a review";
const DECIDE: &str = "Decide a disputed review";

/// How long before it is due people are reminded.
const BEFORE: TimeDelta = TimeDelta::days(7);
/// How long somebody has to decide.
const TO_DECIDE: TimeDelta = TimeDelta::days(14);

/// To be prepared and held by owner and reviewers of the agreement, until the end of its day.
pub async fn prepare_due(txn: &Txn, clock: &Clock, rows: &[Model], people: &[AccountId]) -> Result<()> {
    let (zone, now) = (time_zone(txn).await?, clock.now());
    let live = accounts(txn, Condition::all().add(account::Column::Id.is_in(people.iter().copied()))).await?;
    let each = rows.iter().flat_map(|row| {
        let due_at = ends(&zone, row.scheduled_on);
        let remind_at = due_at.plus(-BEFORE).max(now);
        live.iter().map(move |person| {
            New::about((row.id.0, row.supplier_id), *person, TaskKind::ReviewPrepare, PREPARE, due_at, remind_at)
        })
    });
    notify::require_all(txn, clock, each.collect()).await
}

/// It is held, missed or cancelled.
pub async fn prepare_done(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::done(txn, clock, TaskKind::ReviewPrepare, row.id.0).await
}

/// Ratings are locked: whoever signs in for the supplier is told at once.
pub async fn respond_due(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    let zone = time_zone(txn).await?;
    let due_at = row.respond_by.map_or_else(zone::end, |day| ends(&zone, day));
    let people = accounts(txn, Condition::all().add(account::Column::SupplierId.eq(row.supplier_id))).await?;
    let now = clock.now();
    let each = people
        .into_iter()
        .map(|person| New::about((row.id.0, row.supplier_id), person, TaskKind::ReviewRespond, RESPOND, due_at, now));
    notify::require_all(txn, clock, each.collect()).await
}

/// It responded, or did not in time.
pub async fn respond_done(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::done(txn, clock, TaskKind::ReviewRespond, row.id.0).await
}

/// It disagrees: owners who had no part in it are told at once.
pub async fn decide_due(txn: &Txn, clock: &Clock, row: &Model, involved: &[Uuid]) -> Result<()> {
    let owners = Condition::all().add(account::Column::Role.eq(Role::Owner));
    let now = clock.now();
    let uninvolved = accounts(txn, owners).await?.into_iter().filter(|owner| !involved.contains(&owner.0));
    let each = uninvolved.map(|owner| {
        New::about((row.id.0, row.supplier_id), owner, TaskKind::ReviewDecide, DECIDE, now.plus(TO_DECIDE), now)
    });
    notify::require_all(txn, clock, each.collect()).await
}

pub async fn decide_done(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::done(txn, clock, TaskKind::ReviewDecide, row.id.0).await
}

/// Nothing is to be done about some reviews any more.
pub async fn forget_due(txn: &Txn, ids: &[ReviewId]) -> Result<()> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    notify::forget(txn, TaskKind::ReviewPrepare, ids.clone()).await?;
    notify::forget(txn, TaskKind::ReviewRespond, ids.clone()).await?;
    notify::forget(txn, TaskKind::ReviewDecide, ids).await
}

/// The end of a day where the organisation is.
fn ends(zone: &TimeZone, day: NaiveDate) -> Timestamp {
    let day_after = day.checked_add_days(Days::new(1));
    day_after.and_then(|day| zone::day_begins(zone, day)).unwrap_or_else(zone::end)
}

/// Who of them can sign in.
async fn accounts(txn: &Txn, wanted: Condition) -> Result<Vec<AccountId>> {
    let found = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(wanted)
        .filter(account::Column::DisabledAt.is_null());
    Ok(found.into_tuple().all(txn).await?)
}

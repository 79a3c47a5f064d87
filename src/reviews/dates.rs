//! What days do to reviews: the hourly job that calls them by the cadence of their agreements, notes what was missed
//! and ends the time to respond. Everything is decided anew under lock, so running twice, in two places or late does no
//! harm. A day begins in the zone of the organisation.

use super::entity::{Column, Entity, Model};
use super::rules::{self, Plan, RESPOND_WITHIN, WAITING};
use super::store::{self, Call};
use super::types::{ReviewOrigin, ReviewStatus};
use crate::agreements::{reviewed, to_review};
use crate::organization::{time_zone, today};
use crate::shared::app::App;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::history::Author;
use crate::shared::id::{AgreementId, ReviewId, SupplierId};
use crate::shared::jobs::Job;
use crate::shared::zone;
use crate::suppliers::{SupplierStatus, lock_suppliers, suspended_suppliers};
use chrono::{NaiveDate, TimeDelta};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const DATES: &str = "reviews.dates";
pub const DATES_EVERY: TimeDelta = TimeDelta::hours(1);

pub fn keep_dates(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let today = today(app.db.fresh(), &app.clock).await?;
        let called = call_all(&app, &job, today).await?;
        let (mut missed, mut lapsed) = (0, 0);
        for (id, supplier) in waiting(&app, today).await? {
            missed += i64::from(change(&app, &job, (id, supplier), today, miss).await?);
        }
        for (id, supplier) in unanswered(&app, today).await? {
            lapsed += i64::from(change(&app, &job, (id, supplier), today, lapse).await?);
        }
        for (id, supplier) in store::handed_over(app.db.fresh()).await? {
            change(&app, &job, (id, supplier), today, hand_over).await?;
        }
        Ok(json!({"called": called, "missed": missed, "lapsed": lapsed}))
    }
    .boxed()
}

/// Calls what is due of every agreement in force; those whose next one is called already are not looked at, unless a
/// version has come since then.
async fn call_all(app: &App, job: &Job, today: NaiveDate) -> Result<usize> {
    let last = store::last_days(app.db.fresh(), None).await?;
    let ahead = store::ahead(app.db.fresh(), today).await?;
    let is_due = |id: &AgreementId, version: i64| {
        last.get(id).is_none_or(|last| *last <= today) || ahead.get(id).is_some_and(|under| *under < version)
    };
    let due = to_review(app.db.fresh()).await?.into_iter().filter(|(id, _, version)| is_due(id, *version));
    let mut called = 0;
    for (id, supplier, _) in due {
        let input = (app.clock.clone(), job.clone(), (id, supplier), today);
        let done = app.db.write(input, |txn, (clock, job, which, today)| {
            Box::pin(async move {
                job.still_mine(txn, clock).await?;
                call(txn, clock, *which, *today).await
            })
        });
        called += done.await?;
    }
    Ok(called)
}

async fn call(txn: &Txn, clock: &Clock, (id, supplier): (AgreementId, SupplierId), today: NaiveDate) -> Result<usize> {
    lock_suppliers(txn, vec![supplier]).await?;
    let Some(of) = reviewed(txn, id).await? else {
        return Ok(0);
    };
    let Some(cadence) = of.cadence.clone() else {
        return Ok(0);
    };
    store::cancel_outdated(txn, clock, &of, today).await?;
    let last = store::last_days(txn, Some(id)).await?.remove(&id);
    let (starts_on, cadence_since) = (of.starts_on, of.cadence_since);
    let plan = Plan { cadence, starts_on, cadence_since, since: of.since, ends_on: of.ends_on, last };
    let one = |called| Call { called, origin: ReviewOrigin::Cadence, instead_of: None };
    let calls: Vec<_> = rules::calls(&plan, today).into_iter().map(one).collect();
    let invited = store::both_sides(txn, &of).await?;
    Ok(store::call(txn, clock, Author::program(), &of, (calls, &invited)).await?.len())
}

/// Those that may have been missed.
async fn waiting(app: &App, today: NaiveDate) -> Result<Vec<(ReviewId, SupplierId)>> {
    let latest = today.checked_sub_days(rules::MISSED_AFTER).unwrap_or(today);
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SupplierId])
        .filter(Column::Status.is_in(WAITING))
        .filter(Column::ScheduledOn.lt(latest))
        .order_by_asc(Column::ScheduledOn)
        .order_by_asc(Column::Id);
    Ok(found.into_tuple().all(app.db.fresh()).await?)
}

/// Those to which the supplier has not responded in time, or whose time stands still, or is to.
async fn unanswered(app: &App, today: NaiveDate) -> Result<Vec<(ReviewId, SupplierId)>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SupplierId, Column::RespondBy])
        .filter(Column::Status.eq(ReviewStatus::Responding))
        .order_by_asc(Column::Id);
    let found: Vec<(ReviewId, SupplierId, Option<NaiveDate>)> = found.into_tuple().all(app.db.fresh()).await?;
    let suspended = suspended_suppliers(app.db.fresh()).await?;
    let is_wanted = |supplier: SupplierId, day: Option<NaiveDate>| match suspended.contains(&supplier) {
        true => day.is_some(),
        false => day.is_none_or(|day| day < today),
    };
    let wanted = found.into_iter().filter(|(_, supplier, day)| is_wanted(*supplier, *day));
    Ok(wanted.map(|(id, supplier, _)| (id, supplier)).collect())
}

/// On which day something is done, and whether the supplier is suspended then.
#[derive(Clone, Copy)]
struct Then {
    today: NaiveDate,
    is_suspended: bool,
}

type Changing = for<'a> fn(&'a Txn, &'a Clock, Model, Then) -> BoxFuture<'a, Result<bool>>;

/// Does to one review what its day asks for; whether it did anything.
async fn change(app: &App, job: &Job, which: (ReviewId, SupplierId), today: NaiveDate, how: Changing) -> Result<bool> {
    let input = (app.clock.clone(), job.clone(), (which, how), today);
    app.db
        .write(input, |txn, (clock, job, ((id, supplier), how), today)| {
            Box::pin(async move {
                job.still_mine(txn, clock).await?;
                let standing = lock_suppliers(txn, vec![*supplier]).await?;
                let is_suspended = standing.get(supplier) == Some(&SupplierStatus::Suspended);
                match Entity::find_by_id(*id).lock_exclusive().one(txn).await? {
                    Some(row) => how(txn, clock, row, Then { today: *today, is_suspended }).await,
                    None => Ok(false),
                }
            })
        })
        .await
}

fn miss<'a>(txn: &'a Txn, clock: &'a Clock, row: Model, then: Then) -> BoxFuture<'a, Result<bool>> {
    async move {
        let called_on = zone::day_of(&time_zone(txn).await?, row.created_at);
        let is_over = WAITING.contains(&row.status) && rules::missed_on(row.scheduled_on, called_on) < then.today;
        if is_over {
            store::miss(txn, clock, &row, then.today).await?;
        }
        Ok(is_over)
    }
    .boxed()
}

/// The time to respond does not run while the supplier is suspended; afterwards it has all of it again.
fn lapse<'a>(txn: &'a Txn, clock: &'a Clock, row: Model, then: Then) -> BoxFuture<'a, Result<bool>> {
    async move {
        if row.status != ReviewStatus::Responding {
            return Ok(false);
        }
        match (then.is_suspended, row.respond_by) {
            (true, Some(_)) => store::respond_by(txn, clock, &row, None).await?,
            (false, None) => {
                let anew = then.today.checked_add_days(RESPOND_WITHIN);
                store::respond_by(txn, clock, &row, anew).await?;
            }
            (false, Some(day)) if day < then.today => {
                store::lapse(txn, clock, &row).await?;
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }
    .boxed()
}

/// The agreement has another owner or reviewer, or the supplier another administrator: they are told.
fn hand_over<'a>(txn: &'a Txn, clock: &'a Clock, row: Model, _: Then) -> BoxFuture<'a, Result<bool>> {
    async move {
        store::settle(txn, clock, row.status, &row).await?;
        Ok(true)
    }
    .boxed()
}

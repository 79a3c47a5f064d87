//! What days do to reviews: the hourly job that calls them by the cadence of their agreements, notes what was missed
//! and ends the time to respond. Everything is decided anew under lock, so running twice, in two places or late does no
//! harm. A day begins in the zone of the organisation.

use super::entity::{Column, Entity, Model};
use super::rules::{self, Plan, WAITING};
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
use crate::suppliers::lock_suppliers;
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

/// Those to which the supplier has not responded in time.
async fn unanswered(app: &App, today: NaiveDate) -> Result<Vec<(ReviewId, SupplierId)>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SupplierId])
        .filter(Column::Status.eq(ReviewStatus::Responding))
        .filter(Column::RespondBy.lt(today))
        .order_by_asc(Column::Id);
    Ok(found.into_tuple().all(app.db.fresh()).await?)
}

type Changing = for<'a> fn(&'a Txn, &'a Clock, Model, NaiveDate) -> BoxFuture<'a, Result<bool>>;

/// Does to one review what its day asks for; whether it did anything.
async fn change(app: &App, job: &Job, which: (ReviewId, SupplierId), today: NaiveDate, how: Changing) -> Result<bool> {
    let input = (app.clock.clone(), job.clone(), (which, how), today);
    app.db
        .write(input, |txn, (clock, job, ((id, supplier), how), today)| {
            Box::pin(async move {
                job.still_mine(txn, clock).await?;
                lock_suppliers(txn, vec![*supplier]).await?;
                match Entity::find_by_id(*id).lock_exclusive().one(txn).await? {
                    Some(row) => how(txn, clock, row, *today).await,
                    None => Ok(false),
                }
            })
        })
        .await
}

fn miss<'a>(txn: &'a Txn, clock: &'a Clock, row: Model, today: NaiveDate) -> BoxFuture<'a, Result<bool>> {
    async move {
        let called_on = zone::day_of(&time_zone(txn).await?, row.created_at);
        let is_over = WAITING.contains(&row.status) && rules::missed_on(row.scheduled_on, called_on) < today;
        if is_over {
            store::miss(txn, clock, &row, today).await?;
        }
        Ok(is_over)
    }
    .boxed()
}

fn lapse<'a>(txn: &'a Txn, clock: &'a Clock, row: Model, today: NaiveDate) -> BoxFuture<'a, Result<bool>> {
    async move {
        let is_over = row.status == ReviewStatus::Responding && row.respond_by.is_some_and(|day| day < today);
        if is_over {
            store::lapse(txn, clock, &row).await?;
        }
        Ok(is_over)
    }
    .boxed()
}

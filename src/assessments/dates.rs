//! What days do to assessments: the hourly job that lets them expire, assigns what repeats and tells newcomers. Everything is decided
//! anew under lock, so running twice, in two places or late does no harm. A day begins in the zone of the organisation.

use super::entity::{ActiveModel, Column, Entity, Model};
use super::rules::{Dates, RUNNING, Verb, later, repeats_on};
use super::store::{Plan, assign_to, forget_due, is_possible, newcomers_due, open_ones};
use super::types::AssessmentStatus;
use crate::organization::today;
use crate::questionnaires::asked_now;
use crate::shared::app::App;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AssessmentId, SupplierId};
use crate::shared::jobs::Job;
use crate::suppliers::lock_suppliers;
use chrono::{NaiveDate, TimeDelta};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const DATES: &str = "assessments.dates";
pub const DATES_EVERY: TimeDelta = TimeDelta::hours(1);

/// How many expire, or are told, in one transaction.
const AT_ONCE: u64 = 500;

pub fn keep_dates(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let today = today(app.db.fresh(), &app.clock).await?;
        let mut expired = 0;
        loop {
            let input = (app.clock.clone(), job.clone(), today);
            let some = app.db.write(input, |txn, (clock, job, today)| Box::pin(expire_some(txn, clock, job, *today)));
            let some = some.await?;
            expired += some;
            if some < AT_ONCE {
                break;
            }
        }
        while tell_newcomers(&app, &job).await? == AT_ONCE {}
        let due = Entity::find().select_only().columns([Column::Id, Column::SupplierId]);
        let due = due.filter(Column::RepeatsOn.lte(today)).order_by_asc(Column::Id);
        let mut assigned = 0;
        for (id, supplier) in due.into_tuple::<(AssessmentId, SupplierId)>().all(app.db.fresh()).await? {
            let input = (app.clock.clone(), job.clone(), (id, supplier), today);
            let done = app.db.write(input, |txn, (clock, job, which, today)| {
                Box::pin(async move {
                    job.still_mine(txn, clock).await?;
                    repeat(txn, clock, *which, *today).await
                })
            });
            assigned += i64::from(done.await?);
        }
        Ok(json!({"expired": expired, "assigned": assigned}))
    }
    .boxed()
}

/// How many were told what their supplier has to answer.
async fn tell_newcomers(app: &App, job: &Job) -> Result<u64> {
    let tell = app.db.write((app.clock.clone(), job.clone()), |txn, (clock, job)| {
        Box::pin(async move {
            job.still_mine(txn, clock).await?;
            newcomers_due(txn, clock, AT_ONCE).await
        })
    });
    tell.await
}

async fn expire_some(txn: &Txn, clock: &Clock, job: &Job, today: NaiveDate) -> Result<u64> {
    use sea_orm::ExprTrait;
    job.still_mine(txn, clock).await?;
    let over = Entity::find()
        .filter(Column::Status.is_in(RUNNING))
        .filter(Column::ExpiresOn.lt(today))
        .order_by_asc(Column::Id)
        .limit(AT_ONCE)
        .lock_exclusive();
    let over = over.all(txn).await?;
    if over.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = over.iter().map(|row| row.id).collect();
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(AssessmentStatus::Expired))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(txn)
        .await?;
    forget_due(txn, ids).await?;
    let entry = |row: &Model| {
        let show = |status: AssessmentStatus| json!({"status": status});
        let entry = Entry::new(Verb::Expire.action(), row.id.0).about(row.supplier_id);
        entry.between(Some(&show(row.status)), Some(&show(AssessmentStatus::Expired)))
    };
    history::record_all(txn, clock, Author::program(), over.iter().map(entry).collect()).await?;
    Ok(over.len() as u64)
}

/// Assigns the next one, with the version that is asked now; whether it did. The repetition moves on to it. It waits
/// while the supplier is suspended, and ends with the questionnaire.
async fn repeat(
    txn: &Txn,
    clock: &Clock,
    (id, supplier): (AssessmentId, SupplierId),
    today: NaiveDate,
) -> Result<bool> {
    let standing = lock_suppliers(txn, vec![supplier]).await?;
    let row = Entity::find_by_id(id).filter(Column::RepeatsOn.lte(today)).lock_exclusive().one(txn).await?;
    let Some((row, months, due)) = row.and_then(|row| Some((row.clone(), row.repeats_every_months?, row.repeats_on?)))
    else {
        return Ok(false);
    };
    if !standing.get(&supplier).is_some_and(|status| is_possible(*status)) {
        return Ok(false);
    }
    let asked = match asked_now(txn, row.questionnaire_id).await {
        Err(retired) if retired.code == Code::InvalidState => None,
        asked => asked?,
    };
    move_on(txn, clock, &row).await?;
    let Some((version, terms)) = asked else {
        return Ok(false);
    };
    let Model { period_from, period_to, due_on, expires_on, .. } = row;
    let dates = later(Dates { period_from, period_to, due_on, expires_on }, months, today);
    let repeats = Some((months, repeats_on(due, months)));
    let (suppliers, assigned_by) = (&[supplier][..], row.assigned_by);
    let questionnaire_id = row.questionnaire_id;
    if let Some(open) = open_ones(txn, questionnaire_id, suppliers, dates).await?.first() {
        // Somebody was quicker: that one repeats.
        let next = ActiveModel {
            repeats_every_months: Set(Some(months)),
            repeats_on: Set(repeats.map(|(_, on)| on)),
            ..Default::default()
        };
        touch(txn, clock, open, next).await?;
        return Ok(false);
    }
    let plan = Plan { questionnaire_id, version, terms: &terms, suppliers, dates, repeats, assigned_by };
    assign_to(txn, clock, Author::program(), &plan).await?;
    Ok(true)
}

/// The next one repeats in its place.
async fn move_on(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    touch(txn, clock, row, ActiveModel { repeats_on: Set(None), ..Default::default() }).await
}

async fn touch(txn: &Txn, clock: &Clock, row: &Model, change: ActiveModel) -> Result<()> {
    let change =
        ActiveModel { id: Set(row.id), revision: Set(row.revision + 1), updated_at: Set(clock.now()), ..change };
    Entity::update(change).exec_without_returning(txn).await?;
    Ok(())
}

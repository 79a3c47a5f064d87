//! What days do to agreements in force: the hourly job that warns, renews, expires and terminates.
//! Each agreement changes in a transaction of its own that decides anew under lock, so running twice,
//! in two places or late does no harm. A day begins in the zone of the organisation.

use super::entity::{self, Column, Entity, version};
use super::rules::{self, ByDate, Term, WARNING_DAYS};
use super::store::{save_at, version_row, withdraw_version};
use super::types::{AgreementStatus, Renewal};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::AgreementId;
use crate::shared::jobs::Job;
use chrono::{Days, NaiveDate, TimeDelta};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const DATES: &str = "agreements.dates";
pub const DATES_EVERY: TimeDelta = TimeDelta::hours(1);

pub fn keep_dates(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let today = today(app.db.fresh(), &app.clock).await?;
        let due: Vec<AgreementId> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(due(today))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(app.db.fresh())
            .await?;
        let mut changed = 0;
        for id in due {
            let input = (app.clock.clone(), job.clone(), id, today);
            let done = app.db.write(input, |txn, (clock, job, id, today)| {
                Box::pin(async move {
                    job.still_mine(txn, clock).await?;
                    keep(txn, clock, *id, *today).await
                })
            });
            changed += i64::from(done.await?);
        }
        Ok(json!({"changed": changed}))
    }
    .boxed()
}

/// Those that some day may have changed.
fn due(today: NaiveDate) -> Condition {
    use AgreementStatus::{Active, Amending, Expiring};
    let near = Condition::all().add(Column::Status.eq(Active)).add(Column::EndsOn.lte(today + Days::new(WARNING_DAYS)));
    Condition::all()
        .add(Column::Status.is_in([Active, Amending, Expiring]))
        .add(Condition::any().add(Column::EndsOn.lt(today)).add(Column::TerminatesOn.lte(today)).add(near))
}

/// Does to one agreement what the day asks for; whether it did anything.
async fn keep(txn: &Txn, clock: &Clock, id: AgreementId, today: NaiveDate) -> Result<bool> {
    let row = Entity::find_by_id(id).filter(due(today)).lock_exclusive().one(txn).await?;
    let Some(row) = row else {
        return Ok(false);
    };
    let version = version_row(txn, id, row.shown_version).await?;
    let Some(change) = rules::by_date(&term(txn, &row, &version).await?, today) else {
        return Ok(false);
    };
    let is_over = matches!(change, ByDate::Renewed | ByDate::Expired | ByDate::Terminated);
    let mut after = row.clone();
    match change {
        ByDate::Expiring => after.status = AgreementStatus::Expiring,
        ByDate::Renewed => after.status = AgreementStatus::Renewed,
        ByDate::Expired => after.status = AgreementStatus::Expired,
        ByDate::Terminated => after.status = AgreementStatus::Terminated,
        ByDate::Prolonged(end) => {
            after.ends_on = Some(end);
            if row.status != AgreementStatus::Amending {
                after.status = rules::standing(Some(end), today);
            }
        }
    }
    if is_over {
        // What is over is no longer negotiated.
        withdraw_version(txn, clock, &row).await?;
        (after.open_version, after.drafted_by) = (None, None);
    }
    let changed = entity::ActiveModel {
        status: Set(after.status),
        ends_on: Set(after.ends_on),
        open_version: Set(after.open_version),
        drafted_by: Set(after.drafted_by),
        ..Default::default()
    };
    save_at(txn, clock.now(), &row, changed).await?;
    let show =
        |row: &entity::Model| json!({"status": row.status, "ends_on": row.ends_on, "open_version": row.open_version});
    let entry = Entry::new(action(change), id.0).about(row.supplier_id).between(Some(&show(&row)), Some(&show(&after)));
    history::record_as(txn, clock, Author::program(), entry).await?;
    Ok(true)
}

async fn term(txn: &Txn, row: &entity::Model, version: &version::Model) -> Result<Term> {
    let successors = Entity::find().filter(Column::PreviousId.eq(row.id)).filter(Column::VersionInForce.is_not_null());
    let months = version.renewal_months.and_then(|months| u32::try_from(months).ok());
    let months = months.filter(|_| version.renewal == Renewal::Automatic);
    Ok(Term {
        status: row.status,
        ends_on: row.ends_on,
        terminates_on: row.terminates_on,
        prolonged: version.ends_on.zip(months),
        has_successor: successors.count(txn).await? > 0,
    })
}

fn action(change: ByDate) -> &'static str {
    match change {
        ByDate::Expiring => "agreement.warn",
        ByDate::Prolonged(_) => "agreement.prolong",
        ByDate::Renewed => "agreement.renewed",
        ByDate::Expired => "agreement.expire",
        ByDate::Terminated => "agreement.terminated",
    }
}

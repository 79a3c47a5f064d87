//! Calling reviews.

use super::{attendees, duties, get_review, noted, save};
use crate::agreements::{Reviewed, reviewed};
use crate::organization::today;
use crate::reviews::entity::{Column, Entity, Model};
use crate::reviews::rules::{self, Called, Verb};
use crate::reviews::types::{Attendee, NewReview, Review, ReviewChange, ReviewOrigin, ReviewStatus};
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AgreementId, ReviewId, SupplierId};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use std::collections::HashMap;

/// A review to be called, and why.
pub struct Call {
    pub called: Called,
    pub origin: ReviewOrigin,
    pub instead_of: Option<ReviewId>,
}

/// For which day the cadence has called the last review of each agreement.
pub async fn last_days(
    db: &impl ConnectionTrait,
    only: Option<AgreementId>,
) -> Result<HashMap<AgreementId, NaiveDate>> {
    let last = Entity::find()
        .select_only()
        .column(Column::AgreementId)
        .column_as(Column::PlannedOn.max(), "planned_on")
        .filter(Column::PlannedOn.is_not_null())
        .filter(Condition::all().add_option(only.map(|id| Column::AgreementId.eq(id))))
        .group_by(Column::AgreementId);
    Ok(last.into_tuple::<(AgreementId, NaiveDate)>().all(db).await?.into_iter().collect())
}

/// Under which version of each agreement the cadence has called what nobody has prepared yet and is still to come.
pub async fn ahead(db: &impl ConnectionTrait, today: NaiveDate) -> Result<HashMap<AgreementId, i64>> {
    let found = Entity::find()
        .select_only()
        .column(Column::AgreementId)
        .column_as(Column::Version.min(), "version")
        .filter(still_to_come(today))
        .group_by(Column::AgreementId);
    Ok(found.into_tuple::<(AgreementId, i64)>().all(db).await?.into_iter().collect())
}

fn still_to_come(today: NaiveDate) -> Condition {
    Condition::all().add(Column::Status.eq(ReviewStatus::Scheduled)).add(Column::PlannedOn.gt(today))
}

/// Cancels what another cadence than the one in force has called and nobody has prepared yet. Its day is none of the
/// cadence any more. The supplier is locked.
pub async fn cancel_outdated(txn: &Txn, clock: &Clock, of: &Reviewed, today: NaiveDate) -> Result<()> {
    let outdated = Entity::find()
        .filter(Column::AgreementId.eq(of.id))
        .filter(Column::Version.lt(of.cadence_version))
        .filter(still_to_come(today));
    for before in outdated.all(txn).await? {
        let after = Model {
            status: Verb::Cancel.apply(before.status)?,
            status_reason: Some("The agreement is reviewed on other days now.".to_owned()),
            planned_on: None,
            ..before.clone()
        };
        let after = save(txn, clock, &before, after).await?;
        duties::settle(txn, clock, before.status, &after).await?;
        noted(txn, clock, Verb::Cancel, &before, &after).await?;
    }
    Ok(())
}

/// Calls reviews of one agreement, in order. Its supplier is locked: numbers have no gaps and no doubles.
pub async fn call(
    txn: &Txn,
    clock: &Clock,
    author: Author<'_>,
    of: &Reviewed,
    (calls, attendees): (Vec<Call>, &[Attendee]),
) -> Result<Vec<Model>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let highest = Entity::find().filter(Column::AgreementId.eq(of.id)).order_by_desc(Column::Number).one(txn).await?;
    let first = highest.map_or(1, |highest| highest.number + 1);
    let rows: Vec<_> = calls.into_iter().zip(first..).map(|(call, number)| new(clock, of, &call, number)).collect();
    Entity::insert_many(rows.iter().map(|row| row.clone().into_active_model())).exec_without_returning(txn).await?;
    let invited = rows.iter().flat_map(|row| attendees.iter().map(|one| (row.id, one.clone())));
    attendees::insert(txn, clock, invited.collect()).await?;
    for row in &rows {
        duties::settle(txn, clock, row.status, row).await?;
    }
    let entry = |row: &Model| {
        let said = json!({"status": row.status, "number": row.number, "scheduled_on": row.scheduled_on,
            "period_from": row.period_from, "period_to": row.period_to, "origin": row.origin});
        Entry::new("review.call", row.id.0).about(row.supplier_id).between(None, Some(&said))
    };
    history::record_all(txn, clock, author, rows.iter().map(entry).collect()).await?;
    Ok(rows)
}

fn new(clock: &Clock, of: &Reviewed, call: &Call, number: i64) -> Model {
    let (called, now) = (call.called, clock.now());
    Model {
        id: ReviewId::new(clock),
        agreement_id: of.id,
        supplier_id: of.supplier_id,
        version: of.version,
        number,
        origin: call.origin,
        planned_on: (call.origin == ReviewOrigin::Cadence).then_some(called.on),
        instead_of_id: call.instead_of,
        status: ReviewStatus::Scheduled,
        status_reason: None,
        missed_by: None,
        period_from: called.period_from,
        period_to: called.period_to,
        scheduled_on: called.on,
        moves: 0,
        ready_at: None,
        pack_hash: None,
        held_on: None,
        held_at: None,
        ratings_locked_at: None,
        score: None,
        grade: None,
        would_use_again: None,
        would_use_again_reason: None,
        would_use_again_by: None,
        respond_by: None,
        response: None,
        response_text: None,
        responded_by: None,
        responded_on_behalf: None,
        responded_at: None,
        ruling: None,
        ruling_reason: None,
        decided_by: None,
        decided_at: None,
        finalised_at: None,
        committed_at: None,
        action_ids: None,
        closed_at: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

/// A review that staff calls besides those of the cadence. The supplier is locked.
pub async fn call_extra(txn: &Txn, by: &By, supplier: SupplierId, wanted: &NewReview) -> Result<Review> {
    let today = today(txn, &by.clock).await?;
    let Some(of) = reviewed(txn, wanted.agreement_id).await? else {
        let detail = "Only what is in force is reviewed.";
        return Err(Error::rule(Code::RuleViolated, "/agreement_id", detail));
    };
    let period_to = wanted.period_to.or(wanted.scheduled_on.pred_opt()).unwrap_or(wanted.scheduled_on);
    let period_from = match wanted.period_from {
        Some(day) => day,
        None => first_unreviewed(txn, &of).await?.min(period_to),
    };
    rules::check_period(period_from, period_to)?;
    rules::check_day(wanted.scheduled_on, period_to, today)?;
    let attendees = match wanted.attendees.is_empty() {
        true => attendees::both_sides(txn, &of).await?,
        false => attendees::meant(txn, supplier, &wanted.attendees, "/attendees").await?,
    };
    let called = Called { period_from, period_to, on: wanted.scheduled_on };
    let call_one = Call { called, origin: ReviewOrigin::Extra, instead_of: None };
    let author = Author::caller(&by.caller, &by.request_id);
    let made = call(txn, &by.clock, author, &of, (vec![call_one], &attendees)).await?;
    let id = made.first().map(|row| row.id).ok_or_else(Error::not_found)?;
    get_review(txn, by, id).await
}

/// The first day that no review is about.
async fn first_unreviewed(txn: &Txn, of: &Reviewed) -> Result<NaiveDate> {
    let counted = Entity::find().filter(Column::AgreementId.eq(of.id)).filter(Column::Status.is_not_in([
        ReviewStatus::Missed,
        ReviewStatus::Cancelled,
        ReviewStatus::Scheduled,
    ]));
    let last = counted.order_by_desc(Column::PeriodTo).one(txn).await?;
    Ok(last.and_then(|last| last.period_to.succ_opt()).unwrap_or(of.since))
}

/// Applies a patch to the review as it was read under lock.
pub async fn update_review(txn: &Txn, by: &By, before: &Model, change: &ReviewChange) -> Result<Review> {
    Verb::Update.apply(before.status)?;
    let shown = get_review(txn, by, before.id).await?;
    let moved = change.scheduled_on.wanted().filter(|day| **day != before.scheduled_on);
    let invited = match change.attendees.wanted() {
        Some(refs) => Some(attendees::meant(txn, before.supplier_id, refs, "/attendees").await?),
        None => None,
    };
    let differs = |wanted: &Vec<Attendee>| {
        wanted.len() != shown.attendees.len() || wanted.iter().any(|one| !shown.attendees.contains(one))
    };
    let invited = invited.filter(differs);
    if moved.is_none() && invited.is_none() {
        return Ok(shown);
    }
    let mut after = before.clone();
    if let Some(day) = moved {
        rules::check_day(*day, before.period_to, today(txn, &by.clock).await?)?;
        (after.scheduled_on, after.moves) = (*day, before.moves + 1);
    }
    if let Some(invited) = &invited {
        attendees::replace(txn, &by.clock, before.id, invited).await?;
    }
    let after = save(txn, &by.clock, before, after).await?;
    duties::settle(txn, &by.clock, before.status, &after).await?;
    let now = get_review(txn, by, before.id).await?;
    let entry = Entry::new(Verb::Update.action(), before.id.0).about(before.supplier_id);
    history::record(txn, by, entry.between(Some(&shown), Some(&now))).await?;
    Ok(now)
}

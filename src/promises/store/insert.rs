//! Making promises and their versions.

use super::super::entity::{self, Column, Entity, version};
use super::super::rules;
use super::super::types::{NewPromise, NewPromiseTerms, PromiseStatus};
use crate::agreements::{Agreement, Direction, Measure, calendar_in_force, clause_in_force, get_agreement};
use crate::calendars::{find_default, refuse_unknown};
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, CalendarId, ExpectationId, PromiseId};
use crate::shared::time::Timestamp;
use crate::suppliers::{ExternalId, lock_for_change};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Makes a draft with its first version.
pub async fn insert_promise(txn: &Txn, by: &By, new: &NewPromise) -> Result<PromiseId> {
    let unknown = |_| Error::rule(Code::InvalidReference, "/agreement_id", "There is no such agreement.");
    let agreement = get_agreement(txn, by, new.agreement_id).await.map_err(unknown)?;
    let supplier = lock_for_change(txn, by, agreement.supplier_id).await?;
    rules::may_promise(agreement.status, supplier.status)?;
    let (measure, direction) = measured(txn, by, (agreement.id, new.expectation_id), &new.terms).await?;
    if let Some(external_id) = &new.external_id {
        refuse_known_external_id(txn, external_id, None).await?;
    }
    let (id, now) = (PromiseId::new(&by.clock), by.clock.now());
    let row = entity::ActiveModel {
        id: Set(id),
        agreement_id: Set(agreement.id),
        supplier_id: Set(agreement.supplier_id),
        expectation_id: Set(new.expectation_id),
        direction: Set(direction),
        external_id: Set(new.external_id.clone()),
        promised_to: Set(new.promised_to.clone()),
        status: Set(PromiseStatus::Draft),
        version: Set(1),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    let from = new.terms.effective_from.unwrap_or(now);
    let calendar = calendar(txn, &agreement, &new.terms).await?;
    let first = version((id, 1), new.wording.clone(), (measure, calendar), &new.terms, from, now);
    insert_version(txn, &first).await?;
    Ok(id)
}

/// What a promise on a clause measures: the clause's numbers, or, towards customers, our own.
pub async fn measured(
    txn: &Txn,
    by: &By,
    (agreement, clause): (AgreementId, ExpectationId),
    given: &NewPromiseTerms,
) -> Result<(Measure, Direction)> {
    let unknown = |_| {
        let detail = "The version in force has no such clause.";
        Error::rule(Code::InvalidReference, "/expectation_id", detail)
    };
    let clause = clause_in_force(txn, by, agreement, clause).await.map_err(unknown)?;
    Ok((rules::measure(&clause, given)?, clause.direction))
}

/// In which calendar a version counts: settled when it is made, so that another default changes nothing later.
pub async fn calendar(txn: &Txn, agreement: &Agreement, given: &NewPromiseTerms) -> Result<Option<CalendarId>> {
    if given.calendar_id.is_some() {
        return Ok(given.calendar_id);
    }
    match calendar_in_force(txn, agreement).await? {
        None => find_default(txn).await,
        signed => Ok(signed),
    }
}

/// A version as it will be stored.
pub fn version(
    (id, number): (PromiseId, i64),
    wording: String,
    (measure, calendar_id): (Measure, Option<CalendarId>),
    terms: &NewPromiseTerms,
    effective_from: Timestamp,
    now: Timestamp,
) -> version::Model {
    version::Model {
        promise_id: id,
        number,
        wording,
        metric: measure.metric,
        comparison: measure.comparison,
        target: measure.target,
        unit: measure.unit,
        reliability: measure.reliability,
        precision: terms.precision,
        calendar_id,
        grace_seconds: terms.grace.seconds(),
        period: terms.period,
        effective_from,
        published_at: None,
        unpublished_at: None,
        approved_by: None,
        approval_reason: None,
        recheck_on: None,
        created_at: now,
    }
}

pub async fn insert_version(txn: &Txn, version: &version::Model) -> Result<()> {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    if let Some(calendar) = version.calendar_id {
        refuse_unknown(txn, calendar, "/calendar_id").await?;
    }
    let row = version.clone().into_active_model().reset_all();
    version::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Refuses a key that another promise has.
pub async fn refuse_known_external_id(txn: &Txn, external_id: &ExternalId, but: Option<PromiseId>) -> Result<()> {
    let row = Entity::find().filter(Column::ExternalId.eq(external_id.clone())).one(txn).await?;
    match row.filter(|row| Some(row.id) != but) {
        None => Ok(()),
        Some(row) => Err(Error::new(Code::AlreadyExists, "The external id belongs to another promise already.")
            .with("existing_id", row.id.to_string())),
    }
}

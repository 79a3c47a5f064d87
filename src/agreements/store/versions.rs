//! The versions of an agreement and the signatures under them.

use super::super::entity::{Column, Entity, signature, version};
use super::super::expectations::{clauses_of, copy_to, delete_all};
use super::super::open::Open;
use super::super::rules;
use super::super::types::{
    Agreement, AgreementVersion, Side, Signature, Terms, VersionChange, VersionStatus, VersionSummary,
};
use super::{index, repeated, side_of};
use crate::shared::auth::By;
use crate::shared::crypto;
use crate::shared::db::{Stored, Txn, merge};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, CalendarId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// The number under which a side reads a version: the version itself when it is frozen or when that side writes
/// it; what was handed over of it (the number with a minus) while the other side does.
fn seen_at(side: Side, version: &version::Model) -> Option<i64> {
    match version.agreed_at.is_some() || version.turn == side {
        true => Some(version.number),
        false => version.shared_at.map(|_| -version.number),
    }
}

/// The version with a number as a side reads it, among all rows of its agreement.
pub fn seen_row<'a>(
    side: Side,
    number: i64,
    rows: impl Iterator<Item = &'a version::Model> + Clone,
) -> Option<&'a version::Model> {
    let find = |number| rows.clone().find(|row| row.number == number);
    find(number).and_then(|row| seen_at(side, row)).and_then(find)
}

/// Keeps the version as it is now for the side that has handed it over, in place of what was handed over before.
pub async fn hand_over(txn: &Txn, agreement: AgreementId, number: i64) -> Result<()> {
    forget_handed_over(txn, agreement, number).await?;
    let row = version::Model { number: -number, ..version_row(txn, agreement, number).await? };
    version::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    copy_to(txn, agreement, number, -number).await
}

/// Both sides read the version itself from now on.
pub async fn forget_handed_over(txn: &Txn, agreement: AgreementId, number: i64) -> Result<()> {
    delete_all(txn, agreement, -number).await?;
    version::Entity::delete_by_id((agreement, -number)).exec(txn).await?;
    Ok(())
}

pub fn terms_of(version: &version::Model) -> Terms {
    Terms {
        title: version.title.clone(),
        service_line: version.service_line.clone(),
        customer_segment: version.customer_segment.clone(),
        calendar_id: version.calendar_id,
        starts_on: version.starts_on,
        ends_on: version.ends_on,
        notice: Duration::of_seconds(version.notice_days * 86_400),
        renewal: version.renewal,
        renewal_months: version.renewal_months,
        customer_target: version.customer_target,
        cadence: version.cadence.as_ref().map(|cadence| cadence.0.clone()),
        service_code: version.service_code.as_ref().map(|code| code.0.clone()).unwrap_or_default(),
    }
}

pub fn columns(terms: &Terms) -> version::ActiveModel {
    version::ActiveModel {
        title: Set(terms.title.clone()),
        service_line: Set(terms.service_line.clone()),
        customer_segment: Set(terms.customer_segment.clone()),
        calendar_id: Set(terms.calendar_id),
        starts_on: Set(terms.starts_on),
        ends_on: Set(terms.ends_on),
        notice_days: Set(rules::notice_days(terms)),
        renewal: Set(terms.renewal),
        renewal_months: Set(terms.renewal_months),
        customer_target: Set(terms.customer_target),
        cadence: Set(terms.cadence.clone().map(Stored)),
        service_code: Set(Some(Stored(terms.service_code.clone()))),
        ..Default::default()
    }
}

/// The only thing a version refers to that may not be there is its calendar.
pub fn known_calendar<T>(done: std::result::Result<T, DbErr>) -> Result<T> {
    done.map_err(|error| match Error::from(error) {
        error if error.code == Code::InUse => {
            Error::rule(Code::InvalidReference, "/calendar_id", "There is no such calendar.")
        }
        error => error,
    })
}

pub async fn version_row(db: &impl ConnectionTrait, agreement: AgreementId, number: i64) -> Result<version::Model> {
    version::Entity::find_by_id((agreement, number)).one(db).await?.ok_or_else(Error::not_found)
}

/// The calendar that is signed.
pub async fn calendar_in_force(db: &impl ConnectionTrait, agreement: &Agreement) -> Result<Option<CalendarId>> {
    match agreement.version_in_force {
        Some(number) => Ok(version_row(db, agreement.id, number).await?.calendar_id),
        None => Ok(None),
    }
}

/// The number of the newest version.
pub async fn last_version(txn: &Txn, agreement: AgreementId) -> Result<i64> {
    let newest = version::Entity::find()
        .filter(version::Column::AgreementId.eq(agreement))
        .order_by_desc(version::Column::Number)
        .one(txn);
    Ok(newest.await?.map_or(0, |version| version.number))
}

/// The versions that the caller sees, oldest first, each in the row in which it reads it.
pub async fn seen_rows(db: &impl ConnectionTrait, by: &By, agreement: AgreementId) -> Result<Vec<version::Model>> {
    Entity::visible(by).filter(Column::Id.eq(agreement)).one(db).await?.ok_or_else(Error::not_found)?;
    let rows = version::Entity::find()
        .filter(version::Column::AgreementId.eq(agreement))
        .order_by_asc(version::Column::Number)
        .all(db)
        .await?;
    Ok(seen(side_of(by), &rows).cloned().collect())
}

/// The rows in which a side reads the versions of one agreement, among all of its rows.
pub fn seen(side: Side, rows: &[version::Model]) -> impl Iterator<Item = &version::Model> {
    let numbers = rows.iter().map(|row| row.number).filter(|number| *number > 0);
    numbers.filter_map(move |number| seen_row(side, number, rows.iter()))
}

pub async fn list_versions(db: &impl ConnectionTrait, by: &By, agreement: AgreementId) -> Result<Vec<VersionSummary>> {
    Ok(seen_rows(db, by, agreement).await?.iter().map(summary).collect())
}

pub async fn get_version(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    number: i64,
) -> Result<AgreementVersion> {
    Entity::visible(by).filter(Column::Id.eq(agreement)).one(db).await?.ok_or_else(Error::not_found)?;
    let row = get_seen_row(db, by, agreement, number).await?;
    let signatures = list_signatures(db, agreement, number).await?;
    let clauses = clauses_of(db, agreement, row.number).await?;
    Ok(AgreementVersion { summary: summary(&row), terms: terms_of(&row), clauses, signatures })
}

/// The version as the caller reads it, of an agreement that the caller sees.
pub async fn get_seen_row(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    number: i64,
) -> Result<version::Model> {
    if number < 1 {
        return Err(Error::not_found());
    }
    let rows = version::Entity::find()
        .filter(version::Column::AgreementId.eq(agreement))
        .filter(version::Column::Number.is_in([number, -number]))
        .all(db)
        .await?;
    seen_row(side_of(by), number, rows.iter()).cloned().ok_or_else(Error::not_found)
}

pub async fn list_signatures(db: &impl ConnectionTrait, agreement: AgreementId, number: i64) -> Result<Vec<Signature>> {
    let rows = signature::Entity::find()
        .filter(signature::Column::AgreementId.eq(agreement))
        .filter(signature::Column::Version.eq(number))
        .order_by_asc(signature::Column::Id);
    Ok(rows.into_partial_model::<Signature>().all(db).await?)
}

pub fn summary(row: &version::Model) -> VersionSummary {
    VersionSummary {
        agreement_id: row.agreement_id,
        version: row.number.abs(),
        status: row.status,
        turn: (row.status == VersionStatus::Open).then_some(row.turn),
        shared_at: row.shared_at,
        agreed_at: row.agreed_at,
        is_agreed_on_paper: row.is_agreed_on_paper,
        effective_from: row.effective_from,
        note: row.note.clone(),
        content_hash: row.content_hash.as_deref().map(crypto::hex),
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// Applies a patch to the terms of the open version; whether anything changed. What one side changes
/// it accepts; the other side has to accept it again.
pub async fn update_terms(txn: &Txn, by: &By, open: &Open, change: &VersionChange) -> Result<bool> {
    let terms = changed(terms_of(&open.version), change);
    let Some(row) = merge(open.version.clone(), columns(&terms)) else {
        return Ok(false);
    };
    rules::check_terms(&terms)?;
    known_calendar(version::Entity::update(row).exec_without_returning(txn).await)?;
    // Lists are in the order and hold the words that both sides know: those of a draft, then what was handed over.
    let is_draft = !open.agreement.row.is_shared;
    open.touch(txn, by, if is_draft { repeated(&terms) } else { Default::default() }).await?;
    if is_draft {
        index(txn, open.agreement.row.id, false).await?;
    }
    Ok(true)
}

fn changed(mut terms: Terms, change: &VersionChange) -> Terms {
    change.title.apply(&mut terms.title);
    change.service_line.apply(&mut terms.service_line);
    change.customer_segment.apply(&mut terms.customer_segment);
    change.calendar_id.apply(&mut terms.calendar_id);
    change.starts_on.apply(&mut terms.starts_on);
    change.ends_on.apply(&mut terms.ends_on);
    change.notice.apply(&mut terms.notice);
    change.renewal.apply(&mut terms.renewal);
    change.renewal_months.apply(&mut terms.renewal_months);
    change.customer_target.apply(&mut terms.customer_target);
    change.cadence.apply(&mut terms.cadence);
    change.service_code.apply(&mut terms.service_code);
    terms
}

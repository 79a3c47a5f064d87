//! The versions of an agreement and the signatures under them.

use super::super::entity::{Column, Entity, signature, version};
use super::super::expectations::clauses_of;
use super::super::open::Open;
use super::super::rules;
use super::super::types::{
    Agreement, AgreementVersion, Side, Signature, Terms, VersionChange, VersionStatus, VersionSummary,
};
use super::{index, repeated};
use crate::shared::auth::{By, Scope};
use crate::shared::change::{Change, NullableChange};
use crate::shared::crypto;
use crate::shared::db::{Stored, Txn, merge};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, CalendarId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// Suppliers see what was shared with them and what they write themselves; staff sees all.
pub fn is_seen(by: &By, version: &version::Model) -> bool {
    match by.scope {
        Scope::Everything => true,
        Scope::Supplier(_) => version.shared_at.is_some() || version.turn == Side::Supplier,
    }
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

pub async fn list_versions(db: &impl ConnectionTrait, by: &By, agreement: AgreementId) -> Result<Vec<VersionSummary>> {
    Entity::visible(by).filter(Column::Id.eq(agreement)).one(db).await?.ok_or_else(Error::not_found)?;
    let rows = version::Entity::find()
        .filter(version::Column::AgreementId.eq(agreement))
        .order_by_asc(version::Column::Number)
        .all(db)
        .await?;
    Ok(rows.iter().filter(|row| is_seen(by, row)).map(summary).collect())
}

pub async fn get_version(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    number: i64,
) -> Result<AgreementVersion> {
    Entity::visible(by).filter(Column::Id.eq(agreement)).one(db).await?.ok_or_else(Error::not_found)?;
    let row = version_row(db, agreement, number).await?;
    if !is_seen(by, &row) {
        return Err(Error::not_found());
    }
    let signatures = list_signatures(db, agreement, number).await?;
    let clauses = clauses_of(db, agreement, number).await?;
    Ok(AgreementVersion { summary: summary(&row), terms: terms_of(&row), clauses, signatures })
}

pub async fn list_signatures(db: &impl ConnectionTrait, agreement: AgreementId, number: i64) -> Result<Vec<Signature>> {
    let rows = signature::Entity::find()
        .filter(signature::Column::AgreementId.eq(agreement))
        .filter(signature::Column::Version.eq(number))
        .order_by_asc(signature::Column::Id);
    Ok(rows.into_partial_model::<Signature>().all(db).await?)
}

fn summary(row: &version::Model) -> VersionSummary {
    VersionSummary {
        agreement_id: row.agreement_id,
        version: row.number,
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
    let shown = match open.agreement.shown_version == open.version.number {
        true => repeated(&terms),
        false => Default::default(),
    };
    open.touch(txn, by, shown).await?;
    index(txn, open.agreement.id, false).await?;
    Ok(true)
}

fn changed(mut terms: Terms, change: &VersionChange) -> Terms {
    fn set<T: Clone>(member: &mut T, change: &Change<T>) {
        if let Some(value) = change.wanted() {
            *member = value.clone();
        }
    }
    fn set_or_clear<T: Clone>(member: &mut Option<T>, change: &NullableChange<T>) {
        if !change.is_kept() {
            *member = change.wanted().cloned();
        }
    }
    set(&mut terms.title, &change.title);
    set_or_clear(&mut terms.service_line, &change.service_line);
    set_or_clear(&mut terms.customer_segment, &change.customer_segment);
    set_or_clear(&mut terms.calendar_id, &change.calendar_id);
    set(&mut terms.starts_on, &change.starts_on);
    set_or_clear(&mut terms.ends_on, &change.ends_on);
    set(&mut terms.notice, &change.notice);
    set(&mut terms.renewal, &change.renewal);
    set_or_clear(&mut terms.renewal_months, &change.renewal_months);
    set(&mut terms.customer_target, &change.customer_target);
    set_or_clear(&mut terms.cadence, &change.cadence);
    set(&mut terms.service_code, &change.service_code);
    terms
}

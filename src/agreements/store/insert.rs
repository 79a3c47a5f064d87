//! Making agreements: from nothing, from another one, or as the successor of one.

use super::super::entity::{self, Entity, version};
use super::super::expectations::copy_into;
use super::super::rules;
use super::super::templates::{AgreementTemplate, find, start_from};
use super::super::types::{AgreementStatus, NewAgreement, Renewal, Side, Terms, VersionStatus};
use super::{index, insert_reviewers, refuse_known_external_id, refuse_strangers, repeated, versions};
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AccountId, AgreementId};
use crate::suppliers::{ExternalId, Supplier, lock_for_change};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// What a new agreement has besides its terms.
#[derive(Default)]
pub struct Source {
    pub owner_id: Option<AccountId>,
    pub reviewer_ids: Vec<AccountId>,
    pub external_id: Option<ExternalId>,
    pub previous_id: Option<AgreementId>,
}

/// The supplier of a new agreement; one that the caller does not see answers as one that is not there.
pub async fn lock_supplier(txn: &Txn, by: &By, new: &NewAgreement) -> Result<Supplier> {
    let supplier = lock_for_change(txn, by, new.supplier_id).await.map_err(|error| match error.code {
        Code::NotFound => Error::rule(Code::InvalidReference, "/supplier_id", "There is no such supplier."),
        _ => error,
    })?;
    rules::may_begin(supplier.status)?;
    Ok(supplier)
}

/// Makes the draft that the caller asks for; returns its id.
pub async fn create_agreement(txn: &Txn, by: &By, new: &NewAgreement) -> Result<AgreementId> {
    let supplier = lock_supplier(txn, by, new).await?;
    if let Some(external_id) = &new.external_id {
        refuse_known_external_id(txn, external_id, None).await?;
    }
    refuse_strangers(txn, new.owner_id.as_ref(), &new.reviewer_ids).await?;
    let template = template(new)?;
    let copied = match new.copy_from {
        Some(id) => Some(version_to_copy(txn, by, id).await?),
        None => None,
    };
    let terms = terms(new, copied.as_ref().map(versions::terms_of), template);
    rules::check_terms(&terms)?;
    let source = Source {
        owner_id: new.owner_id,
        reviewer_ids: new.reviewer_ids.clone(),
        external_id: new.external_id.clone(),
        previous_id: None,
    };
    let id = insert_agreement(txn, by, &supplier, &terms, source).await?;
    if let Some(copied) = copied {
        copy_into(txn, &by.clock, (copied.agreement_id, copied.number), (id, 1)).await?;
    }
    if let Some(template) = template {
        start_from(txn, &by.clock, template, (id, 1)).await?;
    }
    Ok(id)
}

fn template(new: &NewAgreement) -> Result<Option<&'static AgreementTemplate>> {
    let wrong = |code, detail| Err(Error::rule(code, "/template", detail));
    match (&new.template, new.copy_from) {
        (Some(_), Some(_)) => wrong(Code::RuleViolated, "Start from a template or from another agreement, not both."),
        (Some(key), None) => match find(key) {
            None => wrong(Code::InvalidReference, "There is no such template."),
            found => Ok(found),
        },
        (None, _) => Ok(None),
    }
}

/// The version in force of the agreement to copy, or its first one as we read it.
async fn version_to_copy(txn: &Txn, by: &By, id: AgreementId) -> Result<version::Model> {
    let unknown = || Error::rule(Code::InvalidReference, "/copy_from", "There is no such agreement.");
    let row = Entity::visible(by).filter(entity::Column::Id.eq(id)).lock_exclusive().one(txn).await?;
    let row = row.ok_or_else(unknown)?;
    versions::get_seen_row(txn, by, id, row.shown_version).await
}

/// What is asked for, filled up from the copy or the template and with what is usual.
fn terms(new: &NewAgreement, copied: Option<Terms>, template: Option<&AgreementTemplate>) -> Terms {
    let usual = Terms {
        title: new.title.clone(),
        service_line: None,
        customer_segment: None,
        calendar_id: None,
        starts_on: new.starts_on,
        ends_on: None,
        notice: Duration::of_seconds(90 * 86_400),
        renewal: Renewal::None,
        renewal_months: None,
        customer_target: 0.8,
        cadence: template.map(|template| template.cadence.clone()),
        service_code: template.map(|template| template.service_code.clone()).unwrap_or_default(),
    };
    let rest = copied.unwrap_or(usual);
    let renewal = new.renewal.unwrap_or(rest.renewal);
    let renewal_months = new.renewal_months.or(rest.renewal_months.filter(|_| renewal == Renewal::Automatic));
    Terms {
        title: new.title.clone(),
        starts_on: new.starts_on,
        // The days of another agreement mean nothing for this one.
        ends_on: new.ends_on,
        service_line: new.service_line.clone().or(rest.service_line),
        customer_segment: new.customer_segment.clone().or(rest.customer_segment),
        calendar_id: new.calendar_id.or(rest.calendar_id),
        notice: new.notice.unwrap_or(rest.notice),
        renewal,
        renewal_months,
        customer_target: new.customer_target.unwrap_or(rest.customer_target),
        cadence: new.cadence.clone().or(rest.cadence),
        service_code: new.service_code.clone().unwrap_or(rest.service_code),
    }
}

/// Stores a draft with an open version 1.
pub async fn insert_agreement(
    txn: &Txn,
    by: &By,
    supplier: &Supplier,
    terms: &Terms,
    source: Source,
) -> Result<AgreementId> {
    let (id, now) = (AgreementId::new(&by.clock), by.clock.now());
    let row = entity::ActiveModel {
        id: Set(id),
        supplier_id: Set(supplier.id),
        external_id: Set(source.external_id),
        owner_id: Set(source.owner_id),
        status: Set(AgreementStatus::Draft),
        status_reason: Set(None),
        shown_version: Set(1),
        version_in_force: Set(None),
        open_version: Set(Some(1)),
        is_shared: Set(false),
        terminates_on: Set(None),
        previous_id: Set(source.previous_id),
        drafted_by: Set(None),
        supplier_revision: Set(1),
        supplier_updated_at: Set(now),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..repeated(terms)
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    insert_reviewers(txn, id, &source.reviewer_ids).await?;
    insert_version(txn, by, id, 1, Side::Us, terms).await?;
    index(txn, id, true).await?;
    Ok(id)
}

/// Stores an open version; `turn` is the side that writes it.
pub async fn insert_version(
    txn: &Txn,
    by: &By,
    agreement: AgreementId,
    number: i64,
    turn: Side,
    terms: &Terms,
) -> Result<()> {
    let now = by.clock.now();
    let row = version::ActiveModel {
        agreement_id: Set(agreement),
        number: Set(number),
        status: Set(VersionStatus::Open),
        turn: Set(turn),
        shared_at: Set(None),
        accepted_by_us_at: Set(None),
        accepted_by_supplier_at: Set(None),
        agreed_at: Set(None),
        is_agreed_on_paper: Set(false),
        content_hash: Set(None),
        effective_from: Set(None),
        note: Set(None),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..versions::columns(terms)
    };
    versions::known_calendar(version::Entity::insert(row).exec_without_returning(txn).await)?;
    Ok(())
}

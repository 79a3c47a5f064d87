//! Signing, putting in force, ending and continuing.

use super::super::entity::{self, Column, Entity, signature, version};
use super::super::expectations::{clauses_of, copy_into};
use super::super::rules::{self, Ready, Verb};
use super::super::types::{
    Activation, AgreementStatus, NewSignature, PaperSignature, Side, Signature, SignatureId, Successor, Termination,
    VersionStatus,
};
use super::{
    Locked, Source, get_agreement, insert_agreement, list_signatures, lock_agreement, repeated, save, save_version,
    side_of, terms_of, version_row, withdraw_version,
};
use crate::organization::time_zone;
use crate::shared::auth::{By, Scope};
use crate::shared::crypto;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::IfMatch;
use crate::shared::id::{AccountId, AgreementId};
use crate::shared::zone;
use chrono::{Days, NaiveDate};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Locks an agreement whose version was agreed on.
async fn lock_agreed(
    txn: &Txn,
    by: &By,
    id: AgreementId,
    if_match: &IfMatch,
    verb: Verb,
) -> Result<(Locked, version::Model)> {
    let agreement = lock_agreement(txn, by, id).await?;
    agreement.check(if_match, verb)?;
    let version = version_row(txn, id, agreement.seen.open_version.unwrap_or_default()).await?;
    match version.status {
        VersionStatus::Agreed => Ok((agreement, version)),
        _ => Err(rules::invalid_state("The next version is not agreed on yet.", agreement.seen.status)),
    }
}

/// Puts a signature under the agreed version, and returns it with the version's number.
pub async fn sign(
    txn: &Txn,
    by: &By,
    id: AgreementId,
    if_match: &IfMatch,
    new: &NewSignature,
    today: NaiveDate,
) -> Result<(Signature, i64)> {
    let (agreement, version) = lock_agreed(txn, by, id, if_match, Verb::Sign).await?;
    let signer = signer(by, new.title.as_deref(), new.on_paper.as_ref(), today)?;
    let known = list_signatures(txn, id, version.number).await?;
    if let Some(other) = known.iter().find(|other| other.side == signer.side) {
        let error = Error::new(Code::AlreadyExists, "This side has signed already.");
        return Err(error.with("existing_id", other.id.to_string()));
    }
    let hash = version.content_hash.clone().unwrap_or_default();
    if new.content_hash.as_ref().is_some_and(|read| *read != crypto::hex(&hash)) {
        let detail = format!("Version {} is agreed on, which says something else. Read it first.", version.number);
        return Err(Error::rule(Code::RuleViolated, "/content_hash", detail));
    }
    let row = signature::ActiveModel {
        id: Set(SignatureId::new(&by.clock)),
        agreement_id: Set(id),
        version: Set(version.number),
        side: Set(signer.side),
        name: Set(signer.name),
        title: Set(signer.title),
        account_id: Set(signer.account_id),
        is_on_paper: Set(new.on_paper.is_some()),
        signed_on: Set(signer.signed_on),
        recorded_by: Set(by.caller.id()),
        content_hash: Set(hash),
        created_at: Set(by.clock.now()),
    };
    signature::Entity::insert(row).exec_without_returning(txn).await?;
    save_version(txn, by, &version, Default::default()).await?;
    save(txn, by, &agreement.row, Default::default()).await?;
    let signed = list_signatures(txn, id, version.number).await?.into_iter();
    let signed = signed.into_iter().find(|signature| signature.side == signer.side).ok_or_else(Error::not_found)?;
    Ok((signed, version.number))
}

/// Who signs, for which side.
pub struct Signer {
    pub side: Side,
    pub name: String,
    pub title: Option<String>,
    pub account_id: Option<AccountId>,
    pub signed_on: NaiveDate,
}

/// A side cannot sign for the other one, but for staff that records a paper.
pub fn signer(by: &By, title: Option<&str>, paper: Option<&PaperSignature>, today: NaiveDate) -> Result<Signer> {
    let Some(paper) = paper else {
        let account_id = by.account();
        if account_id.is_none() {
            return Err(Error::new(Code::Forbidden, "People sign, not API keys."));
        }
        let (side, name, title) = (side_of(by), by.caller.name.clone(), title.map(str::to_owned));
        return Ok(Signer { side, name, title, account_id, signed_on: today });
    };
    if by.scope != Scope::Everything {
        return Err(Error::new(Code::Forbidden, "Only staff records signatures on paper."));
    }
    if title.is_some() {
        return Err(Error::rule(Code::RuleViolated, "/title", "Say it in `on_paper`."));
    }
    if paper.signed_on > today {
        return Err(Error::rule(Code::RuleViolated, "/on_paper/signed_on", "Nobody has signed in the future."));
    }
    let (side, name, title) = (paper.side, paper.name.clone(), paper.title.clone());
    Ok(Signer { side, name, title, account_id: None, signed_on: paper.signed_on })
}

/// Puts the agreed version in force, in place of the one before.
pub async fn activate(
    txn: &Txn,
    by: &By,
    id: AgreementId,
    if_match: &IfMatch,
    wanted: &Activation,
    today: NaiveDate,
) -> Result<()> {
    let (agreement, version) = lock_agreed(txn, by, id, if_match, Verb::Activate).await?;
    let (terms, clauses) = (terms_of(&version), clauses_of(txn, id, version.number).await?);
    let signatures = list_signatures(txn, id, version.number).await?;
    let directions: Vec<_> = clauses.iter().map(|clause| clause.direction).collect();
    let signed: Vec<_> = signatures.iter().map(|signature| signature.side).collect();
    let Locked { row: agreement, supplier, .. } = &agreement;
    rules::may_activate(&Ready {
        supplier: supplier.status,
        meets_customers: supplier.customer_facing,
        terms: &terms,
        directions: &directions,
        signed: &signed,
    })?;
    let is_first = agreement.version_in_force.is_none();
    let zone = time_zone(txn).await?;
    let agreed_on = version.agreed_at.map_or(today, |at| zone::day_of(&zone, at));
    let effective_from = rules::effective_from(wanted.effective_on, &terms, is_first, agreed_on, today)?;
    if let Some(number) = agreement.version_in_force {
        let before = version_row(txn, id, number).await?;
        let row = version::ActiveModel { status: Set(VersionStatus::Superseded), ..Default::default() };
        save_version(txn, by, &before, row).await?;
    }
    let row = version::ActiveModel {
        status: Set(VersionStatus::InForce),
        effective_from: Set(Some(effective_from)),
        ..Default::default()
    };
    save_version(txn, by, &version, row).await?;
    let change = entity::ActiveModel {
        status: Set(rules::standing(terms.ends_on, today)),
        shown_version: Set(version.number),
        version_in_force: Set(Some(version.number)),
        open_version: Set(None),
        ..repeated(&terms)
    };
    save(txn, by, agreement, change).await?;
    super::index(txn, id, false).await
}

/// Ends the agreement on a day; at once when that is today.
pub async fn terminate(
    txn: &Txn,
    by: &By,
    id: AgreementId,
    if_match: &IfMatch,
    wanted: &Termination,
    today: NaiveDate,
) -> Result<()> {
    let agreement = lock_agreement(txn, by, id).await?;
    agreement.check(if_match, Verb::Terminate)?;
    let row = &agreement.row;
    let version = version_row(txn, id, row.shown_version).await?;
    rules::may_terminate(wanted, version.notice_days, row.ends_on, today)?;
    let said = entity::ActiveModel {
        status_reason: Set(Some(wanted.reason.clone())),
        terminates_on: Set(Some(wanted.effective_on)),
        ..Default::default()
    };
    if wanted.effective_on > today {
        return save(txn, by, row, said).await;
    }
    // The supplier may be writing a next version that is not needed any more.
    withdraw_version(txn, &by.clock, row).await?;
    let change = entity::ActiveModel {
        status: Set(AgreementStatus::Terminated),
        open_version: Set(None),
        drafted_by: Set(None),
        ..said
    };
    save(txn, by, row, change).await
}

/// Makes the draft of the agreement that continues this one; returns its id.
pub async fn renew(txn: &Txn, by: &By, id: AgreementId, if_match: &IfMatch, wanted: &Successor) -> Result<AgreementId> {
    let agreement = lock_agreement(txn, by, id).await?;
    agreement.check(if_match, Verb::Renew)?;
    let Locked { row: agreement, supplier, .. } = &agreement;
    rules::may_begin(supplier.status)?;
    let others = Entity::find().filter(Column::PreviousId.eq(id)).filter(Column::Status.ne(AgreementStatus::Withdrawn));
    if let Some(other) = others.one(txn).await? {
        let error = Error::new(Code::AlreadyExists, "It is continued by another agreement already.");
        return Err(error.with("existing_id", other.id.to_string()));
    }
    let in_force = version_row(txn, id, agreement.shown_version).await?;
    let Some(starts_on) = agreement.ends_on.and_then(|end| end.checked_add_days(Days::new(1))) else {
        let detail = "It has no end: it goes on until it is terminated.";
        return Err(Error::rule(Code::RuleViolated, "/ends_on", detail));
    };
    let mut terms = terms_of(&in_force);
    (terms.starts_on, terms.ends_on) = (starts_on, Some(wanted.ends_on));
    rules::check_terms(&terms)?;
    let reviewer_ids = get_agreement(txn, by, id).await?.reviewer_ids;
    let source =
        Source { owner_id: agreement.owner_id, reviewer_ids, external_id: None, previous_id: Some(agreement.id) };
    let made = insert_agreement(txn, by, supplier, &terms, source).await?;
    copy_into(txn, &by.clock, (id, in_force.number), (made, 1)).await?;
    Ok(made)
}

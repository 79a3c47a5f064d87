//! The queries of agreements. Reads start from what the caller sees; writes take the transaction.

mod conclusion;
mod insert;
mod known;
mod list;
mod locked;
mod negotiation;
mod reviewed;
mod versions;

pub use conclusion::{Signer, activate, renew, sign, signer, terminate};
pub use insert::{Source, create_agreement, insert_agreement, insert_version};
pub use known::{KnownAgreement, find_agreements};
pub use list::{InForce, in_force, list_agreements, list_versions_of_all};
pub use locked::{Locked, lock_agreement, save, save_at, save_for};
pub use negotiation::{agree, amend, offer, save_version, withdraw, withdraw_version};
pub use reviewed::{Reviewed, people_of, reviewed, titles_of, to_review};
pub use versions::{
    calendar_in_force, get_version, hand_over, last_version, list_signatures, list_versions, seen_rows, summary,
    terms_of, update_terms, version_row,
};

use super::entity::{self, Column, Entity, reviewer, version};
use super::types::{Agreement, AgreementChange, AgreementStatus, Side, VersionStatus};
use crate::shared::auth::{By, Scope, account};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::id::{AccountId, AgreementId};
use crate::shared::{search, text};
use crate::suppliers::ExternalId;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;

/// Who owns some agreements; those that nobody owns are left out.
pub async fn owners_of(db: &impl ConnectionTrait, ids: Vec<AgreementId>) -> Result<HashMap<AgreementId, AccountId>> {
    let owned = Entity::find().filter(Column::Id.is_in(ids)).filter(Column::OwnerId.is_not_null());
    let select = owned.select_only().columns([Column::Id, Column::OwnerId]);
    Ok(select.into_tuple::<(AgreementId, AccountId)>().all(db).await?.into_iter().collect())
}

/// Where some agreements stand.
pub async fn statuses_of(
    db: &impl ConnectionTrait,
    ids: Vec<AgreementId>,
) -> Result<HashMap<AgreementId, AgreementStatus>> {
    let select = Entity::find().filter(Column::Id.is_in(ids)).select_only().columns([Column::Id, Column::Status]);
    let found = select.into_tuple::<(AgreementId, AgreementStatus)>().all(db).await?;
    Ok(found.into_iter().collect())
}

pub async fn get_agreement(db: &impl ConnectionTrait, by: &By, id: AgreementId) -> Result<Agreement> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)?;
    shown(db, by, vec![row]).await?.pop().ok_or_else(Error::not_found)
}

/// Agreements as they are read by a side: with the terms of the shown version, the turn, the reviewers.
pub async fn shown(db: &impl ConnectionTrait, by: &By, rows: Vec<entity::Model>) -> Result<Vec<Agreement>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let side = side_of(by);
    let rows: Vec<_> = rows.into_iter().map(|row| row.seen_from(side)).collect();
    let wanted = rows.iter().fold(Condition::any(), |any, row| {
        let numbers = row.open_version.into_iter().chain([row.shown_version]).flat_map(|number| [number, -number]);
        let of_row =
            Condition::all().add(version::Column::AgreementId.eq(row.id)).add(version::Column::Number.is_in(numbers));
        any.add(of_row)
    });
    let versions = version::Entity::find().filter(wanted).all(db).await?;
    let reviewers = reviewer::Entity::find()
        .filter(reviewer::Column::AgreementId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(reviewer::Column::AccountId)
        .all(db)
        .await?;
    let find = |id, number: Option<i64>| {
        let of_it = versions.iter().filter(|version| version.agreement_id == id);
        versions::seen_row(side, number?, of_it)
    };
    let each = rows.into_iter().map(|row| {
        // One that was deleted in the meantime is left out.
        let terms = find(row.id, Some(row.shown_version)).map(terms_of)?;
        let open = find(row.id, row.open_version);
        let ids = reviewers.iter().filter(|reviewer| reviewer.agreement_id == row.id);
        let ids = ids.map(|reviewer| reviewer.account_id).collect();
        Some(agreement(row, terms, open, ids))
    });
    Ok(each.flatten().collect())
}

fn agreement(
    row: entity::Model,
    mut terms: super::types::Terms,
    open: Option<&version::Model>,
    reviewer_ids: Vec<AccountId>,
) -> Agreement {
    if row.version_in_force.is_some() {
        // Automatic renewal moves the end beyond what was signed.
        terms.ends_on = row.ends_on;
    }
    Agreement {
        id: row.id,
        supplier_id: row.supplier_id,
        external_id: row.external_id,
        status: row.status,
        status_reason: row.status_reason,
        owner_id: row.owner_id,
        reviewer_ids,
        version: row.shown_version,
        version_in_force: row.version_in_force,
        open_version: row.open_version,
        turn: open.filter(|open| open.status == VersionStatus::Open).map(|open| open.turn),
        terms,
        terminates_on: row.terminates_on,
        previous_id: row.previous_id,
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The caller's side of an agreement.
pub fn side_of(by: &By) -> Side {
    match by.scope {
        Scope::Everything => Side::Us,
        Scope::Supplier(_) => Side::Supplier,
    }
}

/// Repeats the terms of the shown version where lists and deadlines look for them.
pub fn repeated(terms: &super::types::Terms) -> entity::ActiveModel {
    entity::ActiveModel {
        title: Set(terms.title.clone()),
        title_key: Set(Some(text::sort_key(&terms.title).into_bytes())),
        service_line: Set(terms.service_line.clone()),
        customer_segment: Set(terms.customer_segment.clone()),
        ends_on: Set(terms.ends_on),
        ..Default::default()
    }
}

/// Writes what an agreement is found by.
pub async fn index(txn: &Txn, id: AgreementId, is_new: bool) -> Result<()> {
    let row = Entity::find_by_id(id).one(txn).await?.ok_or_else(Error::not_found)?;
    let texts = [Some(row.title), row.service_line, row.external_id.map(|key| key.to_string())];
    search::index(txn, "agreement", id.0, &texts.into_iter().flatten().collect::<Vec<_>>().join(" "), is_new).await
}

/// Applies a patch to the agreement as it was read under lock; whether anything changed.
pub async fn update_agreement(txn: &Txn, by: &By, row: &entity::Model, change: &AgreementChange) -> Result<bool> {
    use sea_orm::IntoActiveValue;
    if let Some(external_id) = change.external_id.wanted() {
        refuse_known_external_id(txn, external_id, Some(row.id)).await?;
    }
    let reviewers = change.reviewer_ids.wanted();
    refuse_strangers(txn, change.owner_id.wanted(), reviewers.map_or(&[], |ids| ids)).await?;
    let patch = entity::ActiveModel {
        external_id: change.external_id.clone().into_active_value(),
        owner_id: change.owner_id.clone().into_active_value(),
        ..Default::default()
    };
    let merged = crate::shared::db::merge(row.clone(), patch);
    let before = get_agreement(txn, by, row.id).await?.reviewer_ids;
    let replaced = reviewers.filter(|ids| ids.len() != before.len() || ids.iter().any(|id| !before.contains(id)));
    if let Some(ids) = replaced {
        reviewer::Entity::delete_many().filter(reviewer::Column::AgreementId.eq(row.id)).exec(txn).await?;
        insert_reviewers(txn, row.id, ids).await?;
    }
    let is_changed = merged.is_some() || replaced.is_some();
    if is_changed {
        save(txn, by, row, merged.unwrap_or_else(|| row.clone().into_active_model())).await?;
        index(txn, row.id, false).await?;
    }
    Ok(is_changed)
}

async fn insert_reviewers(txn: &Txn, id: AgreementId, reviewers: &[AccountId]) -> Result<()> {
    let rows =
        reviewers.iter().map(|account| reviewer::ActiveModel { agreement_id: Set(id), account_id: Set(*account) });
    reviewer::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

async fn refuse_known_external_id(txn: &Txn, external_id: &ExternalId, own: Option<AgreementId>) -> Result<()> {
    let other = Entity::find().filter(Column::ExternalId.eq(external_id.clone())).one(txn).await?;
    match other.filter(|other| Some(other.id) != own) {
        Some(other) => {
            let detail = format!("The external id {} belongs to another agreement already.", &**external_id);
            Err(Error::new(Code::AlreadyExists, detail).with("existing_id", other.id.to_string()))
        }
        None => Ok(()),
    }
}

/// Owners and reviewers are people of the staff who can sign in.
async fn refuse_strangers(txn: &Txn, owner: Option<&AccountId>, reviewers: &[AccountId]) -> Result<()> {
    let named = owner.map(|id| ("/owner_id".to_owned(), *id)).into_iter();
    let named = named.chain(reviewers.iter().enumerate().map(|(place, id)| (format!("/reviewer_ids/{place}"), *id)));
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    let staff = account::Entity::find()
        .filter(account::Column::Id.is_in(named.iter().map(|(_, id)| *id)))
        .filter(account::Column::SupplierId.is_null())
        .filter(account::Column::DisabledAt.is_null())
        .all(txn)
        .await?;
    let unknown = named.into_iter().filter(|(_, id)| !staff.iter().any(|account| account.id == *id));
    let detail = "Nobody of the staff has this account.";
    let errors: Vec<_> = unknown
        .map(|(pointer, _)| FieldError {
            pointer: Some(format!("#{pointer}")),
            code: Code::InvalidReference.name().to_owned(),
            detail: detail.to_owned(),
            ..FieldError::default()
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Code::InvalidReference, detail).fields(errors)),
    }
}

/// Removes a draft that nobody but us has seen.
pub async fn delete_agreement(txn: &Txn, id: AgreementId) -> Result<()> {
    super::expectations::delete_all(txn, id, 1).await?;
    version::Entity::delete_many().filter(version::Column::AgreementId.eq(id)).exec(txn).await?;
    reviewer::Entity::delete_many().filter(reviewer::Column::AgreementId.eq(id)).exec(txn).await?;
    search::forget(txn, id.0).await?;
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

//! The queries of credentials.

use super::entity::{self, Column, Entity};
use super::rules;
use super::types::{Credential, CredentialChange, CredentialId, CredentialQuery, CredentialStatus, NewCredential};
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Txn, merge};
use crate::shared::error::{Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select};

pub async fn list_credentials(
    db: &impl ConnectionTrait,
    by: &By,
    supplier: SupplierId,
    query: &Params<CredentialQuery>,
) -> Result<Page<Credential>> {
    list(db, by, Entity::visible(by.scope, supplier), query).await
}

/// Those of all suppliers that the caller sees.
pub async fn list_credentials_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<CredentialQuery>,
) -> Result<Page<Credential>> {
    list(db, by, Entity::find().filter(by.scope.on(Column::SupplierId)), query).await
}

async fn list(
    db: &impl ConnectionTrait,
    by: &By,
    select: Select<Entity>,
    query: &Params<CredentialQuery>,
) -> Result<Page<Credential>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |credential: &Credential| (Key::Id(credential.id.0), credential.id.0),
    };
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |credential| today(by, credential)))
}

pub async fn get_credential(
    db: &impl ConnectionTrait,
    by: &By,
    supplier: SupplierId,
    id: CredentialId,
) -> Result<Credential> {
    let row = Entity::visible(by.scope, supplier).filter(Column::Id.eq(id));
    let found = row.into_partial_model::<Credential>().one(db).await?.ok_or_else(Error::not_found)?;
    Ok(today(by, found))
}

/// Says what the dates mean today. Who of the staff decided is staff's own matter.
fn today(by: &By, credential: Credential) -> Credential {
    let validity = rules::validity(credential.valid_from, credential.valid_to, by.clock.today());
    let decided_by = credential.decided_by.filter(|_| by.scope == Scope::Everything);
    Credential { validity, decided_by, ..credential }
}

/// Reads a credential to change it: nobody else can until the transaction ends.
pub async fn lock_credential(txn: &Txn, by: &By, supplier: SupplierId, id: CredentialId) -> Result<Credential> {
    let row = Entity::visible(by.scope, supplier).filter(Column::Id.eq(id)).lock_exclusive();
    let found = row.into_partial_model::<Credential>().one(txn).await?.ok_or_else(Error::not_found)?;
    Ok(today(by, found))
}

pub async fn insert_credential(txn: &Txn, by: &By, supplier: SupplierId, new: &NewCredential) -> Result<CredentialId> {
    let (id, now) = (CredentialId::new(&by.clock), by.clock.now());
    let row = entity::ActiveModel {
        id: Set(id),
        supplier_id: Set(supplier),
        status: Set(CredentialStatus::Submitted),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..new.clone().into_active_model()
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

/// Applies a patch to the credential as it was read under lock, and returns it as it is then.
pub async fn update_credential(
    txn: &Txn,
    by: &By,
    before: &Credential,
    change: &CredentialChange,
) -> Result<Credential> {
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(mut row) = merge(row, change.clone().into_active_model()) else {
        return Ok(before.clone());
    };
    rules::check_dates(row.valid_from.clone().unwrap(), row.valid_to.clone().unwrap())?;
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    get_credential(txn, by, before.supplier_id, before.id).await
}

pub async fn update_status(
    txn: &Txn,
    by: &By,
    before: &Credential,
    status: CredentialStatus,
    reason: Option<String>,
) -> Result<Credential> {
    let now = by.clock.now();
    let row = entity::ActiveModel {
        id: Set(before.id),
        status: Set(status),
        status_reason: Set(reason),
        decided_by: Set(by.account()),
        decided_at: Set(Some(now)),
        revision: Set(before.revision + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(txn).await?;
    get_credential(txn, by, before.supplier_id, before.id).await
}

pub async fn delete_credential(txn: &Txn, id: CredentialId) -> Result<()> {
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

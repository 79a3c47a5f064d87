//! The queries of people.

use super::entity::{self, Column, Entity};
use super::types::{NewPerson, Person, PersonChange, PersonId, PersonQuery};
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Txn, insert_all, merge};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{ImportId, SupplierId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::suppliers::ExternalId;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select};
use std::collections::HashMap;

pub async fn list_people(
    db: &impl ConnectionTrait,
    by: &By,
    supplier: SupplierId,
    query: &Params<PersonQuery>,
) -> Result<Page<Person>> {
    list(db, by, Entity::visible(by.scope, supplier), query).await
}

/// Those of all suppliers that the caller sees.
pub async fn list_people_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<PersonQuery>,
) -> Result<Page<Person>> {
    list(db, by, Entity::find().filter(by.scope.on(Column::SupplierId)), query).await
}

async fn list(
    db: &impl ConnectionTrait,
    by: &By,
    select: Select<Entity>,
    query: &Params<PersonQuery>,
) -> Result<Page<Person>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |person: &Person| (Key::Id(person.id.0), person.id.0),
    };
    Ok(Page::of(rows(db, by, select, order, &query.paging, &query.filter).await?, |item| item))
}

pub async fn get_person(db: &impl ConnectionTrait, scope: Scope, supplier: SupplierId, id: PersonId) -> Result<Person> {
    let row = Entity::visible(scope, supplier).filter(Column::Id.eq(id));
    row.into_partial_model::<Person>().one(db).await?.ok_or_else(Error::not_found)
}

/// Reads a person to change it: nobody else can until the transaction ends.
pub async fn lock_person(txn: &Txn, scope: Scope, supplier: SupplierId, id: PersonId) -> Result<Person> {
    let row = Entity::visible(scope, supplier).filter(Column::Id.eq(id)).lock_exclusive();
    row.into_partial_model::<Person>().one(txn).await?.ok_or_else(Error::not_found)
}

pub async fn insert_person(txn: &Txn, by: &By, supplier: SupplierId, new: &NewPerson) -> Result<PersonId> {
    if let Some(external_id) = &new.external_id {
        refuse_known(txn, supplier, external_id, None).await?;
    }
    let id = PersonId::new(&by.clock);
    insert_people(txn, by, None, vec![(id, supplier, new.clone())]).await?;
    Ok(id)
}

/// Writes new people. Whether they may be made is checked before.
pub async fn insert_people(
    txn: &Txn,
    by: &By,
    import_id: Option<ImportId>,
    new: Vec<(PersonId, SupplierId, NewPerson)>,
) -> Result<()> {
    let now = by.clock.now();
    let rows = new.into_iter().map(|(id, supplier, new)| entity::ActiveModel {
        id: Set(id),
        supplier_id: Set(supplier),
        import_id: Set(import_id),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..new.into_active_model()
    });
    insert_all(txn, rows.collect()).await
}

/// The people of some suppliers by their external ids.
pub async fn people_by_external_id(
    db: &impl ConnectionTrait,
    suppliers: Vec<SupplierId>,
    external_ids: Vec<ExternalId>,
) -> Result<HashMap<(SupplierId, String), PersonId>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::SupplierId, Column::ExternalId, Column::Id])
        .filter(Column::SupplierId.is_in(suppliers))
        .filter(Column::ExternalId.is_in(external_ids));
    let found = found.into_tuple::<(SupplierId, String, PersonId)>().all(db).await?;
    Ok(found.into_iter().map(|(supplier, name, id)| ((supplier, name), id)).collect())
}

/// 409 when another person of the supplier has it.
async fn refuse_known(txn: &Txn, supplier: SupplierId, external_id: &ExternalId, own: Option<PersonId>) -> Result<()> {
    let known = people_by_external_id(txn, vec![supplier], vec![external_id.clone()]).await?;
    match known.into_values().find(|id| Some(*id) != own) {
        Some(id) => Err(taken(id)),
        None => Ok(()),
    }
}

pub fn taken(by: PersonId) -> Error {
    let error = Error::new(Code::AlreadyExists, "The external id belongs to another person of the supplier already.");
    error.with("existing_id", by.to_string())
}

/// Applies a patch to the person as it was read under lock, and returns it as it is then.
pub async fn update_person(txn: &Txn, by: &By, before: &Person, change: &PersonChange) -> Result<Person> {
    if let Some(external_id) = change.external_id.wanted() {
        refuse_known(txn, before.supplier_id, external_id, Some(before.id)).await?;
    }
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(mut row) = merge(row, change.clone().into_active_model()) else {
        return Ok(before.clone());
    };
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    get_person(txn, by.scope, before.supplier_id, before.id).await
}

pub async fn delete_person(txn: &Txn, id: PersonId) -> Result<()> {
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

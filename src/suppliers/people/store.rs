//! The queries of people.

use super::entity::{self, Column, Entity};
use super::types::{NewPerson, Person, PersonChange, PersonId, PersonQuery};
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Txn, merge};
use crate::shared::error::{Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

pub async fn list_people(
    db: &impl ConnectionTrait,
    by: &By,
    supplier: SupplierId,
    query: &Params<PersonQuery>,
) -> Result<Page<Person>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |person: &Person| (Key::Id(person.id.0), person.id.0),
    };
    let rows = rows(db, by, Entity::visible(by.scope, supplier), order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |item| item))
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
    let (id, now) = (PersonId::new(&by.clock), by.clock.now());
    let row = entity::ActiveModel {
        id: Set(id),
        supplier_id: Set(supplier),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..new.clone().into_active_model()
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

/// Applies a patch to the person as it was read under lock, and returns it as it is then.
pub async fn update_person(txn: &Txn, by: &By, before: &Person, change: &PersonChange) -> Result<Person> {
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

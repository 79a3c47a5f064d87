//! The queries of notes.

use super::entity::{self, Column, Entity};
use super::types::{NewNote, Note, NoteChange, NoteId, NoteQuery};
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Txn, merge};
use crate::shared::error::{Error, Result};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select};

pub async fn list_notes(
    db: &impl ConnectionTrait,
    by: &By,
    supplier: SupplierId,
    query: &Params<NoteQuery>,
) -> Result<Page<Note>> {
    list(db, by, Entity::visible(by.scope, supplier), query).await
}

/// The notes about all suppliers, for an export.
pub async fn list_notes_of_all(db: &impl ConnectionTrait, by: &By, query: &Params<NoteQuery>) -> Result<Page<Note>> {
    list(db, by, Entity::find().filter(by.scope.on(Column::SupplierId)), query).await
}

async fn list(
    db: &impl ConnectionTrait,
    by: &By,
    select: Select<Entity>,
    query: &Params<NoteQuery>,
) -> Result<Page<Note>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |note: &Note| (Key::Id(note.id.0), note.id.0),
    };
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |item| item))
}

pub async fn get_note(db: &impl ConnectionTrait, scope: Scope, supplier: SupplierId, id: NoteId) -> Result<Note> {
    let row = Entity::visible(scope, supplier).filter(Column::Id.eq(id));
    row.into_partial_model::<Note>().one(db).await?.ok_or_else(Error::not_found)
}

/// Reads a note to change it: nobody else can until the transaction ends.
pub async fn lock_note(txn: &Txn, scope: Scope, supplier: SupplierId, id: NoteId) -> Result<Note> {
    let row = Entity::visible(scope, supplier).filter(Column::Id.eq(id)).lock_exclusive();
    row.into_partial_model::<Note>().one(txn).await?.ok_or_else(Error::not_found)
}

pub async fn insert_note(txn: &Txn, by: &By, supplier: SupplierId, new: &NewNote) -> Result<NoteId> {
    let (id, now) = (NoteId::new(&by.clock), by.clock.now());
    let row = entity::ActiveModel {
        id: Set(id),
        supplier_id: Set(supplier),
        author_id: Set(AccountId(by.caller.id())),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..new.clone().into_active_model()
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

/// Applies a patch to the note as it was read under lock, and returns it as it is then.
pub async fn update_note(txn: &Txn, by: &By, before: &Note, change: &NoteChange) -> Result<Note> {
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(mut row) = merge(row, change.clone().into_active_model()) else {
        return Ok(before.clone());
    };
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    get_note(txn, by.scope, before.supplier_id, before.id).await
}

pub async fn delete_note(txn: &Txn, id: NoteId) -> Result<()> {
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

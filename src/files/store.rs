//! The queries of files.

use super::entity::{self, Column, Entity, Model};
use super::rules;
use super::scanner::SCANNING;
use super::types::{FileChange, FileQuery, FileStatus, NewFile, StoredFile};
use crate::organization::lock_organization;
use crate::shared::auth::{By, Scope};
use crate::shared::clock::Clock;
use crate::shared::db::{Txn, merge, sum};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{FileId, SupplierId};
use crate::shared::jobs::{self, ATTEMPTS, NewJob};
use crate::shared::objects::Quotas;
use crate::shared::owner::Owner;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::suppliers::{lock_for_change, refuse_unknown};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::json;

/// A scanner that does not answer is asked again for three and a half hours.
const SCAN_ATTEMPTS: i64 = 4 * ATTEMPTS;

/// A file whose bytes are in the store.
#[derive(Clone)]
pub struct Received {
    pub id: FileId,
    pub said: NewFile,
    pub supplier_id: Option<SupplierId>,
    pub object_key: String,
    pub media_type: &'static str,
    pub size: i64,
    pub sha256: String,
    pub quotas: Quotas,
    pub is_scanned: bool,
}

pub async fn list_files(db: &impl ConnectionTrait, by: &By, query: &Params<FileQuery>) -> Result<Page<StoredFile>> {
    let wanted = Condition::all()
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.parent_kind.clone().map(|kind| Column::ParentKind.eq(kind)))
        .add_option(query.parent_id.map(|id| Column::ParentId.eq(id)));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Model| (Key::Id(row.id.0), row.id.0),
    };
    let found = rows(db, by, Entity::visible(by).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| row.shown(by.scope)))
}

pub async fn find_file(db: &impl ConnectionTrait, by: &By, id: FileId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)
}

/// Whose the file will be: suppliers upload for themselves only.
pub fn owner_of(by: &By, wanted: Option<SupplierId>) -> Result<Option<SupplierId>> {
    match (by.scope, wanted) {
        (Scope::Everything, wanted) => Ok(wanted),
        (Scope::Supplier(own), wanted) if wanted.is_none_or(|wanted| wanted == own) => Ok(Some(own)),
        _ => Err(unknown_supplier()),
    }
}

fn unknown_supplier() -> Error {
    Error::query(Code::InvalidReference, "supplier_id", "There is no such supplier.")
}

/// Locks whose file it is: what they keep together is counted by one at a time.
async fn lock_owner(txn: &Txn, by: &By, supplier: Option<SupplierId>) -> Result<()> {
    match supplier {
        Some(supplier) => {
            let is_there = refuse_unknown(txn, by.scope, supplier, "/supplier_id").await;
            is_there.map_err(|error| if error.code == Code::InvalidReference { unknown_supplier() } else { error })?;
            lock_for_change(txn, by, supplier).await.map(drop)
        }
        None => lock_organization(txn, by).await.map(drop),
    }
}

/// Enters a file whose bytes are there, if there is room for it.
pub async fn insert_file(txn: &Txn, by: &By, new: &Received) -> Result<Model> {
    lock_owner(txn, by, new.supplier_id).await?;
    let of_owner = match new.supplier_id {
        Some(supplier) => Column::SupplierId.eq(supplier),
        None => Column::SupplierId.is_null(),
    };
    let kept = Entity::find().filter(of_owner).filter(Column::Status.ne(FileStatus::Rejected)).select_only();
    let kept = kept.expr(sum(Column::Size)).into_tuple::<Option<i64>>().one(txn).await?.flatten().unwrap_or_default();
    let quota = if new.supplier_id.is_some() { new.quotas.supplier } else { new.quotas.organization };
    if kept + new.size > quota {
        let detail = format!("{kept} of {quota} bytes are kept already. Delete what is not needed any more.");
        return Err(Error::new(Code::QuotaExceeded, detail).with("max_bytes", quota));
    }
    let now = by.clock.now();
    let row = Model {
        id: new.id,
        supplier_id: new.supplier_id,
        object_key: new.object_key.clone(),
        filename: new.said.filename.clone(),
        media_type: new.media_type.to_owned(),
        size: new.size,
        sha256: new.sha256.clone(),
        status: if new.is_scanned { FileStatus::PendingScan } else { FileStatus::Available },
        effective_from: new.said.effective_from,
        effective_to: new.said.effective_to,
        parent_kind: None,
        parent_id: None,
        uploaded_by: by.caller.id(),
        uploader_supplier_id: by.caller.supplier_id,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    if new.is_scanned {
        jobs::enqueue(txn, &by.clock, scan_of(row.id)).await?;
    }
    Ok(row)
}

/// The job that has a file looked at.
pub fn scan_of(id: FileId) -> NewJob {
    let payload = json!({"file_id": id.to_string()});
    NewJob { kind: SCANNING, payload, dedupe_key: None, max_attempts: SCAN_ATTEMPTS }
}

/// Reads a file to change it, with its supplier: nobody else can until the transaction ends.
pub async fn lock_file(txn: &Txn, by: &By, id: FileId) -> Result<Model> {
    let seen = find_file(txn, by, id).await?;
    if let Some(supplier) = seen.supplier_id {
        lock_for_change(txn, by, supplier).await?;
    }
    let row = Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive();
    row.one(txn).await?.ok_or_else(Error::not_found)
}

/// What it is attached to, if that was not handed in: then the file stays as it is.
pub async fn open_parent(txn: &Txn, by: &By, file: &Model) -> Result<Option<(&'static Owner, uuid::Uuid)>> {
    let Some(parent) = file.parent() else {
        return Ok(None);
    };
    let owner = by.gate.owners().iter().find(|owner| owner.kind == &*parent.kind);
    match owner {
        Some(owner) if !(owner.is_frozen)(txn, parent.id).await? => Ok(Some((owner, parent.id))),
        _ => Err(Error::new(Code::InUse, "What it is attached to was handed in: it stays as it is.")),
    }
}

/// Applies a patch to the file as it was read under lock, and returns it as it is then.
pub async fn update_file(txn: &Txn, by: &By, before: &Model, change: &FileChange) -> Result<Model> {
    let Some(mut row) = merge(before.clone(), change.clone().into_active_model()) else {
        return Ok(before.clone());
    };
    let (from, to) = (row.effective_from.clone().unwrap(), row.effective_to.clone().unwrap());
    if !rules::are_in_order(from, to) {
        return Err(Error::rule(Code::DateOrder, "/effective_to", rules::DATES));
    }
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    find_file(txn, by, before.id).await
}

pub async fn delete_file(txn: &Txn, id: FileId) -> Result<()> {
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

/// What the scanner said. False when the file is gone, or was looked at already.
pub async fn note_scan(txn: &Txn, clock: &Clock, id: FileId, status: FileStatus) -> Result<Option<Model>> {
    let pending = Entity::find_by_id(id).filter(Column::Status.eq(FileStatus::PendingScan)).lock_exclusive();
    let Some(before) = pending.one(txn).await? else {
        return Ok(None);
    };
    let row = entity::ActiveModel {
        id: Set(id),
        status: Set(status),
        revision: Set(before.revision + 1),
        updated_at: Set(clock.now()),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(txn).await?;
    Ok(Some(before))
}

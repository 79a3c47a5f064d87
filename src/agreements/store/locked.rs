//! Agreements that are being changed: who sees the change, and as which revision.

use super::super::entity::{self, Column, Entity};
use super::super::rules::Verb;
use super::super::types::Side;
use super::side_of;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::etag::IfMatch;
use crate::shared::id::AgreementId;
use crate::shared::time::Timestamp;
use crate::suppliers::{Supplier, lock_for_change};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// An agreement that nobody else changes, nor its supplier, until the transaction ends.
pub struct Locked {
    pub row: entity::Model,
    /// The row as the caller's side sees it: that decides what it may do, and what it is told.
    pub seen: entity::Model,
    pub supplier: Supplier,
}

/// Reads an agreement to change it. Users of a suspended supplier may only read.
pub async fn lock_agreement(txn: &Txn, by: &By, id: AgreementId) -> Result<Locked> {
    let there = Entity::visible(by).filter(Column::Id.eq(id)).one(txn).await?.ok_or_else(Error::not_found)?;
    let supplier = lock_for_change(txn, by, there.supplier_id).await?;
    let row = Entity::find_by_id(id).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)?;
    Ok(Locked { seen: row.seen_from(side_of(by)), row, supplier })
}

impl Locked {
    /// Refuses what the caller has not read, and what is not possible as it stands.
    pub fn check(&self, if_match: &IfMatch, verb: Verb) -> Result<()> {
        if_match.check(self.seen.revision)?;
        verb.check(self.seen.status)
    }
}

/// Writes a change of an agreement that is locked, as its next revision.
pub async fn save(txn: &Txn, by: &By, before: &entity::Model, change: entity::ActiveModel) -> Result<()> {
    save_at(txn, by.clock.now(), before, change).await
}

pub async fn save_at(txn: &Txn, now: Timestamp, before: &entity::Model, change: entity::ActiveModel) -> Result<()> {
    write(txn, now, before, change, &[Side::Us, Side::Supplier]).await
}

/// The same for what only one side notices.
pub async fn save_for(
    txn: &Txn,
    by: &By,
    side: Side,
    before: &entity::Model,
    change: entity::ActiveModel,
) -> Result<()> {
    write(txn, by.clock.now(), before, change, &[side]).await
}

async fn write(
    txn: &Txn,
    now: Timestamp,
    before: &entity::Model,
    change: entity::ActiveModel,
    noticed_by: &[Side],
) -> Result<()> {
    let mut row = entity::ActiveModel { id: Set(before.id), ..change };
    if noticed_by.contains(&Side::Us) {
        (row.revision, row.updated_at) = (Set(before.revision + 1), Set(now));
    }
    if noticed_by.contains(&Side::Supplier) {
        (row.supplier_revision, row.supplier_updated_at) = (Set(before.supplier_revision + 1), Set(now));
    }
    Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}

//! Files on their way in or out, kept in the database in parts: whichever instance does the job finds
//! them, and no more than a few parts are in memory.

use crate::shared::clock::Clock;
use crate::shared::db::{Db, Txn};
use crate::shared::error::{Error, Result};
use crate::shared::time::Timestamp;
use bytes::Bytes;
use futures_util::Stream;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SelectStatement;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spool")]
pub struct Model {
    /// The import or the export.
    #[sea_orm(primary_key, auto_increment = false)]
    pub owner_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub content: Vec<u8>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How large a part is; the last one is smaller.
pub const PART: usize = 1024 * 1024;

pub async fn put(txn: &Txn, clock: &Clock, owner: Uuid, position: i64, content: Vec<u8>) -> Result<()> {
    let row = ActiveModel {
        owner_id: Set(owner),
        position: Set(position),
        content: Set(content),
        created_at: Set(clock.now()),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// `put` in a transaction of its own.
pub async fn store(db: &Db, clock: &Clock, owner: Uuid, position: i64, content: Vec<u8>) -> Result<()> {
    let part = (clock.clone(), content);
    db.write(part, move |txn, (clock, content)| Box::pin(put(txn, clock, owner, position, content.clone()))).await
}

pub async fn part(db: &Db, owner: Uuid, position: i64) -> Result<Option<Vec<u8>>> {
    let row = Entity::find_by_id((owner, position)).one(db.fresh()).await.map_err(Error::from)?;
    Ok(row.map(|row| row.content))
}

pub async fn erase(txn: &Txn, owner: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::OwnerId.eq(owner)).exec(txn).await?;
    Ok(())
}

pub async fn erase_all(txn: &Txn, owners: Vec<Uuid>) -> Result<()> {
    Entity::delete_many().filter(Column::OwnerId.is_in(owners)).exec(txn).await?;
    Ok(())
}

/// Removes what was stored before `before` for owners that none of the queries names.
pub async fn erase_orphans(txn: &Txn, before: Timestamp, owners: Vec<SelectStatement>) -> Result<u64> {
    let old = Entity::delete_many().filter(Column::CreatedAt.lt(before));
    let orphans = owners.into_iter().fold(old, |all, owners| all.filter(Column::OwnerId.not_in_subquery(owners)));
    Ok(orphans.exec(txn).await?.rows_affected)
}

/// The whole file, part by part.
pub fn stream(db: Db, owner: Uuid) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    futures_util::stream::try_unfold((db, 0), move |(db, position)| async move {
        let found = part(&db, owner, position).await.map_err(std::io::Error::other)?;
        Ok(found.map(|content| (content.into(), (db, position + 1))))
    })
}

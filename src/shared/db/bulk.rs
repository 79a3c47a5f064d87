//! Many rows in few statements.

use super::Txn;
use crate::shared::error::Result;
use sea_orm::{ActiveModelTrait, EntityTrait, Iterable};

/// SQLite takes 32,766 values in a statement and PostgreSQL 65,535. A quarter of that is as quick, holds less in
/// memory, and PostgreSQL plans a statement only once that it sees often.
const VALUES: usize = 8_000;

/// Inserts all rows, as many as fit at a time. (A list: an iterator could not be held while waiting.)
pub async fn insert_all<A: ActiveModelTrait>(txn: &Txn, mut rows: Vec<A>) -> Result<()> {
    let at_once = VALUES / <A::Entity as EntityTrait>::Column::iter().count().max(1);
    while !rows.is_empty() {
        let rest = rows.split_off(at_once.min(rows.len()));
        A::Entity::insert_many(rows).exec_without_returning(txn).await?;
        rows = rest;
    }
    Ok(())
}

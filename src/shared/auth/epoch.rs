//! How instances notice that somebody's rights have changed. Whatever ends a session, disables an
//! account, changes a role or a key adds one to a counter in the same transaction; every instance
//! reads the counter twice a second and forgets what it remembered when it has moved.

use super::Gate;
use crate::shared::db::{Db, Txn};
use crate::shared::error::{Error, Result};
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_epoch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub value: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const NAME: &str = "access";
const EVERY: Duration = Duration::from_millis(500);

/// Tells all instances. Call it last in the transaction: the row is locked until it ends. The
/// instance itself forgets at once, after the commit (`Gate::forget`).
pub async fn moved(txn: &Txn) -> Result<()> {
    let next = Expr::col(Column::Value).add(1);
    Entity::update_many().col_expr(Column::Value, next).filter(Column::Name.eq(NAME)).exec(txn).await?;
    Ok(())
}

pub async fn read(db: &Db) -> Result<i64> {
    let row = Entity::find_by_id(NAME).one(db.fresh()).await?;
    row.map(|row| row.value).ok_or_else(|| Error::internal(std::io::Error::other("the epoch's row is not there")))
}

/// Watches the counter for as long as the process lives.
pub async fn watch(gate: Arc<Gate>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = gate.catch_up().await {
            tracing::warn!(%error, cause = ?error.cause, "whether rights have changed is not known; trying again");
        }
    }
}

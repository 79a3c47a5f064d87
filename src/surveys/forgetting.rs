//! Forgetting a customer.

use super::entity::link;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Links do not name the customer any more; how many there were.
pub async fn forget_customer(txn: &Txn, by: &By, customer_ref: &str) -> Result<i64> {
    use link::Column;
    let done = link::Entity::update_many()
        .col_expr(Column::CustomerRef, Expr::value(None::<String>))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(by.clock.now()))
        .filter(Column::CustomerRef.eq(customer_ref))
        .exec(txn)
        .await?;
    Ok(i64::try_from(done.rows_affected).unwrap_or(i64::MAX))
}

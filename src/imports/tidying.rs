//! Ends imports whose job was cancelled or given up.

use super::entity::{Column, Entity, Model};
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::Result;
use crate::shared::jobs::{self, JobStatus};
use crate::shared::spool;
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use serde_json::json;

const AT_ONCE: u64 = 200;

/// Whose files are to be kept.
pub fn owners() -> SelectStatement {
    Query::select().column(Column::Id).from(Entity).to_owned()
}

/// Notes how imports ended that did not come to their end themselves, and removes their files.
pub async fn end_lost(txn: &Txn, clock: &Clock) -> Result<u64> {
    let mut open = Entity::find().filter(Column::Status.eq(JobStatus::Queued)).limit(AT_ONCE).all(txn).await?;
    jobs::settle(txn, &mut open, |import: &mut Model| (import.job_id, &mut import.status)).await?;
    let mut ended = 0;
    for status in [JobStatus::Cancelled, JobStatus::Failed] {
        let ids: Vec<_> = open.iter().filter(|import| import.status == status).map(|import| import.id).collect();
        let error = Stored(json!({"code": "conflict", "detail": "The job was cancelled or given up."}));
        let update = Entity::update_many()
            .col_expr(Column::Status, Expr::value(status))
            .col_expr(Column::Error, Expr::value(Some(error)))
            .col_expr(Column::FinishedAt, Expr::value(clock.now()))
            .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
            .filter(Column::Id.is_in(ids.clone()));
        ended += update.exec(txn).await?.rows_affected;
        spool::erase_all(txn, ids.into_iter().map(|id| id.0).collect()).await?;
    }
    Ok(ended)
}

//! Open commitments break by themselves when their time is over. Rows are locked and passed over when
//! somebody else has them, so that each breaks once, however many instances look.

use super::entity::{Column, Entity, Model};
use super::store::is_open;
use super::tallies::Deltas;
use super::types::{Commitment, CommitmentStatus};
use crate::shared::app::App;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::jobs::Job;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const KIND: &str = "commitments.break";
pub const EVERY: TimeDelta = TimeDelta::seconds(30);

/// How many break in one transaction.
const AT_ONCE: u64 = 500;

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let mut broken = 0;
        loop {
            let input = (app.clone(), job.clone());
            let done = app.db.write(input, |txn, (app, job)| Box::pin(break_some(txn, app, job))).await?;
            broken += done;
            if done < AT_ONCE {
                return Ok(json!({"broken": broken}));
            }
        }
    }
    .boxed()
}

async fn break_some(txn: &Txn, app: &App, job: &Job) -> Result<u64> {
    job.still_mine(txn, &app.clock).await?;
    let now = app.clock.now();
    let over = Entity::find()
        .filter(is_open())
        .filter(Column::BreaksAt.lt(now))
        .order_by_asc(Column::BreaksAt)
        .limit(AT_ONCE)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(txn)
        .await?;
    if over.is_empty() {
        return Ok(0);
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(CommitmentStatus::Broken))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.is_in(over.iter().map(|row| row.id)))
        .exec(txn)
        .await?;
    let (mut deltas, mut entries) = (Deltas::default(), Vec::new());
    for row in &over {
        let broken = Model { status: CommitmentStatus::Broken, ..row.clone() };
        deltas.count(&broken, 1);
        let entry = Entry::new("commitment.break", row.id.0).about(row.supplier_id);
        entries.push(entry.between(Some(&Commitment::from(row)), Some(&Commitment::from(&broken))));
    }
    deltas.write(txn).await?;
    history::record_all(txn, &app.clock, Author::program(), entries).await?;
    Ok(u64::try_from(over.len()).unwrap_or(AT_ONCE))
}

//! Work that outlives a request: one table, leases, any number of instances. A job is claimed for
//! a term; a worker that dies loses it to another. Handlers run at least once, so the effect of a
//! job is written together with `Job::still_mine`: a worker that lost its lease writes nothing.

pub mod housekeeping;
pub mod schedule;
pub mod worker;

use crate::id;
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn, insert_all};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::time::Timestamp;
use poem_openapi::Enum;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ExprTrait, QuerySelect, TryInsertResult};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::HashMap;

id!(
    /// A job.
    JobId
);

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum JobStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl JobStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    pub kind: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Stored<Json>,
    pub status: JobStatus,
    pub run_at: Timestamp,
    pub attempt: i64,
    pub max_attempts: i64,
    pub lease_until: Option<Timestamp>,
    pub lease_token: Option<Uuid>,
    #[sea_orm(unique)]
    pub dedupe_key: Option<String>,
    pub progress_done: i64,
    pub progress_total: Option<i64>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub result: Option<Stored<Json>>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub error: Option<Stored<Json>>,
    pub created_by: Option<AccountId>,
    pub supplier_id: Option<SupplierId>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A job to be done.
pub struct NewJob {
    pub kind: &'static str,
    pub payload: Json,
    /// A second job with the same key is not stored.
    pub dedupe_key: Option<String>,
    /// How often it is tried, waiting 2, 4, 8, ... seconds in between, 17 minutes at most.
    pub max_attempts: i64,
}

/// How often a job is tried that does not say otherwise.
pub const ATTEMPTS: i64 = 5;

/// Stores a job in the transaction of what caused it. `None` when its dedupe key is known.
pub async fn enqueue(txn: &Txn, clock: &Clock, new: NewJob) -> Result<Option<JobId>> {
    let id = JobId::new(clock);
    let insert = Entity::insert(row(id, clock, new)).on_conflict_do_nothing_on([Column::DedupeKey]);
    let done = insert.exec_without_returning(txn).await?;
    Ok(matches!(done, TryInsertResult::Inserted(1)).then_some(id))
}

/// Stores many jobs without dedupe keys.
pub async fn enqueue_all(txn: &Txn, clock: &Clock, new: Vec<NewJob>) -> Result<()> {
    insert_all(txn, new.into_iter().map(|new| row(JobId::new(clock), clock, new)).collect()).await
}

fn row(id: JobId, clock: &Clock, new: NewJob) -> ActiveModel {
    let now = clock.now();
    ActiveModel {
        id: Set(id),
        kind: Set(new.kind.to_owned()),
        payload: Set(Stored(new.payload)),
        status: Set(JobStatus::Queued),
        run_at: Set(now),
        attempt: Set(0),
        max_attempts: Set(new.max_attempts),
        dedupe_key: Set(new.dedupe_key),
        progress_done: Set(0),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// How many jobs of one kind a caller, or a supplier's callers together, may have waiting or running.
const AT_ONCE: u64 = 3;

/// Stores a job that somebody ordered, who then sees and cancels it.
pub async fn enqueue_for(txn: &Txn, by: &By, new: NewJob) -> Result<JobId> {
    let owner = match by.caller.supplier_id {
        Some(supplier) => Column::SupplierId.eq(supplier),
        None => Column::CreatedBy.eq(by.caller.id()),
    };
    let unfinished = Column::Status.is_in([JobStatus::Queued, JobStatus::Running]);
    let waiting = Entity::find().filter(Column::Kind.eq(new.kind)).filter(owner).filter(unfinished).count(txn).await?;
    if waiting >= AT_ONCE {
        let detail = "Three such jobs of yours are waiting or running. Order more when one has ended, or cancel one.";
        return Err(Error::new(Code::Conflict, detail));
    }
    let id = enqueue(txn, &by.clock, new).await?.ok_or_else(|| Error::new(Code::Conflict, "It is ordered already."))?;
    Entity::update_many()
        .col_expr(Column::CreatedBy, Expr::value(by.caller.id()))
        .col_expr(Column::SupplierId, Expr::value(by.caller.supplier_id))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(id)
}

/// Tells rows that still wait for their job where it stands. A job that is over for long is not known any more.
pub async fn settle<T>(
    db: &impl ConnectionTrait,
    rows: &mut [T],
    standing: fn(&mut T) -> (JobId, &mut JobStatus),
) -> Result<()> {
    let mut waiting: Vec<_> =
        rows.iter_mut().map(standing).filter(|(_, status)| **status == JobStatus::Queued).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let ids = waiting.iter().map(|(id, _)| *id);
    let known = Entity::find().select_only().column(Column::Id).column(Column::Status).filter(Column::Id.is_in(ids));
    let known: HashMap<JobId, JobStatus> =
        known.into_tuple::<(JobId, JobStatus)>().all(db).await?.into_iter().collect();
    for (id, status) in &mut waiting {
        **status = known.get(id).copied().unwrap_or(JobStatus::Failed);
    }
    Ok(())
}

/// A claimed job, as its handler sees it.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub payload: Json,
    pub attempt: i64,
    lease_token: Uuid,
}

impl Job {
    /// Call it in the transaction of the job's effect: fails when another worker has the job.
    pub async fn still_mine(&self, txn: &Txn, clock: &Clock) -> Result<()> {
        let renewed = Entity::update_many()
            .col_expr(Column::LeaseUntil, Expr::value(clock.now().plus(worker::TERM)))
            .filter(Column::Id.eq(self.id))
            .filter(Column::LeaseToken.eq(self.lease_token))
            .filter(Column::Status.eq(JobStatus::Running))
            .exec(txn)
            .await?;
        match renewed.rows_affected {
            1 => Ok(()),
            _ => Err(Error::new(Code::Conflict, "The job was cancelled or taken over.")),
        }
    }

    /// Notes how far it is; `total` where that is known.
    pub async fn progress(&self, txn: &Txn, clock: &Clock, done: i64, total: Option<i64>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::ProgressDone, Expr::value(done))
            .col_expr(Column::ProgressTotal, Expr::value(total))
            .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
            .filter(Column::Id.eq(self.id))
            .exec(txn)
            .await?;
        Ok(())
    }
}

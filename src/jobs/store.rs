//! The queries of jobs.

use super::types::{Job, JobQuery, Progress};
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{self, ExportId, ImportId};
use crate::shared::jobs::{Column, Entity, JobId, JobStatus};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use poem_openapi::types::Any;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Row {
    id: JobId,
    kind: String,
    payload: Stored<Value>,
    status: JobStatus,
    progress_done: i64,
    progress_total: Option<i64>,
    result: Option<Stored<Value>>,
    error: Option<Stored<Value>>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

impl From<Row> for Job {
    fn from(row: Row) -> Self {
        let about = |member: &str| row.payload[member].as_str().and_then(id::parse);
        Self {
            import_id: about("import_id").map(ImportId),
            export_id: about("export_id").map(ExportId),
            id: row.id,
            kind: row.kind,
            status: row.status,
            progress: Progress { done: row.progress_done, total: row.progress_total },
            result: row.result.map(|result| Any(result.0)),
            error: row.error.map(|error| Any(error.0)),
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

pub async fn list_jobs(db: &impl ConnectionTrait, by: &By, query: &Params<JobQuery>) -> Result<Page<Job>> {
    let wanted = Condition::all()
        .add(visible(by))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.kind.as_deref().map(|kind| Column::Kind.eq(kind)));
    let order =
        Order { column: Column::Id, id: Column::Id, descending: true, key: |row: &Row| (Key::Id(row.id.0), row.id.0) };
    let rows = rows(db, by, Entity::find().filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, Job::from))
}

/// Owners and auditors see all jobs, everybody else those they ordered.
fn visible(by: &By) -> Condition {
    let sees_all = by.caller.is(Role::Owner) || by.caller.is(Role::Auditor);
    let ordered = (!sees_all).then(|| Column::CreatedBy.eq(by.caller.id()));
    Condition::all().add(by.scope.on(Column::SupplierId)).add_option(ordered)
}

pub async fn get_job(db: &impl ConnectionTrait, by: &By, id: JobId) -> Result<Job> {
    let row = Entity::find().filter(visible(by)).filter(Column::Id.eq(id));
    row.into_partial_model::<Row>().one(db).await?.map(Job::from).ok_or_else(Error::not_found)
}

/// Reads a job to cancel it: nobody else can change it until the transaction ends.
pub async fn lock_job(txn: &Txn, by: &By, id: JobId) -> Result<Job> {
    let row = Entity::find().filter(visible(by)).filter(Column::Id.eq(id)).lock_exclusive();
    row.into_partial_model::<Row>().one(txn).await?.map(Job::from).ok_or_else(Error::not_found)
}

/// A job that has not ended is cancelled; its worker notices before it writes anything more.
pub async fn cancel_job(txn: &Txn, by: &By, job: &Job) -> Result<Job> {
    if !matches!(job.status, JobStatus::Queued | JobStatus::Running) {
        let status = serde_json::to_value(job.status).map_err(Error::internal)?;
        let detail = "The job has ended already.";
        return Err(Error::new(Code::InvalidState, detail)
            .with("current_status", status)
            .with("allowed", Vec::<String>::new()));
    }
    let now = by.clock.now();
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(JobStatus::Cancelled))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::Revision, Expr::value(job.revision + 1))
        .filter(Column::Id.eq(job.id))
        .exec(txn)
        .await?;
    get_job(txn, by, job.id).await
}

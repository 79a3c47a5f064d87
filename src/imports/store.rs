//! The queries of imports.

use super::entity::{self, Column, Entity, row};
use super::reading::Refused;
use super::running::JOB;
use super::types::{
    FileFormat, Import, ImportMode, ImportOptions, ImportQuery, ImportRow, ImportRowQuery, OnError, RowOutcome,
};
use crate::jobs::{Job, get_job};
use crate::shared::app::App;
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::{self, ImportId};
use crate::shared::jobs::{self, JobId, JobStatus, NewJob};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::reply::Reply;
use crate::shared::spool;
use crate::shared::time::Timestamp;
use poem_openapi::types::Any;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    QueryTrait,
};
use serde_json::{Value, json};

/// An import whose file is in the spool.
#[derive(Clone)]
pub struct NewImport {
    pub id: ImportId,
    pub options: ImportOptions,
    pub format: FileFormat,
    pub bytes: i64,
}

/// Orders the import and its job.
pub async fn order_import(txn: &Txn, by: &By, new: &NewImport) -> Result<Job> {
    // Whoever kills a server again and again shall not lose the import: it goes on where it was.
    let job =
        NewJob { kind: JOB, payload: json!({"import_id": new.id.to_string()}), dedupe_key: None, max_attempts: 20 };
    let (job_id, now) = (jobs::enqueue_for(txn, by, job).await?, by.clock.now());
    let row = entity::ActiveModel {
        id: Set(new.id),
        kind: Set(new.options.kind.to_string()),
        format: Set(new.format),
        mode: Set(new.options.mode),
        on_error: Set(new.options.on_error),
        dry_run: Set(new.options.dry_run),
        status: Set(JobStatus::Queued),
        job_id: Set(job_id),
        ordered_by_kind: Set(by.caller.kind().to_owned()),
        ordered_by: Set(by.caller.id()),
        bytes: Set(new.bytes),
        rows_done: Set(0),
        rows_created: Set(0),
        rows_updated: Set(0),
        rows_unchanged: Set(0),
        rows_failed: Set(0),
        error: Set(None),
        finished_at: Set(None),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    let import = get_import(txn, by, new.id).await?;
    history::record(txn, by, Entry::new("import.create", new.id.0).between(None, Some(&import))).await?;
    get_job(txn, by, job_id).await
}

pub async fn list_imports(db: &impl ConnectionTrait, by: &By, query: &Params<ImportQuery>) -> Result<Page<Import>> {
    let kinds: Vec<String> = query.kind.iter().map(|kind| kind.to_string()).collect();
    let wanted = Condition::all().add_option((!kinds.is_empty()).then(|| Column::Kind.is_in(kinds)));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Shown| (Key::Id(row.id.0), row.id.0),
    };
    let mut found = rows(db, by, Entity::visible(by).filter(wanted), order, &query.paging, &query.filter).await?;
    jobs::settle(db, &mut found.data, standing).await?;
    Ok(Page::of(found, Import::from))
}

pub async fn get_import(db: &impl ConnectionTrait, by: &By, id: ImportId) -> Result<Import> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).into_partial_model::<Shown>().one(db).await?;
    let mut row = row.ok_or_else(Error::not_found)?;
    jobs::settle(db, std::slice::from_mut(&mut row), standing).await?;
    Ok(row.into())
}

fn standing(row: &mut Shown) -> (JobId, &mut JobStatus) {
    (row.job_id, &mut row.status)
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Shown {
    id: ImportId,
    kind: String,
    format: FileFormat,
    mode: ImportMode,
    on_error: OnError,
    dry_run: bool,
    status: JobStatus,
    job_id: JobId,
    ordered_by: uuid::Uuid,
    bytes: i64,
    rows_done: i64,
    rows_created: i64,
    rows_updated: i64,
    rows_unchanged: i64,
    rows_failed: i64,
    error: Option<Stored<Value>>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<Shown> for Import {
    fn from(row: Shown) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            format: row.format,
            mode: row.mode,
            on_error: row.on_error,
            dry_run: row.dry_run,
            status: row.status,
            job_id: row.job_id,
            ordered_by: Some(row.ordered_by).filter(|id| !id.is_nil()),
            bytes: row.bytes,
            rows_done: row.rows_done,
            rows_created: row.rows_created,
            rows_updated: row.rows_updated,
            rows_unchanged: row.rows_unchanged,
            rows_failed: row.rows_failed,
            error: row.error.map(|error| Any(error.0)),
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        }
    }
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "row::Entity")]
struct RefusedRow {
    import_id: ImportId,
    number: i64,
    external_id: Option<String>,
    problem: Stored<Value>,
}

/// The refused rows of an import that the caller sees.
pub async fn list_rows(
    db: &impl ConnectionTrait,
    by: &By,
    import: ImportId,
    query: &Params<ImportRowQuery>,
) -> Result<Page<ImportRow>> {
    page_of_rows(db, by, row::Column::ImportId.eq(import).into(), query).await
}

/// The refused rows of all imports, for an export.
pub async fn list_rows_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<ImportRowQuery>,
) -> Result<Page<ImportRow>> {
    let seen = Entity::visible(by).select_only().column(Column::Id).into_query();
    page_of_rows(db, by, row::Column::ImportId.in_subquery(seen).into(), query).await
}

async fn page_of_rows(
    db: &impl ConnectionTrait,
    by: &By,
    of: Condition,
    query: &Params<ImportRowQuery>,
) -> Result<Page<ImportRow>> {
    let order = Order {
        column: row::Column::Number,
        id: row::Column::ImportId,
        descending: false,
        key: |row: &RefusedRow| (Key::Number(row.number), row.import_id.0),
    };
    let select = row::Entity::find().filter(of);
    let found = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| ImportRow {
        import_id: row.import_id,
        row: row.number,
        external_id: row.external_id,
        outcome: RowOutcome::Failed,
        id: row.problem["existing_id"].as_str().and_then(id::parse),
        problem: Any(row.problem.0),
    }))
}

/// The import as its job finds it.
pub async fn read_import(db: &impl ConnectionTrait, id: ImportId) -> Result<entity::Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(Error::not_found)
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Counts {
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub failed: i64,
}

pub async fn note_batch(txn: &Txn, clock: &Clock, id: ImportId, rows_done: i64, counts: Counts) -> Result<()> {
    let plus = |column: Column, more: i64| Expr::col(column).add(more);
    Entity::update_many()
        .col_expr(Column::RowsDone, Expr::value(rows_done))
        .col_expr(Column::RowsCreated, plus(Column::RowsCreated, counts.created))
        .col_expr(Column::RowsUpdated, plus(Column::RowsUpdated, counts.updated))
        .col_expr(Column::RowsUnchanged, plus(Column::RowsUnchanged, counts.unchanged))
        .col_expr(Column::RowsFailed, plus(Column::RowsFailed, counts.failed))
        .col_expr(Column::Revision, plus(Column::Revision, 1))
        .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

pub async fn note_refused(txn: &Txn, id: ImportId, refused: &[Refused]) -> Result<()> {
    let rows = refused.iter().map(|refused| row::ActiveModel {
        import_id: Set(id),
        number: Set(refused.number),
        external_id: Set(refused.external_id.as_ref().map(|id| id.chars().take(200).collect())),
        problem: Set(Stored(problem(&refused.error))),
    });
    row::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

/// A refusal as its document says it, but for what belongs to one request.
fn problem(error: &Error) -> Value {
    let mut problem = json!({
        "code": error.code,
        "status": error.code.status(),
        "title": error.code.title(),
        "detail": error.detail,
        "errors": error.fields,
    });
    for (name, value) in &error.extra {
        problem[name] = value.clone();
    }
    problem
}

/// The import has ended; its file is not needed any more.
pub async fn finish_import(txn: &Txn, clock: &Clock, id: ImportId, error: Option<&Error>) -> Result<()> {
    let status = if error.is_some() { JobStatus::Failed } else { JobStatus::Succeeded };
    let error = error.map(|error| Stored(json!({"code": error.code, "detail": error.detail})));
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Error, Expr::value(error))
        .col_expr(Column::FinishedAt, Expr::value(clock.now()))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    spool::erase(txn, id.0).await
}

/// What was answered, when the file is kept: a repeated request sent it in vain.
pub async fn with_file<R: Reply>(app: &App, id: ImportId, reply: R) -> Result<R> {
    if reply.sent().replayed {
        erase_file(app, id).await;
    }
    Ok(reply)
}

/// Refused: nobody needs the file.
pub async fn without_file<R>(app: &App, id: ImportId, error: Error) -> Result<R> {
    erase_file(app, id).await;
    Err(error)
}

/// What is left behind here is removed after a day.
async fn erase_file(app: &App, id: ImportId) {
    let erased = app.db.write(id, |txn, id| Box::pin(spool::erase(txn, id.0))).await;
    if let Err(error) = erased {
        tracing::warn!(%error, import = %id, "the file of an import that was refused stays for a day");
    }
}

//! The queries of exports.

use super::entity::{self, Column, Entity};
use super::kinds;
use super::running::JOB;
use super::types::{Export, ExportQuery, NewExport};
use crate::imports::FileFormat;
use crate::jobs::{Job, get_job};
use crate::shared::auth::By;
use crate::shared::db::{Db, Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::file::{CSV, File, NDJSON};
use crate::shared::history::{self, Entry};
use crate::shared::id::ExportId;
use crate::shared::jobs::{self, JobId, JobStatus, NewJob};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::spool;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use poem_openapi::types::Any;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter};
use serde_json::{Value, json};

/// How long an export is kept.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Orders the export and its job.
pub async fn order_export(txn: &Txn, by: &By, new: &NewExport) -> Result<Job> {
    let (id, now) = (ExportId::new(&by.clock), by.clock.now());
    let payload = json!({"export_id": id.to_string()});
    let job = NewJob { kind: JOB, payload, dedupe_key: None, max_attempts: jobs::ATTEMPTS };
    let job_id = jobs::enqueue_for(txn, by, job).await?;
    let row = entity::ActiveModel {
        id: Set(id),
        kind: Set(new.kind.to_string()),
        format: Set(new.format),
        filter: Set(Stored(Value::Object(new.query()))),
        status: Set(JobStatus::Queued),
        job_id: Set(job_id),
        ordered_by_kind: Set(by.caller.kind().to_owned()),
        ordered_by: Set(by.caller.id()),
        supplier_id: Set(by.caller.supplier_id),
        rows: Set(None),
        bytes: Set(None),
        finished_at: Set(None),
        expires_at: Set(now.plus(KEPT)),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    let export = get_export(txn, by, id).await?;
    let entry = Entry::new("export.create", id.0).about_any(by.caller.supplier_id).between(None, Some(&export));
    history::record(txn, by, entry).await?;
    get_job(txn, by, job_id).await
}

pub async fn list_exports(db: &impl ConnectionTrait, by: &By, query: &Params<ExportQuery>) -> Result<Page<Export>> {
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
    Ok(Page::of(found, Export::from))
}

pub async fn get_export(db: &impl ConnectionTrait, by: &By, id: ExportId) -> Result<Export> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).into_partial_model::<Shown>().one(db).await?;
    let mut row = row.ok_or_else(Error::not_found)?;
    jobs::settle(db, std::slice::from_mut(&mut row), standing).await?;
    Ok(row.into())
}

fn standing(row: &mut Shown) -> (JobId, &mut JobStatus) {
    (row.job_id, &mut row.status)
}

/// The file, read from the spool while it is sent.
pub async fn get_content(db: &Db, by: &By, id: ExportId) -> Result<File> {
    let row = Entity::readable(by).filter(Column::Id.eq(id)).one(db.fresh()).await?.ok_or_else(Error::not_found)?;
    by.require(kinds::find(&row.kind)?.needs)?;
    if row.status != JobStatus::Succeeded {
        return Err(Error::new(Code::InvalidState, "The export is not ready.")
            .with("current_status", get_export(db.fresh(), by, id).await?.status.name())
            .with("allowed", Vec::<String>::new()));
    }
    let (media_type, extension) = match row.format {
        FileFormat::Csv => (CSV, "csv"),
        FileFormat::Ndjson => (NDJSON, "ndjson"),
    };
    let name = format!("{}-{}.{extension}", row.kind, row.created_at.instant().date_naive());
    Ok(File::streamed(media_type, name, spool::stream(db.clone(), id.0)))
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Shown {
    id: ExportId,
    kind: String,
    format: FileFormat,
    filter: Stored<Value>,
    status: JobStatus,
    job_id: JobId,
    ordered_by: uuid::Uuid,
    rows: Option<i64>,
    bytes: Option<i64>,
    expires_at: Timestamp,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<Shown> for Export {
    fn from(row: Shown) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            format: row.format,
            filter: Any(row.filter.0),
            status: row.status,
            job_id: row.job_id,
            ordered_by: row.ordered_by,
            rows: row.rows,
            bytes: row.bytes,
            expires_at: row.expires_at,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        }
    }
}

//! The job that makes the file of an export.

use super::entity::{self, Column, Entity};
use super::kinds;
use crate::imports::FileFormat;
use crate::shared::app::App;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::export::Source;
use crate::shared::id::{self, ExportId};
use crate::shared::jobs::{Job, JobStatus};
use crate::shared::spool;
use crate::shared::table::{self, line};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter};
use serde_json::{Value, json};

pub const JOB: &str = "export";
/// How many items a page of a list holds at most.
const PAGE: u64 = 100;

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    export(app, job).boxed()
}

async fn export(app: App, job: Job) -> Result<Value> {
    let id = job.payload["export_id"].as_str().and_then(id::parse).map(ExportId).ok_or_else(Error::not_found)?;
    let export = Entity::find_by_id(id).one(app.db.fresh()).await?.ok_or_else(Error::not_found)?;
    if export.finished_at.is_some() {
        return Ok(json!({"rows": export.rows, "bytes": export.bytes}));
    }
    let mut file = Writing { app, job, id, part: Vec::new(), position: 0, rows: 0, bytes: 0 };
    file.begin().await?;
    fill(&mut file, &export).await?;
    file.finish().await?;
    Ok(json!({"rows": file.rows, "bytes": file.bytes}))
}

/// Reads the list to its end.
async fn fill(file: &mut Writing, export: &entity::Model) -> Result<()> {
    let app = file.app.clone();
    let source = kinds::find(&export.kind)?;
    let columns = table::columns(app.gate.contract(), &(source.item)());
    if export.format == FileFormat::Csv {
        file.add("\u{feff}");
        file.add(&line(columns.iter().map(|column| &*column.name)));
    }
    let mut query = export.filter.0.clone();
    query["limit"] = PAGE.into();
    loop {
        // Rights that end while the job runs end the job.
        let by = acting(file, export, &source).await?;
        let page = (source.read)(&app.db, &by, query.clone()).await?;
        for item in &page.data {
            match export.format {
                FileFormat::Csv => {
                    let cells: Vec<_> = columns.iter().map(|column| column.cell(item)).collect();
                    file.add(&line(cells.iter().map(String::as_str)));
                }
                FileFormat::Ndjson => file.add(&format!("{item}\n")),
            }
            file.rows += 1;
        }
        file.store(false).await?;
        match page.next_cursor {
            Some(cursor) => query["cursor"] = cursor.into(),
            None => return file.store(true).await,
        }
    }
}

/// Whoever ordered the export, with the rights of this moment.
async fn acting(file: &Writing, export: &entity::Model, source: &Source) -> Result<By> {
    let request = file.job.id.to_string();
    let by = file.app.gate.acting(&export.ordered_by_kind, export.ordered_by, &request).await?;
    by.require(source.needs)?;
    Ok(by)
}

/// A file on its way into the spool.
struct Writing {
    app: App,
    job: Job,
    id: ExportId,
    part: Vec<u8>,
    position: i64,
    rows: i64,
    bytes: i64,
}

impl Writing {
    /// What an earlier attempt left is thrown away.
    async fn begin(&self) -> Result<()> {
        let input = (self.app.clone(), self.job.clone(), self.id);
        let erase = self.app.db.write(input, |txn, (app, job, id)| {
            Box::pin(async move {
                job.still_mine(txn, &app.clock).await?;
                spool::erase(txn, id.0).await
            })
        });
        erase.await
    }

    fn add(&mut self, text: &str) {
        self.part.extend_from_slice(text.as_bytes());
    }

    /// Stores whole parts, at the end also the last one.
    async fn store(&mut self, is_last: bool) -> Result<()> {
        while self.part.len() >= spool::PART || (is_last && !self.part.is_empty()) {
            let rest = self.part.split_off(self.part.len().min(spool::PART));
            let part = std::mem::replace(&mut self.part, rest);
            self.bytes += i64::try_from(part.len()).unwrap_or(i64::MAX);
            let input = (self.app.clone(), self.job.clone(), part);
            let (id, position, rows) = (self.id, self.position, self.rows);
            let write = self.app.db.write(input, move |txn, (app, job, part)| {
                Box::pin(async move {
                    job.still_mine(txn, &app.clock).await?;
                    job.progress(txn, &app.clock, rows, None).await?;
                    spool::put(txn, &app.clock, id.0, position, part.clone()).await
                })
            });
            write.await?;
            self.position += 1;
        }
        Ok(())
    }

    async fn finish(&self) -> Result<()> {
        let input = (self.app.clone(), self.job.clone());
        let (id, rows, bytes) = (self.id, self.rows, self.bytes);
        let write = self.app.db.write(input, move |txn, (app, job)| {
            Box::pin(async move {
                job.still_mine(txn, &app.clock).await?;
                job.progress(txn, &app.clock, rows, Some(rows)).await?;
                note_ready(txn, app, id, rows, bytes).await
            })
        });
        write.await
    }
}

async fn note_ready(txn: &Txn, app: &App, id: ExportId, rows: i64, bytes: i64) -> Result<()> {
    let now = app.clock.now();
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(JobStatus::Succeeded))
        .col_expr(Column::Rows, Expr::value(rows))
        .col_expr(Column::Bytes, Expr::value(bytes))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

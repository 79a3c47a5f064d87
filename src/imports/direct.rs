//! An import from the command line: straight into the database, with or without a running server.

use super::entity::row;
use super::store::{self, NewImport};
use super::types::{FileFormat, Import, ImportOptions};
use super::upload;
use crate::shared::app::App;
use crate::shared::auth::{By, Caller};
use crate::shared::error::{Error, Result};
use crate::shared::id::ImportId;
use crate::shared::jobs::JobStatus;
use crate::shared::jobs::worker::{self, Handler, Work};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How many refused rows are told.
const SHOWN: u64 = 20;

/// How an import ended, and the first rows that were refused, with the problem.
pub struct Done {
    pub import: Import,
    pub refused: Vec<(i64, Value)>,
}

/// Imports a file and tells every second how far it is. A server that is running may do the work.
pub async fn import_file(app: &App, file: &Path, options: ImportOptions, tell: fn(&Import)) -> Result<Done> {
    let by = By::acting(&app.gate, Caller::command_line(), "-")?;
    let format = FileFormat::of(file);
    let id = ImportId::new(&app.clock);
    let opened = tokio::fs::File::open(file).await.map_err(Error::internal)?;
    let stored = upload::store(app, id, opened).await?;
    let new = NewImport { id, options, format, bytes: stored.bytes };
    app.db.write((by.clone(), new), |txn, (by, new)| Box::pin(store::order_import(txn, by, new))).await?;
    let work = Work { handlers: [(super::JOB, super::run as Handler)].into(), schedules: Vec::new() };
    let working = tokio::spawn(worker::run(app.clone(), work));
    let import = loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let import = store::get_import(app.db.fresh(), &by, id).await?;
        tell(&import);
        if !matches!(import.status, JobStatus::Queued | JobStatus::Running) {
            break import;
        }
    };
    working.abort();
    Ok(Done { refused: refused(app, id).await?, import })
}

async fn refused(app: &App, id: ImportId) -> Result<Vec<(i64, Value)>> {
    let rows = row::Entity::find().filter(row::Column::ImportId.eq(id)).order_by_asc(row::Column::Number).limit(SHOWN);
    Ok(rows.all(app.db.fresh()).await?.into_iter().map(|row| (row.number, row.problem.0)).collect())
}

//! The job that imports a file: one thread reads and checks rows, this side writes them batch by batch.

use super::entity;
use super::kinds;
use super::reading::{self, Chunk, Refused};
use super::store::{self, Counts};
use super::types::OnError;
use crate::shared::app::App;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::{self, ImportId};
use crate::shared::import::{Batch, Importer, Outcome};
use crate::shared::jobs::Job;
use crate::shared::spool;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::TransactionTrait;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

pub const JOB: &str = "import";

/// How many parts of the file, and how many batches, wait for each other.
const AHEAD: usize = 1;
/// How often a batch is tried that somebody else was in the way of.
const ATTEMPTS: u32 = 5;

/// What one run of the job goes by.
#[derive(Clone)]
struct Run {
    app: App,
    job: Job,
    by: By,
    importer: Importer,
    import: Arc<entity::Model>,
}

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    import(app, job).boxed()
}

async fn import(app: App, job: Job) -> Result<Value> {
    let id = job.payload["import_id"].as_str().and_then(id::parse).map(ImportId).ok_or_else(Error::not_found)?;
    let import = Arc::new(store::read_import(app.db.fresh(), id).await?);
    if import.finished_at.is_none() {
        let outcome = go_on(&app, &job, import.clone()).await;
        match outcome {
            // It may pass; the job is tried again and goes on where it is.
            Err(error) if !is_final(&error) => return Err(error),
            outcome => finish(&app, &job, &import, outcome.err()).await?,
        }
    }
    let import = store::read_import(app.db.fresh(), id).await?;
    match import.error {
        Some(error) => Err(Error::new(Code::RuleViolated, error["detail"].as_str().unwrap_or_default())),
        None => Ok(json!({
            "rows": import.rows_done, "created": import.rows_created, "updated": import.rows_updated,
            "unchanged": import.rows_unchanged, "failed": import.rows_failed, "dry_run": import.dry_run,
        })),
    }
}

fn is_final(error: &Error) -> bool {
    matches!(error.code.status(), 400 | 403 | 404 | 422)
}

async fn finish(app: &App, job: &Job, import: &entity::Model, error: Option<Error>) -> Result<()> {
    let (id, bytes) = (import.id, import.bytes);
    let input = (app.clock.clone(), job.clone(), error);
    let write = app.db.write(input, move |txn, (clock, job, error)| {
        Box::pin(async move {
            job.still_mine(txn, clock).await?;
            if error.is_none() {
                job.progress(txn, clock, bytes, Some(bytes)).await?;
            }
            store::finish_import(txn, clock, id, error.as_ref()).await
        })
    });
    write.await
}

/// Imports what is not done yet.
async fn go_on(app: &App, job: &Job, import: Arc<entity::Model>) -> Result<()> {
    let importer = kinds::find(&import.kind).ok_or_else(Error::not_found)?;
    let by = app.gate.acting(&import.ordered_by_kind, import.ordered_by, &job.id.to_string()).await?;
    by.require(importer.needs)?;
    let (parts, from_spool) = mpsc::channel(AHEAD);
    let (chunks, mut to_write) = mpsc::channel(AHEAD);
    tokio::spawn(feed(app.clone(), import.id, parts));
    let (format, skipped, most) = (import.format, import.rows_done, reading::MOST_ROWS);
    let (gate, reading) = (app.gate.clone(), reading::Job { importer, format, skipped, most });
    let reader = tokio::task::spawn_blocking(move || reading::read(reading, gate.contract(), from_spool, &chunks));
    let run = Run { app: app.clone(), job: job.clone(), by, importer, import };
    while let Some(chunk) = to_write.recv().await {
        // Rights that end while the job runs end the job.
        let (import, request) = (&run.import, run.job.id.to_string());
        app.gate.acting(&import.ordered_by_kind, import.ordered_by, &request).await?.require(importer.needs)?;
        run.write(Arc::new(run.piece(chunk))).await?;
    }
    reader.await.map_err(Error::internal)?
}

/// Hands the parts of the file to the reader, until it wants no more.
async fn feed(app: App, id: ImportId, parts: mpsc::Sender<Result<Vec<u8>>>) {
    for position in 0.. {
        let part = spool::part(&app.db, id.0, position).await.transpose();
        let Some(part) = part else { return };
        if parts.send(part).await.is_err() {
            return;
        }
    }
}

/// A chunk as it is written.
struct Piece {
    batch: Batch,
    refused: Vec<Refused>,
    before: i64,
    last: i64,
    bytes: i64,
}

impl Run {
    fn piece(&self, chunk: Chunk) -> Piece {
        let Chunk { rows, refused, before, last, bytes } = chunk;
        let batch = Batch { by: self.by.clone(), import_id: self.import.id, mode: self.import.mode, rows };
        Piece { batch, refused, before, last, bytes }
    }

    /// Writes a batch, again if somebody else was quicker with the same thing.
    async fn write(&self, piece: Arc<Piece>) -> Result<()> {
        let mut attempt = 1;
        loop {
            let input = (self.clone(), piece.clone());
            let written = self.app.db.write(input, |txn, (run, piece)| Box::pin(run.write_in(txn, piece))).await;
            match written {
                Err(error) if matches!(error.code.status(), 409 | 503) && attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(50 << attempt)).await;
                    attempt += 1;
                }
                Err(error) => return Err(error),
                Ok(None) => return Ok(()),
                Ok(Some(refusal)) => return Err(refusal),
            }
        }
    }

    /// Writes a batch and how far the import is with it. What it returns ends the import.
    async fn write_in(&self, txn: &Txn, piece: &Piece) -> Result<Option<Error>> {
        let (clock, import) = (&self.app.clock, &self.import);
        self.job.still_mine(txn, clock).await?;
        let aborts = import.on_error == OnError::Abort;
        // SQLite copies every page that is changed under a savepoint: there is one only where rows may be taken back.
        let savepoint = if aborts || import.dry_run { Some(txn.begin().await?) } else { None };
        let outcomes = match aborts && !piece.refused.is_empty() {
            true => Vec::new(),
            false => (self.importer.write)(savepoint.as_ref().unwrap_or(txn), &piece.batch).await?,
        };
        let (counts, refused) = sorted(piece, outcomes);
        let is_aborted = aborts && !refused.is_empty();
        if let Some(savepoint) = savepoint {
            match import.dry_run || is_aborted {
                true => savepoint.rollback().await?,
                false => savepoint.commit().await?,
            }
        }
        store::note_refused(txn, import.id, &refused).await?;
        if is_aborted {
            let counts = Counts { failed: counts.failed, ..Counts::default() };
            store::note_batch(txn, clock, import.id, piece.before, counts).await?;
            return Ok(refused.first().map(ended_by));
        }
        store::note_batch(txn, clock, import.id, piece.last, counts).await?;
        self.job.progress(txn, clock, piece.bytes, Some(import.bytes)).await?;
        if !import.dry_run {
            let said = json!({"first_row": piece.before + 1, "last_row": piece.last, "outcome": counts});
            let entry = Entry::new("import.batch", import.id.0).between(None, Some(&said));
            history::record(txn, &self.by, entry).await?;
        }
        Ok(None)
    }
}

/// How many rows had which outcome, and those that were refused, in the order of the file.
fn sorted(piece: &Piece, outcomes: Vec<Outcome>) -> (Counts, Vec<Refused>) {
    let (mut counts, mut refused) = (Counts::default(), piece.refused.clone());
    for (row, outcome) in piece.batch.rows.iter().zip(outcomes) {
        match outcome {
            Outcome::Created(_) => counts.created += 1,
            Outcome::Updated(_) => counts.updated += 1,
            Outcome::Unchanged(_) => counts.unchanged += 1,
            Outcome::Failed(error) => {
                let external_id = row.external_id().map(str::to_owned);
                refused.push(Refused { number: row.number, external_id, error });
            }
        }
    }
    refused.sort_by_key(|row| row.number);
    counts.failed = i64::try_from(refused.len()).unwrap_or(i64::MAX);
    (counts, refused)
}

fn ended_by(row: &Refused) -> Error {
    let detail = format!("Row {} was refused: {} Batches before it are written.", row.number, row.error.detail);
    Error::new(Code::RuleViolated, detail)
}

//! Imports: files of rows (CSV or NDJSON), read row by row by a job.
//!
//! - The file is kept in the database in parts until the job has ended: any instance may do the job, or
//!   go on with it after another one died.
//! - Rows are checked against the published schema of the shape that creates one of them, and written
//!   in batches. A batch, how far the import is, and its entry in the history are one transaction,
//!   so that no row is written twice.
//! - The job has the rights that whoever ordered it has while it runs.
//! - Owners and auditors see all imports, everybody else their own.
//!
//! What can be imported is listed in `kinds`: every room brings its `Importer` (`shared::import`).

pub mod api;
mod direct;
mod entity;
mod kinds;
mod reading;
mod running;
mod store;
mod tidying;
mod types;
mod upload;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::imports::Read;

pub use direct::{Done, import_file};
#[cfg(fuzzing)]
pub use reading::{Job as Reading, read};
pub use running::{JOB, run};
pub use tidying::{end_lost, owners};
pub use types::{FileFormat, Import, ImportKind, ImportMode, ImportOptions, OnError};

pub const EXPORT: Source = crate::source!("imports", Read, types::ImportQuery, Import, store::list_imports);
pub const ROWS_EXPORT: Source =
    crate::source!("import_rows", Read, types::ImportRowQuery, types::ImportRow, store::list_rows_of_all);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(entity::Entity), Mapped::of(entity::row::Entity)]
}

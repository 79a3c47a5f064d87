//! Exports: any list of the API as a file, CSV or NDJSON, made by a job.
//!
//! - The job reads the list as its caller would, page by page, with the rights the caller has then.
//! - The file is kept for seven days and read by whoever ordered it, or by an owner.
//! - Cells that a spreadsheet would take for a formula are disarmed (`shared::table`).
//!
//! What can be exported is listed in `kinds`: every room brings its `Source` (`shared::export`).

pub mod api;
mod entity;
mod kinds;
mod running;
mod store;
mod tidying;
mod types;

use crate::shared::db::schema::Mapped;

pub use running::{JOB, run};
pub use tidying::{TIDIED_EVERY, TIDYING, tidy};

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(entity::Entity)]
}

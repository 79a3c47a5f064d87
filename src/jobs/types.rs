//! The shapes of jobs.

use crate::shared::id::{ExportId, ImportId};
use crate::shared::jobs::{JobId, JobStatus};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;

/// How far a job is.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Progress {
    /// Units done: bytes read of an import, rows written of an export.
    pub done: i64,
    /// Units in all; null while unknown.
    pub total: Option<i64>,
}

/// Work that takes longer than a request.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Job {
    /// Never changes.
    pub id: JobId,
    /// What is done: `import.suppliers`, `export.suppliers`, `housekeeping`, ...
    pub kind: String,
    /// Where it stands.
    pub status: JobStatus,
    /// The import it does; null for other jobs.
    pub import_id: Option<ImportId>,
    /// The export it makes; null for other jobs.
    pub export_id: Option<ExportId>,
    /// How far it is.
    pub progress: Progress,
    /// What came of it; null until it succeeded.
    pub result: Option<Any<serde_json::Value>>,
    /// Why it failed; null unless it did.
    pub error: Option<Any<serde_json::Value>>,
    /// Counts changes; the ETag.
    pub revision: i64,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was first begun.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Which jobs, newest first.
#[derive(Debug, Clone, Object)]
pub struct JobQuery {
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<JobStatus>,
    /// Only this kind.
    #[oai(validator(max_length = 50, pattern = "^[a-z_.]+$"))]
    pub kind: Option<String>,
    #[oai(flatten)]
    pub paging: Paging,
}

//! The shapes of imports.

pub use super::kinds::ImportKind;
use crate::shared::file::{CSV, NDJSON};
use crate::shared::id::ImportId;
pub use crate::shared::import::ImportMode;
use crate::shared::jobs::{JobId, JobStatus};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-separated values with a header (RFC 4180), UTF-8.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

impl FileFormat {
    /// NDJSON if the file is named so, otherwise CSV.
    pub fn of(file: &std::path::Path) -> Self {
        let is_ndjson = file.extension().is_some_and(|extension| extension == "ndjson" || extension == "jsonl");
        if is_ndjson { FileFormat::Ndjson } else { FileFormat::Csv }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            FileFormat::Csv => CSV,
            FileFormat::Ndjson => NDJSON,
        }
    }
}

/// What a row that cannot be imported does to the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum OnError {
    /// The import ends there. Batches of rows that were written before stay.
    #[default]
    Abort,
    /// The row is noted and left out.
    Continue,
}

/// What to import and how.
#[derive(Clone, Debug, Object)]
pub struct ImportOptions {
    /// What the rows are.
    pub kind: ImportKind,
    /// What happens to a row whose `external_id` is known already.
    #[oai(default)]
    pub mode: ImportMode,
    /// What a row that cannot be imported does to the rest.
    #[oai(default)]
    pub on_error: OnError,
    /// Whether everything is only checked and nothing written.
    #[oai(default)]
    pub dry_run: bool,
}

/// A file of rows that is, or was, imported.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Import {
    /// Never changes. What was imported carries it.
    pub id: ImportId,
    /// What the rows are: `suppliers`, `people`, ...
    pub kind: String,
    /// How the file is written.
    pub format: FileFormat,
    /// What happens to a row whose `external_id` is known already.
    pub mode: ImportMode,
    /// What a row that cannot be imported does to the rest.
    pub on_error: OnError,
    /// Whether everything is only checked and nothing written.
    pub dry_run: bool,
    /// Where it stands.
    pub status: JobStatus,
    /// The job that does it; jobs are kept for 30 days, imports for longer.
    pub job_id: JobId,
    /// The account or API key that ordered it; null for the command line.
    pub ordered_by: Option<Uuid>,
    /// How large the file is, in bytes.
    pub bytes: i64,
    /// How many rows are done.
    pub rows_done: i64,
    /// How many of them were created.
    pub rows_created: i64,
    /// How many changed something.
    pub rows_updated: i64,
    /// How many said what was so already.
    pub rows_unchanged: i64,
    /// How many were refused; see its rows.
    pub rows_failed: i64,
    /// Why it failed as a whole; null unless it did.
    pub error: Option<Any<Value>>,
    /// Counts changes; the ETag.
    pub revision: i64,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Which imports, newest first.
#[derive(Debug, Clone, Object)]
pub struct ImportQuery {
    /// Only these kinds; repeat for several.
    #[oai(default)]
    pub kind: Vec<ImportKind>,
    #[oai(flatten)]
    pub paging: Paging,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    Failed,
}

/// A row that was refused.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ImportRow {
    /// The import whose file it stands in.
    pub import_id: ImportId,
    /// Its place in the file, from 1, without the header.
    pub row: i64,
    /// Its external id, if it has one that can be read.
    pub external_id: Option<String>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The id of what exists already, where that is the reason.
    pub id: Option<Uuid>,
    /// Why: `code`, `status`, `title`, `detail` and `errors` as in any refusal; the pointers lead into
    /// the row.
    pub problem: Any<Value>,
}

/// Which rows of an import, in the order of the file.
#[derive(Debug, Clone, Object)]
pub struct ImportRowQuery {
    /// Only rows of which this became; others than failed ones are not kept.
    #[oai(default = "failed")]
    pub status: RowOutcome,
    #[oai(flatten)]
    pub paging: Paging,
}

fn failed() -> RowOutcome {
    RowOutcome::Failed
}

//! The shapes of exports.

pub use super::kinds::ExportKind;
use crate::imports::FileFormat;
use crate::shared::id::ExportId;
use crate::shared::jobs::{JobId, JobStatus};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// A list to be exported.
#[derive(Clone, Debug, Object)]
pub struct NewExport {
    /// Which list.
    pub kind: ExportKind,
    /// How the file is written.
    pub format: FileFormat,
    /// The filters and the order of the list, as its query string names them: `{"status": ["active"]}`. An
    /// export is always whole: `limit`, `cursor`, `count` and `expand` are refused.
    pub filter: Option<HashMap<String, Any<Value>>>,
}

impl NewExport {
    /// The query of the list.
    pub fn query(&self) -> Map<String, Value> {
        let members = self.filter.iter().flatten();
        members.map(|(name, value)| (name.clone(), value.0.clone())).collect()
    }
}

/// A list that is, or was, exported.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Export {
    /// Never changes.
    pub id: ExportId,
    /// Which list.
    pub kind: String,
    /// How the file is written.
    pub format: FileFormat,
    /// The filters and the order.
    pub filter: Any<Value>,
    /// Where it stands; the content can be read when it has succeeded.
    pub status: JobStatus,
    /// The job that makes it.
    pub job_id: JobId,
    /// The account or API key that ordered it.
    pub ordered_by: Uuid,
    /// How many items it holds; null until it has succeeded.
    pub rows: Option<i64>,
    /// How large it is, in bytes; null until it has succeeded.
    pub bytes: Option<i64>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
    /// Counts changes; the ETag.
    pub revision: i64,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was ready.
    pub finished_at: Option<Timestamp>,
}

/// Which exports, newest first.
#[derive(Debug, Clone, Object)]
pub struct ExportQuery {
    /// Only these lists; repeat for several.
    #[oai(default)]
    pub kind: Vec<ExportKind>,
    #[oai(flatten)]
    pub paging: Paging,
}

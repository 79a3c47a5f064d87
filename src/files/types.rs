//! The shapes of files in the API.

use super::entity;
use crate::parsed;
use crate::shared::change::NullableChange;
use crate::shared::id::{FileId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, DeriveIntoActiveModel, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

parsed!(
    /// The name of a file: no folders, nothing that cannot be seen.
    Filename,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f/\\\\\\u202a-\\u202e\\u2066-\\u2069]+$",
    at_most: 200
);
parsed!(
    /// A kind of thing that files are attached to.
    ParentKind, pattern: "^[a-z_]+$", at_most: 40
);

/// Whether a file can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum FileStatus {
    /// The scanner has not looked yet.
    PendingScan,
    /// It can be read.
    Available,
    /// The scanner found something; the content is deleted.
    Rejected,
}

impl FileStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingScan => "pending_scan",
            Self::Available => "available",
            Self::Rejected => "rejected",
        }
    }
}

/// What a file is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct FileParent {
    /// The kind of thing.
    pub kind: ParentKind,
    /// Its id.
    pub id: Uuid,
}

/// A file that was uploaded: what it is, without its content.
#[derive(Clone, Debug, Object, Serialize)]
pub struct StoredFile {
    /// Never changes.
    pub id: FileId,
    /// The supplier it belongs to; null for the organisation's own.
    pub supplier_id: Option<SupplierId>,
    /// The name it came with.
    pub filename: Filename,
    /// What it is, by its content.
    pub media_type: String,
    /// How many bytes it holds.
    pub size: i64,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    /// Whether it can be read.
    pub status: FileStatus,
    /// The first day its content speaks of.
    pub effective_from: Option<NaiveDate>,
    /// The last day its content speaks of.
    pub effective_to: Option<NaiveDate>,
    /// The account or API key that uploaded it; null where that is none of the reader's business.
    pub uploaded_by: Option<Uuid>,
    /// What it is attached to.
    pub parent: Option<FileParent>,
    /// Counts changes; the ETag.
    pub revision: i64,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last changed, attached or let go.
    pub updated_at: Timestamp,
}

/// What other rooms show of a file.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FileFacts {
    /// The file.
    pub id: FileId,
    /// The name it came with.
    pub filename: Filename,
    /// What it is, by its content.
    pub media_type: String,
    /// How many bytes it holds.
    pub size: i64,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    /// Whether it can be read.
    pub status: FileStatus,
    /// The first day its content speaks of.
    pub effective_from: Option<NaiveDate>,
    /// The last day its content speaks of.
    pub effective_to: Option<NaiveDate>,
}

/// What is said of a file that is being uploaded.
#[derive(Clone, Debug, Object)]
pub struct NewFile {
    /// Its name; the end says what it is: `.pdf`, `.png`, `.jpg`, `.jpeg`, `.webp`, `.docx`, `.xlsx`, `.pptx`, `.odt`,
    /// `.ods`, `.csv` or `.txt`.
    pub filename: Filename,
    /// The supplier it belongs to. Left out by staff: the organisation's own; by suppliers: theirs.
    pub supplier_id: Option<SupplierId>,
    /// The first day its content speaks of.
    pub effective_from: Option<NaiveDate>,
    /// The last day its content speaks of.
    pub effective_to: Option<NaiveDate>,
}

/// A change of what is said of a file (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct FileChange {
    /// The first day its content speaks of.
    pub effective_from: NullableChange<NaiveDate>,
    /// The last day its content speaks of.
    pub effective_to: NullableChange<NaiveDate>,
}

/// Which files: newest first.
#[derive(Clone, Debug, Object)]
pub struct FileQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Those of one supplier.
    pub supplier_id: Option<SupplierId>,
    /// Those in one of these states.
    #[oai(default)]
    pub status: Vec<FileStatus>,
    /// Those attached to this kind of thing.
    pub parent_kind: Option<ParentKind>,
    /// Those attached to this thing.
    pub parent_id: Option<Uuid>,
}

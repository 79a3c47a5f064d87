//! The shapes of notes in the API.

use super::entity;
use crate::id;
use crate::shared::change::Change;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use sea_orm::{DeriveIntoActiveModel, DerivePartialModel};
use serde::Serialize;

id!(
    /// A note.
    NoteId
);

/// What staff noted about a supplier.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Note {
    /// Never changes.
    pub id: NoteId,
    /// The supplier it is about.
    pub supplier_id: SupplierId,
    /// The note.
    pub text: String,
    /// Who wrote it.
    pub author_id: AccountId,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A note to be written.
#[derive(Clone, Debug, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct NewNote {
    /// The note.
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub text: String,
}

/// A change of a note (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct NoteChange {
    /// The note.
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub text: Change<String>,
}

/// Which notes: all of one supplier, oldest first.
#[derive(Debug, Clone, Object)]
pub struct NoteQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

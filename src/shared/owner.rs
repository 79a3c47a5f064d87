//! What a room registers so that files can be attached to its things: the room `files` stands to the left of it
//! and asks without knowing it.

use crate::shared::auth::By;
use crate::shared::db::{Txn, Writing};
use crate::shared::id::FileId;
use sea_orm::sea_query::SelectStatement;
use uuid::Uuid;

/// A kind of thing that files are attached to.
pub struct Owner {
    /// Its name in `parent.kind`: `assessment`.
    pub kind: &'static str,
    /// Selects the ids of those that the caller may read: whoever reads the parent reads its files.
    pub seen: fn(&By) -> SelectStatement,
    /// Whether it was handed in: its files neither change nor go then.
    pub is_frozen: for<'a> fn(&'a Txn, Uuid) -> Writing<'a, bool>,
    /// The file is being deleted: whatever refers to it goes as well. First the thing, then the file.
    pub let_go: for<'a> fn(&'a Txn, Uuid, FileId) -> Writing<'a, ()>,
}

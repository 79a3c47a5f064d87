//! What staff notes about a supplier. No supplier role has a permission for it: not the text, not
//! the number of notes, not whether there are any.

pub mod api;
mod entity;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::notes::Read;

pub(super) use entity::Entity;

pub const EXPORT: Source = crate::source!("notes", Read, types::NoteQuery, types::Note, store::list_notes_of_all);

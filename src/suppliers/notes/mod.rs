//! What staff notes about a supplier. No supplier role has a permission for it: not the text, not
//! the number of notes, not whether there are any.

pub mod api;
mod entity;
mod store;
mod types;

pub(super) use entity::Entity;

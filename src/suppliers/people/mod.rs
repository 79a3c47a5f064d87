//! People who work for a supplier: main employee contacts, field workers, executives, those who
//! take complaints. A supplier's administrator manages its own; everybody of a supplier reads them.

pub mod api;
mod entity;
mod import;
mod known;
mod store;
mod types;

pub(super) use entity::Entity;
pub use import::IMPORTER;
pub use known::{KnownPerson, find_people};

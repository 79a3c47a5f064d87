//! People who work for a supplier: main employee contacts, field workers, executives, those who
//! take complaints. A supplier's administrator manages its own; everybody of a supplier reads them.

pub mod api;
mod entity;
mod import;
mod known;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::people::Read;

pub use entity::Entity;
pub use import::IMPORTER;
pub use known::{Attending, KnownPerson, attending, contacts_of, find_people, main_contacts};
pub use types::Phone;

pub const EXPORT: Source = crate::source!("people", Read, types::PersonQuery, types::Person, store::list_people_of_all);

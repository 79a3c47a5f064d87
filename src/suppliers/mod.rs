//! Suppliers: companies, individual contractors and internal units that serve the customer or
//! the next link. The first room, and the model for the others.
//!
//! - A supplier is made as a `prospect` and moves only by the named transitions of `rules`.
//! - A legal id (scheme and value) belongs to one supplier; similar names are only pointed out.
//! - A supplier may belong to another one; nobody is its own ancestor.
//! - A supplier role sees its own supplier only, and neither its parent nor staff's notes.
//!
//! The smaller rooms `people`, `credentials` and `notes` hold what cannot exist without a
//! supplier. Other rooms may call what is exported here.

pub mod api;
pub mod credentials;
mod entity;
mod import;
pub mod notes;
pub mod people;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::suppliers::Read;

pub use credentials::EXPORT as CREDENTIALS_EXPORT;
pub use entity::Entity;
pub use import::IMPORTER;
pub use notes::EXPORT as NOTES_EXPORT;
pub use people::{
    Attending, EXPORT as PEOPLE_EXPORT, Entity as People, IMPORTER as PEOPLE_IMPORTER, KnownPerson, Phone, attending,
    contacts_of, find_people, main_contacts,
};
pub use store::{
    by_external_id as suppliers_by_external_id, get_supplier, known as known_suppliers, lock_for_change,
    lock_suppliers, refuse_unknown, suspended as suspended_suppliers,
};
pub use types::{ExternalId, Reason, Supplier, SupplierKind, SupplierStatus};

pub const EXPORT: Source = crate::source!("suppliers", Read, types::SupplierQuery, Supplier, store::list_suppliers);

/// The tables of this room and of the smaller ones in it.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(Entity),
        Mapped::of(entity::legal_id::Entity),
        Mapped::of(entity::tag::Entity),
        Mapped::of(people::Entity),
        Mapped::of(credentials::Entity),
        Mapped::of(notes::Entity),
    ]
}

//! The shapes of people in the API.

use super::entity;
use crate::parsed;
use crate::shared::change::{Change, NullableChange};
use crate::shared::db::Stored;
pub use crate::shared::id::PersonId;
use crate::shared::id::SupplierId;
use crate::shared::page::Paging;
use crate::shared::text::{Email, Language};
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveIntoActiveModel, DerivePartialModel};
use serde::{Deserialize, Serialize};

parsed!(
    /// A telephone number with its country code (E.164): `+493012345678`.
    Phone, pattern: "^\\+[1-9][0-9]{6,14}$", at_most: 16
);

/// What somebody is for the supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PersonRole {
    /// Takes part in reviews and signs actions.
    MainEmployeeContact,
    /// Meets customers.
    FieldWorker,
    /// Decides when others cannot agree.
    Executive,
    /// To be called when a customer complains.
    ComplaintsContact,
}

/// Somebody who works for a supplier.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Person {
    /// Never changes.
    pub id: PersonId,
    /// The supplier the person works for.
    pub supplier_id: SupplierId,
    /// Name.
    pub name: String,
    /// What the person is for the supplier.
    pub roles: Stored<Vec<PersonRole>>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Telephone number (E.164).
    pub phone: Option<Phone>,
    /// The language to speak (BCP 47).
    pub language: Option<Language>,
    /// When and how the person can be reached, in words.
    pub reachable: Option<String>,
    /// Its key in another system.
    pub external_id: Option<ExternalId>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When the person was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Somebody to be added to a supplier.
#[derive(Clone, Debug, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct NewPerson {
    /// Name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// What the person is for the supplier.
    #[oai(default, validator(max_items = 4, unique_items))]
    pub roles: Stored<Vec<PersonRole>>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Telephone number (E.164).
    pub phone: Option<Phone>,
    /// The language to speak (BCP 47).
    pub language: Option<Language>,
    /// When and how the person can be reached, in words.
    #[oai(validator(max_length = 200))]
    pub reachable: Option<String>,
    /// Its key in another system; unique among the people of the supplier.
    pub external_id: Option<ExternalId>,
}

/// Somebody in a file of people. Exactly one of `supplier_id` and `supplier_external_id` is given.
#[derive(Clone, Debug, Object)]
pub struct NewPersonRow {
    /// The supplier the person works for.
    pub supplier_id: Option<SupplierId>,
    /// The same by its external id.
    pub supplier_external_id: Option<ExternalId>,
    #[oai(flatten)]
    pub person: NewPerson,
}

/// A change of a person (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct PersonChange {
    /// Name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// What the person is for the supplier; replaces the whole list.
    #[oai(validator(max_items = 4, unique_items))]
    pub roles: Change<Stored<Vec<PersonRole>>>,
    /// E-mail address.
    pub email: NullableChange<Email>,
    /// Telephone number (E.164).
    pub phone: NullableChange<Phone>,
    /// The language to speak (BCP 47).
    pub language: NullableChange<Language>,
    /// When and how the person can be reached, in words.
    #[oai(validator(max_length = 200))]
    pub reachable: NullableChange<String>,
    /// Its key in another system.
    pub external_id: NullableChange<ExternalId>,
}

/// Which people: all of one supplier, in the order they were added.
#[derive(Debug, Clone, Object)]
pub struct PersonQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

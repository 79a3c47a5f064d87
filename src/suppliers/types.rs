//! The shapes of suppliers in the API.

use super::entity;
use crate::parsed;
use crate::shared::change::{Change, NullableChange};
use crate::shared::db::Stored;
use crate::shared::id::SupplierId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, DeriveIntoActiveModel, DerivePartialModel, EnumIter};
use serde::{Deserialize, Serialize};

/// What a supplier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SupplierKind {
    Company,
    Individual,
    InternalUnit,
}

/// Where a supplier stands in its lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SupplierStatus {
    Prospect,
    Candidate,
    Qualified,
    Active,
    Suspended,
    Exiting,
    Exited,
    Rejected,
}

parsed!(
    /// What a supplier does, as a slug: `airline`, `lift-maintenance`.
    Category, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", at_most: 50
);
parsed!(
    /// Where: a country or one of its subdivisions (ISO 3166): `US`, `US-NY`.
    Region, pattern: "^[A-Z]{2}(-[A-Z0-9]{1,3})?$", at_most: 6
);
parsed!(
    /// A country (ISO 3166-1 alpha-2).
    Country, one_of: rust_iso3166::ALL_ALPHA2
);
parsed!(
    /// The key of the same thing in another system, chosen by the integrator.
    ExternalId, pattern: "^[A-Za-z0-9._:-]+$", at_most: 128
);
parsed!(
    /// The register a legal id is from: `LEI`, `VAT`, `DUNS`, `IATA`, ...
    Scheme, pattern: "^[A-Z][A-Z0-9_]{1,19}$", at_most: 20
);

/// An identity given by a public register.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct LegalId {
    /// The register: `LEI` (ISO 17442), `VAT`, `DUNS`, `IATA` or another short upper-case word.
    pub scheme: Scheme,
    /// The identity as the register writes it. Spaces, dots, hyphens and case do not count when
    /// identities are compared.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub value: String,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Address {
    /// Street, building, care of: up to four lines.
    #[oai(default, validator(max_items = 4))]
    pub lines: Vec<String>,
    /// Postal code.
    #[oai(validator(max_length = 20))]
    pub postal_code: Option<String>,
    /// Town.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub city: String,
    /// Country.
    pub country: Country,
}

/// A supplier.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Supplier {
    /// Never changes.
    pub id: SupplierId,
    /// What it is.
    pub kind: SupplierKind,
    /// Name as it is shown.
    pub name: String,
    /// Where it stands; changed by the named transitions only.
    pub status: SupplierStatus,
    /// Its key in another system.
    pub external_id: Option<ExternalId>,
    /// Identities from public registers.
    pub legal_ids: Stored<Vec<LegalId>>,
    /// What it does.
    pub categories: Stored<Vec<Category>>,
    /// Where it serves.
    pub regions: Stored<Vec<Region>>,
    /// Where it is.
    pub address: Option<Stored<Address>>,
    /// Whether its people meet customers.
    pub customer_facing: bool,
    /// The supplier it belongs to. Suppliers themselves always see null.
    pub parent_id: Option<SupplierId>,
    /// The supplier it belongs to; null unless `expand=parent` was asked.
    #[sea_orm(skip)]
    pub parent: Option<SupplierSummary>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A supplier in a few words.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct SupplierSummary {
    /// Never changes.
    pub id: SupplierId,
    /// Name as it is shown.
    pub name: String,
    /// What it is.
    pub kind: SupplierKind,
    /// Where it stands.
    pub status: SupplierStatus,
}

/// A supplier that was just made, with others of a similar name.
#[derive(Clone, Debug, Object, Serialize)]
pub struct CreatedSupplier {
    #[oai(flatten)]
    #[serde(flatten)]
    pub supplier: Supplier,
    /// Suppliers whose names look alike, most alike first, five at most. Nothing was refused
    /// because of them; it is for you to see whether the same supplier was there already.
    pub similar: Vec<SupplierSummary>,
}

/// A supplier to be made. It starts as a prospect.
#[derive(Clone, Debug, Object, Serialize, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct NewSupplier {
    /// What it is.
    pub kind: SupplierKind,
    /// Name as it is shown.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// Its key in another system; unique.
    pub external_id: Option<ExternalId>,
    /// Identities from public registers. One that another supplier has is refused (409).
    #[oai(default, validator(max_items = 20))]
    pub legal_ids: Stored<Vec<LegalId>>,
    /// What it does.
    #[oai(default, validator(max_items = 50, unique_items))]
    pub categories: Stored<Vec<Category>>,
    /// Where it serves.
    #[oai(default, validator(max_items = 300, unique_items))]
    pub regions: Stored<Vec<Region>>,
    /// Where it is.
    pub address: Option<Stored<Address>>,
    /// Whether its people meet customers.
    #[oai(default)]
    pub customer_facing: bool,
    /// The supplier it belongs to.
    pub parent_id: Option<SupplierId>,
}

/// A change of a supplier (JSON Merge Patch): what is absent stays as it is, lists and the
/// address are replaced as a whole.
#[derive(Clone, Debug, Default, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct SupplierChange {
    /// Name as it is shown.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// Its key in another system.
    pub external_id: NullableChange<ExternalId>,
    /// Identities from public registers.
    #[oai(validator(max_items = 20))]
    pub legal_ids: Change<Stored<Vec<LegalId>>>,
    /// What it does.
    #[oai(validator(max_items = 50, unique_items))]
    pub categories: Change<Stored<Vec<Category>>>,
    /// Where it serves.
    #[oai(validator(max_items = 300, unique_items))]
    pub regions: Change<Stored<Vec<Region>>>,
    /// Where it is.
    pub address: NullableChange<Stored<Address>>,
    /// Whether its people meet customers.
    pub customer_facing: Change<bool>,
    /// The supplier it belongs to.
    pub parent_id: NullableChange<SupplierId>,
}

/// Why something is done; it becomes part of the history.
#[derive(Clone, Debug, Object)]
pub struct Reason {
    /// The reason in your words.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// The orders of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum SupplierSort {
    /// By name, upper and lower case and accents alike.
    #[default]
    #[oai(rename = "name")]
    Name,
    #[oai(rename = "-name")]
    NameDescending,
    #[oai(rename = "created_at")]
    Created,
    #[oai(rename = "-created_at")]
    CreatedDescending,
}

/// What can be read along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum SupplierExpansion {
    Parent,
}

/// Which suppliers, in which order.
#[derive(Debug, Clone, Object)]
pub struct SupplierQuery {
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<SupplierStatus>,
    /// Only these kinds; repeat for several.
    #[oai(default)]
    pub kind: Vec<SupplierKind>,
    /// Only those with one of these categories.
    #[oai(default, validator(max_items = 20))]
    pub category: Vec<Category>,
    /// Only those that serve one of these regions.
    #[oai(default, validator(max_items = 20))]
    pub region: Vec<Region>,
    /// Only those whose people meet customers, or only the others.
    pub customer_facing: Option<bool>,
    /// Only those that belong to this supplier.
    pub parent_id: Option<SupplierId>,
    /// Only the one with this key.
    pub external_id: Option<ExternalId>,
    /// Full text over name, legal ids, external id and categories: every word must begin a word.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub q: Option<String>,
    /// Made at or after this instant.
    pub created_at_gte: Option<Timestamp>,
    /// Made before this instant.
    pub created_at_lt: Option<Timestamp>,
    /// The order; ties are broken by id.
    #[oai(default)]
    pub sort: SupplierSort,
    /// What to read along.
    #[oai(default)]
    pub expand: Vec<SupplierExpansion>,
    #[oai(flatten)]
    pub paging: Paging,
}

/// What to read along with one supplier.
#[derive(Debug, Clone, Object)]
pub struct SupplierExpansions {
    /// What to read along.
    #[oai(default)]
    pub expand: Vec<SupplierExpansion>,
}

//! The tables of suppliers.

use super::types::{Address, Category, ExternalId, LegalId, Region, SupplierKind, SupplierStatus};
use crate::shared::auth::Scope;
use crate::shared::db::Stored;
use crate::shared::id::{ImportId, SupplierId};
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SupplierId,
    pub kind: SupplierKind,
    pub name: String,
    /// The name, folded and cut, as bytes: sorts and compares alike on both databases.
    pub name_key: Vec<u8>,
    pub status: SupplierStatus,
    #[sea_orm(unique)]
    pub external_id: Option<ExternalId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub legal_ids: Stored<Vec<LegalId>>,
    #[sea_orm(column_type = "JsonBinary")]
    pub categories: Stored<Vec<Category>>,
    #[sea_orm(column_type = "JsonBinary")]
    pub regions: Stored<Vec<Region>>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub address: Option<Stored<Address>>,
    pub customer_facing: bool,
    pub parent_id: Option<SupplierId>,
    /// The import it came with.
    pub import_id: Option<ImportId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of suppliers starts.
    pub fn visible(scope: Scope) -> Select<Entity> {
        Entity::find().filter(scope.on(Column::Id))
    }
}

/// Legal ids in the form they are compared in; makes them unique.
pub mod legal_id {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "supplier_legal_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub scheme: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub value: String,
        pub supplier_id: SupplierId,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Categories and regions, for filters.
pub mod tag {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "supplier_tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub value: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: SupplierId,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

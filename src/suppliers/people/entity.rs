//! The table of people.

use super::types::{PersonId, PersonRole, Phone};
use crate::shared::auth::Scope;
use crate::shared::db::Stored;
use crate::shared::id::{ImportId, SupplierId};
use crate::shared::text::{Email, Language};
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    pub supplier_id: SupplierId,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub roles: Stored<Vec<PersonRole>>,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub language: Option<Language>,
    pub reachable: Option<String>,
    /// Unique among the people of the supplier: nobody learns whom another one has.
    pub external_id: Option<ExternalId>,
    /// The import the person came with.
    pub import_id: Option<ImportId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of people starts: one supplier's, if the caller sees that supplier.
    pub fn visible(scope: Scope, supplier: SupplierId) -> Select<Entity> {
        Entity::find().filter(scope.on(Column::SupplierId)).filter(Column::SupplierId.eq(supplier))
    }
}

//! The table of credentials.

use super::types::{CredentialId, CredentialStatus};
use crate::shared::auth::Scope;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CredentialId,
    pub supplier_id: SupplierId,
    #[sea_orm(column_name = "type")]
    pub kind: String,
    pub number: String,
    pub issuer: String,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub status: CredentialStatus,
    pub status_reason: Option<String>,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of credentials starts: one supplier's, if the caller sees that supplier.
    pub fn visible(scope: Scope, supplier: SupplierId) -> Select<Entity> {
        Entity::find().filter(scope.on(Column::SupplierId)).filter(Column::SupplierId.eq(supplier))
    }
}

//! The table of notes.

use super::types::NoteId;
use crate::shared::auth::Scope;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "supplier_note")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoteId,
    pub supplier_id: SupplierId,
    pub text: String,
    pub author_id: AccountId,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of notes starts: one supplier's, if the caller sees that supplier.
    pub fn visible(scope: Scope, supplier: SupplierId) -> Select<Entity> {
        Entity::find().filter(scope.on(Column::SupplierId)).filter(Column::SupplierId.eq(supplier))
    }
}

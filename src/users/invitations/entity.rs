//! The table of invitations.

use super::types::InvitationId;
use crate::shared::auth::By;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// In lower case.
    pub email: String,
    pub role: Role,
    pub supplier_id: Option<SupplierId>,
    /// Which token is the valid one: each sending makes the next.
    pub round: i64,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub account_id: Option<AccountId>,
    pub invited_by: AccountId,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of invitations starts: a supplier's own, those of all suppliers for managers,
    /// all for owners and auditors.
    pub fn visible(by: &By) -> Select<Entity> {
        let of_suppliers = by.caller.is(Role::Manager).then(|| Column::SupplierId.is_not_null());
        Entity::find().filter(by.scope.on(Column::SupplierId).add_option(of_suppliers))
    }
}

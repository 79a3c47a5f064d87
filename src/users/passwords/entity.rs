//! The table of password resets. Their tokens are signed, not stored.

use crate::id;
use crate::shared::id::AccountId;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;

id!(
    /// A request for another password.
    ResetId
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_reset")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResetId,
    pub account_id: AccountId,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

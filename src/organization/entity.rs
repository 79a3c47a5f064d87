//! The table of the organisation, which has one row.

use crate::shared::text::{Email, Language};
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;

/// The id of the one row.
pub const ID: &str = "organization";

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub time_zone: String,
    pub language: Language,
    pub contact_email: Option<Email>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

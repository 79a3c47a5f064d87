//! The table of calendars.

use super::types::{Holiday, WorkingHours};
use crate::shared::db::Stored;
use crate::shared::id::CalendarId;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CalendarId,
    pub name: String,
    pub time_zone: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub hours: Stored<Vec<WorkingHours>>,
    #[sea_orm(column_type = "JsonBinary")]
    pub holidays: Stored<Vec<Holiday>>,
    pub is_default: bool,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

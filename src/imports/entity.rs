//! The tables of imports.

use super::types::{FileFormat, OnError};
use crate::shared::auth::By;
use crate::shared::db::Stored;
use crate::shared::id::ImportId;
use crate::shared::import::ImportMode;
use crate::shared::jobs::{JobId, JobStatus};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};
use serde_json::Value as Json;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    pub kind: String,
    pub format: FileFormat,
    pub mode: ImportMode,
    pub on_error: OnError,
    pub dry_run: bool,
    /// `queued` until it has ended; until then the job tells where it stands.
    pub status: JobStatus,
    pub job_id: JobId,
    /// `account`, `api_key`, or `command_line` with an id of zeros.
    pub ordered_by_kind: String,
    pub ordered_by: Uuid,
    pub bytes: i64,
    pub rows_done: i64,
    pub rows_created: i64,
    pub rows_updated: i64,
    pub rows_unchanged: i64,
    pub rows_failed: i64,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub error: Option<Stored<Json>>,
    pub finished_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of imports starts.
    pub fn visible(by: &By) -> Select<Entity> {
        let sees_all = by.caller.is(Role::Owner) || by.caller.is(Role::Auditor);
        match sees_all {
            true => Entity::find(),
            false => Entity::find().filter(Column::OrderedBy.eq(by.caller.id())),
        }
    }
}

/// Rows that were refused.
pub mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_row")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: ImportId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub external_id: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub problem: Stored<Json>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! The table of exports.

use crate::imports::FileFormat;
use crate::shared::auth::By;
use crate::shared::db::Stored;
use crate::shared::id::{ExportId, SupplierId};
use crate::shared::jobs::{JobId, JobStatus};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryFilter, Select};
use serde_json::Value as Json;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExportId,
    pub kind: String,
    pub format: FileFormat,
    #[sea_orm(column_type = "JsonBinary")]
    pub filter: Stored<Json>,
    /// `queued` until it has succeeded; until then the job tells where it stands.
    pub status: JobStatus,
    pub job_id: JobId,
    /// `account` or `api_key`.
    pub ordered_by_kind: String,
    pub ordered_by: Uuid,
    /// The supplier of whoever ordered it.
    pub supplier_id: Option<SupplierId>,
    pub rows: Option<i64>,
    pub bytes: Option<i64>,
    pub finished_at: Option<Timestamp>,
    pub expires_at: Timestamp,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of exports starts: owners and auditors see all, everybody else their own.
    pub fn visible(by: &By) -> Select<Entity> {
        let sees_all = by.caller.is(Role::Owner) || by.caller.is(Role::Auditor);
        let own = (!sees_all).then(|| Column::OrderedBy.eq(by.caller.id()));
        Entity::find().filter(Condition::all().add(by.scope.on(Column::SupplierId)).add_option(own))
    }

    /// Where every read of contents starts: what is in it was read with somebody's rights.
    pub fn readable(by: &By) -> Select<Entity> {
        match by.caller.is(Role::Owner) {
            true => Self::visible(by),
            false => Self::visible(by).filter(Column::OrderedBy.eq(by.caller.id())),
        }
    }
}

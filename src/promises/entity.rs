//! The tables of promises.

use super::capability::{Capability, CheckId};
use super::types::{Period, Precision, PromiseStatus, Verdict};
use super::underpinning::UnderpinningPart;
use crate::agreements::{Comparison, Direction, Metric, seen_by};
use crate::shared::auth::By;
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, AgreementId, CalendarId, ExpectationId, PromiseId, SupplierId};
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "promise")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PromiseId,
    pub agreement_id: AgreementId,
    pub supplier_id: SupplierId,
    pub expectation_id: ExpectationId,
    pub direction: Direction,
    #[sea_orm(unique)]
    pub external_id: Option<ExternalId>,
    pub promised_to: Option<String>,
    pub status: PromiseStatus,
    pub version: i64,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of promises starts: those of agreements that the caller sees.
    pub fn visible(by: &By) -> Select<Entity> {
        Entity::find().filter(seen_by(by, Column::AgreementId))
    }
}

/// What is promised, in numbered versions: a new target is a new version.
pub mod version {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "promise_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub promise_id: PromiseId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub wording: String,
        pub metric: Metric,
        pub comparison: Comparison,
        /// Seconds for a duration.
        pub target: f64,
        pub unit: Option<String>,
        pub reliability: f64,
        pub precision: Precision,
        pub calendar_id: Option<CalendarId>,
        pub grace_seconds: i64,
        pub period: Period,
        pub effective_from: Timestamp,
        pub published_at: Option<Timestamp>,
        pub unpublished_at: Option<Timestamp>,
        pub approved_by: Option<AccountId>,
        pub approval_reason: Option<String>,
        pub recheck_on: Option<Date>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Capability checks, as they came out.
pub mod check {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "capability_check")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CheckId,
        pub promise_id: PromiseId,
        pub version: i64,
        pub verdict: Verdict,
        #[sea_orm(column_type = "JsonBinary")]
        pub content: Stored<Capability>,
        pub created_by: Option<Uuid>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a promise to customers rests on.
pub mod underpinning {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "underpinning")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub promise_id: PromiseId,
        #[sea_orm(column_type = "JsonBinary")]
        pub links: Stored<UnderpinningPart>,
        pub revision: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! The tables of commitments, excuses and tallies.

use super::types::{Cause, CommitmentStatus, ExcuseStatus};
use crate::agreements::Side;
use crate::shared::id::{AgreementId, CommitmentId, ImportId, PersonId, PromiseId, SupplierId};
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "commitment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommitmentId,
    pub promise_id: PromiseId,
    pub promise_version: i64,
    pub agreement_id: AgreementId,
    pub supplier_id: SupplierId,
    pub person_id: Option<PersonId>,
    pub status: CommitmentStatus,
    /// Whether it was made while its version was published.
    pub is_promised: bool,
    pub made_at: Timestamp,
    pub due_at: Timestamp,
    /// The last instant at which it can still be kept.
    pub breaks_at: Timestamp,
    pub fulfilled_at: Option<Timestamp>,
    /// What was reached: seconds of working time for a duration, else the measured number.
    pub value: Option<f64>,
    /// The tightest target that it would have met; none when it would have met none.
    pub tightest: Option<f64>,
    /// The day on which it counts: of `due_at` in the organisation's zone when it was recorded.
    pub day: Date,
    pub slot: i64,
    pub job_ref: Option<String>,
    pub customer_ref: Option<String>,
    pub cause: Option<Cause>,
    pub note: Option<String>,
    pub external_id: Option<ExternalId>,
    pub supersedes_id: Option<CommitmentId>,
    pub superseded_by_id: Option<CommitmentId>,
    pub import_id: Option<ImportId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Requests to excuse broken commitments, and how they were decided.
pub mod excuse {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "excuse")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub commitment_id: CommitmentId,
        pub supplier_id: SupplierId,
        pub status: ExcuseStatus,
        pub cause: Cause,
        pub reason: String,
        pub asked_by: Uuid,
        pub asked_by_side: Side,
        pub decided_by: Option<Uuid>,
        pub decided_at: Option<Timestamp>,
        pub decision_reason: Option<String>,
        pub revision: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Outcomes by promise (or person within it), day and slot: what numbers are read from.
pub mod tally {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment_tally")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub promise_id: PromiseId,
        /// The promise itself, or a person within it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub is_promised: bool,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Date,
        /// The version of the promise that the commitments were judged by.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub slot: i64,
        pub kept: i64,
        /// Requested excuses count as broken, granted ones do not.
        pub broken: i64,
        pub excused: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many commitments of a month would have met a target and no tighter one, in buckets 1 % wide.
pub mod value_tally {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment_value_tally")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub promise_id: PromiseId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: Date,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub slot: i64,
        pub count: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

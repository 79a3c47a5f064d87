//! The shapes of commitments in the API.

use super::entity;
use crate::shared::duration::Duration;
pub use crate::shared::id::CommitmentId;
use crate::shared::id::{AgreementId, ImportId, PersonId, PromiseId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, DerivePartialModel, EnumIter};
use serde::{Deserialize, Serialize};

/// Where a commitment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CommitmentStatus {
    Open,
    Kept,
    Broken,
    /// It was taken back, or never happened: it does not count.
    Withdrawn,
    /// Broken; somebody has asked for it to be excused.
    ExcuseRequested,
    Excused,
}

/// Why a promise was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Cause {
    /// The organisation: something we owed was late or missing.
    Us,
    Supplier,
    Customer,
    ThirdParty,
    ForceMajeure,
    Unknown,
}

/// How an excuse was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ExcuseStatus {
    Requested,
    Granted,
    Refused,
    /// The commitment was corrected: what was asked for, or granted, fell away with it.
    Void,
}

/// One occasion on which a promise was made to somebody.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Commitment {
    /// Never changes.
    pub id: CommitmentId,
    /// What was promised.
    pub promise_id: PromiseId,
    /// By which version of the promise it is judged: the one in force when it was made.
    pub promise_version: i64,
    /// The agreement of the promise.
    pub agreement_id: AgreementId,
    /// The supplier of the agreement.
    pub supplier_id: SupplierId,
    /// Who answers for it.
    pub person_id: Option<PersonId>,
    /// Where it stands.
    pub status: CommitmentStatus,
    /// Whether it was made while its version was published; otherwise it is history.
    pub is_promised: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it was to be fulfilled.
    pub due_at: Timestamp,
    /// The last instant at which it can be kept: `due_at` with the grace of the promise, or the end of
    /// that day when the promise is precise to the day.
    pub breaks_at: Timestamp,
    /// When it was fulfilled, in time or late.
    pub fulfilled_at: Option<Timestamp>,
    /// What was reached: seconds of working time for a duration, else the measured number in the
    /// promise's unit.
    pub value: Option<f64>,
    /// The day on which it counts: of `due_at` in the organisation's zone.
    pub day: NaiveDate,
    /// The job, order or visit it belongs to.
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym.
    pub customer_ref: Option<String>,
    /// Why it was not kept.
    pub cause: Option<Cause>,
    /// Remarks.
    pub note: Option<String>,
    /// Its key in another system.
    pub external_id: Option<ExternalId>,
    /// The commitment that this one corrects.
    pub supersedes_id: Option<CommitmentId>,
    /// The commitment that corrects this one, which then counts no more.
    pub superseded_by_id: Option<CommitmentId>,
    /// The import that made it.
    pub import_id: Option<ImportId>,
    /// `us` when something that we owed for the same job was broken before; null in lists.
    #[sea_orm(skip)]
    pub suggested_cause: Option<Cause>,
    /// Our broken commitment that suggests it; null in lists.
    #[sea_orm(skip)]
    pub suggested_by_id: Option<CommitmentId>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A commitment to be recorded.
#[derive(Clone, Debug, Default, Object)]
pub struct NewCommitment {
    /// The promise; or name it by `promise_external_id`. Exactly one of the two.
    pub promise_id: Option<PromiseId>,
    /// The promise by its key in another system.
    pub promise_external_id: Option<ExternalId>,
    /// When it was made, at the latest now; now when left out.
    pub made_at: Option<Timestamp>,
    /// Until when it is to be fulfilled: with the grace of the promise, before 9999-12-30 (422). When left out, `made_at`
    /// and the promised working time; needed when the promise is not about a duration.
    pub due_at: Option<Timestamp>,
    /// When it was fulfilled, at the latest now.
    pub fulfilled_at: Option<Timestamp>,
    /// What was reached, in the unit of the promise: together with `fulfilled_at`, and only when the
    /// promise is not about a duration.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub value: Option<f64>,
    /// Who answers for it: a person of the supplier.
    pub person_id: Option<PersonId>,
    /// The job, order or visit it belongs to.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Why it was not kept.
    pub cause: Option<Cause>,
    /// Remarks.
    #[oai(validator(max_length = 2000))]
    pub note: Option<String>,
    /// Its key in another system; unique among commitments that are not superseded.
    pub external_id: Option<ExternalId>,
}

/// How a commitment was fulfilled.
#[derive(Clone, Debug, Object)]
pub struct Fulfilment {
    /// When, at the latest now; now when left out.
    pub fulfilled_at: Option<Timestamp>,
    /// What was reached, in the unit of the promise; needed when it is not about a duration, and only then.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub value: Option<f64>,
}

/// Why a commitment does not count.
#[derive(Clone, Debug, Object)]
pub struct CommitmentReason {
    /// The reason.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// Why a commitment was not kept.
#[derive(Clone, Debug, Object)]
pub struct CommitmentCause {
    /// The cause.
    pub cause: Cause,
}

/// What a commitment really was. Members that are left out stay as they were.
#[derive(Clone, Debug, Object)]
pub struct Correction {
    /// Why it is corrected.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
    /// When it was made.
    pub made_at: Option<Timestamp>,
    /// Until when it was to be fulfilled, before 9999-12-30 as in `NewCommitment`. When left out and another `made_at` is
    /// given, a time that followed from the promise follows again.
    pub due_at: Option<Timestamp>,
    /// When it was fulfilled.
    pub fulfilled_at: Option<Timestamp>,
    /// True: it was never fulfilled. Not together with `fulfilled_at`.
    #[oai(default)]
    pub is_unfulfilled: bool,
    /// What was reached, in the unit of the promise.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub value: Option<f64>,
    /// Who answers for it.
    pub person_id: Option<PersonId>,
    /// The job, order or visit it belongs to.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Remarks.
    #[oai(validator(max_length = 2000))]
    pub note: Option<String>,
}

/// Which commitments, in the order they were recorded.
#[derive(Debug, Clone, Object)]
pub struct CommitmentQuery {
    /// Only those of this promise.
    pub promise_id: Option<PromiseId>,
    /// Only those under this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only those with this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those for which this person answers.
    pub person_id: Option<PersonId>,
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<CommitmentStatus>,
    /// Only those of this job.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// Only those to this customer.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Only the one with this key.
    pub external_id: Option<ExternalId>,
    /// Due at or after this instant.
    pub due_at_gte: Option<Timestamp>,
    /// Due before this instant.
    pub due_at_lt: Option<Timestamp>,
    /// Whether to show those that were corrected, too.
    #[oai(default)]
    pub superseded: bool,
    #[oai(flatten)]
    pub paging: Paging,
}

/// Which commitments are looked at: open ones, those that break first at the top.
#[derive(Debug, Clone, Object)]
pub struct AtRiskQuery {
    /// Only those that break within this time from now.
    #[oai(default = "a_day")]
    pub within: Duration,
    /// Only those of this promise.
    pub promise_id: Option<PromiseId>,
    /// Only those under this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only those with this supplier.
    pub supplier_id: Option<SupplierId>,
    #[oai(flatten)]
    pub paging: Paging,
}

/// Which commitments: broken ones that something of ours may excuse, in the order they were recorded.
#[derive(Debug, Clone, Object)]
pub struct CandidateQuery {
    /// Only those with this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those under this agreement.
    pub agreement_id: Option<AgreementId>,
    #[oai(flatten)]
    pub paging: Paging,
}

fn a_day() -> Duration {
    Duration::of_seconds(86_400)
}

/// What a row of an import may say about the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum ImportedStatus {
    /// It was taken back, or never happened: it does not count.
    Withdrawn,
}

/// A row of an import of commitments. With `mode=upsert` a row whose `external_id` is known fulfils what is
/// open and corrects what was decided otherwise; a fulfilment that is late is recorded on what is broken and
/// changes nothing else. Members that are left out, the promise among them, stay as they were.
#[derive(Clone, Debug, Object)]
pub struct ImportedCommitment {
    #[oai(flatten)]
    pub new: NewCommitment,
    /// Who answers for it, by the key in another system.
    pub person_external_id: Option<ExternalId>,
    /// Given only for what was withdrawn; otherwise the state follows from the times.
    pub status: Option<ImportedStatus>,
}

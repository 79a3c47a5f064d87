//! The shapes of expectations in the API.

use super::entity;
use crate::agreements::types::Side;
use crate::shared::change::{Change, NullableChange};
use crate::shared::db::Stored;
use crate::shared::duration::Duration;
pub use crate::shared::id::ExpectationId;
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, DerivePartialModel, EnumIter};
use serde::{Deserialize, Serialize};

/// Who owes it to whom.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Direction {
    SupplierToUs,
    UsToSupplier,
    SupplierToCustomer,
}

impl Direction {
    /// Who has to do it.
    pub fn owed_by(self) -> Side {
        match self {
            Direction::SupplierToUs | Direction::SupplierToCustomer => Side::Supplier,
            Direction::UsToSupplier => Side::Us,
        }
    }
}

/// Of which kind of quality it is (RATER).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Dimension {
    /// Doing what was promised, dependably.
    Reliability,
    /// Knowledge and courtesy that inspire trust.
    Assurance,
    /// How places, tools, people and papers look.
    Tangibles,
    /// Care and individual attention.
    Empathy,
    /// Helping at once.
    Responsiveness,
}

impl Dimension {
    /// As it stands in documents and pictures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reliability => "Reliability",
            Self::Assurance => "Assurance",
            Self::Tangibles => "Tangibles",
            Self::Empathy => "Empathy",
            Self::Responsiveness => "Responsiveness",
        }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Metric {
    /// How long it takes.
    Duration,
    /// A share, 0-1.
    Proportion,
    /// A rating on a scale.
    Rating,
    /// How many.
    Count,
}

/// On which side of the target the measure should be. A duration is always `at_most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Comparison {
    AtMost,
    AtLeast,
}

/// One clause of one version of an agreement: what one side expects of the other.
#[derive(Clone, Debug, PartialEq, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Expectation {
    /// Never changes; the same in every version of the agreement.
    pub id: ExpectationId,
    /// The agreement it belongs to.
    pub agreement_id: AgreementId,
    /// The version of the agreement in which it reads like this.
    pub version: i64,
    /// Its number in the agreement, from 1; the same in every version and never given again.
    pub position: i64,
    /// Who owes it to whom.
    pub direction: Direction,
    /// Of which kind of quality it is (RATER).
    pub dimension: Dimension,
    /// What is expected, in words.
    pub text: String,
    /// What is measured; null for a clause in words only. The next five members are null then, too.
    pub metric: Option<Metric>,
    /// On which side of the target the measure should be.
    pub comparison: Option<Comparison>,
    /// The target of a proportion (0-1), a rating or a count; null for a duration.
    pub target: Option<f64>,
    /// The target of a duration (ISO 8601); null for every other metric.
    #[sea_orm(skip)]
    pub target_duration: Option<Duration>,
    /// What is counted or on which scale is rated: `calls`, `stars of 5`.
    pub unit: Option<String>,
    /// On what share of the occasions the target is met (0-1).
    pub reliability: Option<f64>,
    /// Whether failing it alone is enough to put the supplier under watch.
    pub is_gate: bool,
    /// The clauses of the other side without which this one cannot be kept.
    pub depends_on: Stored<Vec<ExpectationId>>,
    /// By when somebody should ask whether it is still right.
    pub review_by: Option<NaiveDate>,
    /// When the organisation accepted it as it reads; null after a change by the supplier.
    pub accepted_by_us_at: Option<Timestamp>,
    /// When the supplier accepted it as it reads; null after a change by the organisation.
    pub accepted_by_supplier_at: Option<Timestamp>,
    /// When the organisation last confirmed that it still holds.
    pub confirmed_by_us_at: Option<Timestamp>,
    /// When the supplier last confirmed that it still holds.
    pub confirmed_by_supplier_at: Option<Timestamp>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A clause to be written.
#[derive(Clone, Debug, Object)]
pub struct NewExpectation {
    /// Who owes it to whom.
    pub direction: Direction,
    /// Of which kind of quality it is (RATER).
    pub dimension: Dimension,
    /// What is expected, in words.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub text: String,
    /// What is measured. Then `comparison`, `reliability` and the target are given as well; without
    /// it, none of them (422).
    pub metric: Option<Metric>,
    /// On which side of the target the measure should be; `at_most` for a duration (422).
    pub comparison: Option<Comparison>,
    /// The target of a proportion (0-1), a rating, or a count (a whole number); never together
    /// with `target_duration` (422).
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub target: Option<f64>,
    /// The target of a duration, longer than nothing: `PT48H`.
    pub target_duration: Option<Duration>,
    /// What is counted or on which scale is rated: `calls`, `stars of 5`; only for ratings and
    /// counts (422).
    #[oai(validator(min_length = 1, max_length = 50))]
    pub unit: Option<String>,
    /// On what share of the occasions the target is met.
    #[oai(validator(minimum(value = "0", exclusive), maximum(value = "1")))]
    pub reliability: Option<f64>,
    /// Whether failing it alone is enough to put the supplier under watch.
    #[oai(default)]
    pub is_gate: bool,
    /// Clauses of the same version, owed by the other side, without which it cannot be kept (422).
    #[oai(default, validator(max_items = 20, unique_items))]
    pub depends_on: Vec<ExpectationId>,
    /// By when somebody should ask whether it is still right.
    pub review_by: Option<NaiveDate>,
}

impl NewExpectation {
    /// A clause in words only.
    pub fn in_words(direction: Direction, dimension: Dimension, text: String) -> Self {
        let (metric, comparison, target, target_duration, unit, reliability) = Default::default();
        let (is_gate, depends_on, review_by) = Default::default();
        Self {
            direction,
            dimension,
            text,
            metric,
            comparison,
            target,
            target_duration,
            unit,
            reliability,
            is_gate,
            depends_on,
            review_by,
        }
    }
}

/// A change of a clause (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct ExpectationChange {
    /// Who owes it to whom.
    pub direction: Change<Direction>,
    /// Of which kind of quality it is (RATER).
    pub dimension: Change<Dimension>,
    /// What is expected, in words.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub text: Change<String>,
    /// What is measured.
    pub metric: NullableChange<Metric>,
    /// On which side of the target the measure should be; `at_most` for a duration (422).
    pub comparison: NullableChange<Comparison>,
    /// The target of a proportion (0-1), a rating or a count.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub target: NullableChange<f64>,
    /// The target of a duration: `PT48H`.
    pub target_duration: NullableChange<Duration>,
    /// What is counted or on which scale is rated.
    #[oai(validator(min_length = 1, max_length = 50))]
    pub unit: NullableChange<String>,
    /// On what share of the occasions the target is met.
    #[oai(validator(minimum(value = "0", exclusive), maximum(value = "1")))]
    pub reliability: NullableChange<f64>,
    /// Whether failing it alone is enough to put the supplier under watch.
    pub is_gate: Change<bool>,
    /// Clauses of the same version, owed by the other side; replaces the whole list.
    #[oai(validator(max_items = 20, unique_items))]
    pub depends_on: Change<Vec<ExpectationId>>,
    /// By when somebody should ask whether it is still right.
    pub review_by: NullableChange<NaiveDate>,
}

/// That a clause in force still holds.
#[derive(Clone, Debug, Default, Object)]
pub struct Confirmation {
    /// By when to ask again, a day to come; only the organisation sets it. Absent: as it was.
    pub review_by: Option<NaiveDate>,
}

/// Which clauses: those of one version, in the order of their numbers.
#[derive(Debug, Clone, Object)]
pub struct ExpectationQuery {
    /// The version. Absent: the one being negotiated if you may see it, else the one in force, else
    /// the last one.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub version: Option<i64>,
    /// Who owes it to whom; one of these.
    #[oai(default, validator(max_items = 3))]
    pub direction: Vec<Direction>,
    /// Of which kind of quality; one of these.
    #[oai(default, validator(max_items = 5))]
    pub dimension: Vec<Dimension>,
    #[oai(flatten)]
    pub paging: Paging,
}

/// In which version to look.
#[derive(Debug, Clone, Object)]
pub struct ExpectationVersionQuery {
    /// The version. Absent: the one being negotiated if you may see it, else the one in force, else
    /// the last one.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub version: Option<i64>,
}

/// Why a clause in force should be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum StaleReason {
    /// `review_by` has passed.
    ReviewOverdue,
    /// The organisation has neither agreed to it nor confirmed it for too long.
    NotConfirmedByUs,
    /// The supplier has neither agreed to it nor confirmed it for too long.
    NotConfirmedBySupplier,
}

/// A clause in force that should be looked at again.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct StaleExpectation {
    /// The supplier of the agreement.
    pub supplier_id: SupplierId,
    /// Title of the agreement.
    pub agreement_title: String,
    /// The clause.
    pub expectation: Expectation,
    /// Why; at least one.
    pub reasons: Vec<StaleReason>,
    /// For how many days it has been stale, by the oldest of the reasons.
    pub overdue_days: i64,
}

/// Which stale clauses, in the order in which they were written.
#[derive(Debug, Clone, Object)]
pub struct StaleQuery {
    /// After how long without a confirmation a clause is stale.
    #[oai(default = "a_year")]
    pub older_than: Duration,
    #[oai(flatten)]
    pub paging: Paging,
}

fn a_year() -> Duration {
    Duration::of_seconds(365 * 86_400)
}

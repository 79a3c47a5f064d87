//! The shapes of capability checks in the API.

use super::super::entity::check;
use super::super::types::Verdict;
use crate::agreements::{Comparison, Metric};
use crate::id;
use crate::shared::days::WindowQuery;
use crate::shared::db::Stored;
use crate::shared::duration::Duration;
use crate::shared::id::PromiseId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::DerivePartialModel;
use serde::{Deserialize, Serialize};

id!(
    /// A capability check.
    CheckId
);

/// From what it was counted how often the target was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CapabilitySource {
    /// Outcomes: all occasions were judged by this very target.
    Outcomes,
    /// Each occasion, judged anew by the target asked about.
    Values,
}

/// One full period of a promise.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct PeriodOutcome {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// How many occasions count.
    pub n: i64,
    /// How many of them were kept.
    pub k: i64,
    /// k / n (0-1); null below 10 occasions.
    pub share: Option<f64>,
    /// Whether that is more than 0.05 below the reliability: then the promise is not kept repeatedly.
    pub is_below: bool,
}

/// What the history of a promise supports.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct Capability {
    /// What the history says about this target and reliability.
    pub verdict: Verdict,
    /// The same in a sentence or two.
    pub summary: String,
    /// What is measured.
    pub metric: Metric,
    /// On which side of the target the measure should be.
    pub comparison: Comparison,
    /// The target asked about; null for a duration.
    pub target: Option<f64>,
    /// The duration asked about; null for every other metric.
    pub target_duration: Option<Duration>,
    /// The reliability asked about (0-1).
    pub reliability: f64,
    /// First day of the history looked at.
    pub from: NaiveDate,
    /// Last day of the history looked at.
    pub to: NaiveDate,
    /// How many occasions count: kept or broken, promised or not; excused ones do not.
    pub n: i64,
    /// How many of them met the target.
    pub k: i64,
    /// k / n (0-1); null below 10 occasions.
    pub share: Option<f64>,
    /// One-sided 95 % lower bound of the share; null when nothing counts.
    pub lower: Option<f64>,
    /// One-sided 95 % upper bound of the share; null when nothing counts.
    pub upper: Option<f64>,
    /// How the bounds are computed: `wilson_95_one_sided`, the Wilson score interval with z = 1.645.
    pub method: String,
    /// Fewer occasions than this cannot show the reliability; null: no number can.
    pub min_n: Option<i64>,
    /// Whether none of the last full periods is below.
    pub is_repeated: bool,
    /// The last 3 full periods, all over by yesterday, the latest first.
    pub periods: Vec<PeriodOutcome>,
    /// The reliability that the history supports at this target: the lower bound, cut down to 0.01; null when
    /// nothing counts.
    pub supported_reliability: Option<f64>,
    /// The target that the history supports at this reliability; null for a duration, or when there is none.
    pub supported_target: Option<f64>,
    /// The duration that the history supports at this reliability; null for other metrics, or when there is none.
    pub supported_target_duration: Option<Duration>,
    /// From what it was counted how often the target was met.
    pub source: CapabilitySource,
    /// Whether single occasions were looked at. From 1,000 on they are read from buckets 1 % wide over whole months, by
    /// the worse edge: targets read from them are up to 1 % too cautious. A month that goes on after the last day, when
    /// that is past, is left out.
    pub is_exact: bool,
    /// When it was computed.
    pub as_of: Timestamp,
}

/// A capability check as it came out.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "check::Entity")]
pub struct CapabilityCheck {
    /// Never changes.
    pub id: CheckId,
    /// The promise that was checked.
    pub promise_id: PromiseId,
    /// The version of the promise that was checked.
    pub version: i64,
    /// What the history said.
    pub verdict: Verdict,
    /// With all its numbers.
    #[sea_orm(from_col = "content")]
    pub finding: Stored<Capability>,
    /// When it was checked.
    pub created_at: Timestamp,
}

/// What to look at. Without any, the version in force over the last 365 days.
#[derive(Debug, Clone, Object)]
pub struct CapabilityQuery {
    /// Another reliability than the promised one.
    #[oai(validator(minimum(value = "0.01"), maximum(value = "1")))]
    pub reliability: Option<f64>,
    /// Another target than the promised one, of a proportion, a rating or a count.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub target: Option<f64>,
    /// Another duration than the promised one.
    pub target_duration: Option<Duration>,
    #[oai(flatten)]
    pub days: WindowQuery,
}

/// Which checks: all of one promise, the latest first.
#[derive(Debug, Clone, Object)]
pub struct CheckQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

//! The shapes of templates in the API.

use crate::agreements::expectations::{Comparison, Dimension, Direction, Metric};
use crate::agreements::types::{Cadence, CodeItem};
use crate::shared::duration::Duration;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// An agreement to start from.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementTemplate {
    /// Names it in `template` of a new agreement: `field-service`.
    pub key: String,
    /// Name.
    pub name: String,
    /// For whom it is.
    pub description: String,
    /// How often reviews are held.
    pub cadence: Cadence,
    /// What to do, and what not, when something goes wrong while serving a customer.
    #[serde(default)]
    pub service_code: Vec<CodeItem>,
    /// The clauses, in the order of their numbers from 1.
    pub clauses: Vec<TemplateClause>,
}

/// A clause of a template.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateClause {
    /// Who owes it to whom.
    pub direction: Direction,
    /// Of which kind of quality it is (RATER).
    pub dimension: Dimension,
    /// What is expected, in words.
    pub text: String,
    /// What is measured; null for a clause in words only.
    pub metric: Option<Metric>,
    /// On which side of the target the measure should be.
    pub comparison: Option<Comparison>,
    /// The target of a proportion (0-1), a rating or a count; null for a duration.
    pub target: Option<f64>,
    /// The target of a duration (ISO 8601); null for every other metric.
    pub target_duration: Option<Duration>,
    /// What is counted or on which scale is rated.
    pub unit: Option<String>,
    /// On what share of the occasions the target is met (0-1).
    pub reliability: Option<f64>,
    /// Whether failing it alone is enough to put the supplier under watch.
    #[serde(default)]
    pub is_gate: bool,
    /// Numbers of the clauses of the other side without which it cannot be kept.
    #[serde(default)]
    pub depends_on: Vec<i64>,
}

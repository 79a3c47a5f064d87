//! What a review says of clauses.

use crate::shared::id::ExpectationId;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Whether a clause still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ClauseVerdict {
    /// It holds as it reads.
    Confirmed,
    /// It should read otherwise.
    Change,
}

/// What a review says of a clause.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct ClauseReview {
    /// The clause.
    pub expectation_id: ExpectationId,
    /// Whether it still holds.
    pub verdict: ClauseVerdict,
    /// How it should read instead.
    pub proposal: Option<String>,
    /// When that was said.
    pub said_at: Timestamp,
}

/// What is said of a clause.
#[derive(Clone, Debug, Object)]
pub struct NewClauseReview {
    /// Whether it still holds.
    pub verdict: ClauseVerdict,
    /// How it should read instead; for `change`, and only there (422).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub proposal: Option<String>,
}

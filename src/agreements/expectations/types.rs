//! The shapes of expectations in the API.

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
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

//! The shapes of promises in the API.

mod promise;

pub use promise::{
    Approval, NewPromise, NewPromiseTerms, NewPromiseVersion, Promise, PromiseChange, PromiseQuery, PromiseReason,
    PromiseTerms, PromiseVersion, Publication, VersionQuery, shown_target,
};

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Where a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PromiseStatus {
    Draft,
    /// Its capability was checked; it is not made to anybody yet.
    Checked,
    Published,
    Paused,
    Retired,
}

/// How exactly "late" is decided.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Precision {
    #[default]
    Second,
    /// The calendar day in the zone of the calendar.
    Day,
}

/// The period in which a promise has to be kept repeatedly.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Period {
    Week,
    #[default]
    Month,
    Quarter,
    Year,
}

/// What a history says about a promise, from worst to best.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Verdict {
    /// Even the upper bound of what was reached lies below what is promised.
    Contradicted,
    /// Too few occasions to say.
    Insufficient,
    /// What was reached lies below what is promised.
    Unsupported,
    /// Reached, but it may have been luck.
    Plausible,
    /// Even the lower bound of what was reached is as good as promised.
    Demonstrated,
}

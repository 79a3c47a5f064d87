//! The shapes of commitments in the API.

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
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
    /// The commitment was corrected before it was decided.
    Void,
}

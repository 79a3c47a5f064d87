//! The shapes of surveys.

mod item;
mod survey;
mod terms;

pub use item::{Choice, ItemKey, ItemKind, Measure, Scale, ScaleDirection, SurveyItem, Variant};
pub use survey::{
    NewSurvey, Survey, SurveyChange, SurveyInstrument, SurveyQuery, SurveySort, SurveySummary, SurveyVersion,
    SurveyVersionQuery,
};
pub use terms::{FollowUpRule, Instrument, SurveyStatus, SurveyTerms, Weights};

use crate::parsed;
use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

parsed!(
    /// Words in one language.
    Words, pattern: "^[^\\u0000]*[^\\u0000-\\u0020][^\\u0000]*$", at_most: 1000
);

/// The same words in several languages, by BCP 47 code.
pub type Wording = BTreeMap<String, Words>;

/// Whose customer answers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum RespondentKind {
    /// A customer of the organisation.
    ExternalCustomer,
    /// A unit of the organisation that is served by another one.
    InternalCustomer,
}

/// Where in the relationship with a customer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Stage {
    PreTransaction,
    Transaction,
    PostTransaction,
}

/// How an answer reaches us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
    Web,
    App,
    QrCode,
    Paper,
    Phone,
    InPerson,
    Other,
}

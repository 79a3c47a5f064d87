//! The shapes of agreements in the API: what is common here, agreements and versions beside it.

mod agreement;
mod steps;
mod version;

pub use agreement::{Agreement, AgreementChange, AgreementQuery, AgreementSort, NewAgreement};
pub use steps::{Activation, Consent, NewSignature, Offer, PaperSignature, Successor, Termination};
pub use version::{AgreementVersion, Signature, SignatureId, VersionChange, VersionSummary};

use crate::calendars::Weekday;
use crate::shared::duration::Duration;
use crate::shared::id::CalendarId;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Where an agreement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum AgreementStatus {
    Draft,
    Proposed,
    Countered,
    Agreed,
    Active,
    /// In force, while its next version is being negotiated.
    Amending,
    Expiring,
    Expired,
    Renewed,
    Withdrawn,
    Terminated,
}

/// Where a version of an agreement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum VersionStatus {
    /// Being written or negotiated.
    Open,
    /// Accepted clause by clause by both sides, frozen, waiting for signatures.
    Agreed,
    InForce,
    Superseded,
    Withdrawn,
}

/// One of the two sides of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Side {
    /// The organisation.
    Us,
    Supplier,
}

impl Side {
    pub fn other(self) -> Self {
        match self {
            Side::Us => Side::Supplier,
            Side::Supplier => Side::Us,
        }
    }
}

/// Whether an agreement goes on after its end by itself.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Renewal {
    #[default]
    None,
    Automatic,
}

/// The unit of a cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CadenceUnit {
    Week,
    Month,
    Quarter,
    Year,
}

/// How often reviews are held: every `every` `unit`s, on a day of them. Weeks, months, quarters and
/// years are counted from the one in which the agreement starts.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Cadence {
    /// The unit.
    pub unit: CadenceUnit,
    /// Every how many of them.
    #[oai(validator(minimum(value = "1"), maximum(value = "60")))]
    pub every: i64,
    /// On which day of the week. Weeks need it; longer units have it together with `nth`.
    pub weekday: Option<Weekday>,
    /// The first, second, ... of these days in the unit's first month; −1 is the last one, and so
    /// is 5 where there are four.
    #[oai(validator(minimum(value = "-1"), maximum(value = "5")))]
    pub nth: Option<i64>,
    /// Or on this day of the unit's first month, instead of `weekday` and `nth`; the last one when
    /// the month is shorter.
    #[oai(validator(minimum(value = "1"), maximum(value = "31")))]
    pub day: Option<i64>,
}

/// Whether an item of a service code is to be done or to be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CodeItemKind {
    Do,
    Dont,
}

/// One line of a service code.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct CodeItem {
    /// Whether it is to be done or to be left.
    pub kind: CodeItemKind,
    /// What, in one sentence.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub text: String,
}

/// What both sides sign, besides the clauses.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Terms {
    /// Title.
    pub title: String,
    /// The line of service it is about.
    pub service_line: Option<String>,
    /// Which customers are served.
    pub customer_segment: Option<String>,
    /// The calendar in which business time is counted; null: the one that is the default when a promise is made.
    pub calendar_id: Option<CalendarId>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; null: until it is terminated.
    pub ends_on: Option<NaiveDate>,
    /// How long before its end somebody has to say that they leave: whole days.
    pub notice: Duration,
    /// Whether it goes on after its end by itself.
    pub renewal: Renewal,
    /// By how many months automatic renewal prolongs it each time.
    pub renewal_months: Option<i64>,
    /// The share of satisfied customers aimed at, 0-1.
    pub customer_target: f64,
    /// How often it is reviewed.
    pub cadence: Option<Cadence>,
    /// What the supplier's people do, and leave, when they meet customers.
    pub service_code: Vec<CodeItem>,
}

//! Versions of agreements, with what both sides signed.

use super::super::entity;
use super::super::expectations::Expectation;
use super::{Cadence, CodeItem, Renewal, Side, Terms, VersionStatus};
use crate::id;
use crate::shared::change::{Change, NullableChange};
use crate::shared::duration::Duration;
use crate::shared::id::{AccountId, AgreementId, CalendarId};
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::Object;
use sea_orm::DerivePartialModel;
use serde::Serialize;

id!(
    /// A signature.
    SignatureId
);

/// A version in a few words.
#[derive(Clone, Debug, Object, Serialize)]
pub struct VersionSummary {
    /// The agreement.
    pub agreement_id: AgreementId,
    /// Its number: 1, 2, 3, ...
    pub version: i64,
    /// Where it stands.
    pub status: VersionStatus,
    /// Whose move it is; null when it is no longer negotiated.
    pub turn: Option<Side>,
    /// When the other side first saw it.
    pub shared_at: Option<Timestamp>,
    /// When both sides had accepted every clause, and it was frozen.
    pub agreed_at: Option<Timestamp>,
    /// Whether the supplier agreed on paper and staff recorded it.
    pub is_agreed_on_paper: bool,
    /// From which day on it is in force.
    pub effective_from: Option<NaiveDate>,
    /// What was said to the last offer.
    pub note: Option<String>,
    /// SHA-256 (hexadecimal) of what was agreed; null before that. It is over the canonical JSON
    /// (RFC 8785) of an object with `agreement_id`, `version`, `terms` and `clauses` as they are
    /// read here, each clause with these members only: `id`, `position`, `direction`, `dimension`,
    /// `text`, `metric`, `comparison`, `target`, `target_duration`, `unit`, `reliability`,
    /// `is_gate`, `depends_on`.
    pub content_hash: Option<String>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A version of an agreement.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AgreementVersion {
    #[oai(flatten)]
    #[serde(flatten)]
    pub summary: VersionSummary,
    /// What both sides sign, besides the clauses.
    pub terms: Terms,
    /// The clauses, in the order of their numbers.
    pub clauses: Vec<Expectation>,
    /// Who signed.
    pub signatures: Vec<Signature>,
}

/// A signature under a version.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::signature::Entity")]
pub struct Signature {
    /// Never changes.
    pub id: SignatureId,
    /// For which side.
    pub side: Side,
    /// Who signed.
    pub name: String,
    /// As what.
    pub title: Option<String>,
    /// The account of who signed; null for a signature on paper.
    pub account_id: Option<AccountId>,
    /// Whether it was signed on paper and recorded by staff.
    pub is_on_paper: bool,
    /// On which day.
    pub signed_on: NaiveDate,
    /// When it was given or recorded.
    pub created_at: Timestamp,
}

/// A change of the terms of the open version (JSON Merge Patch), by the side whose turn it is.
#[derive(Clone, Debug, Default, Object)]
pub struct VersionChange {
    /// Title.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Change<String>,
    /// The line of service it is about.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub service_line: NullableChange<String>,
    /// Which customers are served.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub customer_segment: NullableChange<String>,
    /// The calendar in which business time is counted.
    pub calendar_id: NullableChange<CalendarId>,
    /// First day.
    pub starts_on: Change<NaiveDate>,
    /// Last day.
    pub ends_on: NullableChange<NaiveDate>,
    /// How long before its end somebody has to say that they leave: whole days, at most ten years.
    pub notice: Change<Duration>,
    /// Whether it goes on after its end by itself.
    pub renewal: Change<Renewal>,
    /// By how many months automatic renewal prolongs it each time.
    #[oai(validator(minimum(value = "1"), maximum(value = "120")))]
    pub renewal_months: NullableChange<i64>,
    /// The share of satisfied customers aimed at.
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    pub customer_target: Change<f64>,
    /// How often it is reviewed.
    pub cadence: NullableChange<Cadence>,
    /// What the supplier's people do, and leave, when they meet customers; replaces the whole list.
    #[oai(validator(max_items = 50))]
    pub service_code: Change<Vec<CodeItem>>,
}

//! Agreements as they are read, made and changed.

use super::{AgreementStatus, Cadence, CodeItem, Renewal, Side, Terms};
use crate::parsed;
use crate::shared::change::{Change, NullableChange};
use crate::shared::duration::Duration;
use crate::shared::id::{AccountId, AgreementId, CalendarId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use serde::Serialize;

parsed!(
    /// The key of a template: `field-service`.
    TemplateKey, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", at_most: 50
);

/// An agreement with one supplier. The terms shown are those in force; before the first activation,
/// those of the first version. Lists are sorted, filtered and searched by what both sides have seen of it.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Agreement {
    /// Never changes.
    pub id: AgreementId,
    /// With whom.
    pub supplier_id: SupplierId,
    /// Its key in another system.
    pub external_id: Option<ExternalId>,
    /// Where it stands; changed by the named transitions and by dates.
    pub status: AgreementStatus,
    /// Why it was withdrawn or terminated.
    pub status_reason: Option<String>,
    /// Who owns it on our side.
    pub owner_id: Option<AccountId>,
    /// Who reviews it on our side.
    pub reviewer_ids: Vec<AccountId>,
    /// The version whose terms these are.
    pub version: i64,
    /// The version in force.
    pub version_in_force: Option<i64>,
    /// The version being written, negotiated or signed. The other side sees it from when it was
    /// offered.
    pub open_version: Option<i64>,
    /// Whose move it is while a version is negotiated.
    pub turn: Option<Side>,
    #[oai(flatten)]
    #[serde(flatten)]
    pub terms: Terms,
    /// From which day on it is terminated.
    pub terminates_on: Option<NaiveDate>,
    /// The agreement it continues.
    pub previous_id: Option<AgreementId>,
    /// Counts edits that your side sees; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed, as far as your side sees it.
    pub updated_at: Timestamp,
}

/// An agreement to be made: a draft that only staff sees until it is proposed.
#[derive(Clone, Debug, Object)]
pub struct NewAgreement {
    /// With whom: a candidate, or a supplier further on.
    pub supplier_id: SupplierId,
    /// Its key in another system; unique.
    pub external_id: Option<ExternalId>,
    /// Who owns it on our side: somebody of the staff.
    pub owner_id: Option<AccountId>,
    /// Who reviews it on our side: people of the staff.
    #[oai(default, validator(max_items = 20, unique_items))]
    pub reviewer_ids: Vec<AccountId>,
    /// Copies the clauses of this agreement, and its terms where none are given here.
    pub copy_from: Option<AgreementId>,
    /// Copies the clauses of this template, and its cadence and service code where none are given
    /// here.
    pub template: Option<TemplateKey>,
    /// Title.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: String,
    /// The line of service it is about.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub service_line: Option<String>,
    /// Which customers are served.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub customer_segment: Option<String>,
    /// The calendar in which business time is counted.
    pub calendar_id: Option<CalendarId>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; left out: until it is terminated.
    pub ends_on: Option<NaiveDate>,
    /// How long before its end somebody has to say that they leave: whole days, at most ten years.
    /// Left out, it is `P90D`.
    pub notice: Option<Duration>,
    /// Whether it goes on after its end by itself. Left out, it is `none`.
    pub renewal: Option<Renewal>,
    /// By how many months automatic renewal prolongs it each time.
    #[oai(validator(minimum(value = "1"), maximum(value = "120")))]
    pub renewal_months: Option<i64>,
    /// The share of satisfied customers aimed at. Left out, it is `0.8`.
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    pub customer_target: Option<f64>,
    /// How often it is reviewed. It is needed to activate.
    pub cadence: Option<Cadence>,
    /// What the supplier's people do, and leave, when they meet customers.
    #[oai(validator(max_items = 50))]
    pub service_code: Option<Vec<CodeItem>>,
}

/// A change of what is not negotiated (JSON Merge Patch). Terms are changed in the open version.
#[derive(Clone, Debug, Default, Object)]
pub struct AgreementChange {
    /// Its key in another system.
    pub external_id: NullableChange<ExternalId>,
    /// Who owns it on our side.
    pub owner_id: NullableChange<AccountId>,
    /// Who reviews it on our side; replaces the whole list.
    #[oai(validator(max_items = 20, unique_items))]
    pub reviewer_ids: Change<Vec<AccountId>>,
}

/// The orders of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum AgreementSort {
    /// By title, upper and lower case and accents alike.
    #[default]
    #[oai(rename = "title")]
    Title,
    #[oai(rename = "-title")]
    TitleDescending,
    #[oai(rename = "created_at")]
    Created,
    #[oai(rename = "-created_at")]
    CreatedDescending,
}

/// Which agreements, in which order.
#[derive(Debug, Clone, Object)]
pub struct AgreementQuery {
    /// Only those with this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<AgreementStatus>,
    /// Only those about this line of service, as it is written.
    #[oai(validator(max_length = 100))]
    pub service_line: Option<String>,
    /// Only those that somebody owns.
    pub owner_id: Option<AccountId>,
    /// Only the one with this key.
    pub external_id: Option<ExternalId>,
    /// Only those that end on this day or earlier.
    pub ends_on_lte: Option<NaiveDate>,
    /// Full text over title, line of service and external id: every word must begin a word.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub q: Option<String>,
    /// The order; ties are broken by id.
    #[oai(default)]
    pub sort: AgreementSort,
    #[oai(flatten)]
    pub paging: Paging,
}

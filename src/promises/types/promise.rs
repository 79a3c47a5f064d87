//! Promises and their versions as they are read, made and changed.

use super::{Period, Precision, PromiseStatus};
use crate::agreements::{Comparison, Direction, Metric};
use crate::shared::change::{Change, NullableChange};
use crate::shared::duration::Duration;
use crate::shared::id::{AccountId, AgreementId, CalendarId, ExpectationId, PromiseId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use chrono::NaiveDate;
use poem_openapi::Object;
use serde::Serialize;

/// A measurable expectation made explicit, as it reads in the version in force (or in its first one, as long
/// as none is in force).
#[derive(Clone, Debug, Object, Serialize)]
pub struct Promise {
    /// Never changes.
    pub id: PromiseId,
    /// The agreement it belongs to.
    pub agreement_id: AgreementId,
    /// The supplier of that agreement.
    pub supplier_id: SupplierId,
    /// The clause it makes explicit.
    pub expectation_id: ExpectationId,
    /// Who owes it to whom.
    pub direction: Direction,
    /// To whom in particular, in words.
    pub promised_to: Option<String>,
    /// Its key in another system.
    pub external_id: Option<ExternalId>,
    /// Where it stands; changed by the named transitions only.
    pub status: PromiseStatus,
    /// The version whose terms these are.
    pub version: i64,
    /// The newest version; it may take effect later.
    pub latest_version: i64,
    /// Whether the newest version has other numbers than the clause that is now signed: then it has to get a
    /// version with those before it is published. Never for what customers are promised.
    pub differs_from_clause: bool,
    #[oai(flatten)]
    #[serde(flatten)]
    pub terms: PromiseTerms,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// One version of a promise.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromiseVersion {
    /// The promise.
    pub promise_id: PromiseId,
    /// Its number, from 1.
    pub version: i64,
    #[oai(flatten)]
    #[serde(flatten)]
    pub terms: PromiseTerms,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is promised.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromiseTerms {
    /// The promise in words.
    pub wording: String,
    /// What is measured.
    pub metric: Metric,
    /// On which side of the target the measure should be.
    pub comparison: Comparison,
    /// The target of a proportion (0-1), a rating or a count; null for a duration.
    pub target: Option<f64>,
    /// The target of a duration (ISO 8601); null for every other metric.
    pub target_duration: Option<Duration>,
    /// What is counted or on which scale is rated.
    pub unit: Option<String>,
    /// On what share of the occasions the target is met (0-1).
    pub reliability: f64,
    /// How exactly "late" is decided.
    pub precision: Precision,
    /// The calendar in which a duration counts; null: around the clock.
    pub calendar_id: Option<CalendarId>,
    /// How long after it was due an occasion is still kept.
    pub grace: Duration,
    /// The period in which it has to be kept repeatedly.
    pub period: Period,
    /// Occasions made from then on are judged by this version.
    pub effective_from: Timestamp,
    /// Since when it is published; null if it never was.
    pub published_at: Option<Timestamp>,
    /// Since when it is no longer published.
    pub unpublished_at: Option<Timestamp>,
    /// Who approved that it is published although the history does not demonstrate it; suppliers always see
    /// null.
    pub approved_by: Option<AccountId>,
    /// Why; suppliers always see null.
    pub approval_reason: Option<String>,
    /// By when that is looked at again.
    pub recheck_on: Option<NaiveDate>,
}

/// A target as the API shows it: as a number, or as a duration.
pub fn shown_target(metric: Metric, target: f64) -> (Option<f64>, Option<Duration>) {
    match metric {
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, far below 2^53")]
        Metric::Duration => (None, Some(Duration::of_seconds(target.ceil() as i64))),
        _ => (Some(target), None),
    }
}

/// A promise to be made: a draft until it is checked and published.
#[derive(Clone, Debug, Object)]
pub struct NewPromise {
    /// The agreement it belongs to; one that is in force (422).
    pub agreement_id: AgreementId,
    /// The clause it makes explicit; one of the version in force (422).
    pub expectation_id: ExpectationId,
    /// To whom in particular, in words.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub promised_to: Option<String>,
    /// Its key in another system; unique.
    pub external_id: Option<ExternalId>,
    /// The promise in words.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub wording: String,
    #[oai(flatten)]
    pub terms: NewPromiseTerms,
}

/// A new version of a promise.
#[derive(Clone, Debug, Object)]
pub struct NewPromiseVersion {
    /// The promise in words. Left out, it stays as it is.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub wording: Option<String>,
    #[oai(flatten)]
    pub terms: NewPromiseTerms,
    /// Needed where the promise is published and the history does not demonstrate the new version.
    pub approval: Option<Approval>,
}

/// What is to be promised. Numbers that are left out are those of the clause. What the supplier and we owe
/// each other is signed: there, others are refused (422). What customers are promised is ours to decide.
#[derive(Clone, Debug, Default, Object)]
pub struct NewPromiseTerms {
    /// What is measured.
    pub metric: Option<Metric>,
    /// On which side of the target the measure should be; `at_most` for a duration (422).
    pub comparison: Option<Comparison>,
    /// The target of a proportion (0-1), a rating, or a count (a whole number); never together with
    /// `target_duration` (422).
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub target: Option<f64>,
    /// The target of a duration, longer than nothing: `PT48H`.
    pub target_duration: Option<Duration>,
    /// What is counted or on which scale is rated; only for ratings and counts (422).
    #[oai(validator(min_length = 1, max_length = 50))]
    pub unit: Option<String>,
    /// On what share of the occasions the target is met.
    #[oai(validator(minimum(value = "0.01"), maximum(value = "1")))]
    pub reliability: Option<f64>,
    /// How exactly "late" is decided.
    #[oai(default)]
    pub precision: Precision,
    /// The calendar in which a duration counts; left out: that of the agreement's version in force, otherwise the
    /// default calendar, otherwise around the clock.
    pub calendar_id: Option<CalendarId>,
    /// How long after it was due an occasion is still kept; left out: not at all.
    #[oai(default)]
    pub grace: Duration,
    /// The period in which it has to be kept repeatedly.
    #[oai(default)]
    pub period: Period,
    /// Occasions made from then on are judged by it. Left out: from now on. The first version may begin in the
    /// past, so that history can be loaded; later ones may not, and each begins after the one before (422).
    pub effective_from: Option<Timestamp>,
}

/// A change of a promise (JSON Merge Patch). Its numbers change by a new version only.
#[derive(Clone, Debug, Default, Object)]
pub struct PromiseChange {
    /// The promise in words, in its newest version. Once published, it changes by a new version only (409).
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub wording: Change<String>,
    /// To whom in particular, in words.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub promised_to: NullableChange<String>,
    /// Its key in another system; unique.
    pub external_id: NullableChange<ExternalId>,
}

/// That somebody answers for a promise that its history does not demonstrate.
#[derive(Clone, Debug, Object)]
pub struct Approval {
    /// Why it is promised all the same.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
    /// By when it is looked at again: a day to come (422).
    pub recheck_on: NaiveDate,
}

/// How a promise is published.
#[derive(Clone, Debug, Default, Object)]
pub struct Publication {
    /// Needed unless the history demonstrates the promise.
    pub approval: Option<Approval>,
}

/// Why something is done.
#[derive(Clone, Debug, Object)]
pub struct PromiseReason {
    /// The reason.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// Which promises, in the order they were made.
#[derive(Debug, Clone, Object)]
pub struct PromiseQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Of this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Of this supplier's agreements.
    pub supplier_id: Option<SupplierId>,
    /// Where it stands; repeat for any of them.
    #[oai(default, validator(max_items = 5, unique_items))]
    pub status: Vec<PromiseStatus>,
    /// Who owes it to whom; repeat for any of them.
    #[oai(default, validator(max_items = 3, unique_items))]
    pub direction: Vec<Direction>,
    /// With this key in another system.
    pub external_id: Option<ExternalId>,
}

/// Which versions: all of one promise, the oldest first.
#[derive(Debug, Clone, Object)]
pub struct VersionQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

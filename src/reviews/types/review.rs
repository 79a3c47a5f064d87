//! Reviews as they are read, called and moved.

use crate::agreements::Side;
use crate::shared::change::Change;
use crate::shared::id::{AccountId, ActionId, AgreementId, PersonId, ReviewId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Called for a day; nothing is known of it but that.
    Scheduled,
    /// The evidence is frozen, both sides read it.
    Ready,
    /// Both sides have met; ratings are given.
    Held,
    /// Ratings are locked; the supplier responds.
    Responding,
    /// The supplier disagrees; somebody uninvolved decides.
    Disputed,
    /// Decided: upheld, or ratings are given anew.
    Decided,
    /// What was found stands.
    Finalised,
    /// Both sides have committed to what follows.
    Committed,
    /// Over.
    Closed,
    /// It did not take place.
    Missed,
    /// It is not wanted any more.
    Cancelled,
}

/// Why a review was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ReviewOrigin {
    /// The agreement says so.
    Cadence,
    /// Staff called it besides.
    Extra,
    /// One before it was missed.
    Instead,
}

/// Because of whom a review did not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum MissedBy {
    Us,
    Supplier,
    Both,
}

/// What follows from the ratings, from A to F.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ReviewGrade {
    #[sea_orm(string_value = "A")]
    A,
    #[sea_orm(string_value = "B")]
    B,
    #[sea_orm(string_value = "C")]
    C,
    #[sea_orm(string_value = "D")]
    D,
    #[sea_orm(string_value = "E")]
    E,
    #[sea_orm(string_value = "F")]
    F,
}

/// How the supplier responded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ResponseKind {
    Agree,
    Partly,
    Disagree,
    /// It did not, within its 14 days.
    None,
}

/// How a dispute was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Ruling {
    /// The ratings stand.
    Upheld,
    /// Raters of our side look again, and say why they change what they said.
    SentBack,
}

/// Somebody who takes part in a review.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Attendee {
    /// For which side.
    pub side: Side,
    /// The account, if it is one; null where that is none of the reader's business.
    pub account_id: Option<AccountId>,
    /// The person of the supplier, if it is one.
    pub person_id: Option<PersonId>,
    /// Name, as it was then.
    pub name: String,
    /// Whether it is a main employee contact of the supplier.
    pub is_main_contact: bool,
    /// Whether the person was there; null before the review was held.
    pub is_present: Option<bool>,
}

/// What the supplier says to a review.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ReviewResponse {
    /// Whether it agrees.
    pub kind: ResponseKind,
    /// In its words; null when it did not respond.
    pub text: Option<String>,
    /// Who said so; null when nobody did.
    pub responded_by: Option<Uuid>,
    /// Whether staff said so on behalf of a supplier of which nobody could sign in.
    pub is_on_behalf: bool,
    /// When it was said, or when the time was over.
    pub responded_at: Timestamp,
}

/// What somebody uninvolved decided.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ReviewRuling {
    /// How it was decided.
    pub outcome: Ruling,
    /// Why.
    pub reason: String,
    /// Who decided; null where that is none of the reader's business.
    pub decided_by: Option<Uuid>,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// A review of an agreement.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Review {
    /// Never changes.
    pub id: ReviewId,
    /// The agreement.
    pub agreement_id: AgreementId,
    /// Its supplier.
    pub supplier_id: SupplierId,
    /// The version of the agreement that was in force when the review was called.
    pub version: i64,
    /// Its number in the agreement, from 1.
    pub number: i64,
    /// Why it was called.
    pub origin: ReviewOrigin,
    /// The missed review in whose place it was called.
    pub instead_of_id: Option<ReviewId>,
    /// Where it stands; changed by the named transitions and by dates.
    pub status: ReviewStatus,
    /// Why it was missed or cancelled.
    pub status_reason: Option<String>,
    /// Because of whom it was missed.
    pub missed_by: Option<MissedBy>,
    /// The first day it is about.
    pub period_from: NaiveDate,
    /// The last day it is about.
    pub period_to: NaiveDate,
    /// The day for which it is called.
    pub scheduled_on: NaiveDate,
    /// Whether that day is over, in the organisation's zone, and it was not held.
    pub is_overdue: bool,
    /// Who takes part, in the order of the names.
    pub attendees: Vec<Attendee>,
    /// When the evidence was frozen.
    pub ready_at: Option<Timestamp>,
    /// SHA-256 (hexadecimal) of the evidence pack.
    pub pack_hash: Option<String>,
    /// The day on which it was held.
    pub held_on: Option<NaiveDate>,
    /// When the ratings were locked; from then on everybody reads them.
    pub ratings_locked_at: Option<Timestamp>,
    /// The mean of the criteria in which our side rated the supplier (1-5), unrounded; null before ratings are locked.
    pub score: Option<f64>,
    /// What follows from the ratings: A from a score of 4.5, B from 3.75, C from 3, D from 2.25, E from 1.5, F below.
    /// D at best when a criterion is below 1.5, C at best when the owner of the agreement would not use the supplier
    /// again. Null before ratings are locked.
    pub grade: Option<ReviewGrade>,
    /// Whether the owner of the agreement would use the supplier again; suppliers read it once ratings are locked.
    pub would_use_again: Option<bool>,
    /// Why.
    pub would_use_again_reason: Option<String>,
    /// The last day on which the supplier can respond; null before ratings are locked, and while the supplier is
    /// suspended: its time begins anew afterwards.
    pub respond_by: Option<NaiveDate>,
    /// What the supplier said to it; null before.
    pub response: Option<ReviewResponse>,
    /// How a dispute was decided; null when there was none.
    pub decision: Option<ReviewRuling>,
    /// From when on what was found stands.
    pub finalised_at: Option<Timestamp>,
    /// When both sides had committed to what follows.
    pub committed_at: Option<Timestamp>,
    /// The actions that came out of it: those that both sides have signed since the review before was committed. Empty
    /// until then.
    pub action_ids: Vec<ActionId>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was called.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Who is meant: an account or a person of the supplier, one of the two (422).
#[derive(Clone, Debug, PartialEq, Object)]
pub struct AttendeeRef {
    /// An account of the staff or of the supplier (422 `invalid_reference`).
    pub account_id: Option<AccountId>,
    /// A person of the supplier (422 `invalid_reference`).
    pub person_id: Option<PersonId>,
}

/// A review besides those of the cadence.
#[derive(Clone, Debug, Object)]
pub struct NewReview {
    /// An agreement in force (422).
    pub agreement_id: AgreementId,
    /// The first day it is about. Left out: the day after the last one that a review is about, or the first day in
    /// force.
    pub period_from: Option<NaiveDate>,
    /// The last day it is about, 3,660 days at most, not before the first (422 `date_order`). Left out: the day before
    /// it is scheduled.
    pub period_to: Option<NaiveDate>,
    /// For which day it is called: not in the past, and not before the period ends (422).
    pub scheduled_on: NaiveDate,
    /// Who takes part; owner and reviewers of the agreement and the main employee contacts of the supplier when left
    /// out.
    #[oai(default, validator(max_items = 50))]
    pub attendees: Vec<AttendeeRef>,
}

/// A change of a review that was not held yet (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct ReviewChange {
    /// For which day it is called: not in the past, and not before the period ends (422).
    pub scheduled_on: Change<NaiveDate>,
    /// Who takes part; replaces the whole list.
    #[oai(validator(max_items = 50))]
    pub attendees: Change<Vec<AttendeeRef>>,
}

/// Which reviews, newest first.
#[derive(Debug, Clone, Object)]
pub struct ReviewQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Only those of this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those of this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only these states; repeat for several.
    #[oai(default, validator(max_items = 11, unique_items))]
    pub status: Vec<ReviewStatus>,
    /// Only those called for this day or later.
    pub scheduled_from: Option<NaiveDate>,
    /// Only those called for this day or earlier.
    pub scheduled_to: Option<NaiveDate>,
}

//! Assessments as they are read and assigned.

use crate::questionnaires::QuestionnaireTerms;
use crate::shared::id::{AccountId, AssessmentId, QuestionnaireId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where an assessment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum AssessmentStatus {
    /// It can be answered; nobody has begun.
    Assigned,
    /// Somebody has begun to answer.
    InProgress,
    /// The answers were handed in and stay as they are.
    Submitted,
    /// Somebody looks at the answers.
    UnderReview,
    /// The supplier has to look at some answers again.
    ChangesRequested,
    /// The answers were verified.
    Accepted,
    /// What was accepted is to be looked at again.
    Reopened,
    /// It was not handed in in time.
    Expired,
    /// It is not wanted any more.
    Cancelled,
}

/// Who said that the answers are true.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Attested {
    /// Name of the person.
    pub name: String,
    /// What the person is at the supplier.
    pub position: String,
    /// What the person said to it.
    pub statement: Option<String>,
    /// The account with which it was submitted.
    pub account_id: Option<Uuid>,
    /// When it was submitted.
    pub submitted_at: Timestamp,
}

/// A self-assessment of a supplier, without its answers.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Assessment {
    /// Never changes.
    pub id: AssessmentId,
    /// What is asked.
    pub questionnaire_id: QuestionnaireId,
    /// The version of the questionnaire; it never changes.
    pub version: i64,
    /// Whose it is.
    pub supplier_id: SupplierId,
    /// Where it stands; changed by the named transitions only.
    pub status: AssessmentStatus,
    /// Why it stands there: what has to change, why it was reopened or cancelled.
    pub status_reason: Option<String>,
    /// The first day it is about.
    pub period_from: NaiveDate,
    /// The last day it is about.
    pub period_to: NaiveDate,
    /// The last day on which it is to be submitted.
    pub due_on: NaiveDate,
    /// Whether that is over, in the organisation's zone, and the supplier has yet to submit it.
    pub is_overdue: bool,
    /// When it was due before it was extended; null unless it was.
    pub extended_from: Option<NaiveDate>,
    /// The last day on which it can be answered, unless it was submitted before.
    pub expires_on: NaiveDate,
    /// The last accepted one of the same questionnaire.
    pub previous_id: Option<AssessmentId>,
    /// After how many months the next one is assigned; null when it does not repeat.
    pub repeats_every_months: Option<i64>,
    /// When the next one is assigned; null when none is, or when it was.
    pub repeats_on: Option<NaiveDate>,
    /// Who assigned it; null where that is none of the reader's business.
    pub assigned_by: Option<AccountId>,
    /// Who submitted it last; null before.
    pub attested: Option<Attested>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// The points (0-100) that the answers claimed when they were submitted last; null when nothing counts.
    pub self_score: Option<f64>,
    /// The points (0-100) of the answers as they were accepted; null before, and when nothing counts.
    pub verified_score: Option<f64>,
    /// Counts edits, not those of answers; the ETag.
    pub revision: i64,
    /// When it was assigned.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What is assigned, to whom.
#[derive(Clone, Debug, Object)]
pub struct Assignment {
    /// A published questionnaire: the version of now is asked.
    pub questionnaire_id: QuestionnaireId,
    /// Who is asked, also internal units.
    #[oai(validator(min_items = 1, max_items = 1000, unique_items))]
    pub supplier_ids: Vec<SupplierId>,
    /// The first day it is about.
    pub period_from: NaiveDate,
    /// The last day it is about; not before the first (422 `date_order`).
    pub period_to: NaiveDate,
    /// The last day on which it is to be submitted; not in the past (422).
    pub due_on: NaiveDate,
    /// How many days after that it can still be answered.
    #[oai(default = "usual_days", validator(minimum(value = "0"), maximum(value = "365")))]
    pub expires_after_days: i64,
    /// After how many months the next one is assigned, with all dates moved; left out: it does not repeat.
    #[oai(validator(minimum(value = "1"), maximum(value = "60")))]
    pub repeats_every_months: Option<i64>,
}

fn usual_days() -> i64 {
    30
}

/// One assessment that was assigned.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AssignedAssessment {
    /// The assessment.
    pub id: AssessmentId,
    /// Whose it is.
    pub supplier_id: SupplierId,
}

/// What was assigned.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Assignments {
    /// One per supplier, in the order of `supplier_ids`.
    pub assessments: Vec<AssignedAssessment>,
}

/// Which assessments, newest first.
#[derive(Debug, Clone, Object)]
pub struct AssessmentQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Only those of this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those of this questionnaire.
    pub questionnaire_id: Option<QuestionnaireId>,
    /// Only these states; repeat for several.
    #[oai(default, validator(max_items = 9, unique_items))]
    pub status: Vec<AssessmentStatus>,
    /// Only those that are due before this day.
    pub due_before: Option<NaiveDate>,
    /// Only those that are overdue, or only others.
    pub is_overdue: Option<bool>,
}

/// What an assessment asks.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AssessmentQuestionnaire {
    /// The questionnaire.
    pub questionnaire_id: QuestionnaireId,
    /// Its version.
    pub version: i64,
    /// What is asked, and how.
    pub terms: QuestionnaireTerms,
}

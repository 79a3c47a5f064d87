//! What is frozen for a review.

use crate::actions::ActionStatus;
use crate::agreements::{Dimension, Direction, Side};
use crate::alignment::Quadrant;
use crate::feedback::FeedbackNumbers;
use crate::promises::{PromiseKept, Reciprocity};
use crate::reviews::warnings::Urgency;
use crate::shared::id::{
    ActionId, AgreementId, AssessmentId, EarlyWarningId, ExpectationId, QuestionnaireId, ReviewId, SupplierId,
};
use crate::shared::stats::{Rate, Window};
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::Object;
use serde::Serialize;

/// Of which review it is.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PackReview {
    /// The review.
    pub id: ReviewId,
    /// Its number in the agreement.
    pub number: i64,
    /// The agreement.
    pub agreement_id: AgreementId,
    /// Title of the agreement.
    pub title: String,
    /// The version in force.
    pub version: i64,
    /// The supplier.
    pub supplier_id: SupplierId,
    /// Name of the supplier.
    pub supplier_name: String,
    /// The days it is about.
    pub period: Window,
}

/// Whether what is agreed is what customers live: in the whole months of the period, as they are published to suppliers; what
/// they said stands in `feedback` alone.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PackAlignment {
    /// What follows from kept and lived; undecided where no month is published.
    pub quadrant: Quadrant,
    /// How often what customers were promised was kept.
    pub kept: Rate,
    /// How often it was promised to be (0-1); null when nothing was due.
    pub kept_target: Option<f64>,
    /// The share of satisfied customers that the agreement aims at (0-1).
    pub customer_target: f64,
    /// The dimension without a clause in which customers miss most; null when there is none, or no month is published.
    pub top_uncovered: Option<Dimension>,
}

/// The self-assessment that was accepted last.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PackAssessment {
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// What was asked.
    pub questionnaire_id: QuestionnaireId,
    /// In which version.
    pub version: i64,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// The points (0-100) that were claimed.
    pub self_score: Option<f64>,
    /// The points (0-100) that were verified.
    pub verified_score: Option<f64>,
}

/// A clause in force, to be confirmed or changed.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PackClause {
    /// The clause.
    pub expectation_id: ExpectationId,
    /// Its number in the agreement.
    pub position: i64,
    /// Who owes it to whom.
    pub direction: Direction,
    /// Of which kind of quality it is (RATER).
    pub dimension: Dimension,
    /// What is expected, in words.
    pub text: String,
    /// By when somebody should ask whether it is still right.
    pub review_by: Option<NaiveDate>,
    /// When the organisation last confirmed it.
    pub confirmed_by_us_at: Option<Timestamp>,
    /// When the supplier last confirmed it.
    pub confirmed_by_supplier_at: Option<Timestamp>,
}

/// An early warning of the period, or one that waits for an answer.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PackWarning {
    /// The warning.
    pub early_warning_id: EarlyWarningId,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What may go wrong.
    pub text: String,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// The answer; null while there is none.
    pub answer: Option<String>,
}

/// An action that was not over, or ended in the period.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PackAction {
    /// The action.
    pub action_id: ActionId,
    /// What is to be done.
    pub title: String,
    /// Which side has to do it.
    pub side: Side,
    /// Where it stands.
    pub status: ActionStatus,
    /// By when it is to be done.
    pub due_on: NaiveDate,
    /// Whether that day was over, and nobody said that it is done.
    pub is_overdue: bool,
    /// The day on which it was withdrawn, abandoned or found effective; null before.
    pub ended_on: Option<NaiveDate>,
}

/// The evidence of a review, as it was when it was frozen.
#[derive(Clone, Debug, Object, Serialize)]
pub struct EvidencePack {
    /// The form of this document; other forms have other numbers.
    pub format: i64,
    /// When it was frozen.
    pub frozen_at: Timestamp,
    /// Of which review it is.
    pub review: PackReview,
    /// How often each promise was kept in the period, ours too.
    pub promises: Vec<PromiseKept>,
    /// What we kept of what we owe the supplier, against what it kept.
    pub reciprocity: Reciprocity,
    /// What customers said in the whole months within the period, as suppliers may read it: nothing of fewer than 5
    /// answers. Null when no month is whole.
    pub feedback: Option<FeedbackNumbers>,
    /// Whether what is agreed is what customers live.
    pub alignment: PackAlignment,
    /// The self-assessment that was accepted last; null when none was.
    pub assessment: Option<PackAssessment>,
    /// Actions that were not over, and those that ended in the period.
    pub actions: Vec<PackAction>,
    /// The clauses in force.
    pub expectations: Vec<PackClause>,
    /// Early warnings of the period, and those that wait for an answer.
    pub early_warnings: Vec<PackWarning>,
}

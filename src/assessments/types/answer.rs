//! Answers as they are read and given.

use crate::files::FileFacts;
use crate::questionnaires::{Given, Outcome, QuestionKey};
use crate::shared::change::{Change, NullableChange};
use crate::shared::id::FileId;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What somebody who looked at an answer said.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum AnswerVerdict {
    /// Nothing yet.
    #[default]
    Open,
    /// It is so.
    Confirmed,
    /// It is otherwise: `adjusted` says how, `reason` why.
    Adjusted,
    /// It is not shown to be so: `reason` says what is missing.
    EvidenceRequested,
}

/// What the pass rule makes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AnswerOutcome {
    /// It passes.
    Pass,
    /// It fails, and with it the whole.
    KnockOut,
    /// A person has to decide.
    Discretionary,
    /// The question has no pass rule.
    NoRule,
    /// Nothing is answered yet.
    Unanswered,
}

impl From<Option<Outcome>> for AnswerOutcome {
    fn from(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::Pass) => Self::Pass,
            Some(Outcome::KnockOut) => Self::KnockOut,
            Some(Outcome::Discretionary) => Self::Discretionary,
            Some(Outcome::NoRule) => Self::NoRule,
            None => Self::Unanswered,
        }
    }
}

/// A question with what is answered to it.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AssessmentAnswer {
    /// The key of the question.
    pub question: QuestionKey,
    /// Whether it is asked as the other answers stand; what is not asked is ignored.
    pub is_asked: bool,
    /// The answer; null when there is none, when the question does not apply, or when a file is the answer.
    pub given: Option<Given>,
    /// Why the question does not apply; null when it does.
    pub not_applicable_reason: Option<String>,
    /// What the supplier says to it.
    pub note: Option<String>,
    /// Files that prove it.
    pub evidence: Vec<FileFacts>,
    /// Whether it was taken over from the assessment before, and nobody has touched it since.
    pub is_prefilled: bool,
    /// The account or API key that answered last; null when nobody did.
    pub answered_by: Option<Uuid>,
    /// When it was answered last.
    pub answered_at: Option<Timestamp>,
    /// The answer of the assessment before, as it was accepted.
    pub previous: Option<Given>,
    /// Whether it is another answer than in the assessment before; null when there was none.
    pub differs: Option<bool>,
    /// What the pass rule makes of it, as the supplier answered; scores tell what stands once it is verified.
    pub outcome: AnswerOutcome,
    /// What somebody who looked at it said; the supplier reads it when the assessment comes back or is accepted.
    pub verdict: AnswerVerdict,
    /// What is true instead; only when it was adjusted.
    pub adjusted: Option<Given>,
    /// Why it was adjusted, or what is missing.
    pub reason: Option<String>,
    /// Who looked at it; null where that is none of the reader's business.
    pub verified_by: Option<Uuid>,
    /// When somebody looked at it.
    pub verified_at: Option<Timestamp>,
    /// Counts edits; the ETag. 0: nothing was ever said.
    pub revision: i64,
}

/// A change of an answer (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct AnswerChange {
    /// The answer, with the one member that the kind of question asks for (422); not for files.
    pub given: NullableChange<Given>,
    /// Why the question does not apply, where it may not apply (422); instead of an answer (422).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub not_applicable_reason: NullableChange<String>,
    /// What you say to it.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub note: NullableChange<String>,
    /// Files of the supplier that prove it, uploaded before; hang on nothing else (422). Replaces the list.
    #[oai(validator(max_items = 20, unique_items))]
    pub evidence: Change<Vec<FileId>>,
}

/// Why an assessment cannot be submitted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MissingCode {
    /// A required question has no answer.
    MissingAnswer,
    /// An answer has no file that proves it.
    MissingEvidence,
}

impl MissingCode {
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingAnswer => "missing_answer",
            Self::MissingEvidence => "missing_evidence",
        }
    }
}

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct MissingAnswer {
    /// Where, as a URI fragment: `#/answers/<question>/given` or `#/answers/<question>/evidence`.
    pub pointer: String,
    /// The key of the question.
    pub question: QuestionKey,
    /// What is missing.
    pub code: MissingCode,
    /// What the question is called.
    pub title: String,
}

/// How far the answers are.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Completeness {
    /// Whether nothing is missing: it can be submitted.
    pub is_complete: bool,
    /// How many questions are asked as the answers stand.
    pub n_asked: i64,
    /// How many of them are answered.
    pub n_answered: i64,
    /// What is missing, in the order of the questionnaire.
    pub missing: Vec<MissingAnswer>,
}

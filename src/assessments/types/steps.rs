//! What is said when an assessment moves on.

use crate::questionnaires::{Given, QuestionKey};
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};

/// Somebody says that the answers are true.
#[derive(Clone, Debug, Object)]
pub struct Attestation {
    /// Name of the person who answers for it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// What the person is at the supplier.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub position: String,
    /// What the person says to it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub statement: Option<String>,
}

/// What is said of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum VerdictKind {
    /// It is so.
    Confirmed,
    /// It is otherwise.
    Adjusted,
    /// It is not shown to be so.
    EvidenceRequested,
}

/// What somebody who looked at an answer says.
#[derive(Clone, Debug, Object)]
pub struct NewVerdict {
    /// The key of a question that is answered (422), once in a call (422).
    pub question: QuestionKey,
    /// What is said of the answer.
    pub verdict: VerdictKind,
    /// What is true instead; for `adjusted`, and only there (422).
    pub given: Option<Given>,
    /// Why; needed for `adjusted` and `evidence_requested` (422).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: Option<String>,
}

/// What is said of one answer or of many; all of it or nothing.
#[derive(Clone, Debug, Object)]
pub struct JudgedAnswers {
    /// One per question.
    #[oai(validator(min_items = 1, max_items = 500))]
    pub verdicts: Vec<NewVerdict>,
}

/// What has to change before an assessment is accepted.
#[derive(Clone, Debug, Object)]
pub struct ChangeRequest {
    /// What the supplier has to look at again.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub note: String,
}

/// More time.
#[derive(Clone, Debug, Object)]
pub struct DueExtension {
    /// The new last day, later than the old one and not in the past (422).
    pub due_on: NaiveDate,
    /// Why.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

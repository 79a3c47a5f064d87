//! What a version of a questionnaire consists of.

use super::{Line, Prose, Question, QuestionKey};
use crate::shared::text::Language;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// What is asked, and how: the one form in which it is sent, read, taken along and sent again. Written out in full it
/// holds 1,000,000 bytes and 19,000 values at most (422).
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct QuestionnaireTerms {
    /// What people read above it.
    pub title: Line,
    /// What people read before the first section.
    pub description: Option<Prose>,
    /// In which language it is (BCP 47).
    #[oai(default)]
    #[serde(default)]
    pub language: Language,
    /// Its parts, in this order, with 500 questions at most together (422).
    #[oai(validator(min_items = 1, max_items = 50))]
    pub sections: Vec<QuestionSection>,
}

/// A part of a questionnaire.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct QuestionSection {
    /// What scores name; once in a questionnaire.
    pub key: QuestionKey,
    /// What people read above it.
    pub title: Line,
    /// What people read before the first question.
    pub description: Option<Prose>,
    /// How much it counts, in basis points; sections with a question that has weight add up to 10,000, others have 0
    /// (422 `weights_sum`).
    #[oai(default, validator(minimum(value = "0"), maximum(value = "10000")))]
    #[serde(default)]
    pub weight: i64,
    /// What is asked, in this order.
    #[oai(validator(min_items = 1, max_items = 500))]
    pub questions: Vec<Question>,
}

impl QuestionnaireTerms {
    /// Every question, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.sections.iter().flat_map(|section| &section.questions)
    }
}

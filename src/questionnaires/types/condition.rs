//! When a question is asked.

use super::{AnswerWord, QuestionKey};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// A tree of conditions on other answers, of 8 levels and 50 nodes at most (422). A node is exactly one of `all`, `any`,
/// `not` and a condition on one `question`, which says exactly one of `is_in`, `at_least` and/or `at_most`, and
/// `is_answered` (422). A question that is not asked or not answered fulfils no condition; one answered as not
/// applicable fulfils `is_answered` only.
#[derive(Clone, Debug, Default, PartialEq, Object, Serialize, Deserialize)]
#[oai(rename = "QuestionCondition")]
pub struct Condition {
    /// All of these hold.
    #[oai(default, validator(max_items = 50))]
    #[serde(default)]
    pub all: Vec<Condition>,
    /// One of these holds.
    #[oai(default, validator(max_items = 50))]
    #[serde(default)]
    pub any: Vec<Condition>,
    /// This does not hold.
    pub not: Option<Box<Condition>>,
    /// The key of another question; what it depends on itself must not lead back here (422).
    pub question: Option<QuestionKey>,
    /// The answer is one of these; of several choices, one is enough. Not for numbers, texts, dates and files.
    #[oai(default, validator(max_items = 250, unique_items))]
    #[serde(default)]
    pub is_in: Vec<AnswerWord>,
    /// The number is not below this one. For scales and numbers.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub at_least: Option<f64>,
    /// The number is not above this one. For scales and numbers.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub at_most: Option<f64>,
    /// True: it is enough that there is an answer.
    #[oai(default)]
    #[serde(default)]
    pub is_answered: bool,
}

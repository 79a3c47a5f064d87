//! What is answered.

use super::QuestionKey;
use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// The value of an answer: the one member that the kind of question asks for (422); of a file none, as it is answered
/// with its evidence.
#[derive(Clone, Debug, Default, PartialEq, Object, Serialize, Deserialize)]
pub struct Given {
    /// For `yes_no`: whether it is yes.
    pub yes: Option<bool>,
    /// For `scale` and `number`.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub number: Option<f64>,
    /// For `text`.
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub text: Option<String>,
    /// For `date`.
    pub date: Option<NaiveDate>,
    /// For `single`, one key of a choice; for `multi`, one or more.
    #[oai(default, validator(max_items = 50, unique_items))]
    #[serde(default)]
    pub choices: Vec<QuestionKey>,
}

/// What stands at a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    Given(Given),
    /// It does not apply, for a reason that is kept with the answer.
    NotApplicable,
}

//! What was answered.

use crate::agreements::Dimension;
use crate::surveys::ItemKey;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// The answer to one item. What was not answered is left out.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Answer {
    /// The key of the item.
    pub item: ItemKey,
    /// For a scale: the number. For a pair: what was lived.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<i64>,
    /// For a pair: what was expected.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expectation: Option<i64>,
    /// For a pair: what would just be acceptable, where the survey asks for it.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub minimum: Option<i64>,
    /// For a choice: what was chosen.
    #[oai(default, validator(max_items = 50, unique_items))]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<ItemKey>,
    /// For a text: what was written.
    #[oai(validator(min_length = 1, max_length = 4000))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

/// The answer to one item as it is read.
#[derive(Clone, Debug, Object, Serialize)]
pub struct GivenAnswer {
    /// The key of the item.
    pub item: ItemKey,
    /// For a scale: the number. For a pair: what was lived.
    pub value: Option<i64>,
    /// For a pair: what was expected.
    pub expectation: Option<i64>,
    /// For a pair: what would just be acceptable.
    pub minimum: Option<i64>,
    /// For a choice: what was chosen.
    pub choices: Vec<ItemKey>,
    /// For a text: what was written.
    pub text: Option<String>,
}

impl From<Answer> for GivenAnswer {
    fn from(answer: Answer) -> Self {
        let Answer { item, value, expectation, minimum, choices, text } = answer;
        Self { item, value, expectation, minimum, choices, text }
    }
}

impl Answer {
    /// To this item, nothing yet.
    pub fn to(item: ItemKey) -> Self {
        Self { item, value: None, expectation: None, minimum: None, choices: Vec::new(), text: None }
    }
}

/// How important the dimensions of quality are: 100 points spread over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Importance {
    /// Doing what was promised, dependably.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub reliability: i64,
    /// Knowledge and courtesy that inspire trust.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub assurance: i64,
    /// How places, tools, people and papers look.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub tangibles: i64,
    /// Care and individual attention.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub empathy: i64,
    /// Helping at once.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub responsiveness: i64,
}

impl Importance {
    pub fn points(&self) -> [(Dimension, i64); 5] {
        [
            (Dimension::Reliability, self.reliability),
            (Dimension::Assurance, self.assurance),
            (Dimension::Tangibles, self.tangibles),
            (Dimension::Empathy, self.empathy),
            (Dimension::Responsiveness, self.responsiveness),
        ]
    }
}

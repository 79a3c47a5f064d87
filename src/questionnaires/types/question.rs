//! What is asked, one question at a time.

use super::{AnswerWord, Condition, Line, Prose, QuestionKey};
use crate::agreements::Dimension;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// A whole number on a scale.
    Scale,
    /// One of some choices.
    Single,
    /// One or more of some choices.
    Multi,
    /// A number.
    Number,
    /// Free text.
    Text,
    /// A day.
    Date,
    /// A file.
    File,
}

/// What good service is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum VisionAttribute {
    /// Says what is true, also when it is unpleasant.
    Honest,
    /// Is worth its price.
    GoodValue,
    /// Is well spoken of.
    Reputation,
    /// Is there when it said it would be.
    Deadlines,
    /// Does the work well.
    Quality,
    /// Is easy to deal with.
    SimpleProcesses,
    /// Changes something when it is criticised.
    RespondsToCriticism,
    /// Wants to hear what went wrong.
    EncouragesComplaints,
    /// Cares about the work.
    Passionate,
    /// Has the right people, and looks after them.
    People,
    /// Serves because it wants to.
    Culture,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    Yes,
    No,
}

/// Whether an answer comes with files that prove it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EvidenceNeed {
    #[default]
    None,
    Optional,
    Required,
}

/// A scale in whole numbers; a high number is good.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct AnswerScale {
    /// The lowest number: 0 points.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    pub min: i64,
    /// The highest number, above `min`: 100 points.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    pub max: i64,
    /// The distance between two numbers; divides `max` - `min`.
    #[oai(default = "one", validator(minimum(value = "1"), maximum(value = "200")))]
    #[serde(default = "one")]
    pub step: i64,
    /// What some of the numbers mean.
    #[oai(default, validator(max_items = 201))]
    #[serde(default)]
    pub labels: Vec<ScaleLabel>,
}

fn one() -> i64 {
    1
}

/// What a number of a scale means.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ScaleLabel {
    /// A number of the scale.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    pub value: i64,
    /// What it means.
    pub label: Line,
}

/// One of the answers to choose from.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct AnswerChoice {
    /// What an answer names.
    pub key: QuestionKey,
    /// What people read.
    pub label: Line,
    /// Its points (0-100). Every choice of a question with weight has some. Of several choices the points are added
    /// up, to 100 at most.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub score: Option<f64>,
}

/// Which numbers are possible.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct NumberBounds {
    /// The lowest.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub min: Option<f64>,
    /// The highest; not below `min`.
    #[oai(validator(minimum(value = "-1000000000000"), maximum(value = "1000000000000")))]
    pub max: Option<f64>,
    /// In what it is counted.
    pub unit: Option<Line>,
}

/// What has to be answered.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct PassRule {
    /// The answers that pass: `yes` or `no`, keys of choices (all that are chosen are among these), numbers of the scale.
    #[oai(validator(min_items = 1, max_items = 250, unique_items))]
    pub must_be_in: Vec<AnswerWord>,
    /// Whether another answer is left to a person's discretion; otherwise it is a knock-out. An answer that the
    /// question does not apply is always left to discretion.
    #[oai(default)]
    #[serde(default)]
    pub is_discretionary: bool,
}

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct Question {
    /// What answers and conditions name; once in a questionnaire.
    pub key: QuestionKey,
    /// How it is answered.
    pub kind: QuestionKind,
    /// A short name of it, for lists and reports.
    pub title: Option<Line>,
    /// What is asked.
    pub wording: Prose,
    /// What good looks like.
    pub guidance: Option<Prose>,
    /// What helps to answer it.
    pub hint: Option<Prose>,
    /// Whether nothing is complete without an answer, when it is asked.
    #[oai(default)]
    #[serde(default)]
    pub is_required: bool,
    /// How much it counts within its section, in basis points; the questions of a section add up to 10,000, or all
    /// have 0 (422 `weights_sum`). Numbers, texts, dates and files have 0: no score.
    #[oai(default, validator(minimum(value = "0"), maximum(value = "10000")))]
    #[serde(default)]
    pub weight: i64,
    /// The dimension of quality that it is about.
    pub dimension: Option<Dimension>,
    /// The part of good service that it is about.
    pub attribute: Option<VisionAttribute>,
    /// For `yes_no`: the answer that gets 100 points; the other one gets 0. Needed where it has weight.
    pub good_answer: Option<YesNo>,
    /// For `scale`, needed: which one.
    pub scale: Option<AnswerScale>,
    /// For `single` and `multi`: from what, two at least.
    #[oai(default, validator(max_items = 50))]
    #[serde(default)]
    pub choices: Vec<AnswerChoice>,
    /// For `number`: which ones are possible.
    pub bounds: Option<NumberBounds>,
    /// For `text`: how many words at most.
    #[oai(validator(minimum(value = "1"), maximum(value = "2000")))]
    pub max_words: Option<i64>,
    /// For `yes_no`, `scale`, `single` and `multi`: what has to be answered.
    pub pass_rule: Option<PassRule>,
    /// Whether files prove it. A question of kind `file` is answered with its evidence: `required`, also when that is
    /// left out.
    #[oai(default)]
    #[serde(default)]
    pub evidence: EvidenceNeed,
    /// Whether it may be answered with a reason why it does not apply.
    #[oai(default)]
    #[serde(default)]
    pub allows_not_applicable: bool,
    /// Whether the answer may be taken over from the last accepted assessment.
    #[oai(default)]
    #[serde(default)]
    pub is_prefilled: bool,
    /// When it is asked; always, when there is none.
    pub condition: Option<Condition>,
}

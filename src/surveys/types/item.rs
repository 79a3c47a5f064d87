//! What is asked, one thing at a time.

use super::{Wording, Words};
use crate::agreements::Dimension;
use crate::parsed;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

parsed!(
    /// The name of an item, of a choice: lower-case letters, digits and `_`.
    ItemKey, pattern: "^[a-z][a-z0-9_]*$", at_most: 40
);

/// How an item is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// One number on a scale.
    Scale,
    /// Two numbers on the same scale: what was expected, and what was lived.
    Pair,
    /// One or more of some choices.
    Choice,
    /// Free text.
    Text,
}

/// What an item on a scale measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Customer satisfaction, 1 to 5.
    Csat,
    /// Willingness to recommend (Net Promoter Score), 0 to 10 or 1 to 10.
    Nps,
    /// Customer effort, 1 to 7; high means easy.
    Ces,
    /// Anything else on any scale.
    Score,
}

/// How the answers to an item become one number. Published definitions conflict, so it is named with every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The share of the two best values.
    Top2,
    /// The share of the best value.
    Top1,
    /// The mean.
    Mean,
    /// The sum of all answers, as a share of the highest possible sum.
    ShareOfPossible,
    /// The share of 9-10 less the share of 0-6, times 100.
    #[oai(rename = "nps_0_10")]
    #[serde(rename = "nps_0_10")]
    Nps0To10,
    /// The share of 9-10 less the share of 1-6, times 100. Not comparable with `nps_0_10`.
    #[oai(rename = "nps_1_10")]
    #[serde(rename = "nps_1_10")]
    Nps1To10,
}

/// Whether a high number is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ScaleDirection {
    #[default]
    HigherIsBetter,
    LowerIsBetter,
}

/// A scale in whole numbers.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Scale {
    /// The lowest number.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    pub min: i64,
    /// The highest number; above `min`.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    pub max: i64,
    /// The distance between two numbers; divides `max` - `min`.
    #[oai(default = "one", validator(minimum(value = "1"), maximum(value = "100")))]
    pub step: i64,
    /// Whether a high number is good.
    #[oai(default)]
    pub direction: ScaleDirection,
    /// What the lowest number means, by language.
    #[oai(default)]
    #[serde(default)]
    pub min_label: Wording,
    /// What the highest number means, by language.
    #[oai(default)]
    #[serde(default)]
    pub max_label: Wording,
}

fn one() -> i64 {
    1
}

/// One of the answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Choice {
    /// What an answer names.
    pub key: ItemKey,
    /// What people read, by language.
    pub wording: BTreeMap<String, Words>,
}

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct SurveyItem {
    /// What answers and numbers name. What was published under a key keeps its kind, scale, measure, variant and
    /// dimension for ever (422).
    pub key: ItemKey,
    /// How it is answered.
    pub kind: ItemKind,
    /// What is asked, by language; for a pair, what was lived.
    pub wording: Wording,
    /// For a pair: how it is asked what was expected, by language.
    #[oai(default)]
    #[serde(default)]
    pub expectation_wording: Wording,
    /// For a scale: what it measures.
    pub measure: Option<Measure>,
    /// For a scale: how its number is computed. `top2` for `csat`, that of the scale for `nps`, `mean` for others
    /// unless it is named.
    pub variant: Option<Variant>,
    /// For a pair or a scale: the dimension of quality that it is about.
    pub dimension: Option<Dimension>,
    /// For a scale or a pair. Left out, it is that of the measure.
    pub scale: Option<Scale>,
    /// For a choice: from what.
    #[oai(default, validator(max_items = 50))]
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// For a choice: whether several may be chosen.
    #[oai(default)]
    #[serde(default)]
    pub is_multiple: bool,
    /// Whether no answer is complete without it.
    #[oai(default)]
    #[serde(default)]
    pub is_required: bool,
}

impl ItemKey {
    /// A key that may be none of the survey's.
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

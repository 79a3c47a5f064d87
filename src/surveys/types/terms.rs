//! What a version of a survey consists of.

use super::{ItemKey, SurveyItem, Wording};
use crate::shared::duration::Duration;
use crate::shared::id::CalendarId;
use crate::shared::text::Language;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// From what a survey is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Instrument {
    /// Satisfaction, 1 to 5: item `satisfaction`.
    #[oai(rename = "csat5")]
    #[serde(rename = "csat5")]
    #[sea_orm(string_value = "csat5")]
    Csat5,
    /// Recommendation, 0 to 10: item `recommend`.
    #[oai(rename = "nps11")]
    #[serde(rename = "nps11")]
    #[sea_orm(string_value = "nps11")]
    Nps11,
    /// Effort, 1 to 7: item `effort`.
    #[oai(rename = "ces7")]
    #[serde(rename = "ces7")]
    #[sea_orm(string_value = "ces7")]
    Ces7,
    /// 22 pairs of expectation and experience, 1 to 7, in five dimensions.
    #[oai(rename = "servqual22")]
    #[serde(rename = "servqual22")]
    #[sea_orm(string_value = "servqual22")]
    Servqual22,
    /// Items of your own only.
    Custom,
}

/// Where a survey stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SurveyStatus {
    /// It was never published: nobody answers it yet.
    Draft,
    Published,
    /// It takes no new links and no new answers.
    Retired,
}

/// How much each dimension of quality counts, in basis points; 10,000 together (422 `weights_sum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Weights {
    /// Doing what was promised, dependably.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub reliability: i64,
    /// Knowledge and courtesy that inspire trust.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub assurance: i64,
    /// How places, tools, people and papers look.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub tangibles: i64,
    /// Care and individual attention.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub empathy: i64,
    /// Helping at once.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub responsiveness: i64,
}

impl Default for Weights {
    /// What customers said on average (Zeithaml, Parasuraman & Berry 1990).
    fn default() -> Self {
        Self { reliability: 3200, assurance: 1900, tangibles: 1100, empathy: 1500, responsiveness: 2300 }
    }
}

/// Which answers somebody has to follow up, and within what time.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct FollowUpRule {
    /// The item on a scale that decides.
    pub item: ItemKey,
    /// This number, or a worse one, opens a follow-up.
    #[oai(validator(minimum(value = "-100"), maximum(value = "100")))]
    pub threshold: i64,
    /// Within what time the customer is to be contacted, in working time of the calendar.
    pub within: Duration,
    /// The calendar in which that time counts; the default calendar when left out.
    pub calendar_id: Option<CalendarId>,
}

/// What is asked, and how.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct SurveyTerms {
    /// In which languages it can be answered (BCP 47); the first stands in for others. Every wording has all of them.
    #[oai(validator(min_items = 1, max_items = 30, unique_items))]
    pub languages: Vec<Language>,
    /// What people read above the form, by language.
    pub title: Wording,
    /// What people read before the first item, by language.
    #[oai(default)]
    #[serde(default)]
    pub introduction: Wording,
    /// What people read when they have answered, by language.
    #[oai(default)]
    #[serde(default)]
    pub thanks: Wording,
    /// What is asked, in this order.
    #[oai(validator(min_items = 1, max_items = 100))]
    pub items: Vec<SurveyItem>,
    /// Whether people spread 100 points over the five dimensions by how important they are to them.
    #[oai(default)]
    #[serde(default)]
    pub asks_importance: bool,
    /// Whether pairs also ask what would just be acceptable.
    #[oai(default)]
    #[serde(default)]
    pub asks_minimum: bool,
    /// How much each dimension counts while too few people spread points.
    pub weights: Option<Weights>,
    /// Which answers somebody has to follow up.
    pub follow_up: Option<FollowUpRule>,
}

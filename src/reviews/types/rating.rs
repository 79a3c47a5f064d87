//! What raters say.

use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is rated, in both directions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Criterion {
    /// What was agreed is done, when it was agreed.
    Reliability,
    /// What is delivered is right the first time.
    Quality,
    /// Questions and trouble are taken up at once.
    Responsiveness,
    /// The other side knows what it has to know, before it has to ask.
    Communication,
    /// What went wrong is put right and stays so.
    ProblemSolving,
    /// What comes out is worth what goes in.
    Value,
}

impl Criterion {
    pub const ALL: [Criterion; 6] = [
        Criterion::Reliability,
        Criterion::Quality,
        Criterion::Responsiveness,
        Criterion::Communication,
        Criterion::ProblemSolving,
        Criterion::Value,
    ];
}

/// A rating to be given.
#[derive(Clone, Debug, Object)]
pub struct NewRating {
    /// What is rated; once in a call (422).
    pub criterion: Criterion,
    /// 1 unsatisfactory: much of what was agreed was not met, and what was done about it did not help. 2 marginal: some
    /// of it was not met, or only after we insisted. 3 satisfactory: what was agreed was met, small lapses were put
    /// right. 4 very good: met, and some of it surpassed to our benefit. 5 exceptional: surpassed throughout, and
    /// hardly any lapse.
    #[oai(validator(minimum(value = "1"), maximum(value = "5")))]
    pub score: i64,
    /// What it is based on; needed for 1, 2 and 5 (422).
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub narrative: Option<String>,
}

/// What one rater says.
#[derive(Clone, Debug, Object)]
pub struct NewRatings {
    /// One per criterion; what was said of these criteria before is replaced.
    #[oai(validator(min_items = 1, max_items = 6))]
    pub ratings: Vec<NewRating>,
    /// Why ratings change after a dispute; needed then (422).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: Option<String>,
}

/// A rating of yours.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct GivenRating {
    /// What is rated.
    pub criterion: Criterion,
    /// 1-5.
    pub score: i64,
    /// What it is based on.
    pub narrative: Option<String>,
}

/// A rating as everybody reads it once ratings are locked.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct SingleRating {
    /// Who rated; null for raters of the other side.
    pub rater_id: Option<Uuid>,
    /// 1-5.
    pub score: i64,
    /// What it is based on.
    pub narrative: Option<String>,
    /// Why it was changed after a dispute; null when it was not.
    pub changed_because: Option<String>,
    /// Whether it lies more than 1.5 from the median.
    pub is_outlier: bool,
}

/// What was said of one criterion.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct CriterionRatings {
    /// What is rated.
    pub criterion: Criterion,
    /// How many rated it.
    pub n: i64,
    /// Their mean (1-5).
    pub mean: f64,
    /// Their median.
    pub median: f64,
    /// The lowest.
    pub min: i64,
    /// The highest.
    pub max: i64,
    /// How far they spread: the standard deviation of the raters, all of them (by n); 0 for one.
    pub standard_deviation: f64,
    /// One each.
    pub ratings: Vec<SingleRating>,
}

/// What one side says of the other.
#[derive(Clone, Debug, Default, PartialEq, Object, Serialize)]
pub struct RatingSummary {
    /// The mean of the means of the criteria; null when nobody rated.
    pub score: Option<f64>,
    /// Each criterion that somebody rated.
    pub criteria: Vec<CriterionRatings>,
}

/// The ratings of a review.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ReviewRatings {
    /// Whether they are locked. Before that, everybody reads only their own.
    pub is_locked: bool,
    /// Those of the caller, as they stand.
    pub mine: Vec<GivenRating>,
    /// How our side rates the supplier; empty before ratings are locked.
    pub of_supplier: RatingSummary,
    /// How the supplier rates us; empty before ratings are locked.
    pub of_us: RatingSummary,
}

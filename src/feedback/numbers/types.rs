//! The shapes of numbers in the API.

use crate::agreements::Dimension;
use crate::promises::Step;
use crate::shared::days::WindowQuery;
use crate::shared::id::{AgreementId, PersonId, SupplierId, SurveyId};
use crate::shared::stats::{Figure, Rate, Window};
use crate::shared::time::Timestamp;
use crate::surveys::{Measure, RespondentKind, ScaleDirection, Stage, Variant};
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// Whose answers, over which days.
#[derive(Debug, Clone, Object)]
pub struct AnswersQuery {
    /// Only answers about this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only answers about this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only answers about this person; not for suppliers.
    pub person_id: Option<PersonId>,
    /// Only answers about agreements in this service line.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub service_line: Option<String>,
    /// Only answers to this survey.
    pub survey_id: Option<SurveyId>,
    /// Only answers of this stage; not for suppliers.
    pub stage: Option<Stage>,
    /// Only answers of these customers; not for suppliers.
    pub respondent_kind: Option<RespondentKind>,
    #[oai(flatten)]
    pub days: WindowQuery,
}

/// Whose numbers, over which days.
#[derive(Debug, Clone, Object)]
pub struct FeedbackNumbersQuery {
    #[oai(flatten)]
    pub answers: AnswersQuery,
    /// A series of the same numbers by day, week or month, 400 steps at most; for suppliers by month.
    pub by: Option<Step>,
}

/// What customers said.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FeedbackNumbers {
    /// The days they are about.
    pub window: Window,
    /// When they were computed.
    pub as_of: Timestamp,
    /// How many answers count.
    pub answers: i64,
    /// How many of those who were asked answered.
    pub response: ResponseRate,
    /// Items on scales, one number each, over all surveys that ask the same in the same way.
    pub items: Vec<ItemNumber>,
    /// Pairs without a dimension: what was lived against what was expected.
    pub pairs: Vec<PairNumber>,
    /// Gaps by dimension of quality, one for each scale they were asked on.
    pub servqual: Vec<Servqual>,
    /// How often something was chosen.
    pub choices: Vec<ChoiceNumber>,
    /// The same by day, week or month; empty unless `by` was given.
    pub series: Vec<FeedbackStep>,
}

/// One step of a series.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FeedbackStep {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// How many answers count.
    pub answers: i64,
    /// Items on scales.
    pub items: Vec<ItemNumber>,
    /// Pairs without a dimension.
    pub pairs: Vec<PairNumber>,
    /// Gaps by dimension of quality.
    pub servqual: Vec<Servqual>,
}

/// How many of those who were asked answered: of links for one answer, by the day on which they were made.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ResponseRate {
    /// Answered of asked.
    pub rate: Rate,
    /// Whether fewer than 15 % answered: those who did may not speak for the others.
    pub is_weak: bool,
}

/// An item on a scale.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ItemNumber {
    /// The key of the item.
    pub item: String,
    /// What it measures.
    pub measure: Measure,
    /// How `score` is computed.
    pub variant: Variant,
    /// The dimension of quality that it is about.
    pub dimension: Option<Dimension>,
    /// The lowest number of the scale.
    pub min: i64,
    /// The highest number of the scale.
    pub max: i64,
    /// The distance between two numbers.
    pub step: i64,
    /// Whether a high number is good.
    pub direction: ScaleDirection,
    /// The number in its variant: a share of 0-1, a mean on the scale, or a net score of -100 to 100.
    pub score: Figure,
    /// The mean on the scale.
    pub mean: Figure,
    /// Where the mean lies between the worst (0) and the best (100) of the scale; null below `min_n`.
    pub normalised: Option<f64>,
    /// How many were content: 4-5 of satisfaction, 5-7 of effort, 9-10 of recommendation, else the better two fifths of
    /// the scale.
    pub favourable: Rate,
    /// For a net score: how many promoters, passives and detractors.
    pub net: Option<NetCounts>,
    /// How many gave which number; on a scale of more than eleven numbers in eleven equal parts.
    pub distribution: Vec<Bin>,
}

/// Of what a net score is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object, Serialize)]
pub struct NetCounts {
    /// 9-10.
    pub promoters: i64,
    /// 7-8.
    pub passives: i64,
    /// 6 and less.
    pub detractors: i64,
}

/// How many gave a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object, Serialize)]
pub struct Bin {
    /// The number, or the first of some.
    pub from: i64,
    /// The number, or the last of some.
    pub to: i64,
    /// How many.
    pub count: i64,
}

/// What was lived against what was expected: first for everybody alone, then the mean. Positive is better than expected.
#[derive(Clone, Debug, Object, Serialize)]
pub struct GapFigures {
    /// What was lived less what was expected.
    pub gap: Figure,
    /// What was expected.
    pub expectation: Figure,
    /// What was lived.
    pub experience: Figure,
    /// How many had a negative gap of their own: the mean hides them.
    pub negative: Rate,
}

/// A pair without a dimension.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PairNumber {
    /// The key of the item.
    pub item: String,
    /// The lowest number of the scale.
    pub min: i64,
    /// The highest number of the scale.
    pub max: i64,
    /// The gap.
    pub figures: GapFigures,
}

/// Gaps between what was expected and what was lived, by dimension of quality (SERVQUAL; Parasuraman, Zeithaml & Berry
/// 1988).
#[derive(Clone, Debug, Object, Serialize)]
pub struct Servqual {
    /// The lowest number of the scale.
    pub min: i64,
    /// The highest number of the scale.
    pub max: i64,
    /// The weighted sum of the gaps over the dimensions with data, by the sum of their weights; null below `min_n`.
    pub weighted_gap: Option<f64>,
    /// 100 * (1 + weighted gap / width of the scale), within 0-100; null below `min_n`.
    pub sub_score: Option<f64>,
    /// From where the weights are.
    pub weights_from: WeightsFrom,
    /// Over all pairs.
    pub overall: GapFigures,
    /// Each dimension with data.
    pub dimensions: Vec<DimensionGap>,
}

/// From where weights are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum WeightsFrom {
    /// Customers spread 100 points, 10 of them at least.
    Customers,
    /// The survey names them.
    Survey,
    /// What customers said on average elsewhere (Zeithaml, Parasuraman & Berry 1990).
    Literature,
}

/// One dimension of quality.
#[derive(Clone, Debug, Object, Serialize)]
pub struct DimensionGap {
    /// The dimension.
    pub dimension: Dimension,
    /// How much it counts, 0-1.
    pub weight: f64,
    /// The gap.
    pub figures: GapFigures,
    /// Weight times gap; null below `min_n`.
    pub weighted: Option<f64>,
    /// What was lived less what would just be acceptable; null where nobody was asked.
    pub margin: Option<Figure>,
}

/// How often something was chosen.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ChoiceNumber {
    /// The key of the item.
    pub item: String,
    /// The key of the choice.
    pub choice: String,
    /// Of those who chose anything.
    pub share: Rate,
}

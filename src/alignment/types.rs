//! The shapes of alignment in the API.

use crate::agreements::{Dimension, Direction};
use crate::shared::days::WindowQuery;
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::stats::Rate;
use crate::surveys::Variant;
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// How what is agreed and what customers live stand to each other. A target is reached by the share itself; it is
/// missed when the upper bound is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// Promises are kept and customers satisfied.
    Aligned,
    /// Promises are kept and customers are not satisfied: green outside, red inside.
    Watermelon,
    /// Promises are not kept and customers are satisfied all the same: they are about something else.
    IrrelevantTerms,
    /// Promises are not kept and customers are not satisfied.
    Failing,
    /// Too little is known, or the difference may be chance.
    Undecided,
}

/// What was kept against what was lived.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Divergence {
    /// What follows from the two.
    pub quadrant: Quadrant,
    /// How often what customers were promised was kept.
    pub kept: Rate,
    /// How often it was promised to be, weighted by the occasions of each promise (0-1); null when nothing was due.
    pub kept_target: Option<f64>,
    /// How many customers are satisfied.
    pub satisfied: Rate,
    /// How satisfaction is counted: `top2` is the share of 4 and 5 of five.
    pub variant: Variant,
    /// The share of satisfied customers that the agreement aims at (0-1).
    pub customer_target: f64,
    /// By how many points more is kept than is lived (-100 to 100); null while one of the rates is.
    pub points: Option<f64>,
    /// Lower bound of `points` (95 %).
    pub points_lower: Option<f64>,
    /// Upper bound of `points` (95 %).
    pub points_upper: Option<f64>,
    /// How many standard errors that is; 1.96 and more is no chance. Null where neither rate varies.
    pub z: Option<f64>,
}

/// Where the weights of dimensions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum WeightSource {
    /// The points that 10 customers and more spread in the window.
    Customers,
    /// What customers said on average elsewhere (Zeithaml, Parasuraman and Berry, 1990).
    Default,
}

/// What customers miss in a dimension of quality, and whether the agreement says anything about it.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct DimensionAlignment {
    /// The dimension (RATER).
    pub dimension: Dimension,
    /// Whether a clause in force is about it, whoever owes it.
    pub is_covered: bool,
    /// How many customers compared what they lived with what they expected.
    pub n: i64,
    /// What they lived less what they expected, on average, in steps of the scale; null below 10 customers.
    pub gap: Option<f64>,
    /// How important it is (0-1); all five make 1.
    pub weight: f64,
    /// `weight` times `gap`: the lower, the more is missed.
    pub weighted_gap: Option<f64>,
}

/// How an agreement and its customers' experience fit together.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Alignment {
    /// The agreement.
    pub agreement_id: AgreementId,
    /// Its supplier.
    pub supplier_id: SupplierId,
    #[oai(flatten)]
    #[serde(flatten)]
    pub divergence: Divergence,
    /// How many answers on jobs with everything kept are unhappy.
    pub unhappy_on_kept: Rate,
    /// What share of the unhappy answers is on jobs with everything kept: the agreement does not see them.
    pub blind_spot: Rate,
    /// All five dimensions: those without a clause first, what is missed most before the rest.
    pub dimensions: Vec<DimensionAlignment>,
    /// Where the weights come from.
    pub weights_from: WeightSource,
    /// The dimension without a clause in which most is missed; null when there is none.
    pub top_uncovered: Option<Dimension>,
}

/// An agreement whose promises are kept and whose customers are not satisfied.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Watermelon {
    /// The agreement.
    pub agreement_id: AgreementId,
    /// Its supplier.
    pub supplier_id: SupplierId,
    /// Title of the agreement.
    pub title: String,
    #[oai(flatten)]
    #[serde(flatten)]
    pub divergence: Divergence,
}

/// Over which days an agreement is looked at.
#[derive(Debug, Clone, Object)]
pub struct AlignmentQuery {
    #[oai(flatten)]
    pub days: WindowQuery,
}

/// Which watermelons, the worst first.
#[derive(Debug, Clone, Object)]
pub struct WatermelonQuery {
    /// Only those of this supplier.
    pub supplier_id: Option<SupplierId>,
    #[oai(flatten)]
    pub days: WindowQuery,
    #[oai(flatten)]
    pub paging: Paging,
}

/// A clause to be proposed. What is left out follows from what customers miss.
#[derive(Clone, Debug, Object)]
pub struct ExpectationProposal {
    /// Of which kind of quality it is (RATER). Left out: the dimension without a clause in which most is missed (422
    /// when every dimension has one).
    pub dimension: Option<Dimension>,
    /// What is expected, in words; a usual wording when left out.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub text: Option<String>,
    /// Who owes it to whom.
    #[oai(default = "to_customer")]
    pub direction: Direction,
}

fn to_customer() -> Direction {
    Direction::SupplierToCustomer
}

//! What was kept against what was lived. Pure: no HTTP, no SQL.

use super::types::{Alignment, DimensionAlignment, Divergence, Quadrant, WeightSource};
use crate::agreements::Dimension::{self, Assurance, Empathy, Reliability, Responsiveness, Tangibles};
use crate::feedback::{OnJobs, Satisfied, Told};
use crate::promises::KeptToCustomers;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::stats::{MIN_N, Rate, Window, Z_TWO_SIDED};
use crate::shared::time::Timestamp;
use crate::surveys::{Variant, Weights};
use std::collections::HashMap;

const KEPT: &str =
    "Commitments to customers kept, of those kept and broken that were promised within a published version.";
const SATISFIED: &str = "Answers of 4 and 5 to questions about satisfaction on a scale of 1 to 5.";
const UNHAPPY_ON_KEPT: &str = "Unhappy answers, of those on jobs of which all commitments to the customer were kept.";
const BLIND_SPOT: &str = "Answers on jobs of which all commitments were kept, of all unhappy answers on known jobs.";

/// Two numbers that were summed differently may differ by so much and be the same.
const NOTHING: f64 = 1e-9;

pub const DIMENSIONS: [Dimension; 5] = [Reliability, Assurance, Tangibles, Empathy, Responsiveness];

/// When and over which days it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct When {
    pub window: Window,
    pub as_of: Timestamp,
}

/// What was kept and what was lived under one agreement.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lived {
    pub kept: KeptToCustomers,
    pub satisfied: Satisfied,
    pub customer_target: f64,
}

/// The difference of the two rates, its standard error, both as shares.
fn difference(lived: &Lived) -> Option<(f64, f64)> {
    let Lived { kept, satisfied, .. } = lived;
    if kept.n < MIN_N || satisfied.n < MIN_N {
        return None;
    }
    let (q, h) = (kept.kept as f64 / kept.n as f64, satisfied.satisfied as f64 / satisfied.n as f64);
    let error = (q * (1.0 - q) / kept.n as f64 + h * (1.0 - h) / satisfied.n as f64).sqrt();
    Some((q - h, error))
}

/// Kept against lived (Wald test of two independent shares; bounds of each by Wilson).
pub fn compare(lived: &Lived, when: When) -> Divergence {
    let Lived { kept, satisfied, customer_target } = *lived;
    let q = Rate::new(kept.kept, kept.n, when.window, when.as_of, KEPT);
    let h = Rate::new(satisfied.satisfied, satisfied.n, when.window, when.as_of, SATISFIED);
    let difference = difference(lived);
    let points = |at: f64| difference.map(|(value, error)| ((value + at * error) * 100.0).clamp(-100.0, 100.0));
    Divergence {
        quadrant: quadrant(&q, kept.target, &h, customer_target, difference),
        kept: q,
        kept_target: kept.target,
        satisfied: h,
        variant: Variant::Top2,
        customer_target,
        points: points(0.0),
        points_lower: points(-Z_TWO_SIDED),
        points_upper: points(Z_TWO_SIDED),
        z: difference.filter(|(_, error)| *error > 0.0).map(|(value, error)| value / error),
    }
}

/// On the side of the target where a rate stands. What misses it does so by more than chance.
#[derive(Clone, Copy, PartialEq)]
enum Stands {
    Reached,
    Missed,
    Unclear,
}

fn stands(rate: &Rate, target: f64) -> Stands {
    match (rate.value, rate.upper) {
        (Some(value), _) if value >= target - NOTHING => Stands::Reached,
        (Some(_), Some(upper)) if upper < target => Stands::Missed,
        _ => Stands::Unclear,
    }
}

fn quadrant(q: &Rate, target: Option<f64>, h: &Rate, wanted: f64, difference: Option<(f64, f64)>) -> Quadrant {
    let (Some(target), Some((value, error))) = (target, difference) else {
        return Quadrant::Undecided;
    };
    let is_more = value > 0.0 && value >= Z_TWO_SIDED * error;
    let is_less = value < 0.0 && -value >= Z_TWO_SIDED * error;
    match (stands(q, target), stands(h, wanted)) {
        (Stands::Reached, Stands::Reached) => Quadrant::Aligned,
        (Stands::Reached, Stands::Missed) if is_more => Quadrant::Watermelon,
        (Stands::Missed, Stands::Reached) if is_less => Quadrant::IrrelevantTerms,
        (Stands::Missed, Stands::Missed) => Quadrant::Failing,
        _ => Quadrant::Undecided,
    }
}

/// How many are unhappy although all was kept, and what share of all unhappy ones that is.
pub fn on_jobs(jobs: OnJobs, when: When) -> (Rate, Rate) {
    let OnJobs { on_kept, unhappy_on_kept, unhappy } = jobs;
    (
        Rate::new(unhappy_on_kept, on_kept, when.window, when.as_of, UNHAPPY_ON_KEPT),
        Rate::new(unhappy_on_kept, unhappy, when.window, when.as_of, BLIND_SPOT),
    )
}

/// The word of a dimension in the keys of tallies.
fn word(dimension: Dimension) -> &'static str {
    match dimension {
        Reliability => "reliability",
        Assurance => "assurance",
        Tangibles => "tangibles",
        Empathy => "empathy",
        Responsiveness => "responsiveness",
    }
}

fn gap_of(dimension: Dimension) -> String {
    format!("gap:{}", word(dimension))
}

fn importance_of(dimension: Dimension) -> String {
    format!("importance:{}", word(dimension))
}

/// The items of tallies that dimensions are judged by.
pub fn items() -> Vec<String> {
    DIMENSIONS.into_iter().flat_map(|dimension| [gap_of(dimension), importance_of(dimension)]).collect()
}

/// Every dimension with its weight (0-1), and where the weights come from.
fn weights(told: &HashMap<String, Told>) -> (Vec<(Dimension, f64)>, WeightSource) {
    let points = DIMENSIONS.map(|dimension| told.get(&importance_of(dimension)).copied().unwrap_or_default());
    let all: i64 = points.iter().map(|told| told.total).sum();
    if points.iter().all(|told| told.n >= MIN_N) && all > 0 {
        let shares = points.map(|told| told.total as f64 / all as f64);
        return (DIMENSIONS.into_iter().zip(shares).collect(), WeightSource::Customers);
    }
    let usual = Weights::default();
    let of = |dimension| match dimension {
        Reliability => usual.reliability,
        Assurance => usual.assurance,
        Tangibles => usual.tangibles,
        Empathy => usual.empathy,
        Responsiveness => usual.responsiveness,
    };
    let shares = DIMENSIONS.map(|dimension| (dimension, of(dimension) as f64 / 10_000.0));
    (shares.into(), WeightSource::Default)
}

/// All five dimensions: those without a clause first, then by what is missed most; where that is not known, by what
/// matters most.
pub fn dimensions(covered: &[Dimension], told: &HashMap<String, Told>) -> (Vec<DimensionAlignment>, WeightSource) {
    let (weights, source) = weights(told);
    let of = |(dimension, weight): (Dimension, f64)| {
        let Told { n, total } = told.get(&gap_of(dimension)).copied().unwrap_or_default();
        let gap = (n >= MIN_N).then(|| total as f64 / 1e6 / n as f64);
        let is_covered = covered.contains(&dimension);
        DimensionAlignment { dimension, is_covered, n, gap, weight, weighted_gap: gap.map(|gap| weight * gap) }
    };
    let mut all: Vec<_> = weights.into_iter().map(of).collect();
    all.sort_by(|one, other| {
        let missed = |of: &DimensionAlignment| of.weighted_gap.unwrap_or(f64::INFINITY);
        (one.is_covered.cmp(&other.is_covered))
            .then(missed(one).total_cmp(&missed(other)))
            .then(other.weight.total_cmp(&one.weight))
    });
    (all, source)
}

/// The dimension without a clause in which most is missed.
pub fn top_uncovered(dimensions: &[DimensionAlignment]) -> Option<Dimension> {
    dimensions.first().filter(|first| !first.is_covered).map(|first| first.dimension)
}

/// The dimension without a clause in which customers miss most.
pub fn missed_most(covered: &[Dimension], told: &HashMap<String, Told>) -> Option<Dimension> {
    top_uncovered(&dimensions(covered, told).0)
}

/// The dimension that a clause is proposed for.
pub fn proposed(given: Option<Dimension>, covered: &[Dimension], told: &HashMap<String, Told>) -> Result<Dimension> {
    let found = given.or_else(|| missed_most(covered, told));
    let detail = "Every dimension has a clause. Name one to propose another.";
    found.ok_or_else(|| Error::rule(Code::RuleViolated, "/dimension", detail))
}

/// Everything about one agreement.
pub fn aligned(
    (agreement_id, supplier_id): (AgreementId, SupplierId),
    lived: &Lived,
    jobs: OnJobs,
    (covered, told): (&[Dimension], &HashMap<String, Told>),
    when: When,
) -> Alignment {
    let (unhappy_on_kept, blind_spot) = on_jobs(jobs, when);
    let (dimensions, weights_from) = dimensions(covered, told);
    let top_uncovered = top_uncovered(&dimensions);
    let divergence = compare(lived, when);
    Alignment {
        agreement_id,
        supplier_id,
        divergence,
        unhappy_on_kept,
        blind_spot,
        dimensions,
        weights_from,
        top_uncovered,
    }
}

#[cfg(test)]
mod tests;

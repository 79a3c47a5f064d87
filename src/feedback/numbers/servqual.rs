//! Gaps by dimension of quality. Pure: no HTTP, no SQL.

use super::super::rules::{Added, OVERALL, dimension_item};
use super::rules::{Counted, Items, When, gap, is_few, mean};
use super::types::{DimensionGap, Servqual, WeightsFrom};
use crate::agreements::Dimension;
use crate::shared::id::SurveyId;
use crate::surveys::{ItemKind, Weights};
use std::collections::{BTreeMap, HashMap};

const ALL: [Dimension; 5] =
    [Dimension::Reliability, Dimension::Assurance, Dimension::Tangibles, Dimension::Empathy, Dimension::Responsiveness];

/// Gaps, one for each scale they were asked on; `survey` are the weights of the one survey that is looked at.
pub fn servqual(counted: &[Counted], items: &Items, survey: Option<Weights>, when: When) -> Vec<Servqual> {
    let scales = scales(items);
    let mut by_scale = BTreeMap::<(i64, i64), HashMap<&str, Added>>::new();
    for counted in counted.iter().filter(|counted| counted.item.contains(':')) {
        if let Some(scale) = scales.get(&counted.survey) {
            *by_scale.entry(*scale).or_default().entry(&counted.item).or_default() += counted.added;
        }
    }
    by_scale.into_iter().filter_map(|(scale, added)| of_scale(scale, &added, survey, when)).collect()
}

/// On which scale a survey asks its pairs with a dimension: all of them on the same.
fn scales(items: &Items) -> HashMap<SurveyId, (i64, i64)> {
    let with_dimension = items.iter().filter(|(_, item)| item.kind == ItemKind::Pair && item.dimension.is_some());
    with_dimension
        .filter_map(|((survey, _), item)| item.scale.as_ref().map(|scale| (*survey, (scale.min, scale.max))))
        .collect()
}

fn of_scale(
    (min, max): (i64, i64),
    added: &HashMap<&str, Added>,
    survey: Option<Weights>,
    when: When,
) -> Option<Servqual> {
    let overall = added.get(OVERALL)?;
    let of = |what: &str, dimension| added.get(&*dimension_item(what, dimension));
    let (weights, weights_from) = weights(added, survey);
    let each = ALL.into_iter().filter_map(|dimension| {
        let (figures, weight) = (gap(of("gap", dimension)?, when), weights.get(&dimension).copied()?);
        let margin = of("margin", dimension).map(|margin| {
            mean(margin.total, margin.squares, margin.n, when, "What was lived less what would just be acceptable.")
        });
        let weighted = figures.gap.value.map(|value| value * weight);
        Some(DimensionGap { dimension, weight, figures, weighted, margin })
    });
    let dimensions: Vec<_> = each.collect();
    let (sum, weight) = dimensions.iter().fold((0.0, 0.0), |(sum, weight), gap| match gap.weighted {
        Some(weighted) => (sum + weighted, weight + gap.weight),
        None => (sum, weight),
    });
    let weighted_gap = (weight > 0.0).then(|| sum / weight);
    let width = (max - min) as f64;
    Some(Servqual {
        min,
        max,
        weighted_gap,
        sub_score: weighted_gap.map(|gap| 100.0 * (1.0 + gap / width).clamp(0.0, 1.0)),
        weights_from,
        overall: gap(overall, when),
        dimensions,
    })
}

/// How much each dimension counts: what customers said, what the survey says, what is known from elsewhere.
pub fn weights(added: &HashMap<&str, Added>, survey: Option<Weights>) -> (HashMap<Dimension, f64>, WeightsFrom) {
    let points = |dimension| added.get(&*dimension_item("importance", dimension)).filter(|points| !is_few(points.n));
    let said: Vec<_> =
        ALL.into_iter().filter_map(|dimension| Some((dimension, points(dimension)?.total as f64))).collect();
    let all: f64 = said.iter().map(|(_, points)| points).sum();
    if said.len() == ALL.len() && all > 0.0 {
        let shares = said.into_iter().map(|(dimension, points)| (dimension, points / all));
        return (shares.collect(), WeightsFrom::Customers);
    }
    let from = if survey.is_some() { WeightsFrom::Survey } else { WeightsFrom::Literature };
    let given = survey.unwrap_or_default();
    let weight = |dimension| match dimension {
        Dimension::Reliability => given.reliability,
        Dimension::Assurance => given.assurance,
        Dimension::Tangibles => given.tangibles,
        Dimension::Empathy => given.empathy,
        Dimension::Responsiveness => given.responsiveness,
    };
    (ALL.into_iter().map(|dimension| (dimension, weight(dimension) as f64 / 10_000.0)).collect(), from)
}

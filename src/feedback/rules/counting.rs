//! What an answer adds to the tallies. Sums are millionths in whole numbers, so that what is added and taken
//! away again leaves nothing behind.

use super::super::types::{Answer, Importance};
use crate::agreements::Dimension;
use crate::surveys::{ItemKind, Scale, ScaleDirection, SurveyItem, SurveyTerms};
use std::collections::BTreeMap;

/// Under this name every answer counts once.
pub const ANSWERS: &str = ":answers";
/// Under this name the gap over all pairs with a dimension is counted, as under `gap:reliability` that of one.
pub const OVERALL: &str = "gap:overall";

const MILLION: i64 = 1_000_000;
/// How many values a tally tells apart.
pub const BINS: usize = 11;

/// What is counted of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    pub n: i64,
    /// Sum, sum of squares, sum of what was expected and of what was lived, in millionths.
    pub total: i64,
    pub squares: i64,
    pub expected: i64,
    pub lived: i64,
    pub counts: [i64; BINS],
}

impl std::ops::AddAssign for Added {
    fn add_assign(&mut self, other: Self) {
        self.n += other.n;
        self.total += other.total;
        self.squares += other.squares;
        self.expected += other.expected;
        self.lived += other.lived;
        self.counts.iter_mut().zip(other.counts).for_each(|(mine, more)| *mine += more);
    }
}

impl Added {
    pub fn times(mut self, sign: i64) -> Self {
        let all = [&mut self.n, &mut self.total, &mut self.squares, &mut self.expected, &mut self.lived];
        all.into_iter().chain(&mut self.counts).for_each(|number| *number *= sign);
        self
    }

    fn one() -> Self {
        Self { n: 1, ..Self::default() }
    }

    fn value(value: i64, scale: &Scale) -> Self {
        let mut added = Self { total: value * MILLION, squares: value * value * MILLION, ..Self::one() };
        added.counts[bin(scale, value)] = 1;
        added
    }

    /// The mean over some pairs: of the differences, of what was expected, of what was lived.
    fn gap(pairs: &[(i64, i64, i64)]) -> Self {
        let count = i64::try_from(pairs.len()).unwrap_or(i64::MAX);
        let mean = |part: fn(&(i64, i64, i64)) -> i64| {
            let sum: i64 = pairs.iter().map(part).sum();
            rounded(sum * MILLION, count)
        };
        let gap = mean(|pair| pair.0);
        let squares = i128::from(gap) * i128::from(gap) / i128::from(MILLION);
        let mut added = Self {
            total: gap,
            squares: i64::try_from(squares).unwrap_or(i64::MAX),
            expected: mean(|pair| pair.1),
            lived: mean(|pair| pair.2),
            ..Self::one()
        };
        added.counts[usize::from(gap >= 0) + usize::from(gap > 0)] = 1;
        added
    }
}

/// The quotient, rounded to the nearest whole number.
fn rounded(sum: i64, by: i64) -> i64 {
    let half = by / 2 * sum.signum();
    (sum + half) / by.max(1)
}

/// How many numbers a scale has.
pub fn points(scale: &Scale) -> i64 {
    (scale.max - scale.min) / scale.step + 1
}

/// In which place a number is counted: its own, or, on a scale of more than eleven numbers, one of eleven equal parts.
pub fn bin(scale: &Scale, value: i64) -> usize {
    let (place, all) = ((value - scale.min) / scale.step, points(scale));
    let place = if all <= 11 { place } else { place * 11 / all };
    usize::try_from(place).unwrap_or_default().min(BINS - 1)
}

/// The name under which something of a dimension is counted: `gap:reliability`.
pub fn dimension_item(what: &str, dimension: Dimension) -> String {
    let name = match dimension {
        Dimension::Reliability => "reliability",
        Dimension::Assurance => "assurance",
        Dimension::Tangibles => "tangibles",
        Dimension::Empathy => "empathy",
        Dimension::Responsiveness => "responsiveness",
    };
    format!("{what}:{name}")
}

/// The name under which a choice is counted: `reason=price`.
pub fn choice_item(item: &str, choice: &str) -> String {
    format!("{item}={choice}")
}

/// What an answer counts, by what it counts under.
pub fn counted(terms: &SurveyTerms, answers: &[Answer], importance: Option<&Importance>) -> BTreeMap<String, Added> {
    let mut found = BTreeMap::from([(ANSWERS.to_owned(), Added::one())]);
    let mut gaps = BTreeMap::<Dimension, Vec<_>>::new();
    let mut margins = BTreeMap::<Dimension, Vec<_>>::new();
    for answer in answers {
        let Some(item) = terms.items.iter().find(|item| item.key == answer.item) else {
            continue;
        };
        match (item.kind, &item.scale) {
            (ItemKind::Scale, Some(scale)) => {
                let value = answer.value.map(|value| Added::value(value, scale));
                found.extend(value.map(|added| (item.key.to_string(), added)));
            }
            (ItemKind::Pair, Some(scale)) => match item.dimension {
                Some(dimension) => {
                    gaps.entry(dimension).or_default().extend(pair(scale, answer.expectation, answer.value));
                    margins.entry(dimension).or_default().extend(pair(scale, answer.minimum, answer.value));
                }
                None => {
                    let pair = pair(scale, answer.expectation, answer.value);
                    found.extend(pair.map(|pair| (item.key.to_string(), Added::gap(&[pair]))));
                }
            },
            (ItemKind::Choice, _) => found.extend(chosen(item, answer)),
            _ => {}
        }
    }
    let all: Vec<_> = gaps.values().flatten().copied().collect();
    if !all.is_empty() {
        found.insert(OVERALL.to_owned(), Added::gap(&all));
    }
    for (what, by_dimension) in [("gap", gaps), ("margin", margins)] {
        let some = by_dimension.into_iter().filter(|(_, pairs)| !pairs.is_empty());
        found.extend(some.map(|(dimension, pairs)| (dimension_item(what, dimension), Added::gap(&pairs))));
    }
    for (dimension, points) in importance.iter().flat_map(|importance| importance.points()) {
        let added = Added { total: points * MILLION, squares: points * points * MILLION, ..Added::one() };
        found.insert(dimension_item("importance", dimension), added);
    }
    found
}

/// What was lived against something: difference, the other, what was lived. A lower number that is better counts up.
fn pair(scale: &Scale, other: Option<i64>, lived: Option<i64>) -> Option<(i64, i64, i64)> {
    let (other, lived) = (other?, lived?);
    Some(match scale.direction {
        ScaleDirection::HigherIsBetter => (lived - other, other, lived),
        ScaleDirection::LowerIsBetter => (other - lived, other, lived),
    })
}

fn chosen<'a>(item: &'a SurveyItem, answer: &'a Answer) -> impl Iterator<Item = (String, Added)> + 'a {
    let itself = (!answer.choices.is_empty()).then(|| (item.key.to_string(), Added::one()));
    let each = answer.choices.iter().map(|choice| (choice_item(&item.key, choice), Added::one()));
    itself.into_iter().chain(each)
}

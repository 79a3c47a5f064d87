//! From ratings to numbers, and from numbers to a grade.

use crate::agreements::Side;
use crate::reviews::types::{Criterion, CriterionRatings, NewRatings, RatingSummary, ReviewGrade, SingleRating};
use crate::shared::error::{Code, Error, FieldError, Result};
use std::collections::BTreeMap;
use uuid::Uuid;

/// So far from the median is an outlier.
const OUTLIER: f64 = 1.5;
/// From which score on which grade is given; below the last one it is F.
const GRADES: [(f64, ReviewGrade); 5] = [
    (4.5, ReviewGrade::A),
    (3.75, ReviewGrade::B),
    (3.0, ReviewGrade::C),
    (2.25, ReviewGrade::D),
    (1.5, ReviewGrade::E),
];
/// A criterion below this caps the grade.
const POOR: f64 = 1.5;
/// Means of thirds add up to a bound but for this.
const ROUNDING: f64 = 1e-9;

/// A rating as it stands.
#[derive(Clone, Debug)]
pub struct Rated {
    pub rater: Uuid,
    pub side: Side,
    pub criterion: Criterion,
    pub round: i64,
    pub score: i64,
    pub narrative: Option<String>,
    pub reason: Option<String>,
}

/// What stands: of every rater and criterion the last round.
pub fn effective(all: Vec<Rated>) -> Vec<Rated> {
    let mut last: BTreeMap<(Criterion, Uuid), Rated> = BTreeMap::new();
    for rated in all {
        let stands = last.entry((rated.criterion, rated.rater)).or_insert_with(|| rated.clone());
        if stands.round < rated.round {
            *stands = rated;
        }
    }
    last.into_values().collect()
}

/// Refuses the same criterion twice, and the ends of the scale without a word.
pub fn check_ratings(new: &NewRatings, is_again: bool) -> Result<()> {
    let wrong = |at: String, detail: &str| Err(Error::rule(Code::RuleViolated, &at, detail));
    for (place, rating) in new.ratings.iter().enumerate() {
        if new.ratings[..place].iter().any(|other| other.criterion == rating.criterion) {
            return wrong(format!("/ratings/{place}/criterion"), "One rating per criterion.");
        }
        if rating.narrative.is_none() && (rating.score <= 2 || rating.score == 5) {
            return wrong(format!("/ratings/{place}/narrative"), "Say what it is based on.");
        }
    }
    match (is_again, &new.reason) {
        (true, None) => wrong("/reason".to_owned(), "Say why you change what you said."),
        (false, Some(_)) => wrong("/reason".to_owned(), "Reasons are for what changes after a dispute."),
        _ => Ok(()),
    }
}

/// Refuses to lock what our side has not rated.
pub fn refuse_unrated(summary: &RatingSummary) -> Result<()> {
    let missing =
        Criterion::ALL.into_iter().filter(|wanted| !summary.criteria.iter().any(|one| one.criterion == *wanted));
    let field = |criterion: Criterion| FieldError {
        pointer: Some(format!("#/ratings/{}", name(criterion))),
        code: Code::RuleViolated.name().to_owned(),
        detail: "Nobody of our side rated it.".to_owned(),
        ..FieldError::default()
    };
    let fields: Vec<_> = missing.map(field).collect();
    match fields.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Code::RuleViolated, "Some criteria are not rated yet.").fields(fields)),
    }
}

fn name(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Reliability => "reliability",
        Criterion::Quality => "quality",
        Criterion::Responsiveness => "responsiveness",
        Criterion::Communication => "communication",
        Criterion::ProblemSolving => "problem_solving",
        Criterion::Value => "value",
    }
}

/// What raters of one side said; `shows` tells which raters the reader may know.
pub fn summary(all: &[Rated], side: Side, shows: bool) -> RatingSummary {
    let of = |criterion| -> Vec<&Rated> {
        all.iter().filter(|rated| rated.side == side && rated.criterion == criterion).collect()
    };
    let criteria: Vec<_> = Criterion::ALL.into_iter().filter_map(|one| numbers(one, &of(one), shows)).collect();
    let means: Vec<_> = criteria.iter().map(|one| one.mean).collect();
    RatingSummary { score: (!means.is_empty()).then(|| mean(&means)), criteria }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn numbers(criterion: Criterion, rated: &[&Rated], shows: bool) -> Option<CriterionRatings> {
    let mut scores: Vec<_> = rated.iter().map(|one| one.score).collect();
    scores.sort_unstable();
    let (min, max) = (*scores.first()?, *scores.last()?);
    let values: Vec<_> = scores.iter().map(|score| *score as f64).collect();
    let (mean, middle) = (mean(&values), values.len() / 2);
    let median = match values.len() % 2 {
        1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    };
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let each = rated.iter().map(|one| SingleRating {
        rater_id: shows.then_some(one.rater),
        score: one.score,
        narrative: one.narrative.clone(),
        changed_because: one.reason.clone(),
        is_outlier: (one.score as f64 - median).abs() > OUTLIER,
    });
    Some(CriterionRatings {
        criterion,
        n: i64::try_from(values.len()).unwrap_or(i64::MAX),
        mean,
        median,
        min,
        max,
        standard_deviation: (squares / values.len() as f64).sqrt(),
        ratings: each.collect(),
    })
}

/// The grade that follows from how our side rated, and from whether the owner of the agreement would do it again.
pub fn grade(of_supplier: &RatingSummary, would_use_again: Option<bool>) -> Option<(f64, ReviewGrade)> {
    let score = of_supplier.score?;
    let given = GRADES.iter().find(|(from, _)| score + ROUNDING >= *from).map_or(ReviewGrade::F, |(_, grade)| *grade);
    let is_poor = of_supplier.criteria.iter().any(|one| one.mean + ROUNDING < POOR);
    let for_poor = if is_poor { ReviewGrade::D } else { ReviewGrade::A };
    let for_never = if would_use_again == Some(false) { ReviewGrade::C } else { ReviewGrade::A };
    // A is the least of them, F the greatest.
    Some((score, given.max(for_poor).max(for_never)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reviews::types::NewRating;
    use proptest::prelude::*;

    fn rated(criterion: Criterion, scores: &[i64]) -> Vec<Rated> {
        let one = |(place, score): (usize, &i64)| Rated {
            rater: Uuid::from_u128(place as u128),
            side: Side::Us,
            criterion,
            round: 1,
            score: *score,
            narrative: None,
            reason: None,
        };
        scores.iter().enumerate().map(one).collect()
    }

    fn all(scores: [i64; 6]) -> RatingSummary {
        let each = Criterion::ALL.into_iter().zip(scores).flat_map(|(criterion, score)| rated(criterion, &[score]));
        summary(&each.collect::<Vec<_>>(), Side::Us, true)
    }

    #[test]
    fn spread_and_outliers_are_shown() {
        let found = summary(&rated(Criterion::Quality, &[4, 4, 5, 2]), Side::Us, true);
        let quality = &found.criteria[0];
        assert_eq!((quality.n, quality.min, quality.max, quality.mean, quality.median), (4, 2, 5, 3.75, 4.0));
        assert!((quality.standard_deviation - 1.089_725).abs() < 1e-6);
        assert_eq!(quality.ratings.iter().map(|one| one.is_outlier).collect::<Vec<_>>(), [false, false, false, true]);
        assert_eq!(summary(&rated(Criterion::Quality, &[4]), Side::Supplier, true), RatingSummary::default());
    }

    #[test]
    fn grades_follow_from_the_scores() {
        let given = |scores, again| grade(&all(scores), Some(again)).expect("a grade").1;
        assert_eq!(given([5, 5, 5, 4, 4, 4], true), ReviewGrade::A);
        assert_eq!(given([4, 4, 4, 4, 4, 3], true), ReviewGrade::B);
        assert_eq!(given([3; 6], true), ReviewGrade::C);
        assert_eq!(given([2, 2, 3, 3, 2, 2], true), ReviewGrade::D);
        assert_eq!(given([2; 6], true), ReviewGrade::E);
        assert_eq!(given([1; 6], true), ReviewGrade::F);
        // One thing that is not good enough, and one who would not do it again, are not averaged away.
        assert_eq!(given([5, 5, 5, 5, 5, 1], true), ReviewGrade::D);
        assert_eq!(given([5; 6], false), ReviewGrade::C);
        assert_eq!(grade(&RatingSummary::default(), None), None);
    }

    #[test]
    fn thirds_that_add_up_to_a_bound_reach_it() {
        // Three raters each; their mean is 4.5.
        let scores = [[5, 4, 4], [5, 5, 5], [4, 4, 5], [4, 4, 4], [5, 5, 5], [4, 4, 5]];
        let each = Criterion::ALL.into_iter().zip(scores).flat_map(|(criterion, scores)| rated(criterion, &scores));
        let found = summary(&each.collect::<Vec<_>>(), Side::Us, true);
        assert_eq!(grade(&found, Some(true)).expect("a grade").1, ReviewGrade::A);
    }

    #[test]
    fn the_last_round_stands() {
        let first = rated(Criterion::Value, &[1]).remove(0);
        let again = Rated { round: 2, score: 3, ..first.clone() };
        let stands = effective(vec![again, first]);
        assert_eq!(stands.iter().map(|one| one.score).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn the_ends_of_the_scale_need_words() {
        let new = |score, narrative: Option<&str>| NewRatings {
            ratings: vec![NewRating { criterion: Criterion::Value, score, narrative: narrative.map(str::to_owned) }],
            reason: None,
        };
        for score in [1, 2, 5] {
            assert!(check_ratings(&new(score, None), false).is_err());
            assert!(check_ratings(&new(score, Some("Because.")), false).is_ok());
        }
        assert!(check_ratings(&new(3, None), false).is_ok() && check_ratings(&new(4, None), false).is_ok());
        assert!(check_ratings(&new(3, None), true).is_err(), "a change needs a reason");
    }

    proptest! {
        #[test]
        fn a_better_rating_never_makes_a_worse_grade(
            scores in prop::array::uniform6(1i64..=5), place in 0usize..6, again in any::<bool>(),
        ) {
            let mut better = scores;
            better[place] = (scores[place] + 1).min(5);
            let given = |scores| grade(&all(scores), Some(again)).expect("a grade").1;
            prop_assert!(given(better) <= given(scores));
        }
    }
}

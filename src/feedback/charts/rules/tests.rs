//! What is in the pictures, read from their text.

use super::*;
use crate::agreements::Dimension;
use crate::feedback::numbers::{
    Bin, DimensionGap, FeedbackNumbers, FeedbackStep, GapFigures, ItemNumber, ResponseRate, Servqual, WeightsFrom,
};
use crate::shared::chart::strays;
use crate::shared::stats::Rate;
use crate::shared::time::Timestamp;
use crate::surveys::{Measure, ScaleDirection};
use chrono::{Months, NaiveDate};
use proptest::prelude::*;

const DIMENSIONS: [Dimension; 5] =
    [Dimension::Reliability, Dimension::Assurance, Dimension::Tangibles, Dimension::Empathy, Dimension::Responsiveness];

type When = (Window, Timestamp);

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn when() -> When {
    (Window { from: day("2025-11-22"), to: day("2026-11-21") }, chrono::DateTime::UNIX_EPOCH.into())
}

fn found() -> FeedbackNumbers {
    let (window, as_of) = when();
    let response = ResponseRate { rate: Rate::new(0, 0, window, as_of, ""), is_weak: false };
    let (items, pairs, servqual, choices, series) = Default::default();
    FeedbackNumbers { window, as_of, answers: 0, response, items, pairs, servqual, choices, series }
}

fn count(svg: &str, part: &str) -> usize {
    // Without the legend, which stands first.
    svg.split_once("</g></g>").map_or(0, |(_, picture)| picture.matches(part).count())
}

/// So many expected this and lived that.
fn pair(n: i64, expected: f64, lived: f64) -> GapFigures {
    let figure = |value, error| Figure::normal(value, error, n, when(), "");
    let negative = Rate::new(if lived < expected { n } else { 0 }, n, when().0, when().1, "");
    let (expectation, experience) = (figure(expected, None), figure(lived, None));
    GapFigures { gap: figure(lived - expected, Some(0.1)), expectation, experience, negative }
}

fn gaps(pairs: &[(i64, f64, f64)]) -> FeedbackNumbers {
    let each = DIMENSIONS.into_iter().zip(pairs).map(|(dimension, (n, expected, lived))| {
        let number = pair(*n, *expected, *lived);
        DimensionGap { dimension, weight: 0.2, weighted: None, figures: number, margin: None }
    });
    let (overall, dimensions) = (pair(40, 6.0, 5.0), each.collect());
    let (weighted_gap, sub_score, weights_from) = (None, None, WeightsFrom::Literature);
    let servqual = Servqual { min: 1, max: 7, weighted_gap, sub_score, weights_from, overall, dimensions };
    FeedbackNumbers { servqual: vec![servqual], ..found() }
}

fn item(key: &str, min: i64, n: i64, value: f64, error: f64) -> ItemNumber {
    let (measure, variant) = (Measure::Nps, if min == 0 { Variant::Nps0To10 } else { Variant::Nps1To10 });
    let figure = Figure::normal(value, Some(error), n, when(), "Share of 9-10 less share of 0-6, times 100.");
    let bins = (min..=10).map(|value| Bin { from: value, to: value, count: if value == 9 { n } else { 0 } });
    ItemNumber {
        item: key.to_owned(),
        measure,
        variant,
        dimension: None,
        min,
        max: 10,
        step: 1,
        direction: ScaleDirection::HigherIsBetter,
        score: figure.clone(),
        mean: figure,
        normalised: None,
        favourable: Rate::new(n, n, when().0, when().1, ""),
        net: None,
        distribution: bins.collect(),
    }
}

/// The whole of these, and each of them one month after another.
fn months(key: &str, months: &[(i64, f64, f64)]) -> FeedbackNumbers {
    let step = |(place, (n, value, error)): (u32, &(i64, f64, f64))| {
        let from = day("2026-01-01") + Months::new(place);
        let items = if *n == 0 { Vec::new() } else { vec![item(key, 0, *n, *value, *error)] };
        FeedbackStep { from, to: from, answers: *n, items, pairs: Vec::new(), servqual: Vec::new() }
    };
    let n = months.iter().map(|month| month.0).sum();
    FeedbackNumbers {
        items: if n == 0 { Vec::new() } else { vec![item(key, 0, n, 40.0, 5.2)] },
        series: (0..).zip(months).map(step).collect(),
        ..found()
    }
}

#[test]
fn dimensions_with_a_value_are_drawn_weakest_first() {
    let svg = gap_chart(&gaps(&[(10, 6.0, 5.5), (9, 6.0, 1.0), (10, 6.0, 6.25), (30, 6.5, 4.0)]));
    let place = |name: &str| svg.find(&format!(">{name}</text>"));
    assert!(place("Empathy") < place("Reliability") && place("Reliability") < place("Tangibles"), "{svg}");
    assert_eq!((place("Assurance"), place("Responsiveness")), (None, None));
    assert_eq!((count(&svg, "class=\"bounds\""), count(&svg, "class=\"expected\"")), (3, 3));
    assert!(svg.contains("class=\"zero\"") && svg.contains(">+0.25</text>") && svg.contains(">-2.5</text>"), "{svg}");
}

#[test]
fn gaps_are_told_in_words() {
    let svg = gap_chart(&gaps(&[(10, 6.0, 5.5), (10, 6.0, 6.25)]));
    let story = "22 Nov 2025 to 21 Nov 2026. Scale of 1 to 7. In all: expected 6, lived 5, gap -1, between -1.2 and -0.8; \
                 100 % of 40 lived less than they expected. Weakest first. \
                 Reliability: expected 6, lived 5.5, gap -0.5, between -0.7 and -0.3; 100 % of 10 lived less than they expected. \
                 Assurance: expected 6, lived 6.25, gap +0.25, between +0.05 and +0.45; 0 % of 10 lived less than they expected.";
    assert!(svg.contains(&format!("<desc id=\"gap-story\">{story}</desc>")), "{svg}");
}

#[test]
fn the_scale_with_most_answers_is_drawn() {
    let mut numbers = gaps(&[(10, 6.0, 5.5)]);
    let mut other = numbers.servqual[0].clone();
    (other.max, other.overall) = (10, pair(39, 6.0, 5.0));
    numbers.servqual.push(other);
    assert!(gap_chart(&numbers).contains("Scale of 1 to 7."));
}

#[test]
fn months_of_too_few_are_gaps_and_no_zeros() {
    let svg = nps_chart(&months(
        "recommend",
        &[(50, 40.0, 5.0), (50, 30.0, 5.0), (9, -100.0, 1.0), (0, 0.0, 0.0), (60, 50.0, 5.0)],
    ));
    assert_eq!((count(&svg, "class=\"rate\""), count(&svg, "class=\"bounds\"")), (1, 1), "{svg}");
    assert_eq!((count(&svg, "class=\"few\""), count(&svg, "class=\"dot\"")), (1, 3), "{svg}");
    assert!(
        svg.contains("Mar 2026: too few answers for a number (fewer than 10), of 9") && !svg.contains("Apr 2026"),
        "{svg}"
    );
    assert!(svg.contains(">-10</text>") && svg.contains(">+60</text>") && !svg.contains(">-20</text>"), "{svg}");
}

#[test]
fn the_score_names_its_variant_and_is_told_in_words() {
    let mut numbers = months("recommend", &[(50, 40.0, 5.0), (50, 30.0, 5.0)]);
    numbers.items.push(item("other", 1, 99, 0.0, 5.0));
    let svg = nps_chart(&numbers);
    assert!(svg.contains(">Net promoter score by month: recommend, 0-10</text>"), "{svg}");
    let story = "22 Nov 2025 to 21 Nov 2026. Share of 9-10 less share of 0-6, times 100. In all +40, between +29.8 and +50.2, of 100. \
                 The other 1 that were asked in another way are not in it. Months with at least 10 answers: 2. \
                 Lowest: Feb 2026: +30, between +20.2 and +39.8, of 50. Latest: Feb 2026: +30, between +20.2 and +39.8, of 50.";
    assert!(svg.contains(&format!("<desc id=\"nps-story\">{story}</desc>")), "{svg}");
    numbers.items.push(item("more", 1, 101, 0.0, 5.0));
    let svg = nps_chart(&numbers);
    assert!(svg.contains("more, 1-10</text>") && svg.contains("there is no score to show"), "{svg}");
}

#[test]
fn numbers_are_counted_and_the_value_is_in_words() {
    let mut numbers = found();
    let mut asked = item("mood", 1, 160, 0.8, 0.03);
    (asked.max, asked.variant, asked.score) =
        (5, Variant::Top2, Rate::new(128, 160, when().0, when().1, "The two best.").into());
    asked.distribution = (1..).zip([8, 10, 14, 58, 70]).map(|(from, count)| Bin { from, to: from, count }).collect();
    numbers.items = vec![item("mood", 0, 159, 1.0, 1.0), asked, item("else", 0, 999, 1.0, 1.0)];
    let svg = distribution_chart(&numbers, "mood");
    let says = "160 answers; share of the two best: 80 %, between 73.1 % and 85.5 %";
    assert!(svg.contains(&format!(">{says}</text>")), "{svg}");
    let story = format!(
        "22 Nov 2025 to 21 Nov 2026: {says}. The two best. Scale of 1 to 5, 5 is the best. 1: 8. 2: 10. 3: 14. 4: 58. 5: 70."
    );
    assert!(svg.contains(&format!("<desc id=\"distribution-story\">{story}</desc>")), "{svg}");
    assert_eq!(count(&svg, "<rect class=\"dot\""), 5);
    assert!(svg.contains("<title>4: 58 of 160, 36.2 %</title>"), "{svg}");
    numbers.items = vec![item("mood", 0, 9, 100.0, 0.0)];
    assert!(distribution_chart(&numbers, "mood").contains("9 answers; net promoter score, 0-10: too few answers"));
}

#[test]
fn nothing_says_so() {
    for (svg, words) in [
        (gap_chart(&found()), "there is no gap to show"),
        (gap_chart(&gaps(&[(9, 6.0, 5.0)])), "there is no gap to show"),
        (nps_chart(&found()), "there is no score to show"),
        (nps_chart(&months("x", &[(9, 40.0, 5.0)])), "there is no score to show"),
        (distribution_chart(&found(), "mood"), "Nobody has given this a number yet."),
    ] {
        assert!(svg.contains(words) && count(&svg, "class=\"dot\"") == 0, "{svg}");
        assert!(strays(&svg).is_empty(), "{svg}");
    }
}

#[test]
fn keys_can_not_break_the_picture() {
    for svg in [distribution_chart(&found(), "<script>"), nps_chart(&months("<script>", &[(10, 0.0, 0.0)]))] {
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"), "{svg}");
    }
}

proptest! {
    #[test]
    fn gaps_stay_inside(pairs in proptest::collection::vec((0i64..40, 1.0f64..=7.0, 1.0f64..=7.0), 0..6)) {
        let svg = gap_chart(&gaps(&pairs));
        prop_assert_eq!(strays(&svg), Vec::<String>::new());
        prop_assert_eq!(count(&svg, "class=\"bounds\""), pairs.iter().filter(|pair| pair.0 >= 10).count());
    }

    #[test]
    fn scores_stay_inside(given in proptest::collection::vec((0i64..40, -100.0f64..=100.0, 0.0f64..60.0), 0..121)) {
        let svg = nps_chart(&months("recommend", &given));
        prop_assert_eq!(strays(&svg), Vec::<String>::new());
        prop_assert_eq!(count(&svg, "class=\"dot\""), given.iter().filter(|month| month.0 >= 10).count());
    }

    #[test]
    fn counts_stay_inside(counts in proptest::collection::vec(0i64..1_000_000, 1..12)) {
        let mut of = item("mood", 0, counts.iter().sum(), 0.0, 1.0);
        of.distribution = (0..).zip(&counts).map(|(from, count)| Bin { from, to: from, count: *count }).collect();
        let svg = distribution_chart(&FeedbackNumbers { items: vec![of], ..found() }, "mood");
        prop_assert_eq!(strays(&svg), Vec::<String>::new());
        prop_assert_eq!(count(&svg, "<rect class=\"dot\""), counts.len());
    }
}

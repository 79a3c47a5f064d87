//! The vectors of NPS, CSAT, CES and SERVQUAL, and how windows are read.

use super::super::servqual::servqual;
use super::*;
use crate::agreements::Dimension;
use crate::feedback::rules::{OVERALL, dimension_item};
use crate::surveys::{ItemKey, SurveyItem};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

const SURVEY: SurveyId = SurveyId(Uuid::from_u128(1));

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn when() -> When {
    let window = Window { from: day("2026-01-01"), to: day("2026-12-31") };
    (window, Timestamp::from(chrono::DateTime::UNIX_EPOCH))
}

/// A survey with one item on a scale, answered so often with each number.
fn asked(measure: &str, variant: &str, min: i64, counts: &[i64]) -> ItemNumber {
    let max = min + i64::try_from(counts.len()).expect("short") - 1;
    let item = json!({"key": "item", "kind": "scale", "wording": {"en": "?"}, "measure": measure, "variant": variant,
        "scale": {"min": min, "max": max, "step": 1, "direction": "higher_is_better"}});
    let item = read(item);
    let mut added = Added::default();
    for (place, count) in counts.iter().enumerate() {
        let value = min + i64::try_from(place).expect("small");
        added.counts[place] = *count;
        added.n += count;
        added.total += count * value * 1_000_000;
        added.squares += count * value * value * 1_000_000;
    }
    let counted = Counted { survey: SURVEY, item: "item".to_owned(), day: day("2026-01-01"), added };
    items(&[counted], &Items::from([((SURVEY, "item".to_owned()), item)]), when()).remove(0)
}

fn read(item: serde_json::Value) -> SurveyItem {
    serde_json::from_value(item).expect("an item")
}

fn near(given: Option<f64>, wanted: f64, within: f64) {
    let given = given.expect("a number");
    assert!((given - wanted).abs() <= within, "{given} is not {wanted}");
}

#[test]
fn the_net_score_has_an_interval() {
    let nps = asked("nps", "nps_0_10", 0, &[10, 0, 0, 5, 0, 5, 10, 30, 30, 60, 50]);
    let score = &nps.score;
    assert_eq!(nps.net, Some(NetCounts { promoters: 110, passives: 60, detractors: 30 }));
    near(score.value, 40.0, 1e-9);
    near(score.upper.zip(score.lower).map(|(upper, lower)| (upper - lower) / 2.0 / 1.96), 5.20, 0.005);
    near(score.lower, 29.8, 0.05);
    near(score.upper, 50.2, 0.05);
    assert_eq!((score.n, score.method.as_str()), (200, "normal_95"));
    assert!(score.definition.contains("0-6"), "{}", score.definition);
    let other = asked("nps", "nps_1_10", 1, &[10, 0, 5, 0, 5, 10, 30, 30, 60, 50]);
    near(other.score.value, 40.0, 1e-9);
    assert!(other.score.definition.contains("1-6"), "{}", other.score.definition);
}

#[test]
fn satisfaction_depends_on_its_variant() {
    let csat = |variant| asked("csat", variant, 1, &[8, 10, 14, 58, 70]);
    let top2 = csat("top2");
    near(top2.score.value, 0.8, 1e-9);
    near(top2.score.lower, 0.7313, 0.000_06);
    near(top2.score.upper, 0.8546, 0.000_06);
    assert_eq!((top2.score.k, top2.favourable.k), (Some(128), 128));
    near(csat("share_of_possible").score.value, 0.815, 1e-9);
    near(csat("mean").score.value, 4.075, 1e-9);
    near(csat("top1").score.value, 0.4375, 1e-9);
    assert_eq!(top2.distribution.iter().map(|bin| bin.count).collect::<Vec<_>>(), [8, 10, 14, 58, 70]);
}

#[test]
fn effort_is_a_mean_with_the_share_of_those_who_found_it_easy() {
    let ces = asked("ces", "mean", 1, &[2, 3, 5, 10, 25, 35, 20]);
    near(ces.score.value, 5.38, 1e-9);
    near(ces.normalised, 73.0, 1e-9);
    near(ces.favourable.value, 0.8, 1e-9);
    near(ces.favourable.lower, 0.711, 0.0005);
    near(ces.favourable.upper, 0.867, 0.0005);
}

#[test]
fn gaps_are_weighted_into_a_sub_score() {
    let pair = json!({"key": "p", "kind": "pair", "wording": {"en": "?"}, "expectation_wording": {"en": "?"},
        "dimension": "tangibles", "scale": {"min": 1, "max": 7, "step": 1, "direction": "higher_is_better"}});
    let pair = read(pair);
    let table = [
        (Dimension::Tangibles, 5.60, 5.70, 0.11),
        (Dimension::Reliability, 6.70, 5.58, -0.3584),
        (Dimension::Responsiveness, 6.40, 5.55, -0.1955),
        (Dimension::Assurance, 6.30, 6.05, -0.0475),
        (Dimension::Empathy, 5.90, 5.62, -0.0420),
    ];
    let millions = |value: f64| (value * 1e6).round() as i64 * 100;
    let mut counted: Vec<_> = table
        .iter()
        .map(|(dimension, expected, lived, _)| {
            let (total, expected, lived) = (millions(lived - expected), millions(*expected), millions(*lived));
            let added = Added { n: 100, total, expected, lived, ..Added::default() };
            Counted { survey: SURVEY, item: dimension_item("gap", *dimension), day: day("2026-01-01"), added }
        })
        .collect();
    let overall = Added { n: 100, total: millions(-0.5), ..Added::default() };
    counted.push(Counted { item: OVERALL.to_owned(), added: overall, ..counted[0].clone() });
    let known = Items::from([((SURVEY, "p".to_owned()), pair)]);
    let found = servqual(&counted, &known, None, when()).remove(0);
    near(found.weighted_gap, -0.6324, 1e-9);
    near(found.sub_score, 89.46, 0.005);
    for (dimension, _, _, weighted) in table.iter().skip(1) {
        let gap = found.dimensions.iter().find(|gap| gap.dimension == *dimension).expect("a gap");
        near(gap.weighted, *weighted, 1e-9);
    }
}

#[test]
fn a_dimension_nobody_speaks_of_takes_no_weight() {
    let pair = json!({"key": "p", "kind": "pair", "wording": {"en": "?"}, "expectation_wording": {"en": "?"},
        "dimension": "empathy", "scale": {"min": 1, "max": 7, "step": 1, "direction": "higher_is_better"}});
    let known = Items::from([((SURVEY, "p".to_owned()), read(pair))]);
    let one = |item: String, n: i64| {
        let added = Added { n, total: -n * 3_000_000, ..Added::default() };
        Counted { survey: SURVEY, item, day: day("2026-01-01"), added }
    };
    let gap = |n| {
        let counted = [one(dimension_item("gap", Dimension::Empathy), n), one(OVERALL.to_owned(), n)];
        servqual(&counted, &known, None, when()).remove(0)
    };
    near(gap(10).weighted_gap, -3.0, 1e-9);
    near(gap(10).sub_score, 50.0, 1e-9);
    assert_eq!((gap(9).weighted_gap, gap(9).sub_score), (None, None));
}

#[test]
fn what_is_low_is_better_counts_from_the_other_end() {
    let item = json!({"key": "item", "kind": "scale", "wording": {"en": "?"}, "measure": "score", "variant": "top2",
        "scale": {"min": 0, "max": 100, "step": 5, "direction": "lower_is_better"}});
    let item = read(item);
    let mut added = Added { n: 20, total: 20 * 10_000_000, ..Added::default() };
    (added.counts[0], added.counts[1], added.counts[10]) = (12, 3, 5);
    let counted = Counted { survey: SURVEY, item: "item".to_owned(), day: day("2026-01-01"), added };
    let known = Items::from([((SURVEY, ItemKey::of("item").to_string()), item)]);
    let found = items(&[counted], &known, when()).remove(0);
    assert_eq!(found.score.k, Some(15));
    near(found.normalised, 90.0, 1e-9);
    let bins: Vec<_> = found.distribution.iter().map(|bin| (bin.from, bin.to)).collect();
    assert_eq!((bins[0], bins[1], bins[10]), ((0, 5), (10, 15), (100, 100)));
}

#[test]
fn whole_months_are_read_as_one() {
    let read = |from: &str, to: &str| {
        let spans = spans(Window { from: day(from), to: day(to) });
        spans
            .into_iter()
            .map(|span| format!("{}{}..{}", if span.is_month { "M" } else { "D" }, span.from, span.to))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        read("2026-01-15", "2026-11-21"),
        ["D2026-01-15..2026-01-31", "M2026-02-01..2026-10-31", "D2026-11-01..2026-11-21"]
    );
    assert_eq!(read("2026-01-01", "2026-01-31"), ["M2026-01-01..2026-01-31"]);
    assert_eq!(read("2026-01-01", "2026-01-30"), ["D2026-01-01..2026-01-30"]);
    assert_eq!(read("2026-01-05", "2026-01-20"), ["D2026-01-05..2026-01-20"]);
    assert_eq!(read("2025-12-31", "2026-02-28"), ["D2025-12-31..2025-12-31", "M2026-01-01..2026-02-28"]);
}

proptest! {
    #[test]
    fn spans_hold_every_day_once(from in 0i64..800, length in 0i64..800) {
        let from = day("2024-01-01") + chrono::TimeDelta::days(from);
        let window = Window { from, to: from + chrono::TimeDelta::days(length) };
        let mut next = window.from;
        for span in spans(window) {
            prop_assert_eq!(span.from, next);
            prop_assert!(!span.is_month || span.from.day() == 1);
            next = span.to.succ_opt().expect("a day");
        }
        prop_assert_eq!(next, window.to.succ_opt().expect("a day"));
    }

    #[test]
    fn every_number_of_a_scale_has_one_place(min in -100i64..100, points in 2i64..120, step in 1i64..5) {
        let scale = Scale { min, max: min + (points - 1) * step, step, direction: ScaleDirection::HigherIsBetter,
            min_label: Default::default(), max_label: Default::default() };
        let bins = distribution(&scale, &Added::default());
        prop_assert_eq!(bins.first().map(|bin| bin.from), Some(scale.min));
        prop_assert_eq!(bins.last().map(|bin| bin.to), Some(scale.max));
        for pair in bins.windows(2) {
            prop_assert_eq!(pair[0].to + step, pair[1].from);
        }
        for place in 0..points {
            let value = min + place * step;
            let at = crate::feedback::rules::bin(&scale, value);
            prop_assert!((bins[at].from..=bins[at].to).contains(&value), "{value} at {at}: {bins:?}");
        }
    }
}

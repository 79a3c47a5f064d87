//! The vectors of the formulas, and what always holds.

use super::*;
use crate::shared::stats::wilson;
use proptest::prelude::*;

fn when() -> When {
    let day = |text: &str| text.parse().expect("a day");
    let window = Window { from: day("2026-01-01"), to: day("2026-12-31") };
    When { window, as_of: Timestamp::from(chrono::DateTime::UNIX_EPOCH) }
}

fn lived((kept, n): (i64, i64), target: f64, (satisfied, answers): (i64, i64)) -> Lived {
    let kept = KeptToCustomers { kept, n, target: (n > 0).then_some(target) };
    Lived { kept, satisfied: Satisfied { satisfied, n: answers }, customer_target: 0.8 }
}

fn found(kept: (i64, i64), target: f64, satisfied: (i64, i64)) -> Quadrant {
    compare(&lived(kept, target, satisfied), when()).quadrant
}

#[test]
fn a_watermelon_is_green_outside_and_red_inside() {
    let found = compare(&lived((188, 200), 0.92, (96, 150)), when());
    assert_eq!(found.quadrant, Quadrant::Watermelon);
    assert!((found.points.expect("a difference") - 30.0).abs() < 1e-9);
    assert!((found.z.expect("a test") - 7.04).abs() < 0.005, "{:?}", found.z);
    let (lower, upper) = (found.points_lower.expect("a bound"), found.points_upper.expect("a bound"));
    assert!((lower - 21.643).abs() < 0.0005 && (upper - 38.357).abs() < 0.0005, "{lower} {upper}");
}

#[test]
fn kept_and_lived_fall_into_quadrants() {
    assert_eq!(found((188, 200), 0.92, (125, 150)), Quadrant::Aligned);
    assert_eq!(found((100, 200), 0.92, (125, 150)), Quadrant::IrrelevantTerms);
    assert_eq!(found((100, 200), 0.92, (60, 150)), Quadrant::Failing);
    // Exactly at both targets is enough.
    assert_eq!(found((92, 100), 0.92, (80, 100)), Quadrant::Aligned);
}

#[test]
fn what_may_be_chance_is_undecided() {
    // 11 of 15: the upper bound of .73 is above .80.
    assert_eq!(found((188, 200), 0.92, (11, 15)), Quadrant::Undecided);
    // The customers are unhappy, but the promise itself asked for little: no difference to speak of.
    assert_eq!(found((65, 100), 0.60, (64, 100)), Quadrant::Undecided);
    // 17 of 20 kept may be .92.
    assert_eq!(found((17, 20), 0.92, (96, 150)), Quadrant::Undecided);
    // Customers are a little happier than promises are kept.
    assert_eq!(found((156, 200), 0.92, (122, 150)), Quadrant::Undecided);
}

#[test]
fn below_ten_nothing_is_decided() {
    for (kept, satisfied) in [((9, 9), (10, 150)), ((188, 200), (0, 9)), ((0, 0), (96, 150)), ((188, 200), (0, 0))] {
        let found = compare(&lived(kept, 0.92, satisfied), when());
        assert_eq!(
            (found.quadrant, found.points, found.z),
            (Quadrant::Undecided, None, None),
            "{kept:?} {satisfied:?}"
        );
    }
}

#[test]
fn where_nothing_varies_there_is_no_z_and_yet_a_difference() {
    let found = compare(&lived((200, 200), 0.92, (0, 150)), when());
    assert_eq!((found.quadrant, found.points, found.z), (Quadrant::Watermelon, Some(100.0), None));
}

#[test]
fn the_unhappy_on_kept_jobs_are_the_blind_spot() {
    let (unhappy, blind) = on_jobs(OnJobs { on_kept: 141, unhappy_on_kept: 27, unhappy: 33 }, when());
    let near = |rate: &Rate, value: f64, lower: f64, upper: f64| {
        let all = [(rate.value, value), (rate.lower, lower), (rate.upper, upper)];
        all.into_iter().all(|(found, wanted)| found.is_some_and(|found| (found - wanted).abs() < 0.0005))
    };
    assert!(near(&unhappy, 0.191, 0.135, 0.264), "{unhappy:?}");
    assert!(near(&blind, 0.818, 0.656, 0.914), "{blind:?}");
}

fn told(of: &[(&str, i64, i64)]) -> HashMap<String, Told> {
    of.iter().map(|(item, n, total)| ((*item).to_owned(), Told { n: *n, total: *total })).collect()
}

/// The table of domain.md, of 100 respondents.
fn gaps() -> HashMap<String, Told> {
    told(&[
        ("gap:tangibles", 100, 10_000_000),
        ("gap:reliability", 100, -112_000_000),
        ("gap:responsiveness", 100, -85_000_000),
        ("gap:assurance", 100, -25_000_000),
        ("gap:empathy", 100, -28_000_000),
    ])
}

#[test]
fn dimensions_without_a_clause_come_first_and_what_is_missed_most_before_the_rest() {
    let (found, source) = dimensions(&[Reliability, Tangibles], &gaps());
    let names: Vec<_> = found.iter().map(|of| of.dimension).collect();
    assert_eq!(names, [Responsiveness, Assurance, Empathy, Reliability, Tangibles]);
    assert_eq!((source, top_uncovered(&found)), (WeightSource::Default, Some(Responsiveness)));
    let weighted: Vec<_> = found.iter().map(|of| of.weighted_gap.expect("known")).collect();
    for (found, wanted) in weighted.iter().zip([-0.1955, -0.0475, -0.0420, -0.3584, 0.0110]) {
        assert!((found - wanted).abs() < 1e-9, "{weighted:?}");
    }
    assert!((weighted.iter().sum::<f64>() + 0.6324).abs() < 1e-9);
    assert_eq!(top_uncovered(&dimensions(&DIMENSIONS, &gaps()).0), None);
}

#[test]
fn ten_customers_say_what_matters() {
    let mut all = gaps();
    let points = [("reliability", 10), ("assurance", 10), ("tangibles", 10), ("empathy", 60), ("responsiveness", 10)];
    for (name, points) in points {
        all.insert(format!("importance:{name}"), Told { n: 9, total: points * 9_000_000 });
    }
    assert_eq!(dimensions(&[], &all).1, WeightSource::Default);
    for (name, points) in points {
        all.insert(format!("importance:{name}"), Told { n: 10, total: points * 10_000_000 });
    }
    let (found, source) = dimensions(&[], &all);
    assert_eq!((source, top_uncovered(&found)), (WeightSource::Customers, Some(Empathy)));
    assert!((found[0].weight - 0.6).abs() < 1e-9);
}

#[test]
fn what_is_not_known_comes_last_and_what_matters_most_first() {
    let few = told(&[("gap:tangibles", 10, 20_000_000), ("gap:empathy", 9, -90_000_000)]);
    let (found, _) = dimensions(&[], &few);
    let names: Vec<_> = found.iter().map(|of| of.dimension).collect();
    assert_eq!(names, [Tangibles, Reliability, Responsiveness, Assurance, Empathy]);
    assert_eq!((found[4].n, found[4].gap), (9, None));
}

#[test]
fn a_clause_is_proposed_for_what_is_named_or_else_missed_most() {
    assert_eq!(proposed(None, &[Reliability], &gaps()).expect("one"), Responsiveness);
    assert_eq!(proposed(Some(Tangibles), &DIMENSIONS, &gaps()).expect("one"), Tangibles);
    assert_eq!(proposed(None, &DIMENSIONS, &gaps()).expect_err("none").code, Code::RuleViolated);
}

proptest! {
    #[test]
    fn a_watermelon_is_what_the_definition_says(
        kept in 0i64..300, broken in 0i64..300, target in 0.5f64..1.0, satisfied in 0i64..300, others in 0i64..300,
    ) {
        let (n, answers) = (kept + broken, satisfied + others);
        let found = compare(&lived((kept, n), target, (satisfied, answers)), when());
        let (q, h) = (kept as f64 / n as f64, satisfied as f64 / answers as f64);
        let upper = wilson(satisfied, answers, Z_TWO_SIDED).map_or(1.0, |bounds| bounds.1);
        let is_clear = found.z.is_none_or(|z| z >= Z_TWO_SIDED);
        let is_known = n >= MIN_N && answers >= MIN_N;
        let wanted = is_known && q >= target - NOTHING && upper < 0.8 && q > h && is_clear;
        prop_assert_eq!(found.quadrant == Quadrant::Watermelon, wanted);
        prop_assert!(found.points.is_none_or(|points| (-100.0..=100.0).contains(&points)));
        prop_assert_eq!(found.points.is_some(), is_known);
    }
}

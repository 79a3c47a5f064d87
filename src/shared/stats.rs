//! Statistics that more than one room needs. Rates never travel as bare numbers: `Rate` says of
//! how many they are, between which bounds the truth lies, and over which days.

use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// Below this many occasions a rate has no value.
pub const MIN_N: i64 = 10;
/// Two-sided 95 %.
pub const Z_TWO_SIDED: f64 = 1.96;
/// One-sided 95 %.
pub const Z_ONE_SIDED: f64 = 1.645;

/// Whole days in the organisation's time zone, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Window {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// A share of occasions with its bounds.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct Rate {
    /// k / n, unrounded; null below `min_n`.
    pub value: Option<f64>,
    /// How many occasions count.
    pub n: i64,
    /// How many of them had the property.
    pub k: i64,
    /// Lower bound; null when nothing counts.
    pub lower: Option<f64>,
    /// Upper bound; null when nothing counts.
    pub upper: Option<f64>,
    /// How the bounds are computed: `wilson_95`, the two-sided 95 % Wilson score interval.
    pub method: String,
    /// Fewer occasions than this give no value.
    pub min_n: i64,
    /// The days it is about.
    pub window: Window,
    /// When it was computed.
    pub as_of: Timestamp,
    /// What it is, in words.
    pub definition: String,
}

impl Rate {
    pub fn new(k: i64, n: i64, window: Window, as_of: Timestamp, definition: &str) -> Self {
        let bounds = wilson(k, n, Z_TWO_SIDED);
        Self {
            value: (n >= MIN_N).then(|| k as f64 / n as f64),
            n,
            k,
            lower: bounds.map(|bounds| bounds.0),
            upper: bounds.map(|bounds| bounds.1),
            method: "wilson_95".to_owned(),
            min_n: MIN_N,
            window,
            as_of,
            definition: definition.to_owned(),
        }
    }
}

/// A number over some answers that is no share: a mean, a difference of shares.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Figure {
    /// The number, unrounded; null below `min_n`.
    pub value: Option<f64>,
    /// Of how many it is.
    pub n: i64,
    /// How many of them had the property, where it is a share.
    pub k: Option<i64>,
    /// Lower bound; null when it cannot be told.
    pub lower: Option<f64>,
    /// Upper bound; null when it cannot be told.
    pub upper: Option<f64>,
    /// How the bounds are computed: `wilson_95` and `normal_95`, two-sided 95 % intervals, or `none`.
    pub method: String,
    /// Fewer than this give no value.
    pub min_n: i64,
    /// The days it is about.
    pub window: Window,
    /// When it was computed.
    pub as_of: Timestamp,
    /// What it is, in words.
    pub definition: String,
}

impl Figure {
    /// A number with the bounds of a normal distribution, from its standard error.
    pub fn normal(
        value: f64,
        error: Option<f64>,
        n: i64,
        (window, as_of): (Window, Timestamp),
        definition: &str,
    ) -> Self {
        let half = error.map(|error| Z_TWO_SIDED * error).filter(|_| n > 0);
        Self {
            value: (n >= MIN_N).then_some(value),
            n,
            k: None,
            lower: half.map(|half| value - half),
            upper: half.map(|half| value + half),
            method: if half.is_some() { "normal_95" } else { "none" }.to_owned(),
            min_n: MIN_N,
            window,
            as_of,
            definition: definition.to_owned(),
        }
    }
}

impl From<Rate> for Figure {
    fn from(rate: Rate) -> Self {
        let Rate { value, n, k, lower, upper, method, min_n, window, as_of, definition } = rate;
        Self { value, n, k: Some(k), lower, upper, method, min_n, window, as_of, definition }
    }
}

/// The Wilson score interval of k of n (Wilson 1927); `None` when n is 0.
pub fn wilson(k: i64, n: i64, z: f64) -> Option<(f64, f64)> {
    if n <= 0 {
        return None;
    }
    let (p, n, zz) = (k as f64 / n as f64, n as f64, z * z);
    let centre = (p + zz / (2.0 * n)) / (1.0 + zz / n);
    let half = z * (p * (1.0 - p) / n + zz / (4.0 * n * n)).sqrt() / (1.0 + zz / n);
    let lower = if k == 0 { 0.0 } else { (centre - half).max(0.0) };
    let upper = if k as f64 == n { 1.0 } else { (centre + half).min(1.0) };
    Some((lower, upper))
}

/// By how many standard errors a share is greater than it was: the z test of two proportions with their pooled standard
/// error (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003, without correction for
/// continuity). Each is k of n; `None` when one of them is of nothing, or neither varies.
pub fn two_proportions(before: (i64, i64), after: (i64, i64)) -> Option<f64> {
    let ((k0, n0), (k1, n1)) = (before, after);
    if n0 <= 0 || n1 <= 0 {
        return None;
    }
    let pooled = (k0 + k1) as f64 / (n0 + n1) as f64;
    let error = (pooled * (1.0 - pooled) * (1.0 / n0 as f64 + 1.0 / n1 as f64)).sqrt();
    (error > 0.0).then(|| (k1 as f64 / n1 as f64 - k0 as f64 / n0 as f64) / error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(given: f64, wanted: f64) -> bool {
        (given - wanted).abs() < 0.000_006
    }

    #[test]
    fn wilson_intervals_agree_with_known_ones() {
        for (k, n, lower, upper) in [
            (0, 10, 0.0, 0.27754),
            (10, 10, 0.72246, 1.0),
            (47, 50, 0.83783, 0.97939),
            (470, 500, 0.91564, 0.95765),
            (128, 160, 0.73131, 0.85462),
        ] {
            let (low, high) = wilson(k, n, Z_TWO_SIDED).expect("an interval");
            assert!(near(low, lower) && near(high, upper), "{k} of {n}: {low} {high}");
        }
        assert!(near(wilson(1, 1, Z_TWO_SIDED).expect("an interval").0, 0.20654));
        assert!(near(wilson(3, 3, Z_TWO_SIDED).expect("an interval").0, 0.43849));
        assert_eq!(wilson(0, 0, Z_TWO_SIDED), None);
    }

    fn rate(k: i64, n: i64) -> Rate {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
        let as_of = "2026-11-21T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("an instant");
        Rate::new(k, n, Window { from: day(1), to: day(20) }, as_of.into(), "what it is")
    }

    #[test]
    fn a_rate_has_a_value_from_ten_on_and_bounds_from_one_on() {
        let (few, enough, none) = (rate(3, 9), rate(3, 10), rate(0, 0));
        assert_eq!((few.value, few.n, few.k, few.min_n), (None, 9, 3, 10));
        assert_eq!(enough.value, Some(0.3));
        assert!(near(enough.lower.expect("a bound"), 0.10779) && near(enough.upper.expect("a bound"), 0.60323));
        assert!(few.lower < few.upper && few.lower.is_some());
        assert_eq!((none.value, none.lower, none.upper), (None, None, None));
        assert_eq!((&*enough.method, &*enough.definition), ("wilson_95", "what it is"));
    }

    #[test]
    fn a_rate_is_a_figure_with_the_same_numbers() {
        let rate = rate(12, 40);
        let figure = Figure::from(rate.clone());
        assert_eq!((figure.value, figure.n, figure.k), (rate.value, 40, Some(12)));
        assert_eq!((figure.lower, figure.upper, figure.method), (rate.lower, rate.upper, rate.method));
        assert_eq!((figure.window, figure.as_of, figure.min_n), (rate.window, rate.as_of, 10));
    }

    #[test]
    fn a_mean_has_bounds_where_its_error_is_known() {
        let Rate { window, as_of, .. } = rate(1, 1);
        let mean = |error, n| Figure::normal(4.5, error, n, (window, as_of), "a mean");
        let known = mean(Some(0.25), 10);
        assert_eq!(
            (known.value, known.lower, known.upper, &*known.method),
            (Some(4.5), Some(4.01), Some(4.99), "normal_95")
        );
        let few = mean(Some(0.25), 9);
        assert_eq!((few.value, few.lower), (None, Some(4.01)));
        for unknown in [mean(None, 40), mean(Some(0.25), 0)] {
            assert_eq!((unknown.lower, unknown.upper, unknown.k, &*unknown.method), (None, None, None, "none"));
        }
    }

    /// By hand: 47/80 = .5875, 70/80 = .875, pooled 117/160 = .73125, standard error
    /// √(.73125 · .26875 · 2/80) = .070093, difference .2875.
    #[test]
    fn two_proportions_agree_with_what_was_computed_by_hand() {
        for (before, after, z) in [
            ((47, 80), (70, 80), 4.101_670),
            ((40, 100), (50, 100), 1.421_338),
            ((15, 30), (21, 30), 1.581_139),
            ((90, 100), (171, 200), -1.092_536),
        ] {
            let found = two_proportions(before, after).expect("a number");
            assert!((found - z).abs() < 0.000_01, "{before:?} {after:?}: {found}");
        }
        for (before, after) in [((0, 0), (1, 2)), ((1, 2), (0, 0)), ((5, 5), (9, 9)), ((0, 5), (0, 9))] {
            assert_eq!(two_proportions(before, after), None);
        }
    }

    proptest! {
        #[test]
        fn the_test_of_two_proportions_has_two_directions(k0 in 0i64..500, n0 in 1i64..500, k1 in 0i64..500, n1 in 1i64..500) {
            let (before, after) = ((k0.min(n0), n0), (k1.min(n1), n1));
            let back = two_proportions(after, before).map(|z| -z);
            prop_assert_eq!(two_proportions(before, after), back);
        }

        #[test]
        fn the_more_had_the_property_the_greater_is_z(k0 in 0i64..500, n0 in 1i64..500, k1 in 0i64..499, n1 in 2i64..500) {
            let (before, k1) = ((k0.min(n0), n0), k1.min(n1 - 1));
            let (less, more) = (two_proportions(before, (k1, n1)), two_proportions(before, (k1 + 1, n1)));
            if let (Some(less), Some(more)) = (less, more) {
                prop_assert!(less < more + 1e-9, "{less} {more}");
            }
        }
    }
}

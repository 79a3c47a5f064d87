//! How values are grouped and read. Pure: no HTTP, no SQL.

use super::types::{Counts, KeptRateQuery, KeptRateStep, Step};
use crate::agreements::Comparison;
use crate::shared::error::{Code, Error, Result};
use crate::shared::stats::{Rate, Window};
use crate::shared::time::Timestamp;
use chrono::{Datelike, Months, NaiveDate, TimeDelta};

const KEPT: &str = "Commitments kept, of those kept and broken; excused ones are left out.";
const STRICT: &str = "Commitments kept, of those kept, broken and excused.";

/// Values of one bucket differ by 1 % at most.
const WIDTH: f64 = 1.01;
/// The bucket of those that were never fulfilled.
pub const NEVER: i64 = 1_000_000;
/// The bucket of zero and less.
const NOTHING: i64 = -1_000_000;

/// The bucket of a value; its edges are `WIDTH` to the power of the bucket and of the one before.
pub fn bucket(value: Option<f64>) -> i64 {
    match value {
        None => NEVER,
        Some(value) if value <= 0.0 => NOTHING,
        // Rounded before it is cut, so that an edge itself falls into its own bucket.
        Some(value) => {
            let place = (value.ln() / WIDTH.ln() * 1e6).round() / 1e6;
            #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite number is small")]
            let place = place.ceil() as i64;
            place.clamp(NOTHING + 1, NEVER - 1)
        }
    }
}

/// Lower and upper edge of a bucket.
pub fn edges(bucket: i64) -> (f64, f64) {
    let edge = |bucket: i64| WIDTH.powi(i32::try_from(bucket).unwrap_or(i32::MAX));
    match bucket {
        NOTHING => (0.0, 0.0),
        bucket => (edge(bucket - 1), edge(bucket)),
    }
}

/// The tightest targets that the occasions which count would have met, ascending: single values, or buckets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// Whether they are single values.
    pub is_exact: bool,
    /// Lower edge, upper edge, how many. The edges of a single value are the value itself.
    pub steps: Vec<(f64, f64, i64)>,
    /// How many would have met none: worse than any value.
    pub never: i64,
}

impl Values {
    pub fn exact(mut values: Vec<f64>, never: i64) -> Self {
        values.sort_by(f64::total_cmp);
        Self { is_exact: true, steps: values.into_iter().map(|value| (value, value, 1)).collect(), never }
    }

    pub fn buckets(counts: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut found = Self::default();
        for (bucket, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            match (bucket, edges(bucket)) {
                (NEVER, _) => found.never += count,
                (_, (lower, upper)) => found.steps.push((lower, upper, count)),
            }
        }
        found.steps.sort_by(|a, b| a.1.total_cmp(&b.1));
        found
    }

    /// The same, each by so much greater.
    pub fn raised(mut self, by: f64) -> Self {
        self.steps.iter_mut().for_each(|step| (step.0, step.1) = (step.0 + by, step.1 + by));
        self
    }

    /// How many there are.
    pub fn n(&self) -> i64 {
        self.steps.iter().map(|step| step.2).sum::<i64>() + self.never
    }

    /// The r-th best value, by its worse edge; `None` when it was never fulfilled or there is none.
    pub fn nth(&self, r: i64, comparison: Comparison) -> Option<f64> {
        let mut left = r;
        let mut reach = |value: f64, count: i64| {
            left -= count;
            (left <= 0).then_some(value)
        };
        match comparison {
            _ if r < 1 => None,
            Comparison::AtMost => self.steps.iter().find_map(|step| reach(step.1, step.2)),
            Comparison::AtLeast => self.steps.iter().rev().find_map(|step| reach(step.0, step.2)),
        }
    }

    /// How many surely met a target.
    pub fn meeting(&self, target: f64, comparison: Comparison) -> i64 {
        let met = self.steps.iter().filter(|step| match comparison {
            Comparison::AtMost => step.1 <= target,
            Comparison::AtLeast => step.0 >= target,
        });
        met.map(|step| step.2).sum()
    }
}

/// A rate is of something in particular.
pub fn refuse_everything(query: &KeptRateQuery) -> Result<()> {
    let named = query.promise_id.is_some()
        || query.agreement_id.is_some()
        || query.supplier_id.is_some()
        || query.person_id.is_some()
        || query.service_line.is_some();
    match named {
        true => Ok(()),
        false => {
            let detail = "Name a promise, an agreement, a supplier, a person or a service line.";
            Err(Error::query(Code::RuleViolated, "promise_id", detail))
        }
    }
}

/// The rate and the strict one.
pub fn rates(counts: Counts, window: Window, as_of: Timestamp) -> (Rate, Rate) {
    let n = counts.kept + counts.broken;
    let rate = Rate::new(counts.kept, n, window, as_of, KEPT);
    (rate, Rate::new(counts.kept, n + counts.excused, window, as_of, STRICT))
}

/// More than one in ten.
pub fn is_excuse_heavy(counts: Counts) -> bool {
    counts.excused * 10 > counts.kept + counts.broken + counts.excused
}

/// The same numbers step by step, also for steps on which nothing was due.
pub fn series(days: &[(NaiveDate, Counts)], window: Window, by: Step, as_of: Timestamp) -> Vec<KeptRateStep> {
    let mut days = days.iter().peekable();
    let step = |Window { from, to }| {
        let mut counts = Counts::default();
        while let Some((_, more)) = days.next_if(|(day, _)| *day <= to) {
            counts += *more;
        }
        let (rate, strict) = rates(counts, Window { from, to }, as_of);
        KeptRateStep { from, to, rate, strict, excused: counts.excused }
    };
    steps(window, by).into_iter().map(step).collect()
}

/// The steps of a window; the first and the last may be shorter than others.
pub fn steps(window: Window, by: Step) -> Vec<Window> {
    let (mut steps, mut from) = (Vec::new(), window.from);
    while from <= window.to {
        let next = after(from, by);
        steps.push(Window { from, to: window.to.min(next.pred_opt().unwrap_or(from)) });
        from = next;
    }
    steps
}

/// The first day of the next step.
fn after(day: NaiveDate, by: Step) -> NaiveDate {
    let next = match by {
        Step::Day => day.succ_opt(),
        Step::Week => {
            let left = 7 - i64::from(day.weekday().num_days_from_monday());
            day.checked_add_signed(TimeDelta::days(left))
        }
        Step::Month => day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))),
    };
    next.unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn weeks_end_on_sundays_and_months_on_their_last_days() {
        let window = Window { from: day("2026-01-28"), to: day("2026-02-03") };
        let counts = Counts { kept: 1, broken: 1, excused: 0 };
        let days = [(day("2026-01-28"), counts), (day("2026-02-01"), counts), (day("2026-02-02"), counts)];
        let as_of = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
        let shown = |by| {
            let steps = series(&days, window, by, as_of);
            steps.into_iter().map(|step| (step.to.to_string(), step.rate.n)).collect::<Vec<_>>()
        };
        assert_eq!(shown(Step::Week), [("2026-02-01".to_owned(), 4), ("2026-02-03".to_owned(), 2)]);
        assert_eq!(shown(Step::Month), [("2026-01-31".to_owned(), 2), ("2026-02-03".to_owned(), 4)]);
        assert_eq!(shown(Step::Day).len(), 7);
    }

    #[test]
    fn excused_commitments_leave_the_rate_but_not_the_strict_one() {
        let window = Window { from: day("2026-01-01"), to: day("2026-01-31") };
        let counts = Counts { kept: 47, broken: 3, excused: 6 };
        let (rate, strict) = rates(counts, window, Timestamp::from(chrono::DateTime::UNIX_EPOCH));
        assert_eq!((rate.k, rate.n, strict.k, strict.n), (47, 50, 47, 56));
        assert!(is_excuse_heavy(counts));
        assert!(!is_excuse_heavy(Counts { excused: 5, ..counts }));
    }

    #[test]
    fn the_nth_best_counts_from_the_good_end_and_never_is_the_worst() {
        let values = Values::exact(vec![3.0, 1.0, 2.0], 2);
        assert_eq!(values.n(), 5);
        assert_eq!(values.nth(1, Comparison::AtMost), Some(1.0));
        assert_eq!(values.nth(3, Comparison::AtMost), Some(3.0));
        assert_eq!(values.nth(4, Comparison::AtMost), None);
        assert_eq!(values.nth(1, Comparison::AtLeast), Some(3.0));
        assert_eq!(values.nth(4, Comparison::AtLeast), None);
        assert_eq!((values.meeting(2.0, Comparison::AtMost), values.meeting(2.0, Comparison::AtLeast)), (2, 2));
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket_which_is_one_per_cent_wide(value in 1e-6f64..1e9) {
            let (lower, upper) = edges(bucket(Some(value)));
            prop_assert!(lower <= value * 1.000_001 && value <= upper * 1.000_001, "{lower} {value} {upper}");
            prop_assert!(upper / lower <= 1.0101);
        }

        #[test]
        fn buckets_tell_a_value_one_per_cent_too_bad_at_most(
            all in prop::collection::vec(1f64..1e6, 1..50), r in 1i64..50,
        ) {
            let exact = Values::exact(all.clone(), 0);
            let grouped = Values::buckets(all.iter().map(|value| (bucket(Some(*value)), 1)));
            match (exact.nth(r, Comparison::AtMost), grouped.nth(r, Comparison::AtMost)) {
                (Some(exact), Some(grouped)) => prop_assert!(grouped > exact * 0.999_999 && grouped < exact * 1.0101),
                (exact, grouped) => prop_assert_eq!(exact.is_some(), grouped.is_some()),
            }
        }
    }
}

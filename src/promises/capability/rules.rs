//! What a history says about a promise. Pure: no HTTP, no SQL.
//!
//! Bounds are one-sided 95 % Wilson bounds (Wilson 1927); the target that a history supports is a
//! distribution-free tolerance bound: an order statistic (Wilks 1941).

use super::super::numbers::Values;
use super::super::types::{Approval, Period, Verdict};
use super::types::Capability;
use crate::agreements::Comparison;
use crate::shared::error::{Code, Error, Result};
use crate::shared::stats::{MIN_N, Window, Z_ONE_SIDED, wilson};
use crate::shared::words::percent;
use chrono::{Datelike, Days, Months, NaiveDate};

/// How sure one wants to be.
const CONFIDENCE: f64 = 0.95;
/// A full period so far below what is promised shows that it is not kept repeatedly.
const SLACK: f64 = 0.05;
/// How many full periods are looked at.
pub const PERIODS: usize = 3;

/// Occasions that count, and how many of them were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub n: i64,
    pub k: i64,
}

impl Tally {
    /// The share; nothing when there were no occasions.
    pub fn share(self) -> Option<f64> {
        (self.n > 0).then(|| self.k as f64 / self.n as f64)
    }
}

/// The share as it is shown: like every rate, not of a handful of occasions.
pub fn shown_share(tally: Tally) -> Option<f64> {
    tally.share().filter(|_| tally.n >= MIN_N)
}

/// Whether a full period speaks against the promise being kept repeatedly.
pub fn is_below(period: Tally, reliability: f64) -> bool {
    period.share().is_some_and(|share| share < reliability - SLACK)
}

/// The verdict, looked for from the worst to the best.
pub fn verdict(all: Tally, periods: &[Tally], reliability: f64) -> Verdict {
    let Some((lower, upper)) = wilson(all.k, all.n, Z_ONE_SIDED) else {
        return Verdict::Insufficient;
    };
    let is_repeated = !periods.iter().any(|period| is_below(*period, reliability));
    let share = all.share().unwrap_or_default();
    if upper < reliability {
        Verdict::Contradicted
    } else if fewest(reliability).is_none_or(|fewest| all.n < fewest) {
        Verdict::Insufficient
    } else if share < reliability {
        Verdict::Unsupported
    } else if lower < reliability || !is_repeated {
        Verdict::Plausible
    } else {
        Verdict::Demonstrated
    }
}

/// From how many occasions on a history can show the reliability at all: if all of so many were kept, a
/// worse one is unlikely. No number shows certainty.
#[expect(clippy::cast_possible_truncation, reason = "a saturating count")]
pub fn fewest(reliability: f64) -> Option<i64> {
    match reliability {
        one if one >= 1.0 => None,
        none if none <= 0.0 => Some(1),
        share => Some(((1.0 - CONFIDENCE).ln() / share.ln()).ceil() as i64),
    }
}

/// The reliability that a history supports: the lower bound, cut down to whole per cent.
pub fn supported_reliability(all: Tally) -> Option<f64> {
    // A bound of exactly .86 must not become .85 because .86 has no exact binary form.
    wilson(all.k, all.n, Z_ONE_SIDED).map(|(lower, _)| (lower * 100.0 + 1e-9).floor() / 100.0)
}

/// One-sided 95 % bounds of the share.
pub fn bounds(all: Tally) -> Option<(f64, f64)> {
    wilson(all.k, all.n, Z_ONE_SIDED)
}

/// How many of `n` that would be, at the same share: rounded down.
pub fn scaled(part: Tally, n: i64) -> i64 {
    if part.n == 0 || part.n == n {
        return part.k.min(n);
    }
    let k = i128::from(part.k) * i128::from(n) / i128::from(part.n);
    i64::try_from(k).unwrap_or(n)
}

/// Whether a version may be published, on what its history says and on who answers for it.
pub fn admit(found: &Capability, approval: Option<&Approval>, today: NaiveDate) -> Result<()> {
    let refusal = match (found.verdict, approval) {
        (Verdict::Contradicted, _) => {
            let detail = format!("The history contradicts it, so nobody can approve it. {}", found.summary);
            Error::new(Code::RuleViolated, detail)
        }
        (_, Some(approval)) if approval.recheck_on <= today => {
            let detail = "Look at it again on a day to come.";
            return Err(Error::rule(Code::RuleViolated, "/approval/recheck_on", detail));
        }
        (Verdict::Demonstrated, _) | (_, Some(_)) => return Ok(()),
        (_, None) => {
            let detail = format!("The history does not demonstrate it: somebody has to approve it. {}", found.summary);
            Error::rule(Code::RuleViolated, "/approval", detail)
        }
    };
    Err(refusal.with("capability", serde_json::to_value(found).unwrap_or_default()))
}

/// What was found, in a few sentences.
pub fn summary(found: &Capability) -> String {
    let target = found.target.map(|target| target.to_string());
    let target = target.or(found.target_duration.map(|target| target.to_string())).unwrap_or_default();
    let wanted = percent(found.reliability);
    let (Some(lower), Some(upper)) = (found.lower, found.upper) else {
        return format!("There is no history from {} to {} to judge {wanted} by.", found.from, found.to);
    };
    let share = found.share.map(|share| format!(" ({})", percent(share))).unwrap_or_default();
    let reached = format!("{} of {} occasions met {target}{share}", found.k, found.n);
    let judgement = match found.verdict {
        Verdict::Contradicted => format!("even the upper bound, {}, is below {wanted}", percent(upper)),
        Verdict::Insufficient => match found.min_n {
            Some(fewest) => format!("{wanted} takes {fewest} occasions at least to show"),
            None => format!("no history can show {wanted}"),
        },
        Verdict::Unsupported => format!("that is below {wanted}"),
        Verdict::Plausible if !found.is_repeated => format!("but one of the last full periods is far below {wanted}"),
        Verdict::Plausible => {
            format!("but it may have been luck: the lower bound, {}, is below {wanted}", percent(lower))
        }
        Verdict::Demonstrated => format!("even the lower bound, {}, reaches {wanted}", percent(lower)),
    };
    let supported = found.supported_target.map(|target| target.to_string());
    let supported = supported.or(found.supported_target_duration.map(|target| target.to_string()));
    let instead = match (found.supported_reliability, supported) {
        (Some(share), Some(other)) => format!(" It supports {} at {target}, or {other} at {wanted}.", percent(share)),
        (Some(share), None) => format!(" It supports {} at {target}, and no target at {wanted}.", percent(share)),
        _ => String::new(),
    };
    format!("{reached}; {judgement}.{instead}")
}

/// How many of the values surely meet the target.
pub fn meeting(values: &Values, target: f64, comparison: Comparison) -> Tally {
    Tally { n: values.n(), k: values.meeting(target, comparison) }
}

/// The target that can be promised with the reliability: the r-th best value; nothing when the history is too
/// short, or when too many occasions were never fulfilled. `known` is a target that outcomes show to be
/// supported: buckets may tell it too cautiously.
pub fn supported_target(values: &Values, reliability: f64, comparison: Comparison, known: Option<f64>) -> Option<f64> {
    let read = order(values.n(), reliability).and_then(|r| values.nth(r, comparison));
    let stricter = match comparison {
        Comparison::AtMost => f64::min,
        Comparison::AtLeast => f64::max,
    };
    read.into_iter().chain(known).reduce(stricter)
}

/// Whether so many kept occasions support the target that they were held against.
pub fn supports(all: Tally, reliability: f64) -> bool {
    order(all.n, reliability).is_some_and(|r| all.k >= r)
}

/// The smallest r with P(Bin(n, R) ≤ r − 1) ≥ 95 %; nothing when there is none up to n.
///
/// The probabilities are built up from the most likely count by their ratios, and normalised by their sum, so
/// that it takes about √n steps and no factorials.
#[expect(clippy::cast_possible_truncation, reason = "a count below n")]
pub fn order(n: i64, reliability: f64) -> Option<i64> {
    const NEGLIGIBLE: f64 = 1e-18;
    if n <= 0 || reliability >= 1.0 || reliability <= 0.0 {
        return None;
    }
    let odds = reliability / (1.0 - reliability);
    let mode = (((n + 1) as f64 * reliability).floor() as i64).min(n);
    let (mut below, mut above) = (Vec::new(), vec![1.0]);
    let (mut at, mut weight) = (mode, 1.0);
    while at > 0 && weight > NEGLIGIBLE {
        weight *= at as f64 / ((n - at + 1) as f64 * odds);
        at -= 1;
        below.push(weight);
    }
    let first = at;
    (at, weight) = (mode, 1.0);
    while at < n && weight > NEGLIGIBLE {
        weight *= (n - at) as f64 * odds / (at + 1) as f64;
        at += 1;
        above.push(weight);
    }
    let weights = || below.iter().rev().chain(&above);
    let wanted = CONFIDENCE * weights().sum::<f64>();
    let mut sum = 0.0;
    let reached = weights().position(|weight| {
        sum += weight;
        sum >= wanted
    });
    let r = first + i64::try_from(reached?).ok()? + 1;
    (r <= n).then_some(r)
}

/// The last full periods that ended on or before a day, the latest first.
pub fn full_periods(period: Period, until: NaiveDate) -> Vec<Window> {
    let mut next = start_of(period, until.checked_add_days(Days::new(1)).unwrap_or(until));
    let mut found = Vec::with_capacity(PERIODS);
    for _ in 0..PERIODS {
        let Some(to) = next.pred_opt() else { break };
        let from = start_of(period, to);
        found.push(Window { from, to });
        next = from;
    }
    found
}

/// The first day of the period that a day lies in. Weeks begin on Monday.
fn start_of(period: Period, day: NaiveDate) -> NaiveDate {
    let month = day.with_day(1).unwrap_or(day);
    let back = |months| month.checked_sub_months(Months::new(months)).unwrap_or(month);
    match period {
        Period::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
        Period::Month => month,
        Period::Quarter => back(day.month0() % 3),
        Period::Year => back(day.month0()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promises::numbers::rules::bucket;
    use proptest::prelude::*;

    fn near(given: Option<f64>, wanted: f64) {
        let given = given.expect("a number");
        assert!((given - wanted).abs() < 0.000_06, "{given} is not {wanted}");
    }

    const A: Tally = Tally { n: 80, k: 74 };

    #[test]
    fn the_worked_examples_get_their_verdicts() {
        assert_eq!(verdict(A, &[], 0.95), Verdict::Unsupported);
        assert_eq!(A.share(), Some(0.925));
        near(wilson(A.k, A.n, Z_ONE_SIDED).map(|bounds| bounds.0), 0.8615);
        near(wilson(A.k, A.n, Z_ONE_SIDED).map(|bounds| bounds.1), 0.9607);
        let two_sided = wilson(A.k, A.n, crate::shared::stats::Z_TWO_SIDED).expect("bounds");
        assert!((two_sided.0 - 0.846).abs() < 0.0005 && (two_sided.1 - 0.965).abs() < 0.0005, "{two_sided:?}");
        let ten = Tally { n: 30, k: 10 };
        assert_eq!((verdict(ten, &[], 0.90), verdict(ten, &[], 0.95)), (Verdict::Contradicted, Verdict::Contradicted));
        let all = Tally { n: 59, k: 59 };
        assert_eq!(verdict(all, &[], 0.95), Verdict::Demonstrated);
        near(wilson(59, 59, Z_ONE_SIDED).map(|bounds| bounds.0), 0.9561);
        assert_eq!(verdict(Tally { n: 58, k: 58 }, &[], 0.95), Verdict::Insufficient);
        assert_eq!(verdict(Tally { n: 100, k: 96 }, &[], 0.95), Verdict::Plausible);
        assert_eq!(verdict(Tally::default(), &[], 0.5), Verdict::Insufficient);
    }

    #[test]
    fn a_bad_month_makes_it_plausible_at_most() {
        let (good, all) = (Tally { n: 400, k: 396 }, Tally { n: 1000, k: 985 });
        assert_eq!(verdict(all, &[good], 0.95), Verdict::Demonstrated);
        assert_eq!(verdict(all, &[good, Tally { n: 20, k: 17 }], 0.95), Verdict::Plausible);
        // A month without occasions says nothing, one exactly 5 points below is not yet below.
        assert_eq!(verdict(all, &[Tally::default(), Tally { n: 10, k: 9 }], 0.95), Verdict::Demonstrated);
    }

    #[test]
    fn the_fewest_occasions_that_can_show_a_reliability() {
        for (reliability, wanted) in [(0.80, 14), (0.85, 19), (0.90, 29), (0.95, 59)] {
            assert_eq!(fewest(reliability), Some(wanted), "{reliability}");
        }
        assert_eq!(fewest(1.0), None);
    }

    #[test]
    fn a_history_supports_86_per_cent_at_this_target() {
        assert_eq!(supported_reliability(A), Some(0.86));
        assert_eq!(supported_reliability(Tally::default()), None);
    }

    #[test]
    fn a_history_supports_the_rth_smallest_duration() {
        for (reliability, r) in [(0.80, 71), (0.85, 74), (0.90, 77), (0.95, 80)] {
            assert_eq!(order(80, reliability), Some(r), "{reliability}");
        }
        assert_eq!(order(58, 0.95), None);
        assert_eq!(order(59, 0.95), Some(59));
        let values = Values::exact((1..=78).map(f64::from).collect(), 2);
        assert_eq!(supported_target(&values, 0.90, Comparison::AtMost, None), Some(77.0));
        assert_eq!(supported_target(&values, 0.95, Comparison::AtMost, None), None);
        assert_eq!(meeting(&values, 48.0, Comparison::AtMost), Tally { n: 80, k: 48 });
    }

    #[test]
    fn what_outcomes_support_is_not_denied_by_the_width_of_buckets() {
        let values = Values::buckets([(bucket(Some(100.0)), 80)]);
        let read = supported_target(&values, 0.90, Comparison::AtMost, None).expect("a target");
        assert!(read > 100.0);
        assert_eq!(supported_target(&values, 0.90, Comparison::AtMost, Some(100.0)), Some(100.0));
        assert_eq!(supported_target(&values, 0.90, Comparison::AtMost, Some(200.0)), Some(read));
        assert!(supports(Tally { n: 80, k: 77 }, 0.90));
        assert!(!supports(Tally { n: 80, k: 76 }, 0.90));
    }

    #[test]
    fn where_more_is_better_the_order_is_mirrored() {
        let values = Values::exact((1..=79).map(f64::from).collect(), 1);
        // The 77th largest of 79 and one that never was.
        assert_eq!(supported_target(&values, 0.90, Comparison::AtLeast, None), Some(3.0));
        assert_eq!(meeting(&values, 70.0, Comparison::AtLeast), Tally { n: 80, k: 10 });
    }

    #[test]
    fn full_periods_end_before_the_one_that_runs() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let firsts =
            |period, until| full_periods(period, day(until)).iter().map(|w| (w.from, w.to)).collect::<Vec<_>>();
        assert_eq!(
            firsts(Period::Month, "2026-11-21"),
            [("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30"), ("2026-08-01", "2026-08-31")]
                .map(|(from, to)| (day(from), day(to)))
        );
        assert_eq!(firsts(Period::Month, "2026-11-30")[0], (day("2026-11-01"), day("2026-11-30")));
        assert_eq!(firsts(Period::Week, "2026-11-21")[0], (day("2026-11-09"), day("2026-11-15")));
        assert_eq!(firsts(Period::Quarter, "2026-11-21")[0], (day("2026-07-01"), day("2026-09-30")));
        assert_eq!(firsts(Period::Year, "2026-11-21")[2], (day("2023-01-01"), day("2023-12-31")));
    }

    fn tally() -> impl Strategy<Value = Tally> {
        (0i64..400).prop_flat_map(|n| (Just(n), 0..=n)).prop_map(|(n, k)| Tally { n, k })
    }

    proptest! {
        #[test]
        fn raising_the_reliability_never_improves_the_verdict(
            all in tally(), periods in prop::collection::vec(tally(), 0..3), r in 0.01f64..1.0, more in 0.0f64..0.5,
        ) {
            let higher = (r + more).min(1.0);
            prop_assert!(verdict(all, &periods, higher) <= verdict(all, &periods, r));
        }

        #[test]
        fn tightening_the_target_never_improves_the_verdict(
            hours in prop::collection::vec(0u32..200, 1..200), never in 0i64..5, at in 0u32..200, less in 0u32..100,
            r in 0.01f64..1.0, split in 0usize..200,
        ) {
            let of = |part: &[u32]| Values::exact(part.iter().copied().map(f64::from).collect(), never);
            let (all, period) = (of(&hours), of(&hours[..split.min(hours.len())]));
            for comparison in [Comparison::AtMost, Comparison::AtLeast] {
                let tight = match comparison {
                    Comparison::AtMost => at.saturating_sub(less),
                    Comparison::AtLeast => at + less,
                };
                let given = |target: u32| {
                    let tally = |values| meeting(values, f64::from(target), comparison);
                    verdict(tally(&all), &[tally(&period)], r)
                };
                prop_assert!(given(tight) <= given(at));
            }
        }

        #[test]
        fn a_supported_target_is_reached_often_enough(n in 1i64..3000, r in 0.05f64..0.999) {
            if let Some(found) = order(n, r) {
                // More than the mean, and the whole history only when it must be.
                prop_assert!(found as f64 > n as f64 * r - 1.0 && found <= n);
            } else {
                prop_assert!(fewest(r).is_some_and(|fewest| n <= fewest));
            }
        }

        #[test]
        fn a_supported_reliability_is_never_contradicted(all in tally()) {
            if let Some(supported) = supported_reliability(all).filter(|supported| *supported > 0.0) {
                prop_assert!(verdict(all, &[], supported) != Verdict::Contradicted);
            }
        }
    }
}

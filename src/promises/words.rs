//! Promises as people say them, for pages. Pure: no HTTP, no SQL.

use crate::agreements::{Comparison, Metric};
use crate::shared::words::number;

/// How often a promise is kept: `95 of 100 times`, exactly what was agreed.
pub fn times(reliability: f64) -> String {
    if reliability >= 1.0 {
        return "every time".to_owned();
    }
    let of = |all: &&(f64, &str)| ((reliability * all.0).round() - reliability * all.0).abs() < 1e-7;
    let known = [(100.0, "100"), (1_000.0, "1,000"), (10_000.0, "10,000")];
    match known.iter().find(of) {
        Some((all, name)) => format!("{} of {name} times", (reliability * all).round()),
        None => format!("in {} % of all cases", number(reliability * 100.0)),
    }
}

/// `48 hours`, `5 days`, `1 hour 30 minutes`. Up to three days it is hours that people count.
pub fn duration(seconds: i64) -> String {
    let (days, rest) = if seconds > 72 * 3_600 { (seconds / 86_400, seconds % 86_400) } else { (0, seconds) };
    let parts = [(days, "day"), (rest / 3_600, "hour"), (rest % 3_600 / 60, "minute"), (rest % 60, "second")];
    let said: Vec<_> = parts.iter().filter(|part| part.0 > 0).map(|part| amount(part.0, part.1)).collect();
    if said.is_empty() { "no time".to_owned() } else { said.join(" ") }
}

/// `within 48 hours, 95 of 100 times`. The target of a duration is in seconds; `clock` says in which time it counts.
pub fn measure(
    metric: Metric,
    comparison: Comparison,
    target: f64,
    unit: Option<&str>,
    clock: &str,
    reliability: f64,
) -> String {
    let side = match comparison {
        Comparison::AtMost => "at most",
        Comparison::AtLeast => "at least",
    };
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let said = match metric {
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, far below 2^53")]
        Metric::Duration => format!("within {}{clock}", duration(target.ceil() as i64)),
        Metric::Proportion => format!("{side} {} %", number(target * 100.0)),
        Metric::Rating | Metric::Count => format!("{side} {}{unit}", number(target)),
    };
    format!("{said}, {}", times(reliability))
}

/// `1 week`, `2 weeks`.
pub fn amount(count: i64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reliabilities_are_said_exactly() {
        for (reliability, said) in [
            (0.95, "95 of 100 times"),
            (0.999, "999 of 1,000 times"),
            (0.9925, "9925 of 10,000 times"),
            (0.29, "29 of 100 times"),
            (1.0, "every time"),
            (0.123456, "in 12.3456 % of all cases"),
        ] {
            assert_eq!(times(reliability), said);
        }
    }

    #[test]
    fn measures_are_said_with_their_side_and_unit() {
        let at_least = |metric, target, unit| measure(metric, Comparison::AtLeast, target, unit, "", 0.9);
        assert_eq!(at_least(Metric::Proportion, 0.29, None), "at least 29 %, 90 of 100 times");
        assert_eq!(at_least(Metric::Rating, 4.5, Some("stars of 5")), "at least 4.5 stars of 5, 90 of 100 times");
        let at_most = |metric, target, unit, clock| measure(metric, Comparison::AtMost, target, unit, clock, 1.0);
        assert_eq!(at_most(Metric::Count, 100.0, Some("calls"), ""), "at most 100 calls, every time");
        let clock = " of working time in Shop hours";
        assert_eq!(
            at_most(Metric::Duration, 28_800.0, None, clock),
            "within 8 hours of working time in Shop hours, every time"
        );
    }

    #[test]
    fn durations_are_said_in_the_units_people_count_in() {
        for (seconds, said) in [
            (900, "15 minutes"),
            (3_600, "1 hour"),
            (5_400, "1 hour 30 minutes"),
            (172_800, "48 hours"),
            (259_200, "72 hours"),
            (432_000, "5 days"),
            (435_600, "5 days 1 hour"),
            (61, "1 minute 1 second"),
            (0, "no time"),
        ] {
            assert_eq!(duration(seconds), said);
        }
    }
}

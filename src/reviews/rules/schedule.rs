//! When reviews are due. Dates are civil dates: whoever asks decides in which zone a day begins.

use crate::agreements::Cadence;
use crate::shared::error::{Code, Error, Result};
use chrono::{Datelike, Days, NaiveDate};

/// After how many days what nobody held was missed.
pub const MISSED_AFTER: Days = Days::new(14);
/// In how many days what was missed is held instead.
const INSTEAD_AFTER: Days = Days::new(14);
/// How many days the supplier has to respond.
pub const RESPOND_WITHIN: Days = Days::new(14);
/// How many days the supplier has to rate us before ratings are locked without it.
const RATE_WITHIN: Days = Days::new(14);
/// How many days a review is about at most.
const LONGEST: i64 = 3660;
/// Nothing is known from before this year.
const FIRST_YEAR: i32 = 1900;
/// Nothing is called for days beyond this year.
const LAST_YEAR: i32 = 9000;
/// How many reviews of one agreement are called at once: more than a year of weeks, and what is left comes next time.
const AT_ONCE: usize = 60;

/// What the reviews of an agreement depend on.
#[derive(Clone, Debug)]
pub struct Plan {
    pub cadence: Cadence,
    /// The day from whose week or month the cadence counts.
    pub starts_on: NaiveDate,
    /// From which day on it is this cadence that counts.
    pub cadence_since: NaiveDate,
    /// The first day that is reviewed.
    pub since: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    /// The last day for which the cadence has called one.
    pub last: Option<NaiveDate>,
}

/// A review to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub on: NaiveDate,
}

/// Every day of the cadence since the last one that was called, up to the first one to come. Each is about the days
/// since the one before. Days before the cadence counted are none of it.
pub fn calls(plan: &Plan, today: NaiveDate) -> Vec<Called> {
    let from = plan.last.unwrap_or(plan.since).max(plan.since);
    if plan.last.is_some_and(|last| last > today) {
        return Vec::new();
    }
    let mut days: Vec<NaiveDate> = Vec::new();
    let after = plan.cadence_since.pred_opt().map_or(from, |before| before.max(from));
    for day in plan.cadence.dates(plan.starts_on, after).take(AT_ONCE) {
        if plan.ends_on.is_some_and(|end| day > end) || day.year() > LAST_YEAR {
            break;
        }
        days.push(day);
        if day > today {
            break;
        }
    }
    let before = std::iter::once(from).chain(days.iter().copied());
    let each = before
        .zip(days.iter())
        .filter_map(|(period_from, on)| Some(Called { period_from, period_to: on.pred_opt()?, on: *on }));
    each.collect()
}

/// From which day on what nobody held was missed: the days are counted from when it was called, if that was late.
pub fn missed_on(scheduled_on: NaiveDate, called_on: NaiveDate) -> NaiveDate {
    let from = scheduled_on.max(called_on);
    from.checked_add_days(MISSED_AFTER).unwrap_or(from)
}

/// The day on which what was missed is held instead: its period is over then.
pub fn instead_on(today: NaiveDate, period_to: NaiveDate) -> NaiveDate {
    let in_time = today.checked_add_days(INSTEAD_AFTER).unwrap_or(today);
    period_to.succ_opt().map_or(in_time, |over| over.max(in_time))
}

/// Refuses to say that a review was missed whose day is still to come.
pub fn check_missed(scheduled_on: NaiveDate, today: NaiveDate) -> Result<()> {
    match scheduled_on > today {
        true => {
            let detail = format!("It is called for {scheduled_on}: until then it is moved or cancelled.");
            Err(Error::new(Code::RuleViolated, detail))
        }
        false => Ok(()),
    }
}

/// Refuses to go on before the supplier had its time to rate us; `held_on` is the day on which that was written down.
pub fn check_heard(has_rated: bool, held_on: NaiveDate, today: NaiveDate) -> Result<()> {
    let from = held_on.checked_add_days(RATE_WITHIN).unwrap_or(held_on);
    match has_rated || today >= from {
        true => Ok(()),
        false => {
            let detail = format!("The supplier has not rated us yet: it has time to do so until {from}.");
            Err(Error::new(Code::RuleViolated, detail))
        }
    }
}

/// Refuses a day that cannot be.
pub fn check_day(scheduled_on: NaiveDate, period_to: NaiveDate, today: NaiveDate) -> Result<()> {
    let wrong = |detail: &str| Err(Error::rule(Code::RuleViolated, "/scheduled_on", detail));
    match scheduled_on {
        day if day < today => wrong("That day is over."),
        day if day < period_to => wrong("The period it is about is not over then."),
        day if day.year() > LAST_YEAR => wrong("That is too far away."),
        _ => Ok(()),
    }
}

/// Refuses a period that cannot be.
pub fn check_period(from: NaiveDate, to: NaiveDate) -> Result<()> {
    match (to - from).num_days() {
        _ if from.year() < FIRST_YEAR => {
            Err(Error::rule(Code::RuleViolated, "/period_from", "Nothing is known from before 1900."))
        }
        ..0 => Err(Error::rule(Code::DateOrder, "/period_to", "The period ends before it begins.")),
        LONGEST.. => Err(Error::rule(Code::RuleViolated, "/period_from", "A period holds 3,660 days at most.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn plan(cadence: serde_json::Value, since: &str) -> Plan {
        let cadence = serde_json::from_value(cadence).expect("a cadence");
        let since = day(since);
        Plan { cadence, starts_on: since, cadence_since: since, since, ends_on: None, last: None }
    }

    fn quarterly() -> Plan {
        plan(json!({"unit": "quarter", "every": 1, "weekday": "tuesday", "nth": 2, "day": null}), "2026-01-01")
    }

    fn days(plan: &Plan, today: &str) -> Vec<String> {
        calls(plan, day(today)).iter().map(|called| called.on.to_string()).collect()
    }

    #[test]
    fn what_was_missed_in_a_downtime_comes_once_each_and_one_is_to_come() {
        let plan = quarterly();
        assert_eq!(days(&plan, "2026-01-01"), ["2026-01-13"]);
        assert_eq!(days(&plan, "2026-08-01"), ["2026-01-13", "2026-04-14", "2026-07-14", "2026-10-13"]);
        let called = Plan { last: Some(day("2026-04-14")), ..plan.clone() };
        assert_eq!(days(&called, "2026-08-01"), ["2026-07-14", "2026-10-13"]);
        let all = Plan { last: Some(day("2026-10-13")), ..plan };
        assert!(days(&all, "2026-08-01").is_empty(), "the next one is called already");
        assert_eq!(days(&all, "2026-10-13"), ["2027-01-12"], "and its successor on its day");
    }

    #[test]
    fn another_cadence_counts_from_its_day_and_leaves_no_day_out() {
        let monthly = plan(json!({"unit": "month", "every": 1, "weekday": null, "nth": null, "day": 5}), "2026-01-01");
        let changed = Plan { cadence_since: day("2026-03-10"), last: Some(day("2026-01-13")), ..monthly };
        let all = calls(&changed, day("2026-03-12"));
        let said: Vec<_> = all.iter().map(|one| (one.period_from, one.on)).collect();
        assert_eq!(said, [(day("2026-01-13"), day("2026-04-05"))]);
    }

    #[test]
    fn what_was_missed_is_held_when_its_period_is_over() {
        assert_eq!(instead_on(day("2026-01-01"), day("2026-01-14")), day("2026-01-15"));
        assert_eq!(instead_on(day("2026-01-01"), day("2026-01-15")), day("2026-01-16"));
        assert!(check_missed(day("2026-01-02"), day("2026-01-01")).is_err());
        assert!(check_missed(day("2026-01-01"), day("2026-01-01")).is_ok());
    }

    #[test]
    fn the_supplier_is_heard_or_had_its_time() {
        assert!(check_heard(false, day("2026-01-01"), day("2026-01-14")).is_err());
        assert!(check_heard(false, day("2026-01-01"), day("2026-01-15")).is_ok());
        assert!(check_heard(true, day("2026-01-01"), day("2026-01-01")).is_ok());
    }

    #[test]
    fn a_review_is_about_the_days_since_the_one_before() {
        let all = calls(&quarterly(), day("2026-05-01"));
        assert_eq!((all[0].period_from, all[0].period_to), (day("2026-01-01"), day("2026-01-12")));
        assert_eq!((all[1].period_from, all[1].period_to), (day("2026-01-13"), day("2026-04-13")));
    }

    #[test]
    fn months_without_a_31st_are_reviewed_on_their_last_day() {
        let monthly = plan(json!({"unit": "month", "every": 1, "weekday": null, "nth": null, "day": 31}), "2028-01-31");
        assert_eq!(days(&monthly, "2028-05-30"), ["2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]);
    }

    #[test]
    fn weeks_go_on_over_the_53rd() {
        // 2026 has 53 weeks.
        let weekly =
            plan(json!({"unit": "week", "every": 2, "weekday": "monday", "nth": null, "day": null}), "2026-12-14");
        assert_eq!(days(&weekly, "2027-01-11"), ["2026-12-28", "2027-01-11", "2027-01-25"]);
    }

    #[test]
    fn periods_are_of_days_that_are_known() {
        assert!(check_period(day("1899-12-31"), day("1900-01-31")).is_err());
        assert!(check_period(day("1900-01-01"), day("1900-01-31")).is_ok());
        assert!(check_period(day("2026-01-02"), day("2026-01-01")).is_err());
    }

    #[test]
    fn nothing_is_called_beyond_the_end_of_the_agreement() {
        let plan = Plan { ends_on: Some(day("2026-04-13")), ..quarterly() };
        assert_eq!(days(&plan, "2026-08-01"), ["2026-01-13"]);
    }

    #[test]
    fn a_late_call_gives_as_much_time_as_any_other() {
        assert_eq!(missed_on(day("2026-01-13"), day("2026-01-01")), day("2026-01-27"));
        assert_eq!(missed_on(day("2026-01-13"), day("2026-03-01")), day("2026-03-15"));
    }

    proptest! {
        #[test]
        fn looking_often_or_seldom_calls_the_same(gaps in prop::collection::vec(1u64..40, 1..20)) {
            let (plan, start) = (quarterly(), day("2026-01-01"));
            let mut often = plan.clone();
            let (mut today, mut called) = (start, Vec::new());
            for gap in gaps {
                today = today + Days::new(gap);
                let new = calls(&often, today);
                often.last = new.last().map(|last| last.on).or(often.last);
                called.extend(new);
            }
            prop_assert_eq!(called, calls(&plan, today).into_iter().collect::<Vec<_>>());
        }
    }
}

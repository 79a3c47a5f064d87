//! The days of an assessment.

use crate::shared::error::{Code, Error, Result};
use chrono::{Datelike, Days, Months, NaiveDate};

/// The days of one occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub due_on: NaiveDate,
    pub expires_on: NaiveDate,
}

/// Nothing is assigned for days beyond this year.
const LAST_YEAR: i32 = 9000;

/// The days of what is assigned today.
pub fn check_dates(
    (period_from, period_to): (NaiveDate, NaiveDate),
    due_on: NaiveDate,
    expires_after_days: i64,
    today: NaiveDate,
) -> Result<Dates> {
    if period_to < period_from {
        return Err(Error::rule(Code::DateOrder, "/period_to", "The period ends before it begins."));
    }
    if period_to.year() > LAST_YEAR {
        return Err(Error::rule(Code::RuleViolated, "/period_to", "That is too far away."));
    }
    check_due("/due_on", due_on, today)?;
    let days = Days::new(u64::try_from(expires_after_days).unwrap_or_default());
    let expires_on = due_on.checked_add_days(days).unwrap_or(due_on);
    Ok(Dates { period_from, period_to, due_on, expires_on })
}

fn check_due(at: &str, due_on: NaiveDate, today: NaiveDate) -> Result<()> {
    match due_on < today || due_on.year() > LAST_YEAR {
        true => Err(Error::rule(Code::RuleViolated, at, "It is due today or later, before the year 9000 is over.")),
        false => Ok(()),
    }
}

/// The last day after an extension; as many days later as it is due.
pub fn check_extension(
    before: NaiveDate,
    expires_on: NaiveDate,
    due_on: NaiveDate,
    today: NaiveDate,
) -> Result<NaiveDate> {
    if due_on <= before {
        return Err(Error::rule(Code::RuleViolated, "/due_on", format!("It is due on {before} already.")));
    }
    check_due("/due_on", due_on, today)?;
    Ok(expires_on + (due_on - before))
}

/// The same day some months later; the last of a month stays the last.
fn moved(day: NaiveDate, months: Months) -> NaiveDate {
    let later = |day: NaiveDate| day.checked_add_months(months).unwrap_or(day);
    match day.checked_add_days(Days::new(1)).filter(|next| next.day() == 1) {
        Some(next) => later(next).checked_sub_days(Days::new(1)).unwrap_or(day),
        None => later(day),
    }
}

/// The days of the next occasion, assigned today. Time to answer is never cut short.
pub fn later(dates: Dates, months: i64, today: NaiveDate) -> Dates {
    let months = Months::new(u32::try_from(months).unwrap_or_default());
    let due_on = moved(dates.due_on, months).max(today);
    Dates {
        period_from: moved(dates.period_from, months),
        period_to: moved(dates.period_to, months),
        due_on,
        expires_on: due_on + (dates.expires_on - dates.due_on),
    }
}

/// When the one after this is assigned.
pub fn repeats_on(day: NaiveDate, months: i64) -> NaiveDate {
    moved(day, Months::new(u32::try_from(months).unwrap_or_default()))
}

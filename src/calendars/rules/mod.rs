//! What calendars may hold, and what follows from it. Pure: no HTTP, no SQL.

mod file;
mod working_time;

pub use file::read_file;
pub use working_time::WorkingTime;

use super::types::{Calendar, Holiday, HolidayImportMode, ImportedHolidays, SkippedLine, WorkingHours};
use crate::shared::error::{Code, Error, Result};
use crate::shared::zone;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// As many holidays as a calendar may have.
pub const MOST_HOLIDAYS: usize = 5000;
/// As many skipped lines as are named.
const NAMED: usize = 100;

pub fn working_time(calendar: &Calendar) -> WorkingTime {
    WorkingTime::of_calendar(zone::known(&calendar.time_zone), &calendar.hours, &calendar.holidays)
}

/// The spans in order. Each ends after it begins, and none overlaps another one.
pub fn checked_hours(given: &[WorkingHours]) -> Result<Vec<WorkingHours>> {
    let mut order: Vec<_> = given.iter().enumerate().collect();
    // Times have one length, so that text is in the order of time.
    order.sort_by(|(_, a), (_, b)| (a.weekday, &a.from, &a.to).cmp(&(b.weekday, &b.from, &b.to)));
    let mut last: Option<&WorkingHours> = None;
    for (place, hours) in &order {
        if hours.to <= hours.from {
            let detail = "A span ends after it begins; one over midnight is two spans.";
            return Err(Error::rule(Code::RuleViolated, &format!("/hours/{place}/to"), detail));
        }
        if last.is_some_and(|last| last.weekday == hours.weekday && hours.from < last.to) {
            let detail = "It overlaps another span of the day.";
            return Err(Error::rule(Code::RuleViolated, &format!("/hours/{place}"), detail));
        }
        last = Some(hours);
    }
    Ok(order.into_iter().map(|(_, hours)| hours.clone()).collect())
}

/// The holidays in order, every day once.
pub fn checked_holidays(given: &[Holiday]) -> Result<Vec<Holiday>> {
    let mut days = BTreeSet::new();
    for (place, holiday) in given.iter().enumerate() {
        if !days.insert(holiday.on) {
            let detail = "The day is given twice.";
            return Err(Error::rule(Code::RuleViolated, &format!("/holidays/{place}/on"), detail));
        }
    }
    let mut sorted = given.to_vec();
    sorted.sort_by_key(|holiday| holiday.on);
    Ok(sorted)
}

/// What a file of holidays holds: each day with its name, and what was passed over.
#[derive(Debug, Default)]
pub struct HolidayFile {
    pub days: BTreeMap<NaiveDate, String>,
    pub skipped: Vec<SkippedLine>,
}

/// The holidays after an import, and what it did. Days that stay keep their names when merged.
pub fn import(
    before: &[Holiday],
    file: &HolidayFile,
    mode: HolidayImportMode,
) -> Result<(Vec<Holiday>, ImportedHolidays)> {
    let named = |holidays: &[Holiday]| -> BTreeMap<_, _> {
        holidays.iter().map(|holiday| (holiday.on, holiday.name.clone())).collect()
    };
    let (known, mut after) = (named(before), file.days.clone());
    let unchanged = after.keys().filter(|day| known.contains_key(day)).count();
    let removed = match mode {
        HolidayImportMode::Replace => known.len() - unchanged,
        HolidayImportMode::Merge => {
            after.extend(known);
            0
        }
    };
    if after.len() > MOST_HOLIDAYS {
        return Err(Error::new(Code::RuleViolated, format!("A calendar has at most {MOST_HOLIDAYS} holidays.")));
    }
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let done = ImportedHolidays {
        added: count(file.days.len() - unchanged),
        unchanged: count(unchanged),
        removed: count(removed),
        skipped: count(file.skipped.len()),
        skipped_lines: file.skipped.iter().take(NAMED).cloned().collect(),
    };
    Ok((after.into_iter().map(|(on, name)| Holiday { on, name }).collect(), done))
}

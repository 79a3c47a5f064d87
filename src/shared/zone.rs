//! Time zones of the IANA database that is part of the program, so that all instances agree, and
//! what the clock on the wall shows in one. Dates and times are chrono's; jiff knows the zones.

use crate::parsed;
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use jiff::tz::TimeZone;

parsed!(
    /// A time zone of the IANA database: `Europe/Berlin`, `UTC`.
    ZoneName, pattern: "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", at_most: 64
);

/// Entries of the database that stand for "not set".
const NOT_SET: [&str; 2] = ["Etc/Unknown", "Factory"];

fn find(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    zone.iana_name().is_some_and(|name| !NOT_SET.contains(&name)).then_some(zone)
}

/// The name as the database writes it; `pointer` is the member that holds it.
pub fn checked(given: &str, pointer: &str) -> Result<String> {
    let found = find(given).and_then(|zone| zone.iana_name().map(str::to_owned));
    found.ok_or_else(|| Error::rule(Code::RuleViolated, pointer, "There is no such time zone in the IANA database."))
}

/// A zone that was checked when it was stored; one that the database has forgotten since counts as UTC.
pub fn known(name: &str) -> TimeZone {
    find(name).unwrap_or(TimeZone::UTC)
}

/// How far the zone's clock is ahead of UTC at an instant, in milliseconds.
pub fn ahead(zone: &TimeZone, at_millis: i64) -> i64 {
    let instant = jiff::Timestamp::from_millisecond(at_millis).unwrap_or_default();
    i64::from(zone.to_offset(instant).seconds()) * 1000
}

/// The next instant after this one at which the zone's clock is put forward or back.
pub fn next_change(zone: &TimeZone, at_millis: i64) -> Option<i64> {
    let instant = jiff::Timestamp::from_millisecond(at_millis).ok()?;
    zone.following(instant).next().map(|change| change.timestamp().as_millisecond())
}

/// What the clock on the wall shows.
pub fn local(zone: &TimeZone, at: Timestamp) -> NaiveDateTime {
    let ahead = ahead(zone, at.instant().timestamp_millis());
    at.instant().naive_utc() + TimeDelta::milliseconds(ahead)
}

/// The calendar day.
pub fn day_of(zone: &TimeZone, at: Timestamp) -> NaiveDate {
    local(zone, at).date()
}

/// The first instant of a calendar day: midnight, or when the clock is put forward then, right after. None for days
/// that the database does not reach.
pub fn day_begins(zone: &TimeZone, day: NaiveDate) -> Option<Timestamp> {
    let (month, of_month) = (i8::try_from(day.month()).ok()?, i8::try_from(day.day()).ok()?);
    let date = jiff::civil::Date::new(i16::try_from(day.year()).ok()?, month, of_month).ok()?;
    let begins = zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    DateTime::from_timestamp_millis(begins.as_millisecond()).map(Timestamp::from)
}

/// From this instant on the clock on the wall cannot be told everywhere: 9999-12-30T00:00:00Z.
pub fn end() -> Timestamp {
    const MILLIS: i64 = 253_402_128_000_000;
    Timestamp::from(DateTime::from_timestamp_millis(MILLIS).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_name_in_any_case() {
        for (given, name) in [("UTC", "UTC"), ("europe/berlin", "Europe/Berlin"), ("Asia/Kolkata", "Asia/Kolkata")] {
            assert_eq!(checked(given, "/time_zone").ok().as_deref(), Some(name));
        }
        for given in ["Europe/Nowhere", "CET+1", "Etc/Unknown", "localtime", "Factory", "posixrules", ""] {
            assert!(checked(given, "/time_zone").is_err(), "{given}");
        }
    }

    #[test]
    fn days_are_known_until_the_end_and_no_further() {
        assert_eq!(end().to_string(), "9999-12-30T00:00:00.000Z");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for name in ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"] {
            let zone = known(name);
            let last = day_of(&zone, end());
            assert!(day_begins(&zone, last).is_some_and(|begins| begins <= end()), "{name}");
            assert_eq!(day_begins(&zone, day("+10000-01-01")), None, "{name}");
        }
    }

    #[test]
    fn days_begin_at_midnight_or_right_after_a_gap() {
        for (name, day, begins) in [
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"),
            ("Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00.000Z"),
            // Cuba puts its clock forward at midnight.
            ("America/Havana", "2026-03-08", "2026-03-08T05:00:00.000Z"),
        ] {
            let (zone, day) = (known(name), day.parse().expect("a day"));
            let begin = day_begins(&zone, day).expect("an instant");
            assert_eq!(begin.to_string(), begins, "{name}");
            assert_eq!(day_of(&zone, begin), day, "{name}");
            assert_eq!(day_of(&zone, begin.plus(TimeDelta::milliseconds(-1))), day.pred_opt().expect("a day"));
        }
    }
}

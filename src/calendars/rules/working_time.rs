//! Business time. Pure: no HTTP, no SQL.
//!
//! An instant is working time when the clock on the wall stands within the day's hours and the day
//! is no holiday. Between two changes of the clock that is plain arithmetic on local time: `Week`
//! knows how much work lies before any local moment, so that a sum over years costs no more than the
//! changes of the clock in them. An hour that a change skips has no time in it, and one that it
//! repeats counts twice.

use super::super::types::{Holiday, WorkingHours};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;
use crate::shared::zone;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

const DAY: i64 = 86_400_000;
const WEEK: i64 = 7 * DAY;
/// 9999-12-31T00:00:00Z: no instant after it can be written.
const END: i64 = 253_402_214_400_000;
/// A calendar in which nobody works for so long is wrong.
const LONGEST_REST: TimeDelta = TimeDelta::days(3653);

/// When work is done: every instant of every day, or the hours of a calendar.
#[derive(Clone, Debug)]
pub struct WorkingTime {
    zone: TimeZone,
    /// None: around the clock.
    week: Option<Week>,
}

impl WorkingTime {
    pub fn around_the_clock(zone: TimeZone) -> Self {
        Self { zone, week: None }
    }

    /// The hours and holidays of a calendar, as `checked_hours` and `checked_holidays` left them.
    pub fn of_calendar(zone: TimeZone, hours: &[WorkingHours], holidays: &[Holiday]) -> Self {
        Self { zone, week: Some(Week::new(hours, holidays)) }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first instant by which `amount` of working time has passed since `from`. Refused when
    /// nobody works in the ten years after `from`, or when there is no such instant before the year 9999.
    pub fn add(&self, from: Timestamp, amount: Duration) -> Result<Timestamp> {
        let never = || Error::new(Code::RuleViolated, "The calendar has not so much working time.");
        let (start, mut left) = (from.instant().timestamp_millis(), amount.seconds().saturating_mul(1000));
        if left == 0 {
            return Ok(from);
        }
        let Some(week) = &self.week else {
            return start.checked_add(left).filter(|end| *end < END).map(timestamp).ok_or_else(never);
        };
        if self.worked(week, start, from.plus(LONGEST_REST).instant().timestamp_millis()) == 0 {
            return Err(never());
        }
        for (begin, end, ahead) in self.pieces(start, END) {
            let before = week.worked(begin + ahead);
            let here = week.worked(end + ahead) - before;
            if here >= left {
                return Ok(timestamp(week.reached(before + left, begin + ahead, end + ahead) - ahead));
            }
            left -= here;
        }
        Err(never())
    }

    /// The working time between two instants, in whole seconds; none when `to` is not later.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        let (from, to) = (from.instant().timestamp_millis(), to.instant().timestamp_millis());
        let millis = self.week.as_ref().map_or(to - from, |week| self.worked(week, from, to));
        Duration::of_seconds(millis / 1000)
    }

    /// The calendar day in the zone.
    pub fn day_of(&self, at: Timestamp) -> NaiveDate {
        zone::day_of(&self.zone, at)
    }

    fn worked(&self, week: &Week, from: i64, to: i64) -> i64 {
        let pieces = self.pieces(from, to);
        pieces.map(|(begin, end, ahead)| week.worked(end + ahead) - week.worked(begin + ahead)).sum()
    }

    /// The time from one instant to another, cut where the clock is changed: begin, end, and how far
    /// the zone is ahead of UTC in between.
    fn pieces(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64, i64)> {
        let mut begin = from;
        std::iter::from_fn(move || {
            let piece = (begin < to).then(|| {
                let end = zone::next_change(&self.zone, begin).map_or(to, |change| change.min(to));
                (begin, end, zone::ahead(&self.zone, begin))
            });
            begin = piece.map_or(to, |(_, end, _)| end);
            piece
        })
    }
}

fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from(DateTime::from_timestamp_millis(millis).unwrap_or_default())
}

/// Weekly hours without the holidays, on the line of local time (milliseconds since 1970 on the wall).
#[derive(Clone, Debug)]
struct Week {
    /// Begin and end of every span, from Monday 00:00; sorted, not overlapping.
    spans: Vec<(i64, i64)>,
    /// The days on which work falls out, and how much fell out before each and with it.
    holidays: Vec<(i64, i64)>,
}

impl Week {
    fn new(hours: &[WorkingHours], holidays: &[Holiday]) -> Self {
        let mut spans: Vec<_> = hours.iter().filter_map(span).collect();
        spans.sort_unstable();
        let mut week = Self { spans, holidays: Vec::new() };
        let days: BTreeSet<_> = holidays.iter().map(|holiday| since_1970(holiday.on)).collect();
        let mut lost = 0;
        for day in days {
            lost += week.scheduled((day + 1) * DAY) - week.scheduled(day * DAY);
            week.holidays.push((day, lost));
        }
        week
    }

    /// Hours of the week before a moment, holidays or not. 1970-01-05 was the first Monday.
    fn scheduled(&self, local: i64) -> i64 {
        let (weeks, rest) = ((local - 4 * DAY).div_euclid(WEEK), (local - 4 * DAY).rem_euclid(WEEK));
        let part: i64 = self.spans.iter().map(|(begin, end)| rest.min(*end) - rest.min(*begin)).sum();
        let whole: i64 = self.spans.iter().map(|(begin, end)| end - begin).sum();
        weeks * whole + part
    }

    /// Work before a moment, counted from one that is the same for all.
    fn worked(&self, local: i64) -> i64 {
        let today = local.div_euclid(DAY);
        let past = self.holidays.partition_point(|(day, _)| *day < today);
        let lost = past.checked_sub(1).map_or(0, |last| self.holidays[last].1);
        let is_holiday = self.holidays.get(past).is_some_and(|(day, _)| *day == today);
        self.scheduled(if is_holiday { today * DAY } else { local }) - lost
    }

    /// The first moment from `low` to `high` by which so much work is done.
    fn reached(&self, work: i64, mut low: i64, mut high: i64) -> i64 {
        while low < high {
            let middle = low + (high - low) / 2;
            if self.worked(middle) < work {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

fn since_1970(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce() - NaiveDate::default().num_days_from_ce())
}

/// From and to, in milliseconds from Monday 00:00.
fn span(hours: &WorkingHours) -> Option<(i64, i64)> {
    let of_day = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        Some(hour.parse::<i64>().ok()? * 3_600_000 + minute.parse::<i64>().ok()? * 60_000)
    };
    let day = hours.weekday as i64 * DAY;
    Some((day + of_day(&hours.from)?, day + of_day(&hours.to)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::types::Weekday;
    use super::*;
    use proptest::prelude::*;

    const ZONES: [&str; 6] =
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC"];
    const DAYS: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    fn at(text: &str) -> Timestamp {
        text.parse::<DateTime<chrono::Utc>>().expect("an instant").into()
    }

    fn hours(weekday: Weekday, from: &str, to: &str) -> WorkingHours {
        WorkingHours { weekday, from: from.to_owned(), to: to.to_owned() }
    }

    fn holiday(on: &str) -> Holiday {
        Holiday { on: on.parse().expect("a day"), name: "Holiday".to_owned() }
    }

    fn every_day(from: &str, to: &str) -> Vec<WorkingHours> {
        DAYS.into_iter().map(|day| hours(day, from, to)).collect()
    }

    fn office(holidays: &[&str]) -> WorkingTime {
        let week: Vec<_> = DAYS[..5].iter().map(|day| hours(*day, "09:00", "17:00")).collect();
        let holidays: Vec<_> = holidays.iter().map(|day| holiday(day)).collect();
        WorkingTime::of_calendar(zone::known("Europe/Berlin"), &week, &holidays)
    }

    fn added(time: &WorkingTime, from: &str, amount: &str) -> String {
        time.add(at(from), amount.parse().expect("a duration")).expect("an instant").to_string()
    }

    #[test]
    fn office_hours_skip_nights_week_ends_and_holidays() {
        let time = office(&["2026-12-25", "2026-12-26", "2027-01-01"]);
        // Friday 16:00 in Berlin, two hours: Monday 10:00.
        assert_eq!(added(&time, "2026-11-20T15:00:00Z", "PT2H"), "2026-11-23T09:00:00.000Z");
        // The end of a day is the first instant by which its work is done.
        assert_eq!(added(&time, "2026-11-20T15:00:00Z", "PT1H"), "2026-11-20T16:00:00.000Z");
        assert_eq!(added(&time, "2026-11-21T12:00:00Z", "PT0S"), "2026-11-21T12:00:00.000Z");
        // Thursday 24 December 16:00; Friday is a holiday, Saturday was free anyway.
        assert_eq!(added(&time, "2026-12-24T15:00:00Z", "PT2H"), "2026-12-28T09:00:00.000Z");
        assert_eq!(time.between(at("2026-12-24T15:00:00Z"), at("2026-12-28T09:00:00Z")).seconds(), 7200);
        assert_eq!(time.between(at("2026-12-28T09:00:00Z"), at("2026-12-24T15:00:00Z")).seconds(), 0);
        assert_eq!(time.day_of(at("2026-12-31T23:30:00Z")).to_string(), "2027-01-01");
    }

    #[test]
    fn a_skipped_hour_has_no_time_and_a_repeated_one_counts_twice() {
        let night = |from, to| WorkingTime::of_calendar(zone::known("Europe/Berlin"), &every_day(from, to), &[]);
        let spring =
            |time: &WorkingTime| time.between(at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")).seconds();
        let autumn =
            |time: &WorkingTime| time.between(at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")).seconds();
        assert_eq!(spring(&night("01:00", "04:00")), 2 * 3600);
        assert_eq!(spring(&night("02:00", "03:00")), 0);
        assert_eq!(spring(&night("02:30", "03:30")), 1800);
        assert_eq!(autumn(&night("01:00", "04:00")), 4 * 3600);
        assert_eq!(autumn(&night("02:30", "03:00")), 3600);
        assert_eq!(autumn(&night("02:30", "05:00")), 9000 + 1800);
        assert_eq!(spring(&night("00:00", "24:00")), 23 * 3600);
        assert_eq!(autumn(&night("00:00", "24:00")), 25 * 3600);
    }

    #[test]
    fn a_calendar_without_work_for_ten_years_has_no_answer() {
        let from: NaiveDate = "2026-01-01".parse().expect("a day");
        let days: Vec<_> = from.iter_days().take(3800).map(|on| Holiday { on, name: "x".to_owned() }).collect();
        let time = WorkingTime::of_calendar(TimeZone::UTC, &every_day("09:00", "17:00"), &days);
        assert!(time.add(at("2026-01-01T00:00:00Z"), Duration::of_seconds(1)).is_err());
        assert!(time.add(at("2027-01-01T00:00:00Z"), Duration::of_seconds(1)).is_ok());
        let minute =
            WorkingTime::of_calendar(zone::known("Europe/Berlin"), &[hours(Weekday::Monday, "09:00", "09:01")], &[]);
        assert!(minute.add(at("2026-01-01T00:00:00Z"), "PT999999H".parse().expect("a duration")).is_err());
        let clock = WorkingTime::around_the_clock(TimeZone::UTC);
        assert!(clock.add(at("9990-01-01T00:00:00Z"), "P9999D".parse().expect("a duration")).is_err());
    }

    #[test]
    fn years_are_added_in_well_under_a_millisecond() {
        let time = office(&["2026-12-25", "2027-12-24", "2028-12-25"]);
        let (from, amount) = (at("2026-11-21T09:00:00Z"), Duration::of_seconds(5 * 52 * 40 * 3600));
        let begun = std::time::Instant::now();
        let due = (0..100).map(|_| time.add(from, amount).expect("an instant")).max().expect("one");
        let each = begun.elapsed() / 100;
        assert!(due > at("2031-10-01T00:00:00Z") && due < at("2032-01-01T00:00:00Z"), "{due}");
        // A debug build on a busy machine; a walk over the days would take many times as long.
        assert!(each < std::time::Duration::from_millis(1), "{each:?}");
    }

    /// Some spans on some days, some holidays, some zone.
    fn calendars() -> impl Strategy<Value = WorkingTime> {
        let span = (0usize..7, 0u32..24, 1u32..24);
        let day = 0i64..1200;
        (0..ZONES.len(), prop::collection::vec(span, 1..6), prop::collection::vec(day, 0..40)).prop_map(
            |(zone, spans, days)| {
                let mut taken = BTreeSet::new();
                let hours: Vec<_> = spans
                    .into_iter()
                    .filter(|(day, ..)| taken.insert(*day))
                    .map(|(day, from, long)| {
                        hours(
                            DAYS[day],
                            &format!("{from:02}:30"),
                            &format!("{:02}:{}", (from + long).min(24), if from + long >= 24 { "00" } else { "30" }),
                        )
                    })
                    .collect();
                // 23:30 to 24:00 is the shortest.
                let start: NaiveDate = "2025-01-01".parse().expect("a day");
                let holidays: Vec<_> = days
                    .into_iter()
                    .map(|day| Holiday { on: start + TimeDelta::days(day), name: "x".to_owned() })
                    .collect();
                WorkingTime::of_calendar(zone::known(ZONES[zone]), &hours, &holidays)
            },
        )
    }

    /// Any second of 2025 to 2028.
    fn instants() -> impl Strategy<Value = Timestamp> {
        (0i64..4 * 365 * 86_400).prop_map(|seconds| at("2025-01-01T00:00:00Z").plus(TimeDelta::seconds(seconds)))
    }

    fn slowly(time: &WorkingTime, week: &[WorkingHours], holidays: &[Holiday], from: Timestamp, to: Timestamp) -> i64 {
        let mut minutes = 0;
        let mut now = from;
        while now < to {
            let wall = zone::local(time.zone(), now);
            let clock = wall.format("%H:%M").to_string();
            let weekday = DAYS[wall.weekday().num_days_from_monday() as usize];
            let is_on = week.iter().any(|span| span.weekday == weekday && span.from <= clock && clock < span.to);
            minutes += i64::from(is_on && holidays.iter().all(|holiday| holiday.on != wall.date()));
            now = now.plus(TimeDelta::minutes(1));
        }
        minutes * 60
    }

    proptest! {
        #[test]
        fn what_was_added_lies_between(time in calendars(), from in instants(), seconds in 0i64..5_000_000) {
            let due = time.add(from, Duration::of_seconds(seconds)).expect("an instant");
            prop_assert_eq!(time.between(from, due).seconds(), seconds);
            // And not a moment earlier.
            let earlier = time.between(from, due.plus(TimeDelta::milliseconds(-1))).seconds();
            prop_assert!(seconds == 0 || earlier < seconds);
        }

        #[test]
        fn time_between_is_additive(time in calendars(), mut at in prop::array::uniform3(instants())) {
            at.sort();
            let [a, b, c] = at;
            let parts = time.between(a, b).seconds() + time.between(b, c).seconds();
            prop_assert_eq!(time.between(a, c).seconds(), parts);
        }

        #[test]
        fn more_time_is_never_due_earlier(time in calendars(), from in instants(), seconds in 0i64..2_000_000, more in 0i64..200_000) {
            let due = |from, seconds| time.add(from, Duration::of_seconds(seconds)).expect("an instant");
            prop_assert!(due(from, seconds) <= due(from, seconds + more));
            prop_assert!(due(from, seconds) <= due(from.plus(TimeDelta::seconds(more)), seconds));
        }

        #[test]
        fn all_day_every_day_is_plain_time(zone in 0..ZONES.len(), from in instants(), seconds in 0i64..100_000_000) {
            let zone = zone::known(ZONES[zone]);
            let calendar = WorkingTime::of_calendar(zone.clone(), &every_day("00:00", "24:00"), &[]);
            let amount = Duration::of_seconds(seconds);
            let due = from.plus(TimeDelta::seconds(seconds));
            prop_assert_eq!(calendar.add(from, amount).expect("an instant"), due);
            prop_assert_eq!(WorkingTime::around_the_clock(zone).add(from, amount).expect("an instant"), due);
            prop_assert_eq!(calendar.between(from, due), amount);
        }

        #[test]
        fn holidays_on_free_days_change_nothing(from in instants(), seconds in 0i64..5_000_000, weeks in prop::collection::vec(0i64..200, 0..20)) {
            let saturday: NaiveDate = "2025-01-04".parse().expect("a day");
            let days: Vec<_> = weeks.iter().map(|week| (saturday + TimeDelta::weeks(*week)).to_string()).collect();
            let days: Vec<_> = days.iter().map(String::as_str).collect();
            let amount = Duration::of_seconds(seconds);
            prop_assert_eq!(office(&days).add(from, amount).expect("a"), office(&[]).add(from, amount).expect("b"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn it_is_what_looking_at_the_clock_every_minute_gives(zone in 0..ZONES.len(), day in prop::sample::select(vec![66i64, 87, 94, 276, 297, 304, 400]), long in 1i64..8) {
            let week = [hours(Weekday::Sunday, "00:30", "02:45"), hours(Weekday::Sunday, "02:45", "09:00"),
                hours(Weekday::Monday, "00:00", "24:00"), hours(Weekday::Friday, "22:00", "24:00")];
            let holidays = [holiday("2026-03-29"), holiday("2026-11-02")];
            let time = WorkingTime::of_calendar(zone::known(ZONES[zone]), &week, &holidays);
            let from = at("2025-01-01T11:00:00Z").plus(TimeDelta::days(day));
            let to = from.plus(TimeDelta::days(long));
            prop_assert_eq!(time.between(from, to).seconds(), slowly(&time, &week, &holidays, from, to));
        }
    }
}

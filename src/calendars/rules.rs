//! Business time. Pure: no HTTP, no SQL.
//!
//! An instant is working time when the clock on the wall stands within the day's hours and the day
//! is no holiday. Between two changes of the clock that is plain arithmetic on local time: `Week`
//! knows how much work lies before any local moment, so that a sum over years costs no more than the
//! changes of the clock in them. An hour that a change skips has no time in it, and one that it
//! repeats counts twice.

use super::types::{Holiday, WorkingHours};
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

//! Business time. Pure: no HTTP, no SQL.

use crate::shared::duration::Duration;
use crate::shared::time::Timestamp;
use chrono::{NaiveDate, TimeDelta};
use jiff::tz::TimeZone;

/// When work is done: every instant of every day, or the hours of a calendar.
#[derive(Clone, Debug)]
pub struct WorkingTime {
    zone: TimeZone,
}

impl WorkingTime {
    pub fn around_the_clock(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// The first instant by which `amount` of working time has passed since `from`.
    pub fn add(&self, from: Timestamp, amount: Duration) -> Timestamp {
        from.plus(TimeDelta::seconds(amount.seconds()))
    }

    /// The working time between two instants; none when `to` is not later.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        Duration::of_seconds((to.instant() - from.instant()).num_seconds())
    }

    /// The calendar day in the zone.
    pub fn day_of(&self, at: Timestamp) -> NaiveDate {
        let instant = jiff::Timestamp::from_millisecond(at.instant().timestamp_millis()).unwrap_or_default();
        let date = self.zone.to_datetime(instant).date();
        NaiveDate::from_ymd_opt(
            date.year().into(),
            date.month().unsigned_abs().into(),
            date.day().unsigned_abs().into(),
        )
        .unwrap_or_default()
    }
}

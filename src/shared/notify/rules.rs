//! When reminders go out. Pure: no HTTP, no SQL.

use crate::shared::time::Timestamp;
use chrono::TimeDelta;

/// How many days in a row somebody is reminded of what is overdue.
const DAYS: i32 = 3;

/// When the reminder after one of now goes out: when it is due, and then once a day. Those that were missed are not
/// made up for.
pub fn next(due_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    (0..=DAYS).map(|days| due_at.plus(TimeDelta::days(1) * days)).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_reminded_when_it_is_due_and_on_three_days_after() {
        let due = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
        let after =
            |hours| next(due, due.plus(TimeDelta::hours(hours))).map(|at| (at.instant() - due.instant()).num_hours());
        assert_eq!([-30, -1, 0, 23, 24].map(after), [Some(0), Some(0), Some(24), Some(24), Some(48)]);
        assert_eq!([60, 71, 72, 1000].map(after), [Some(72), Some(72), None, None]);
    }
}

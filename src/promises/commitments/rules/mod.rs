//! How commitments are judged. Pure: no HTTP, no SQL.

mod states;
#[cfg(test)]
mod tests;

pub use states::{corrected, fulfilled, invalid_state, may_be_made, may_have_cause, may_withdraw, still_due};

use super::types::{CommitmentStatus, NewCommitment};
use crate::agreements::{Comparison, Metric};
use crate::calendars::WorkingTime;
use crate::promises::entity::version::Model as Version;
use crate::promises::rules::in_force;
use crate::promises::types::Precision;
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;
use crate::shared::zone;
use chrono::{Days, NaiveDate, TimeDelta};
use jiff::tz::TimeZone;

/// When business time passes for a version, and where days begin.
#[derive(Clone, Debug)]
pub struct Clockwork {
    pub working: WorkingTime,
    /// The zone of the organisation.
    pub home: TimeZone,
}

/// What somebody says about an occasion.
#[derive(Clone, Debug, PartialEq)]
pub struct Occasion {
    pub made_at: Timestamp,
    pub due_at: Option<Timestamp>,
    pub fulfilled_at: Option<Timestamp>,
    pub value: Option<f64>,
    /// The last instant at which it can be kept, when that is known; otherwise it follows from `due_at`.
    pub breaks_at: Option<Timestamp>,
    /// It was taken back: it does not count.
    pub is_withdrawn: bool,
}

impl Occasion {
    pub fn of(new: &NewCommitment, now: Timestamp) -> Self {
        Self {
            made_at: new.made_at.unwrap_or(now),
            due_at: new.due_at,
            fulfilled_at: new.fulfilled_at,
            value: new.value,
            breaks_at: None,
            is_withdrawn: false,
        }
    }
}

/// What follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub version: i64,
    pub is_promised: bool,
    pub due_at: Timestamp,
    pub breaks_at: Timestamp,
    pub status: CommitmentStatus,
    pub value: Option<f64>,
    /// The tightest target that it would have met; nothing when it would have met none.
    pub tightest: Option<f64>,
    pub day: NaiveDate,
}

fn wrong<T>(pointer: &str, detail: &str) -> Result<T> {
    Err(Error::rule(Code::RuleViolated, pointer, detail))
}

/// The version that judges what was made at an instant.
pub fn judging(versions: &[Version], made_at: Timestamp) -> Result<&Version> {
    let none = || Error::rule(Code::RuleViolated, "/made_at", "The promise had no version in force then.");
    in_force(versions, made_at).ok_or_else(none)
}

/// Whether a version was published at an instant.
fn was_published(version: &Version, at: Timestamp) -> bool {
    version.published_at.is_some_and(|from| from <= at) && version.unpublished_at.is_none_or(|until| at < until)
}

/// Whether somebody measures a number: the value of a duration follows from the times.
pub fn is_measured(version: &Version) -> bool {
    version.metric != Metric::Duration
}

/// Judges an occasion by a version.
pub fn judge(version: &Version, clockwork: &Clockwork, occasion: &Occasion, now: Timestamp) -> Result<Judgement> {
    check(version, occasion, now)?;
    let due_at = match (occasion.due_at, version.metric) {
        (Some(due_at), _) => due_at,
        (None, Metric::Duration) => promised_by(version, clockwork, occasion.made_at)?,
        (None, _) => return wrong("/due_at", "A promise that is not about a duration does not say when it is due."),
    };
    if due_at < occasion.made_at {
        return Err(Error::rule(Code::DateOrder, "/due_at", "It would be due before it was made."));
    }
    let breaks_at = match occasion.breaks_at {
        Some(known) => known,
        None => breaks_at(version, &clockwork.working, due_at)?,
    };
    let value = value(version, clockwork, occasion);
    Ok(Judgement {
        version: version.number,
        is_promised: was_published(version, occasion.made_at),
        due_at,
        breaks_at,
        status: outcome(version, occasion, value, breaks_at, now),
        value,
        tightest: tightest(version, clockwork, occasion, value, breaks_at),
        day: zone::day_of(&clockwork.home, due_at),
    })
}

fn check(version: &Version, occasion: &Occasion, now: Timestamp) -> Result<()> {
    if occasion.made_at > now {
        return wrong("/made_at", "It cannot have been made in the future.");
    }
    if let Some(at) = occasion.fulfilled_at {
        if at > now {
            return wrong("/fulfilled_at", "It cannot have been fulfilled in the future.");
        }
        if at < occasion.made_at {
            return Err(Error::rule(Code::DateOrder, "/fulfilled_at", "It was fulfilled before it was made."));
        }
    }
    match (version.metric, occasion.fulfilled_at, occasion.value) {
        (Metric::Duration, _, Some(_)) => wrong("/value", "The value of a duration follows from the times."),
        (Metric::Duration, ..) | (_, Some(_), Some(_)) | (_, None, None) => Ok(()),
        (_, Some(_), None) => wrong("/value", "What was reached is needed: the promise is not about a duration."),
        (_, None, Some(_)) => wrong("/fulfilled_at", "When that was reached is needed."),
    }
}

/// When the promised working time has passed.
fn promised_by(version: &Version, clockwork: &Clockwork, made_at: Timestamp) -> Result<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "a duration in seconds, kept as a number")]
    let target = Duration::of_seconds(version.target.round() as i64);
    let never = |_| too_late("The calendar has not so much working time before the end of the year 9999.");
    clockwork.working.add(made_at, target).map_err(never)
}

fn too_late(detail: &str) -> Error {
    Error::rule(Code::RuleViolated, "/due_at", detail)
}

/// The last instant at which what is due then is still kept.
fn breaks_at(version: &Version, working: &WorkingTime, due_at: Timestamp) -> Result<Timestamp> {
    let never = || too_late("It has to be due, with the grace of the promise, before 9999-12-30.");
    let late = due_at.plus(TimeDelta::seconds(version.grace_seconds));
    if due_at >= zone::end() || late >= zone::end() {
        return Err(never());
    }
    match version.precision {
        Precision::Second => Ok(late),
        Precision::Day => {
            let next = zone::day_begins(working.zone(), working.day_of(late) + Days::new(1)).ok_or_else(never)?;
            Ok(next.plus(TimeDelta::milliseconds(-1)))
        }
    }
}

/// What was reached.
fn value(version: &Version, clockwork: &Clockwork, occasion: &Occasion) -> Option<f64> {
    occasion.fulfilled_at.and_then(|at| match version.metric {
        Metric::Duration => Some(clockwork.working.between(occasion.made_at, at).seconds() as f64),
        _ => occasion.value,
    })
}

fn outcome(
    version: &Version,
    occasion: &Occasion,
    value: Option<f64>,
    breaks_at: Timestamp,
    now: Timestamp,
) -> CommitmentStatus {
    match occasion.fulfilled_at {
        _ if occasion.is_withdrawn => CommitmentStatus::Withdrawn,
        None if now > breaks_at => CommitmentStatus::Broken,
        None => CommitmentStatus::Open,
        Some(at) if at <= breaks_at && reaches(version, value) => CommitmentStatus::Kept,
        Some(_) => CommitmentStatus::Broken,
    }
}

/// The tightest target that the occasion would have met: what was measured if that was in time, or the shortest
/// time within which it was fulfilled. A `due_at` of its own is not seen by that.
fn tightest(
    version: &Version,
    clockwork: &Clockwork,
    occasion: &Occasion,
    value: Option<f64>,
    breaks_at: Timestamp,
) -> Option<f64> {
    let fulfilled_at = occasion.fulfilled_at?;
    match version.metric {
        Metric::Duration => {
            let late = Lateness { precision: version.precision, grace_seconds: version.grace_seconds };
            Some(late.shortest(&clockwork.working, occasion.made_at, fulfilled_at))
        }
        _ => value.filter(|_| fulfilled_at <= breaks_at),
    }
}

/// How a promise decides what is late.
#[derive(Clone, Copy, Debug)]
pub struct Lateness {
    pub precision: Precision,
    pub grace_seconds: i64,
}

impl Lateness {
    /// The shortest time, in whole seconds, by which what was fulfilled then would have been kept.
    pub fn shortest(self, working: &WorkingTime, made_at: Timestamp, fulfilled_at: Timestamp) -> f64 {
        let begun = match self.precision {
            Precision::Second => fulfilled_at,
            // The whole day counts, so it is enough to be due when it begins.
            Precision::Day => zone::day_begins(working.zone(), working.day_of(fulfilled_at)).unwrap_or(fulfilled_at),
        };
        let due_at = begun.plus(TimeDelta::seconds(-self.grace_seconds));
        let passed = working.between(made_at, due_at).seconds();
        // Outside working hours, or within a second, what has passed by then is over before.
        let is_enough = working.add(made_at, Duration::of_seconds(passed)).is_ok_and(|at| at >= due_at);
        (if is_enough { passed.max(1) } else { passed + 1 }) as f64
    }
}

/// Whether what was measured is on the right side of the target. A duration is judged by its times alone.
fn reaches(version: &Version, value: Option<f64>) -> bool {
    match (version.metric, version.comparison, value) {
        (Metric::Duration, ..) => true,
        (_, Comparison::AtMost, Some(value)) => value <= version.target,
        (_, Comparison::AtLeast, Some(value)) => value >= version.target,
        (.., None) => false,
    }
}

//! How commitments are judged, and what they may become. Pure: no HTTP, no SQL.

use super::types::{CommitmentStatus, Correction, Fulfilment, NewCommitment};
use crate::agreements::{Comparison, Metric};
use crate::calendars::WorkingTime;
use crate::promises::entity::version::Model as Version;
use crate::promises::types::{Precision, PromiseStatus};
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
    pub day: NaiveDate,
}

fn wrong<T>(pointer: &str, detail: &str) -> Result<T> {
    Err(Error::rule(Code::RuleViolated, pointer, detail))
}

/// The version that was in force at an instant. `versions` may stand in any order.
pub fn in_force(versions: &[Version], at: Timestamp) -> Result<&Version> {
    let begun = versions.iter().filter(|version| version.effective_from <= at);
    let found = begun.max_by_key(|version| (version.effective_from, version.number));
    found.ok_or_else(|| Error::rule(Code::RuleViolated, "/made_at", "The promise had no version in force then."))
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
    let breaks_at = occasion.breaks_at.unwrap_or_else(|| breaks_at(version, clockwork, due_at));
    let (status, value) = outcome(version, clockwork, occasion, breaks_at, now);
    Ok(Judgement {
        version: version.number,
        is_promised: was_published(version, occasion.made_at),
        due_at,
        breaks_at,
        status,
        value,
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
    clockwork.working.add(made_at, target)
}

fn breaks_at(version: &Version, clockwork: &Clockwork, due_at: Timestamp) -> Timestamp {
    let late = due_at.plus(TimeDelta::seconds(version.grace_seconds));
    match version.precision {
        Precision::Second => late,
        Precision::Day => {
            let next = clockwork.working.day_of(late) + Days::new(1);
            zone::day_begins(clockwork.working.zone(), next).plus(TimeDelta::milliseconds(-1))
        }
    }
}

fn outcome(
    version: &Version,
    clockwork: &Clockwork,
    occasion: &Occasion,
    breaks_at: Timestamp,
    now: Timestamp,
) -> (CommitmentStatus, Option<f64>) {
    let value = occasion.fulfilled_at.and_then(|at| match version.metric {
        Metric::Duration => Some(clockwork.working.between(occasion.made_at, at).seconds() as f64),
        _ => occasion.value,
    });
    let status = match occasion.fulfilled_at {
        _ if occasion.is_withdrawn => CommitmentStatus::Withdrawn,
        None if now > breaks_at => CommitmentStatus::Broken,
        None => CommitmentStatus::Open,
        Some(at) if at <= breaks_at && reaches(version, value) => CommitmentStatus::Kept,
        Some(_) => CommitmentStatus::Broken,
    };
    (status, value)
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

/// What a fulfilment says about an occasion known before.
pub fn fulfilled(before: &super::entity::Model, given: &Fulfilment, now: Timestamp) -> Result<Occasion> {
    use CommitmentStatus::{Broken, ExcuseRequested, Excused, Open};
    let fulfilled_at = given.fulfilled_at.unwrap_or(now);
    match before.status {
        _ if before.superseded_by_id.is_some() => return Err(superseded(before.status)),
        Open => {}
        Broken | ExcuseRequested | Excused if before.fulfilled_at.is_none() && fulfilled_at > before.breaks_at => {}
        Broken | ExcuseRequested | Excused if before.fulfilled_at.is_none() => {
            let detail = "It counts as broken already; that it was fulfilled in time is a correction.";
            return wrong("/fulfilled_at", detail);
        }
        other => return Err(invalid_state("fulfil", other)),
    }
    Ok(Occasion {
        made_at: before.made_at,
        due_at: Some(before.due_at),
        fulfilled_at: Some(fulfilled_at),
        value: given.value,
        breaks_at: Some(before.breaks_at),
        is_withdrawn: false,
    })
}

/// Until when something is due that was made at another time than was known: what followed from the promise
/// follows again (null), what was said stays.
pub fn still_due(
    before: &super::entity::Model,
    version: &Version,
    clockwork: &Clockwork,
    made_at: Timestamp,
) -> Result<Option<Timestamp>> {
    let follows = made_at != before.made_at
        && version.metric == Metric::Duration
        && promised_by(version, clockwork, before.made_at)? == before.due_at;
    Ok(Some(before.due_at).filter(|_| !follows))
}

/// What a correction says about an occasion known before, judged by `version`.
pub fn corrected(
    before: &super::entity::Model,
    version: &Version,
    clockwork: &Clockwork,
    given: &Correction,
) -> Result<Occasion> {
    if before.superseded_by_id.is_some() {
        return Err(superseded(before.status));
    }
    if given.is_unfulfilled && given.fulfilled_at.is_some() {
        return wrong("/is_unfulfilled", "It was fulfilled or it was not.");
    }
    let fulfilled_at = given.fulfilled_at.or(before.fulfilled_at).filter(|_| !given.is_unfulfilled);
    let known = before.value.filter(|_| is_measured(version) && fulfilled_at.is_some());
    let made_at = given.made_at.unwrap_or(before.made_at);
    let due_at = match given.due_at {
        None => still_due(before, version, clockwork, made_at)?,
        given => given,
    };
    // What was taken back stays so until somebody says how it was fulfilled.
    let is_withdrawn = before.status == CommitmentStatus::Withdrawn && fulfilled_at.is_none();
    Ok(Occasion { made_at, due_at, fulfilled_at, value: given.value.or(known), breaks_at: None, is_withdrawn })
}

/// A retired promise is made to nobody any more.
pub fn may_be_made(status: PromiseStatus) -> Result<()> {
    match status {
        PromiseStatus::Retired => {
            let detail = "The promise is retired: it is made to nobody any more.";
            Err(Error::new(Code::InvalidState, detail)
                .with("current_status", "retired")
                .with("allowed", Vec::<&str>::new()))
        }
        _ => Ok(()),
    }
}

pub fn may_withdraw(before: &super::entity::Model) -> Result<()> {
    match before.status {
        CommitmentStatus::Open => Ok(()),
        other => Err(invalid_state("withdraw", other)),
    }
}

pub fn may_have_cause(before: &super::entity::Model) -> Result<()> {
    match before.status {
        _ if before.superseded_by_id.is_some() => Err(superseded(before.status)),
        CommitmentStatus::Broken => Ok(()),
        other => Err(invalid_state("set-cause", other)),
    }
}

fn superseded(status: CommitmentStatus) -> Error {
    let detail = "It was corrected: only the commitment that supersedes it changes.";
    Error::new(Code::InvalidState, detail).with("current_status", name(status)).with("allowed", Vec::<&str>::new())
}

fn name(status: CommitmentStatus) -> serde_json::Value {
    serde_json::to_value(status).unwrap_or_default()
}

/// The refusal that says what is possible instead.
pub fn invalid_state(verb: &str, status: CommitmentStatus) -> Error {
    use CommitmentStatus::{Broken, ExcuseRequested, Excused, Kept, Open, Withdrawn};
    let allowed: &[&str] = match status {
        Open => &["fulfil", "withdraw", "correct"],
        Kept | Withdrawn => &["correct"],
        Excused => &["fulfil", "correct"],
        Broken => &["fulfil", "ask-excuse", "set-cause", "correct"],
        ExcuseRequested => &["fulfil", "grant-excuse", "refuse-excuse", "correct"],
    };
    let status = name(status);
    let shown = status.as_str().unwrap_or_default().to_owned();
    let detail = format!("`{verb}` is not possible while the commitment is {shown}.");
    Error::new(Code::InvalidState, detail).with("current_status", status).with("allowed", allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promises::types::Period;
    use crate::shared::id::PromiseId;
    use CommitmentStatus::{Broken, Kept, Open};

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant"))
    }

    fn version(number: i64, from: &str) -> Version {
        Version {
            promise_id: PromiseId(uuid::Uuid::nil()),
            number,
            wording: String::new(),
            metric: Metric::Duration,
            comparison: Comparison::AtMost,
            target: 172_800.0,
            unit: None,
            reliability: 0.95,
            precision: Precision::Second,
            calendar_id: None,
            grace_seconds: 0,
            period: Period::Month,
            effective_from: at(from),
            published_at: None,
            unpublished_at: None,
            approved_by: None,
            approval_reason: None,
            recheck_on: None,
            created_at: at(from),
        }
    }

    fn clockwork(zone: &str) -> Clockwork {
        let zone = TimeZone::get(zone).expect("a zone");
        let working = WorkingTime::around_the_clock(zone.clone());
        Clockwork { working, home: zone }
    }

    fn judged(version: &Version, fulfilled: Option<&str>, now: &str) -> Judgement {
        let made_at = at("2026-03-02T10:00:00Z");
        let (due_at, fulfilled_at) = (None, fulfilled.map(at));
        let occasion = Occasion { made_at, due_at, fulfilled_at, value: None, breaks_at: None, is_withdrawn: false };
        judge(version, &clockwork("Europe/Berlin"), &occasion, at(now)).expect("a judgement")
    }

    #[test]
    fn the_last_instant_still_counts_and_the_next_one_does_not() {
        let version = version(1, "2026-01-01T00:00:00Z");
        let now = "2026-04-01T00:00:00Z";
        assert_eq!(judged(&version, Some("2026-03-04T10:00:00Z"), now).status, Kept);
        assert_eq!(judged(&version, Some("2026-03-04T10:00:00.001Z"), now).status, Broken);
        assert_eq!(judged(&version, None, "2026-03-04T10:00:00Z").status, Open);
        assert_eq!(judged(&version, None, "2026-03-04T10:00:00.001Z").status, Broken);
    }

    #[test]
    fn a_promise_precise_to_the_day_lasts_until_the_day_ends_in_its_zone() {
        let version = Version { precision: Precision::Day, ..version(1, "2026-01-01T00:00:00Z") };
        let now = "2026-04-01T00:00:00Z";
        let judgement = judged(&version, Some("2026-03-04T22:59:59.999Z"), now);
        assert_eq!((judgement.status, judgement.breaks_at), (Kept, at("2026-03-04T22:59:59.999Z")));
        assert_eq!(judged(&version, Some("2026-03-04T23:00:00Z"), now).status, Broken);
    }

    #[test]
    fn the_version_in_force_when_it_was_made_judges() {
        let versions = [version(2, "2026-02-01T00:00:00Z"), version(1, "2026-01-01T00:00:00Z")];
        let number = |text| in_force(&versions, at(text)).map(|version| version.number).ok();
        assert_eq!(number("2026-01-31T23:59:59Z"), Some(1));
        assert_eq!(number("2026-02-01T00:00:00Z"), Some(2));
        assert_eq!(number("2025-12-31T23:59:59Z"), None);
    }

    #[test]
    fn a_measured_number_is_compared_with_the_target() {
        let rating = Version {
            metric: Metric::Rating,
            comparison: Comparison::AtLeast,
            target: 4.0,
            ..version(1, "2026-01-01T00:00:00Z")
        };
        let made_at = at("2026-03-02T10:00:00Z");
        let occasion = |value| Occasion {
            made_at,
            due_at: Some(at("2026-03-03T10:00:00Z")),
            fulfilled_at: Some(at("2026-03-03T09:00:00Z")),
            value,
            breaks_at: None,
            is_withdrawn: false,
        };
        let judge = |value| judge(&rating, &clockwork("UTC"), &occasion(value), at("2026-04-01T00:00:00Z"));
        assert_eq!(judge(Some(4.0)).expect("a judgement").status, Kept);
        assert_eq!(judge(Some(3.9)).expect("a judgement").status, Broken);
        assert!(judge(None).is_err());
    }
}

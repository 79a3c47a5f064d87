//! Occasions judged, one by one.

use super::*;
use crate::calendars::{Weekday, WorkingHours};
use crate::promises::types::Period;
use crate::shared::id::PromiseId;
use CommitmentStatus::{Broken, Kept, Open};
use proptest::prelude::*;

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
    let number = |text| judging(&versions, at(text)).map(|version| version.number).ok();
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
#[test]
fn what_is_due_beyond_the_year_9999_is_refused() {
    let mut occasion = Occasion {
        made_at: at("2026-03-02T10:00:00Z"),
        due_at: Some(at("9999-12-29T23:59:59Z")),
        fulfilled_at: None,
        value: None,
        breaks_at: None,
        is_withdrawn: false,
    };
    let (second, now) = (version(1, "2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z"));
    let day = Version { precision: Precision::Day, ..second.clone() };
    for zone in ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"] {
        let judged = judge(&day, &clockwork(zone), &occasion, now).expect("a judgement");
        assert!(judged.breaks_at > judged.due_at && judged.day > "9999-12-28".parse().expect("a day"), "{judged:?}");
    }
    let graceful = Version { grace_seconds: 1, ..second };
    let pointer = |refused: Result<Judgement>| refused.expect_err("too late").fields[0].pointer.clone();
    assert_eq!(pointer(judge(&graceful, &clockwork("UTC"), &occasion, now)).as_deref(), Some("#/due_at"));
    occasion.due_at = None;
    let endless = Version { target: 1e13, ..graceful };
    assert_eq!(pointer(judge(&endless, &clockwork("UTC"), &occasion, now)).as_deref(), Some("#/due_at"));
}

fn office() -> WorkingTime {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let day = |weekday| WorkingHours { weekday, from: "09:00".to_owned(), to: "17:00".to_owned() };
    let week = [Monday, Tuesday, Wednesday, Thursday, Friday].map(day);
    WorkingTime::of_calendar(TimeZone::get("Europe/Berlin").expect("a zone"), &week, &[])
}

/// Office hours in Berlin, or around the clock.
fn calendars() -> impl Strategy<Value = Clockwork> {
    any::<bool>().prop_map(|in_the_office| {
        let clockwork = clockwork("Europe/Berlin");
        match in_the_office {
            true => Clockwork { working: office(), ..clockwork },
            false => clockwork,
        }
    })
}

proptest! {
    #[test]
    fn the_tightest_target_is_met_and_any_tighter_one_is_not(
        clockwork in calendars(), made in 0i64..20_000_000, took in 0i64..900_000_000, grace in 0i64..100_000,
        day in any::<bool>(),
    ) {
        let precision = if day { Precision::Day } else { Precision::Second };
        let made_at = at("2026-01-01T00:00:00.250Z").plus(TimeDelta::seconds(made));
        let fulfilled_at = made_at.plus(TimeDelta::milliseconds(took));
        let status = |target: f64| {
            let given = Version { target, precision, grace_seconds: grace, ..version(1, "2026-01-01T00:00:00Z") };
            let occasion = Occasion {
                made_at, due_at: None, fulfilled_at: Some(fulfilled_at), value: None, breaks_at: None,
                is_withdrawn: false,
            };
            judge(&given, &clockwork, &occasion, at("2030-01-01T00:00:00Z")).expect("a judgement")
        };
        let tightest = status(3600.0).tightest.expect("it was fulfilled");
        prop_assert_eq!(status(tightest).status, Kept);
        prop_assert!(tightest <= 1.0 || status(tightest - 1.0).status == Broken);
    }
}

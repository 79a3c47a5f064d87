//! How clauses are written, accepted and confirmed, and when they should be looked at again. Pure:
//! no HTTP, no SQL.

mod check;
mod measure;

pub use check::{check_change, may_remove};
pub use measure::{Measure, Said};

use super::types::{Confirmation, Expectation, ExpectationChange, ExpectationId, NewExpectation, StaleReason};
use crate::agreements::rules::invalid_state;
use crate::agreements::types::{AgreementStatus, Side, VersionStatus, VersionSummary};
use crate::shared::db::Stored;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::id::AgreementId;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use serde_json::Value;

fn broken(pointer: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: Some(format!("#{pointer}")),
        code: Code::RuleViolated.name().to_owned(),
        detail: detail.to_owned(),
        ..FieldError::default()
    }
}

/// One refusal for all that is wrong.
fn all_at_once(wrong: Vec<FieldError>) -> Error {
    let detail = wrong.first().map(|first| first.detail.clone()).unwrap_or_default();
    Error::new(Code::RuleViolated, detail).fields(wrong)
}

/// What is agreed in a clause. The marks of acceptance and confirmation, and the day of the next
/// look at it, are about the clause and change without it.
pub const TERMS: [&str; 11] = [
    "direction",
    "dimension",
    "text",
    "metric",
    "comparison",
    "target",
    "target_duration",
    "unit",
    "reliability",
    "is_gate",
    "depends_on",
];

/// The clause as it is agreed, signed and compared: `TERMS`, and its id and number.
pub fn content(clause: &Expectation) -> Value {
    let Ok(Value::Object(mut members)) = serde_json::to_value(clause) else {
        return Value::Null;
    };
    members.retain(|name, _| matches!(name.as_str(), "id" | "position") || TERMS.contains(&name.as_str()));
    Value::Object(members)
}

/// The version asked for, if it is among those the caller sees; else the one being negotiated or
/// signed, the one in force, or the last one.
pub fn version_to_show(versions: &[VersionSummary], wanted: Option<i64>) -> Option<i64> {
    use VersionStatus::{Agreed, InForce, Open};
    let last = |status: &[VersionStatus]| versions.iter().rev().find(|version| status.contains(&version.status));
    let found = match wanted {
        Some(wanted) => versions.iter().find(|version| version.version == wanted),
        None => last(&[Open, Agreed]).or_else(|| last(&[InForce])).or(versions.last()),
    };
    found.map(|version| version.version)
}

/// Where a clause stands.
pub struct Place {
    pub id: ExpectationId,
    pub agreement: AgreementId,
    pub version: i64,
    pub position: i64,
}

impl Place {
    /// The new clause there. Whoever writes it accepts it.
    pub fn write(self, new: &NewExpectation, side: Side, now: Timestamp) -> Expectation {
        let accepted = |by: Side| (by == side).then_some(now);
        Expectation {
            id: self.id,
            agreement_id: self.agreement,
            version: self.version,
            position: self.position,
            direction: new.direction,
            dimension: new.dimension,
            text: new.text.clone(),
            metric: new.metric,
            comparison: new.comparison,
            target: new.target,
            target_duration: new.target_duration,
            unit: new.unit.clone(),
            reliability: new.reliability,
            is_gate: new.is_gate,
            depends_on: Stored(new.depends_on.clone()),
            review_by: new.review_by,
            accepted_by_us_at: accepted(Side::Us),
            accepted_by_supplier_at: accepted(Side::Supplier),
            confirmed_by_us_at: None,
            confirmed_by_supplier_at: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The clause with the change on it; the same when nothing differs. A clause that reads differently
/// is accepted by the side that changed it, and by nobody else.
pub fn changed(before: &Expectation, change: &ExpectationChange, side: Side, now: Timestamp) -> Expectation {
    let mut after = before.clone();
    change.direction.apply(&mut after.direction);
    change.dimension.apply(&mut after.dimension);
    change.text.apply(&mut after.text);
    change.is_gate.apply(&mut after.is_gate);
    change.depends_on.apply(&mut after.depends_on.0);
    change.metric.apply(&mut after.metric);
    change.comparison.apply(&mut after.comparison);
    change.target.apply(&mut after.target);
    change.target_duration.apply(&mut after.target_duration);
    change.unit.apply(&mut after.unit);
    change.reliability.apply(&mut after.reliability);
    change.review_by.apply(&mut after.review_by);
    if after == *before {
        return after;
    }
    Expectation {
        accepted_by_us_at: (side == Side::Us).then_some(now),
        accepted_by_supplier_at: (side == Side::Supplier).then_some(now),
        confirmed_by_us_at: None,
        confirmed_by_supplier_at: None,
        revision: before.revision + 1,
        updated_at: now,
        ..after
    }
}

/// The clause accepted by a side; the same when it was already.
pub fn accepted(before: &Expectation, side: Side, now: Timestamp) -> Expectation {
    let mut after = before.clone();
    let mark = match side {
        Side::Us => &mut after.accepted_by_us_at,
        Side::Supplier => &mut after.accepted_by_supplier_at,
    };
    match mark {
        Some(_) => after,
        None => {
            *mark = Some(now);
            Expectation { revision: before.revision + 1, updated_at: now, ..after }
        }
    }
}

/// The clause in force, confirmed by a side. The day to ask again is for the organisation to set.
pub fn confirmed(
    before: &Expectation,
    side: Side,
    confirmation: &Confirmation,
    now: Timestamp,
    today: NaiveDate,
) -> Result<Expectation> {
    let wrong = |code, detail| Err(Error::rule(code, "/review_by", detail));
    match confirmation.review_by {
        Some(_) if side == Side::Supplier => return wrong(Code::Forbidden, "Set by staff only."),
        Some(day) if day <= today => return wrong(Code::RuleViolated, "It is a day to come."),
        _ => {}
    }
    let mut after = Expectation {
        review_by: confirmation.review_by.or(before.review_by),
        revision: before.revision + 1,
        updated_at: now,
        ..before.clone()
    };
    match side {
        Side::Us => after.confirmed_by_us_at = Some(now),
        Side::Supplier => after.confirmed_by_supplier_at = Some(now),
    }
    Ok(after)
}

/// Only what is in force can still hold.
pub fn must_be_in_force(status: AgreementStatus) -> Result<()> {
    use AgreementStatus::{Active, Amending, Expiring};
    match status {
        Active | Amending | Expiring => Ok(()),
        _ => Err(invalid_state("No clause of this agreement is in force.", status)),
    }
}

/// The clauses that a side has not accepted as they read.
pub fn not_accepted(clauses: &[Expectation], side: Side) -> Vec<&Expectation> {
    let is_open = |clause: &&Expectation| match side {
        Side::Us => clause.accepted_by_us_at.is_none(),
        Side::Supplier => clause.accepted_by_supplier_at.is_none(),
    };
    clauses.iter().filter(is_open).collect()
}

/// Why a clause in force is stale, and for how many days by the oldest of the reasons. Agreeing on
/// a version confirms all its clauses; `older_than` is how long that holds.
pub fn staleness(
    clause: &Expectation,
    agreed_at: Option<Timestamp>,
    now: Timestamp,
    today: NaiveDate,
    older_than: chrono::TimeDelta,
) -> (Vec<StaleReason>, i64) {
    let unconfirmed = |mark: Option<Timestamp>| {
        let since = now.instant() - mark.max(agreed_at).unwrap_or(clause.created_at).instant() - older_than;
        (since > chrono::TimeDelta::zero()).then(|| since.num_days())
    };
    let overdue = clause.review_by.map(|day| (today - day).num_days()).filter(|days| *days > 0);
    let all = [
        (StaleReason::ReviewOverdue, overdue),
        (StaleReason::NotConfirmedByUs, unconfirmed(clause.confirmed_by_us_at)),
        (StaleReason::NotConfirmedBySupplier, unconfirmed(clause.confirmed_by_supplier_at)),
    ];
    let found = || all.iter().filter_map(|(reason, days)| days.map(|days| (*reason, days)));
    (found().map(|(reason, _)| reason).collect(), found().map(|(_, days)| days).max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::types::{Dimension, Direction, Direction::SupplierToUs};
    use super::*;
    use crate::shared::change::Change;
    use crate::shared::clock::Clock;
    use chrono::TimeDelta;

    pub fn clause(direction: Direction) -> Expectation {
        let clock = Clock::system();
        let new = NewExpectation {
            direction,
            dimension: Dimension::Reliability,
            text: "Something".to_owned(),
            metric: None,
            comparison: None,
            target: None,
            target_duration: None,
            unit: None,
            reliability: None,
            is_gate: false,
            depends_on: Vec::new(),
            review_by: None,
        };
        let (id, agreement) = (ExpectationId::new(&clock), AgreementId::new(&clock));
        Place { id, agreement, version: 1, position: 1 }.write(&new, Side::Us, clock.now())
    }

    #[test]
    fn who_changes_a_clause_accepts_it_alone_and_who_changes_nothing_leaves_it() {
        let now = Clock::system().now();
        let before = Expectation { accepted_by_supplier_at: Some(now), ..clause(SupplierToUs) };
        let same = ExpectationChange { text: Change::Set("Something".to_owned()), ..Default::default() };
        assert_eq!(changed(&before, &same, Side::Supplier, now), before);
        let other = ExpectationChange { text: Change::Set("Else".to_owned()), ..Default::default() };
        let after = changed(&before, &other, Side::Supplier, now);
        assert_eq!((after.accepted_by_us_at, after.accepted_by_supplier_at), (None, Some(now)));
        assert_eq!((after.revision, not_accepted(std::slice::from_ref(&after), Side::Us).len()), (2, 1));
        let again = accepted(&after, Side::Us, now);
        assert_eq!((again.revision, not_accepted(std::slice::from_ref(&again), Side::Us).len()), (3, 0));
        assert_eq!(accepted(&again, Side::Us, now), again);
    }

    #[test]
    fn a_clause_is_stale_when_its_day_has_passed_or_a_side_was_silent_for_too_long() {
        let now = Clock::system().now();
        let today = now.instant().date_naive();
        let (year, ago) = (TimeDelta::days(365), |days| Some(now.plus(-TimeDelta::days(days))));
        let check = |clause: &Expectation, agreed| staleness(clause, agreed, now, today, year);
        let fresh = clause(SupplierToUs);
        assert_eq!(check(&fresh, ago(365)), (vec![], 0));
        let (us, them) = (StaleReason::NotConfirmedByUs, StaleReason::NotConfirmedBySupplier);
        assert_eq!(check(&fresh, ago(367)), (vec![us, them], 2));
        let ours = Expectation { confirmed_by_us_at: ago(10), ..fresh.clone() };
        assert_eq!(check(&ours, ago(400)), (vec![them], 35));
        assert_eq!(check(&ours, ago(20)), (vec![], 0), "agreeing confirms everything");
        let due = Expectation { review_by: Some(today), ..ours.clone() };
        assert_eq!(check(&due, ago(20)), (vec![], 0));
        let overdue = Expectation { review_by: Some(today - TimeDelta::days(3)), ..ours };
        assert_eq!(check(&overdue, ago(20)), (vec![StaleReason::ReviewOverdue], 3));
    }

    #[test]
    fn marks_and_dates_are_not_part_of_what_is_agreed() {
        let now = Clock::system().now();
        let before = clause(SupplierToUs);
        let marked = Expectation {
            confirmed_by_us_at: Some(now),
            review_by: Some(now.instant().date_naive()),
            ..before.clone()
        };
        assert_eq!(content(&accepted(&marked, Side::Supplier, now)), content(&before));
        assert_ne!(content(&Expectation { is_gate: true, ..before.clone() }), content(&before));
        let members: std::collections::BTreeSet<_> =
            content(&before).as_object().expect("an object").keys().cloned().collect();
        assert_eq!(members, TERMS.iter().chain(["id", "position"].iter()).map(|name| (*name).to_owned()).collect());
    }
}

//! What clauses may say, and when they should be looked at again. Pure: no HTTP, no SQL.

use super::types::{
    Comparison, Confirmation, Expectation, ExpectationChange, ExpectationId, Metric, NewExpectation, StaleReason,
};
use crate::agreements::types::Side;
use crate::shared::change::{Change, NullableChange};
use crate::shared::db::Stored;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::id::AgreementId;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How many clauses a version may have.
pub const MOST: usize = 200;

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

/// The clause as it is agreed, signed and compared: `TERMS` with its id and number.
pub fn content(clause: &Expectation) -> Value {
    let Ok(Value::Object(mut members)) = serde_json::to_value(clause) else {
        return Value::Null;
    };
    members.retain(|name, _| matches!(name.as_str(), "id" | "position") || TERMS.contains(&name.as_str()));
    Value::Object(members)
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
    set(&mut after.direction, &change.direction);
    set(&mut after.dimension, &change.dimension);
    set(&mut after.text, &change.text);
    set(&mut after.is_gate, &change.is_gate);
    set(&mut after.depends_on.0, &change.depends_on);
    set_or_clear(&mut after.metric, &change.metric);
    set_or_clear(&mut after.comparison, &change.comparison);
    set_or_clear(&mut after.target, &change.target);
    set_or_clear(&mut after.target_duration, &change.target_duration);
    set_or_clear(&mut after.unit, &change.unit);
    set_or_clear(&mut after.reliability, &change.reliability);
    set_or_clear(&mut after.review_by, &change.review_by);
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

fn set<T: Clone>(member: &mut T, change: &Change<T>) {
    if let Change::Set(value) = change {
        *member = value.clone();
    }
}

fn set_or_clear<T: Clone>(member: &mut Option<T>, change: &NullableChange<T>) {
    match change {
        NullableChange::Keep => {}
        NullableChange::Clear => *member = None,
        NullableChange::Set(value) => *member = Some(value.clone()),
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

/// What of a clause is measured fits together. All that does not is named at once.
pub fn check_measure(clause: &Expectation) -> Result<()> {
    let mut wrong = Vec::new();
    let mut require = |holds: bool, member: &str, detail: &str| {
        if !holds {
            wrong.push(broken(&format!("/{member}"), detail));
        }
    };
    let metric = clause.metric;
    let is_duration = metric == Some(Metric::Duration);
    let has_unit = matches!(metric, Some(Metric::Rating | Metric::Count));
    match metric {
        None => {
            let unmeasured = "Only together with `metric`.";
            require(clause.comparison.is_none(), "comparison", unmeasured);
            require(clause.target.is_none(), "target", unmeasured);
            require(clause.target_duration.is_none(), "target_duration", unmeasured);
            require(clause.unit.is_none(), "unit", unmeasured);
            require(clause.reliability.is_none(), "reliability", unmeasured);
        }
        Some(_) => {
            require(clause.comparison.is_some(), "comparison", "What is measured is compared: say how.");
            require(clause.reliability.is_some(), "reliability", "What is measured has a reliability.");
            require(has_unit || clause.unit.is_none(), "unit", "Only ratings and counts have a unit.");
        }
    }
    if is_duration {
        let longer = clause.target_duration.is_some_and(|target| target.seconds() > 0);
        require(longer, "target_duration", "A duration has a target longer than nothing.");
        require(clause.target.is_none(), "target", "The target of a duration is `target_duration`.");
        require(clause.comparison != Some(Comparison::AtLeast), "comparison", "A duration is `at_most`.");
    } else if let Some(metric) = metric {
        require(clause.target_duration.is_none(), "target_duration", "Only a duration has it: use `target`.");
        let fits = clause.target.is_some_and(|target| match metric {
            Metric::Proportion => (0.0..=1.0).contains(&target),
            Metric::Count => target.fract() == 0.0,
            _ => true,
        });
        require(fits, "target", "A proportion has a target from 0 to 1, a count a whole one, a rating one.");
    }
    all_at_once(wrong)
}

fn broken(pointer: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: Some(format!("#{pointer}")),
        code: Code::RuleViolated.name().to_owned(),
        detail: detail.to_owned(),
        ..FieldError::default()
    }
}

fn all_at_once(wrong: Vec<FieldError>) -> Result<()> {
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(Code::RuleViolated, first.detail.clone()).fields(wrong)),
    }
}

/// Dependencies lead to clauses of the same version that the other side owes, and never round in
/// a circle. `clauses` is the whole version with `changed` as it would be.
pub fn check_dependencies(clauses: &[Expectation], changed: ExpectationId) -> Result<()> {
    let by_id: BTreeMap<_, _> = clauses.iter().map(|clause| (clause.id, clause)).collect();
    let Some(clause) = by_id.get(&changed) else {
        return Ok(());
    };
    for (place, other) in clause.depends_on.iter().enumerate() {
        let at = format!("/depends_on/{place}");
        match by_id.get(other) {
            None => return Err(Error::rule(Code::InvalidReference, &at, "This version has no such clause.")),
            Some(other) if other.direction.owed_by() == clause.direction.owed_by() => {
                let detail = "A clause depends on clauses that the other side owes.";
                return Err(Error::rule(Code::RuleViolated, &at, detail));
            }
            Some(_) => {}
        }
    }
    let owed_by = clause.direction.owed_by();
    let backing = |other: &&Expectation| other.depends_on.contains(&changed) && other.direction.owed_by() == owed_by;
    if let Some(other) = clauses.iter().find(backing) {
        let detail = format!("Clause {} depends on it as one that the other side owes.", other.position);
        return Err(Error::rule(Code::RuleViolated, "/direction", detail));
    }
    match reaches_itself(&by_id, changed) {
        true => Err(Error::rule(Code::RuleViolated, "/depends_on", "Clauses cannot depend on each other in a circle.")),
        false => Ok(()),
    }
}

fn reaches_itself(by_id: &BTreeMap<ExpectationId, &Expectation>, start: ExpectationId) -> bool {
    let next = |id: &ExpectationId| by_id.get(id).map(|clause| clause.depends_on.0.clone()).unwrap_or_default();
    let (mut seen, mut ahead) = (BTreeSet::new(), next(&start));
    while let Some(id) = ahead.pop() {
        if id == start {
            return true;
        }
        if seen.insert(id) {
            ahead.extend(next(&id));
        }
    }
    false
}

/// A clause that others depend on stays until they do not.
pub fn may_remove(clauses: &[Expectation], removed: ExpectationId) -> Result<()> {
    let others = clauses.iter().filter(|clause| clause.depends_on.contains(&removed));
    let numbers: Vec<_> = others.map(|clause| clause.position).collect();
    match &numbers[..] {
        [] => Ok(()),
        _ => Err(Error::new(Code::InUse, "Other clauses depend on it.").with("clauses", numbers)),
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

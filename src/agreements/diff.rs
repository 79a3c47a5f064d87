//! What differs between two versions of an agreement, for programs and in sentences. Pure: no
//! HTTP, no SQL.

use super::expectations::{Direction, Expectation, ExpectationId, content};
use crate::shared::history::FieldChange;
use crate::shared::id::AgreementId;
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What differs between two versions of an agreement.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct VersionDiff {
    /// The agreement.
    pub agreement_id: AgreementId,
    /// The version as it is after the changes.
    pub version: i64,
    /// The version before them; null when there is none: then everything is new.
    pub against: Option<i64>,
    /// The terms that differ.
    pub terms: Vec<FieldChange>,
    /// The clauses that differ, by number.
    pub clauses: Vec<ClauseDiff>,
    /// The same to read: a sentence per difference, terms first.
    pub lines: Vec<String>,
}

/// What happened to a clause between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClauseChange {
    Added,
    Removed,
    Changed,
}

/// How a clause differs between two versions.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct ClauseDiff {
    /// The clause.
    pub expectation_id: ExpectationId,
    /// Its number.
    pub position: i64,
    /// Who owes it to whom; after the change, if that is what changed.
    pub direction: Direction,
    /// What happened to it.
    pub change: ClauseChange,
    /// The members that differ; of an added or removed clause, those it has.
    pub members: Vec<FieldChange>,
}

/// Terms and clauses of a version.
pub struct Content<'a, T> {
    pub terms: &'a T,
    pub clauses: &'a [Expectation],
}

/// What differs: `at` names the agreement, the version and the one before.
pub fn diff<T: Serialize>(
    at: (AgreementId, i64, Option<i64>),
    before: Option<Content<T>>,
    after: Content<T>,
) -> VersionDiff {
    let (terms_before, clauses_before) = match &before {
        Some(before) => (members(before.terms), before.clauses),
        None => (Map::new(), &[][..]),
    };
    let terms = differences(&terms_before, &members(after.terms));
    let clauses = compare(clauses_before, after.clauses);
    let numbers: BTreeMap<_, _> = clauses_before.iter().chain(after.clauses).map(|it| (it.id, it.position)).collect();
    let about_terms = terms.iter().map(|change| sentence("The ", change, &numbers));
    let lines = about_terms.chain(clauses.iter().flat_map(|clause| sentences(clause, &numbers))).collect();
    VersionDiff { agreement_id: at.0, version: at.1, against: at.2, terms, clauses, lines }
}

fn members(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// The members that differ; an empty list is as good as none.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldChange> {
    let given = |side: &Map<String, Value>, name: &str| {
        side.get(name).filter(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())).cloned()
    };
    let names = after.keys().chain(before.keys().filter(|name| !after.contains_key(*name)));
    let changes = names.filter_map(|name| {
        let (before, after) = (given(before, name), given(after, name));
        let path = format!("/{name}");
        (before != after).then(|| FieldChange { path, before: before.map(Any), after: after.map(Any) })
    });
    changes.collect()
}

fn compare(before: &[Expectation], after: &[Expectation]) -> Vec<ClauseDiff> {
    let by_id = |clauses: &[Expectation]| -> BTreeMap<_, _> {
        clauses.iter().map(|clause| (clause.id, clause.clone())).collect()
    };
    let (old, new) = (by_id(before), by_id(after));
    let ids = new.keys().chain(old.keys().filter(|id| !new.contains_key(*id)));
    let mut found: Vec<_> = ids.filter_map(|id| clause_diff(old.get(id), new.get(id))).collect();
    found.sort_by_key(|clause| clause.position);
    found
}

fn clause_diff(before: Option<&Expectation>, after: Option<&Expectation>) -> Option<ClauseDiff> {
    let shown = after.or(before)?;
    let agreed = |clause: Option<&Expectation>| {
        let mut members = clause.map(|clause| members(&content(clause))).unwrap_or_default();
        members.retain(|name, _| name != "id" && name != "position");
        members
    };
    let change = match (before, after) {
        (None, _) => ClauseChange::Added,
        (_, None) => ClauseChange::Removed,
        _ => ClauseChange::Changed,
    };
    let members = differences(&agreed(before), &agreed(after));
    let (expectation_id, position, direction) = (shown.id, shown.position, shown.direction);
    (!members.is_empty()).then_some(ClauseDiff { expectation_id, position, direction, change, members })
}

type Numbers = BTreeMap<ExpectationId, i64>;

fn sentences(clause: &ClauseDiff, numbers: &Numbers) -> Vec<String> {
    let direction = text(&serde_json::to_value(clause.direction).unwrap_or_default(), numbers);
    let name = format!("Clause {} ({direction})", clause.position);
    let wording = |of: fn(&FieldChange) -> &Option<Any<Value>>| {
        let found = clause.members.iter().find(|change| change.path == "/text");
        found.and_then(|change| of(change).as_ref()).map(|said| text(&said.0, numbers)).unwrap_or_default()
    };
    match clause.change {
        ClauseChange::Added => vec![format!("{name} is new: {}", wording(|change| &change.after))],
        ClauseChange::Removed => vec![format!("{name} is gone: {}", wording(|change| &change.before))],
        ClauseChange::Changed => {
            clause.members.iter().map(|change| sentence(&format!("{name}: "), change, numbers)).collect()
        }
    }
}

/// `Clause 3 (supplier_to_customer): target was P2D, is P1D.`
fn sentence(subject: &str, change: &FieldChange, numbers: &Numbers) -> String {
    let member = match change.path.trim_start_matches('/') {
        "target_duration" => "target".to_owned(),
        "is_gate" => "gate".to_owned(),
        "starts_on" => "first day".to_owned(),
        "ends_on" => "last day".to_owned(),
        name => name.trim_end_matches("_id").replace('_', " "),
    };
    let said = |value: &Option<Any<Value>>| value.as_ref().map_or("none".to_owned(), |value| text(&value.0, numbers));
    format!("{subject}{member} was {}, is {}.", said(&change.before), said(&change.after))
}

/// A value as people read it: clauses by their numbers, texts in quotes, the rest as it is.
fn text(value: &Value, numbers: &Numbers) -> String {
    match value {
        Value::String(text) => number(text, numbers).unwrap_or_else(|| text.clone()),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(items) => items.iter().map(|item| text(item, numbers)).collect::<Vec<_>>().join(", "),
        // An item of the service code.
        Value::Object(item) if item.contains_key("kind") => {
            let said = |name: &str| item.get(name).map(|value| text(value, numbers)).unwrap_or_default();
            format!("{}: {}", said("kind"), said("text"))
        }
        Value::Object(members) => {
            let parts = members.iter().filter(|(_, value)| !value.is_null());
            parts.map(|(name, value)| format!("{name} {}", text(value, numbers))).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn number(text: &str, numbers: &Numbers) -> Option<String> {
    let id = crate::shared::id::parse(text).map(ExpectationId)?;
    numbers.get(&id).map(|number| format!("clause {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreements::expectations::{Comparison, Dimension, Metric, NewExpectation, Place};
    use crate::agreements::types::Side;
    use crate::shared::clock::Clock;
    use crate::shared::db::Stored;
    use crate::shared::duration::Duration;
    use proptest::prelude::*;
    use serde_json::json;

    fn clause(position: i64) -> Expectation {
        let clock = Clock::system();
        let new = NewExpectation {
            direction: Direction::SupplierToCustomer,
            dimension: Dimension::Responsiveness,
            text: format!("Thing {position}"),
            metric: Some(Metric::Duration),
            comparison: Some(Comparison::AtMost),
            target: None,
            target_duration: Some(Duration::of_seconds(48 * 3600)),
            unit: None,
            reliability: Some(0.95),
            is_gate: false,
            depends_on: Vec::new(),
            review_by: None,
        };
        let (id, agreement) = (ExpectationId::new(&clock), AgreementId::new(&clock));
        Place { id, agreement, version: 1, position }.write(&new, Side::Us, clock.now())
    }

    fn between(before: (&Value, &[Expectation]), after: (&Value, &[Expectation])) -> VersionDiff {
        diff(
            (AgreementId::new(&Clock::system()), 2, Some(1)),
            Some(Content { terms: before.0, clauses: before.1 }),
            Content { terms: after.0, clauses: after.1 },
        )
    }

    #[test]
    fn terms_and_clauses_are_compared_member_by_member_and_in_words() {
        let (kept, changed, gone, new) = (clause(1), clause(3), clause(2), clause(4));
        let sooner = Expectation {
            target_duration: Some(Duration::of_seconds(24 * 3600)),
            is_gate: true,
            depends_on: Stored(vec![kept.id]),
            ..changed.clone()
        };
        let terms = json!({"title": "Service", "ends_on": null, "service_code": []});
        let longer = json!({"title": "Service", "ends_on": "2027-12-31", "service_code": []});
        let found = between((&terms, &[kept.clone(), gone.clone(), changed]), (&longer, &[kept, sooner, new]));
        assert_eq!(found.terms.iter().map(|change| &*change.path).collect::<Vec<_>>(), ["/ends_on"]);
        let clauses: Vec<_> = found.clauses.iter().map(|clause| (clause.position, clause.change)).collect();
        let expected = [(2, ClauseChange::Removed), (3, ClauseChange::Changed), (4, ClauseChange::Added)];
        assert_eq!(clauses, expected);
        assert_eq!(
            found.lines,
            [
                "The last day was none, is 2027-12-31.",
                "Clause 2 (supplier_to_customer) is gone: Thing 2",
                "Clause 3 (supplier_to_customer): target was P2D, is P1D.",
                "Clause 3 (supplier_to_customer): gate was no, is yes.",
                "Clause 3 (supplier_to_customer): depends on was none, is clause 1.",
                "Clause 4 (supplier_to_customer) is new: Thing 4",
            ]
        );
    }

    #[test]
    fn marks_make_no_difference() {
        let before = clause(1);
        let now = Clock::system().now();
        let after = Expectation { version: 2, revision: 9, accepted_by_supplier_at: Some(now), ..before.clone() };
        let terms = json!({"title": "Service"});
        let found = between((&terms, &[before]), (&terms, &[after]));
        assert_eq!((found.terms, found.clauses, found.lines), (vec![], vec![], vec![]));
    }

    #[test]
    fn against_nothing_everything_is_new() {
        let (terms, clauses) = (json!({"title": "Service", "ends_on": null}), [clause(1)]);
        let after = Content { terms: &terms, clauses: &clauses };
        let found = diff((AgreementId::new(&Clock::system()), 1, None), None, after);
        assert_eq!((found.terms.len(), found.clauses.len(), found.against), (1, 1, None));
    }

    proptest! {
        /// Back again is the same difference with before and after exchanged.
        #[test]
        fn a_difference_can_be_read_backwards(before in prop::collection::vec(0u8..3, 6), after in prop::collection::vec(0u8..3, 6)) {
            let all: Vec<_> = (1..=6).map(clause).collect();
            let take = |states: &[u8]| -> Vec<Expectation> {
                let there = all.iter().zip(states).filter(|(_, state)| **state > 0);
                there.map(|(clause, state)| Expectation { is_gate: *state == 2, ..clause.clone() }).collect()
            };
            let terms = json!({});
            let (before, after) = (take(&before), take(&after));
            let there = between((&terms, &before), (&terms, &after));
            let back = between((&terms, &after), (&terms, &before));
            prop_assert_eq!(there.clauses.len(), back.clauses.len());
            for (one, other) in there.clauses.iter().zip(&back.clauses) {
                prop_assert_eq!(one.expectation_id, other.expectation_id);
                for (change, reverse) in one.members.iter().zip(&other.members) {
                    prop_assert_eq!((&change.path, &change.before, &change.after), (&reverse.path, &reverse.after, &reverse.before));
                }
            }
        }
    }
}

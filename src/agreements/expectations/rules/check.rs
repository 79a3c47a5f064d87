//! What clauses may say, and on what they may depend.

use super::super::types::{Expectation, ExpectationId};
use super::{Said, all_at_once, broken};
use crate::shared::error::{Code, Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// How many clauses a version may have.
pub const MOST: usize = 200;

/// What of a clause is measured fits together. All that does not is named at once.
fn check_measure(clause: &Expectation) -> Result<()> {
    let Some(metric) = clause.metric else {
        let said = [
            ("comparison", clause.comparison.is_some()),
            ("target", clause.target.is_some()),
            ("target_duration", clause.target_duration.is_some()),
            ("unit", clause.unit.is_some()),
            ("reliability", clause.reliability.is_some()),
        ];
        let wrong = said.iter().filter(|(_, is_said)| *is_said);
        let wrong: Vec<_> =
            wrong.map(|(name, _)| broken(&format!("/{name}"), "Only together with `metric`.")).collect();
        return if wrong.is_empty() { Ok(()) } else { Err(all_at_once(wrong)) };
    };
    let said = Said {
        metric,
        comparison: clause.comparison,
        target: clause.target,
        target_duration: clause.target_duration,
        unit: clause.unit.clone(),
        reliability: clause.reliability,
    };
    said.checked().map(drop)
}

/// The clause, as it would be, in its version with all the others.
pub fn check_change(mut clauses: Vec<Expectation>, clause: &Expectation) -> Result<()> {
    check_measure(clause)?;
    clauses.retain(|other| other.id != clause.id);
    if clauses.len() >= MOST {
        return Err(Error::new(Code::RuleViolated, format!("A version has at most {MOST} clauses.")));
    }
    clauses.push(clause.clone());
    check_dependencies(&clauses, clause.id)
}

/// Dependencies lead to clauses of the same version that the other side owes, and never round in
/// a circle. `clauses` is the whole version with `changed` as it would be.
fn check_dependencies(clauses: &[Expectation], changed: ExpectationId) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::super::super::types::Direction::{SupplierToCustomer, SupplierToUs, UsToSupplier};
    use super::super::super::types::{Comparison, Metric};
    use super::super::tests::clause;
    use super::*;
    use crate::shared::db::Stored;
    use crate::shared::duration::Duration;
    use proptest::prelude::*;

    fn measured(metric: Metric) -> Expectation {
        Expectation {
            metric: Some(metric),
            comparison: Some(Comparison::AtMost),
            target: (metric != Metric::Duration).then_some(1.0),
            target_duration: (metric == Metric::Duration).then_some(Duration::of_seconds(60)),
            reliability: Some(0.95),
            ..clause(SupplierToUs)
        }
    }

    fn pointers(refused: Result<()>) -> Vec<String> {
        refused
            .map(|()| Vec::new())
            .unwrap_or_else(|error| error.fields.iter().filter_map(|field| field.pointer.clone()).collect())
    }

    #[test]
    fn every_metric_can_be_said_and_so_can_none() {
        assert!(check_measure(&clause(SupplierToUs)).is_ok());
        for metric in [Metric::Duration, Metric::Proportion, Metric::Rating, Metric::Count] {
            assert!(check_measure(&measured(metric)).is_ok(), "{metric:?}");
        }
    }

    #[test]
    fn everything_that_does_not_fit_the_metric_is_named_at_once() {
        let duration = measured(Metric::Duration);
        let bare = |metric| Expectation { metric: Some(metric), ..clause(SupplierToUs) };
        assert_eq!(
            pointers(check_measure(&bare(Metric::Duration))),
            ["#/comparison", "#/reliability", "#/target_duration"]
        );
        assert_eq!(pointers(check_measure(&bare(Metric::Rating))), ["#/comparison", "#/reliability", "#/target"]);
        let unmeasured = Expectation { metric: None, unit: Some("h".to_owned()), ..duration.clone() };
        let members = ["#/comparison", "#/target_duration", "#/unit", "#/reliability"];
        assert_eq!(pointers(check_measure(&unmeasured)), members);
        let both = Expectation { target: Some(1.0), ..duration.clone() };
        assert_eq!(pointers(check_measure(&both)), ["#/target"]);
        let at_least = Expectation { comparison: Some(Comparison::AtLeast), ..duration.clone() };
        assert_eq!(pointers(check_measure(&at_least)), ["#/comparison"]);
        let nothing = Expectation { target_duration: Some(Duration::of_seconds(0)), ..duration };
        assert_eq!(pointers(check_measure(&nothing)), ["#/target_duration"]);
        let too_much = Expectation { target: Some(1.5), ..measured(Metric::Proportion) };
        assert_eq!(pointers(check_measure(&too_much)), ["#/target"]);
        let half = Expectation { target: Some(1.5), ..measured(Metric::Count) };
        assert_eq!(pointers(check_measure(&half)), ["#/target"]);
        assert!(check_measure(&Expectation { target: Some(1.5), ..measured(Metric::Rating) }).is_ok());
    }

    #[test]
    fn a_clause_depends_on_the_other_sides_clauses_and_never_in_a_circle() {
        let (ours, theirs, served) = (clause(UsToSupplier), clause(SupplierToUs), clause(SupplierToCustomer));
        let on = |clause: &Expectation, other: ExpectationId| Expectation {
            depends_on: Stored(vec![other]),
            ..clause.clone()
        };
        let check = |clauses: &[&Expectation]| {
            let all: Vec<_> = clauses.iter().map(|clause| (*clause).clone()).collect();
            pointers(check_dependencies(&all, clauses[0].id))
        };
        assert!(check(&[&on(&served, ours.id), &ours]).is_empty());
        assert!(check(&[&on(&ours, theirs.id), &theirs]).is_empty());
        assert_eq!(check(&[&on(&served, theirs.id), &theirs]), ["#/depends_on/0"]);
        assert_eq!(check(&[&on(&served, served.id)]), ["#/depends_on/0"]);
        assert_eq!(check(&[&on(&served, ours.id)]), ["#/depends_on/0"], "it is not there");
        assert_eq!(check(&[&on(&ours, theirs.id), &on(&theirs, ours.id)]), ["#/depends_on"]);
        let turned = Expectation { direction: SupplierToCustomer, ..ours.clone() };
        assert_eq!(check(&[&turned, &on(&theirs, ours.id)]), ["#/direction"], "another one needs it as ours");
        assert!(may_remove(&[on(&theirs, ours.id), ours.clone()], ours.id).is_err());
        assert!(may_remove(&[on(&theirs, ours.id), ours.clone()], theirs.id).is_ok());
    }

    proptest! {
        /// Adding one dependency after the other, whatever is accepted can be put into an order.
        #[test]
        fn what_is_accepted_has_no_circle(pairs in prop::collection::vec((0usize..8, 0usize..8), 0..30)) {
            let sides = [UsToSupplier, SupplierToUs];
            let mut clauses: Vec<_> = (0..8).map(|place| clause(sides[place % 2])).collect();
            for (from, to) in pairs {
                let mut tried = clauses.clone();
                let on = clauses[to].id;
                tried[from].depends_on.0.push(on);
                if check_dependencies(&tried, clauses[from].id).is_ok() {
                    clauses = tried;
                }
            }
            let mut settled = BTreeSet::new();
            for _ in 0..clauses.len() {
                let ready = clauses.iter().filter(|clause| clause.depends_on.iter().all(|id| settled.contains(id)));
                settled = ready.map(|clause| clause.id).chain(settled.iter().copied()).collect();
            }
            prop_assert_eq!(settled.len(), clauses.len());
        }
    }
}

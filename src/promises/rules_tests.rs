use super::*;
use crate::agreements::Dimension;
use crate::promises::types::{Period, Precision};
use crate::shared::clock::Clock;
use crate::shared::db::Stored;
use crate::shared::id::{AgreementId, ExpectationId, PromiseId};
use AgreementStatus::{Active, Agreed, Amending, Expired, Expiring, Proposed, Terminated};
use Direction::{SupplierToCustomer, SupplierToUs};
use chrono::TimeDelta;
use serde_json::json;

fn clock() -> Clock {
    Clock::manual("2026-11-21T09:00:00Z".parse().expect("an instant"))
}

fn now() -> Timestamp {
    clock().now()
}

fn in_hours(hours: i64) -> Timestamp {
    now().plus(TimeDelta::hours(hours))
}

fn hours(hours: i64) -> Duration {
    Duration::of_seconds(hours * 3600)
}

/// Within 48 hours, in 95 % of the cases.
fn clause(direction: Direction) -> Expectation {
    Expectation {
        id: ExpectationId::new(&clock()),
        agreement_id: AgreementId::new(&clock()),
        version: 1,
        position: 1,
        direction,
        dimension: Dimension::Reliability,
        text: "Faults are repaired within two days".to_owned(),
        metric: Some(Metric::Duration),
        comparison: Some(Comparison::AtMost),
        target: None,
        target_duration: Some(hours(48)),
        unit: None,
        reliability: Some(0.95),
        is_gate: false,
        depends_on: Stored(Vec::new()),
        review_by: None,
        accepted_by_us_at: None,
        accepted_by_supplier_at: None,
        confirmed_by_us_at: None,
        confirmed_by_supplier_at: None,
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn in_words(direction: Direction) -> Expectation {
    let (metric, comparison, target_duration, reliability) = Default::default();
    Expectation { metric, comparison, target_duration, reliability, ..clause(direction) }
}

fn signed() -> Measure {
    Measure {
        metric: Metric::Duration,
        comparison: Comparison::AtMost,
        target: 172_800.0,
        unit: None,
        reliability: 0.95,
    }
}

fn version(number: i64, effective_from: Timestamp) -> Version {
    Version {
        promise_id: PromiseId::new(&clock()),
        number,
        wording: "Within two days".to_owned(),
        metric: Metric::Duration,
        comparison: Comparison::AtMost,
        target: 172_800.0,
        unit: None,
        reliability: 0.95,
        precision: Precision::default(),
        calendar_id: None,
        grace_seconds: 0,
        period: Period::default(),
        effective_from,
        published_at: None,
        unpublished_at: None,
        approved_by: None,
        approval_reason: None,
        recheck_on: None,
        created_at: now(),
    }
}

fn pointer<T: std::fmt::Debug>(refused: Result<T>) -> String {
    let refusal = refused.expect_err("refused");
    assert_eq!(refusal.code, Code::RuleViolated);
    refusal.fields.iter().filter_map(|field| field.pointer.clone()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_version_in_force_is_the_last_that_has_begun() {
    let versions = [version(2, in_hours(0)), version(1, in_hours(-9)), version(3, in_hours(5))];
    let at = |hours| in_force(&versions, in_hours(hours)).map(|version| version.number);
    assert_eq!([at(-10), at(-9), at(-1), at(0), at(4), at(5)], [None, Some(1), Some(1), Some(2), Some(2), Some(3)]);
    let twins = [version(2, now()), version(1, now())];
    assert_eq!(in_force(&twins, now()).map(|version| version.number), Some(2));
}

#[test]
fn only_a_checked_promise_is_published_and_the_refusal_says_what_is_possible() {
    assert_eq!(Verb::Publish.apply(Checked).ok(), Some(Published));
    let refusal = Verb::Publish.apply(Draft).expect_err("not checked");
    assert_eq!(refusal.code, Code::InvalidState);
    assert_eq!(refusal.extra["current_status"], "draft");
    assert_eq!(refusal.extra["allowed"], json!(["check", "retire"]));
    for (verb, _) in Verb::ALL {
        assert!(verb.apply(Retired).is_err(), "{verb:?}");
    }
}

#[test]
fn a_new_version_of_a_checked_promise_has_to_be_checked_again() {
    assert_eq!(Verb::Revise.apply(Checked).ok(), Some(Draft));
    assert_eq!(Verb::Revise.apply(Published).ok(), Some(Published));
    assert_eq!(Verb::Revise.apply(Paused).ok(), Some(Paused));
    assert!(Verb::Revise.apply(Retired).is_err());
}

#[test]
fn every_verb_leads_where_the_table_says() {
    let table: [(Verb, &str, [Option<PromiseStatus>; 5]); 8] = [
        (Verb::Check, "promise.check", [Some(Checked), Some(Checked), Some(Published), Some(Paused), None]),
        (Verb::Publish, "promise.publish", [None, Some(Published), None, None, None]),
        (Verb::Pause, "promise.pause", [None, None, Some(Paused), None, None]),
        (Verb::Resume, "promise.resume", [None, None, None, Some(Published), None]),
        (Verb::Retire, "promise.retire", [Some(Retired), Some(Retired), Some(Retired), Some(Retired), None]),
        (Verb::Revise, "promise.revise", [Some(Draft), Some(Draft), Some(Published), Some(Paused), None]),
        (Verb::Reword, "promise.update", [Some(Draft), Some(Checked), None, None, None]),
        (Verb::Delete, "promise.delete", [Some(Draft), None, None, None, None]),
    ];
    for (verb, action, to) in table {
        assert_eq!(verb.action(), action);
        for (from, to) in [Draft, Checked, Published, Paused, Retired].into_iter().zip(to) {
            assert_eq!(verb.apply(from).ok(), to, "{verb:?} from {from:?}");
        }
    }
    let why = |verb: Verb, from| verb.apply(from).expect_err("refused").detail.clone();
    assert!(why(Verb::Delete, Checked).contains("Use retire"));
    assert!(why(Verb::Reword, Published).contains("by a new version"));
    assert!(why(Verb::Revise, Retired).contains("gets no new version"));
    assert_eq!(why(Verb::Pause, Draft), "Not possible while the promise is draft.");
}

#[test]
fn a_promise_between_the_two_sides_has_the_numbers_that_are_signed() {
    let nothing = NewPromiseTerms::default();
    assert_eq!(measure(&clause(SupplierToUs), &nothing).ok(), Some(signed()));
    let same = NewPromiseTerms { reliability: Some(0.95), target_duration: Some(hours(48)), ..nothing.clone() };
    assert_eq!(measure(&clause(SupplierToUs), &same).ok(), Some(signed()));
    let others = NewPromiseTerms {
        metric: Some(Metric::Count),
        comparison: Some(Comparison::AtLeast),
        target: Some(3.0),
        target_duration: Some(hours(47)),
        unit: Some("calls".to_owned()),
        reliability: Some(0.9),
        ..nothing.clone()
    };
    let named = "#/metric #/comparison #/target #/target_duration #/unit #/reliability";
    assert_eq!(pointer(measure(&clause(SupplierToUs), &others)), named);
    let one = NewPromiseTerms { reliability: Some(0.9), ..nothing.clone() };
    assert_eq!(pointer(measure(&clause(SupplierToUs), &one)), "#/reliability");
    let refused = measure(&clause(SupplierToUs), &one).expect_err("refused");
    assert_eq!(refused.fields[0].code, "rule_violated");
    assert_eq!(refused.fields[0].detail, "The signed clause says otherwise. Amend the agreement first.");
    // What is not said is taken from the clause, whatever its numbers are about.
    let count = Expectation {
        metric: Some(Metric::Count),
        comparison: Some(Comparison::AtLeast),
        target: Some(3.0),
        target_duration: None,
        unit: Some("calls".to_owned()),
        ..clause(SupplierToUs)
    };
    assert_eq!(measure(&count, &nothing).map(|signed| signed.target).ok(), Some(3.0));
    let one = NewPromiseTerms { unit: Some("visits".to_owned()), ..nothing.clone() };
    assert_eq!(pointer(measure(&count, &one)), "#/unit");
    assert_eq!(pointer(measure(&in_words(SupplierToUs), &nothing)), "#/expectation_id");
}

#[test]
fn what_customers_are_promised_is_ours_and_filled_up_from_the_clause() {
    let nothing = NewPromiseTerms::default();
    let customers = clause(SupplierToCustomer);
    assert_eq!(measure(&customers, &nothing).ok(), Some(signed()));
    let slower = NewPromiseTerms { target_duration: Some(hours(72)), ..nothing.clone() };
    assert_eq!(measure(&customers, &slower).ok(), Some(Measure { target: 259_200.0, ..signed() }));
    assert_eq!(pointer(measure(&in_words(SupplierToCustomer), &nothing)), "#/metric");
    // A duration needs no comparison; numbers of another metric say nothing about this one.
    let own = NewPromiseTerms {
        metric: Some(Metric::Duration),
        target_duration: Some(hours(2)),
        reliability: Some(0.9),
        ..nothing.clone()
    };
    let two_hours = Measure { target: 7200.0, reliability: 0.9, ..signed() };
    assert_eq!(measure(&in_words(SupplierToCustomer), &own).ok(), Some(two_hours));
    let counted = NewPromiseTerms { metric: Some(Metric::Count), ..nothing };
    assert_eq!(pointer(measure(&customers, &counted)), "#/comparison #/reliability #/target");
}

#[test]
fn grace_is_a_year_at_most_and_no_longer_than_what_is_signed() {
    let with = |direction, grace| measure(&clause(direction), &NewPromiseTerms { grace, ..Default::default() });
    assert!(with(SupplierToUs, hours(48)).is_ok());
    assert_eq!(pointer(with(SupplierToUs, hours(49))), "#/grace");
    assert!(with(SupplierToCustomer, hours(49)).is_ok());
    assert!(with(SupplierToCustomer, hours(366 * 24)).is_ok());
    assert_eq!(pointer(with(SupplierToCustomer, hours(366 * 24 + 1))), "#/grace");
}

#[test]
fn what_is_published_has_the_numbers_of_the_clause_as_it_is_signed_now() {
    let other = Measure { reliability: 0.9, ..signed() };
    assert!(!differs(SupplierToUs, Some(&clause(SupplierToUs)), &signed()));
    assert!(differs(SupplierToUs, Some(&clause(SupplierToUs)), &other));
    assert!(differs(SupplierToUs, None, &signed()));
    assert!(differs(SupplierToUs, Some(&in_words(SupplierToUs)), &signed()));
    assert!(!differs(SupplierToCustomer, None, &other));
    assert!(may_publish(SupplierToUs, Some(&clause(SupplierToUs)), &signed()).is_ok());
    assert_eq!(pointer(may_publish(SupplierToUs, Some(&clause(SupplierToUs)), &other)), "#/expectation_id");
}

#[test]
fn a_promise_is_resumed_once_its_last_version_has_begun() {
    assert!(may_resume(2, now(), now()).is_ok());
    let refusal = may_resume(2, in_hours(1), now()).expect_err("not yet");
    assert!(refusal.detail.starts_with("Version 2 takes effect later"), "{}", refusal.detail);
}

#[test]
fn promises_hang_on_agreements_in_force_with_suppliers_that_stay() {
    use SupplierStatus::{Exited, Exiting, Rejected, Suspended};
    for (agreement, wanted) in [
        (Active, true),
        (Amending, true),
        (Expiring, true),
        (Agreed, false),
        (Proposed, false),
        (Expired, false),
        (Terminated, false),
    ] {
        assert_eq!(is_in_force(agreement), wanted, "{agreement:?}");
        assert_eq!(may_promise(agreement, SupplierStatus::Active).is_ok(), wanted, "{agreement:?}");
    }
    for gone in [Suspended, Exited, Rejected] {
        assert_eq!(pointer(may_promise(Active, gone)), "#/agreement_id", "{gone:?}");
    }
    assert!(may_promise(Active, Exiting).is_ok());
}

#[test]
fn a_later_version_begins_now_or_later_and_after_the_one_before() {
    assert_eq!(effective_from(None, in_hours(-1), now()).ok(), Some(now()));
    assert_eq!(effective_from(Some(now()), in_hours(-1), now()).ok(), Some(now()));
    assert_eq!(pointer(effective_from(Some(in_hours(-1)), in_hours(-2), now())), "#/effective_from");
    let before = effective_from(Some(in_hours(3)), in_hours(3), now()).expect_err("as the one before");
    assert!(before.detail.contains("after the version before"), "{}", before.detail);
    assert_eq!(effective_from(Some(in_hours(4)), in_hours(3), now()).ok(), Some(in_hours(4)));
}

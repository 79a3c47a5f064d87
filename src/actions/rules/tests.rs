//! Terms, states and effects by example.

use super::effect::Verdict;
use super::*;
use crate::actions::types::ActionStatus::{self, Accepted, ClaimedDone, InProgress, NotEffective, Proposed};
use crate::actions::types::{ActionJudgement, EffectMethod};
use crate::feedback::whole_months;
use crate::shared::id::{PersonId, PromiseId};
use crate::shared::stats::{Rate, Window};
use crate::shared::time::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn window(from: &str, to: &str) -> Window {
    Window { from: day(from), to: day(to) }
}

fn rate(k: i64, n: i64) -> Rate {
    let as_of = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
    Rate::new(k, n, window("2026-01-01", "2026-03-31"), as_of, "Kept.")
}

fn verdict(before: (i64, i64), after: (i64, i64)) -> Result<Verdict> {
    let (before, after) = (rate(before.0, before.1), rate(after.0, after.1));
    decide(Some(Comparison { before: &before, after: &after, is_like: true }), None)
}

fn judged(effective: bool) -> ActionJudgement {
    ActionJudgement { effective, text: "I saw it.".to_owned() }
}

#[test]
fn enough_occasions_decide_alone() {
    let found = verdict((47, 80), (70, 80)).expect("a verdict");
    assert!(found.is_effective && found.method == EffectMethod::TwoProportions);
    assert!((found.z.expect("a number") - 4.101_670).abs() < 1e-5);
    assert!(!verdict((47, 80), (52, 80)).expect("a verdict").is_effective, "it may be chance");
    assert!(!verdict((70, 80), (47, 80)).expect("a verdict").is_effective, "worse");
    let nothing = verdict((30, 30), (30, 30)).expect("a verdict");
    assert_eq!((nothing.is_effective, nothing.z), (false, None));
}

#[test]
fn below_thirty_occasions_somebody_judges() {
    for (before, after) in [((10, 29), (29, 30)), ((10, 30), (29, 29)), ((0, 0), (0, 0))] {
        let refused = verdict(before, after).expect_err("nobody judged");
        assert_eq!(refused.code, Code::RuleViolated);
        let (before, after) = (rate(before.0, before.1), rate(after.0, after.1));
        let compared = Comparison { before: &before, after: &after, is_like: true };
        let found = decide(Some(compared), Some(&judged(false))).expect("a verdict");
        assert_eq!(found, Verdict { is_effective: false, method: EffectMethod::Judgement, z: None });
    }
    let (before, after) = (rate(10, 30), rate(29, 30));
    let compared = Comparison { before: &before, after: &after, is_like: true };
    decide(Some(compared), Some(&judged(false))).expect_err("the numbers decide");
    let unlike = Comparison { is_like: false, ..compared };
    decide(Some(unlike), None).expect_err("apples and pears");
    assert!(decide(Some(unlike), Some(&judged(true))).expect("a verdict").is_effective);
    decide(None, None).expect_err("nothing is counted");
    assert!(decide(None, Some(&judged(true))).expect("a verdict").is_effective);
}

#[test]
fn windows_are_whole_days() {
    assert_eq!(counted_before(day("2026-04-01"), 90), window("2026-01-01", "2026-03-31"));
    assert_eq!(counted_before(day("2026-04-01"), 1), window("2026-03-31", "2026-03-31"));
    let after = |today: &str, open: Option<&str>| counted_after(day("2026-04-01"), day(today), open.map(day));
    assert_eq!(after("2026-04-03", None), Some(window("2026-04-01", "2026-04-02")));
    assert_eq!(after("2026-04-01", None), None);
    assert_eq!(after("2026-04-09", Some("2026-04-03")), Some(window("2026-04-01", "2026-04-02")));
    assert_eq!(after("2026-04-03", Some("2026-04-09")), after("2026-04-03", None), "what is to come is not over");
    assert_eq!(after("2026-04-09", Some("2026-04-01")), None);
}

#[test]
fn satisfaction_is_counted_in_whole_months() {
    for (from, to, months) in [
        ("2026-01-01", "2026-03-31", Some(("2026-01-01", "2026-03-31"))),
        ("2026-01-02", "2026-03-30", Some(("2026-02-01", "2026-02-28"))),
        ("2026-12-31", "2027-02-01", Some(("2027-01-01", "2027-01-31"))),
        ("2026-01-02", "2026-02-27", None),
        ("2026-02-01", "2026-02-27", None),
    ] {
        let found = whole_months(window(from, to));
        assert_eq!(found, months.map(|(from, to)| window(from, to)), "{from} to {to}");
    }
}

fn terms(side: Side, metric: ActionMetric) -> ActionTerms {
    ActionTerms {
        title: "Train the drivers".to_owned(),
        description: "All of them.".to_owned(),
        side,
        owner_id: None,
        person_id: (side == Side::Supplier).then(|| PersonId(Uuid::nil())),
        due_on: day("2026-12-31"),
        metric,
    }
}

fn metric(kind: ActionMetricKind, promise: bool, target: bool, days: Option<i64>) -> ActionMetric {
    let promise_id = promise.then(|| PromiseId(Uuid::nil()));
    ActionMetric { kind, promise_id, target: target.then_some(0.95), baseline_days: days }
}

#[test]
fn a_metric_has_what_it_needs_and_nothing_else() {
    use ActionMetricKind::{Csat, Judgement, KeptRate};
    let today = day("2026-11-21");
    let refused = |metric| {
        let error = complete(terms(Side::Supplier, metric), None, today).expect_err("it is wrong");
        error.fields[0].pointer.clone().unwrap_or_default()
    };
    assert_eq!(refused(metric(KeptRate, false, true, None)), "#/metric/promise_id");
    assert_eq!(refused(metric(KeptRate, true, false, None)), "#/metric/target");
    assert_eq!(refused(metric(Csat, true, true, None)), "#/metric/promise_id");
    assert_eq!(refused(metric(Judgement, false, true, None)), "#/metric/target");
    assert_eq!(refused(metric(Judgement, false, false, Some(90))), "#/metric/baseline_days");
    let days = |metric| complete(terms(Side::Supplier, metric), None, today).expect("terms").metric.baseline_days;
    assert_eq!(days(metric(Csat, false, true, None)), Some(90));
    assert_eq!(days(metric(KeptRate, true, true, Some(30))), Some(30));
    assert_eq!(days(metric(Judgement, false, false, None)), None);
}

#[test]
fn somebody_of_the_side_that_has_to_do_it_answers_for_it() {
    let (today, owner) = (day("2026-11-21"), Some(AccountId(Uuid::nil())));
    let none = || metric(ActionMetricKind::Judgement, false, false, None);
    let ours = terms(Side::Us, none());
    assert_eq!(complete(ours.clone(), owner, today).expect("terms").owner_id, owner);
    complete(ours.clone(), None, today).expect_err("nobody");
    complete(ActionTerms { person_id: Some(PersonId(Uuid::nil())), ..ours }, owner, today).expect_err("a stranger");
    let theirs = terms(Side::Supplier, none());
    assert_eq!(complete(theirs.clone(), owner, today).expect("terms").owner_id, None);
    complete(ActionTerms { owner_id: owner, ..theirs.clone() }, None, today).expect_err("staff");
    complete(ActionTerms { person_id: None, ..theirs.clone() }, None, today).expect_err("nobody");
    complete(ActionTerms { due_on: day("2026-11-20"), ..theirs }, None, today).expect_err("in the past");
}

#[test]
fn an_action_goes_its_way_and_no_other() {
    let possible = |status: ActionStatus| {
        let all = [
            Verb::Update,
            Verb::Counter,
            Verb::Sign,
            Verb::Withdraw,
            Verb::Start,
            Verb::Claim,
            Verb::Verify,
            Verb::Resume,
            Verb::Abandon,
        ];
        all.into_iter().filter(|verb| verb.apply(status).is_ok()).collect::<Vec<_>>()
    };
    assert_eq!(possible(Proposed), [Verb::Update, Verb::Counter, Verb::Sign, Verb::Withdraw]);
    assert_eq!(possible(Accepted), [Verb::Start, Verb::Abandon]);
    assert_eq!(possible(InProgress), [Verb::Claim, Verb::Abandon]);
    assert_eq!(possible(ClaimedDone), [Verb::Verify]);
    assert_eq!(possible(NotEffective), [Verb::Resume, Verb::Abandon]);
    for ended in ENDED {
        assert_eq!(possible(ended), []);
    }
}

proptest! {
    #[test]
    fn whole_months_begin_and_end_within_the_days(from in 0i64..4000, days in 0i64..800) {
        use chrono::{Datelike, TimeDelta};
        let from = day("2020-01-01") + TimeDelta::days(from);
        let all = Window { from, to: from + TimeDelta::days(days) };
        match whole_months(all) {
            Some(months) => {
                prop_assert!(months.from >= all.from && months.to <= all.to && months.from < months.to);
                prop_assert_eq!(months.from.day(), 1);
                prop_assert_eq!(months.to.succ_opt().expect("a day").day(), 1);
                prop_assert!((months.from - all.from).num_days() < 31 && (all.to - months.to).num_days() < 31);
            }
            None => prop_assert!(days < 61),
        }
    }

    #[test]
    fn more_kept_afterwards_is_never_less_effective(n in 30i64..200, k in 0i64..200, better in 0i64..200, more in 0i64..5) {
        let (k, better) = (k.min(n), better.min(n));
        let is_effective = |after: i64| verdict((k, n), (after.min(n), n)).expect("a verdict").is_effective;
        prop_assert!(!is_effective(better) || is_effective(better + more));
    }
}

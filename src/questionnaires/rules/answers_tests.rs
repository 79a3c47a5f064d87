use super::*;
use crate::shared::error::Error;
use proptest::prelude::*;
use serde_json::{Value, json};

fn question(kind: &str, more: Value) -> Question {
    let mut question = json!({"key": "q", "kind": kind, "wording": "?", "weight": 10000});
    if ["single", "multi"].contains(&kind) {
        let choice = |(key, score): (&str, i64)| json!({"key": key, "label": key, "score": score});
        question["choices"] = [("none", 0), ("some", 40), ("many", 70)].map(choice).into();
    }
    question.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    serde_json::from_value(question).expect("a question")
}

fn given(value: Value) -> Given {
    serde_json::from_value(value).expect("a value")
}

fn pointer(error: &Error) -> String {
    error.fields[0].pointer.clone().expect("a pointer")
}

fn scale() -> Value {
    json!({"scale": {"min": -4, "max": 4, "step": 2}})
}

#[test]
fn a_question_is_answered_with_the_member_of_its_kind_only() {
    let all = [
        ("yes_no", "yes", json!(true)),
        ("scale", "number", json!(0)),
        ("number", "number", json!(2.5)),
        ("text", "text", json!("a few words")),
        ("date", "date", json!("2027-01-01")),
        ("single", "choices", json!(["some"])),
        ("multi", "choices", json!(["some", "many"])),
    ];
    for (kind, member, value) in &all {
        let question = question(kind, if *kind == "scale" { scale() } else { json!({}) });
        check_given("/value", &question, &given(json!({*member: value}))).expect("it fits");
        let missing = check_given("/value", &question, &Given::default()).expect_err("nothing is said");
        assert_eq!(pointer(&missing), format!("#/value/{member}"), "{kind}");
        for (_, other, value) in all.iter().filter(|(_, other, _)| other != member) {
            let refusal = check_given("/value", &question, &given(json!({*other: value}))).expect_err("another member");
            assert!(["yes", "number", "text", "date", "choices"].iter().any(|name| pointer(&refusal).ends_with(name)));
        }
    }
    check_given("", &question("file", json!({})), &Given::default()).expect("the evidence says it");
    let refusal = check_given("", &question("file", json!({})), &given(json!({"yes": true}))).expect_err("a file");
    assert_eq!(pointer(&refusal), "#/yes");
}

#[test]
fn a_value_is_within_its_bounds() {
    let bounds = json!({"bounds": {"min": 1, "max": 2.5}});
    let words = json!({"max_words": 3});
    for (question, value, at) in [
        (question("number", bounds.clone()), json!({"number": 0.9}), "#/number"),
        (question("number", bounds), json!({"number": 2.6}), "#/number"),
        (question("scale", scale()), json!({"number": 1}), "#/number"),
        (question("scale", scale()), json!({"number": 6}), "#/number"),
        (question("scale", scale()), json!({"number": 0.5}), "#/number"),
        (question("text", words), json!({"text": "one  two\nthree four"}), "#/text"),
        (question("single", json!({})), json!({"choices": ["some", "many"]}), "#/choices"),
        (question("multi", json!({})), json!({"choices": ["some", "all"]}), "#/choices/1"),
    ] {
        let refusal = check_given("", &question, &given(value.clone())).expect_err("refused");
        assert_eq!(pointer(&refusal), at, "{value}");
    }
}

fn judged(question: &Question, value: Value) -> Outcome {
    outcome(question, &Answered::Given(given(value)))
}

#[test]
fn a_failing_answer_knocks_out_or_is_left_to_somebody() {
    let no = question("yes_no", json!({"pass_rule": {"must_be_in": ["no"]}}));
    assert_eq!(judged(&no, json!({"yes": false})), Outcome::Pass);
    assert_eq!(judged(&no, json!({"yes": true})), Outcome::KnockOut);
    assert_eq!(outcome(&no, &Answered::NotApplicable), Outcome::Discretionary);
    let tax = question("yes_no", json!({"pass_rule": {"must_be_in": ["no"], "is_discretionary": true}}));
    assert_eq!(judged(&tax, json!({"yes": true})), Outcome::Discretionary);
    let multi = question("multi", json!({"pass_rule": {"must_be_in": ["some", "many"]}}));
    assert_eq!(judged(&multi, json!({"choices": ["many"]})), Outcome::Pass);
    assert_eq!(judged(&multi, json!({"choices": ["many", "none"]})), Outcome::KnockOut, "all of them pass");
    let level = json!({"scale": {"min": 1, "max": 5}, "pass_rule": {"must_be_in": ["4", "5"]}});
    assert_eq!(judged(&question("scale", level.clone()), json!({"number": 4})), Outcome::Pass);
    assert_eq!(judged(&question("scale", level), json!({"number": 3})), Outcome::KnockOut);
    assert_eq!(judged(&question("yes_no", json!({})), json!({"yes": true})), Outcome::NoRule);
}

fn points(question: &Question, value: Value) -> Option<f64> {
    score(question, &Answered::Given(given(value)))
}

#[test]
fn answers_have_points() {
    let good = |answer: &str| question("yes_no", json!({"good_answer": answer}));
    assert_eq!(points(&good("yes"), json!({"yes": true})), Some(100.0));
    assert_eq!(points(&good("yes"), json!({"yes": false})), Some(0.0));
    assert_eq!(points(&good("no"), json!({"yes": false})), Some(100.0));
    for (number, expected) in [(-4, 0.0), (-2, 25.0), (0, 50.0), (4, 100.0)] {
        assert_eq!(points(&question("scale", scale()), json!({"number": number})), Some(expected));
    }
    assert_eq!(points(&question("single", json!({})), json!({"choices": ["some"]})), Some(40.0));
    let multi = question("multi", json!({}));
    assert_eq!(points(&multi, json!({"choices": ["some", "none"]})), Some(40.0));
    assert_eq!(points(&multi, json!({"choices": ["some", "many"]})), Some(100.0), "100 at most");
}

#[test]
fn what_does_not_count_has_no_points() {
    assert_eq!(score(&question("scale", scale()), &Answered::NotApplicable), None);
    let idle = question("yes_no", json!({"good_answer": "yes", "weight": 0}));
    assert_eq!(points(&idle, json!({"yes": true})), None);
    for (kind, value) in [("number", json!({"number": 1})), ("text", json!({"text": "x"})), ("file", json!({}))] {
        assert_eq!(points(&question(kind, json!({})), value), None, "{kind}");
    }
}

proptest! {
    #[test]
    fn points_stay_between_0_and_100(min in -100i64..100, span in 1i64..50, step in 1i64..4, at in 0i64..50) {
        let scale = json!({"scale": {"min": min, "max": min + span * step, "step": step}});
        let question = question("scale", scale);
        let value = given(json!({"number": min + (at % (span + 1)) * step}));
        prop_assert!(check_given("", &question, &value).is_ok());
        let points = score(&question, &Answered::Given(value)).expect("points");
        prop_assert!((0.0..=100.0).contains(&points));
    }

    #[test]
    fn more_choices_never_mean_fewer_points(mask in 1usize..8, more in 0usize..3) {
        let question = question("multi", json!({}));
        let chosen = |mask: usize| {
            let keys = ["none", "some", "many"].into_iter().enumerate();
            let kept: Vec<_> = keys.filter(|(place, _)| mask >> place & 1 == 1).map(|(_, key)| key).collect();
            score(&question, &Answered::Given(given(json!({"choices": kept})))).expect("points")
        };
        prop_assert!(chosen(mask | 1 << more) >= chosen(mask));
    }
}

use super::*;
use crate::questionnaires::rules::{ready_made, terms_of};
use crate::questionnaires::types::{TemplateName, VisionAttribute};
use serde_json::{Value, json};

fn terms(questions: Value) -> Value {
    json!({"title": "T", "sections": [{"key": "s", "title": "S", "questions": questions}]})
}

fn read(value: Value) -> QuestionnaireTerms {
    serde_json::from_value(value).expect("terms")
}

fn question(more: Value) -> Value {
    let mut question = json!({"key": "q", "kind": "yes_no", "wording": "?"});
    question.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    question
}

/// Where it is refused, and with which code.
fn refused(value: Value) -> String {
    let error = checked(read(value)).expect_err("refused");
    format!("{} {}", error.fields[0].pointer.clone().unwrap_or_default(), error.code.name())
}

fn place(more: Value) -> String {
    let at = refused(terms(json!([question(more)])));
    at.replace("#/terms/sections/0/questions/0/", "").replace(" rule_violated", "")
}

#[test]
fn the_ready_made_questionnaire_may_stand_and_asks_about_every_part_of_good_service() {
    let ready = &ready_made()[0];
    let given = terms_of(Some(TemplateName::ServiceExcellence), None).expect("ready-made");
    let done = checked(given.clone()).expect("it may stand");
    assert_eq!(&done, &checked(done.clone()).expect("still"), "nothing is left open");
    assert_eq!(ready.terms, given);
    let mut of: HashMap<VisionAttribute, usize> = HashMap::new();
    let mut kinds = BTreeSet::new();
    for question in done.questions() {
        *of.entry(question.attribute.expect("an attribute")).or_default() += 1;
        kinds.insert(question.kind);
        assert!(question.guidance.is_some() && question.title.is_some(), "{}", &*question.key);
    }
    assert_eq!((of.len(), kinds.len(), done.questions().count()), (11, 8, 43));
    assert!(of.values().all(|count| (2..=5).contains(count)), "{of:?}");
    assert!(done.questions().filter(|question| question.condition.is_some()).count() >= 5);
    assert!(done.questions().filter(|question| question.pass_rule.is_some()).count() >= 4);
}

#[test]
fn a_questionnaire_is_written_out_or_ready_made() {
    let given = read(terms(json!([question(json!({}))])));
    assert!(terms_of(None, None).is_err());
    assert!(terms_of(Some(TemplateName::ServiceExcellence), Some(given.clone())).is_err());
    assert_eq!(terms_of(None, Some(given.clone())).expect("it is given"), given);
}

#[test]
fn a_file_is_its_own_evidence() {
    let done = checked(read(terms(json!([question(json!({"kind": "file"}))])))).expect("it may stand");
    assert_eq!(done.sections[0].questions[0].evidence, EvidenceNeed::Required);
    assert_eq!(place(json!({"kind": "file", "evidence": "optional"})), "evidence");
}

#[test]
fn a_kind_has_its_members_and_no_others() {
    let two = json!([{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]);
    for (more, at) in [
        (json!({"scale": {"min": 1, "max": 5}}), "scale"),
        (json!({"choices": two}), "choices"),
        (json!({"bounds": {"min": 1}}), "bounds"),
        (json!({"max_words": 5}), "max_words"),
        (json!({"kind": "text", "good_answer": "yes"}), "good_answer"),
        (json!({"kind": "text", "pass_rule": {"must_be_in": ["yes"]}}), "pass_rule"),
        (json!({"kind": "number", "weight": 10000}), "weight"),
        (json!({"kind": "scale"}), "scale"),
        (json!({"kind": "single"}), "choices"),
        (json!({"kind": "multi", "choices": [two[0]]}), "choices"),
        (json!({"kind": "multi", "choices": [two[0], two[0]]}), "choices/1/key"),
        (json!({"kind": "multi", "choices": two, "weight": 10000}), "choices/0/score"),
        (json!({"weight": 10000}), "good_answer"),
        (json!({"kind": "scale", "scale": {"min": 5, "max": 5}}), "scale/max"),
        (json!({"kind": "scale", "scale": {"min": 1, "max": 6, "step": 2}}), "scale/step"),
        (
            json!({"kind": "scale", "scale": {"min": 1, "max": 5, "labels": [{"value": 6, "label": "x"}]}}),
            "scale/labels/0/value",
        ),
        (json!({"kind": "number", "bounds": {"min": 2, "max": 1}}), "bounds/max"),
        (json!({"pass_rule": {"must_be_in": ["yes", "maybe"]}}), "pass_rule/must_be_in/1"),
        (json!({"kind": "single", "choices": two, "pass_rule": {"must_be_in": ["c"]}}), "pass_rule/must_be_in/0"),
        (
            json!({"kind": "scale", "scale": {"min": 1, "max": 5}, "pass_rule": {"must_be_in": ["5", "05"]}}),
            "pass_rule/must_be_in/1",
        ),
    ] {
        assert_eq!(place(more.clone()), at, "{more}");
    }
}

#[test]
fn keys_are_given_once() {
    let one = question(json!({}));
    assert_eq!(refused(terms(json!([one, one]))), "#/terms/sections/0/questions/1/key rule_violated");
    let section = json!({"key": "s", "title": "S", "questions": [one]});
    let twice = json!({"title": "T", "sections": [section, section]});
    assert_eq!(refused(twice), "#/terms/sections/1/key rule_violated");
}

#[test]
fn weights_add_up_or_there_are_none() {
    let scored = |key: &str, weight: i64| question(json!({"key": key, "good_answer": "yes", "weight": weight}));
    let sections = |weights: [i64; 2], questions: [Value; 2]| {
        let section = |place: usize| json!({"key": format!("s{place}"), "title": "S", "weight": weights[place], "questions": [questions[place]]});
        json!({"title": "T", "sections": [section(0), section(1)]})
    };
    let short = sections([5000, 5000], [scored("a", 9999), scored("b", 10000)]);
    assert_eq!(refused(short), "#/terms/sections/0/questions weights_sum");
    let half = sections([5000, 4000], [scored("a", 10000), scored("b", 10000)]);
    assert_eq!(refused(half), "#/terms/sections weights_sum");
    let nothing = sections([5000, 5000], [scored("a", 10000), scored("b", 0)]);
    assert_eq!(refused(nothing), "#/terms/sections/1/weight rule_violated");
    let idle = sections([10000, 0], [scored("a", 10000), scored("b", 10000)]);
    assert_eq!(refused(idle), "#/terms/sections/1/weight rule_violated");
    for ([one, other], questions) in [
        ([6000, 4000], [scored("a", 10000), scored("b", 10000)]),
        ([10000, 0], [scored("a", 10000), scored("b", 0)]),
        ([0, 0], [scored("a", 0), scored("b", 0)]),
    ] {
        checked(read(sections([one, other], questions))).expect("it may stand");
    }
}

#[test]
fn what_cannot_be_sent_again_is_not_stored() {
    let many = |count: usize| (0..count).map(|number| question(json!({"key": format!("q{number}")}))).collect();
    checked(read(terms(Value::Array(many(500))))).expect("it may stand");
    assert_eq!(refused(terms(Value::Array(many(501)))), "#/terms/sections/0/questions/500 rule_violated");
    let long = "x".repeat(5000);
    let of = |number: usize| question(json!({"key": format!("q{number}"), "wording": long, "guidance": long}));
    assert_eq!(refused(terms((0..120).map(of).collect())), "#/terms rule_violated");
}

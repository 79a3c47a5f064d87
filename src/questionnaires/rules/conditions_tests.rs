use super::*;
use crate::questionnaires::rules::checked;
use crate::questionnaires::types::Given;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Questions of every kind, the last one asked under the condition.
fn terms(condition: Value) -> QuestionnaireTerms {
    let kind = |key: &str| json!({"key": key, "kind": key, "wording": "?"});
    let mut questions: Vec<Value> = ["yes_no", "number", "text", "date", "file"].map(kind).into();
    let choices = json!([{"key": "a", "label": "A"}, {"key": "b", "label": "B"}, {"key": "c", "label": "C"}]);
    for key in ["single", "multi"] {
        questions.push(json!({"key": key, "kind": key, "wording": "?", "choices": choices}));
    }
    questions.push(json!({"key": "scale", "kind": "scale", "wording": "?", "scale": {"min": -2, "max": 2}}));
    questions.push(json!({"key": "last", "kind": "text", "wording": "?", "condition": condition}));
    one_section(questions)
}

fn one_section(questions: Vec<Value>) -> QuestionnaireTerms {
    let terms = json!({"title": "T", "sections": [{"key": "s", "title": "S", "questions": questions}]});
    serde_json::from_value(terms).expect("terms")
}

/// Where a condition is refused.
fn refused(condition: Value) -> String {
    let error = checked(terms(condition)).expect_err("refused");
    let at = error.fields[0].pointer.clone().expect("a pointer");
    at.strip_prefix("#/terms/sections/0/questions/8/condition").expect("of the condition").to_owned()
}

fn answers(given: Value) -> BTreeMap<QuestionKey, Answered> {
    let each = given.as_object().expect("an object").iter().map(|(key, value)| {
        let given = |value: &Value| serde_json::from_value::<Given>(value.clone()).expect("a value");
        let answered = if value == "n/a" { Answered::NotApplicable } else { Answered::Given(given(value)) };
        (QuestionKey::of(key), answered)
    });
    each.collect()
}

fn is_asked(condition: Value, given: Value) -> bool {
    let terms = checked(terms(condition)).expect("it may stand");
    asked_questions(&terms, &answers(given)).iter().any(|question| &*question.key == "last")
}

#[test]
fn leaves_look_at_one_answer() {
    let (yes, no) = (json!({"yes_no": {"yes": true}}), json!({"yes_no": {"yes": false}}));
    let is_yes = json!({"question": "yes_no", "is_in": ["yes"]});
    assert!(is_asked(is_yes.clone(), yes.clone()));
    assert!(!is_asked(is_yes.clone(), no));
    assert!(!is_asked(is_yes.clone(), json!({})), "not answered");
    assert!(!is_asked(is_yes, json!({"yes_no": "n/a"})), "not applicable");
    let chosen = json!({"question": "multi", "is_in": ["b", "c"]});
    assert!(is_asked(chosen.clone(), json!({"multi": {"choices": ["a", "b"]}})), "one is enough");
    assert!(!is_asked(chosen, json!({"multi": {"choices": ["a"]}})));
    let level = json!({"question": "scale", "is_in": ["-2", "0"]});
    assert!(is_asked(level.clone(), json!({"scale": {"number": -0.0}})), "zero has no sign");
    assert!(!is_asked(level, json!({"scale": {"number": 2}})));
    let between = json!({"question": "number", "at_least": 1.5, "at_most": 3});
    for (number, expected) in [(1.4, false), (1.5, true), (3.0, true), (3.1, false)] {
        assert_eq!(is_asked(between.clone(), json!({"number": {"number": number}})), expected, "{number}");
    }
    let said = json!({"question": "text", "is_answered": true});
    assert!(is_asked(said.clone(), json!({"text": "n/a"})), "something was said");
    assert!(!is_asked(said, json!({})));
}

#[test]
fn trees_join_leaves_over_five_levels_and_more() {
    let leaf = |key: &str| json!({"question": key, "is_answered": true});
    let tree = json!({"any": [leaf("text"), {"all": [leaf("date"), {"not": leaf("file")}]}]});
    for (given, expected) in [
        (json!({}), false),
        (json!({"text": {"text": "x"}}), true),
        (json!({"date": {"date": "2027-01-01"}}), true),
        (json!({"date": {"date": "2027-01-01"}, "file": {}}), false),
    ] {
        assert_eq!(is_asked(tree.clone(), given.clone()), expected, "{given}");
    }
    // Seven times not, around a leaf: eight levels.
    let deep = |levels: usize| (0..levels).fold(leaf("text"), |tree, _| json!({"not": tree}));
    assert!(is_asked(deep(7), json!({})));
    assert!(!is_asked(deep(7), json!({"text": {"text": "x"}})));
    assert_eq!(refused(deep(8)), "/not".repeat(8));
    let wide = |leaves: usize| json!({"any": vec![leaf("text"); leaves]});
    assert!(is_asked(wide(49), json!({"text": {"text": "x"}})), "50 nodes");
    assert_eq!(refused(wide(50)), "/any/49");
}

#[test]
fn what_says_nothing_or_too_much_is_refused_with_its_place() {
    let leaf = json!({"question": "text", "is_answered": true});
    for (condition, at) in [
        (json!({}), ""),
        (json!({"all": []}), ""),
        (json!({"all": [leaf], "any": [leaf]}), ""),
        (json!({"all": [leaf], "is_answered": true}), ""),
        (json!({"question": "text"}), ""),
        (json!({"is_answered": true}), ""),
        (json!({"question": "yes_no", "is_in": ["yes"], "is_answered": true}), ""),
        (json!({"question": "number", "is_in": ["yes"]}), "/is_in"),
        (json!({"all": [leaf, {"question": "yes_no", "is_in": ["yes", "maybe"]}]}), "/all/1/is_in/1"),
        (json!({"not": {"question": "scale", "is_in": ["3"]}}), "/not/is_in/0"),
        (json!({"question": "scale", "is_in": ["00"]}), "/is_in/0"),
        (json!({"any": [{"question": "text", "at_least": 1}]}), "/any/0/at_least"),
        (json!({"question": "single", "at_most": 1}), "/at_most"),
        (json!({"question": "number", "at_least": 2, "at_most": 1}), "/at_most"),
        (json!({"not": {"any": [{"question": "nobody", "is_answered": true}]}}), "/not/any/0/question"),
        (json!({"question": "last", "is_answered": true}), "/question"),
    ] {
        assert_eq!(refused(condition.clone()), at, "{condition}");
    }
}

/// Questions named by their place, each dependent on others.
fn linked(edges: &[(usize, usize)], count: usize) -> QuestionnaireTerms {
    let question = |place: usize| {
        let needs = edges.iter().filter(|(from, _)| *from == place);
        let all: Vec<_> = needs.map(|(_, to)| json!({"question": format!("q{to}"), "is_answered": true})).collect();
        let condition = if all.is_empty() { Value::Null } else { json!({"all": all}) };
        json!({"key": format!("q{place}"), "kind": "text", "wording": "?", "condition": condition})
    };
    one_section((0..count).map(question).collect())
}

#[test]
fn a_circle_is_refused_with_its_path() {
    let error = checked(linked(&[(0, 1), (1, 2), (2, 3), (3, 1)], 4)).expect_err("a circle");
    assert!(error.detail.contains("q1, q2, q3, q1"), "{}", error.detail);
    assert_eq!(error.fields[0].pointer.as_deref(), Some("#/terms/sections/0/questions/1/condition"));
    let long: Vec<_> = (0..500).map(|place| (place, (place + 1) % 500)).collect();
    let error = checked(linked(&long, 500)).expect_err("a circle");
    assert!(error.detail.ends_with("q16, q17, ... 482 more, q0."), "{}", error.detail);
    checked(linked(&[(0, 1), (0, 2), (1, 3), (2, 3)], 4)).expect("two ways to the same one are no circle");
}

#[test]
fn what_is_not_asked_counts_as_not_answered() {
    let terms = checked(linked(&[(0, 1), (1, 2)], 3)).expect("it may stand");
    let all = json!({"q0": {"text": "x"}, "q1": {"text": "x"}, "q2": {"text": "x"}});
    let keys = |given: Value| {
        asked_questions(&terms, &answers(given)).iter().map(|one| one.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys(all), ["q0", "q1", "q2"], "in the order of the questionnaire");
    // q1 was answered while q2 was; without q2 it is not asked, and neither is q0.
    assert_eq!(keys(json!({"q0": {"text": "x"}, "q1": {"text": "x"}})), ["q2"]);
}

fn tree() -> impl Strategy<Value = Condition> {
    let key = prop_oneof![Just("yes_no"), Just("multi"), Just("scale"), Just("last"), Just("nobody")];
    let words = proptest::collection::vec(prop_oneof![Just("yes"), Just("a"), Just("1"), Just("9")], 0..3);
    let number = proptest::option::of(-3.0..3.0f64);
    let leaf = (proptest::option::of(key), words, number.clone(), number, any::<bool>());
    let leaf = leaf.prop_map(|(question, is_in, at_least, at_most, is_answered)| {
        let words = serde_json::from_value(json!(is_in)).expect("words");
        let question = question.map(QuestionKey::of);
        Condition { question, is_in: words, at_least, at_most, is_answered, ..Condition::default() }
    });
    leaf.prop_recursive(10, 80, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..4);
        (list.clone(), list, proptest::option::of(inner.prop_map(Box::new))).prop_map(|(all, any, not)| Condition {
            all,
            any,
            not,
            ..Condition::default()
        })
    })
}

proptest! {
    #[test]
    fn any_tree_is_checked_and_evaluated(condition in tree(), yes in any::<bool>()) {
        let mut terms = terms(Value::Null);
        terms.sections[0].questions[8].condition = Some(condition);
        let given = answers(json!({"yes_no": {"yes": yes}, "multi": {"choices": ["a"]}, "scale": {"number": 1}}));
        let asked = asked_questions(&terms, &given).len();
        prop_assert!(asked == 8 || asked == 9);
        let _ = checked(terms);
    }

    #[test]
    fn a_circle_is_always_found_and_nothing_else(edges in proptest::collection::vec((0usize..8, 0usize..8), 0..16)) {
        let edges: Vec<_> = edges.into_iter().filter(|(from, to)| from != to).collect();
        // By repeated steps: who reaches itself?
        let mut reach = [[false; 8]; 8];
        edges.iter().for_each(|(from, to)| reach[*from][*to] = true);
        for by in 0..8 {
            for from in 0..8 {
                for to in 0..8 {
                    reach[from][to] |= reach[from][by] && reach[by][to];
                }
            }
        }
        let terms = linked(&edges, 8);
        let questions: Vec<_> = terms.questions().collect();
        let found = circle(&questions);
        prop_assert_eq!(found.is_some(), (0..8).any(|place| reach[place][place]));
        if let Some(path) = found {
            prop_assert_eq!(path.first(), path.last());
            let place = |key: &str| key[1..].parse::<usize>().expect("a place");
            prop_assert!(path.windows(2).all(|pair| edges.contains(&(place(pair[0]), place(pair[1])))), "{path:?}");
        }
    }
}

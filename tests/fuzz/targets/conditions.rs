//! Trees of conditions are refused, or ask what a second, simpler reading of them asks.

#![no_main]

use accord::questionnaires::{Answered, Condition, Given, QuestionKey, QuestionnaireTerms, asked_questions, checked};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Arbitrary, Debug)]
enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    In(u8, Vec<u8>),
    Within(u8, Option<i8>, Option<i8>),
    Answered(u8),
    /// More than a node says.
    Wrong(Box<Tree>, u8),
}

#[derive(Arbitrary, Debug)]
struct Input {
    conditions: [Option<Tree>; 6],
    answers: [Option<(u8, bool)>; 6],
}

const WORDS: [&str; 6] = ["yes", "no", "a", "b", "1", "9"];
const KINDS: [&str; 6] = ["yes_no", "scale", "single", "multi", "number", "text"];

fn key(question: u8) -> String {
    format!("q{}", question % 7)
}

fn json_of(tree: &Tree) -> Value {
    match tree {
        Tree::All(all) => json!({"all": all.iter().map(json_of).collect::<Vec<_>>()}),
        Tree::Any(any) => json!({"any": any.iter().map(json_of).collect::<Vec<_>>()}),
        Tree::Not(not) => json!({"not": json_of(not)}),
        Tree::In(question, words) => {
            let words: Vec<_> = words.iter().map(|word| WORDS[usize::from(*word) % WORDS.len()]).collect();
            json!({"question": key(*question), "is_in": words})
        }
        Tree::Within(question, low, high) => {
            json!({"question": key(*question), "at_least": low, "at_most": high})
        }
        Tree::Answered(question) => json!({"question": key(*question), "is_answered": true}),
        Tree::Wrong(tree, question) => {
            let mut node = json_of(tree);
            node["question"] = key(*question).into();
            node
        }
    }
}

fn terms(input: &Input) -> QuestionnaireTerms {
    let questions = input.conditions.iter().zip(KINDS).enumerate().map(|(place, (condition, kind))| {
        let choices = json!([{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]);
        json!({
            "key": format!("q{place}"), "kind": kind, "wording": "?", "allows_not_applicable": true,
            "scale": if kind == "scale" { json!({"min": -9, "max": 9}) } else { Value::Null },
            "choices": if matches!(kind, "single" | "multi") { choices } else { json!([]) },
            "condition": condition.as_ref().map(json_of),
        })
    });
    let section = json!({"key": "s", "title": "S", "questions": questions.collect::<Vec<_>>()});
    serde_json::from_value(json!({"title": "T", "sections": [section]})).expect("terms")
}

fn answer(kind: &str, value: u8) -> Given {
    let given = match kind {
        "yes_no" => json!({"yes": value % 2 == 0}),
        "scale" | "number" => json!({"number": i16::from(value % 19) - 9}),
        "single" => json!({"choices": if value % 2 == 0 { ["a"] } else { ["b"] }}),
        "multi" if value % 3 == 0 => json!({"choices": ["a", "b"]}),
        "multi" => json!({"choices": if value % 3 == 1 { ["a"] } else { ["b"] }}),
        _ => json!({"text": "x"}),
    };
    serde_json::from_value(given).expect("an answer")
}

/// Whether the condition holds, read from the top down.
fn holds(condition: &Condition, terms: &QuestionnaireTerms, answers: &BTreeMap<QuestionKey, Answered>) -> bool {
    let below = |one: &Condition| holds(one, terms, answers);
    if !condition.all.is_empty() {
        return condition.all.iter().all(below);
    }
    if !condition.any.is_empty() {
        return condition.any.iter().any(below);
    }
    if let Some(not) = &condition.not {
        return !below(not);
    }
    let key = condition.question.as_ref().expect("a leaf");
    let question = terms.questions().find(|one| one.key == *key).expect("a question");
    if !question.condition.as_ref().is_none_or(below) {
        return false;
    }
    match answers.get(key) {
        None => false,
        Some(_) if condition.is_answered => true,
        Some(Answered::NotApplicable) => false,
        Some(Answered::Given(given)) if condition.is_in.is_empty() => {
            let number = given.number.expect("a number");
            condition.at_least.is_none_or(|low| number >= low) && condition.at_most.is_none_or(|high| number <= high)
        }
        Some(Answered::Given(given)) => {
            let mut words: Vec<String> = given.choices.iter().map(|choice| choice.to_string()).collect();
            words.extend(given.yes.map(|yes| if yes { "yes" } else { "no" }.to_owned()));
            words.extend(given.number.map(|number| number.to_string()));
            condition.is_in.iter().any(|wanted| words.iter().any(|word| **word == **wanted))
        }
    }
}

fuzz_target!(|input: Input| {
    let given = terms(&input);
    let answers: BTreeMap<QuestionKey, Answered> = given
        .questions()
        .zip(&input.answers)
        .zip(KINDS)
        .filter_map(|((question, given), kind)| {
            let (value, applies) = (*given)?;
            let answered = if applies { Answered::Given(answer(kind, value)) } else { Answered::NotApplicable };
            Some((question.key.clone(), answered))
        })
        .collect();
    // Whatever the tree is, asking comes to an end.
    asked_questions(&given, &answers);
    let Ok(terms) = checked(given) else { return };
    let asked: Vec<_> = asked_questions(&terms, &answers).iter().map(|question| &question.key).collect();
    let expected: Vec<_> = terms
        .questions()
        .filter(|question| question.condition.as_ref().is_none_or(|condition| holds(condition, &terms, &answers)))
        .map(|question| &question.key)
        .collect();
    assert_eq!(asked, expected);
});

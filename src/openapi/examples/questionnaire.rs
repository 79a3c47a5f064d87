//! What a questionnaire asks, in the examples: two questions, the second only when the first one asks for it.

use serde_json::{Value, json};

/// Values that mean something else in one schema; null where the member is left out.
pub fn known_in(schema: &str, name: &str) -> Option<Value> {
    Some(match (schema, name) {
        ("Questionnaire" | "QuestionnaireSummary" | "NewQuestionnaire" | "QuestionnaireChange", "name") => {
            json!("Self-assessment of suppliers")
        }
        ("NewQuestionnaire" | "QuestionnaireChange", "terms") => without_nulls(terms()),
        ("NewQuestionnaire", "template") => Value::Null,
        ("Questionnaire" | "QuestionnaireVersion" | "QuestionnaireTemplate" | "AssessmentQuestionnaire", "terms") => {
            terms()
        }
        ("QuestionnaireTemplate", "template") => json!("service_excellence"),
        _ => return None,
    })
}

fn terms() -> Value {
    json!({
        "title": "How well do you serve?",
        "description": "A look at yourself.",
        "language": "en",
        "sections": [{
            "key": "deadlines",
            "title": "Deadlines",
            "description": "A date is a promise.",
            "weight": 10000,
            "questions": [measured(), kept()],
        }],
    })
}

fn measured() -> Value {
    json!({
        "key": "deadlines_measured",
        "kind": "yes_no",
        "title": "You measure it",
        "wording": "Do you measure how often you are there when you said you would be?",
        "guidance": "Every date that was given to a customer is counted, kept or not.",
        "hint": null,
        "is_required": true,
        "weight": 10000,
        "dimension": "reliability",
        "attribute": "deadlines",
        "good_answer": "yes",
        "scale": null,
        "choices": [],
        "bounds": null,
        "max_words": null,
        "pass_rule": {"must_be_in": ["yes"], "is_discretionary": true},
        "evidence": "optional",
        "allows_not_applicable": false,
        "is_prefilled": false,
        "condition": null,
    })
}

fn kept() -> Value {
    json!({
        "key": "deadlines_kept",
        "kind": "number",
        "title": "How often you keep them",
        "wording": "What share of the dates you gave in the last 12 months did you keep?",
        "guidance": "95 percent and more.",
        "hint": null,
        "is_required": true,
        "weight": 0,
        "dimension": "reliability",
        "attribute": "deadlines",
        "good_answer": null,
        "scale": null,
        "choices": [],
        "bounds": {"min": 0.0, "max": 100.0, "unit": "percent"},
        "max_words": null,
        "pass_rule": null,
        "evidence": "required",
        "allows_not_applicable": true,
        "is_prefilled": false,
        "condition": {
            "all": [],
            "any": [],
            "not": null,
            "question": "deadlines_measured",
            "is_in": ["yes"],
            "at_least": null,
            "at_most": null,
            "is_answered": false,
        },
    })
}

/// As it is sent: what has no value is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        other => other,
    }
}

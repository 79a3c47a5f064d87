//! Assessments, in the examples: what is asked is the questionnaire of the examples.

use serde_json::{Value, json};

/// Values that mean something else in one schema; null where the member is left out.
pub fn known_in(schema: &str, name: &str) -> Option<Value> {
    Some(match (schema, name) {
        (_, "assessment_id") => json!("01946f1e-cc35-7d28-9b77-2c3d4e5f6071"),
        ("", "If-Match") => json!("\"1\""),
        ("" | "AssessmentAnswer" | "NewVerdict" | "MissingAnswer" | "JudgedQuestion", "question") => {
            json!("deadlines_measured")
        }
        ("MissingAnswer", "code") => json!("missing_answer"),
        ("MissingAnswer", "pointer") => json!("#/answers/deadlines_measured/given"),
        ("MissingAnswer" | "JudgedQuestion", "title") => json!("You measure it"),
        ("SectionScore", "section") => json!("deadlines"),
        ("Attestation" | "Attested", "name") => json!("Mia Berg"),
        ("Attestation" | "Attested", "position") => json!("Managing director"),
        ("Attestation" | "Attested", "statement") => json!("To the best of my knowledge."),
        ("Assessment", "status") => json!("in_progress"),
        ("Assignment" | "Assessment", "period_from") => json!("2027-01-01"),
        ("Assignment" | "Assessment", "period_to") => json!("2027-12-31"),
        ("Assignment" | "Assessment" | "DueExtension", "due_on") => json!("2099-12-31"),
        ("Assessment", "expires_on" | "repeats_on") => json!("2100-01-30"),
        ("Assignment" | "Assessment", "repeats_every_months") => json!(12),
        ("Assignment", "expires_after_days") => json!(30),
        ("DueExtension", "reason") => json!("You asked for it."),
        ("ChangeRequest", "note") => json!("Please show how you measure it."),
        // Without an answer of its own it is confirmed as it stands.
        ("NewVerdict", "given" | "reason") => Value::Null,
        ("AnswerChange", "given") => json!({"yes": true}),
        ("AnswerChange", "not_applicable_reason") => Value::Null,
        ("AssessmentAnswer", "given" | "previous") => given(true),
        ("AssessmentAnswer", "adjusted") => given(false),
        ("AssessmentAnswer", "verdict") => json!("adjusted"),
        ("AssessmentAnswer", "reason") => json!("Nobody could show us the numbers."),
        ("AnswerChange" | "AssessmentAnswer", "note") => json!("Since 2024, for every order."),
        ("CalibrationPoint", "accepted_at") => json!("2028-02-01T09:00:00.000Z"),
        ("CalibrationPoint", "self") => json!(92.0),
        ("CalibrationPoint", "verified") => json!(80.0),
        ("CalibrationPoint", "error") => json!(12.0),
        _ => return None,
    })
}

/// An answer to a question of yes or no.
fn given(yes: bool) -> Value {
    json!({"yes": yes, "number": null, "text": null, "date": null, "choices": []})
}

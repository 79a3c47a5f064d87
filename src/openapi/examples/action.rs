//! Actions, in the examples: one that worked, as the numbers show.

use serde_json::{Value, json};

/// Values that mean something else in one schema; null where the member is left out.
pub fn known_in(schema: &str, name: &str) -> Option<Value> {
    let is_terms = ["Action", "ActionProposal", "NewAction", "CounterAction", "ActionChange"].contains(&schema);
    Some(match (schema, name) {
        (_, "action_id") => json!("01946f1e-cd35-7d28-9b77-2c3d4e5f6071"),
        (_, "title") if is_terms => json!("Train the drivers"),
        (_, "description") if is_terms => json!("All of them, twice, by the end of the quarter."),
        (_, "side") if is_terms => json!("supplier"),
        // Somebody of the supplier answers for it.
        ("NewAction" | "CounterAction", "owner_id") => Value::Null,
        (_, "due_on") if is_terms => json!("2099-12-31"),
        ("ActionMetric" | "NewActionMetric", "kind") => json!("kept_rate"),
        ("ActionMetric" | "NewActionMetric", "target") => json!(0.95),
        ("ActionMetric" | "NewActionMetric", "baseline_days") => json!(90),
        ("Action", "status") => json!("verified_effective"),
        ("Action" | "ActionProposal", "proposed_by") => json!("us"),
        ("Action", "proposal") | ("ActionProposal", "number") => json!(1),
        ("ActionSignature" | "ActionAbandonment", "name") => json!("Mia Berg"),
        ("ActionSignature" | "ActionAbandonment" | "NewActionSignature" | "NewAbandonment", "title") => {
            json!("Managing director")
        }
        ("NewActionSignature" | "NewAbandonment", "on_paper") => Value::Null,
        ("NewAbandonment" | "ActionAbandonment", "reason") => json!("The route is given up."),
        ("Action", "abandonments") => json!([]),
        ("Action", "accepted_on") => json!("2026-08-01"),
        ("Action", "baseline") => rate((47, 0.5875), (0.47804, 0.68894), ("2026-05-03", "2026-07-31")),
        ("NewClaim" | "ActionClaim", "note") => json!("All drivers were trained in August."),
        ("NewClaim" | "ActionClaim", "effective_from") => json!("2026-09-01"),
        ("ActionEffect", "after") => rate((70, 0.875), (0.78497, 0.93067), ("2026-09-01", "2026-11-20")),
        ("ActionEffect", "is_effective") => json!(true),
        ("ActionEffect", "z") => json!(4.10167),
        ("ActionEffect", "is_target_reached") => json!(false),
        ("ActionJudgement", "effective") => json!(true),
        ("ActionJudgement", "text") => json!("Nobody had to wait in ten visits that I watched."),
        _ => return None,
    })
}

/// So many of 80 commitments were kept.
fn rate((k, value): (i64, f64), (lower, upper): (f64, f64), (from, to): (&str, &str)) -> Value {
    json!({"value": value, "n": 80, "k": k, "lower": lower, "upper": upper, "method": "wilson_95", "min_n": 10,
        "window": {"from": from, "to": to}, "as_of": "2026-11-21T09:00:00.000Z",
        "definition": "Commitments of the promise kept, of those kept and broken; excused ones are left out."})
}

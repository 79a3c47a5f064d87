//! What the document says of itself: title, version, licence, servers, tags in reading order, and
//! the code samples of every operation.

use super::each_operation;
use crate::shared::tag::ORDER;
use serde_json::{Map, Value, json};

const DESCRIPTION: &str = "\
Accord aligns an organisation's suppliers and contractors with the service it promises its customers.

**Quick start.** Make the first owner with `accord user create`, sign in with `POST /v1/auth/login`, \
press *Authorize* and paste the access token.

- Every refusal is `application/problem+json` with a stable `code`; the catalogue is at `/problems`. \
400 means the request does not match this document, 422 that it breaks a rule, 409 that it conflicts with \
the current state.
- Lists are read by cursor. Unknown parameters and members are refused.
- Changes take `If-Match` with the `ETag` of what was read; POSTs take an `Idempotency-Key`.
- Responses may gain members and enums may grow: ignore what you do not know.";

pub fn fill(document: &mut Value) {
    document["info"] = json!({
        "title": "Accord API",
        "version": env!("CARGO_PKG_VERSION"),
        "description": DESCRIPTION,
        "license": {"name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html"},
        "contact": {"name": "The operator of this installation"},
    });
    document["servers"] = json!([{"url": "/", "description": "This installation"}]);
    order_tags(document);
    add_samples(document);
    describe_path_parameters(document);
}

fn order_tags(document: &mut Value) {
    let place = |tag: &Value| ORDER.iter().position(|name| tag["name"] == *name).unwrap_or(usize::MAX);
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.sort_by_key(place);
    }
    document["x-tagGroups"] = json!([
        {"name": "Suppliers", "tags": ["Suppliers", "People", "Credentials", "Notes"]},
        {"name": "Agreements", "tags": ["Agreements", "Expectations", "Calendars"]},
        {"name": "Promises", "tags": ["Promises", "Commitments", "Numbers"]},
        {"name": "Customers", "tags": ["Surveys", "Feedback", "Alignment"]},
        {"name": "Self-assessments", "tags": ["Questionnaires", "Assessments"]},
        {"name": "Reviews", "tags": ["Reviews", "EarlyWarnings", "Actions"]},
        {"name": "Access", "tags": ["Auth", "Me", "Sessions", "Organization", "Users", "Invitations", "ApiKeys"]},
        {"name": "Running it", "tags": ["Imports", "Exports", "Jobs", "Audit", "Operations"]},
    ]);
}

fn describe_path_parameters(document: &mut Value) {
    each_operation(document, &mut |_, _, operation| {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if parameter["in"] == "path" {
                let what = parameter["name"].as_str().unwrap_or_default().trim_end_matches("_id").replace('_', " ");
                let description = match what.as_str() {
                    "code" => "The code of a problem.".to_owned(),
                    what => format!("Id of the {what}. Unknown, malformed and invisible ids all answer 404."),
                };
                parameter["description"] = json!(description);
            }
        }
    });
}

fn add_samples(document: &mut Value) {
    each_operation(document, &mut |path, method, operation| {
        let (method, has_body) = (method.to_uppercase(), operation.contains_key("requestBody"));
        let samples = json!([
            {"lang": "Shell", "label": "curl", "source": curl(path, &method, operation, has_body)},
            {"lang": "TypeScript", "label": "fetch", "source": fetch(path, &method, has_body)},
            {"lang": "Python", "label": "httpx", "source": httpx(path, &method, has_body)},
        ]);
        operation.insert("x-codeSamples".to_owned(), samples);
        let rights = match operation.get("x-required-permission").and_then(Value::as_str) {
            Some(permission) => format!("Needs `{permission}`."),
            None if is_with_token(operation) => "Needs the token of a survey link.".to_owned(),
            None => "Public.".to_owned(),
        };
        let description = operation.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{description}\n\n{rights}").trim().to_owned();
        operation.insert("description".to_owned(), json!(description));
    });
}

/// Whether it takes an `Authorization` header.
fn is_with_token(operation: &Map<String, Value>) -> bool {
    operation.get("security").and_then(Value::as_array).is_some_and(|schemes| !schemes.is_empty())
}

fn curl(path: &str, method: &str, operation: &Map<String, Value>, has_body: bool) -> String {
    let url = path.replace('{', "$").replace('}', "");
    let mut lines = vec![format!("curl -X {method} \"$ACCORD{url}\"")];
    if is_with_token(operation) {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    if has_body {
        lines.push("-H 'Content-Type: application/json' -d @body.json".to_owned());
    }
    lines.join(" \\\n  ")
}

fn fetch(path: &str, method: &str, has_body: bool) -> String {
    let url = path.replace('{', "${");
    let body = if has_body { ", body: JSON.stringify(body)" } else { "" };
    format!("const answer = await fetch(`${{accord}}{url}`, {{ method: \"{method}\", headers{body} }});")
}

fn httpx(path: &str, method: &str, has_body: bool) -> String {
    let body = if has_body { ", json=body" } else { "" };
    format!("answer = httpx.request(\"{method}\", f\"{{accord}}{path}\", headers=headers{body})")
}

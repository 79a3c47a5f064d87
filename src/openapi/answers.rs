//! The answers poem-openapi does not know of: a problem for every status an operation may
//! refuse with, and the headers every answer carries.

use super::each_operation;
use crate::shared::error::Code;
use serde_json::{Map, Value, json};

pub fn add_problems(document: &mut Value) {
    document["components"]["schemas"]["Problem"] = problem();
    document["components"]["schemas"]["FieldProblem"] = field_problem();
    let mut used = Map::new();
    each_operation(document, &mut |path, method, operation| {
        let statuses = statuses(path, method, operation);
        let Some(Value::Object(responses)) = operation.get_mut("responses") else {
            return;
        };
        for answer in responses.values_mut() {
            common_headers(answer);
        }
        for status in statuses {
            let name = format!("Problem{status}");
            responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{name}")}));
            used.entry(name).or_insert_with(|| response(status));
        }
    });
    document["components"]["responses"] = Value::Object(used);
    document["components"]["headers"] = json!({
        "RequestId": {
            "description": "Names this request in logs and audit events. Your own value is kept when it is 8-64 letters, digits, dots, underscores or hyphens.",
            "schema": {"type": "string"}
        },
        "RetryAfter": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}},
        "Challenge": {"description": "How to authenticate.", "schema": {"type": "string"}}
    });
}

/// Which statuses an operation may refuse with follows from what it takes.
fn statuses(path: &str, method: &str, operation: &Map<String, Value>) -> Vec<u16> {
    let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let takes = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
    let (is_public, has_body) =
        (!operation.contains_key("x-required-permission"), operation.contains_key("requestBody"));
    let mut statuses = vec![400, 429, 500, 503];
    if !is_public {
        statuses.extend([401, 403]);
    }
    // A survey link may be none of ours, or over.
    if is_with_link(operation) {
        statuses.extend([401, 410]);
    }
    // Whoever shows a password or a token instead of an access token.
    if ["/v1/auth/login", "/v1/auth/refresh", "/v1/reviews.ics"].contains(&path) {
        statuses.push(401);
    }
    // A new password may be easily guessed.
    if path.ends_with("/password") {
        statuses.push(422);
    }
    // Public, with a token in the body that works once, and a password to be judged.
    if is_public && (path.ends_with("/accept") || path.ends_with("/confirm")) {
        statuses.extend([401, 410, 422]);
    }
    if path.contains('{') {
        statuses.push(404);
    }
    // An address holds 8192 bytes at most.
    if !parameters.iter().all(|parameter| parameter["in"] == "header") {
        statuses.push(414);
    }
    // A file that is not made yet.
    if path.ends_with("/content") {
        statuses.push(409);
    }
    if takes("Range") {
        statuses.push(416);
    }
    if takes("If-Match") {
        statuses.extend([409, 412]);
    }
    if parameters.iter().any(|parameter| parameter["x-must-match"] == true) {
        statuses.push(428);
    }
    if has_body {
        statuses.extend([413, 415]);
    }
    if takes("Idempotency-Key") {
        statuses.extend([409, 422]);
    }
    // A calendar may not have so much working time; a window may be too long, or end before it begins; there may
    // be nothing to compare with.
    let is_ruled = takes("from") && !path.ends_with("/elapsed") || takes("against");
    if ["patch", "put"].contains(&method) || is_ruled {
        statuses.push(422);
    }
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// Public for whoever holds a survey link.
fn is_with_link(operation: &Map<String, Value>) -> bool {
    operation.get("security").is_some_and(|schemes| !schemes[0]["surveyLink"].is_null())
}

fn common_headers(answer: &mut Value) {
    if !answer["headers"].is_object() {
        answer["headers"] = json!({});
    }
    answer["headers"]["X-Request-Id"] = json!({"$ref": "#/components/headers/RequestId"});
}

fn response(status: u16) -> Value {
    let codes = || Code::ALL.iter().filter(move |code| code.status() == status);
    let names: Vec<_> = codes().map(|code| format!("`{}`", code.name())).collect();
    let mut examples = Map::new();
    for code in codes() {
        let body = json!({
            "type": format!("/problems/{}", code.name()),
            "title": code.title(),
            "status": status,
            "detail": "What was wrong this time.",
            "code": code.name(),
            "request_id": "01a1ff8d-edc8-7108-8840-8594eeddbb9a",
            "errors": [],
        });
        examples.insert(code.name().to_owned(), json!({"value": body}));
    }
    let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/RequestId"}});
    match status {
        401 => headers["WWW-Authenticate"] = json!({"$ref": "#/components/headers/Challenge"}),
        409 | 429 | 503 => headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"}),
        _ => {}
    }
    json!({
        "description": format!("Refused: {}.", names.join(", ")),
        "headers": headers,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    })
}

fn problem() -> Value {
    let mut codes: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    codes.sort_unstable();
    json!({
        "type": "object",
        "description": "Why a request was refused (RFC 9457). Some codes carry further members: `existing_id`, `current_status`, `allowed`, `required_permission`, `max_bytes`, `policy`.",
        "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Address of the description of this kind of problem."},
            "title": {"type": "string", "description": "The same for every problem of this code."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": {"type": "string", "description": "What was wrong this time."},
            "code": {"type": "string", "description": "Stable; new ones may be added.", "x-extensible-enum": codes},
            "request_id": {"type": "string", "description": "Names the request in logs and audit events."},
            "errors": {
                "type": "array",
                "description": "Everything that is wrong with single members, parameters or headers.",
                "items": {"$ref": "#/components/schemas/FieldProblem"}
            }
        }
    })
}

fn field_problem() -> Value {
    json!({
        "type": "object",
        "description": "What is wrong with one member, parameter or header: exactly one of `pointer`, `parameter`, `header` is there.",
        "required": ["code", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON Pointer to the member of the body, as a URI fragment: `#/address/country`."},
            "parameter": {"type": "string", "description": "Name of the query parameter."},
            "header": {"type": "string", "description": "Name of the header."},
            "code": {"type": "string", "description": "`required`, `unknown_member`, `wrong_type`, `too_long`, `pattern`, ... or the code of the rule."},
            "detail": {"type": "string", "description": "What would be right."}
        }
    })
}

//! The defects of poem-openapi 5.1.16, one function each.

use super::{each_object, each_operation};
use crate::shared::json;
use serde_json::{Map, Value, json};

/// Reads the generated text. Two implementations of one path would give a repeated member, of
/// which an ordinary reader keeps the last: an operation would vanish.
pub fn read(generated: &str) -> Value {
    json::parse_own(generated.as_bytes()).expect("the generated document is JSON without repeated members")
}

pub fn mend(document: &mut Value) {
    document["openapi"] = json!("3.0.3");
    strip_media_type_parameters(document);
    plain_references(document);
    name_headers(document);
    name_pages(document);
    split_permissions(document);
    name_dates(document);
    drop_titles(document);
    drop_noise(document);
}

/// The title of a schema repeats its Rust name, which is not always the name it has here; generators
/// name classes after it.
fn drop_titles(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        schema.as_object_mut().and_then(|schema| schema.remove("title"));
    }
}

/// A date is called `naive-date`, a format nobody else knows.
fn name_dates(document: &mut Value) {
    each_object(document, &mut |object| {
        if object.get("format") == Some(&json!("naive-date")) {
            object.insert("format".to_owned(), json!("date"));
        }
    });
}

/// `application/json; charset=utf-8` is no media type that generators know.
fn strip_media_type_parameters(document: &mut Value) {
    each_object(document, &mut |object| {
        if let Some(Value::Object(content)) = object.get_mut("content") {
            *content = std::mem::take(content)
                .into_iter()
                .map(|(name, media)| (name.split(';').next().unwrap_or_default().trim().to_owned(), media))
                .collect();
        }
    });
}

/// A referring member with a description comes out as `allOf: [{$ref}, {description ...}]` with the
/// siblings repeated outside. What remains is one reference in `allOf` (3.0 allows no siblings).
fn plain_references(document: &mut Value) {
    each_object(document, &mut |object| {
        let Some(Value::Array(parts)) = object.get_mut("allOf") else {
            return;
        };
        if parts.len() == 2 && parts[0].get("$ref").is_some() && parts[1].get("$ref").is_none() {
            let Some(Value::Object(siblings)) = parts.pop() else {
                return;
            };
            for (name, value) in siblings {
                object.entry(name).or_insert(value);
            }
        }
    });
}

/// Parameters that stand for headers are named after their Rust arguments.
fn name_headers(document: &mut Value) {
    each_operation(document, &mut |_, _, operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "header") {
            let (name, description) = match parameter["name"].as_str() {
                Some("once") => (
                    "Idempotency-Key",
                    "Makes it safe to send the request again: the same key with the same content gives the same answer, for 24 hours.",
                ),
                Some("must_match") => {
                    // Not `required`: openapi-python-client would write a module that does not import what it uses.
                    parameter["x-must-match"] = json!(true);
                    (
                        "If-Match",
                        "Only if it is still at this revision (412 otherwise); 0 while nothing was said. Without it, and for `*`, 428.",
                    )
                }
                Some("if_match") => ("If-Match", "Only if the resource is still at this revision (412 otherwise)."),
                Some("range") => (
                    "Range",
                    "`bytes=0-1023`, `bytes=1024-` or `bytes=-1024`: only this part (206). Anything else is ignored.",
                ),
                Some("repr_digest") => (
                    "Repr-Digest",
                    "SHA-256 of the file (RFC 9530). If what arrives has another one, it is refused (422).",
                ),
                _ => ("If-None-Match", "304 without a body if the resource is still at this revision."),
            };
            parameter["name"] = json!(name);
            parameter["description"] = json!(description);
        }
    });
}

/// `Page_Supplier` is called `SupplierPage`.
fn name_pages(document: &mut Value) {
    let nicer = |name: &str| name.strip_prefix("Page_").map(|item| format!("{item}Page"));
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        *schemas =
            std::mem::take(schemas).into_iter().map(|(name, schema)| (nicer(&name).unwrap_or(name), schema)).collect();
    }
    each_object(document, &mut |object| {
        if let Some(reference) = object.get_mut("$ref")
            && let Some(nicer) = super::target(reference).and_then(nicer)
        {
            *reference = json!(format!("#/components/schemas/{nicer}"));
        }
    });
}

/// `May<P>` puts its permission behind the scheme's name; the document shows both apart. Other schemes stay as they
/// are.
fn split_permissions(document: &mut Value) {
    each_operation(document, &mut |_, _, operation| {
        let scheme = operation.get("security").and_then(|schemes| schemes[0].as_object()?.keys().next().cloned());
        match scheme.as_deref().and_then(|scheme| scheme.split_once(':')) {
            Some((scheme, permission)) => {
                operation.insert("security".to_owned(), json!([{scheme: []}]));
                operation.insert("x-required-permission".to_owned(), json!(permission));
            }
            None if scheme.is_some() => {}
            None => {
                operation.insert("security".to_owned(), json!([]));
            }
        }
    });
}

/// Members that say what is so anyway, and bounds written as `100.0`. (The reader has made
/// integral numbers integers.)
fn drop_noise(document: &mut Value) {
    let is_noise = |object: &Map<String, Value>, name: &str, value: Value| object.get(name) == Some(&value);
    each_object(document, &mut |object| {
        for (name, value) in [("deprecated", json!(false)), ("explode", json!(true))] {
            if is_noise(object, name, value) {
                object.remove(name);
            }
        }
    });
}

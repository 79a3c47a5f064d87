//! OpenAPI 3.0.3 to 3.1.0: what became JSON Schema 2020-12.

use super::each_object;
use serde_json::{Map, Value, json};

pub fn convert(document: &Value) -> Value {
    let mut document = document.clone();
    document["openapi"] = json!("3.1.0");
    document["jsonSchemaDialect"] = json!("https://spec.openapis.org/oas/3.1/dialect/base");
    // 3.1 knows licences by their SPDX expression.
    document["info"]["license"] = json!({"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"});
    each_object(&mut document, &mut modern);
    document
}

/// One schema in its 3.1 form.
pub fn schema(schema: &Value) -> Value {
    let mut schema = schema.clone();
    each_object(&mut schema, &mut modern);
    schema
}

fn modern(object: &mut Map<String, Value>) {
    exclusive_bounds(object);
    let is_nullable = object.get("nullable") == Some(&json!(true)) && object.contains_key("type");
    if is_nullable {
        object.remove("nullable");
    }
    let reference = object.get("allOf").and_then(|parts| match parts.as_array()?.as_slice() {
        [only] => only.get("$ref").cloned(),
        _ => None,
    });
    match (reference, is_nullable) {
        // A reference may have siblings now.
        (Some(reference), false) => {
            object.remove("allOf");
            object.insert("$ref".to_owned(), reference);
        }
        (Some(reference), true) => {
            object.remove("allOf");
            object.remove("type");
            object.insert("anyOf".to_owned(), json!([{"$ref": reference}, {"type": "null"}]));
        }
        (None, true) => {
            let kind = object["type"].clone();
            object.insert("type".to_owned(), json!([kind, "null"]));
            if let Some(Value::Array(words)) = object.get_mut("enum") {
                words.push(Value::Null);
            }
        }
        (None, false) => {}
    }
}

fn exclusive_bounds(object: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if object.get(flag) == Some(&json!(true))
            && let Some(limit) = object.remove(bound)
        {
            object.insert(flag.to_owned(), limit);
        }
    }
}

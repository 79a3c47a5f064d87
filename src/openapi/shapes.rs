//! What callers send is closed and may leave out what has a default; what they get is open and
//! has every member, null where there is no value. A type used both ways gets a form for each.

use super::{each_object, each_operation, target};
use crate::shared::contract::{NO_NUL, NOT_BLANK};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const LONGEST_TEXT: u64 = 200;

/// Query strings are declared as one object each; the document shows them parameter by
/// parameter. Returns the objects, which the validator still needs.
pub fn spread_queries(document: &mut Value) -> Map<String, Value> {
    let schemas = document["components"]["schemas"].clone();
    let mut queries = Map::new();
    each_operation(document, &mut |_, _, operation| {
        let Some(Value::Array(parameters)) = operation.get_mut("parameters") else {
            return;
        };
        *parameters = std::mem::take(parameters)
            .into_iter()
            .flat_map(|parameter| match target(&parameter["schema"]["$ref"]) {
                Some(name) if parameter["in"] == "query" => {
                    let mut object = schemas[name].clone();
                    object["additionalProperties"] = json!(false);
                    let single = members(&object);
                    queries.insert(name.to_owned(), object);
                    single
                }
                _ => vec![parameter],
            })
            .collect();
    });
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| !queries.contains_key(name));
    }
    queries
}

fn members(object: &Value) -> Vec<Value> {
    let is_required =
        |name: &String| object["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let properties = object["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            bound_texts(&mut schema);
            // An empty default list would only say that the filter is not set.
            if schema["default"] == json!([]) {
                schema.as_object_mut().and_then(|schema| schema.remove("default"));
            }
            // A reference that lost its siblings stands for itself.
            if let (Some(1), true) = (schema.as_object().map(Map::len), schema["allOf"][0]["$ref"].is_string()) {
                schema = schema["allOf"][0].take();
            }
            json!({"name": name, "in": "query", "description": description, "required": is_required(name), "schema": schema})
        })
        .collect()
}

/// Every object a request holds refuses members it does not have.
pub fn close_requests(document: &mut Value) {
    let requests = reached(document, "requestBody");
    let responses = reached(document, "responses");
    let twice: BTreeSet<String> =
        requests.intersection(&responses).filter(|name| has_optional(document, name)).cloned().collect();
    let all = document["components"]["schemas"].clone();
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for name in &requests {
        let mut schema = schemas[name].clone();
        if twice.contains(name) {
            take_nulls(&mut schema, &all);
        }
        if schema["type"] == "object" {
            schema["additionalProperties"] = json!(false);
        }
        point_to_requests(&mut schema, &twice);
        tell_defaults(&mut schema);
        bound_texts(&mut schema);
        let place = if twice.contains(name) { format!("New{name}") } else { name.clone() };
        schemas.insert(place, schema);
    }
    each_operation(document, &mut |_, _, operation| {
        if let Some(body) = operation.get_mut("requestBody") {
            point_to_requests(body, &twice);
        }
    });
}

/// What was read can be sent again as it is: what has no value is null there.
fn take_nulls(schema: &mut Value, schemas: &Value) {
    let required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap_or_default();
    let members = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, member) in members.filter(|(name, member)| !required.contains(name) && member.get("default").is_none()) {
        allow_null(member, schemas);
    }
}

/// A default in words: generators make members with a `default` required, for whoever sends them too.
fn tell_defaults(schema: &mut Value) {
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, member) in members.into_iter().flatten() {
        if let Some(default) = member.as_object_mut().and_then(|member| member.remove("default")) {
            let description = member["description"].as_str().unwrap_or_default();
            member["description"] = json!(format!("{description} Left out, it is `{default}`."));
        }
    }
}

fn has_optional(document: &Value, name: &str) -> bool {
    let schema = &document["components"]["schemas"][name];
    let all = schema["properties"].as_object().map_or(0, Map::len);
    schema["required"].as_array().map_or(0, Vec::len) < all
}

fn point_to_requests(value: &mut Value, twice: &BTreeSet<String>) {
    each_object(value, &mut |object| {
        if let Some(reference) = object.get_mut("$ref")
            && let Some(name) = target(reference).filter(|name| twice.contains(*name))
        {
            *reference = json!(format!("#/components/schemas/New{name}"));
        }
    });
}

/// Every member of a response is there; one that may have no value is null then.
pub fn open_responses(document: &mut Value) {
    let responses = reached(document, "responses");
    let schemas = document["components"]["schemas"].clone();
    for name in responses {
        let schema = &mut document["components"]["schemas"][&name];
        let required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap_or_default();
        let Some(Value::Object(properties)) = schema.get_mut("properties") else {
            continue;
        };
        for (_, schema) in properties.iter_mut().filter(|(member, _)| !required.contains(member)) {
            // What has a default is always there with a value.
            let had_default = schema.as_object_mut().and_then(|schema| schema.remove("default")).is_some();
            if !had_default {
                allow_null(schema, &schemas);
            }
        }
        let all: Vec<_> = properties.keys().cloned().collect();
        schema["required"] = json!(all);
    }
    let all = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    let members = all.filter_map(|(_, schema)| schema.get_mut("properties")?.as_object_mut()).flatten();
    for (_, schema) in members.filter(|(_, schema)| schema["nullable"] == true) {
        allow_null(schema, &schemas);
    }
}

/// `nullable` needs a type beside it, and no reference on the same level (3.0.3).
fn allow_null(schema: &mut Value, schemas: &Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(reference) = object.remove("$ref") {
        object.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
    if !object.contains_key("type")
        && let Some(name) = object.get("allOf").and_then(|parts| target(&parts[0]["$ref"]).map(str::to_owned))
    {
        object.insert("type".to_owned(), schemas[name]["type"].clone());
    }
    if object.contains_key("type") {
        object.insert("nullable".to_owned(), json!(true));
    }
}

/// PostgreSQL stores no NUL in text, so none is accepted anywhere.
pub fn refuse_nul(document: &mut Value) {
    each_operation(document, &mut |_, _, operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            bound_texts(&mut parameter["schema"]);
        }
    });
}

/// Free texts get a greatest length and a pattern without NUL; what may not be empty has to say something. (Said beside a
/// member, poem-openapi would compile the pattern anew for every text it reads.)
pub fn bound_texts(schema: &mut Value) {
    each_object(schema, &mut |object| {
        let is_free = object.get("type") == Some(&json!("string"))
            && !["enum", "format", "pattern"].iter().any(|bound| object.contains_key(*bound));
        if is_free {
            let says_something = object.get("minLength") == Some(&json!(1));
            if says_something {
                object.remove("minLength");
            }
            object.insert("pattern".to_owned(), json!(if says_something { NOT_BLANK } else { NO_NUL }));
            object.entry("maxLength").or_insert(json!(LONGEST_TEXT));
        }
    });
}

/// The names of all schemas that the given part of any operation leads to.
fn reached(document: &Value, part: &str) -> BTreeSet<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let mut open: Vec<&Value> = operations.map(|(_, operation)| &operation[part]).collect();
    let mut found = BTreeSet::new();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                open.extend(members.values());
                if let Some(name) = members.get("$ref").and_then(target)
                    && found.insert(name.to_owned())
                {
                    open.push(&document["components"]["schemas"][name]);
                }
            }
            _ => {}
        }
    }
    found
}

//! Links from an answer to what can be done next with the id in it. Generators, testers and
//! readers follow them.

use super::each_operation;
use serde_json::{Map, Value, json};

pub fn add(document: &mut Value) {
    let mut all = Vec::new();
    each_operation(document, &mut |path, _, operation| {
        all.push((path.to_owned(), operation["operationId"].as_str().unwrap_or_default().to_owned()));
    });
    let made: Vec<_> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, item)| item["post"]["responses"].get("201").is_some())
        .map(|(path, _)| path.clone())
        .collect();
    each_operation(document, &mut |path, method, operation| {
        let (status, item) = match method {
            "post" if operation["responses"].get("201").is_some() => ("201", "$response.body#"),
            // From a list only where nothing can be created: a list may be empty.
            "get" if made.iter().all(|made| made != path) && operation["responses"]["200"].get("content").is_some() => {
                ("200", "$response.body#/data/0")
            }
            _ => return,
        };
        let links: Map<_, _> =
            all.iter().filter_map(|(target, name)| Some((name.clone(), link(path, target, name, item)?))).collect();
        if !links.is_empty() {
            operation["responses"][status]["links"] = Value::Object(links);
        }
    });
}

/// From a collection to an operation on one of its items, with everything below it.
fn link(collection: &str, target: &str, operation: &str, item: &str) -> Option<Value> {
    let below = target.strip_prefix(collection)?.strip_prefix("/{")?;
    let (own, rest) = below.split_once('}')?;
    if rest.contains('{') {
        return None;
    }
    let above = collection.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Map<_, _> =
        above.map(|name| (name.to_owned(), json!(format!("$request.path.{name}")))).collect();
    let member = if own.ends_with("_id") { "id" } else { own };
    parameters.insert(own.to_owned(), json!(format!("{item}/{member}")));
    Some(json!({"operationId": operation, "parameters": parameters, "description": "With the id from this answer."}))
}

//! Completes the document that poem-openapi generates. It comes out as OpenAPI 3.0.0 with known
//! defects; here it becomes a correct 3.0.3 document and its 3.1.0 twin, by pure functions that
//! run beside the start. `shared::contract` then validates every request with the result.
//!
//! Order of work: `repair` (one function per defect), `shapes` (request and response forms of
//! schemas), `answers` (problems and headers), `examples`, `info`, and `v31` last.

mod answers;
mod examples;
mod info;
mod links;
mod personal;
mod repair;
mod shapes;
mod v31;

use crate::shared::contract::Contract;
use serde_json::{Map, Value};

/// What is published, and what requests are checked with.
pub struct Published {
    /// The OpenAPI 3.1 document.
    pub v31: Value,
    /// Its 3.0.3 twin, for tools that cannot read 3.1.
    pub v30: Value,
    pub contract: Contract,
}

/// From the generated document to the published ones.
pub fn complete(generated: &str) -> Published {
    let mut document = repair::read(generated);
    repair::mend(&mut document);
    let queries = shapes::spread_queries(&mut document);
    shapes::close_requests(&mut document);
    shapes::open_responses(&mut document);
    shapes::refuse_nul(&mut document);
    answers::add_problems(&mut document);
    links::add(&mut document);
    personal::mark(&mut document);
    info::fill(&mut document);
    examples::add(&mut document);
    let v31 = v31::convert(&document);
    let mut schemas = v31["components"]["schemas"].clone();
    let members = schemas.as_object_mut().expect("components are an object");
    for (name, mut query) in queries {
        shapes::bound_texts(&mut query);
        members.insert(name, v31::schema(&query));
    }
    let contract = Contract::new(&v31, schemas);
    Published { v31, v30: document, contract }
}

/// Calls `visit` on every object of the document, inner ones first.
fn each_object(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, visit)),
        Value::Object(object) => {
            object.values_mut().for_each(|member| each_object(member, visit));
            visit(object);
        }
        _ => {}
    }
}

/// Calls `visit` on every operation of the document, with its path and method.
fn each_operation(document: &mut Value, visit: &mut impl FnMut(&str, &str, &mut Map<String, Value>)) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                visit(path, method, operation);
            }
        }
    }
}

/// The name of the component schema a reference points to.
fn target(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/components/schemas/")
}

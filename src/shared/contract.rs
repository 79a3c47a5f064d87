//! The published document at work: it knows the operations and checks every body and every query
//! string against the schema that callers read. What it accepts and what it says cannot differ.

use crate::shared::error::FieldError;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use poem::http::Method;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

const SHOWN: usize = 50;
/// The pattern of free texts.
pub const NO_NUL: &str = "^[^\\u0000]*$";
/// The pattern of free texts that may not be empty.
pub const NOT_BLANK: &str = "^[^\\u0000]*[^\\u0000-\\u0020][^\\u0000]*$";

pub struct Contract {
    operations: Vec<Operation>,
    components: HashMap<String, Component>,
}

/// A contract that is made when it is first needed.
pub type Promised = LazyLock<Contract, Box<dyn FnOnce() -> Contract + Send>>;

/// A component schema. Most are never asked for: as text they take a tenth of the room.
struct Component {
    text: Box<str>,
    schema: OnceLock<Value>,
    validator: OnceLock<Validator>,
}

impl Component {
    fn read(&self) -> Value {
        serde_json::from_str(&self.text).expect("it was written from JSON")
    }
}

/// One operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// Segments of the path; `None` stands for a parameter.
    path: Vec<Option<String>>,
    /// Query parameters and whether each may be repeated.
    pub query: Vec<(String, bool)>,
}

impl Contract {
    /// `schemas` are the component schemas in their 3.1 form, with those of query strings, which
    /// the published document shows parameter by parameter.
    pub fn new(v31: &Value, schemas: Value) -> Self {
        let each = schemas.as_object().into_iter().flatten().map(|(name, schema)| {
            let text = schema.to_string().into();
            (name.clone(), Component { text, schema: OnceLock::new(), validator: OnceLock::new() })
        });
        Self { operations: operations(v31), components: each.collect() }
    }

    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub fn operation(&self, method: &Method, path: &str) -> Option<&Operation> {
        self.at(path).find(|operation| operation.method == *method)
    }

    /// The methods a path answers; empty when there is no such path.
    pub fn methods(&self, path: &str) -> Vec<&str> {
        self.at(path).map(|operation| operation.method.as_str()).collect()
    }

    /// The operations of a path. As for the router, a written segment comes before a parameter:
    /// `/v1/invitations/accept` is not an invitation.
    fn at(&self, path: &str) -> impl Iterator<Item = &Operation> {
        let given: Vec<&str> = path.split('/').skip(1).collect();
        let fits = move |operation: &&Operation| {
            operation.path.len() == given.len()
                && operation
                    .path
                    .iter()
                    .zip(&given)
                    .all(|(ours, theirs)| ours.as_ref().map_or(!theirs.is_empty(), |ours| ours == theirs))
        };
        let found: Vec<_> = self.operations.iter().filter(fits).collect();
        let written = |operation: &Operation| operation.path.iter().flatten().count();
        let most = found.iter().map(|operation| written(operation)).max();
        found.into_iter().filter(move |operation| Some(written(operation)) == most)
    }

    /// What is wrong with `value`, measured by the component schema `name`: the first 50 things.
    pub fn check(&self, name: &str, value: &Value) -> Vec<FieldError> {
        let (validator, mut found) = (self.validator(name), Vec::new());
        // Nearly everything is right, and to see that is quicker than to look for what is wrong.
        if validator.is_valid(value) {
            return found;
        }
        for error in validator.iter_errors(value) {
            report(&error, name, &mut found);
            if found.len() >= SHOWN {
                break;
            }
        }
        found.truncate(SHOWN);
        found
    }

    /// A component schema.
    pub fn component(&self, name: &str) -> Option<&Value> {
        self.components.get(name).map(|component| component.schema.get_or_init(|| component.read()))
    }

    /// The schema of one member of a component.
    pub fn member(&self, schema: &str, name: &str) -> Option<&Value> {
        self.component(schema)?.get("properties")?.get(name)
    }

    /// A component schema, those that it refers to, those that they refer to.
    fn with_all_it_names(&self, name: &str) -> Map<String, Value> {
        let (mut found, mut named) = (Map::new(), vec![name.to_owned()]);
        while let Some(name) = named.pop() {
            if let Some(component) = self.components.get(&name).filter(|_| !found.contains_key(&name)) {
                let schema = component.read();
                collect_names(&schema, &mut named);
                found.insert(name, schema);
            }
        }
        found
    }

    fn validator(&self, name: &str) -> &Validator {
        let component = self.components.get(name).expect("every request type is a component of the document");
        component.validator.get_or_init(|| {
            let root = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": format!("#/components/schemas/{name}"),
                "components": {"schemas": self.with_all_it_names(name)},
            });
            jsonschema::options()
                .should_validate_formats(true)
                .build(&root)
                .expect("the schemas of the document are valid")
        })
    }
}

/// The components that a schema refers to.
fn collect_names(schema: &Value, named: &mut Vec<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, named)),
        Value::Object(members) => {
            let target = members.get("$ref").and_then(|target| target.as_str()?.strip_prefix("#/components/schemas/"));
            named.extend(target.map(str::to_owned));
            members.values().for_each(|member| collect_names(member, named));
        }
        _ => {}
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().filter_map(move |(method, operation)| {
            let method = method.to_uppercase().parse().ok()?;
            let id = operation["operationId"].as_str()?.to_owned();
            let path = path.split('/').skip(1);
            let path = path.map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect();
            Some(Operation { id, method, path, query: query(operation) })
        })
    });
    each.collect()
}

fn query(operation: &Value) -> Vec<(String, bool)> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            (name, parameter["schema"]["type"] == "array")
        })
        .collect()
}

fn report(error: &ValidationError<'_>, schema: &str, found: &mut Vec<FieldError>) {
    let at = error.instance_path().as_str();
    let mut add = |at: String, code: &str, detail: String| {
        let (code, pointer) = (code.to_owned(), Some(format!("#{at}")));
        found.push(FieldError { pointer, code, detail, ..FieldError::default() });
    };
    let here = at.to_owned();
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(format!("{at}/{name}"), "required", "Must be given.".to_owned());
        }
        Kind::AdditionalProperties { unexpected } => unexpected.iter().take(SHOWN).for_each(|name| {
            add(format!("{at}/{name}"), "unknown_member", format!("Not a member of {schema}."));
        }),
        Kind::Type { .. } => add(here, "wrong_type", format!("{error}.", error = error.masked_with("The value"))),
        Kind::MinLength { limit } => add(here, "too_short", format!("At least {limit} character(s).")),
        Kind::MaxLength { limit } => add(here, "too_long", format!("At most {limit} characters.")),
        Kind::Minimum { limit } => add(here, "too_small", format!("At least {limit}.")),
        Kind::Maximum { limit } => add(here, "too_large", format!("At most {limit}.")),
        Kind::ExclusiveMinimum { limit } => add(here, "too_small", format!("More than {limit}.")),
        Kind::ExclusiveMaximum { limit } => add(here, "too_large", format!("Less than {limit}.")),
        Kind::MinItems { limit } => add(here, "too_few_items", format!("At least {limit} item(s).")),
        Kind::MaxItems { limit } => add(here, "too_many_items", format!("At most {limit} items.")),
        Kind::UniqueItems => add(here, "not_unique", "Every item only once.".to_owned()),
        Kind::Pattern { pattern } if pattern == NOT_BLANK => {
            add(here, "pattern", "Something besides blanks, without the character U+0000.".to_owned());
        }
        Kind::Pattern { pattern } => add(here, "pattern", format!("Must match {pattern}.")),
        Kind::Format { format } => add(here, "format", format!("Must be a {format}.")),
        Kind::Enum { options } => add(here, "not_in_enum", format!("One of {options}.")),
        Kind::MultipleOf { multiple_of } => add(here, "multiple_of", format!("A multiple of {multiple_of}.")),
        // `anyOf: [X, null]`: what matters is what is wrong with it as an X.
        Kind::AnyOf { context } if !context.is_empty() => {
            context[0].iter().take(SHOWN).for_each(|inner| report(inner, schema, found));
        }
        _ => add(here, "invalid", format!("{}.", error.masked_with("The value"))),
    }
}

//! Query strings as one typed object. The document shows its members as single parameters; here
//! all of them are checked at once against the same schema.

use crate::shared::context::Context;
use crate::shared::error::{Code, Error, FieldError, Result};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef, Registry};
use poem_openapi::types::ParseFromJSON;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

pub struct Params<T> {
    pub value: T,
    /// The filters and the order, sorted: what a cursor is bound to.
    pub filter: String,
}

impl<T> std::ops::Deref for Params<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Params<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = T;
    type ParamRawType = T::RawValueType;

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(T::schema_ref())
    }

    fn param_raw_type(&self) -> Option<&Self::ParamRawType> {
        None
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<T>) -> poem::Result<Self> {
        Ok(extract(request)?)
    }
}

fn extract<T: ParseFromJSON>(request: &Request) -> Result<Params<T>> {
    let contract = Context::of(request)?.gate.contract();
    let pairs = pairs(request)?;
    let mut object = Map::new();
    for (name, text) in &pairs {
        let schema = contract.member(&T::name(), name).unwrap_or(&Value::Null);
        if schema["type"] == "array" {
            let items = object.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            items.as_array_mut().expect("made as one").push(typed(&schema["items"], text));
        } else {
            object.insert(name.clone(), typed(schema, text));
        }
    }
    let object = Value::Object(object);
    let errors: Vec<_> = contract.check(&T::name(), &object).into_iter().map(as_parameter).collect();
    if !errors.is_empty() {
        return Err(Error::new(Code::InvalidParameter, "The query string has invalid values.").fields(errors));
    }
    let is_bound = |name: &str| !matches!(name, "cursor" | "limit" | "count" | "expand");
    let mut bound: Vec<_> = pairs.iter().filter(|(name, _)| is_bound(name)).collect();
    bound.sort();
    let filter = format!("{} {bound:?}", request.original_uri().path());
    let value =
        T::parse_from_json(Some(object)).map_err(|error| Error::new(Code::InvalidParameter, error.into_message()))?;
    Ok(Params { value, filter })
}

/// The name-value pairs of the query string.
pub fn pairs(request: &Request) -> Result<Vec<(String, String)>> {
    let query = request.original_uri().query().unwrap_or_default();
    serde_urlencoded::from_str(query)
        .map_err(|_| Error::new(Code::InvalidParameter, "The query string is not form-encoded."))
}

fn typed(schema: &Value, text: &str) -> Value {
    let plain = || Value::String(text.to_owned());
    match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| plain(), Value::from),
        Some("number") => text.parse::<f64>().map_or_else(|_| plain(), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| plain(), Value::from),
        _ => plain(),
    }
}

/// `#/status/0` in the object is the parameter `status` in the query string.
fn as_parameter(error: FieldError) -> FieldError {
    let pointer = error.pointer.unwrap_or_default();
    let name = pointer.trim_start_matches("#/").split('/').next().unwrap_or_default().to_owned();
    FieldError { pointer: None, parameter: Some(name), ..error }
}

/// Refuses parameters that the operation does not have, and repetition of those that stand alone.
pub fn check_names(request: &Request) -> Result<()> {
    if request.original_uri().query().is_none_or(str::is_empty) {
        return Ok(());
    }
    let contract = Context::of(request)?.gate.contract();
    let Some(operation) = contract.operation(request.method(), request.original_uri().path()) else {
        return Ok(());
    };
    let mut seen = Vec::new();
    for (name, _) in pairs(request)? {
        let Some((_, repeats)) = operation.query.iter().find(|(known, _)| *known == name) else {
            return Err(unknown(&name, operation));
        };
        if !repeats && seen.contains(&name) {
            let field = parameter(&name, "repeated", "Give it once.");
            return Err(Error::new(Code::InvalidParameter, format!("`{name}` is given twice.")).fields(vec![field]));
        }
        seen.push(name);
    }
    Ok(())
}

fn unknown(name: &str, operation: &crate::shared::contract::Operation) -> Error {
    let known: Vec<_> = operation.query.iter().map(|(known, _)| known.as_str()).collect();
    let shown: String = name.chars().take(64).collect();
    let close = known.iter().max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    let hint = match close {
        Some(close) if strsim::jaro_winkler(close, name) > 0.8 => format!(" Did you mean `{close}`?"),
        _ => String::new(),
    };
    let list = if known.is_empty() { "None are known.".to_owned() } else { format!("Known: {}.", known.join(", ")) };
    let detail = format!("`{shown}` is not a parameter of {}.{hint}", operation.id);
    Error::new(Code::UnknownParameter, detail).fields(vec![parameter(&shown, "unknown", &list)])
}

fn parameter(name: &str, code: &str, detail: &str) -> FieldError {
    let (code, detail) = (code.to_owned(), detail.to_owned());
    FieldError { parameter: Some(name.to_owned()), code, detail, ..FieldError::default() }
}

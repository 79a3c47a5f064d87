//! Every refusal becomes `application/problem+json` (RFC 9457), whichever layer it comes from:
//! ours, the router's, an extractor's.

use super::log::Seen;
use crate::shared::context::Context;
use crate::shared::error::{Code, Error, FieldError};
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::StatusCode;
use poem::http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use poem::{Body, Response};
use poem_openapi::OperationId;
use poem_openapi::error::{ParseParamError, ParsePathError};
use serde_json::json;

pub fn respond(error: &poem::Error, context: &Context, seen: &Seen, public_url: &str) -> Response {
    let operation = error.data::<OperationId>().map(|operation| operation.0);
    let error = ours(error, context, seen);
    if error.code.status() >= 500 {
        tracing::error!(
            request_id = %context.request_id, method = %seen.method, path = %seen.path, code = error.code.name(),
            cause = error.cause.as_ref().map(tracing::field::display), "a request failed"
        );
    }
    let mut body = json!({
        "type": format!("{public_url}/problems/{}", error.code.name()),
        "title": error.code.title(),
        "status": error.code.status(),
        "detail": error.detail,
        "code": error.code.name(),
        "request_id": &*context.request_id,
        "errors": error.fields,
    });
    for (member, value) in &error.extra {
        body[member] = value.clone();
    }
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::builder().status(status).header(CONTENT_TYPE, "application/problem+json");
    for (name, value) in &error.headers {
        response = response.header(name, value);
    }
    if status == StatusCode::UNAUTHORIZED {
        response = response.header(WWW_AUTHENTICATE, "Bearer realm=\"accord\"");
    }
    if error.replayed {
        response = response.header("Idempotency-Replayed", "true");
    }
    let is_head = seen.method == poem::http::Method::HEAD;
    let mut response = response.body(if is_head { Body::empty() } else { Body::from(body.to_string()) });
    if let Some(operation) = operation {
        response.set_data(OperationId(operation));
    }
    response
}

/// What an error of any layer is in our catalogue.
fn ours(error: &poem::Error, context: &Context, seen: &Seen) -> Error {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.clone();
    }
    if error.is::<MethodNotAllowedError>() || error.is::<NotFoundError>() {
        let mut methods = context.gate.contract().methods(&seen.path);
        if methods.is_empty() && error.is::<MethodNotAllowedError>() {
            // The pages of `docs` are not in the document.
            methods.push("GET");
        }
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        return match methods.is_empty() {
            true => Error::new(Code::RouteNotFound, "There is no such path. The document is at /openapi.json."),
            false => {
                let detail = format!("This path answers {}.", methods.join(", "));
                Error::new(Code::MethodNotAllowed, detail).header(ALLOW.as_str(), methods.join(", "))
            }
        };
    }
    if error.is::<ParsePathError>() {
        return Error::not_found();
    }
    if let Some(wrong) = error.downcast_ref::<ParseParamError>() {
        let field = FieldError {
            parameter: Some(wrong.name.to_owned()),
            code: "invalid".to_owned(),
            detail: wrong.reason.clone(),
            ..FieldError::default()
        };
        return Error::new(Code::InvalidParameter, "A parameter has an invalid value.").fields(vec![field]);
    }
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Code::PayloadTooLarge, "The body is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::new(Code::UnsupportedMediaType, "Send application/json."),
        // The router's only refusal of this kind: a path that is not UTF-8.
        StatusCode::BAD_REQUEST => Error::not_found(),
        status if status.is_client_error() => Error::new(Code::ValidationFailed, error.to_string()),
        _ => Error::internal(std::io::Error::other(error.to_string())),
    }
}

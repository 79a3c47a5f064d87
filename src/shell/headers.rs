//! The headers every answer carries.

use super::log::Seen;
use crate::shared::clock::Clock;
use crate::shared::context::Context;
use crate::shared::rate::Standing;
use poem::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use poem::{Request, Response};
use std::sync::Arc;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The caller's own id of the request if it is well formed, otherwise a new one.
pub fn request_id(request: &Request, clock: &Clock) -> Arc<str> {
    let well_formed = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(well_formed);
    given.map_or_else(|| clock.uuid().to_string().into(), Arc::from)
}

pub fn complete(response: &mut Response, context: &Context, seen: &Seen, standing: Option<Standing>) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, nothing);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        let is_secret = seen.path.starts_with("/v1/auth/");
        headers
            .insert(CACHE_CONTROL, HeaderValue::from_static(if is_secret { "no-store" } else { "private, no-cache" }));
    }
    headers.append(VARY, HeaderValue::from_static("Authorization"));
    if let Some(standing) = standing {
        let (name, quota) = (standing.policy.name(), standing.quota);
        let policy = format!("\"{name}\";q={};w={}", quota.requests, quota.window.as_secs());
        let left = format!("\"{name}\";r={};t={}", standing.remaining, standing.reset);
        for (header, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
}

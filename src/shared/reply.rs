//! Answers. Bodies are written once, straight from the read shape to bytes; the type parameter
//! keeps the schema for the document.
//!
//! An answer with a secret that is shown only once ends with `.but_keep(&rest)`: an idempotency
//! key keeps `rest`, which is the same without the secret, and no cache may store the answer.

use crate::shared::error::{Error, Result};
use crate::shared::etag::{IfNoneMatch, etag};
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use serde::{Deserialize, Serialize, Serializer};
use std::marker::PhantomData;

/// An answer as it leaves, and as it is kept with an idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    pub status: u16,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: Json,
    #[serde(skip)]
    pub replayed: bool,
}

/// A body that is written. A secret in it that is shown only once is sent, but never serialised, which
/// is how an idempotency key keeps it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "String")]
pub struct Json {
    text: String,
    without_secret: Option<String>,
}

impl Json {
    fn of(body: &impl Serialize) -> Result<Self> {
        Ok(serde_json::to_string(body).map_err(Error::internal)?.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self { text, without_secret: None }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.without_secret.as_ref().unwrap_or(&self.text))
    }
}

impl Sent {
    fn new(status: u16, body: &impl Serialize) -> Result<Self> {
        Ok(Self { body: Json::of(body)?, ..Self::empty(status) })
    }

    fn empty(status: u16) -> Self {
        Self { status, location: None, etag: None, body: Json::default(), replayed: false }
    }
}

/// An answer that an idempotency key can keep and give again.
pub trait Reply: Send + 'static {
    fn sent(&self) -> &Sent;
    fn again(sent: Sent) -> Self;
}

macro_rules! reply {
    ($(#[$meta:meta])* $name:ident, [$(($status:literal, $what:literal, $body:literal, [$($header:literal),*])),*]) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name<T>(Sent, PhantomData<fn() -> T>);

        impl<T: 'static> Reply for $name<T> {
            fn sent(&self) -> &Sent {
                &self.0
            }

            fn again(sent: Sent) -> Self {
                Self(sent, PhantomData)
            }
        }

        impl<T: Serialize> $name<T> {
            /// The body holds a secret that is shown only once; `rest` is the same without it.
            pub fn but_keep(mut self, rest: &T) -> Result<Self> {
                self.0.body.without_secret = Some(Json::of(rest)?.text);
                Ok(self)
            }
        }

        impl<T> IntoResponse for $name<T> {
            fn into_response(self) -> Response {
                self.0.into_response()
            }
        }

        impl<T: Type> ApiResponse for $name<T> {
            fn meta() -> MetaResponses {
                MetaResponses { responses: vec![$(answer::<T>($status, $what, $body, &[$($header),*])),*] }
            }

            fn register(registry: &mut Registry) {
                T::register(registry);
            }
        }
    };
}

reply!(
    /// A resource that was read: 200 with its `ETag`, or 304 when the caller has it already.
    Found,
    [(200, "The resource.", true, ["ETag"]), (304, "Unchanged since the revision in If-None-Match.", false, ["ETag"])]
);
reply!(
    /// A resource that was made: 201 with its address.
    Created,
    [(201, "Created.", true, ["Location", "ETag"])]
);
reply!(
    /// A resource after a change.
    Changed,
    [(200, "The resource after the change.", true, ["ETag"])]
);
reply!(
    /// A list, a report, a number: 200 without an `ETag`.
    Listed,
    [(200, "The answer.", true, [])]
);
reply!(
    /// A resource that is gone: 204.
    Removed,
    [(204, "Removed.", false, [])]
);

impl<T: Serialize> Found<T> {
    pub fn new(if_none_match: &IfNoneMatch, revision: i64, body: &T) -> Result<Self> {
        let mut sent = match if_none_match.matches(revision) {
            true => Sent::empty(304),
            false => Sent::new(200, body)?,
        };
        sent.etag = Some(etag(revision));
        Ok(Self(sent, PhantomData))
    }
}

impl<T: Serialize> Created<T> {
    pub fn new(location: String, revision: i64, body: &T) -> Result<Self> {
        let sent = Sent { location: Some(location), etag: Some(etag(revision)), ..Sent::new(201, body)? };
        Ok(Self(sent, PhantomData))
    }
}

impl<T: Serialize> Changed<T> {
    pub fn new(revision: i64, body: &T) -> Result<Self> {
        let sent = Sent { etag: Some(etag(revision)), ..Sent::new(200, body)? };
        Ok(Self(sent, PhantomData))
    }
}

impl<T: Serialize> Listed<T> {
    pub fn new(body: &T) -> Result<Self> {
        Ok(Self(Sent::new(200, body)?, PhantomData))
    }
}

/// The body of an answer that has none.
pub type Nothing = bool;

impl Removed<Nothing> {
    pub fn new() -> Self {
        Self(Sent::empty(204), PhantomData)
    }
}

impl Default for Removed<Nothing> {
    fn default() -> Self {
        Self::new()
    }
}

impl IntoResponse for Sent {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if let Some(location) = self.location {
            response = response.header(header::LOCATION, location);
        }
        if let Some(etag) = self.etag {
            response = response.header(header::ETAG, etag);
        }
        if self.body.without_secret.is_some() {
            response = response.header(header::CACHE_CONTROL, "no-store");
        }
        if self.replayed {
            response = response.header("Idempotency-Replayed", "true");
        }
        match self.body.text.is_empty() {
            true => response.finish(),
            false => response.header(header::CONTENT_TYPE, "application/json").body(self.body.text),
        }
    }
}

fn answer<T: Type>(status: u16, what: &'static str, body: bool, headers: &[&str]) -> MetaResponse {
    let content = MetaMediaType { content_type: "application/json", schema: T::schema_ref() };
    MetaResponse {
        description: what,
        status: Some(status),
        status_range: None,
        content: if body { vec![content] } else { vec![] },
        headers: headers.iter().map(|name| header_meta(name)).collect(),
    }
}

fn header_meta(name: &str) -> MetaHeader {
    let (description, schema) = match name {
        "ETag" => ("The quoted revision, for If-Match and If-None-Match.", MetaSchema::new("string")),
        _ => ("Address of the new resource.", MetaSchema::new_with_format("string", "uri-reference")),
    };
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(schema)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_sent_but_not_kept_and_no_cache_may_store_it() {
        let sent = Listed::new(&Some("secret")).and_then(|reply| reply.but_keep(&None)).expect("a reply");
        let kept = serde_json::to_string(sent.sent()).expect("JSON");
        assert!(sent.sent().body.text.contains("secret") && !kept.contains("secret"), "{kept}");
        let again: Sent = serde_json::from_str(&kept).expect("a reply");
        assert_eq!(again.body.text, "null");
        let cached = |response: Response| response.headers().get(header::CACHE_CONTROL).cloned();
        assert_eq!(cached(sent.into_response()).expect("a header"), "no-store");
        assert_eq!(cached(again.into_response()), None);
    }
}

//! Answers. Bodies are written once, straight from the read shape to bytes; the type parameter
//! keeps the schema for the document. What is looked at rather than read by a program is `Shown`.

use crate::shared::crypto::sha256;
use crate::shared::error::{Error, Result};
use crate::shared::etag::{IfNoneMatch, etag};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// An answer as it leaves, and as it is kept with an idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    pub status: u16,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: String,
    #[serde(skip)]
    pub replayed: bool,
    /// The body with a secret in it. It is never kept: the first answer shows it, a replay does not.
    #[serde(skip)]
    pub shown_once: Option<String>,
}

impl Sent {
    fn new(status: u16, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { status, location: None, etag: None, body, replayed: false, shown_once: None })
    }

    fn empty(status: u16) -> Self {
        Self { status, location: None, etag: None, body: String::new(), replayed: false, shown_once: None }
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
    /// Something that was made and cannot be read by whoever made it: 201 with what is left to them.
    Made,
    [(201, "Created.", true, [])]
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
    /// A job that was ordered: 202 with its address and when to look.
    Ordered,
    [(202, "Ordered; the job tells how far it is.", true, ["Location", "Retry-After"])]
);
reply!(
    /// Something that will be done, or not, without telling which: 202.
    Accepted,
    [(202, "Accepted.", false, [])]
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

impl<T> Found<T> {
    /// What was kept as text, under its digest: it never changes.
    pub fn kept(if_none_match: &IfNoneMatch, digest: &str, text: String) -> Self {
        let tag = format!("\"{digest}\"");
        let sent = match if_none_match.matches_tag(&tag) {
            true => Sent::empty(304),
            false => Sent { body: text, ..Sent::empty(200) },
        };
        Self(Sent { etag: Some(tag), ..sent }, PhantomData)
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

impl<T: Serialize> Ordered<T> {
    pub fn new(location: String, job: &T) -> Result<Self> {
        Ok(Self(Sent { location: Some(location), ..Sent::new(202, job)? }, PhantomData))
    }
}

macro_rules! may_hold_a_secret {
    ($($name:ident)*) => {
        $(impl<T: Serialize> $name<T> {
            /// The same with a secret in it, for this answer only: what an idempotency key keeps has none.
            pub fn showing_once(mut self, body: &T) -> Result<Self> {
                self.0.shown_once = Some(serde_json::to_string(body).map_err(Error::internal)?);
                Ok(self)
            }
        })*
    };
}

may_hold_a_secret!(Created Changed);

impl<T: Serialize> Made<T> {
    pub fn new(body: &T) -> Result<Self> {
        Ok(Self(Sent::new(201, body)?, PhantomData))
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

impl Accepted<Nothing> {
    pub fn new() -> Self {
        Self(Sent::empty(202), PhantomData)
    }
}

impl Default for Accepted<Nothing> {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for Removed<Nothing> {
    fn default() -> Self {
        Self::new()
    }
}

/// What can be shown.
pub trait Medium: Send + 'static {
    const MEDIA_TYPE: &'static str;
    const WHAT: &'static str;
}

/// A page.
pub struct Html;
/// A picture.
pub struct Svg;
/// A calendar (RFC 5545).
pub struct Ics;

impl Medium for Html {
    const MEDIA_TYPE: &'static str = "text/html";
    const WHAT: &'static str = "The page.";
}

impl Medium for Ics {
    const MEDIA_TYPE: &'static str = "text/calendar";
    const WHAT: &'static str = "The calendar.";
}

impl Medium for Svg {
    const MEDIA_TYPE: &'static str = "image/svg+xml";
    const WHAT: &'static str = "The picture.";
}

/// A page or a picture to be looked at: 200. Nothing in it runs or is loaded; its one style is allowed by its hash.
pub struct Shown<M>(String, PhantomData<fn() -> M>);

impl<M: Medium> Shown<M> {
    pub fn new(content: String) -> Self {
        Self(content, PhantomData)
    }

    fn policy(&self) -> String {
        let style = self.0.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
        let hash = BASE64.encode(sha256(style.map_or("", |(style, _)| style).as_bytes()));
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
        )
    }
}

impl<M: Medium> IntoResponse for Shown<M> {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, format!("{}; charset=utf-8", M::MEDIA_TYPE))
            .header(header::CONTENT_SECURITY_POLICY, self.policy())
            .body(self.0)
    }
}

impl<M: Medium> ApiResponse for Shown<M> {
    fn meta() -> MetaResponses {
        let content = MetaMediaType { content_type: M::MEDIA_TYPE, schema: String::schema_ref() };
        let answer = MetaResponse { content: vec![content], ..answer::<String>(200, M::WHAT, false, &[]) };
        MetaResponses { responses: vec![answer] }
    }

    fn register(_: &mut Registry) {}
}

impl IntoResponse for Sent {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if let Some(location) = self.location {
            if self.status == 202 {
                response = response.header(header::RETRY_AFTER, "2");
            }
            response = response.header(header::LOCATION, location);
        }
        if let Some(etag) = self.etag {
            response = response.header(header::ETAG, etag);
        }
        if self.replayed {
            response = response.header("Idempotency-Replayed", "true");
        }
        if self.shown_once.is_some() {
            response = response.header(header::CACHE_CONTROL, "no-store");
        }
        let body = self.shown_once.unwrap_or(self.body);
        match body.is_empty() {
            true => response.finish(),
            false => response.header(header::CONTENT_TYPE, "application/json").body(body),
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
        "Retry-After" => ("Seconds to wait before looking at the job.", MetaSchema::new("integer")),
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

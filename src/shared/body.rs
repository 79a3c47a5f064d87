//! Request bodies. `Body<T>` is JSON, `Patch<T>` a JSON Merge Patch (RFC 7396); both are checked
//! against the published document before anything else sees them, and report all errors at once.
//! `Text<F>` is a small file in one of the formats of `F`, read whole.

use crate::shared::context::Context;
use crate::shared::error::{Code, Error, Result};
use crate::shared::{crypto, json};
use poem::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;
use std::marker::PhantomData;

/// The largest body of `Body`, `Patch` and `Text`.
pub const LARGEST: usize = 1024 * 1024;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

#[derive(Clone)]
pub struct Body<T> {
    pub value: T,
    /// Of the canonical form: what an idempotency key is compared by.
    pub digest: Vec<u8>,
}

#[derive(Clone)]
pub struct Patch<T>(pub T);

impl<T> std::ops::Deref for Body<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(meta::<T>(&[JSON]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let document = read(request, body, &[JSON]).await?;
        let digest = crypto::sha256(&json::canonical(&document));
        Ok(Self { value: checked::<T>(request, document)?, digest })
    }
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Patch<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(meta::<T>(&[MERGE_PATCH, JSON]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let document = read(request, body, &[MERGE_PATCH, JSON]).await?;
        Ok(Self(checked::<T>(request, document)?))
    }
}

/// The media types of a kind of file.
pub trait TextFormats: Send + Sync + 'static {
    const MEDIA_TYPES: &'static [&'static str];
}

/// The content of a text file (UTF-8).
pub struct Text<F> {
    /// Which of the formats it has.
    pub media_type: String,
    pub content: String,
    /// What an idempotency key is compared by.
    pub digest: Vec<u8>,
    formats: PhantomData<fn() -> F>,
}

impl<'a, F: TextFormats> ApiExtractor<'a> for Text<F> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let text = MetaSchema {
            description: Some("The file, in UTF-8."),
            max_length: Some(LARGEST),
            pattern: Some("^[^\\u0000]*$".to_owned()),
            ..MetaSchema::new("string")
        };
        let schema = MetaSchemaRef::Inline(Box::new(text));
        let media = |content_type: &&'static str| MetaMediaType { content_type, schema: schema.clone() };
        let content = F::MEDIA_TYPES.iter().map(media).collect();
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let (media_type, bytes) = read_bytes(request, body, F::MEDIA_TYPES).await?;
        let digest = crypto::sha256(&bytes);
        let content = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        let content = content.ok_or_else(|| Error::new(Code::ValidationFailed, "Not text in UTF-8 without NUL."))?;
        Ok(Self { media_type, content, digest, formats: PhantomData })
    }
}

fn meta<T: Type>(media_types: &[&'static str]) -> MetaRequest {
    let content =
        media_types.iter().map(|content_type| MetaMediaType { content_type, schema: T::schema_ref() }).collect();
    MetaRequest { description: None, content, required: true }
}

/// JSON of one of the media types.
async fn read(request: &Request, body: &mut RequestBody, accepted: &[&str]) -> Result<Value> {
    let (_, bytes) = read_bytes(request, body, accepted).await?;
    json::parse(&bytes).map_err(|reason| Error::new(Code::MalformedJson, format!("{reason}.")))
}

/// A whole body of one of the media types, and which of them it is.
async fn read_bytes(request: &Request, body: &mut RequestBody, accepted: &[&str]) -> Result<(String, Vec<u8>)> {
    let too_large = || {
        Error::new(Code::PayloadTooLarge, format!("The body holds at most {LARGEST} bytes.")).with("max_bytes", LARGEST)
    };
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > LARGEST) {
        return Err(too_large());
    }
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !accepted.contains(&essence.as_str()) || request.headers().contains_key(CONTENT_ENCODING) {
        let list = accepted.join(", ");
        let name = if accepted.len() > 1 { "Accept-Patch" } else { "Accept" };
        return Err(Error::new(Code::UnsupportedMediaType, format!("Send {list}, not compressed.")).header(name, list));
    }
    let body = body.take().map_err(|_| Error::new(Code::MalformedJson, "There is no body."))?;
    let bytes = body.into_bytes_limit(LARGEST).await.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => too_large(),
        other => Error::new(Code::MalformedJson, "The body ended early.").because(other),
    })?;
    Ok((essence, bytes.into()))
}

fn checked<T: ParseFromJSON>(request: &Request, document: Value) -> Result<T> {
    let errors = Context::of(request)?.gate.contract().check(&T::name(), &document);
    if !errors.is_empty() {
        let found = match errors.len() {
            1 => "1 problem in the body.".to_owned(),
            50 => "50 problems or more in the body.".to_owned(),
            many => format!("{many} problems in the body."),
        };
        return Err(Error::new(Code::ValidationFailed, found).fields(errors));
    }
    T::parse_from_json(Some(document)).map_err(|error| Error::new(Code::ValidationFailed, error.into_message()))
}

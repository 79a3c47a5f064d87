//! The content of a file on its way out: whole or in part, as bytes to be kept. No browser shall open it here.

use super::entity::Model;
use super::rules::{self, UNTYPED, Wanted, wanted};
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::IfNoneMatch;
use crate::shared::header::{Header, parameter, too_long};
use crate::shared::objects::Objects;
use poem::http::{StatusCode, header};
use poem::{Body, IntoResponse, Request, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};

const LONGEST: usize = 100;

/// The optional `Range` header, which counts only for the content that `If-Range` names.
pub struct Range {
    wanted: Option<String>,
    only_of: Option<String>,
}

/// The answer: 200, 206 or 304.
pub struct Content(Response);

impl Content {
    /// What was asked of the file, and whether it begins at the beginning.
    pub fn of(objects: &Objects, file: &Model, if_none_match: &IfNoneMatch, range: &Range) -> Result<(Self, bool)> {
        let (etag, size) = (format!("\"{}\"", file.sha256), file.size.unsigned_abs());
        let response = Response::builder()
            .header(header::ETAG, &etag)
            .header(header::ACCEPT_RANGES, "bytes")
            .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox");
        if if_none_match.matches_tag(&etag) {
            return Ok((Self(response.status(StatusCode::NOT_MODIFIED).finish()), false));
        }
        let is_same = range.only_of.as_ref().is_none_or(|tag| *tag == etag);
        let (part, status) = match wanted(range.wanted.as_deref().filter(|_| is_same), size) {
            Wanted::Whole => (0..size, StatusCode::OK),
            Wanted::Part(part) => (part, StatusCode::PARTIAL_CONTENT),
            Wanted::Nothing => return Err(not_there(size)),
        };
        let mut response = response
            .status(status)
            .header(header::CONTENT_TYPE, UNTYPED)
            .header(header::CONTENT_DISPOSITION, rules::disposition(&file.filename))
            .header(header::CONTENT_LENGTH, part.end - part.start);
        if status == StatusCode::PARTIAL_CONTENT {
            let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            response = response.header(header::CONTENT_RANGE, range);
        }
        let begins = part.start == 0;
        let bytes = objects.stream(file.object_key.clone(), part);
        Ok((Self(response.body(Body::from_bytes_stream(bytes))), begins))
    }
}

fn not_there(size: u64) -> Error {
    Error::new(Code::RangeNotSatisfiable, format!("The file holds {size} bytes."))
        .header("Content-Range", format!("bytes */{size}"))
}

impl Header for Range {
    fn schema() -> MetaSchema {
        MetaSchema { max_length: Some(LONGEST), ..MetaSchema::new("string") }
    }

    fn read(request: &Request) -> Result<Self> {
        let given = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
        let wanted = given(header::RANGE);
        match wanted.as_ref().is_some_and(|wanted| wanted.len() > LONGEST) {
            true => Err(too_long("Range", LONGEST)),
            false => Ok(Self { wanted, only_of: given(header::IF_RANGE) }),
        }
    }
}

parameter!(Range);

impl IntoResponse for Content {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Content {
    fn meta() -> MetaResponses {
        let file = || MetaSchema { format: Some("binary"), ..MetaSchema::new("string") };
        let media = || MetaMediaType { content_type: UNTYPED, schema: MetaSchemaRef::Inline(Box::new(file())) };
        let header = |name: &str, what: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(what.to_owned()),
            required: true,
            deprecated: false,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
        };
        let etag = || header("ETag", "SHA-256 of the whole content, quoted.");
        let name = || header("Content-Disposition", "`attachment` with the name of the file.");
        let answer = |status, description, content, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        let range = header("Content-Range", "Which bytes these are, and of how many.");
        let responses = vec![
            answer(200, "The content.", vec![media()], vec![etag(), name()]),
            answer(206, "The part that was asked for.", vec![media()], vec![etag(), name(), range]),
            answer(304, "Unchanged: it never changes.", vec![], vec![etag()]),
        ];
        MetaResponses { responses }
    }

    fn register(_: &mut Registry) {}
}

//! Answers that are files.

use bytes::Bytes;
use futures_util::Stream;
use poem::http::{StatusCode, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};

pub const CSV: &str = "text/csv";
pub const NDJSON: &str = "application/x-ndjson";

/// A file to be kept: 200 with its name.
pub struct File {
    media_type: &'static str,
    name: String,
    body: Body,
}

impl File {
    pub fn csv(name: String, content: String) -> Self {
        Self { media_type: CSV, name, body: content.into() }
    }

    /// A file that is read while it is sent.
    pub fn streamed(
        media_type: &'static str,
        name: String,
        parts: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
    ) -> Self {
        Self { media_type, name, body: Body::from_bytes_stream(parts) }
    }
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        Response::builder()
            .status(StatusCode::OK)
            .header(header::CONTENT_TYPE, self.media_type)
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name))
            .body(self.body)
    }
}

impl ApiResponse for File {
    fn meta() -> MetaResponses {
        let file = || MetaSchema { format: Some("binary"), ..MetaSchema::new("string") };
        let media = |content_type| MetaMediaType { content_type, schema: MetaSchemaRef::Inline(Box::new(file())) };
        let name = MetaHeader {
            name: "Content-Disposition".to_owned(),
            description: Some("`attachment` with the name of the file.".to_owned()),
            required: true,
            deprecated: false,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
        };
        let response = MetaResponse {
            description: "The file.",
            status: Some(200),
            status_range: None,
            content: vec![media(CSV), media(NDJSON)],
            headers: vec![name],
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}

//! The body of an import: raw bytes, put into the spool as they come.

use super::kinds::IMPORTERS;
use super::types::FileFormat;
use crate::shared::app::App;
use crate::shared::crypto::Digest;
use crate::shared::error::{Code, Error, Result};
use crate::shared::file::{CSV, NDJSON};
use crate::shared::id::ImportId;
use crate::shared::spool;
use poem::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use poem::{Body, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// The largest file.
pub const LARGEST: usize = 256 * 1024 * 1024;
/// How long the sender may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// A file that is being sent.
pub struct Upload {
    pub format: FileFormat,
    body: Body,
}

/// A file that was stored.
pub struct Stored {
    pub bytes: i64,
    pub digest: Vec<u8>,
}

impl Upload {
    /// Puts the file into the spool, a part at a time.
    pub async fn store(self, app: &App, import: ImportId) -> Result<Stored> {
        store(app, import, self.body.into_async_read()).await
    }
}

/// Puts whatever `file` reads into the spool, a part at a time.
pub async fn store(app: &App, import: ImportId, file: impl tokio::io::AsyncRead) -> Result<Stored> {
    let mut file = std::pin::pin!(file);
    let (mut digest, mut bytes, mut position) = (Digest::new(), 0, 0);
    loop {
        let mut part = Vec::with_capacity(spool::PART);
        while part.len() < spool::PART {
            let room = (spool::PART - part.len()) as u64;
            let mut rest = (&mut file).take(room);
            let read = tokio::time::timeout(SILENCE, rest.read_buf(&mut part)).await;
            let read = read.map_err(|_| broken().retry_after(5))?.map_err(|error| broken().because(error))?;
            if read == 0 {
                break;
            }
        }
        if part.is_empty() {
            return Ok(Stored { bytes, digest: digest.finish() });
        }
        bytes += i64::try_from(part.len()).unwrap_or(i64::MAX);
        if bytes > i64::try_from(LARGEST).unwrap_or(i64::MAX) {
            return Err(too_large());
        }
        digest.update(&part);
        spool::store(&app.db, &app.clock, import.0, position, part).await?;
        position += 1;
    }
}

fn broken() -> Error {
    Error::new(Code::RequestTimeout, "The file ended early, or nothing came for 30 seconds.")
}

fn too_large() -> Error {
    let detail = "A file holds at most 256 MiB. Divide it into several imports.";
    Error::new(Code::PayloadTooLarge, detail).with("max_bytes", LARGEST)
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        for importer in IMPORTERS {
            (importer.register)(registry);
        }
    }

    /// A line of NDJSON is one of the shapes that create something; so the document knows them all.
    fn request_meta() -> Option<MetaRequest> {
        let csv = MetaSchema { format: Some("binary"), ..MetaSchema::new("string") };
        let rows = IMPORTERS.iter().map(|importer| MetaSchemaRef::Reference((importer.schema)().into_owned()));
        let line = MetaSchema { any_of: rows.collect(), ..MetaSchema::ANY };
        let media =
            |content_type, schema| MetaMediaType { content_type, schema: MetaSchemaRef::Inline(Box::new(schema)) };
        Some(MetaRequest { description: None, content: vec![media(CSV, csv), media(NDJSON, line)], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: usize| length > LARGEST) {
            return Err(too_large().into());
        }
        let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let format = match &*essence {
            CSV => FileFormat::Csv,
            NDJSON => FileFormat::Ndjson,
            _ => return Err(unsupported().into()),
        };
        if request.headers().contains_key(CONTENT_ENCODING) {
            return Err(unsupported().into());
        }
        let body = body.take().map_err(|error| broken().because(error))?;
        Ok(Self { format, body })
    }
}

fn unsupported() -> Error {
    let list = format!("{CSV}, {NDJSON}");
    Error::new(Code::UnsupportedMediaType, format!("Send {list}, not compressed.")).header("Accept", list)
}

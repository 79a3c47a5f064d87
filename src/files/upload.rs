//! The body of an upload: bytes of any type, put into the store as they come and looked at on the way.

use super::rules::archive::{self, Member};
use super::rules::{self, KINDS, Kind, LARGEST, Look, UNTYPED};
use crate::shared::crypto::Digest;
use crate::shared::error::{Code, Error, Result};
use crate::shared::header::{self, Header};
use crate::shared::objects::{Objects, Writing};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use poem::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use poem::{Body, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How long the sender may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// A file that is being sent.
pub struct Upload {
    /// The media type it is sent with.
    pub declared: String,
    body: Body,
}

/// A file that is in the store.
pub struct Kept {
    pub object_key: String,
    pub size: i64,
    pub digest: Vec<u8>,
}

impl Upload {
    /// Puts the file into the store, and takes it away again if it is not what it claims to be.
    pub async fn keep(self, objects: &Objects, claimed: &'static Kind, announced: &ReprDigest) -> Result<Kept> {
        let mut writing = objects.begin().await?;
        let (look, digest, size) = match receive(self.body.into_async_read(), &mut writing, claimed, objects.part).await
        {
            Ok(received) => received,
            Err(error) => {
                writing.give_up().await;
                return Err(error);
            }
        };
        if !look.is_archive()
            && let Err(error) = check(&look, None, &digest, announced)
        {
            writing.give_up().await;
            return Err(error);
        }
        let kept = Kept { object_key: writing.finish().await?, size, digest };
        if look.is_archive() {
            let judged = judge(objects, &kept, &look, announced).await;
            if let Err(error) = judged {
                objects.delete_all([kept.object_key]).await;
                return Err(error);
            }
        }
        Ok(kept)
    }
}

/// What is in an archive tells what it is: its list of contents stands at the end.
async fn judge(objects: &Objects, kept: &Kept, look: &Look, announced: &ReprDigest) -> Result<()> {
    let members = members(objects, kept).await?.ok_or_else(|| rules::not_allowed("The archive is broken."))?;
    check(look, Some(&members), &kept.digest, announced)
}

async fn members(objects: &Objects, kept: &Kept) -> Result<Option<Vec<Member>>> {
    let size = kept.size.unsigned_abs();
    let tail = objects.range(&kept.object_key, size.saturating_sub(archive::TAIL)..size).await?;
    match archive::list_at(&tail, size) {
        Some(list) if !list.is_empty() => Ok(archive::members(&objects.range(&kept.object_key, list).await?)),
        _ => Ok(None),
    }
}

fn check(look: &Look, members: Option<&[Member]>, digest: &[u8], announced: &ReprDigest) -> Result<()> {
    if announced.0.as_ref().is_some_and(|announced| announced != digest) {
        return Err(Error::new(Code::FileDigestMismatch, "What arrived has another SHA-256. Send it again."));
    }
    look.check(members)
}

/// Reads the body part by part; no more than one is in memory.
async fn receive(
    file: impl AsyncRead,
    writing: &mut Writing,
    claimed: &'static Kind,
    part_size: usize,
) -> Result<(Look, Vec<u8>, i64)> {
    let mut file = std::pin::pin!(file);
    let (mut look, mut digest, mut size) = (Look::new(claimed), Digest::new(), 0);
    loop {
        let mut part = Vec::with_capacity(part_size);
        while part.len() < part_size {
            let mut rest = (&mut file).take((part_size - part.len()) as u64);
            let read = tokio::time::timeout(SILENCE, rest.read_buf(&mut part)).await;
            let read = read.map_err(|_| broken().retry_after(5))?.map_err(|error| broken().because(error))?;
            if read == 0 {
                break;
            }
        }
        if part.is_empty() && size == 0 {
            return Err(rules::not_allowed("It is empty."));
        }
        if part.is_empty() {
            return Ok((look, digest.finish(), i64::try_from(size).unwrap_or(i64::MAX)));
        }
        size += part.len();
        if size > LARGEST {
            return Err(too_large());
        }
        look.at(&part);
        digest.update(&part);
        writing.put(part).await?;
    }
}

fn broken() -> Error {
    Error::new(Code::RequestTimeout, "The file ended early, or nothing came for 30 seconds.")
}

fn too_large() -> Error {
    Error::new(Code::PayloadTooLarge, "A file holds at most 25 MiB.").with("max_bytes", LARGEST)
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchema { format: Some("binary"), ..MetaSchema::new("string") };
        let content = MetaMediaType { content_type: UNTYPED, schema: MetaSchemaRef::Inline(Box::new(schema)) };
        Some(MetaRequest { description: None, content: vec![content], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > LARGEST) {
            return Err(too_large().into());
        }
        let given = header(CONTENT_TYPE).unwrap_or_default();
        let declared = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_known = declared == UNTYPED || KINDS.iter().any(|kind| kind.media_type == declared);
        if !is_known || request.headers().contains_key(CONTENT_ENCODING) {
            return Err(unsupported().into());
        }
        let body = body.take().map_err(|error| broken().because(error))?;
        Ok(Self { declared, body })
    }
}

fn unsupported() -> Error {
    let types: Vec<_> = std::iter::once(UNTYPED).chain(KINDS.iter().map(|kind| kind.media_type)).collect();
    let list = types.join(", ");
    Error::new(Code::UnsupportedMediaType, format!("Send {list}, not compressed.")).header("Accept", list)
}

/// The optional `Repr-Digest` header (RFC 9530), SHA-256 only.
pub struct ReprDigest(Option<Vec<u8>>);

impl Header for ReprDigest {
    fn schema() -> MetaSchema {
        MetaSchema {
            max_length: Some(54),
            // The last letter of 32 bytes holds four bits.
            pattern: Some("^sha-256=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=:$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn read(request: &Request) -> Result<Self> {
        let Some(given) = request.headers().get("repr-digest") else {
            return Ok(Self(None));
        };
        let digest = given.to_str().ok().and_then(|given| given.strip_prefix("sha-256=:")?.strip_suffix(':'));
        match digest.and_then(|digest| BASE64.decode(digest).ok()).filter(|digest| digest.len() == 32) {
            Some(digest) => Ok(Self(Some(digest))),
            None => {
                let detail = "Repr-Digest is `sha-256=:<base64>:`.".to_owned();
                Err(header::refused(Code::InvalidParameter, "Repr-Digest", "pattern", detail))
            }
        }
    }
}

header::parameter!(ReprDigest);

//! Compression of answers with gzip, for clients that ask for it and answers worth it. (poem's own
//! middleware ignores refusals and also unpacks request bodies, without a limit.)

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::http::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, VARY,
};
use poem::{Body, Request, Response};
use std::io::Write;

const WORTH_IT: usize = 1024;

pub struct Gzip;

/// Whether the client takes gzip: named or `*`, and not with `q=0`.
pub fn wanted(request: &Request) -> Option<Gzip> {
    let accepted = request.headers().get(ACCEPT_ENCODING)?.to_str().ok()?;
    let quality = |name: &str| {
        accepted.split(',').find_map(|item| {
            let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
            let parameters = parameters.trim().to_ascii_lowercase();
            let quality = parameters.strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
            coding.trim().eq_ignore_ascii_case(name).then_some(quality)
        })
    };
    quality("gzip").or_else(|| quality("*")).is_some_and(|quality: f32| quality > 0.0).then_some(Gzip)
}

pub async fn compress(mut response: Response, _: Gzip) -> Response {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_text = ["application/json", "application/problem+json", "text/", "image/svg+xml"]
        .iter()
        .any(|kind| media_type.starts_with(kind));
    // A file is sent while it is read.
    let is_file = response.headers().contains_key(CONTENT_DISPOSITION);
    if !is_text || is_file || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
    let Ok(bytes) = response.take_body().into_bytes().await else {
        return response;
    };
    if bytes.len() < WORTH_IT {
        response.set_body(bytes);
        return response;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
    match encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
        Ok(packed) => {
            response.headers_mut().remove(CONTENT_LENGTH);
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response.set_body(Body::from(packed));
        }
        Err(_) => response.set_body(bytes),
    }
    response
}

//! The HTTP shell around every request, once. `Shell::call` shows the order; each part stands in
//! a file of its own.

mod compress;
mod cors;
mod headers;
mod log;
pub mod metrics;
mod peer;
mod problem;
pub mod serve;

pub use cors::Origins;
pub use log::{AccessLog, queued};

use crate::shared::auth::Gate;
use crate::shared::context::Context;
use crate::shared::error::{Code, Error};
use crate::shared::rate::Policy;
use futures_util::FutureExt;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request, Response, Result};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

const LONGEST_ADDRESS: usize = 8 * 1024;
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// A file may come slowly; whoever takes it watches for silence.
const LONGEST_UPLOAD: Duration = Duration::from_secs(30 * 60);
/// Requests in work at the same time; the next one is told to come back.
const MOST_AT_ONCE: usize = 1024;

/// How the shell behaves; from the configuration.
#[derive(Clone, Default)]
pub struct Settings {
    pub origins: Origins,
    pub trusted_proxies: Vec<ipnet::IpNet>,
    pub access_log: Option<AccessLog>,
    pub metrics: bool,
    pub public_url: Arc<str>,
}

pub struct Shell<E> {
    inner: E,
    gate: Arc<Gate>,
    settings: Settings,
    in_work: Semaphore,
}

impl<E> Shell<E> {
    pub fn new(inner: E, gate: Arc<Gate>, settings: Settings) -> Self {
        Self { inner, gate, settings, in_work: Semaphore::new(MOST_AT_ONCE) }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Shell<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let (id, peer) =
            (headers::request_id(&request, self.gate.clock()), peer::address(&request, &self.settings.trusted_proxies));
        let context = Arc::new(Context::new(self.gate.clone(), id, peer, Policy::of(&request)));
        request.extensions_mut().insert(context.clone());
        let seen = log::Seen::of(&request);
        let origin = self.settings.origins.allowed(&request);
        let encoding = compress::wanted(&request);
        let mut response = match cors::preflight(&request, origin.as_ref()) {
            Some(preflight) => preflight,
            None => match self.answer(request, &context).await {
                Ok(response) => response,
                Err(error) => problem::respond(&error, &context, &seen, &self.settings.public_url),
            },
        };
        let standing = match response.status() {
            // Whoever asks with `If-None-Match` does what we want and is not held up.
            StatusCode::NOT_MODIFIED => self.gate.give_back(&context),
            _ => context.standing(),
        };
        headers::complete(&mut response, &context, &seen, standing);
        cors::complete(&mut response, origin);
        if let Some(encoding) = encoding {
            response = compress::compress(response, encoding).await;
        }
        if self.settings.metrics {
            metrics::count(&response, &seen, context.started.elapsed());
        }
        if let Some(log) = &self.settings.access_log {
            log.write(&response, &context, &seen);
        }
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Shell<E> {
    async fn answer(&self, request: Request, context: &Context) -> Result<Response> {
        if request.uri().path_and_query().map_or(0, |address| address.as_str().len()) > LONGEST_ADDRESS {
            let detail = format!("Addresses hold at most {LONGEST_ADDRESS} bytes.");
            return Err(Error::new(Code::UriTooLong, detail).into());
        }
        // Health and metrics of the process must be readable at any load.
        let is_api = request.uri().path().starts_with("/v1/");
        if is_api {
            self.gate.limit_peer(context, Policy::Peer)?;
        }
        let turn = self.in_work.try_acquire();
        if is_api && turn.is_err() {
            return Err(Error::new(Code::Overloaded, "Too many requests are in work.").retry_after(1).into());
        }
        let is_upload =
            request.method() == Method::POST && ["/v1/imports", "/v1/files"].contains(&request.uri().path());
        let longest = if is_upload { LONGEST_UPLOAD } else { LONGEST_REQUEST };
        let inner = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        match tokio::time::timeout(longest, inner).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_panic)) => Err(Error::internal(std::io::Error::other("a handler panicked")).into()),
            Err(_) => {
                let seconds = longest.as_secs();
                let detail = format!(
                    "No answer after {seconds} s: whether a change was made is not known. Send it again with its key."
                );
                Err(Error::new(Code::RequestTimeout, detail).retry_after(5).into())
            }
        }
    }
}

//! The limit: answers of Accord, read once from files and sent from memory, by the same server and behind the same
//! shell. No token is looked at, no parameter read, no database asked. `run` beside this file starts it:
//!
//!     limit ADDRESS FOLDER        # a file for each operation: get.json, list.json, ...

use accord::app;
use accord::shell::{Settings, Shell, serve};
use bytes::Bytes;
use poem::http::{StatusCode, header};
use poem::{Endpoint, Request, Response, Route, get, post};
use std::env;
use std::path::Path;
use tokio::net::TcpListener;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers with what it was given, after the body of the request was read.
struct Fixed(StatusCode, Bytes);

impl Endpoint for Fixed {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        request.take_body().into_bytes().await?;
        let answer = Response::builder().status(self.0).header(header::CONTENT_TYPE, "application/json");
        Ok(answer.header(header::ETAG, "\"1\"").body(self.1.clone()))
    }
}

#[tokio::main]
async fn main() {
    // `cargo bench` and `cargo test --benches` start it without: there is nothing to measure here alone.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [address, folder] = &arguments[..] else {
        return;
    };
    let answer = |status, operation: &str| {
        let body = std::fs::read(Path::new(folder).join(format!("{operation}.json"))).expect("an answer to give");
        Fixed(status, body.into())
    };
    let routes = Route::new()
        .at("/healthz", get(Fixed(StatusCode::OK, Bytes::new())))
        .at("/v1/suppliers", get(answer(StatusCode::OK, "list")))
        .at("/v1/suppliers/:supplier_id", get(answer(StatusCode::OK, "get")))
        .at("/v1/feedback-numbers", get(answer(StatusCode::OK, "numbers")))
        .at("/v1/kept-rate", get(answer(StatusCode::OK, "kept")))
        .at("/v1/feedback", post(answer(StatusCode::CREATED, "feedback")));
    let app = app::without_data().await.expect("a gate without limits");
    let listener = TcpListener::bind(address).await.expect("a free address");
    serve::serve(listener, Shell::new(routes, app.gate.clone(), Settings::default()), std::future::pending()).await;
}

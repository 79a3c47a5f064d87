//! The limit: answers of Accord, read once from files and sent from memory, by the same server and behind the same
//! shell. No token is looked at, no parameter read, no database asked. `run` beside this file starts it:
//!
//!     limit ADDRESS FOLDER        # a file for each operation: get.json, list.json, ...
//!     limit ADDRESS FOLDER URL    # a supplier is read from Accord's PostgreSQL first, by sqlx alone

use accord::app;
use accord::shell::{Settings, Shell, serve};
use bytes::Bytes;
use poem::http::{StatusCode, header};
use poem::{Endpoint, Request, Response, Route, get, post};
use sqlx::{PgPool, Row};
use std::env;
use std::path::Path;
use tokio::net::TcpListener;
use uuid::Uuid;

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

/// Reads every column of a supplier, as whoever wrote without an object-relational mapper would, and answers with
/// what it was given.
struct Raw(PgPool, Fixed);

impl Endpoint for Raw {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let id: Uuid = request.path_params()?;
        let row = sqlx::query("SELECT * FROM supplier WHERE id = $1").bind(id);
        let row = row.fetch_one(&self.0).await.map_err(poem::error::NotFound)?;
        for column in 0..row.len() {
            row.try_get_raw(column).map_err(poem::error::InternalServerError)?;
        }
        self.1.call(request).await
    }
}

#[tokio::main]
async fn main() {
    // `cargo bench` and `cargo test --benches` start it without: there is nothing to measure here alone.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [address, folder, url @ ..] = &arguments[..] else {
        return;
    };
    let answer = |status, operation: &str| {
        let body = std::fs::read(Path::new(folder).join(format!("{operation}.json"))).expect("an answer to give");
        Fixed(status, body.into())
    };
    let mut routes = Route::new().at("/healthz", get(Fixed(StatusCode::OK, Bytes::new())));
    routes = match url {
        [url, ..] => {
            let pool = PgPool::connect(url).await.expect("PostgreSQL");
            routes.at("/v1/suppliers/:supplier_id", get(Raw(pool, answer(StatusCode::OK, "get"))))
        }
        [] => routes.at("/v1/suppliers/:supplier_id", get(answer(StatusCode::OK, "get"))),
    };
    let routes = routes
        .at("/v1/suppliers", get(answer(StatusCode::OK, "list")))
        .at("/v1/feedback-numbers", get(answer(StatusCode::OK, "numbers")))
        .at("/v1/kept-rate", get(answer(StatusCode::OK, "kept")))
        .at("/v1/feedback", post(answer(StatusCode::CREATED, "feedback")));
    let app = app::without_data().await.expect("a gate without limits");
    let listener = TcpListener::bind(address).await.expect("a free address");
    serve::serve(listener, Shell::new(routes, app.gate.clone(), Settings::default()), std::future::pending()).await;
}

//! `accord import --server`: the same import through a running server, with the rights of a token.

use crate::imports::{FileFormat, ImportOptions};
use reqwest::{Client, RequestBuilder};
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How many refused rows are told.
const SHOWN: u64 = 20;

/// A server, and who asks it.
pub struct Remote {
    http: Client,
    base: String,
    token: String,
}

impl Remote {
    pub fn new(server: &str, token: &str) -> Result<Self, String> {
        let http = Client::builder().connect_timeout(Duration::from_secs(10)).build().map_err(words)?;
        Ok(Self { http, base: format!("{}/v1/imports", server.trim_end_matches('/')), token: token.to_owned() })
    }

    /// Sends the file and waits for its end; the import and the first refused rows, as the API shows them.
    pub async fn import(
        &self,
        file: &Path,
        format: FileFormat,
        options: &ImportOptions,
        tell: fn(&Value),
    ) -> Result<(Value, Vec<Value>), String> {
        let query = format!(
            "?kind={}&mode={}&on_error={}&dry_run={}",
            &*options.kind,
            name(options.mode),
            name(options.on_error),
            options.dry_run
        );
        let opened = tokio::fs::File::open(file).await.map_err(words)?;
        let sent = self.http.post(format!("{}{query}", self.base)).header("content-type", format.media_type());
        let job = self.answer(sent.body(opened)).await?;
        let path = format!("{}/{}", self.base, job["import_id"].as_str().unwrap_or_default());
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let import = self.answer(self.http.get(&path)).await;
            let import = import.map_err(|why| format!("{why}. The import goes on: GET {path}"))?;
            tell(&import);
            if !["queued", "running"].contains(&import["status"].as_str().unwrap_or_default()) {
                let rows = self.answer(self.http.get(format!("{path}/rows?limit={SHOWN}"))).await?;
                return Ok((import, rows["data"].as_array().cloned().unwrap_or_default()));
            }
        }
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Value, String> {
        let answer = request.bearer_auth(&self.token).send().await.map_err(words)?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|_| format!("the server answered {status} without JSON"))?;
        match status.is_success() {
            true => Ok(body),
            false => Err(format!("{status}: {}", body["detail"].as_str().unwrap_or("no reason is given"))),
        }
    }
}

/// The word of the API.
fn name(word: impl Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default()
}

/// An error with its causes.
fn words(error: impl std::error::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        said += &format!(": {cause}");
        source = cause.source();
    }
    said
}

//! An application that is called without a network, as its clients call it with one.

use crate::app;
use crate::imports::{self, ImportKind, ImportMode, ImportOptions, OnError};
use crate::shared::app::App;
use crate::shared::auth::account::{self, NewAccount};
use crate::shared::auth::password::{self, Cost};
use crate::shared::id::SupplierId;
use crate::shared::jobs::{schedule, worker};
use crate::shared::permission::Role;
use crate::shell::Settings;
use crate::start::Failure;
use poem::endpoint::{DynEndpoint, ToDynEndpoint};
use poem::http::{Method, header, uri::Scheme};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, RequestParts, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// An application, and who calls it.
pub struct Inside {
    pub app: App,
    endpoint: Arc<dyn DynEndpoint<Output = Response>>,
    token: String,
}

impl Inside {
    pub fn of(app: App) -> Self {
        let endpoint = Arc::new(ToDynEndpoint(app::endpoint(&app, Settings::default())));
        Self { app, endpoint, token: String::new() }
    }

    /// Makes an account, whose password costs little to check.
    pub async fn account(
        &self,
        email: &str,
        secret: &str,
        role: Role,
        supplier_id: Option<SupplierId>,
    ) -> Result<(), Failure> {
        let password_hash = password::hash(secret.to_owned(), Cost::Trivial).await?;
        let name = role.name().to_owned();
        let email = email.to_owned();
        let new = NewAccount { email, name, password_hash, role, supplier_id, must_change_password: false };
        let input = (self.app.clock.clone(), new);
        self.app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await?;
        Ok(())
    }

    /// Calls from here on are those of this account.
    pub async fn sign_in(&mut self, email: &str, secret: &str) -> Result<&str, Failure> {
        self.token.clear();
        let login = self.post("/v1/auth/login", json!({"email": email, "password": secret})).await?;
        self.token = text(&login, "access_token")?;
        Ok(&self.token)
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Makes something, and tells its id.
    pub async fn made(&self, path: &str, body: Value) -> Result<String, Failure> {
        text(&self.post(path, body).await?, "id")
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let mut head = poem::http::Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            head = head.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let head = head.header(header::CONTENT_TYPE, "application/json").body(()).map_err(|error| error.to_string())?;
        let head = head.into_parts().0;
        let parts = RequestParts::from((head, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
        let request = Request::from_parts(parts, body.map(|body| body.to_string()).unwrap_or_default().into());
        let response = self.endpoint.call(request).await.map_err(|error| error.to_string())?;
        let is_success = response.status().is_success();
        let bytes = response.into_body().into_vec().await.map_err(|error| error.to_string())?;
        match is_success {
            true => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            false => Err(format!("{path}: {}", String::from_utf8_lossy(&bytes)).into()),
        }
    }

    /// Imports a file of new rows; how many.
    pub async fn import(&self, kind: &str, file: &Path) -> Result<i64, Failure> {
        let kind = ImportKind::named(kind)?;
        let options = ImportOptions { kind, mode: ImportMode::Create, on_error: OnError::Abort, dry_run: false };
        let done = imports::import_file(&self.app, file, options, |_| ()).await?;
        match done.refused.first() {
            Some((row, problem)) => Err(format!("row {row}: {problem}").into()),
            None => Ok(done.import.rows_created),
        }
    }

    /// Does everything that is to be done by now.
    pub async fn work(&self) -> Result<(), Failure> {
        let work = app::work();
        // A schedule is noted first, and then met.
        for _ in 0..2 {
            schedule::tick(&self.app, &work.schedules).await?;
        }
        while worker::run_one(&self.app, &work).await? {}
        Ok(())
    }
}

/// A member that is a text.
pub fn text(of: &Value, member: &str) -> Result<String, Failure> {
    let text = of[member].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("{member} is missing in {of}").into())
}

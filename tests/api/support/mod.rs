//! What tests stand on: a fresh database, an application over it, callers of every role.
//!
//! A test is written once with `both!` and runs on SQLite and on PostgreSQL. Clock and ids are
//! ours, so answers can be compared whole.

pub mod actions;
pub mod assessments;
pub mod files;
pub mod lived;
mod look;
pub mod mail;
pub mod place;
pub mod postgres;
pub mod process;
pub mod questionnaires;
pub mod reviews;
pub mod seed;
mod surveys;

use accord::app::{self, Parts};
use accord::shared::app::App;
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::clock::Clock;
use accord::shared::db::Addresses;
use accord::shared::id::{self, SupplierId};
use accord::shared::mail::Settings as MailSettings;
use accord::shared::objects::Settings as FileSettings;
use accord::shared::owner::Owner;
use accord::shared::permission::Role;
use accord::shared::rate::Quotas;
use accord::shell::Settings;
use chrono::{DateTime, Utc};
use poem::http::uri::Scheme;
use poem::http::{Method, header};
use poem::test::TestClient;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, RequestParts, Response};
use postgres::Postgres;
use serde_json::Value;
use std::sync::Arc;

pub const PASSWORD: &str = "correct horse battery staple";

/// Runs a test on both databases: `both! { async fn name(app: TestApp) { ... } }`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {
        $(
            async fn $name($app: $crate::support::TestApp) $body

            $(#[$meta])*
            mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$name($crate::support::TestApp::sqlite().await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    if let Some(app) = $crate::support::TestApp::postgres().await {
                        super::$name(app).await;
                    }
                }
            }
        )*
    };
}

/// How an application under test differs from the usual one.
#[derive(Clone, Default)]
pub struct Wishes {
    pub rate_limits: Option<Quotas>,
    pub settings: Settings,
    /// `None`: the usual ones.
    pub mail: Option<MailSettings>,
    /// `None`: a folder of its own and no scanner.
    pub files: Option<FileSettings>,
    /// `None`: the usual ones.
    pub owners: Option<&'static [Owner]>,
}

/// An application over a database of its own.
pub struct TestApp {
    pub app: App,
    pub clock: Clock,
    pub addresses: Addresses,
    /// Where its mails go.
    mail: Arc<tempfile::TempDir>,
    endpoint: Arc<dyn poem::endpoint::DynEndpoint<Output = Response>>,
    /// Deletes the SQLite file with the test.
    folder: Option<Arc<tempfile::TempDir>>,
}

impl TestApp {
    pub async fn sqlite() -> Self {
        Self::sqlite_with(Wishes::default()).await
    }

    pub async fn sqlite_with(wishes: Wishes) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let primary = format!("sqlite:{}?mode=rwc", folder.path().join("accord.db").display());
        let addresses = Addresses { primary, replica: None };
        Self { folder: Some(Arc::new(folder)), ..Self::over(addresses, manual_clock(), wishes).await }
    }

    /// `None`, with one printed line, when there is no PostgreSQL on this machine.
    pub async fn postgres() -> Option<Self> {
        Self::postgres_with(Wishes::default()).await
    }

    pub async fn postgres_with(wishes: Wishes) -> Option<Self> {
        let addresses = fresh_postgres().await?;
        Some(Self::over(addresses, manual_clock(), wishes).await)
    }

    /// A second instance over the same database, with the same clock.
    pub async fn second_instance(&self) -> Self {
        let wishes = Wishes { files: Some(self.files()), ..Wishes::default() };
        let over = self.over_the_same(wishes).await;
        Self { folder: self.folder.clone(), ..over }
    }

    /// An instance over the same database that differs as wished, as long as this one lives.
    pub async fn over_the_same(&self, wishes: Wishes) -> Self {
        Self::over(self.addresses.clone(), self.clock.clone(), wishes).await
    }

    pub async fn over(addresses: Addresses, clock: Clock, wishes: Wishes) -> Self {
        let mail = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts {
            addresses: addresses.clone(),
            clock: clock.clone(),
            secret: "a secret of the tests, long enough to be one".to_owned(),
            rate_limits: wishes.rate_limits,
            password_cost: Cost::Trivial,
            public_url: "https://accord.example".to_owned(),
            mail: wishes.mail.unwrap_or_else(|| mail::settings(mail.path())),
            files: wishes.files.unwrap_or_else(|| files::settings(mail.path())),
            owners: wishes.owners.unwrap_or(app::OWNERS),
        };
        let app = app::open(parts).await.expect("the application opens");
        let settings = Settings { public_url: "https://accord.example".into(), ..wishes.settings };
        let endpoint = Arc::new(poem::endpoint::ToDynEndpoint(app::endpoint(&app, settings)));
        Self { app, clock, addresses, mail: Arc::new(mail), endpoint, folder: None }
    }

    pub fn files(&self) -> FileSettings {
        files::settings(self.mail.path())
    }

    pub fn mail_folder(&self) -> std::path::PathBuf {
        self.mail.path().join("mail")
    }

    /// Makes an account and signs it in through the API.
    pub async fn sign_in(&self, role: Role, supplier: Option<&str>) -> Caller<'_> {
        let email = format!("{}{}@accord.example", role.name(), supplier.unwrap_or_default());
        let password_hash = password::hash(PASSWORD.to_owned(), Cost::Trivial).await.expect("a hash");
        let supplier_id = supplier.map(|text| SupplierId(id::parse(text).expect("a supplier's id")));
        let new = NewAccount {
            email: email.clone(),
            name: format!("Test {}", role.name()),
            password_hash,
            role,
            supplier_id,
            must_change_password: false,
        };
        let input = (self.clock.clone(), new);
        let made = self.app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await;
        if let Err(error) = made {
            assert_eq!(error.code.name(), "already_exists", "{error}");
        }
        let login = serde_json::json!({"email": email, "password": PASSWORD});
        let answer = self.nobody().post("/v1/auth/login", login).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let token = answer.body["access_token"].as_str().expect("a token").to_owned();
        Caller { app: self, token: Some(token), headers: Vec::new() }
    }

    pub async fn owner(&self) -> Caller<'_> {
        self.sign_in(Role::Owner, None).await
    }

    /// A caller without credentials.
    pub fn nobody(&self) -> Caller<'_> {
        Caller { app: self, token: None, headers: Vec::new() }
    }

    pub fn with_token(&self, token: &str) -> Caller<'_> {
        Caller { app: self, token: Some(token.to_owned()), headers: Vec::new() }
    }
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Caller<'a> {
    app: &'a TestApp,
    pub token: Option<String>,
    headers: Vec<(String, String)>,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: poem::http::HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The answer, if it has the status; otherwise the test ends and shows it.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        self
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }
}

impl Caller<'_> {
    /// The same caller, sending one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A POST without a body, as transitions are.
    pub async fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        self.send_raw(method, path, body).await
    }

    /// Any bytes under any media type.
    pub async fn send_raw(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let mut head = poem::http::Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            head = head.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            head = head.header(name, value);
        }
        let (media_type, bytes) = body.unzip();
        if let Some(media_type) = media_type {
            head = head.header(header::CONTENT_TYPE, media_type);
        }
        // As the server makes requests; poem's `TestClient` would leave `original_uri` empty.
        let (head, ()) = head.body(()).expect("a request").into_parts();
        let parts = RequestParts::from((head, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
        let request = Request::from_parts(parts, bytes.unwrap_or_default().into());
        let response = self.app.endpoint.call(request).await.expect("the shell answers errors too");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().into_vec().await.expect("the body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let plain = || if text.is_empty() { Value::Null } else { Value::String(text.clone()) };
        let body = serde_json::from_str(&text).unwrap_or_else(|_| plain());
        Answer { status, headers, body, text }
    }

    /// Makes a supplier and returns its id.
    pub async fn supplier(&self, name: &str) -> String {
        let new = serde_json::json!({"kind": "company", "name": name});
        self.post("/v1/suppliers", new).await.expect(201).id()
    }
}

fn manual_clock() -> Clock {
    let start: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().expect("an instant");
    Clock::manual(start)
}

/// A new database in the run's cluster, without any table.
pub async fn empty_postgres() -> Option<Addresses> {
    let cluster = postgres::cluster();
    if let Postgres::Absent(why) = cluster {
        eprintln!("skipped on PostgreSQL: {why}");
        return None;
    }
    let admin = sea_orm::Database::connect(cluster.url("postgres")).await.expect("the cluster answers");
    let name = format!("e{}", Clock::system().uuid().simple());
    let create = format!("CREATE DATABASE {name}");
    sea_orm::ConnectionTrait::execute_unprepared(&admin, &create).await.expect("a database of its own");
    let _ = admin.close().await;
    Some(Addresses { primary: cluster.url(&name), replica: None })
}

/// A new database in the run's cluster, copied from one that is migrated already.
pub async fn fresh_postgres() -> Option<Addresses> {
    let cluster = postgres::cluster();
    let Postgres::Ready { socket_dir, .. } = cluster else {
        if let Postgres::Absent(why) = cluster {
            eprintln!("skipped on PostgreSQL: {why}");
        }
        return None;
    };
    let admin = sea_orm::Database::connect(cluster.url("postgres")).await.expect("the cluster answers");
    let run = |sql: String| {
        let admin = admin.clone();
        async move { sea_orm::ConnectionTrait::execute_unprepared(&admin, &sql).await }
    };
    let lock = std::fs::File::create(socket_dir.join("template.lock")).expect("a lock file");
    let held = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock));
    let held = held.await.expect("the lock").expect("the lock");
    if run("CREATE DATABASE accord_template".to_owned()).await.is_ok() {
        let addresses = Addresses { primary: cluster.url("accord_template"), replica: None };
        let db = accord::shared::db::Db::open(&addresses, &Clock::system()).await.expect("the template migrates");
        db.close().await;
    }
    let name = format!("t{}", Clock::system().uuid().simple());
    run(format!("CREATE DATABASE {name} TEMPLATE accord_template")).await.expect("a database of its own");
    drop(held);
    let _ = admin.close().await;
    Some(Addresses { primary: cluster.url(&name), replica: None })
}

/// A client over any endpoint, for tests of the shell itself.
pub fn client<E: Endpoint<Output = Response> + 'static>(endpoint: E) -> TestClient<E> {
    TestClient::new(endpoint)
}

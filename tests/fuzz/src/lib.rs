//! What the targets stand on: one application over an empty database of its own, called without a network.

use accord::app::{self, Parts};
use accord::shared::app::App;
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::clock::Clock;
use accord::shared::db::Addresses;
use accord::shared::permission::Role;
use accord::shared::{mail, objects};
use accord::shell::Settings;
use poem::endpoint::{DynEndpoint, ToDynEndpoint};
use poem::http::uri::Scheme;
use poem::http::{HeaderMap, Request as Head, request::Builder};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Request, RequestParts, Response};
use serde_json::{Value, json};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

pub struct Place {
    pub app: App,
    /// Of an owner; it does not end, as the clock stands still.
    pub token: String,
    runtime: Runtime,
    endpoint: Box<dyn DynEndpoint<Output = Response>>,
    _folder: tempfile::TempDir,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

static PLACE: LazyLock<Place> = LazyLock::new(Place::new);

pub fn place() -> &'static Place {
    &PLACE
}

impl Place {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::manual("2026-11-21T09:00:00Z".parse().expect("an instant"));
        let parts = Parts {
            addresses: Addresses {
                primary: format!("sqlite:{}?mode=rwc", folder.path().join("accord.db").display()),
                replica: None,
            },
            clock: clock.clone(),
            secret: "a secret of the fuzzer, long enough to be one".to_owned(),
            rate_limits: None,
            password_cost: Cost::Trivial,
            public_url: "https://accord.example".to_owned(),
            mail: mail::Settings::in_folder(folder.path().join("mail")).expect("a folder for mail"),
            files: objects::Settings {
                place: folder.path().join("files").display().to_string(),
                quotas: objects::Quotas::parse("").expect("the usual ones"),
                scanner: None,
            },
            owners: app::OWNERS,
        };
        let app = runtime.block_on(app::open(parts)).expect("the application opens");
        let endpoint = Box::new(ToDynEndpoint(app::endpoint(&app, Settings::default())));
        let mut place = Self { app, token: String::new(), runtime, endpoint, _folder: folder };
        place.token = place.signed_in(&clock);
        place
    }

    fn signed_in(&self, clock: &Clock) -> String {
        let (email, password) = ("owner@accord.example", "correct horse battery staple");
        let account = async {
            let new = NewAccount {
                email: email.to_owned(),
                name: "Owner".to_owned(),
                password_hash: password::hash(password.to_owned(), Cost::Trivial).await.expect("a hash"),
                role: Role::Owner,
                supplier_id: None,
                must_change_password: false,
            };
            let input = (clock.clone(), new);
            self.app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await
        };
        self.runtime.block_on(account).expect("an account");
        let login = json!({"email": email, "password": password}).to_string().into_bytes();
        let answer = self.send(Head::post("/v1/auth/login").header("content-type", "application/json"), login);
        answer.body["access_token"].as_str().expect("a token").to_owned()
    }

    /// The answer to a request, which is never the fault of the server and always says what is wrong.
    pub fn send(&self, head: Builder, body: Vec<u8>) -> Answer {
        let (head, ()) = head.body(()).expect("a request").into_parts();
        let parts = RequestParts::from((head, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
        let answered = async {
            let response = self.endpoint.call(Request::from_parts(parts, body.into())).await.expect("an answer");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            (status, headers, response.into_body().into_vec().await.expect("a body"))
        };
        let (status, headers, body) = self.runtime.block_on(answered);
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        assert!(status < 500, "{status} {body}");
        if status >= 400 {
            assert_eq!(headers["content-type"], "application/problem+json", "{status}");
            assert!(body["code"].is_string(), "{status} {body}");
        }
        Answer { status, headers, body }
    }

    /// The same by the owner, in JSON.
    pub fn ask(&self, head: Builder, body: Vec<u8>) -> Answer {
        let head = head.header("authorization", format!("Bearer {}", self.token));
        self.send(head.header("content-type", "application/json"), body)
    }
}

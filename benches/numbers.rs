//! What numbers cost when a promise has 10,000 commitments and when it has 1,000,000:
//! `cargo bench --bench numbers`, on SQLite and, where its programs are installed, on PostgreSQL.
//!
//! Prints one line per figure. Nothing is asserted: figures depend on the computer. The ratio should
//! stay below 1.5.
//!
//! On 2 cores (November 2026, while tests ran beside it), p50 at 10,000 and at 1,000,000:
//!
//! | | SQLite | PostgreSQL 15 |
//! |---|---|---|
//! | rows imported in | 1.0 s, 31.9 s | 1.0 s, 45.1 s |
//! | kept rate | 1.6 ms, 1.6 ms | 1.5 ms, 1.5 ms |
//! | kept rate by week | 1.6 ms, 1.6 ms | 2.2 ms, 2.3 ms |
//! | capability | 2.5 ms, 2.6 ms | 4.2 ms, 4.5 ms |
//! | capability, other target | 13.4 ms, 5.1 ms | 8.3 ms, 5.6 ms |
//!
//! (Another target is judged commitment by commitment in a period of fewer than 1,000, and from tallies above.)

#[path = "../tests/api/support/postgres.rs"]
mod postgres;

use accord::app::{self, Parts};
use accord::imports::{self, ImportKind, ImportMode, ImportOptions, OnError};
use accord::shared::app::App;
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::clock::Clock;
use accord::shared::db::Addresses;
use accord::shared::error::Error;
use accord::shared::mail;
use accord::shared::objects;
use accord::shared::permission::Role;
use accord::shell::Settings;
use chrono::{DateTime, Duration as Span, SecondsFormat, Utc};
use poem::http::{Method, header, uri::Scheme};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, RequestParts, Response};
use postgres::Postgres;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EMAIL: &str = "bench@accord.example";
const SMALL: i64 = 10_000;
const LARGE: i64 = 1_000_000;
const ROUNDS: usize = 500;

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// An application, called without a network.
struct Api {
    app: App,
    endpoint: Arc<dyn poem::endpoint::DynEndpoint<Output = Response>>,
    token: String,
}

impl Api {
    async fn open(addresses: Addresses, folder: &Path) -> Self {
        let parts = Parts {
            addresses,
            clock: Clock::system(),
            secret: "a secret of the bench, long enough to be one".to_owned(),
            rate_limits: None,
            password_cost: Cost::Trivial,
            public_url: "https://accord.example".to_owned(),
            mail: mail::Settings::in_folder(folder.join("mail")).expect("settings"),
            files: objects::Settings {
                place: folder.join("files").display().to_string(),
                quotas: objects::Quotas::parse("").expect("the usual ones"),
                scanner: None,
            },
            owners: app::OWNERS,
        };
        let app = app::open(parts).await.expect("the application opens");
        let secret = "correct horse battery staple".to_owned();
        let password_hash = password::hash(secret.clone(), Cost::Trivial).await.expect("a hash");
        let (email, name) = (EMAIL.to_owned(), "Bench".to_owned());
        let new = NewAccount {
            email,
            name,
            password_hash,
            role: Role::Owner,
            supplier_id: None,
            must_change_password: false,
        };
        let input = (app.clock.clone(), new);
        app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await.expect("an account");
        let endpoint = Arc::new(poem::endpoint::ToDynEndpoint(app::endpoint(&app, Settings::default())));
        let mut api = Self { app, endpoint, token: String::new() };
        let login = api.post("/v1/auth/login", json!({"email": EMAIL, "password": secret})).await;
        api.token = login["access_token"].as_str().expect("a token").to_owned();
        api
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut head = poem::http::Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            head = head.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let head = head.header(header::CONTENT_TYPE, "application/json").body(()).expect("a request").into_parts().0;
        let parts = RequestParts::from((head, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
        let request = Request::from_parts(parts, body.map(|body| body.to_string()).unwrap_or_default().into());
        let response = self.endpoint.call(request).await.expect("errors are answers");
        let is_success = response.status().is_success();
        let bytes = response.into_body().into_vec().await.expect("the body");
        assert!(is_success, "{path}: {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A promise of two days on a clause of an agreement in force.
    async fn promise(&self, key: &str) -> String {
        let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
        let supplier = id(&self.post("/v1/suppliers", json!({"kind": "company", "name": key})).await);
        for verb in ["nominate", "qualify", "activate"] {
            self.post(&format!("/v1/suppliers/{supplier}/{verb}"), json!({})).await;
        }
        let new =
            json!({"supplier_id": supplier, "title": key, "template": "goods-supplier", "starts_on": "2020-01-01"});
        let agreement = id(&self.post("/v1/agreements", new).await);
        let path = format!("/v1/agreements/{agreement}");
        let clause = json!({"direction": "supplier_to_us", "dimension": "reliability", "text": "Within two days.",
            "metric": "duration", "comparison": "at_most", "target_duration": "PT48H", "reliability": 0.95});
        let clause = id(&self.post(&format!("{path}/expectations"), clause).await);
        let signature = json!({"side": "supplier", "name": "Jo Example", "signed_on": "2020-01-01"});
        for (verb, body) in [
            ("propose", json!({})),
            ("agree", json!({"on_paper": true})),
            ("sign", json!({})),
            ("sign", json!({"on_paper": signature})),
            ("activate", json!({})),
        ] {
            self.post(&format!("{path}/{verb}"), body).await;
        }
        let new = json!({"agreement_id": agreement, "expectation_id": clause, "wording": "Within two days.",
            "external_id": key, "effective_from": "2020-01-01T00:00:00Z"});
        id(&self.post("/v1/promises", new).await)
    }

    /// Imports so many occasions of a promise, spread over the last year.
    async fn load(&self, key: &str, many: i64, folder: &Path) {
        let file = folder.join(format!("{key}.csv"));
        write_rows(&file, key, many, self.app.clock.now().instant()).expect("the file is written");
        let options = ImportOptions {
            kind: ImportKind::named("commitments").expect("a kind"),
            mode: ImportMode::Create,
            on_error: OnError::Abort,
            dry_run: false,
        };
        let start = Instant::now();
        let done = imports::import_file(&self.app, &file, options, |_| ()).await.expect("an import");
        assert_eq!(done.import.rows_created, many, "{:?}", done.refused);
        say(&format!("  {many:>9} rows imported in {:.1} s", start.elapsed().as_secs_f64()));
        let _ = std::fs::remove_file(file);
    }
}

/// Fulfilled after 20 to 60 hours, without any order.
fn write_rows(file: &Path, key: &str, many: i64, now: DateTime<Utc>) -> std::io::Result<()> {
    let mut rows = BufWriter::new(std::fs::File::create(file)?);
    writeln!(rows, "external_id,promise_external_id,made_at,fulfilled_at")?;
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    for number in 0..many {
        let made_at = now - Span::days(362) + Span::seconds(number * 358 * 86_400 / many);
        let took = 20 * 3_600 + number.wrapping_mul(2_654_435_761).rem_euclid(40 * 3_600);
        writeln!(rows, "{key}-{number},{key},{},{}", text(made_at), text(made_at + Span::seconds(took)))?;
    }
    rows.flush()
}

/// The median time of both, asked by turns, so that whatever else the computer does hits both.
async fn medians(api: &Api, paths: &[String; 2]) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS + ROUNDS / 10 {
        for (path, times) in paths.iter().zip(&mut times) {
            let start = Instant::now();
            std::hint::black_box(api.get(path).await);
            if round >= ROUNDS / 10 {
                times.push(start.elapsed());
            }
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

async fn measure(what: &str, addresses: Addresses, folder: &Path) {
    say(what);
    let api = Api::open(addresses, folder).await;
    let promises = [api.promise("small").await, api.promise("large").await];
    api.load("small", SMALL, folder).await;
    api.load("large", LARGE, folder).await;
    if !api.app.db.is_sqlite() {
        // What autovacuum does, which is off here.
        let analysed = api.app.db.write((), |txn, ()| {
            Box::pin(async move { txn.execute_unprepared("ANALYZE").await.map(drop).map_err(Error::from) })
        });
        analysed.await.expect("statistics");
    }
    for (name, path) in [
        ("kept rate", "/v1/kept-rate?promise_id={}"),
        ("kept rate by week", "/v1/kept-rate?promise_id={}&by=week"),
        ("capability", "/v1/promises/{}/capability"),
        ("capability, other target", "/v1/promises/{}/capability?target_duration=PT40H"),
    ] {
        let paths = [0, 1].map(|place: usize| path.replace("{}", &promises[place]));
        let [small, large] = medians(&api, &paths).await;
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        say(&format!("  {name:<26} p50 {SMALL} {small:>9.1?}   {LARGE} {large:>9.1?}   ratio {ratio:.2}"));
    }
    api.app.db.close().await;
}

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("accord-numbers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let primary = format!("sqlite:{}?mode=rwc", folder.join("accord.db").display());
    measure("SQLite", Addresses { primary, replica: None }, &folder).await;
    match postgres::cluster() {
        Postgres::Absent(why) => say(why),
        cluster => {
            let admin = sea_orm::Database::connect(cluster.url("postgres")).await.expect("the cluster answers");
            admin.execute_unprepared("CREATE DATABASE numbers").await.expect("a database");
            measure("PostgreSQL", Addresses { primary: cluster.url("numbers"), replica: None }, &folder).await;
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

//! What signing in costs, and what it costs others: `cargo bench --bench access`.
//!
//! Prints one line per figure. Nothing is asserted: figures depend on the computer.

use accord::app::{self, Parts};
use accord::shared::app::App;
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::clock::Clock;
use accord::shared::context::Context;
use accord::shared::db::Addresses;
use accord::shared::mail;
use accord::shared::objects;
use accord::shared::permission::Role;
use accord::shared::rate::Policy;
use accord::shell::Settings;
use poem::http::{Method, header, uri::Scheme};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, RequestParts, Response};
use serde_json::{Value, json};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PASSWORD: &str = "correct horse battery staple";
const EMAIL: &str = "bench@accord.example";

type Api = Arc<dyn poem::endpoint::DynEndpoint<Output = Response>>;

async fn app(folder: &std::path::Path) -> (App, Api) {
    let primary = format!("sqlite:{}?mode=rwc", folder.join("accord.db").display());
    let parts = Parts {
        addresses: Addresses { primary, replica: None },
        clock: Clock::system(),
        secret: "a secret of the bench, long enough to be one".to_owned(),
        rate_limits: None,
        password_cost: Cost::Real,
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
    let password_hash = password::hash(PASSWORD.to_owned(), Cost::Real).await.expect("a hash");
    let (email, name) = (EMAIL.to_owned(), "Bench".to_owned());
    let new =
        NewAccount { email, name, password_hash, role: Role::Owner, supplier_id: None, must_change_password: false };
    let input = (app.clock.clone(), new);
    app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await.expect("an account");
    let api = Arc::new(poem::endpoint::ToDynEndpoint(app::endpoint(&app, Settings::default())));
    (app, api)
}

async fn send(api: &Api, method: Method, path: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let mut head = poem::http::Request::builder().method(method).uri(path);
    if !token.is_empty() {
        head = head.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let head = head.header(header::CONTENT_TYPE, "application/json").body(()).expect("a request");
    let parts = RequestParts::from((head.into_parts().0, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
    let request = Request::from_parts(parts, body.map(|body| body.to_string()).unwrap_or_default().into());
    let response = api.call(request).await.expect("errors are answers");
    let status = response.status().as_u16();
    let bytes = response.into_body().into_vec().await.expect("the body");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn login(api: &Api) -> (u16, Value) {
    let body = json!({"email": EMAIL, "password": PASSWORD});
    send(api, Method::POST, "/v1/auth/login", "", Some(body)).await
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times[place]
}

/// Reads one supplier, paced like a user would be, until told to stop; every answer's time.
async fn read_meanwhile(api: Api, path: String, token: String, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        assert_eq!(send(&api, Method::GET, &path, &token, None).await.0, 200);
        times.push(start.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    times
}

async fn verification(app: &App, token: &str) {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let context = Context::new(app.gate.clone(), "bench".into(), peer, Policy::Default);
    let rounds = 1_000_000_u32;
    app.gate.caller(token, &context).await.expect("a caller");
    let start = Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(app.gate.caller(token, &context).await.expect("a caller"));
    }
    say(&format!("verification of a known token      {:>8} ns", (start.elapsed() / rounds).as_nanos()));
}

async fn sign_ins(api: &Api, path: &str, token: &str) {
    let quiet = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read_meanwhile(api.clone(), path.to_owned(), token.to_owned(), quiet.clone()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    quiet.store(true, Ordering::Relaxed);
    let mut before = reader.await.expect("the reader");

    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read_meanwhile(api.clone(), path.to_owned(), token.to_owned(), stop.clone()));
    let start = Instant::now();
    let all = (0..200).map(|_| {
        let api = api.clone();
        tokio::spawn(async move { login(&api).await.0 })
    });
    let mut accepted = 0;
    for one in all.collect::<Vec<_>>() {
        accepted += u32::from(one.await.expect("a sign-in") == 200);
    }
    let took = start.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut during = reader.await.expect("the reader");
    say(&format!("200 sign-ins at once               {:>8.2} s, {accepted} accepted", took.as_secs_f64()));
    say(&format!("sign-ins per second                {:>8.1}", f64::from(accepted) / took.as_secs_f64()));
    for (what, times) in [("before", &mut before), ("during", &mut during)] {
        let (p50, p99) = (percentile(times, 0.5), percentile(times, 0.99));
        say(&format!("GET of a supplier {what:<6}           p50 {p50:>10.1?}  p99 {p99:>10.1?}  n {}", times.len()));
    }
}

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("accord-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (app, api) = app(&folder).await;
    let (_, pair) = login(&api).await;
    let token = pair["access_token"].as_str().expect("a token").to_owned();
    let new = json!({"kind": "company", "name": "Bench"});
    let (_, supplier) = send(&api, Method::POST, "/v1/suppliers", &token, Some(new)).await;
    let path = format!("/v1/suppliers/{}", supplier["id"].as_str().expect("an id"));
    verification(&app, &token).await;
    sign_ins(&api, &path, &token).await;
    let _ = std::fs::remove_dir_all(&folder);
}

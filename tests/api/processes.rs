//! Two real processes over one PostgreSQL: what one of them changes, the other heeds.

mod at_once;
mod downtime;

use crate::support::process::{Installation, SECRET, Server};
use crate::support::{PASSWORD, empty_postgres};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Instances look twice a second; a busy computer gets more time before the test fails.
const PATIENCE: Duration = Duration::from_secs(10);

struct Instance {
    server: Server,
    client: Client,
}

impl Instance {
    fn of(installation: &Installation) -> Self {
        Self { server: installation.serve(), client: Client::new() }
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}{path}", self.server.base));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.expect("it answers");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn sign_in(&self, email: &str, password: &str) -> (StatusCode, Value) {
        let body = json!({"email": email, "password": password});
        self.send(Method::POST, "/v1/auth/login", "", Some(body)).await
    }

    async fn token(&self, email: &str) -> (String, Value) {
        let (status, pair) = self.sign_in(email, PASSWORD).await;
        assert_eq!(status, 200, "{pair}");
        (pair["access_token"].as_str().expect("a token").to_owned(), pair)
    }

    /// Asks until the answer is as wanted, and tells how long that took.
    async fn until(&self, what: &str, path: &str, token: &str, wanted: impl Fn(StatusCode, &Value) -> bool) {
        let start = Instant::now();
        loop {
            let (status, body) = self.send(Method::GET, path, token, None).await;
            if wanted(status, &body) {
                eprintln!("{what}: heeded after {:?}", start.elapsed());
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: still {status} {body}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_ends_the_other_refuses() {
    let Some(addresses) = empty_postgres().await else { return };
    let place = || {
        let place = Installation::new().with("ACCORD_DATABASE_URL", &addresses.primary);
        place.with("ACCORD_SECRET", SECRET).with("ACCORD_RATE_LIMITS", "login=1000000")
    };
    let (here, there) = (place(), place());
    for (email, role) in [("owner@accord.example", "owner"), ("agent@accord.example", "agent")] {
        here.user(email, role).expect(0);
    }
    let (one, other) = (Instance::of(&here), Instance::of(&there));
    let (owner, _) = one.token("owner@accord.example").await;
    let ended = |status: StatusCode, body: &Value| status == 401 && body["code"] == "session_revoked";

    let (agent, pair) = one.token("agent@accord.example").await;
    assert_eq!(other.send(Method::GET, "/v1/me", &agent, None).await.0, 200);
    let path = format!("/v1/sessions/{}", pair["session_id"].as_str().expect("an id"));
    assert_eq!(one.send(Method::DELETE, &path, &owner, None).await.0, 204);
    other.until("a session that was ended", "/v1/me", &agent, ended).await;

    let (agent, _) = other.token("agent@accord.example").await;
    assert_eq!(one.send(Method::GET, "/v1/me", &agent, None).await.0, 200);
    let (_, users) = one.send(Method::GET, "/v1/users?role=agent", &owner, None).await;
    let path = format!("/v1/users/{}/disable", users["data"][0]["id"].as_str().expect("an id"));
    assert_eq!(other.send(Method::POST, &path, &owner, None).await.0, 200);
    one.until("a user that was disabled", "/v1/me", &agent, ended).await;

    here.run(&["key", "rotate"]).expect(0);
    let both = |_, body: &Value| body["keys"].as_array().is_some_and(|keys| keys.len() == 2);
    for instance in [&one, &other] {
        instance.until("a new key", "/.well-known/jwks.json", "", both).await;
        assert_eq!(instance.send(Method::GET, "/v1/me", &owner, None).await.0, 200, "nobody was signed out");
    }

    // The fifth failure starts the waiting; on a slow computer a second may be over before the next attempt.
    let mut refused = [0, 0];
    for attempt in 0..14 {
        let place = attempt % 2;
        let (status, body) = [&one, &other][place].sign_in("nobody@accord.example", "wrong").await;
        assert!(attempt >= 5 || status == 401, "{body}");
        refused[place] += u32::from(status == 429 && body["policy"] == "login");
    }
    assert!(refused.iter().all(|times| *times > 0), "both processes count the same failures: {refused:?}");
}

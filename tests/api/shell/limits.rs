//! Rate limits, and whom they count: the principal, or the address behind trusted proxies.

use super::with;
use crate::support::{self, Answer, Caller, TestApp, Wishes};
use accord::shared::clock::Clock;
use accord::shared::permission::Role;
use accord::shared::rate::Quotas;
use accord::shell::{Settings, Shell};
use futures_util::future::join_all;
use poem::endpoint::make;
use poem::http::{Method, StatusCode};
use poem::{EndpointExt, Request};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

async fn limited(trusted_proxies: &[&str]) -> TestApp {
    let trusted_proxies = trusted_proxies.iter().map(|net| net.parse().expect("a net")).collect();
    let settings = Settings { trusted_proxies, ..Settings::default() };
    TestApp::sqlite_with(Wishes { rate_limits: Some(Quotas::default()), settings, ..Wishes::default() }).await
}

/// With so few requests a minute that none comes back while a test runs.
async fn limited_to(quotas: &str) -> TestApp {
    let rate_limits = Some(Quotas::parse(quotas).expect("quotas"));
    TestApp::sqlite_with(Wishes { rate_limits, ..Wishes::default() }).await
}

/// A sign-in that fails, each time for another account: one alone would be slowed down earlier.
async fn sign_in(caller: &Caller<'_>) -> Answer {
    let email = format!("{}@accord.example", Clock::system().uuid());
    caller.post("/v1/auth/login", json!({"email": email, "password": "guess"})).await
}

/// Signs in until it is refused, and returns the refusal. The limit fills up again by one every
/// six seconds, so a slow machine may get one or two more.
async fn use_up(caller: &Caller<'_>) -> Answer {
    for _ in 0..10 {
        sign_in(caller).await.refused(401, "invalid_credentials");
    }
    for _ in 0..5 {
        let answer = sign_in(caller).await;
        if answer.status == 429 {
            return answer;
        }
    }
    panic!("15 sign-ins were let through");
}

/// The numbers of `"default";r=598;t=42`.
fn standing(answer: &Answer) -> (String, u32, u32) {
    let (name, rest) = answer.header("ratelimit").split_once(";r=").expect("RateLimit");
    let (left, reset) = rest.split_once(";t=").expect("its time");
    (name.to_owned(), left.parse().expect("a number"), reset.parse().expect("a number"))
}

#[tokio::test]
async fn answers_say_how_much_of_the_callers_own_limit_is_left() {
    let app = limited(&[]).await;
    let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
    let first = owner.get("/v1/suppliers").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=600;w=60");
    assert_eq!(standing(&first).0, "\"default\"");
    let refused = owner.get("/v1/suppliers?nope=1").await.refused(400, "unknown_parameter");
    let (left, left_then) = (standing(&first).1, standing(&refused).1);
    assert!(left_then < left && left < 600, "{left} {left_then}");
    assert_eq!(
        standing(&manager.get("/v1/suppliers").await.expect(200)).1,
        left,
        "another caller has a limit of its own"
    );
}

#[tokio::test]
async fn a_caller_who_has_used_up_its_limit_waits_and_nobody_else_does() {
    let app = limited(&[]).await;
    let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
    let mut calls = 0;
    let refused = loop {
        let answer = owner.get("/v1/suppliers?nope=1").await;
        calls += 1;
        if answer.status == 429 || calls > 1000 {
            break answer.refused(429, "rate_limited");
        }
    };
    assert!(calls > 600, "{calls}");
    assert_eq!(refused.body["policy"], "default");
    assert_eq!(standing(&refused).1, 0);
    assert_eq!(refused.header("retry-after"), standing(&refused).2.to_string());
    manager.get("/v1/suppliers").await.expect(200);
}

#[tokio::test]
async fn the_eleventh_sign_in_of_a_minute_from_one_address_is_refused() {
    let app = limited(&[]).await;
    let refused = use_up(&app.nobody()).await.refused(429, "rate_limited");
    assert_eq!(refused.header("ratelimit-policy"), "\"login\";q=10;w=60");
    assert_eq!(refused.body["policy"], "login");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(refused.body["detail"].as_str().expect("a detail").contains("10 requests per 60 s"));
}

#[tokio::test]
async fn a_configured_limit_is_told_and_kept() {
    let app = limited_to("default=2,login=1").await;
    let owner = app.owner().await;
    sign_in(&app.nobody()).await.refused(429, "rate_limited");
    let answer = owner.get("/v1/suppliers").await.expect(200);
    assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=2;w=60");
    assert_eq!(answer.header("ratelimit"), "\"default\";r=1;t=30");
    owner.get("/v1/suppliers").await.expect(200);
    let refused = owner.get("/v1/suppliers").await.refused(429, "rate_limited");
    assert_eq!(refused.body["detail"], "2 requests per 60 s are used up.");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
}

#[tokio::test]
async fn an_answer_304_costs_neither_the_caller_nor_its_address_anything() {
    let app = limited_to("default=3,peer=4").await;
    let owner = app.owner().await;
    let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
    let read = owner.get(&path).await.expect(200);
    assert_eq!(standing(&read).1, 1);
    for _ in 0..6 {
        let unchanged = owner.with("if-none-match", read.header("etag")).get(&path).await.expect(304);
        assert_eq!(unchanged.header("ratelimit-policy"), "\"default\";q=3;w=60");
        assert_eq!((&*standing(&unchanged).0, standing(&unchanged).1), ("\"default\"", 1));
    }
    let changed = owner.with("if-none-match", "\"99\"").get(&path).await.expect(200);
    assert_eq!(standing(&changed).1, 0, "an answer with a body costs");
    // The address has now used up its four: sign-in, supplier, and two that were read.
    assert_eq!(owner.get(&path).await.refused(429, "rate_limited").body["policy"], "peer");
}

#[tokio::test]
async fn a_caller_who_has_used_up_everything_is_refused_whatever_it_has_already() {
    let app = limited_to("default=2").await;
    let owner = app.owner().await;
    let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
    owner.get(&path).await.expect(200);
    owner.with("if-none-match", "\"1\"").get(&path).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn searches_are_counted_apart_from_everything_else() {
    let app = limited_to("default=2,search=1").await;
    let owner = app.owner().await;
    let found = owner.get("/v1/suppliers?q=acme").await.expect(200);
    assert_eq!(found.header("ratelimit-policy"), "\"search\";q=1;w=60");
    assert_eq!(found.header("ratelimit"), "\"search\";r=0;t=60");
    for again in ["/v1/suppliers?q=acme", "/v1/suppliers?limit=5&%71=acme"] {
        let refused = owner.get(again).await.refused(429, "rate_limited");
        assert_eq!(refused.body["policy"], "search");
        assert_eq!(refused.header("ratelimit-policy"), "\"search\";q=1;w=60");
    }
    owner.send(Method::HEAD, "/v1/suppliers?q=acme", None).await.expect(429);
    let list = owner.get("/v1/suppliers?limit=5").await.expect(200);
    assert_eq!(list.header("ratelimit"), "\"default\";r=1;t=30", "the search cost nothing here");
    let manager = app.sign_in(Role::Manager, None).await;
    manager.get("/v1/suppliers?q=acme").await.expect(200);
}

#[tokio::test]
async fn a_search_is_possible_after_everything_else_is_used_up() {
    let app = limited_to("default=1").await;
    let owner = app.owner().await;
    owner.get("/v1/suppliers").await.expect(200);
    owner.get("/v1/suppliers").await.refused(429, "rate_limited");
    assert_eq!(owner.get("/v1/suppliers?q=acme").await.expect(200).header("ratelimit-policy"), "\"search\";q=60;w=60");
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let app = with(Settings::default()).await;
    for _ in 0..15 {
        sign_in(&app.nobody()).await.refused(401, "invalid_credentials");
    }
    let answer = app.owner().await.get("/v1/suppliers").await.expect(200);
    assert!(answer.headers.get("ratelimit").is_none() && answer.headers.get("ratelimit-policy").is_none());
}

#[tokio::test]
async fn health_is_read_outside_the_limits() {
    let app = limited(&[]).await;
    for path in ["/healthz", "/readyz", "/version", "/problems"] {
        assert!(app.nobody().get(path).await.expect(200).headers.get("ratelimit").is_none(), "{path}");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_has_its_own_limit() {
    let app = limited(&["127.0.0.0/8", "10.0.0.0/8"]).await;
    let from = |chain: &str| app.nobody().with("x-forwarded-for", chain);
    use_up(&from("203.0.113.9")).await;
    sign_in(&from("203.0.113.10")).await.refused(401, "invalid_credentials");
    // What the client wrote itself, left of what the proxies added, does not make it another one.
    sign_in(&from("198.51.100.7, 203.0.113.9, 10.1.1.1")).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn the_addresses_of_one_ipv6_network_share_a_limit() {
    let app = limited(&["127.0.0.0/8"]).await;
    let from = |address: &str| app.nobody().with("x-forwarded-for", address);
    use_up(&from("2001:db8:0:1::1")).await;
    sign_in(&from("2001:db8:0:1:ffff::2")).await.refused(429, "rate_limited");
    sign_in(&from("2001:db8:0:2::1")).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn a_client_nobody_trusts_cannot_choose_its_address() {
    let app = limited(&["10.0.0.0/8"]).await;
    let from = |address: &str| app.nobody().with("x-forwarded-for", address);
    use_up(&from("203.0.113.9")).await;
    sign_in(&from("203.0.113.10")).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn a_request_too_many_is_told_to_come_back_while_health_still_answers() {
    let app = TestApp::sqlite().await;
    let go_on = CancellationToken::new();
    let waits = go_on.clone();
    let slow = make(move |request: Request| {
        let waits = waits.clone();
        async move {
            if request.uri().path().starts_with("/v1/") {
                waits.cancelled().await;
            }
        }
    });
    let client = support::client(Shell::new(slow.map_to_response(), app.app.gate.clone(), Settings::default()));
    let waiting = join_all((0..1024).map(|_| client.get("/v1/suppliers").send()));
    tokio::pin!(waiting);
    tokio::select! {
        _ = &mut waiting => panic!("they wait"),
        () = tokio::time::sleep(Duration::from_millis(100)) => {}
    }
    let refused = client.get("/v1/suppliers").send().await;
    refused.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    refused.assert_header("retry-after", "1");
    client.get("/healthz").send().await.assert_status_is_ok();
    go_on.cancel();
    waiting.await.iter().for_each(|answer| answer.assert_status_is_ok());
    client.get("/v1/suppliers").send().await.assert_status_is_ok();
}

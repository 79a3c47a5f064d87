//! The HTTP around every request: ids, headers, refusals, origins, compression, the log.
//! `limits` holds the rate limits, `socket` what needs a real connection.

mod limits;
mod socket;

use crate::support::{self, Answer, Caller, TestApp, Wishes};
use accord::app;
use accord::shell::{AccessLog, Origins, Settings, Shell};
use flate2::read::GzDecoder;
use poem::endpoint::make_sync;
use poem::http::Method;
use poem::{EndpointExt, Response};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

const LISTED: &str = "https://app.example.com";

/// A writer whose content a test can read.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the buffer").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn with(settings: Settings) -> TestApp {
    TestApp::sqlite_with(Wishes { settings, ..Wishes::default() }).await
}

async fn cross_origin() -> TestApp {
    with(Settings { origins: Origins(Arc::new([LISTED.to_owned()])), ..Settings::default() }).await
}

/// One call of each kind of refusal, from different layers.
async fn refusals(nobody: &Caller<'_>, owner: &Caller<'_>) -> Vec<Answer> {
    vec![
        nobody.get("/v1/nowhere").await.refused(404, "route_not_found"),
        nobody.delete("/v1/suppliers").await.refused(405, "method_not_allowed"),
        nobody.get("/v1/suppliers").await.refused(401, "missing_credentials"),
        owner.get("/v1/suppliers?nope=1").await.refused(400, "unknown_parameter"),
        owner.get("/v1/suppliers/not-an-id").await.refused(404, "not_found"),
        owner.post("/v1/suppliers", json!({})).await.refused(400, "validation_failed"),
        owner.send_raw(Method::POST, "/v1/suppliers", Some(("application/json", b"{".to_vec()))).await,
        owner.send_raw(Method::POST, "/v1/suppliers", Some(("text/plain", b"{}".to_vec()))).await,
        nobody.get(&format!("/v1/{}", "x".repeat(9000))).await.refused(414, "uri_too_long"),
    ]
}

#[tokio::test]
async fn a_well_formed_request_id_is_kept_and_every_other_is_replaced() {
    let app = TestApp::sqlite().await;
    let nobody = app.nobody();
    for kept in ["12345678", "trace-1.span_2", &"a".repeat(64)] {
        assert_eq!(nobody.with("x-request-id", kept).get("/healthz").await.header("x-request-id"), kept);
    }
    for refused in ["1234567", "", "with space", "semi;colon", "<script>1", &"a".repeat(65)] {
        let answer = nobody.with("x-request-id", refused).get("/healthz").await.expect(200);
        let made: uuid::Uuid = answer.header("x-request-id").parse().expect("a UUID of ours");
        assert_eq!(made.get_version_num(), 7);
    }
    let (one, other) = (nobody.get("/healthz").await, nobody.get("/healthz").await);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[tokio::test]
async fn every_refusal_is_a_whole_problem_and_names_its_request() {
    let app = TestApp::sqlite().await;
    let id = "my-request-1";
    let owner = app.owner().await.with("x-request-id", id);
    let nobody = app.nobody().with("x-request-id", id);
    for answer in refusals(&nobody, &owner).await {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!((answer.header("x-request-id"), &answer.body["request_id"]), (id, &json!(id)), "{}", answer.text);
        let code = answer.body["code"].as_str().expect("a code");
        assert_eq!(answer.body["type"], format!("https://accord.example/problems/{code}"));
        assert_eq!(answer.body["status"], answer.status);
        assert!(
            answer.body["title"].is_string() && answer.body["detail"].is_string() && answer.body["errors"].is_array()
        );
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::sqlite().await;
    let (owner, nobody) = (app.owner().await, app.nobody());
    let mut answers = refusals(&nobody, &owner).await;
    answers.push(owner.get("/v1/suppliers").await.expect(200));
    answers.push(nobody.get("/healthz").await.expect(200));
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert!(!answer.header("content-type").is_empty(), "{}", answer.text);
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
}

#[tokio::test]
async fn what_holds_tokens_is_never_stored() {
    let app = TestApp::sqlite().await;
    app.owner().await;
    let login = json!({"email": "owner@accord.example", "password": support::PASSWORD});
    let answer = app.nobody().post("/v1/auth/login", login).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let wrong = json!({"email": "owner@accord.example", "password": "guess"});
    let answer = app.nobody().post("/v1/auth/login", wrong).await.refused(401, "invalid_credentials");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_documentation_page_loads_from_this_process_only() {
    let app = TestApp::sqlite().await;
    let page = app.nobody().get("/docs").await.expect(200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    assert!(!page.text.contains("://"), "{}", page.text);
    for part in page.text.split(['"', '\'']).filter(|part| part.starts_with("/docs/")) {
        app.nobody().get(part).await.expect(200);
    }
}

#[tokio::test]
async fn a_listed_origin_may_call_and_read_our_headers() {
    let app = cross_origin().await;
    let page = app.nobody().with("origin", LISTED);
    for answer in [page.get("/healthz").await, page.get("/v1/suppliers").await, page.get("/nowhere").await] {
        assert_eq!(answer.header("access-control-allow-origin"), LISTED);
        let exposed = answer.header("access-control-expose-headers");
        for header in ["ETag", "Location", "X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After"] {
            assert!(exposed.split(", ").any(|name| name == header), "{header} in {exposed}");
        }
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
    }
    let asks = page.with("access-control-request-method", "PATCH");
    let preflight = asks.send(Method::OPTIONS, "/v1/suppliers", None).await.expect(204);
    assert_eq!(preflight.header("access-control-allow-origin"), LISTED);
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    for header in ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"] {
        assert!(preflight.header("access-control-allow-headers").contains(header), "{header}");
    }
    assert!(!preflight.header("x-request-id").is_empty());
}

#[tokio::test]
async fn an_origin_that_is_not_listed_gets_the_answer_without_cors_headers() {
    let app = cross_origin().await;
    for origin in ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"] {
        let page = app.nobody().with("origin", origin);
        let asks = page.with("access-control-request-method", "GET");
        let answers = [
            page.get("/healthz").await.expect(200),
            asks.send(Method::OPTIONS, "/v1/suppliers", None).await.refused(405, "method_not_allowed"),
        ];
        for answer in answers {
            assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{origin}");
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "Origin"));
        }
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_says_nothing_but_the_request_id() {
    let app = TestApp::sqlite().await;
    let panics = make_sync(|_| -> Response { panic!("the secret of the handler") });
    let shell = Shell::new(panics.map_to_response(), app.app.gate.clone(), Settings::default());
    let answer = support::client(shell).get("/v1/suppliers").header("x-request-id", "my-request-1").send().await.0;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.content_type(), Some("application/problem+json"));
    let text = answer.into_body().into_string().await.expect("a body");
    let body: Value = serde_json::from_str(&text).expect("a problem");
    assert_eq!((&body["code"], &body["request_id"]), (&json!("internal_error"), &json!("my-request-1")));
    assert!(!text.contains("secret"), "{text}");
}

/// A JSON text of this many bytes.
fn long(length: usize) -> Option<(&'static str, Vec<u8>)> {
    Some(("application/json", format!("\"{}\"", "a".repeat(length - 2)).into_bytes()))
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_too_large_with_and_without_its_length() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    let (most, over) = (1024 * 1024, 1024 * 1024 + 1);
    // The test client sends no Content-Length of its own.
    let answer = owner.send_raw(Method::POST, "/v1/suppliers", long(over)).await.refused(413, "payload_too_large");
    assert_eq!(answer.body["max_bytes"], most);
    let declared = owner.with("content-length", &over.to_string());
    declared.send_raw(Method::POST, "/v1/suppliers", long(3)).await.refused(413, "payload_too_large");
    owner.send_raw(Method::POST, "/v1/suppliers", long(most)).await.refused(400, "validation_failed");
}

#[tokio::test]
async fn another_media_type_is_refused_with_those_that_are_not() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    let body = json!({"kind": "company", "name": "Delta"}).to_string().into_bytes();
    for other in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/merge-patch+json"]
    {
        let sent = owner.send_raw(Method::POST, "/v1/suppliers", Some((other, body.clone()))).await;
        assert_eq!(sent.refused(415, "unsupported_media_type").header("accept"), "application/json");
    }
    let packed = owner.with("content-encoding", "gzip");
    packed.post("/v1/suppliers", json!({})).await.refused(415, "unsupported_media_type");
    let id = owner.supplier("Delta Air Lines").await;
    let patch = Some(("text/plain", b"{}".to_vec()));
    let sent = owner.send_raw(Method::PATCH, &format!("/v1/suppliers/{id}"), patch).await;
    let accepted = "application/merge-patch+json, application/json";
    assert_eq!(sent.refused(415, "unsupported_media_type").header("accept-patch"), accepted);
    owner.send_raw(Method::POST, "/v1/suppliers", Some(("Application/JSON; charset=utf-8", body))).await.expect(201);
}

#[tokio::test]
async fn an_address_over_8_kibibytes_is_too_long() {
    let app = TestApp::sqlite().await;
    let address = |length: usize| format!("/healthz?{}", "x".repeat(length - "/healthz?".len()));
    app.nobody().get(&address(8192)).await.refused(400, "unknown_parameter");
    app.nobody().get(&address(8193)).await.refused(414, "uri_too_long");
}

#[tokio::test]
async fn an_unknown_path_is_404_whoever_asks() {
    let app = TestApp::sqlite().await;
    let (owner, nobody) = (app.owner().await, app.nobody());
    for path in ["/", "/v1", "/v1/supplier", "/v1/suppliers/", "/v1//suppliers", "/v2/suppliers", "/healthz/x"] {
        nobody.get(path).await.refused(404, "route_not_found");
        owner.get(path).await.refused(404, "route_not_found");
        owner.post(path, json!({})).await.refused(404, "route_not_found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_right_ones_even_for_nobody() {
    let app = TestApp::sqlite().await;
    let supplier = format!("/v1/suppliers/{}", uuid::Uuid::nil());
    let cases = [
        (Method::DELETE, "/v1/suppliers", "GET, HEAD, POST"),
        (Method::PUT, &*supplier, "DELETE, GET, HEAD, PATCH"),
        (Method::GET, "/v1/auth/login", "POST"),
        (Method::POST, "/healthz", "GET, HEAD"),
    ];
    for (method, path, allowed) in cases {
        let answer = app.nobody().send(method, path, None).await.refused(405, "method_not_allowed");
        let mut methods: Vec<_> = answer.header("allow").split(", ").collect();
        methods.sort_unstable();
        assert_eq!(methods.join(", "), allowed, "{path}");
    }
    for page in ["/docs", "/openapi.json"] {
        app.nobody().post(page, json!({})).await.refused(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::sqlite().await;
    let (owner, nobody) = (app.owner().await, app.nobody());
    let calls = [
        (&owner, "/v1/suppliers", 200),
        (&nobody, "/v1/suppliers", 401),
        (&nobody, "/openapi.json", 200),
        (&nobody, "/nowhere", 404),
        (&owner, "/v1/suppliers?nope=1", 400),
    ];
    for (caller, path, status) in calls {
        let (get, head) = (caller.get(path).await, caller.send(Method::HEAD, path, None).await);
        assert_eq!((get.status, head.status), (status, status), "{path}");
        assert_eq!(head.text, "", "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

async fn bytes_of(app: &TestApp, path: &str, accepted: Option<&str>) -> (Option<String>, Vec<u8>) {
    let client = support::client(app::endpoint(&app.app, Settings::default()));
    let request = client.get(path);
    let request = accepted.into_iter().fold(request, |request, accepted| request.header("accept-encoding", accepted));
    let answer = request.send().await.0;
    let coding = answer.headers().get("content-encoding").map(|coding| coding.to_str().expect("text").to_owned());
    (coding, answer.into_body().into_vec().await.expect("a body"))
}

#[tokio::test]
async fn answers_are_packed_only_for_those_who_ask_and_only_when_it_is_worth_it() {
    let app = TestApp::sqlite().await;
    let (coding, plain) = bytes_of(&app, "/openapi.json", None).await;
    assert_eq!(coding, None);
    for asks in ["gzip", "br, gzip;q=0.5", "*", "GZIP"] {
        let (coding, packed) = bytes_of(&app, "/openapi.json", Some(asks)).await;
        assert_eq!(coding.as_deref(), Some("gzip"), "{asks}");
        assert!(packed.len() < plain.len() / 4);
        let mut unpacked = Vec::new();
        GzDecoder::new(&*packed).read_to_end(&mut unpacked).expect("gzip");
        assert!(unpacked == plain, "the same content");
    }
    for does_not in ["gzip;q=0", "gzip; q=0.0", "identity", "br", "*;q=0", "gzip;q=0, *"] {
        let (coding, bytes) = bytes_of(&app, "/openapi.json", Some(does_not)).await;
        assert!(coding.is_none() && bytes == plain, "{does_not}");
    }
    assert_eq!(bytes_of(&app, "/healthz", Some("gzip")).await.0, None);
}

#[tokio::test]
async fn the_access_log_is_one_json_line_per_request_without_secrets() {
    let written = Written::default();
    let (writer, guard) = tracing_appender::non_blocking(written.clone());
    let app = with(Settings { access_log: Some(AccessLog(writer)), ..Settings::default() }).await;
    let owner = app.owner().await.with("x-request-id", "my-request-1");
    owner.get("/v1/suppliers?q=unspeakable").await.expect(200);
    owner.get("/v1/suppliers?unspeakable=1").await.refused(400, "unknown_parameter");
    app.nobody().get("/nowhere").await.expect(404);
    drop(guard);
    let text = String::from_utf8(written.0.lock().expect("the buffer").clone()).expect("text");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let seen: Vec<_> =
        lines.iter().map(|line| json!([line["method"], line["path"], line["operation"], line["status"]])).collect();
    let expected = json!([
        ["POST", "/v1/auth/login", "login", 200],
        ["GET", "/v1/suppliers", "listSuppliers", 200],
        ["GET", "/v1/suppliers", "listSuppliers", 400],
        ["GET", "/nowhere", null, 404],
    ]);
    assert_eq!(Value::from(seen), expected, "{text}");
    assert_eq!((&lines[1]["request_id"], &lines[2]["request_id"]), (&json!("my-request-1"), &json!("my-request-1")));
    assert!(lines.iter().all(|line| line["micros"].is_u64() && line["at"] == "2026-11-21T09:00:00.000Z"));
    assert!(lines[0]["caller_id"].is_null() && lines[1]["caller_id"].is_string());
    for secret in ["unspeakable", support::PASSWORD, owner.token.as_deref().expect("a token")] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn health_version_and_problems_are_public() {
    let app = TestApp::sqlite().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/healthz").await.expect(200).body, json!({"status": "ok"}));
    assert_eq!(nobody.get("/readyz").await.expect(200).body, json!({"status": "ok"}));
    assert_eq!(nobody.get("/version").await.expect(200).body, json!({"version": env!("CARGO_PKG_VERSION")}));
    let catalogue = nobody.get("/problems").await.expect(200);
    let kind = json!({
        "code": "rate_limited", "status": 429, "title": "Too many requests", "retry": "yes",
        "type": "https://accord.example/problems/rate_limited",
    });
    assert!(catalogue.body["data"].as_array().expect("a list").contains(&kind), "{}", catalogue.text);
    assert_eq!(nobody.get("/problems/rate_limited").await.expect(200).body, kind);
    nobody.get("/problems/no_such_code").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_process_without_its_schema_is_alive_but_not_ready() {
    let client = support::client(app::endpoint(&app::without_data().await.expect("an app"), Settings::default()));
    client.get("/healthz").send().await.assert_status_is_ok();
    let answer = client.get("/readyz").send().await;
    answer.assert_status(poem::http::StatusCode::SERVICE_UNAVAILABLE);
    answer.assert_header("retry-after", "5");
    answer.assert_content_type("application/problem+json");
}

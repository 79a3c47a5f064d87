//! Metrics for Prometheus, on a listener of their own. Labels are operation ids, methods and
//! statuses only: a bounded set.

use super::log::Seen;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use poem::{EndpointExt, Response, Route, get, handler};
use poem_openapi::OperationId;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::net::TcpListener;

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts collecting; the first call in a process counts.
fn start() {
    RECORDER.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let _ = metrics::set_global_recorder(recorder);
        handle
    });
}

pub fn count(response: &Response, seen: &Seen, took: Duration) {
    let operation = response.data::<OperationId>().map_or("none", |operation| operation.0);
    let status = response.status().as_u16().to_string();
    let method = match seen.method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    metrics::counter!(
        "accord_requests_total", "operation" => operation, "method" => method, "status" => status
    )
    .increment(1);
    metrics::histogram!("accord_request_seconds", "operation" => operation).record(took.as_secs_f64());
}

/// Folds what was observed since the last time, so that it does not pile up while nobody reads it.
pub fn tidy() {
    if let Some(recorder) = RECORDER.get() {
        recorder.run_upkeep();
    }
}

/// Starts collecting and serves `/metrics` on a listener of its own.
pub async fn serve(address: SocketAddr) -> std::io::Result<()> {
    start();
    let listener = TcpListener::bind(address).await?;
    let endpoint = Route::new().at("/metrics", get(page)).map_to_response();
    tokio::spawn(super::serve::serve(listener, endpoint, std::future::pending()));
    Ok(())
}

/// What Prometheus reads.
#[handler]
fn page() -> String {
    RECORDER.get().map(PrometheusHandle::render).unwrap_or_default()
}

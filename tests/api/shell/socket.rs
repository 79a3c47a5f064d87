//! What only a real connection shows.

use crate::support::{TestApp, Wishes};
use accord::app;
use accord::shell::{Settings, metrics, serve::serve};
use poem::endpoint::make;
use poem::{Endpoint, EndpointExt, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Serves on a port of its own until the token is cancelled.
async fn served<E>(endpoint: E) -> (SocketAddr, CancellationToken, JoinHandle<()>)
where
    E: Endpoint<Output = Response> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let stop = CancellationToken::new();
    let running = tokio::spawn(serve(listener, endpoint, stop.clone().cancelled_owned()));
    (address, stop, running)
}

async fn connect(address: SocketAddr, sent: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    socket.write_all(sent.as_bytes()).await.expect("it is written");
    socket
}

/// Everything until the other end closes, and how long that took.
async fn until_closed(mut socket: TcpStream) -> (String, Duration) {
    let (began, mut bytes) = (Instant::now(), Vec::new());
    // A reset is an end, too.
    let _ = socket.read_to_end(&mut bytes).await;
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

/// Sends one request and reads the whole answer.
async fn exchange(address: SocketAddr, request: &str) -> String {
    until_closed(connect(address, request).await).await.0
}

/// Takes 10 s: the limit is hyper's, on the real clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_whose_request_head_stays_incomplete_is_closed_after_ten_seconds() {
    let app = TestApp::sqlite().await;
    let (address, _stop, _running) = served(app::endpoint(&app.app, Settings::default())).await;
    let incomplete = until_closed(connect(address, "GET /healthz HTTP/1.1\r\nHost: accord\r\nX-Slow").await);
    let silent = until_closed(connect(address, "").await);
    let idle = until_closed(connect(address, "GET /healthz HTTP/1.1\r\nHost: accord\r\n\r\n").await);
    let patience = Duration::from_secs(20);
    let (incomplete, silent, idle) =
        tokio::time::timeout(patience, async { tokio::join!(incomplete, silent, idle) }).await.expect("all are closed");
    for (what, took) in [("incomplete", incomplete.1), ("silent", silent.1), ("idle", idle.1)] {
        assert!((9..15).contains(&took.as_secs()), "{what}: {took:?}");
    }
    assert!(idle.0.starts_with("HTTP/1.1 200"), "{}", idle.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_a_request_in_work_finish_and_takes_no_new_one() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (begun.clone(), go_on.clone());
    let slow = make(move |_| {
        let (begins, waits) = (begins.clone(), waits.clone());
        async move {
            begins.notify_one();
            waits.notified().await;
            "finished".to_owned()
        }
    });
    let (address, stop, running) = served(slow.map_to_response()).await;
    let client = tokio::spawn(exchange(address, "GET / HTTP/1.1\r\nHost: accord\r\n\r\n"));
    begun.notified().await;
    stop.cancel();
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused).await.expect("no new connection is taken");
    assert!(!running.is_finished(), "a request is still in work");
    go_on.notify_one();
    let answer = client.await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("finished"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), running).await.expect("it ends").expect("without a panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_an_end_is_refused() {
    let app = TestApp::sqlite().await;
    let (address, _stop, _running) = served(app::endpoint(&app.app, Settings::default())).await;
    let head = format!("GET /healthz HTTP/1.1\r\nHost: accord\r\nX-Long: {}\r\n\r\n", "a".repeat(64 * 1024));
    let answer = exchange(address, &head).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let answer = exchange(address, "GET /healthz HTTP/1.1\r\nHost: accord\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "others are served: {answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_http_does_not_stop_the_server() {
    let app = TestApp::sqlite().await;
    let (address, _stop, _running) = served(app::endpoint(&app.app, Settings::default())).await;
    let answer = exchange(address, "\u{16}\u{3}\u{1} hello\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let answer = exchange(address, "HEAD /healthz HTTP/1.1\r\nHost: accord\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_operations_and_their_refusals() {
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = port.local_addr().expect("its address");
    drop(port);
    metrics::serve(address).await.expect("it listens");
    let settings = Settings { metrics: true, ..Settings::default() };
    let app = TestApp::sqlite_with(Wishes { settings, ..Wishes::default() }).await;
    app.nobody().get("/version").await.expect(200);
    app.nobody().get("/version").await.expect(200);
    app.nobody().get("/v1/jobs").await.expect(401);
    app.nobody().get("/nowhere/with/a/made-up/path").await.expect(404);
    let page = exchange(address, "GET /metrics HTTP/1.1\r\nHost: accord\r\nConnection: close\r\n\r\n").await;
    let value = |labels: [&str; 3]| {
        let counted = page
            .lines()
            .find(|line| line.starts_with("accord_requests_total{") && labels.iter().all(|label| line.contains(label)));
        counted.and_then(|line| line.rsplit_once(' ')).map_or("none", |(_, value)| value)
    };
    assert_eq!(value(["operation=\"getVersion\"", "method=\"GET\"", "status=\"200\""]), "2", "{page}");
    assert_eq!(value(["operation=\"listJobs\"", "method=\"GET\"", "status=\"401\""]), "1", "{page}");
    assert_eq!(value(["operation=\"none\"", "method=\"GET\"", "status=\"404\""]), "1", "{page}");
    assert!(page.contains("accord_request_seconds_count{operation=\"getVersion\"} 2"), "{page}");
    assert!(!page.contains("made-up"), "labels are a bounded set: {page}");
}

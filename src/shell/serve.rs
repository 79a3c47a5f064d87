//! Accepting connections, on hyper's HTTP/1 directly: poem's own server sets no TCP_NODELAY, has no
//! time-out for request heads and spins when files run out.

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A request head that is not complete after this long closes its connection; so does silence.
const HEAD: Duration = Duration::from_secs(10);
const HEAD_BYTES: usize = 32 * 1024;
const CONNECTIONS: usize = 16 * 1024;
/// How long requests in work may take after the process was asked to stop.
const GRACE: Duration = Duration::from_secs(25);

/// Serves until `stop` is over, then lets requests in work finish.
pub async fn serve<E>(listener: TcpListener, endpoint: E, stop: impl Future<Output = ()>)
where
    E: Endpoint<Output = Response> + 'static,
{
    let endpoint = Arc::new(endpoint);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
    tokio::pin!(stop);
    loop {
        let next = async { (places.clone().acquire_owned().await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        match accepted {
            Ok((socket, _)) => {
                let (endpoint, stopping) = (endpoint.clone(), stopping.clone());
                tasks.spawn(async move {
                    connection(socket, endpoint, stopping).await;
                    drop(place);
                });
            }
            // Out of file handles: wait for some to be given back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    stopping.cancel();
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("stopped with requests still in work");
    }
}

async fn connection<E>(socket: TcpStream, endpoint: Arc<E>, stopping: CancellationToken)
where
    E: Endpoint<Output = Response> + 'static,
{
    let _ = socket.set_nodelay(true);
    let (Ok(peer), Ok(local)) = (socket.peer_addr(), socket.local_addr()) else {
        return;
    };
    let service = service_fn(move |request| {
        let endpoint = endpoint.clone();
        async move {
            let ends = (LocalAddr(local.into()), RemoteAddr(peer.into()), Scheme::HTTP);
            let request = Request::from((request, ends.0, ends.1, ends.2));
            Ok::<_, Infallible>(hyper::Response::from(endpoint.get_response(request).await))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    tokio::select! {
        // An error here is the peer's: it went away or did not speak HTTP.
        _ = connection.as_mut() => {}
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

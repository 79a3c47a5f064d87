//! The access log: one JSON line per request, written by a thread of its own. No query strings,
//! no bodies, no tokens.

use crate::shared::context::Context;
use crate::shared::time::Timestamp;
use poem::http::Method;
use poem::{Request, Response};
use poem_openapi::OperationId;
use serde::Serialize;
use std::io::{BufWriter, Result, Write};
use std::net::IpAddr;
use std::time::Duration;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// What is remembered of a request after it has been answered.
pub struct Seen {
    pub method: Method,
    pub path: String,
}

impl Seen {
    pub fn of(request: &Request) -> Self {
        Self { method: request.method().clone(), path: request.uri().path().to_owned() }
    }
}

/// A writer with a thread of its own and room for this many lines: its default would hold 4 MiB.
const LINES: usize = 8 * 1024;

/// How long the thread lets lines gather: waking it for each of them costs more than the line.
const PAUSE: Duration = Duration::from_millis(10);

pub fn queued(to: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    let to = Gathered(BufWriter::with_capacity(64 * 1024, to));
    NonBlockingBuilder::default().buffered_lines_limit(LINES).finish(to)
}

/// Lines are written together; the thread flushes when none is left, then waits for more.
struct Gathered<W: Write>(BufWriter<W>);

impl<W: Write> Write for Gathered<W> {
    fn write(&mut self, line: &[u8]) -> Result<usize> {
        self.0.write(line)
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()?;
        std::thread::sleep(PAUSE);
        Ok(())
    }
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    event: &'static str,
    request_id: &'a str,
    method: &'a str,
    path: &'a str,
    operation: Option<&'static str>,
    status: u16,
    micros: u64,
    peer: IpAddr,
    caller_id: Option<uuid::Uuid>,
}

#[derive(Clone)]
pub struct AccessLog(pub NonBlocking);

impl AccessLog {
    /// The log and the guard that writes what is left when it is dropped.
    pub fn to_stdout(is_on: bool) -> Option<(Self, WorkerGuard)> {
        is_on.then(|| {
            let (writer, guard) = queued(std::io::stdout());
            (Self(writer), guard)
        })
    }

    pub fn write(&self, response: &Response, context: &Context, seen: &Seen) {
        let micros = u64::try_from(context.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let line = Line {
            at: context.gate.clock().now(),
            event: "request",
            request_id: &context.request_id,
            method: seen.method.as_str(),
            path: &seen.path,
            operation: response.data::<OperationId>().map(|operation| operation.0),
            status: response.status().as_u16(),
            micros,
            peer: context.peer,
            caller_id: context.caller.get().map(|caller| caller.id()),
        };
        let mut text = serde_json::to_vec(&line).expect("a line is plain JSON");
        text.push(b'\n');
        // The buffer is bounded; when it is full, lines are dropped rather than requests delayed.
        let _ = self.0.clone().write_all(&text);
    }
}

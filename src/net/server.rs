//! A listener and its connections: HTTP/1.1 and HTTP/2 by what the client speaks, bounded in headers and time, drained on request.
//!
//! The caller owns the socket and the stop signal.

use super::pipeline::{self, Shared};
use super::{AccessLog, Backend};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// What a client may take of a server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest body that is read into memory, in bytes.
    pub body: usize,
    /// How long a body may take to arrive.
    pub body_deadline: Duration,
    /// The largest head of a request, in bytes.
    pub head: usize,
    /// How long the head of a request may take, and how long a connection may be silent before its first.
    pub head_deadline: Duration,
    /// How long requests under way may take when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 16 * 1024 * 1024,
            body_deadline: Duration::from_secs(30),
            head: 64 * 1024,
            head_deadline: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}

/// A server that is about to run.
#[derive(Debug)]
pub struct Server {
    /// Who answers.
    pub backend: Backend,
    /// What clients may take.
    pub limits: Limits,
    /// Where exchanges are logged.
    pub log: AccessLog,
}

impl Server {
    /// Serves `listener` until `stop` completes; then requests under way are finished, within the limit for that.
    ///
    /// # Errors
    /// When the listener has no address, which is a defect of the system.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let Self {
            backend,
            limits,
            log,
        } = self;
        let shared = Arc::new(Shared {
            backend,
            limits,
            log,
            address: listener.local_addr()?,
        });
        let connections = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        let mut pause = Duration::ZERO;
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            if let Ok((stream, _)) = accepted {
                pause = Duration::ZERO;
                connect(&shared, stream, &connections);
                continue;
            }
            // Out of descriptors, say: without a pause this loop would take a core and help nobody.
            pause = (pause * 2).clamp(Duration::from_millis(5), Duration::from_secs(1));
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        drop(listener);
        // Whoever does not finish in time is cut off with the runtime.
        let _ = timeout(limits.drain, connections.shutdown()).await;
        Ok(())
    }
}

fn connect(shared: &Arc<Shared>, stream: TcpStream, connections: &GracefulShutdown) {
    let limits = shared.limits;
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_deadline)
        .max_buf_size(limits.head.max(8192));
    let header_list = u32::try_from(limits.head).unwrap_or(u32::MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_list)
        .keep_alive_interval(limits.head_deadline);
    let watcher = connections.watcher();
    let shared = shared.clone();
    tokio::spawn(async move {
        // Answers are small and clients wait for them.
        let _ = stream.set_nodelay(true);
        // The protocol is told by the first bytes, and that wait has no deadline of its own.
        if timeout(limits.head_deadline, stream.readable())
            .await
            .is_err()
        {
            return;
        }
        let service = service_fn(move |request| pipeline::answer(shared.clone(), request));
        let connection = builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        // A connection that ends badly ends for its client, who knows.
        let _ = watcher.watch(connection).await;
    });
}

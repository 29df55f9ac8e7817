//! A listener: it accepts, backs off when it cannot, and drains on request. What a connection does never holds it up.
//!
//! The caller owns the socket and the stop signal.

use super::pipeline::Shared;
use super::{AccessLog, Backend, Tls, connection};
use crate::journal::Journal;
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
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
    /// How long the head of a request may take, and how long a connection may take to the end of its first, a TLS handshake included.
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
    /// TLS, if it is spoken.
    pub tls: Option<Tls>,
    /// What clients may take.
    pub limits: Limits,
    /// Where exchanges are logged.
    pub log: AccessLog,
    /// Where the exchanges of the service are kept, if they are.
    pub journal: Option<Arc<Journal>>,
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
            tls,
            limits,
            log,
            journal,
        } = self;
        let connections = GracefulShutdown::new();
        let (running, ran) = watch::channel(());
        let shared = Arc::new(Shared {
            backend,
            tls,
            limits,
            log,
            journal,
            address: listener.local_addr()?,
            stopping: ran.clone(),
        });
        let mut stop = std::pin::pin!(stop);
        let mut pause = Duration::ZERO;
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            if let Ok((stream, _)) = accepted {
                pause = Duration::ZERO;
                let mut ran = ran.clone();
                let stopped = async move {
                    // Nothing is ever sent: it ends when the other half is dropped.
                    let _ = ran.changed().await;
                };
                let (shared, watcher) = (shared.clone(), connections.watcher());
                tokio::spawn(connection::serve(shared, stream, watcher, stopped));
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
        drop(running);
        // Whoever does not finish in time is cut off with the runtime.
        let _ = timeout(limits.drain, connections.shutdown()).await;
        Ok(())
    }
}

//! The way of one connection: what the client speaks, TLS if it is spoken here, then HTTP/1.1 or HTTP/2.
//!
//! Until the head of its first request is here, a connection has a deadline, whatever it speaks, and a server that stops does not wait for it:
//! of the libraries below, some wait without end for a handshake, for the first bytes of HTTP/2, or for a client that says nothing.

use super::Limits;
use super::pipeline::{self, Shared};
use super::socket::{Ending, Socket};
use super::tls::{self, H2, Tls};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

/// How a request came, which is how locations lead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    /// `None` when the system does not know it any more.
    pub(super) client: Option<IpAddr>,
}

/// A connection on which HTTP is spoken.
enum Opened {
    Plain(Socket),
    /// Past the handshake.
    Secure(Box<TlsStream<Socket>>),
}

/// Serves `stream` until its client leaves or `watcher` says that the server stops. `stopped` says it before the first request.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    watcher: Watcher,
    stopped: impl Future<Output = ()>,
) {
    // Answers are small and clients wait for them.
    let _ = stream.set_nodelay(true);
    let deadline = sleep(shared.limits.head_deadline);
    let asked = Arc::new(Notify::new());
    let mut connection = pin!(speak(shared, stream, watcher, asked.clone()));
    tokio::select! {
        // In this order: a request that is here already is answered before the server stops.
        biased;
        () = &mut connection => return,
        () = asked.notified() => {}
        () = stopped => return,
        () = deadline => return,
    }
    connection.await;
}

/// Speaks what the client speaks, and says with each request that there is one.
async fn speak(shared: Arc<Shared>, stream: TcpStream, watcher: Watcher, asked: Arc<Notify>) {
    let http = http(shared.limits);
    let ending = Ending::default();
    let client = stream.peer_addr().ok().map(|address| address.ip());
    let served = Served {
        shared,
        client,
        watcher,
        asked,
        ending: ending.clone(),
    };
    match open(served.shared.tls.as_ref(), stream, ending).await {
        Ok(Opened::Plain(stream)) => served.speak(http, stream, Scheme::Http).await,
        Ok(Opened::Secure(stream)) => {
            let is_h2 = stream.get_ref().1.alpn_protocol() == Some(H2);
            let http = if is_h2 {
                http.http2_only()
            } else {
                http.http1_only()
            };
            served.speak(http, stream, Scheme::Https).await;
        }
        Err(error) => {
            // Its client was told too, and seldom says so to a person.
            if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
                served.shared.log.failed(tls::explain(error));
            }
        }
    }
}

async fn open(tls: Option<&Tls>, stream: TcpStream, ending: Ending) -> io::Result<Opened> {
    let Some(tls) = tls else {
        return Ok(Opened::Plain(Socket::new(stream, ending)));
    };
    // A request in clear begins with the letters of its method, and is told where it went wrong.
    let mut first = [0];
    stream.peek(&mut first).await?;
    if first[0].is_ascii_uppercase() {
        return Ok(Opened::Plain(Socket::new(stream, ending)));
    }
    let stream = Socket::new(stream, ending);
    Ok(Opened::Secure(Box::new(tls.accept(stream).await?)))
}

fn http(limits: Limits) -> auto::Builder<TokioExecutor> {
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
    builder
}

/// What serving a connection takes, whatever is spoken on it.
struct Served {
    shared: Arc<Shared>,
    client: Option<IpAddr>,
    watcher: Watcher,
    asked: Arc<Notify>,
    ending: Ending,
}

impl Served {
    async fn speak(
        self,
        http: auto::Builder<TokioExecutor>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        scheme: Scheme,
    ) {
        let Self {
            shared,
            client,
            watcher,
            asked,
            ending,
        } = self;
        let service = service_fn(move |request| {
            asked.notify_one();
            let from = Origin { scheme, client };
            pipeline::answer(shared.clone(), from, request, ending.clone())
        });
        let connection = http
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        // A connection that ends badly ends for its client, who knows.
        let _ = watcher.watch(connection).await;
    }
}

//! The way of one connection: what the client speaks, TLS if it is spoken here, then HTTP/1.1 or HTTP/2.
//!
//! Until the first byte of a request is here, a connection has a deadline of its own and nothing that a server that stops would wait for.

use super::Limits;
use super::pipeline::{self, Shared};
use super::tls::{self, H2, Tls};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use std::future::Future;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
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

/// A connection on which a client has begun to speak.
enum Opened {
    Plain(TcpStream),
    /// Past the handshake; the first bytes of a request wait in the buffer.
    Secure(Box<BufReader<TlsStream<TcpStream>>>),
}

/// Serves `stream` until its client leaves or `watcher` says that the server stops. `stopped` says it while the client is silent.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    watcher: Watcher,
    stopped: impl Future<Output = ()>,
) {
    // Answers are small and clients wait for them.
    let _ = stream.set_nodelay(true);
    let opening = timeout(
        shared.limits.head_deadline,
        open(shared.tls.as_ref(), stream),
    );
    let opened = tokio::select! {
        () = stopped => return,
        opened = opening => opened,
    };
    let opened = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => {
            // Its client was told too, and seldom says so to a person.
            if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
                shared.log.failed(tls::explain(error));
            }
            return;
        }
        Err(_) => return,
    };
    let http = http(shared.limits);
    match opened {
        Opened::Plain(stream) => speak(http, stream, Scheme::Http, shared, watcher).await,
        Opened::Secure(stream) => {
            let is_h2 = stream.get_ref().get_ref().1.alpn_protocol() == Some(H2);
            let http = if is_h2 {
                http.http2_only()
            } else {
                http.http1_only()
            };
            speak(http, stream, Scheme::Https, shared, watcher).await;
        }
    }
}

/// Waits for the first byte of a request, which comes behind the handshake where TLS is spoken.
async fn open(tls: Option<&Tls>, stream: TcpStream) -> io::Result<Opened> {
    stream.readable().await?;
    let Some(tls) = tls else {
        return Ok(Opened::Plain(stream));
    };
    // A request in clear begins with the letters of its method, and is told where it went wrong.
    let mut first = [0];
    stream.peek(&mut first).await?;
    if first[0].is_ascii_uppercase() {
        return Ok(Opened::Plain(stream));
    }
    let mut stream = BufReader::new(tls.accept(stream).await?);
    stream.fill_buf().await?;
    Ok(Opened::Secure(Box::new(stream)))
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

async fn speak(
    http: auto::Builder<TokioExecutor>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    scheme: Scheme,
    shared: Arc<Shared>,
    watcher: Watcher,
) {
    let service = service_fn(move |request| pipeline::answer(shared.clone(), scheme, request));
    let connection = http
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    // A connection that ends badly ends for its client, who knows.
    let _ = watcher.watch(connection).await;
}

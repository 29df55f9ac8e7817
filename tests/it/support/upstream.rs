//! Scripted upstreams on ports that the system chooses: one that speaks HTTP, and one that speaks bytes.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// An upstream that answers from a closure and remembers what it was asked. It ends when it is dropped.
pub(crate) struct Upstream {
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Its SCIM base is at `/api/scim`, so that no two paths are equal by chance.
    pub(crate) async fn start(
        answer: impl Fn(&Request<Bytes>) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        Self::listen(None, answer).await
    }

    /// The same over TLS, in HTTP/2 where that is agreed upon.
    pub(crate) async fn start_over_tls(
        config: Arc<ServerConfig>,
        answer: impl Fn(&Request<Bytes>) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(TlsAcceptor::from(config)), answer).await
    }

    async fn listen(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&Request<Bytes>) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{}/api/scim", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let remembered = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, remembered) = (Arc::clone(&answer), Arc::clone(&remembered));
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (answer, remembered) = (Arc::clone(&answer), Arc::clone(&remembered));
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        let request = Request::from_parts(head, body);
                        let response = answer(&request);
                        remembered.lock().unwrap().push(request);
                        Ok::<_, Infallible>(response)
                    }
                });
                let Some(tls) = tls.clone() else {
                    tokio::spawn(
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                    );
                    continue;
                };
                tokio::spawn(async move {
                    match tls.accept(stream).into_fallible().await {
                        Ok(stream) => {
                            let http = auto::Builder::new(TokioExecutor::new());
                            let _ = http.serve_connection(TokioIo::new(stream), service).await;
                        }
                        // Until the proxy has read why: a connection that is closed on unread bytes loses what was said on it.
                        Err((_, mut stream)) => {
                            let _ = stream.read_to_end(&mut Vec::new()).await;
                        }
                    }
                });
            }
        });
        Self { base, seen, task }
    }

    /// What it was asked, in order.
    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request that it was asked.
    #[track_caller]
    pub(crate) fn only_request(&self) -> Request<Bytes> {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An upstream that reads the head of one request and then does what `script` does with the connection.
pub(crate) async fn scripted<F>(
    script: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (String, JoinHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api/scim", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        script(stream).await;
    });
    (base, task)
}

//! The baselines: hyper with nothing in it, as a server that has one answer and as a reverse proxy.
//!
//! Both run in a process of their own, say when they are ready as scimulate does, and end when they are killed.

use std::path::Path;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::{self, Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::answer::Answer;
use crate::error::LoadError;

/// Answers every request with what is in a file, when it has read the request's body.
pub(crate) fn serve(answer: &Path, ready: &Path) -> Result<(), LoadError> {
    runtime()?.block_on(async {
        let (listener, base) = listen().await?;
        let response = response(Answer::read(answer)?.at_base(&base));
        say_ready(ready, &base)?;
        loop {
            let connection = accept(&listener).await?;
            let response = response.clone();
            tokio::spawn(async move {
                let service = service_fn(|request: Request<Incoming>| {
                    let response = response.clone();
                    async move {
                        request.into_body().collect().await?;
                        Ok::<_, hyper::Error>(response)
                    }
                });
                // A connection that ends is no concern of a server that is measured: its client would say so.
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(connection, service)
                    .await;
            });
        }
    })
}

/// Forwards every request to the host of a base URL.
pub(crate) fn proxy(upstream: &str, ready: &Path) -> Result<(), LoadError> {
    let upstream: Uri = upstream
        .parse()
        .expect("it is the base URL of a server that is ready");
    let upstream = upstream
        .into_parts()
        .authority
        .expect("a base URL has a host");
    runtime()?.block_on(async {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let (listener, base) = listen().await?;
        say_ready(ready, &base)?;
        loop {
            let connection = accept(&listener).await?;
            let (client, upstream) = (client.clone(), upstream.clone());
            tokio::spawn(async move {
                let service = service_fn(|request| forward(&client, upstream.clone(), request));
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(connection, service)
                    .await;
            });
        }
    })
}

fn forward(
    client: &Client<HttpConnector, Incoming>,
    upstream: Authority,
    mut request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Incoming>, legacy::Error>> + use<> {
    let mut target = std::mem::take(request.uri_mut()).into_parts();
    target.scheme = Some(Scheme::HTTP);
    target.authority = Some(upstream);
    *request.uri_mut() = Uri::from_parts(target).expect("a request has a path");
    // The client then writes the upstream's own.
    request.headers_mut().remove(header::HOST);
    client.request(request)
}

fn runtime() -> Result<Runtime, LoadError> {
    Runtime::new().map_err(LoadError::io("start the server's threads"))
}

async fn listen() -> Result<(TcpListener, String), LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(LoadError::io("listen on loopback"))?;
    let address = listener
        .local_addr()
        .map_err(LoadError::io("learn the port"))?;
    Ok((listener, format!("http://{address}/scim/v2")))
}

async fn accept(listener: &TcpListener) -> Result<TokioIo<TcpStream>, LoadError> {
    let (stream, _) = listener
        .accept()
        .await
        .map_err(LoadError::io("accept a connection"))?;
    stream
        .set_nodelay(true)
        .map_err(LoadError::io("set TCP_NODELAY"))?;
    Ok(TokioIo::new(stream))
}

/// Written aside and renamed: who sees the file sees all of it.
fn say_ready(file: &Path, base: &str) -> Result<(), LoadError> {
    let aside = file.with_extension("part");
    std::fs::write(
        &aside,
        format!("{{\"event\":\"ready\",\"scim\":\"{base}\"}}\n"),
    )
    .and_then(|()| std::fs::rename(&aside, file))
    .map_err(LoadError::io(format!("write {}", file.display())))
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    let body = Full::new(Bytes::from(answer.body));
    builder.body(body).expect("it was an answer once")
}

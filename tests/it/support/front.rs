//! The proxy at a port of its own, a client that has a connection of its own, and a look into the folder of a recording.

use super::program::PATIENCE;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use scimulate::clock;
use scimulate::exchange::redact::Redactor;
use scimulate::exchange::{Folder, Recording};
use scimulate::proxy::{Config, Proxy, Recorder};
use serde_json::Value;
use std::convert::Infallible;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

pub(crate) const SCIM: &str = "application/scim+json";

/// Serves `proxy` at a port of its own and returns our SCIM base.
pub(crate) async fn serve(proxy: Proxy) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let served = base.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (proxy, base) = (proxy.clone(), served.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (proxy, base) = (proxy.clone(), base.clone());
                async move { Ok::<_, Infallible>(proxy.answer(&base, request).await) }
            });
            tokio::spawn(server::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    base
}

pub(crate) async fn serve_to(upstream: &str) -> String {
    serve(Config::new(upstream).build(None).unwrap()).await
}

/// A recorder into `folder`, with what its observer heard.
pub(crate) fn recorder(folder: &Path) -> (Recorder, Arc<Mutex<Vec<String>>>) {
    let recording = Recording {
        upstream: "http://sp.example/scim".to_owned(),
        base_path: "/scim/v2".to_owned(),
        started: clock::now().to_string(),
        version: "0".to_owned(),
        redaction: "secrets".to_owned(),
        key: String::new(),
    };
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let folder = Folder::open(folder, &recording).unwrap();
    let recorder = Recorder::new(folder, Redactor::default(), move |notice| {
        hears.lock().unwrap().push(notice.to_string());
    });
    (recorder, heard)
}

pub(crate) async fn serve_recording(config: Config, folder: &Path) -> String {
    serve(config.build(Some(recorder(folder).0)).unwrap()).await
}

/// Sends a request on a connection of its own; the response streams.
pub(crate) async fn begin(request: Request<Full<Bytes>>) -> Response<Incoming> {
    try_begin(request).await.unwrap()
}

/// The same where the connection may break.
pub(crate) async fn try_begin(request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
    let authority = request.uri().authority().unwrap().to_string();
    let stream = TcpStream::connect(&authority).await.unwrap();
    let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (mut head, body) = request.into_parts();
    head.headers.insert("host", authority.parse().unwrap());
    head.uri = head.uri.path_and_query().unwrap().as_str().parse().unwrap();
    sender.send_request(Request::from_parts(head, body)).await
}

pub(crate) async fn send(request: Request<Full<Bytes>>) -> Response<Bytes> {
    let (head, body) = begin(request).await.into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

pub(crate) fn request(method: Method, url: String) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(url)
        .body(Full::default())
        .unwrap()
}

pub(crate) fn get(url: String) -> Request<Full<Bytes>> {
    request(Method::GET, url)
}

pub(crate) fn post(url: String, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut post = request(Method::POST, url).map(|_| Full::new(body.into()));
    post.headers_mut()
        .insert("content-type", SCIM.parse().unwrap());
    post
}

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", SCIM)
        .body(Full::new(body.into()))
        .unwrap()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| ![".gitignore", ".key", "recording.ron"].contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// The names in a folder once there are so many: whoever leaves does not see that a file is written.
pub(crate) async fn recorded(folder: &Path, count: usize) -> Vec<String> {
    let written = async {
        loop {
            let mut names = names(folder);
            names.retain(|name| !name.starts_with('.'));
            if names.len() >= count {
                return names;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, written).await.unwrap()
}

/// The only exchange of a folder, as text and as JSON.
#[track_caller]
pub(crate) fn only_file(folder: &Path) -> (String, Value) {
    let names = names(folder);
    assert_eq!(names.len(), 1, "{names:?}");
    let text = std::fs::read_to_string(folder.join(&names[0])).unwrap();
    let json = serde_json::from_str(&text).unwrap();
    (text, json)
}

pub(crate) fn header<'j>(half: &'j Value, name: &str) -> Option<&'j str> {
    let pairs = half["headers"].as_array().unwrap();
    let pair = pairs.iter().find(|pair| pair[0] == name)?;
    pair[1].as_str()
}

/// A request body whose rest comes, or breaks off, when the test says so.
pub(crate) struct Later {
    begun: Option<Bytes>,
    rest: Option<oneshot::Receiver<Bytes>>,
}

impl Later {
    pub(crate) fn after(begun: &'static str, rest: oneshot::Receiver<Bytes>) -> Self {
        Self {
            begun: (!begun.is_empty()).then(|| Bytes::from(begun)),
            rest: Some(rest),
        }
    }
}

impl http_body::Body for Later {
    type Data = Bytes;
    type Error = oneshot::error::RecvError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(begun) = self.begun.take() {
            return Poll::Ready(Some(Ok(Frame::data(begun))));
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        let bytes = ready!(Pin::new(rest).poll(cx));
        self.rest = None;
        Poll::Ready(Some(bytes.map(Frame::data)))
    }
}

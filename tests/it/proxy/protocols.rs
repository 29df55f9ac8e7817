//! The proxy as `record` runs it, HTTP/1.1 and HTTP/2 in front of it and behind it: the same exchanges, whatever is spoken (RFC 9112, RFC 9113).

use crate::support::front::{SCIM, header, names, recorder};
use crate::support::tls::{self, Authority};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::pki_types::ServerName;
use scimulate::net::{AccessLog, Backend, Limits, LogMode, Server, Tls};
use scimulate::proxy::{Config, TlsConfig};
use serde_json::Value;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub(super) type Content = UnsyncBoxBody<Bytes, Infallible>;

/// The proxy with all of its server, recording into `folder`: its SCIM base and its address.
pub(super) async fn stand(config: Config, folder: &Path, tls: Option<Tls>) -> (String, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = Server {
        backend: Backend::Proxy(config.build(Some(recorder(folder).0)).unwrap()),
        tls,
        limits: Limits::default(),
        log: AccessLog::new(LogMode::Off, std::io::sink()),
        journal: None,
    };
    tokio::spawn(server.run(listener, std::future::pending()));
    (format!("{scheme}://{address}/scim/v2"), address)
}

/// Content in pieces, then trailers.
pub(super) fn pieces(pieces: Vec<Bytes>, trailers: Option<HeaderMap>) -> Content {
    let frames = pieces.into_iter().map(Frame::data);
    let frames = frames.chain(trailers.map(Frame::trailers)).map(Ok);
    BodyExt::boxed_unsync(StreamBody::new(futures_util::stream::iter(
        frames.collect::<Vec<_>>(),
    )))
}

fn nothing() -> Content {
    Full::default().boxed_unsync()
}

fn trailers() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", "1".parse().unwrap());
    trailers
}

/// A request, and its trailers.
type Seen = (Request<Bytes>, Option<HeaderMap>);

/// A service provider whose answers are made for what a protocol can do; what it saw are heads and trailers.
struct Provider {
    base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Provider {
    async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{}/api/scim", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (remembered, own) = (seen.clone(), base.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (remembered, own, tls) = (remembered.clone(), own.clone(), tls.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (remembered, own) = (remembered.clone(), own.clone());
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.unwrap();
                        let trailers = body.trailers().cloned();
                        let request = Request::from_parts(head, body.to_bytes());
                        let response = answer_without_content(&own, &request);
                        remembered.lock().unwrap().push((request, trailers));
                        Ok::<_, Infallible>(response)
                    }
                });
                tokio::spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    let _ = match tls {
                        None => http.serve_connection(TokioIo::new(stream), service).await,
                        Some(tls) => {
                            let stream = tls.accept(stream).await.unwrap();
                            http.serve_connection(TokioIo::new(stream), service).await
                        }
                    };
                });
            }
        });
        Self { base, seen }
    }

    fn last(&self) -> (Request<Bytes>, Option<HeaderMap>) {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

fn answer(base: &str, request: &Request<Bytes>) -> Response<Content> {
    let response = Response::builder().header("content-type", SCIM);
    let location = format!("{base}/Users/1");
    match request.uri().path() {
        "/api/scim/none" => response.status(204).body(nothing()),
        "/api/scim/same" => response
            .status(304)
            .header("etag", "W/\"1\"")
            .body(nothing()),
        "/api/scim/echo" => response.body(Full::new(request.body().clone()).boxed_unsync()),
        "/api/scim/trailers" => response.header("trailer", "x-checksum").body(pieces(
            vec!["{\"a\":".into(), "1}".into()],
            Some(trailers()),
        )),
        _ => {
            let body = format!("{{\"meta\":{{\"location\":\"{location}\"}}}}");
            let response = response.header("location", location);
            response.body(Full::new(Bytes::from(body)).boxed_unsync())
        }
    }
    .unwrap()
}

/// The same without content where the request is HEAD: the library leaves that to its user over HTTP/2.
fn answer_without_content(base: &str, request: &Request<Bytes>) -> Response<Content> {
    let (mut head, body) = answer(base, request).into_parts();
    if request.method() != Method::HEAD {
        return Response::from_parts(head, body);
    }
    let length = http_body::Body::size_hint(&body).exact().unwrap();
    head.headers.insert("content-length", length.into());
    Response::from_parts(head, nothing())
}

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoken {
    Http1,
    /// In clear, by prior knowledge.
    Http2,
    /// Over TLS, by ALPN.
    Http1Tls,
    Http2Tls,
}

impl Spoken {
    fn is_2(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2Tls)
    }

    /// `None` in clear.
    fn alpn(self) -> Option<&'static str> {
        match self {
            Self::Http1 | Self::Http2 => None,
            Self::Http1Tls => Some("http/1.1"),
            Self::Http2Tls => Some("h2"),
        }
    }
}

enum Connection {
    Http1(http1::SendRequest<Content>),
    Http2(http2::SendRequest<Content>),
}

impl Connection {
    async fn open(spoken: Spoken, address: SocketAddr, authority: &Authority) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let Some(alpn) = spoken.alpn() else {
            return Self::over(stream, spoken.is_2()).await;
        };
        let config = tls::trusting(&authority.pem(), &[alpn]);
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(alpn.as_bytes()));
        Self::over(stream, spoken.is_2()).await
    }

    async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        is_2: bool,
    ) -> Self {
        if is_2 {
            let executor = TokioExecutor::new();
            let handshake = http2::handshake(executor, TokioIo::new(stream));
            let (sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            Self::Http2(sender)
        } else {
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            Self::Http1(sender)
        }
    }

    async fn send(&mut self, method: Method, url: String, body: Content) -> Response<Incoming> {
        let request = Request::builder()
            .method(method)
            .header("content-type", SCIM);
        match self {
            Self::Http2(sender) => {
                let request = request.uri(url).body(body).unwrap();
                sender.send_request(request).await.unwrap()
            }
            Self::Http1(sender) => {
                let authority = url.split('/').nth(2).unwrap();
                let path = url.split_once(authority).unwrap().1;
                let request = request.uri(path).header("host", authority);
                sender
                    .send_request(request.body(body).unwrap())
                    .await
                    .unwrap()
            }
        }
    }

    async fn whole(
        &mut self,
        method: Method,
        url: String,
        body: Content,
    ) -> (Response<Bytes>, Option<HeaderMap>) {
        let (head, body) = self.send(method, url, body).await.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned();
        (Response::from_parts(head, body.to_bytes()), trailers)
    }
}

/// Exchanges between a client and an upstream that speak these.
#[allow(
    clippy::too_many_lines,
    reason = "one description, run over each pair of protocols"
)]
async fn check(front: Spoken, behind: Spoken) {
    let authority = Authority::new();
    let issued = authority.issue(&["127.0.0.1"]);
    let acceptor = behind
        .alpn()
        .map(|alpn| TlsAcceptor::from(issued.server(&[alpn], None)));
    let provider = Provider::start(acceptor).await;
    let folder = TempDir::new().unwrap();
    let recording = folder.path().join("recording");
    let trusted = folder.path().join("ca.pem");
    std::fs::write(&trusted, authority.pem()).unwrap();
    let mut config = Config::new(&provider.base);
    if behind.alpn().is_some() {
        config.tls = TlsConfig {
            authorities: Some(trusted),
            ..TlsConfig::default()
        };
    }
    config.body_limit = 100_000;
    let files = issued.save(folder.path());
    let tls = front.alpn().map(|_| Tls::new(files.load().unwrap()));
    let (base, address) = stand(config, &recording, tls).await;
    let mut client = Connection::open(front, address, &authority).await;
    let what = format!("{front:?} before {behind:?}");

    let (got, _) = client
        .whole(Method::GET, format!("{base}/Users/1"), nothing())
        .await;
    assert_eq!(got.status(), 200, "{what}: {:?}", got.body());
    assert_eq!(got.headers()["location"], format!("{base}/Users/1"));
    let body: Value = serde_json::from_slice(got.body()).unwrap();
    assert_eq!(body["meta"]["location"], format!("{base}/Users/1"));
    let expected = if behind.is_2() {
        Version::HTTP_2
    } else {
        Version::HTTP_11
    };
    assert_eq!(provider.last().0.version(), expected, "{what}");

    let (head, _) = client
        .whole(Method::HEAD, format!("{base}/Users/1"), nothing())
        .await;
    assert_eq!(
        (head.status(), head.body().len()),
        (StatusCode::OK, 0),
        "{what}"
    );
    assert_eq!(head.headers()["location"], format!("{base}/Users/1"));
    let (none, _) = client
        .whole(Method::DELETE, format!("{base}/none"), nothing())
        .await;
    assert_eq!(
        (none.status(), none.body().len()),
        (StatusCode::NO_CONTENT, 0),
        "{what}"
    );
    let (same, _) = client
        .whole(Method::GET, format!("{base}/same"), nothing())
        .await;
    assert_eq!(
        (same.status(), same.body().len()),
        (StatusCode::NOT_MODIFIED, 0),
        "{what}"
    );
    assert_eq!(same.headers()["etag"], "W/\"1\"");

    // Of a length that nobody announced, with trailers, in both directions.
    let body = pieces(vec!["{\"b\":".into(), "2}".into()], Some(trailers()));
    let (echo, _) = client
        .whole(Method::POST, format!("{base}/echo"), body)
        .await;
    assert_eq!(echo.body(), "{\"b\":2}", "{what}");
    let (seen, trailers) = provider.last();
    assert_eq!(trailers, None, "{what}");
    assert_eq!(seen.headers()["content-length"], "7");
    let (got, trailers) = client
        .whole(Method::GET, format!("{base}/trailers"), nothing())
        .await;
    assert_eq!(
        (got.body().as_ref(), trailers),
        (&b"{\"a\":1}"[..], None),
        "{what}"
    );
    assert!(!got.headers().contains_key("trailer"));

    // Beyond the limit, so that it streams both ways.
    let piece = Bytes::from(vec![b'x'; 50_000]);
    let body = pieces(vec![piece; 20], None);
    let (echo, _) = client
        .whole(Method::POST, format!("{base}/echo"), body)
        .await;
    assert_eq!(echo.body().len(), 1_000_000, "{what}");

    let files = names(&recording);
    assert_eq!(
        files,
        [
            "0001-GET-Users-200.json",
            "0002-HEAD-Users-200.json",
            "0003-DELETE-none-204.json",
            "0004-GET-same-304.json",
            "0005-POST-echo-200.json",
            "0006-GET-trailers-200.json",
            "0007-POST-echo-200.json",
        ],
        "{what}"
    );
    for name in files {
        let text = std::fs::read_to_string(recording.join(&name)).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(file["ended"], Value::Null, "{name}");
        assert_eq!(header(&file["response"], "trailer"), None);
        assert!(!text.contains("x-checksum"), "{text}");
    }
}

#[tokio::test]
async fn http_1_1_before_http_1_1() {
    check(Spoken::Http1, Spoken::Http1).await;
    check(Spoken::Http1Tls, Spoken::Http1Tls).await;
}

#[tokio::test]
async fn http_1_1_before_http_2() {
    check(Spoken::Http1, Spoken::Http2Tls).await;
}

#[tokio::test]
async fn http_2_before_http_1_1() {
    check(Spoken::Http2, Spoken::Http1).await;
    check(Spoken::Http2Tls, Spoken::Http1Tls).await;
}

#[tokio::test]
async fn http_2_before_http_2() {
    check(Spoken::Http2, Spoken::Http2Tls).await;
    check(Spoken::Http2Tls, Spoken::Http2Tls).await;
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_for_its_body_is_asked_and_the_upstream_is_not_troubled() {
    let provider = Provider::start(None).await;
    let folder = TempDir::new().unwrap();
    let (_, address) = stand(Config::new(&provider.base), folder.path(), None).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /scim/v2/echo HTTP/1.1\r\nhost: {address}\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: 2\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut asked = vec![0; expected.len()];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(asked, expected);
    stream.write_all(b"{}").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 200 OK\r\n"), "{rest}");
    assert!(rest.ends_with("\r\n\r\n{}"), "{rest}");
    assert!(!provider.last().0.headers().contains_key("expect"));
}

#[tokio::test]
async fn a_refusal_of_head_has_no_content_over_http_2_either() {
    let folder = TempDir::new().unwrap();
    let config = Config::new("http://127.0.0.1:1/scim");
    let (base, address) = stand(config, folder.path(), None).await;
    let mut client = Connection::over(TcpStream::connect(address).await.unwrap(), true).await;
    for (path, status) in [("/Users", 502), ("x", 404)] {
        let url = format!("{base}{path}");
        let (got, _) = client.whole(Method::HEAD, url, nothing()).await;
        assert_eq!((got.status().as_u16(), got.body().len()), (status, 0));
    }
}

#[tokio::test]
async fn a_stream_of_http_2_that_its_client_resets_is_recorded_as_left() {
    let (asked, was_asked) = tokio::sync::oneshot::channel();
    let (upstream, task) =
        crate::support::upstream::scripted(async move |mut stream: TcpStream| {
            asked.send(()).unwrap();
            assert!(stream.read_u8().await.is_err(), "the connection ends");
        })
        .await;
    let folder = TempDir::new().unwrap();
    let (base, address) = stand(Config::new(&upstream), folder.path(), None).await;
    let mut client = Connection::over(TcpStream::connect(address).await.unwrap(), true).await;
    {
        let mut sending =
            std::pin::pin!(client.send(Method::GET, format!("{base}/Users"), nothing()));
        tokio::select! {
            _ = &mut sending => panic!("nobody answers"),
            asked = was_asked => asked.unwrap(),
        }
    }
    task.await.unwrap();
    crate::support::front::recorded(folder.path(), 1).await;
    let (_, file) = crate::support::front::only_file(folder.path());
    assert_eq!(file["ended"]["by"], "client");
}

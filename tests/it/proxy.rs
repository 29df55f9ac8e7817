//! The proxy between a client and a scripted upstream: what passes, what changes, and how an upstream fails.

use crate::support::front::{
    Later, SCIM, answer, get, names, post, recorder, request, send, serve, serve_recording,
    serve_to,
};
use crate::support::upstream::{Upstream, scripted};
use bytes::Bytes;
use http::{Method, Response, StatusCode, Version};
use http_body::Body as _;
use http_body_util::{BodyExt, Full};
use scimulate::proxy::Config;
use serde_json::Value;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

#[track_caller]
fn assert_scim_error(response: &Response<Bytes>, status: u16, names: &[&str]) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], SCIM);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["status"], status.to_string());
    let detail = body["detail"].as_str().unwrap();
    for name in names {
        assert!(detail.contains(name), "{name:?} is not in {detail:?}");
    }
}

#[tokio::test]
async fn method_path_query_headers_and_status_pass_through() {
    let upstream = Upstream::start(|_| {
        Response::builder()
            .status(299)
            .header("x-answer", "one")
            .header("x-answer", "two")
            .body(Full::from("{\"a\":  1}"))
            .unwrap()
    })
    .await;
    let base = serve_to(&upstream.base).await;
    let mut sent = request(
        Method::from_bytes(b"FROB").unwrap(),
        format!("{base}/Users/a%2Fb;c?filter=a%20eq%20%22b+c%22&&x"),
    );
    sent.headers_mut().append("x-ask", "1".parse().unwrap());
    sent.headers_mut().append("x-ask", "2".parse().unwrap());
    let got = send(sent).await;

    let seen = upstream.only_request();
    assert_eq!(seen.method(), "FROB");
    assert_eq!(
        seen.uri(),
        "/api/scim/Users/a%2Fb;c?filter=a%20eq%20%22b+c%22&&x"
    );
    let asked: Vec<_> = seen.headers().get_all("x-ask").iter().collect();
    assert_eq!(asked, ["1", "2"]);
    assert_eq!(got.status(), 299);
    let answered: Vec<_> = got.headers().get_all("x-answer").iter().collect();
    assert_eq!(answered, ["one", "two"]);
    assert_eq!(
        got.body(),
        "{\"a\":  1}",
        "nothing to rewrite: the bytes as they are"
    );
}

#[tokio::test]
async fn hop_by_hop_fields_stop_at_the_proxy_in_both_directions() {
    let upstream = Upstream::start(|_| {
        let mut response = answer(200, "{}");
        for (name, value) in [
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-authenticate", "Basic"),
        ] {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    })
    .await;
    let base = serve_to(&upstream.base).await;
    let mut sent = get(format!("{base}/Users"));
    for (name, value) in [
        ("connection", "x-hop, keep-alive"),
        ("x-hop", "1"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("proxy-authorization", "Basic x"),
        ("expect", "100-continue"),
        ("accept-encoding", "gzip"),
    ] {
        sent.headers_mut().insert(name, value.parse().unwrap());
    }
    let got = send(sent).await;
    for name in ["x-hop", "keep-alive", "proxy-authenticate"] {
        assert!(!got.headers().contains_key(name), "{name}");
    }
    let seen = upstream.only_request();
    for name in [
        "x-hop",
        "te",
        "upgrade",
        "proxy-authorization",
        "expect",
        "connection",
    ] {
        assert!(!seen.headers().contains_key(name), "{name}");
    }
    assert_eq!(seen.headers()["accept-encoding"], "identity");
    let authority = upstream.base.strip_prefix("http://").unwrap();
    assert_eq!(
        seen.headers()["host"],
        authority.strip_suffix("/api/scim").unwrap()
    );
}

#[tokio::test]
async fn a_path_outside_the_base_is_not_found() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let base = serve_to(&upstream.base).await;
    let got = send(get(format!("{base}x/Users"))).await;
    assert_scim_error(&got, 404, &[&base]);
    assert!(upstream.seen().is_empty());
    send(get(base.clone())).await;
    send(get(format!("{base}/"))).await;
    let paths: Vec<_> = upstream
        .seen()
        .iter()
        .map(|seen| seen.uri().path().to_owned())
        .collect();
    assert_eq!(paths, ["/api/scim", "/api/scim/"]);
}

#[tokio::test]
async fn a_request_body_has_a_length_for_upstreams_that_cannot_read_chunks() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let base = serve_to(&upstream.base).await;
    let authority = base
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let head = "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunks = "5\r\n{\"a\":\r\n3\r\n 1}\r\n0\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(chunks.as_bytes()).await.unwrap();
    let mut got = String::new();
    stream.read_to_string(&mut got).await.unwrap();
    assert!(got.starts_with("HTTP/1.1 200 OK"), "{got}");
    let seen = upstream.only_request();
    assert_eq!(seen.body(), "{\"a\": 1}");
    assert_eq!(seen.headers()["content-length"], "8");
    assert!(!seen.headers().contains_key("transfer-encoding"));
}

#[tokio::test]
async fn an_answer_that_ends_with_its_http_1_0_connection_reaches_the_client_with_a_length() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        stream
            .write_all(b"HTTP/1.0 200 Fine\r\nserver: old\r\n\r\n{\"id\": 1}")
            .await
            .unwrap();
    })
    .await;
    let base = serve_to(&upstream).await;
    let got = send(get(format!("{base}/Users/1"))).await;
    assert_eq!(got.version(), Version::HTTP_11);
    assert_eq!(got.headers()["server"], "old");
    assert_eq!(got.headers()["content-length"], "9");
    assert!(
        !got.headers().contains_key("connection"),
        "the client's connection stays"
    );
    assert_eq!(got.body(), "{\"id\": 1}");
}

#[tokio::test]
async fn answers_without_a_body_keep_their_form() {
    let upstream = Upstream::start(|request| match request.uri().path() {
        "/api/scim/none" => Response::builder()
            .status(204)
            .body(Full::default())
            .unwrap(),
        "/api/scim/same" => Response::builder()
            .status(304)
            .header("etag", "W/\"1\"")
            .body(Full::default())
            .unwrap(),
        _ => answer(200, "{\"id\": 1}"),
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;

    let head = send(request(Method::HEAD, format!("{base}/Users/1"))).await;
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], "9");
    assert!(head.body().is_empty());
    let none = send(get(format!("{base}/none"))).await;
    assert_eq!(none.status(), 204);
    assert!(!none.headers().contains_key("content-length"));
    let same = send(get(format!("{base}/same"))).await;
    assert_eq!(same.status(), 304);
    assert_eq!(same.headers()["etag"], "W/\"1\"");

    assert_eq!(
        names(folder.path()),
        [
            "0001-HEAD-Users-200.json",
            "0002-GET-none-204.json",
            "0003-GET-same-304.json"
        ]
    );
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_a_bad_gateway() {
    // Bound and not listening: nobody else gets the port, and connections are refused.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let upstream = format!("http://{}/scim", socket.local_addr().unwrap());
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream), folder.path()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_scim_error(&got, 502, &[&upstream, "refused", "check that it runs"]);
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn an_upstream_that_stays_silent_is_a_gateway_timeout() {
    for begun in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"] {
        let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
            stream.write_all(begun.as_bytes()).await.unwrap();
            // Until the proxy gives up.
            let _ = stream.read_u8().await;
        })
        .await;
        let mut config = Config::new(&upstream);
        config.answer_timeout = Duration::from_millis(50);
        let base = serve(config.build(None).unwrap()).await;
        let got = send(get(format!("{base}/Users"))).await;
        assert_scim_error(&got, 504, &[&upstream, "50ms"]);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_bad_gateway_and_not_recorded() {
    for begun in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"] {
        let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
            stream.write_all(begun.as_bytes()).await.unwrap();
        })
        .await;
        let folder = TempDir::new().unwrap();
        let base = serve_recording(Config::new(&upstream), folder.path()).await;
        let got = send(get(format!("{base}/Users"))).await;
        assert_scim_error(&got, 502, &[&upstream, "broke off"]);
        assert!(names(folder.path()).is_empty());
    }
}

#[tokio::test]
async fn a_streamed_answer_that_breaks_off_breaks_off_for_the_client_too() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        stream.write_all(begun).await.unwrap();
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    let proxy = config.build(Some(recorder(folder.path()).0)).unwrap();
    let got = proxy.answer(
        "http://own/scim/v2",
        get("http://own/scim/v2/Users".to_owned()),
    );
    let got = got.await;
    assert_eq!(got.status(), 200);
    assert!(got.into_body().collect().await.is_err());
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_exchange_with_the_upstream() {
    let (asked, was_asked) = oneshot::channel::<()>();
    let (upstream, task) = scripted(async move |mut stream: TcpStream| {
        asked.send(()).unwrap();
        assert!(stream.read_u8().await.is_err(), "the connection ends");
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream), folder.path()).await;
    let client = tokio::spawn(send(get(format!("{base}/Users"))));
    was_asked.await.unwrap();
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    task.await.unwrap();
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_request_that_breaks_off_is_a_bad_request_and_does_not_reach_the_upstream() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let proxy = Config::new(&upstream.base).build(None).unwrap();
    let base = "http://own/scim/v2";
    let (sender, receiver) = oneshot::channel();
    drop(sender);
    let broken = post(format!("{base}/Users"), "").map(|_| Later::after("", receiver));
    let got = proxy.answer(base, broken).await;
    assert_eq!(got.status(), StatusCode::BAD_REQUEST);
    assert!(!got.body().is_end_stream());
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_streamed_request_that_breaks_off_is_a_bad_request_too() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        // Until the proxy gives up.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    })
    .await;
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    let proxy = config.build(None).unwrap();
    let base = "http://own/scim/v2";
    let (sender, receiver) = oneshot::channel();
    drop(sender);
    let broken = Later::after("abcd", receiver);
    let got = proxy
        .answer(base, post(format!("{base}/Users"), "").map(|_| broken))
        .await;
    assert_eq!(got.status(), StatusCode::BAD_REQUEST);
}

//! How an exchange ends early: what the client is told, and what the recording says of who ended it and what had come.

use super::assert_scim_error;
use crate::support::front::{
    Later, answer, begin, get, only_file, post, recorded, recorder, send, serve, serve_recording,
};
use crate::support::upstream::{Upstream, scripted};
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use scimulate::proxy::Config;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// The only exchange of a recording, which ended early.
async fn assert_ended(folder: &Path, by: &str, why: &str, response: Value) -> Value {
    recorded(folder, 1).await;
    let (text, file) = only_file(folder);
    assert_eq!(file["ended"]["by"], by, "{text}");
    let found = file["ended"]["why"].as_str().unwrap();
    assert!(found.contains(why), "{found}");
    assert_eq!(file["response"], response);
    file
}

fn no_answer() -> Value {
    json!({"status": 0, "headers": []})
}

/// An answer of 100 bytes that began.
const BEGUN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"$ref\":\"";

fn half_an_answer() -> Value {
    json!({
        "status": 200,
        "headers": [["content-length", "100"]],
        "body_text": "{\"$ref\":\"",
        "body_cut": true,
    })
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_a_bad_gateway() {
    // Bound and not listening: nobody else gets the port, and connections are refused.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let upstream = format!("http://{}/scim", socket.local_addr().unwrap());
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream), folder.path()).await;
    let got = send(post(format!("{base}/Users"), "{\"a\":1}")).await;
    assert_scim_error(&got, 502, &[&upstream, "refused", "check that it runs"]);
    let why = "no connection: Connection refused";
    let file = assert_ended(folder.path(), "upstream", why, no_answer()).await;
    assert_eq!(file["request"]["body"], json!({"a": 1}));
    let name = &crate::support::front::names(folder.path())[0];
    assert_eq!(name, "0001-POST-Users-0.json");
}

#[tokio::test]
async fn an_upstream_that_stays_silent_is_a_gateway_timeout() {
    for (begun, response) in [("", no_answer()), (BEGUN, half_an_answer())] {
        let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
            stream.write_all(begun.as_bytes()).await.unwrap();
            // Until the proxy gives up.
            let _ = stream.read_u8().await;
        })
        .await;
        let folder = TempDir::new().unwrap();
        let mut config = Config::new(&upstream);
        config.answer_timeout = Duration::from_millis(50);
        let base = serve_recording(config, folder.path()).await;
        let got = send(get(format!("{base}/Users"))).await;
        assert_scim_error(&got, 504, &[&upstream, "50ms"]);
        assert_ended(
            folder.path(),
            "upstream",
            "it was silent for 50ms",
            response,
        )
        .await;
    }
}

#[tokio::test]
async fn an_exchange_that_takes_longer_than_it_may_is_a_gateway_timeout_or_breaks_off_where_its_answer_streams()
 {
    for (limit, why) in [
        (1000, "it took longer than 50ms"),
        (2, "it broke off: the exchange took too long"),
    ] {
        let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
            stream.write_all(BEGUN.as_bytes()).await.unwrap();
            // Until the proxy gives up.
            let _ = stream.read_u8().await;
        })
        .await;
        let folder = TempDir::new().unwrap();
        let mut config = Config::new(&upstream);
        config.body_limit = limit;
        config.exchange_timeout = Some(Duration::from_millis(50));
        let base = serve_recording(config, folder.path()).await;
        let got = begin(get(format!("{base}/Users"))).await;
        if got.status() == 200 {
            assert!(got.into_body().collect().await.is_err(), "not whole");
        } else {
            assert_eq!(got.status(), 504);
        }
        let names = recorded(folder.path(), 1).await;
        let file = std::fs::read_to_string(folder.path().join(&names[0])).unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        assert_eq!(file["ended"]["why"], why, "{file}");
        assert_eq!(file["ended"]["by"], "upstream");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_bad_gateway_and_recorded_as_far_as_it_came() {
    for (begun, response) in [
        ("", no_answer()),
        ("HTTP/1.1 200", no_answer()),
        (BEGUN, half_an_answer()),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            json!({"status": 200, "headers": [], "body_text": "half", "body_cut": true}),
        ),
    ] {
        let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
            stream.write_all(begun.as_bytes()).await.unwrap();
        })
        .await;
        let folder = TempDir::new().unwrap();
        let base = serve_recording(Config::new(&upstream), folder.path()).await;
        let got = send(get(format!("{base}/Users"))).await;
        assert_scim_error(&got, 502, &[&upstream, "broke off"]);
        assert_ended(folder.path(), "upstream", "it broke off: ", response).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_is_a_bad_gateway_that_says_so() {
    let (upstream, _task) = scripted(async move |stream: TcpStream| {
        stream.set_zero_linger().unwrap();
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream), folder.path()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_scim_error(&got, 502, &[&upstream, "broke off", "reset"]);
    assert_ended(folder.path(), "upstream", "reset", no_answer()).await;
}

#[tokio::test]
async fn a_streamed_answer_that_breaks_off_breaks_off_for_the_client_too() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        stream.write_all(BEGUN.as_bytes()).await.unwrap();
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
    let mut response = half_an_answer();
    response["body_text"] = "{\"".into();
    assert_ended(folder.path(), "upstream", "it broke off: ", response).await;
}

/// HTTP/1.1 has it that the answer ends where its length says, and what follows is no answer to anything.
#[tokio::test]
async fn of_an_answer_that_is_longer_than_it_says_the_client_gets_what_it_says() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n1234567HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        assert!(stream.read_u8().await.is_err(), "nothing more is asked here");
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream), folder.path()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_eq!(
        (got.status(), got.body().as_ref()),
        (StatusCode::OK, &b"1234"[..])
    );
    let (_, file) = only_file(folder.path());
    assert_eq!(file["response"]["body"], 1234);
    assert_eq!(file["ended"], Value::Null);
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
    assert_ended(
        folder.path(),
        "client",
        "before the answer came",
        no_answer(),
    )
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_an_answer_ends_the_exchange_with_the_upstream() {
    let (upstream, task) = scripted(async move |mut stream: TcpStream| {
        stream.write_all(BEGUN.as_bytes()).await.unwrap();
        assert!(stream.read_u8().await.is_err(), "the connection ends");
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    let base = serve_recording(config, folder.path()).await;
    let authority = base.split('/').nth(2).unwrap();
    let mut client = TcpStream::connect(authority).await.unwrap();
    let request = format!("GET /scim/v2/Users HTTP/1.1\r\nhost: {authority}\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    drop(client);
    task.await.unwrap();
    let mut response = half_an_answer();
    response["body_text"] = "{\"".into();
    let why = "it left, or this proxy stopped, before the answer was whole";
    assert_ended(folder.path(), "client", why, response).await;
}

#[tokio::test]
async fn a_request_that_breaks_off_is_a_bad_request_and_does_not_reach_the_upstream() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let recorder = recorder(folder.path()).0;
    let proxy = Config::new(&upstream.base).build(Some(recorder)).unwrap();
    let base = "http://own/scim/v2";
    let (sender, receiver) = oneshot::channel();
    drop(sender);
    let broken = post(format!("{base}/Users"), "").map(|_| Later::after("{\"a\"", receiver));
    let got = proxy.answer(base, broken).await;
    assert_eq!(got.status(), StatusCode::BAD_REQUEST);
    assert!(!got.body().is_end_stream());
    assert!(upstream.seen().is_empty());
    let why = "its request broke off";
    let file = assert_ended(folder.path(), "client", why, no_answer()).await;
    assert_eq!(file["request"]["body_text"], "{\"a\"");
    assert_eq!(file["request"]["body_cut"], true);
}

#[tokio::test]
async fn a_streamed_request_that_breaks_off_is_a_bad_request_too() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        // Until the proxy gives up.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    let proxy = config.build(Some(recorder(folder.path()).0)).unwrap();
    let base = "http://own/scim/v2";
    let (sender, receiver) = oneshot::channel();
    drop(sender);
    let broken = Later::after("abcd", receiver);
    let got = proxy
        .answer(base, post(format!("{base}/Users"), "").map(|_| broken))
        .await;
    assert_eq!(got.status(), StatusCode::BAD_REQUEST);
    let why = "its request broke off";
    let file = assert_ended(folder.path(), "client", why, no_answer()).await;
    assert_eq!(file["request"]["body_text"], "ab");
}

#[tokio::test]
async fn a_request_that_never_reaches_the_upstream_is_not_recorded() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let config = Config {
        read_only: true,
        ..Config::new(&upstream.base)
    };
    let base = serve(config.build(Some(recorder(folder.path()).0)).unwrap()).await;
    assert_eq!(
        send(post(format!("{base}/Users"), "{}")).await.status(),
        403
    );
    assert_eq!(send(get(format!("{base}x/Users"))).await.status(), 404);
    send(get(format!("{base}/Users"))).await;
    assert_eq!(
        recorded(folder.path(), 1).await,
        ["0001-GET-Users-200.json"]
    );
}

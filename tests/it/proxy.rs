//! The proxy between a client and a scripted upstream: what passes, and what changes.

mod codings;
mod failures;
mod protocols;
mod streams;

use crate::support::front::{
    SCIM, answer, get, names, only_file, post, request, send, serve_recording, serve_to,
};
use crate::support::upstream::{Upstream, scripted};
use bytes::Bytes;
use http::{Method, Response, Version};
use http_body_util::Full;
use scimulate::proxy::Config;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
async fn what_json_cannot_hold_passes_byte_for_byte_and_is_recorded_as_text() {
    for body in [
        r#"{"id": "1", "id": "2", "n": 1.10}"#,
        r#"{"id": "1","#,
        r#"{"n": 1e400, "a": [ ]}"#,
        "{\"id\":\r\n\t\"1\"} {\"id\":\"2\"}",
    ] {
        let upstream = Upstream::start(|request| answer(200, request.body().clone())).await;
        let folder = TempDir::new().unwrap();
        let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
        let got = send(post(format!("{base}/Users"), body)).await;
        assert_eq!(got.body(), body);
        assert_eq!(upstream.only_request().body(), body);
        let (_, file) = only_file(folder.path());
        assert_eq!(file["request"]["body_text"], body);
        assert_eq!(file["response"]["body_text"], body);
    }
}

#[tokio::test]
async fn a_url_is_moved_in_a_body_without_another_byte_of_it() {
    let upstream = Upstream::start(|request| answer(200, request.body().clone())).await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let body = |base: &str| {
        format!(
            r#"{{ "n":1.10, "n":2, "meta": {{"location":  "{base}/Users/1"}} , "displayName": "{base}"}}"#
        )
    };
    let got = send(post(format!("{base}/Users"), body(&base))).await;
    let sent = format!(
        r#"{{ "n":1.10, "n":2, "meta": {{"location":  "{}/Users/1"}} , "displayName": "{base}"}}"#,
        upstream.base
    );
    assert_eq!(upstream.only_request().body(), &sent);
    assert_eq!(got.body(), &body(&base));
    let (_, file) = only_file(folder.path());
    let kept = sent.replace(&upstream.base, "{base}");
    assert_eq!(file["response"]["body_text"], kept);
}

#[tokio::test]
async fn the_upstream_is_told_who_asks_where_that_is_asked_for() {
    for is_told in [false, true] {
        let upstream = Upstream::start(|_| answer(200, "{}")).await;
        let mut config = Config::new(&upstream.base);
        config.forwarded = is_told;
        let folder = TempDir::new().unwrap();
        let (base, _) = protocols::stand(config, folder.path(), None).await;
        let mut sent = get(format!("{base}/Users"));
        sent.headers_mut()
            .insert("forwarded", "for=_before".parse().unwrap());
        send(sent).await;
        let authority = base.split('/').nth(2).unwrap();
        let said = if is_told {
            format!("for=_before, for=127.0.0.1;host=\"{authority}\";proto=http")
        } else {
            "for=_before".to_owned()
        };
        assert_eq!(upstream.only_request().headers()["forwarded"], said);
        let (_, file) = only_file(folder.path());
        let asked = crate::support::front::header(&file["request"], "forwarded");
        assert_eq!(asked, Some("for=_before"), "as the client sent it");
    }
}

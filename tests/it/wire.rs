//! HTTP on a socket: limits, deadlines, HTTP/2, drain.

use crate::support::client::{Client, connect, raw};
use crate::support::impatient::impatient;
use crate::support::program::Program;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Http2Client;
use hyper_util::rt::TokioExecutor;
use std::io::{Read as _, Write as _};

fn demo(more: &[&str]) -> Program {
    Program::start(&[&["serve", "--log", "off"], more].concat())
}

#[test]
fn errors_outside_the_endpoints_are_scim_errors() {
    let program = demo(&["--max-body", "1000"]);
    let mut client = Client::new(program.address(), "demo-token");
    let large = format!("{{\"userName\": \"{}\"}}", "x".repeat(2000));
    let check = |reply: crate::support::client::Reply, status: u16| {
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/scim+json"));
        assert_eq!(
            reply.json()["schemas"][0],
            "urn:ietf:params:scim:api:messages:2.0:Error"
        );
        assert_eq!(reply.json()["status"], status.to_string());
    };
    check(client.get("/"), 404);
    check(client.get("/scim/v1/Users"), 400);
    check(client.get("/other/v2/Users"), 404);
    check(client.get("/scim/v2/Nope"), 404);
    let not_allowed = client.send("DELETE", "/scim/v2/Users", "");
    assert_eq!(not_allowed.header("allow"), Some("GET, HEAD, POST"));
    check(not_allowed, 405);
    check(client.send("POST", "/scim/v2/Users", "{\"userName\""), 400);
    check(client.send("POST", "/scim/v2/Users", &large), 413);
    let xml = "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\ncontent-type: text/xml\r\ncontent-length: 4\r\n\r\n<a/>".to_string();
    check(raw(program.address(), xml.as_bytes()), 415);
}

#[test]
fn a_chunked_body_beyond_the_limit_is_413() {
    let program = demo(&["--max-body", "1000"]);
    let mut request = b"POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    request.extend_from_slice(format!("7d0\r\n{}\r\n0\r\n\r\n", "x".repeat(2000)).as_bytes());
    assert_eq!(raw(program.address(), &request).status, 413);
}

/// RFC 7644 section 3.7.4: `maxPayloadSize` is the limit, and is looked at before the body is there.
#[test]
fn a_bulk_request_that_says_it_is_too_large_is_not_waited_for() {
    let check = |flags: &[&str], length: u64, expected: &str| {
        let program = demo(flags);
        let request = format!(
            "POST /scim/v2/Bulk HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\ncontent-length: {length}\r\n\r\n{{"
        );
        let reply = raw(program.address(), request.as_bytes());
        assert_eq!(reply.status, 413, "{reply:?}");
        let detail = reply.json()["detail"].clone();
        assert!(
            detail.as_str().is_some_and(|it| it.contains(expected)),
            "{detail}"
        );
    };
    check(&[], 4_294_967_296, "maxPayloadSize (1048576)");
    check(
        &["--max-body", "2000000"],
        1_048_577,
        "maxPayloadSize (1048576)",
    );
}

/// The limit of other requests is not that of bulk requests, which `/ServiceProviderConfig` announces.
#[test]
fn a_bulk_request_may_be_as_large_as_is_announced() {
    let program = demo(&["--max-body", "100"]);
    let mut client = Client::new(program.address(), "demo-token");
    let body = format!(
        "{{\"schemas\": [\"urn:ietf:params:scim:api:messages:2.0:BulkRequest\"], \"Operations\": [{{\"method\": \"DELETE\", \"path\": \"/Users/{}\"}}]}}",
        "x".repeat(1000)
    );
    let reply = client.send("POST", "/scim/v2/Bulk", &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json()["Operations"][0]["status"], "404");
}

#[test]
fn a_head_beyond_the_limit_is_431() {
    let program = demo(&[]);
    let request = format!(
        "GET /scim/v2/Users HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    assert_eq!(raw(program.address(), request.as_bytes()).status, 431);
}

#[test]
fn locations_lead_back_the_way_the_client_came() {
    let program = demo(&[]);
    let reply = raw(
        program.address(),
        b"GET /scim/v2/ServiceProviderConfig HTTP/1.1\r\nhost: scim.example.test:99\r\n\r\n",
    );
    assert_eq!(
        reply.json()["meta"]["location"],
        "http://scim.example.test:99/scim/v2/ServiceProviderConfig"
    );
    let reply = raw(
        program.address(),
        b"GET /scim/v2/ServiceProviderConfig HTTP/1.0\r\n\r\n",
    );
    assert_eq!(
        reply.json()["meta"]["location"],
        format!("{}/ServiceProviderConfig", program.base())
    );
}

#[test]
fn head_is_get_without_a_body() {
    let program = demo(&[]);
    let mut client = Client::new(program.address(), "demo-token");
    let get = client.get("/scim/v2/Users?count=1");
    let head = client.send("HEAD", "/scim/v2/Users?count=1", "");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, get.header("content-length"))
    );
    // The connection is still in step.
    let again = client.get("/scim/v2/Users?count=1");
    assert_eq!((again.status, again.body), (get.status, get.body));
}

#[tokio::test]
async fn http_2_is_served_on_the_same_port() {
    let program = demo(&[]);
    let client: Http2Client<_, Full<bytes::Bytes>> = Http2Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let request = http::Request::get(format!("{}/Users?count=1", program.base()))
        .header("authorization", "Bearer demo-token")
        .body(Full::default())
        .unwrap();
    let response = client.request(request).await.unwrap();
    assert_eq!(
        (response.version(), response.status().as_u16()),
        (http::Version::HTTP_2, 200)
    );
    let body: serde_json::Value =
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    let location = body["Resources"][0]["meta"]["location"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(location.starts_with(program.base()), "{location}");
}

#[tokio::test]
async fn a_client_that_stays_silent_is_let_go() {
    let address = impatient(None).await;
    let silent = tokio::task::spawn_blocking(move || {
        for begun in [
            "",
            "G",
            "P",
            "GET / HTTP/1.1\r\nhost:",
            "PRI * HTTP/2.0\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ] {
            let mut stream = connect(address);
            stream.write_all(begun.as_bytes()).unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
    });
    silent.await.unwrap();
}

#[test]
fn sigterm_and_sigint_finish_what_is_under_way_and_exit_0() {
    for signal in ["TERM", "INT"] {
        let mut program = demo(&[]);
        let mut silent = connect(program.address());
        let mut stream = connect(program.address());
        let body = "{\"userName\": \"late\"}";
        let head = format!(
            "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // `100 Continue` says that the request has begun.
        let mut proceed = [0; 25];
        stream.read_exact(&mut proceed).unwrap();
        assert!(
            proceed.starts_with(b"HTTP/1.1 100"),
            "{}",
            String::from_utf8_lossy(&proceed)
        );
        program.signal(signal);
        // The listener is closed before requests under way are waited for.
        while std::net::TcpStream::connect(program.address()).is_ok() {
            std::thread::yield_now();
        }
        // Whoever has asked for nothing is not waited for.
        assert_eq!(silent.read(&mut [0]).unwrap(), 0);
        stream.write_all(body.as_bytes()).unwrap();
        let answer = crate::support::program::text(stream);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        assert_eq!(program.wait().code(), Some(0));
    }
}

//! What a client sees on its connection, and that the server stays well.

use crate::support::client::{Client, connect};
use crate::support::front::{begin, get, post, request, send, try_begin};
use crate::support::program::{PATIENCE, Program, save};
use crate::support::tls::{handshake, trusting};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use scimulate::net::{AccessLog, Backend, Limits, LogMode, Server};
use scimulate::scenario;
use scimulate::service::{Tenant, Tenants};
use std::error::Error;
use std::io::{self, Read as _, Write};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A server with faults, its log, and the way to stop it.
struct Faulty {
    base: String,
    log: mpsc::UnboundedReceiver<String>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

struct Lines(mpsc::UnboundedSender<String>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A test that has ended reads no more.
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Faulty {
    /// A server with fifty users, and one fault for requests of `/Users`.
    async fn with(then: &str) -> Self {
        Self::with_all(&format!(r#"Fault(on: (path: "/Users"), then: {then})"#)).await
    }

    async fn with_all(faults: &str) -> Self {
        let user = |n: u8| format!(r#"{{"userName": "user{n}"}}"#);
        let users = (0..50).map(user).collect::<Vec<_>>().join(", ");
        let text = format!("Scenario(users: [{users}], faults: [{faults}])");
        let (scenario, told) = scenario::load(Path::new("acme.ron"), &text);
        let tenant = Tenant::build(&scenario.unwrap_or_else(|| panic!("{told:?}"))).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (lines, log) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let out: Box<dyn Write + Send> = Box::new(Lines(lines));
        let server = Server {
            backend: Backend::Service(Arc::new(Tenants::new(vec![tenant]))),
            tls: None,
            limits: Limits::default(),
            journal: None,
            log: AccessLog::new(LogMode::On, anstream::StripStream::new(out)),
        };
        let running = tokio::spawn(server.run(listener, async {
            let _ = stopped.await;
        }));
        Self {
            base: format!("http://{address}/scim/v2"),
            log,
            stop,
            running,
        }
    }

    fn users(&self) -> Request<Full<Bytes>> {
        get(format!("{}/Users", self.base))
    }

    /// What the answer would have been.
    async fn whole(&self) -> Bytes {
        // A search has another path, and the same answer.
        let search = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
        let response = send(post(format!("{}/Users/.search", self.base), search)).await;
        assert!(response.headers().get("scimulate-fault").is_none());
        response.into_body()
    }

    /// The part of the log up to a line that holds `part`.
    async fn logs(&mut self, part: &str) -> String {
        let mut all = String::new();
        while !all.contains(part) {
            let piece = timeout(PATIENCE, self.log.recv()).await;
            let piece = piece.ok().flatten();
            all.push_str(&piece.unwrap_or_else(|| panic!("expected {part:?} among:\n{all}")));
        }
        all
    }

    /// Stops it; it must have ended long before requests under way are cut off.
    async fn stop(self) {
        let _ = self.stop.send(());
        timeout(PATIENCE, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

#[track_caller]
fn assert_marked(response: &Response<Incoming>, name: &str) {
    assert_eq!(response.headers().get("scimulate-fault").unwrap(), name);
}

/// The bytes of a body that came before it broke off; `Err` when it did not.
async fn broken_body(response: Response<Incoming>) -> Result<Bytes, Bytes> {
    let (mut body, mut all) = (response.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => all.extend_from_slice(frame.data_ref().unwrap()),
            Err(_) => return Ok(all.into()),
        }
    }
    Err(all.into())
}

/// Whether the connection of a failed request was reset.
fn is_reset(error: &(dyn Error + 'static)) -> bool {
    let reset = |it: &io::Error| it.kind() == io::ErrorKind::ConnectionReset;
    error.downcast_ref().is_some_and(reset) || error.source().is_some_and(is_reset)
}

#[tokio::test]
async fn a_disconnect_comes_before_the_head() {
    let mut server = Faulty::with("Disconnect").await;
    let error = try_begin(server.users()).await.unwrap_err();
    assert!(error.is_incomplete_message(), "{error:?}");
    let line = server.logs("injected Disconnect").await;
    assert!(line.contains(" --- injected Disconnect"), "{line}");
    server.whole().await;
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let server = Faulty::with("Disconnect(reset: true)").await;
    let error = try_begin(server.users()).await.unwrap_err();
    assert!(is_reset(&error), "{error:?}");
    server.whole().await;
}

#[tokio::test]
async fn a_body_breaks_off_after_as_many_bytes_as_was_said() {
    for most in [0, 1, 20, 4000] {
        let mut server = Faulty::with(&format!("Disconnect(after_bytes: {most})")).await;
        let whole = server.whole().await;
        let response = begin(server.users()).await;
        assert_eq!(response.status(), 200);
        assert_marked(&response, "Disconnect");
        assert_eq!(
            response.headers()["content-length"],
            whole.len().to_string()
        );
        let came = broken_body(response).await.expect("it breaks off");
        assert_eq!(came, whole[..most]);
        server.logs(" 200 injected Disconnect").await;
    }
}

#[tokio::test]
async fn a_body_with_fewer_bytes_lacks_its_end() {
    let server = Faulty::with("Disconnect(after_bytes: 1000000)").await;
    let response = begin(server.users()).await;
    assert_eq!(response.headers().get("content-length"), None);
    let came = broken_body(response).await.expect("it breaks off");
    assert_eq!(came, server.whole().await);
}

#[tokio::test]
async fn an_answer_without_a_body_is_none_at_all() {
    let server = Faulty::with("Disconnect(after_bytes: 3)").await;
    let head = request(Method::HEAD, format!("{}/Users", server.base));
    let error = try_begin(head).await.unwrap_err();
    assert!(error.is_incomplete_message(), "{error:?}");
}

/// More than the buffers of a socket hold: what was said is sent, however slowly the client reads.
#[tokio::test]
async fn a_long_body_breaks_off_there_too() {
    let body = "x".repeat(8_000_000);
    let faults = format!(
        r#"Fault(on: (path: "/Users", nth: [1]), then: Status(200, body: "{body}"), carried_out: true),
           Fault(on: (method: "POST"), then: Disconnect(after_bytes: 7000000))"#
    );
    let server = Faulty::with_all(&faults).await;
    let user = format!(r#"{{"userName": "long", "displayName": "{body}"}}"#);
    let whole = send(server.users()).await;
    assert_eq!(whole.body().len(), 8_000_000);
    let response = begin(post(format!("{}/Users", server.base), user)).await;
    assert_eq!(response.status(), 201);
    let came = broken_body(response).await.expect("it breaks off");
    assert_eq!(came.len(), 7_000_000);
}

#[tokio::test]
async fn a_body_that_breaks_off_can_end_with_a_reset() {
    let server = Faulty::with("Disconnect(after_bytes: 20, reset: true)").await;
    let response = begin(server.users()).await;
    assert_eq!(response.status(), 200);
    let error = response.into_body().collect().await.unwrap_err();
    assert!(is_reset(&error), "{error:?}");
}

#[tokio::test]
async fn a_delayed_answer_comes_whole_and_marked() {
    for then in [
        "Delay(ms: 5)",
        "Delay(from_ms: 1, to_ms: 9)",
        "Delay(median_ms: 3, sigma: 0.3)",
    ] {
        let mut server = Faulty::with(then).await;
        let response = begin(server.users()).await;
        assert_marked(&response, "Delay");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, server.whole().await);
        server.logs(" 200 injected Delay").await;
    }
}

#[tokio::test]
async fn a_dribbled_body_comes_whole_and_marked() {
    for bytes in [1, 500, 1_000_000] {
        let server = Faulty::with(&format!("Dribble(bytes: {bytes}, every_ms: 0)")).await;
        let response = begin(server.users()).await;
        assert_marked(&response, "Dribble");
        let whole = server.whole().await;
        assert_eq!(
            response.headers()["content-length"],
            whole.len().to_string()
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, whole);
    }
}

/// What is late comes when the server stops, and no stop waits for it.
#[tokio::test]
async fn a_server_that_stops_sends_what_is_late() {
    let server = Faulty::with_all(
        r#"Fault(on: (path: "/Users"), then: Dribble(bytes: 1, every_ms: 3600000)),
           Fault(on: (method: "DELETE"), then: Delay(ms: 3600000))"#,
    )
    .await;
    let list: serde_json::Value = serde_json::from_slice(&server.whole().await).unwrap();
    let id = list["Resources"][0]["id"].as_str().unwrap();
    let user = format!("{}/Users/{id}", server.base);
    let delayed = tokio::spawn(begin(request(Method::DELETE, user.clone())));
    // The operation is carried out at once: when its effect is there, the delay is under way.
    while send(get(user.clone())).await.status() != 404 {
        tokio::task::yield_now().await;
    }
    let mut body = begin(server.users()).await.into_body();
    assert!(body.frame().now_or_never().is_none(), "nothing came yet");
    assert!(!delayed.is_finished());
    server.stop().await;
    assert_eq!(delayed.await.unwrap().status(), 204);
    let body = body.collect().await.unwrap().to_bytes();
    assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
}

#[tokio::test]
async fn a_timeout_is_no_answer_and_holds_nobody_up() {
    let mut server = Faulty::with_all(
        r#"Fault(on: (path: "/Users/*", method: "DELETE"), then: Timeout, carried_out: true)"#,
    )
    .await;
    let list: serde_json::Value = serde_json::from_slice(&server.whole().await).unwrap();
    let user = |n: usize| {
        let id = list["Resources"][n]["id"].as_str().unwrap();
        format!("{}/Users/{id}", server.base)
    };
    let (first, second) = (user(0), user(1));
    for (url, leaves) in [(first, true), (second, false)] {
        let waiting = tokio::spawn(try_begin(request(Method::DELETE, url.clone())));
        while send(get(url.clone())).await.status() != 404 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        if leaves {
            // Its exchange is logged, and nothing of it stays.
            waiting.abort();
            server.logs(" --- injected Timeout").await;
        } else {
            server.stop().await;
            let error = waiting.await.unwrap().unwrap_err();
            assert!(error.is_incomplete_message(), "{error:?}");
            return;
        }
    }
}

/// A stream ends; the connection, which is that of other requests too, stays.
#[tokio::test]
async fn over_http_2_a_disconnect_ends_the_stream_only() {
    let server = Faulty::with_all(
        r"Fault(on: (nth: [1]), then: Disconnect(reset: true)),
           Fault(on: (nth: [2]), then: Disconnect(after_bytes: 20))",
    )
    .await;
    let url: http::Uri = server.users().uri().clone();
    let stream = TcpStream::connect(url.authority().unwrap().as_str())
        .await
        .unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let first = sender.send_request(server.users()).await;
    assert!(first.is_err(), "{first:?}");
    let second = sender.send_request(server.users()).await.unwrap();
    assert_eq!(broken_body(second).await.map(|it| it.len()), Ok(20));
    let third = sender.send_request(server.users()).await.unwrap();
    assert_eq!(third.status(), 200);
    assert!(broken_body(third).await.is_err(), "it is whole");
}

/// Encrypted or not: nothing, as much as was said, or a reset.
#[test]
fn over_tls_a_connection_ends_in_the_same_ways() {
    let (folder, file) = scenario_file(
        "Scenario(faults: [Fault(on: (nth: [1]), then: Disconnect), Fault(on: (nth: [2]), then: Disconnect(after_bytes: 20)), \
         Fault(on: (nth: [3]), then: Disconnect(reset: true))])",
    );
    let ca = folder.path().join("ca.pem");
    let tls = ["--tls-self-signed", "--tls-ca-out", ca.to_str().unwrap()];
    let program = Program::start(&[&["serve", "--log", "off", &file], &tls[..]].concat());
    let authority = std::fs::read_to_string(&ca).unwrap();
    for (length, end) in [
        (None, io::ErrorKind::UnexpectedEof),
        (Some(20), io::ErrorKind::UnexpectedEof),
        (None, io::ErrorKind::ConnectionReset),
    ] {
        let config = trusting(&authority, &[]);
        let mut stream = handshake(config, program.address(), "localhost").unwrap();
        let asked = stream.write_all(b"GET /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\n\r\n");
        asked.unwrap();
        let mut came = Vec::new();
        let error = stream.read_to_end(&mut came).unwrap_err();
        assert_eq!(error.kind(), end);
        let came = String::from_utf8(came).unwrap();
        let body = came.split_once("\r\n\r\n").map(|(_, body)| body.len());
        assert_eq!(body, length, "{came}");
    }
}

/// What a fault says of the answer is what comes over a socket.
#[tokio::test]
async fn a_spoilt_answer_comes_as_it_was_spoilt() {
    let mut server = Faulty::with_all(
        r"Fault(on: (nth: [1]), then: Status(429, retry_after_s: 2)),
           Fault(on: (nth: [2]), then: Truncated(after_bytes: 20)),
           Fault(on: (nth: [3]), then: WrongContentType)",
    )
    .await;
    let limited = send(server.users()).await;
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"2".parse().unwrap())
    );
    let truncated = send(server.users()).await;
    assert_eq!(
        (
            truncated.body().len(),
            &truncated.headers()["content-length"]
        ),
        (20, &"20".parse().unwrap())
    );
    let other = send(server.users()).await;
    assert_eq!(other.headers()["content-type"], "text/html");
    let log = server.logs("injected WrongContentType").await;
    assert!(
        log.contains(" 429 injected Status") && log.contains(" 200 injected Truncated"),
        "{log}"
    );
    send(server.users()).await;
    let line = server.logs("GET").await;
    assert!(!line.contains("injected"), "{line}");
}

fn scenario_file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("world.ron");
    save(&file, text);
    let file = file.to_str().unwrap().to_owned();
    (folder, file)
}

#[test]
fn a_reload_begins_to_count_anew_and_brings_other_faults() {
    let world = |then: &str| format!("Scenario(faults: [Fault(on: (nth: [2]), then: {then})])");
    let (_folder, file) = scenario_file(&world("Status(503)"));
    let program = Program::start(&["serve", "--log", "off", &file]);
    let mut client = Client::new(program.address(), "");
    let mut three = || [(); 3].map(|()| client.get("/scim/v2/Users").status);
    assert_eq!(three(), [200, 503, 200]);
    for (status, comment) in [(503, "// the same again\n"), (502, "")] {
        let text = format!("{comment}{}", world(&format!("Status({status})")));
        save(Path::new(&file), &text);
        program.says("reloaded");
        assert_eq!(three(), [200, status, 200]);
    }
    save(Path::new(&file), "Scenario()");
    program.says("reloaded");
    assert_eq!(three(), [200, 200, 200]);
}

/// The program ends as it should while a client waits for an answer that never comes.
#[test]
fn sigterm_waits_for_no_timeout() {
    let (_folder, file) = scenario_file(
        r#"Scenario(ids: Sequential("{type}-{n}"), users: [{"userName": "ann"}],
            faults: [Fault(on: (method: "DELETE"), then: Timeout, carried_out: true)])"#,
    );
    let mut program = Program::start(&["serve", "--log", "on", &file]);
    let mut waiting = connect(program.address());
    waiting
        .write_all(b"DELETE /scim/v2/Users/user-1 HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut client = Client::new(program.address(), "");
    while client.get("/scim/v2/Users/user-1").status != 404 {
        std::thread::yield_now();
    }
    program.signal("TERM");
    assert_eq!(program.wait().code(), Some(0));
    let mut rest = Vec::new();
    assert_eq!(waiting.read_to_end(&mut rest).unwrap(), 0, "{rest:?}");
    program.says("--- injected Timeout");
}

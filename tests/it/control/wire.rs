//! The listener of the control API: where it is, what it refuses, and that the server needs none.

use super::*;
use crate::support::client::{Client, connect, raw};
use crate::support::program::{Program, run, save};
use scimulate::net::{AccessLog, Backend, Function, Limits, LogMode, Reply};
use scimulate::scim::ScimError;
use std::io::Write;
use std::net::TcpListener;

#[test]
fn it_has_a_listener_of_its_own() {
    let program = Program::start(&["serve", "--log", "off"]);
    assert_ne!(program.control(), program.address());
    let mut control = Client::new(program.control(), "");
    let health = control.get("/health");
    assert_eq!(health.status, 200);
    assert_eq!(health.header("content-type"), Some("application/json"));
    assert_eq!(health.json()["tenants"][0]["scim"], program.base());
    assert_eq!(control.get("/scim/v2/Users").status, 404);
    let head = control.send("HEAD", "/health", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    // And its routes are not on that of SCIM.
    let mut scim = Client::new(program.address(), "demo-token");
    assert_eq!(scim.get("/health").status, 404);
    assert_eq!(scim.get("/tenants").status, 404);
}

#[test]
fn without_it_there_is_no_listener_and_no_journal() {
    let program = Program::start(&["serve", "--log", "off", "--no-control"]);
    assert_eq!(program.ready["control"], Value::Null);
    let mut scim = Client::new(program.address(), "demo-token");
    assert_eq!(scim.get("/scim/v2/Users?count=1").status, 200);
}

#[test]
fn an_address_that_was_asked_for_is_taken_or_the_program_ends() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, said) = run(&["serve", "--listen", "127.0.0.1:0", "--control", &address]);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains(&address) && said.contains("--no-control"),
        "{said}"
    );
    let program = Program::start(&["serve", "--control", "127.0.0.1:0"]);
    assert_eq!(
        Client::new(program.control(), "").get("/health").status,
        200
    );
}

#[test]
fn a_token_is_visible_characters() {
    for token in ["", "two words", "ä"] {
        let (code, _, said) = run(&["serve", "--listen", "127.0.0.1:0", "--control-token", token]);
        assert_eq!(code, Some(2), "{token:?}: {said}");
    }
}

#[test]
fn a_token_and_a_name_are_asked_for_on_the_wire() {
    let program = Program::start(&["serve", "--log", "off", "--control-token", "s3cret"]);
    let address = program.control();
    assert_eq!(Client::new(address, "wrong").get("/tenants").status, 401);
    assert_eq!(Client::new(address, "s3cret").get("/tenants").status, 200);
    assert_eq!(Client::new(address, "").get("/health").status, 200);
    for head in [
        "GET /health HTTP/1.1\r\nhost: evil.example\r\n\r\n".to_owned(),
        format!("GET /health HTTP/1.1\r\nhost: {address}\r\norigin: http://evil.example\r\n\r\n"),
        "GET /health HTTP/1.0\r\n\r\n".to_owned(),
    ] {
        let reply = raw(address, head.as_bytes());
        assert_eq!(reply.status, 403, "{head}: {reply:?}");
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
    }
}

#[test]
fn what_is_too_large_is_a_problem_document() {
    let program = Program::start(&["serve", "--log", "off", "--max-body", "100"]);
    let mut control = Client::new(program.control(), "");
    let reply = control.send("PUT", "/tenants/demo/state", &" ".repeat(101));
    assert_eq!(reply.status, 413);
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(reply.json()["status"], 413);
}

#[test]
fn health_shows_a_broken_scenario_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ron");
    save(&file, "Scenario()");
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let mut control = Client::new(program.control(), "");
    let mut reload = || control.get("/health").json()["tenants"][0]["reload"].clone();
    assert_eq!(reload(), Value::Null);
    save(&file, "Scenario(user: [])");
    program.says("stays as it was");
    let failed = reload();
    assert_eq!(failed["state"], "failed");
    let told = failed["diagnostics"][0].as_str().unwrap();
    assert!(
        told.contains("did you mean `users`?") && !told.contains('\u{1b}'),
        "{told}"
    );
    save(&file, "Scenario(users: [])");
    program.says("reloaded");
    assert_eq!(reload()["state"], "ok");
}

#[test]
fn a_request_under_way_is_finished_when_the_server_stops() {
    let mut program = Program::start(&["serve", "--log", "off"]);
    let mut stream = connect(program.control());
    let head = "PUT /tenants/demo/state HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // It asks for the body once the request is under way.
    let mut asked = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100");
    program.signal("TERM");
    stream.write_all(b"{}").unwrap();
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stream, &mut rest).unwrap();
    assert!(rest.contains("HTTP/1.1 204"), "{rest}");
    assert_eq!(program.wait().code(), Some(0));
}

/// Whoever waits is told what there is, and holds up nobody.
#[test]
fn who_waits_is_answered_when_the_server_stops() {
    let mut program = Program::start(&["serve", "--log", "off"]);
    let mut stream = connect(program.control());
    let body = r#"{"method": "PUT"}"#;
    let head = format!(
        "POST /tenants/demo/verify?wait_s=30 HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut asked).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    program.signal("TERM");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stream, &mut rest).unwrap();
    assert!(rest.contains(r#"{"ok":false"#), "{rest}");
    assert_eq!(program.wait().code(), Some(0));
}

#[test]
fn a_body_of_a_dropped_tenant_finds_nobody() {
    let program = Program::start(&["serve", "--log", "off"]);
    let mut control = Client::new(program.control(), "");
    control.send("POST", "/tenants", r#"{"fork": "demo", "name": "mine"}"#);
    let mut stream = connect(program.address());
    let head = "POST /mine/scim/v2/Users HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer demo-token\r\ncontent-type: application/scim+json\r\nconnection: close\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut asked).unwrap();
    assert_eq!(control.send("DELETE", "/tenants/mine", "").status, 204);
    stream.write_all(b"{}").unwrap();
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stream, &mut rest).unwrap();
    assert!(rest.contains("HTTP/1.1 404"), "{rest}");
}

/// A function that has a defect.
#[derive(Debug)]
struct Defective;

impl Function for Defective {
    fn answer(&self, _: &Request<Bytes>) -> Reply {
        panic!("this panic is part of a test")
    }

    fn refuse(&self, error: &ScimError) -> http::Response<Bytes> {
        Control::refusal(error)
    }
}

#[test]
fn a_defect_is_a_problem_document_and_the_connection_goes_on() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    let server = scimulate::net::Server {
        backend: Backend::Function(Arc::new(Defective)),
        tls: None,
        limits: Limits::default(),
        log: AccessLog::new(LogMode::Off, std::io::sink()),
        journal: None,
    };
    runtime.spawn(server.run(listener, std::future::pending()));
    let mut client = Client::new(address, "");
    for _ in 0..2 {
        let reply = client.get("/health");
        assert_eq!(reply.status, 500);
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
    }
}

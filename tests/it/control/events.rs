//! Server-sent events: what they tell, from where they go on, and what becomes of whoever reads slowly.

use super::*;
use crate::support::client::{Client, connect};
use crate::support::program::{Program, save};
use scimulate::exchange::{Body, Exchange, Request as Asked, Response as Told};
use scimulate::journal::Bounds;
use scimulate::scim::Leniencies;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// An event: its name, its number and its data.
#[derive(Debug, Clone, PartialEq)]
struct Event(String, Option<u64>, Value);

fn read(text: &str) -> Vec<Event> {
    let blocks = text.split("\n\n").filter(|it| it.starts_with("event: "));
    let event = |block: &str| {
        let (mut name, mut id, mut data) = (None, None, None);
        for line in block.lines() {
            let (field, value) = line.split_once(": ").unwrap();
            match field {
                "event" => name = Some(value.to_owned()),
                "id" => id = Some(value.parse().unwrap()),
                "data" => data = Some(serde_json::from_str(value).unwrap()),
                other => panic!("{other}"),
            }
        }
        Event(name.unwrap(), id, data.unwrap())
    };
    blocks.map(event).collect()
}

fn names(events: &[Event]) -> Vec<(&str, Option<u64>)> {
    events.iter().map(|it| (it.0.as_str(), it.1)).collect()
}

/// A server with a journal of four exchanges.
fn server() -> Server {
    let mut server = Server::new("Scenario()");
    let journal = Journal::new(Bounds {
        exchanges: 4,
        ..Bounds::default()
    });
    let guard = Guard {
        address: ([127, 0, 0, 1], 8081).into(),
        token: None,
    };
    let root = "http://sp.test".to_owned();
    server.control = Control::new(server.tenants.clone(), Arc::new(journal), guard, root);
    server
}

impl Server {
    fn exchange(&self, tenant: &str, fault: Option<&str>) -> u64 {
        let request = Asked::new(
            &http::Method::GET,
            "/Users".to_owned(),
            None,
            &HeaderMap::new(),
            Body::Empty,
        );
        let response = Told {
            status: 200,
            headers: Vec::new(),
            body: Body::Empty,
        };
        let exchange = Exchange {
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
            elapsed: std::time::Duration::from_millis(1),
            ended: None,
            request,
            response,
        };
        let fault = fault.map(str::to_owned);
        self.control
            .journal()
            .add(tenant, exchange, Leniencies::NONE, fault)
    }

    fn subscribe(&self, query: &str, last: Option<&str>) -> Subscription {
        let request = Request::builder()
            .uri(format!("/events{query}"))
            .header("host", "localhost");
        let request = last
            .iter()
            .fold(request, |it, last| it.header("last-event-id", *last));
        let mut response = self.control.answer(&request.body(Bytes::new()).unwrap());
        assert_eq!(response.status(), 200, "{response:?}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        response.extensions_mut().remove().expect("a subscription")
    }
}

fn take(subscription: &mut Subscription) -> Vec<Event> {
    read(std::str::from_utf8(&subscription.take()).unwrap())
}

#[test]
fn all_that_happens_is_told_in_one_row_of_numbers() {
    let server = server();
    server.exchange("acme", None);
    let mut all = server.subscribe("", None);
    assert_eq!(take(&mut all), [], "what was before is not told");
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
    server.exchange("mine", Some("Outage"));
    server
        .control
        .reloaded("acme", Err(vec!["line 1".to_owned()]));
    server.control.reloaded("acme", Ok(()));
    server.must("POST", "/tenants/mine/reset", Value::Null);
    let told = take(&mut all);
    let expected = [
        ("tenant", Some(2)),
        ("fault", None),
        ("exchange", Some(3)),
        ("reload", Some(4)),
        ("reload", Some(5)),
        ("tenant", Some(6)),
    ];
    assert_eq!(names(&told), expected);
    assert_eq!(told[0].2, json!({"tenant": "mine", "change": "made"}));
    assert_eq!(
        told[1].2,
        json!({"tenant": "mine", "fault": "Outage", "exchange": 2, "method": "GET", "path": "/Users", "status": 200})
    );
    let kept = server
        .control
        .journal()
        .moment()
        .entry(2)
        .unwrap()
        .to_json();
    assert_eq!(told[2].2, kept, "as the journal has it");
    assert_eq!(
        told[3].2,
        json!({"tenant": "acme", "state": "failed", "diagnostics": ["line 1"]})
    );
    assert_eq!(told[4].2, json!({"tenant": "acme", "state": "ok"}));
    assert_eq!(told[5].2, json!({"tenant": "mine", "change": "reset"}));
    assert_eq!(all.take(), "", "nothing is told twice");
    server.must("DELETE", "/tenants/mine", Value::Null);
    assert_eq!(
        take(&mut all)[0].2,
        json!({"tenant": "mine", "change": "dropped"})
    );
}

#[test]
fn only_what_was_asked_for_is_told() {
    let server = server();
    let query = [
        "?tenant=acme",
        "?type=fault",
        "?type=fault,tenant&tenant=zoo",
        "?type=reload&type=exchange",
    ];
    let mut all = query.map(|query| server.subscribe(query, None));
    server.exchange("acme", Some("Outage"));
    server.exchange("zoo", Some("Outage"));
    server.control.reloaded("acme", Ok(()));
    server.control.made("zoo");
    let told = all.each_mut().map(take);
    let told = told.each_ref().map(|it| names(it));
    assert_eq!(
        told[0],
        [("fault", None), ("exchange", Some(1)), ("reload", Some(3))]
    );
    assert_eq!(told[1], [("fault", Some(1)), ("fault", Some(2))]);
    assert_eq!(told[2], [("fault", Some(2)), ("tenant", Some(4))]);
    assert_eq!(
        told[3],
        [
            ("exchange", Some(1)),
            ("exchange", Some(2)),
            ("reload", Some(3))
        ]
    );
    for (path, part) in [
        ("/events?type=x", "expected one of exchange"),
        ("/events?x=1", "expected tenant or type"),
    ] {
        let refused = server.ask("GET", path, Value::Null);
        assert_eq!(refused.status, 400);
        assert!(refused.problem().contains(part));
    }
    let headers = [("host", "localhost"), ("last-event-id", "x")];
    assert_eq!(
        server
            .ask_with("GET", "/events", &headers, Value::Null)
            .status,
        400
    );
}

#[test]
fn whoever_comes_back_goes_on_or_is_told_of_the_gap() {
    let server = server();
    for _ in 0..4 {
        server.exchange("acme", None);
    }
    let from = |last| take(&mut server.subscribe("", Some(last)));
    assert_eq!(
        names(&from("2")),
        [("exchange", Some(3)), ("exchange", Some(4))]
    );
    assert_eq!(from("4"), []);
    for _ in 0..2 {
        server.exchange("acme", None);
    }
    // 1 and 2 have fallen out.
    assert_eq!(names(&from("2"))[0], ("exchange", Some(3)));
    let told = from("1");
    assert_eq!(names(&told)[..2], [("gap", Some(2)), ("exchange", Some(3))]);
    assert_eq!(told[0].2, json!({"after": 1, "from": 3}));
    // A number of another run.
    assert_eq!(
        names(&from("900"))[..2],
        [("gap", Some(2)), ("exchange", Some(3))]
    );
}

#[test]
fn whoever_is_slow_is_told_what_is_missing() {
    let server = server();
    let mut slow = server.subscribe("", None);
    take(&mut slow);
    for _ in 0..9 {
        server.exchange("acme", None);
    }
    let told = take(&mut slow);
    assert_eq!(
        names(&told)[..2],
        [("lagged", Some(5)), ("exchange", Some(6))]
    );
    assert_eq!(
        (told.len(), &told[0].2),
        (5, &json!({"after": 0, "from": 6}))
    );
}

#[test]
fn much_is_told_in_parts() {
    let server = Server::new("Scenario()");
    let mut all = server.subscribe("", None);
    for _ in 0..200 {
        server.exchange("acme", None);
    }
    let mut told = Vec::new();
    loop {
        let part = take(&mut all);
        assert!(part.len() <= 64);
        if part.is_empty() {
            break;
        }
        told.extend(part);
    }
    let numbers: Vec<_> = told.iter().filter_map(|it| it.1).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
}

/// Events over a socket, read as they come.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(address: SocketAddr, query: &str) -> Self {
        let mut stream = connect(address);
        let head = format!("GET /events{query} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut this = Self(BufReader::new(stream));
        let head = this.until(|line| line.starts_with(": events"));
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        this
    }

    /// What comes until a line that suits, it included.
    fn until(&mut self, suits: impl Fn(&str) -> bool) -> String {
        let mut read = String::new();
        loop {
            let start = read.len();
            assert_ne!(self.0.read_line(&mut read).unwrap(), 0, "it ended: {read}");
            if suits(&read[start..]) {
                return read;
            }
        }
    }

    fn next(&mut self, name: &str) -> Value {
        let line = format!("event: {name}\n");
        self.until(|it| it == line);
        let read = self.until(|it| it.starts_with("data: "));
        let (_, data) = read.split_once("data: ").unwrap();
        serde_json::from_str(data).unwrap()
    }
}

#[test]
fn events_come_over_a_socket_as_they_happen_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ron");
    save(&file, r#"Scenario(auth: [Bearer("s3cret-token")])"#);
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let mut stream = Stream::open(program.control(), "");
    let mut scim = Client::new(program.address(), "s3cret-token");
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","password":"hunter22"}"#;
    assert_eq!(scim.send("POST", "/scim/v2/Users", body).status, 201);
    let told = stream.next("exchange");
    assert_eq!(
        (&told["tenant"], &told["response"]["status"]),
        (&json!("acme"), &json!(201))
    );
    let text = told.to_string();
    assert!(
        text.contains("ann") && !text.contains("hunter22") && !text.contains("s3cret-token"),
        "{text}"
    );
    let mut control = Client::new(program.control(), "");
    control.send("PUT", "/tenants/acme/faults", r#"[{"then": "Outage"}]"#);
    assert_eq!(scim.get("/scim/v2/Users").status, 503);
    assert_eq!(stream.next("fault")["fault"], "Outage");
    save(&file, "Scenario(user: [])");
    assert_eq!(stream.next("reload")["state"], "failed");
}

#[test]
fn a_server_that_stops_ends_them() {
    let mut program = Program::start(&["serve", "--log", "off"]);
    let mut stream = Stream::open(program.control(), "");
    program.signal("TERM");
    let mut rest = String::new();
    stream.0.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the body is whole: {rest:?}");
    assert_eq!(program.wait().code(), Some(0));
}

/// Nobody reads, and requests are answered all the same.
#[test]
fn whoever_does_not_read_holds_up_nobody() {
    let program = Program::start(&["serve", "--log", "off"]);
    let stream = Stream::open(program.control(), "");
    let mut scim = Client::new(program.address(), "demo-token");
    for _ in 0..300 {
        assert_eq!(scim.get("/scim/v2/Schemas").status, 200);
    }
    drop(stream);
}

//! Every kind of fault as hyper's client meets it: what the scenario promises is what the client reports.
//!
//! The kinds are those of the scenario language's own table: one that is new there fails here until somebody says what it promises.

use crate::support::front::{get, post, request, try_begin};
use crate::support::program::Program;
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Full};
use jiff::SignedDuration;
use jiff::fmt::rfc2822;
use scimulate::scenario::FAULT_KINDS;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::time::timeout;

const SCENARIO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/faults/every-kind.ron"
);
/// The header that names the fault which an answer met.
const MARK: &str = "scimulate-fault";

/// Sees what a kind of fault does.
type Check = fn(&Sp);

/// Each kind of fault, and what a client sees of it.
const CHECKS: &[(&str, Check)] = &[
    ("Status", status),
    ("RateLimit", rate_limit),
    ("Outage", outage),
    ("PreconditionFailed", precondition_failed),
    ("ExpiredCursor", expired_cursor),
    ("Truncated", truncated),
    ("Malformed", malformed),
    ("WrongContentType", wrong_content_type),
    ("StaleRead", stale_read),
    ("DuplicateEntries", duplicate_entries),
    ("MissingEntries", missing_entries),
    ("Delay", delay),
    ("Timeout", no_answer),
    ("Disconnect", disconnect),
    ("Dribble", dribble),
];

/// The program with every fault, and a client.
struct Sp {
    program: Program,
    client: Runtime,
}

/// What a client has of an exchange.
#[derive(Debug)]
struct Seen {
    status: u16,
    headers: HeaderMap,
    /// What came of the body.
    body: Bytes,
    /// How the body ended, where it did not end well.
    broken: Option<hyper::Error>,
    /// From the first byte of the request to the last of the answer.
    took: Duration,
}

impl Sp {
    fn url(&self, target: &str) -> String {
        format!("{}{target}", self.program.base())
    }

    /// What comes of `request` when it asks for a fault by its name, or for none.
    fn send(&self, mut request: Request<Full<Bytes>>, fault: &str) -> hyper::Result<Seen> {
        if !fault.is_empty() {
            let name = fault.parse().unwrap();
            request.headers_mut().insert("x-fault", name);
        }
        self.client.block_on(async {
            let asked = Instant::now();
            let (head, mut rest) = try_begin(request).await?.into_parts();
            let (mut body, mut broken) = (Vec::new(), None);
            while let Some(frame) = rest.frame().await {
                match frame {
                    Ok(frame) => body.extend_from_slice(frame.data_ref().unwrap()),
                    Err(error) => {
                        broken = Some(error);
                        break;
                    }
                }
            }
            Ok(Seen {
                status: head.status.as_u16(),
                headers: head.headers,
                body: body.into(),
                broken,
                took: asked.elapsed(),
            })
        })
    }

    /// An answer that came whole.
    #[track_caller]
    fn answer(&self, target: &str, fault: &str) -> Seen {
        let seen = self.send(get(self.url(target)), fault).unwrap();
        assert!(seen.broken.is_none(), "{seen:?}");
        seen
    }

    /// The same, of a request that makes a user.
    #[track_caller]
    fn make(&self, name: &str, fault: &str) -> Seen {
        let body = format!(r#"{{"userName": "{name}"}}"#);
        self.send(post(self.url("/Users"), body), fault).unwrap()
    }

    /// The users that a page names.
    fn names(&self, target: &str, fault: &str) -> Vec<String> {
        let page = self.answer(target, fault).json();
        let users = page["Resources"].as_array().unwrap().iter();
        users
            .map(|it| it["userName"].as_str().unwrap().into())
            .collect()
    }
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It is an answer with this status, and says which fault it met.
    #[track_caller]
    fn met(self, status: u16, fault: &str) -> Self {
        let mark = (!fault.is_empty()).then_some(fault);
        assert_eq!((self.status, self.header(MARK)), (status, mark), "{self:?}");
        self
    }

    /// It is an error of SCIM.
    #[track_caller]
    fn refused(self, status: u16, fault: &str) -> Self {
        let seen = self.met(status, fault);
        assert_eq!(seen.header("content-type"), Some("application/scim+json"));
        let body = seen.json();
        assert_eq!(
            body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(body["status"], status.to_string());
        seen
    }
}

#[test]
fn hypers_client_sees_of_every_kind_of_fault_what_it_promises() {
    let known: BTreeSet<&str> = FAULT_KINDS.iter().map(|(name, _)| *name).collect();
    let checked: BTreeSet<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(checked, known, "each kind of fault has a check");
    for (_, check) in CHECKS {
        // Each with a clock and counters of its own.
        check(&Sp {
            program: Program::start(&["serve", "--log", "off", "--no-control", SCENARIO]),
            client: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        });
    }
}

fn status(sp: &Sp) {
    let plain = sp.answer("/Users", "status").refused(503, "Status");
    assert_eq!(plain.header("retry-after"), None);
    let json = sp.answer("/Users", "status-json").met(409, "Status");
    assert_eq!(json.json(), json!({"taken": ["ann", null]}));
    let text = sp.answer("/Users", "status-text").met(502, "Status");
    assert_eq!(text.body, "<h1>Bad gateway</h1>");
    assert_eq!(
        (text.header("content-type"), text.header("x-cause")),
        (Some("text/html"), Some("proxy"))
    );
    let seconds = sp.answer("/Users", "retry-seconds").refused(429, "Status");
    assert_eq!(seconds.header("retry-after"), Some("2"));
    let date = sp.answer("/Users", "retry-date").refused(429, "Status");
    let later = rfc2822::parse(date.header("retry-after").unwrap()).unwrap();
    let began = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        later.timestamp().duration_since(began),
        SignedDuration::from_secs(90)
    );
}

fn rate_limit(sp: &Sp) {
    let told = |fault: &str| {
        let seen = sp.answer("/Users", "quota");
        let told = ["limit", "remaining", "reset"].map(|it| {
            let value = seen.header(&format!("ratelimit-{it}")).unwrap();
            value.parse::<u32>().unwrap()
        });
        let again = seen.header("retry-after").map(str::to_owned);
        let seen = if fault.is_empty() {
            seen.met(200, "")
        } else {
            seen.refused(429, fault)
        };
        (seen.status, told, again)
    };
    assert_eq!(told(""), (200, [2, 1, 60], None));
    assert_eq!(told(""), (200, [2, 0, 60], None));
    assert_eq!(told("RateLimit"), (429, [2, 0, 60], Some("60".into())));
    let other = sp.answer("/Users", "").met(200, "");
    assert_eq!(other.header("ratelimit-limit"), None);
}

fn outage(sp: &Sp) {
    let seen = sp.answer("/Users", "outage").refused(503, "Outage");
    assert_eq!(seen.header("retry-after"), Some("60"));
    // A change makes it a second later; nobody else is concerned.
    sp.make("hal", "").met(201, "");
    let seen = sp.make("ian", "outage").refused(503, "Outage");
    assert_eq!(seen.header("retry-after"), Some("59"));
}

fn precondition_failed(sp: &Sp) {
    let change = |fault: &str| {
        let mut put = post(
            sp.url("/Users/user-1"),
            r#"{"userName": "ann", "title": "x"}"#,
        );
        *put.method_mut() = Method::PUT;
        put.headers_mut()
            .insert("if-match", r#"W/"1""#.parse().unwrap());
        sp.send(put, fault).unwrap()
    };
    change("changed").refused(412, "PreconditionFailed");
    let untouched = sp.answer("/Users/user-1", "").met(200, "").json();
    assert_eq!(untouched["title"], Value::Null);
    change("").met(200, "");
}

fn expired_cursor(sp: &Sp) {
    let first = sp.answer("/Users?cursor&count=3", "cursor").met(200, "");
    let next = first.json()["nextCursor"].as_str().unwrap().to_owned();
    let second = format!("/Users?cursor={next}&count=3");
    let seen = sp.answer(&second, "cursor").refused(400, "ExpiredCursor");
    assert_eq!(seen.json()["scimType"], "expiredCursor");
    sp.answer(&second, "").met(200, "");
}

fn truncated(sp: &Sp) {
    let whole = sp.answer("/Users", "").met(200, "");
    let seen = sp.answer("/Users", "truncated").met(200, "Truncated");
    assert_eq!(seen.body, whole.body[..20]);
    assert_eq!(seen.header("content-length"), Some("20"));
    let error = serde_json::from_slice::<Value>(&seen.body).unwrap_err();
    assert!(error.is_eof(), "{error}");
}

fn malformed(sp: &Sp) {
    let whole = sp.answer("/Users", "").met(200, "");
    let seen = sp.answer("/Users", "malformed").met(200, "Malformed");
    assert_eq!(seen.body.len(), whole.body.len() - 1);
    let error = serde_json::from_slice::<Value>(&seen.body).unwrap_err();
    assert!(error.is_syntax(), "{error}");
}

fn wrong_content_type(sp: &Sp) {
    let whole = sp.answer("/Users", "").met(200, "");
    let seen = sp
        .answer("/Users", "media-type")
        .met(200, "WrongContentType");
    assert_eq!(seen.header("content-type"), Some("text/html"));
    assert_eq!(seen.body, whole.body);
}

/// A second old, by the clock of the scenario, on which each change takes a second.
fn stale_read(sp: &Sp) {
    sp.make("hal", "stale").met(201, "");
    sp.answer("/Users/user-8", "stale").met(404, "StaleRead");
    sp.answer("/Users/user-8", "").met(200, "");
    sp.make("ian", "").met(201, "");
    sp.answer("/Users/user-8", "stale").met(200, "StaleRead");
    sp.answer("/Users/user-9", "stale").met(404, "StaleRead");
}

const FIRST: &str = "/Users?count=3&sortBy=userName&startIndex=1";
const SECOND: &str = "/Users?count=3&sortBy=userName&startIndex=4";

fn duplicate_entries(sp: &Sp) {
    sp.answer(FIRST, "duplicate").met(200, "");
    sp.answer(SECOND, "duplicate").met(200, "DuplicateEntries");
    assert_eq!(sp.names(FIRST, "duplicate"), ["ann", "bob", "cyd"]);
    assert_eq!(sp.names(SECOND, "duplicate"), ["cyd", "dan", "eve"]);
}

fn missing_entries(sp: &Sp) {
    sp.answer(FIRST, "missing").met(200, "");
    sp.answer(SECOND, "missing").met(200, "MissingEntries");
    assert_eq!(sp.names(FIRST, "missing"), ["ann", "bob", "cyd"]);
    assert_eq!(sp.names(SECOND, "missing"), ["eve", "fay", "gil"]);
}

/// Late by as much as was said, and whole. How much later than that is the machine's business.
fn delay(sp: &Sp) {
    let whole = sp.answer("/Users", "").met(200, "");
    for (fault, least) in [("delay", 150), ("delay-range", 60), ("delay-lognormal", 1)] {
        let seen = sp.answer("/Users", fault).met(200, "Delay");
        assert!(seen.took >= Duration::from_millis(least), "{seen:?}");
        assert_eq!(seen.body, whole.body);
    }
}

/// No byte comes, and the request was carried out.
fn no_answer(sp: &Sp) {
    let mut delete = request(Method::DELETE, sp.url("/Users/user-1"));
    delete
        .headers_mut()
        .insert("x-fault", "timeout".parse().unwrap());
    let came = sp.client.block_on(async {
        let patience = Duration::from_millis(200);
        timeout(patience, try_begin(delete)).await
    });
    assert!(came.is_err(), "{came:?}");
    sp.answer("/Users/user-1", "").met(404, "");
}

fn disconnect(sp: &Sp) {
    let whole = sp.answer("/Users", "").met(200, "");
    let nothing = |fault: &str| sp.send(get(sp.url("/Users")), fault).unwrap_err();
    let error = nothing("disconnect");
    assert!(error.is_incomplete_message(), "{error:?}");
    let error = nothing("reset");
    assert!(is_reset(&error), "{error:?}");

    let part = |fault: &str| {
        let seen = sp.send(get(sp.url("/Users")), fault).unwrap();
        let length = whole.body.len().to_string();
        assert_eq!(seen.header("content-length"), Some(length.as_str()));
        seen.met(200, "Disconnect")
    };
    let seen = part("disconnect-20");
    assert_eq!(seen.body, whole.body[..20]);
    assert!(seen.broken.as_ref().is_some_and(|it| !is_reset(it)));
    let seen = part("reset-20");
    assert!(
        whole.body.starts_with(&seen.body) && seen.body.len() <= 20,
        "{seen:?}"
    );
    assert!(seen.broken.as_ref().is_some_and(|it| is_reset(it)));
}

/// A pause before each piece, and at the end it is whole.
fn dribble(sp: &Sp) {
    let whole = sp.answer("/Users", "").met(200, "");
    let seen = sp.answer("/Users", "dribble").met(200, "Dribble");
    assert_eq!(seen.body, whole.body);
    let pieces = u32::try_from(whole.body.len().div_ceil(400)).unwrap();
    assert!(pieces > 2 && seen.took >= Duration::from_millis(20) * pieces);
}

/// Whether a connection was reset, and not closed.
fn is_reset(error: &(dyn Error + 'static)) -> bool {
    let reset = |it: &io::Error| it.kind() == io::ErrorKind::ConnectionReset;
    error.downcast_ref().is_some_and(reset) || error.source().is_some_and(is_reset)
}

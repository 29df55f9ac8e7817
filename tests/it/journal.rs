//! The journal: what it keeps and lets go, what of it is found, and who hears of it ; each file beside this has one side of it.

mod bounds;
mod filters;
mod pipeline;
mod search;
mod secrets;
mod verification;

use bytes::Bytes;
use scimulate::exchange::{Body, Exchange, Request, Response};
use scimulate::journal::{Bounds, Journal};
use scimulate::scim::{Leniencies, Leniency};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An exchange in which `target` may have a query string; `null` is no body.
pub(crate) fn exchange(
    method: &str,
    target: &str,
    sent: &Value,
    status: u16,
    answered: &Value,
) -> Exchange {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = |value: &Value| match value {
        Value::Null => Body::Empty,
        value => Body::Json(value.clone()),
    };
    let headers = http::HeaderMap::new();
    let method = http::Method::from_bytes(method.as_bytes()).unwrap();
    Exchange {
        at: jiff::Timestamp::UNIX_EPOCH,
        elapsed: Duration::from_millis(3),
        ended: None,
        request: Request::new(&method, path, Some(query), &headers, body(sent)),
        response: Response {
            status,
            headers: Vec::new(),
            body: body(answered),
        },
    }
}

/// Adds one of the tenant `acme` that needed no leniency.
pub(crate) fn add(journal: &Journal, method: &str, target: &str, sent: &Value, status: u16) -> u64 {
    let exchange = exchange(method, target, sent, status, &Value::Null);
    journal.add("acme", exchange, Leniencies::NONE, None)
}

#[test]
fn numbers_begin_at_one_and_never_repeat() {
    let journal = Journal::default();
    assert!(journal.moment().latest().is_none());
    assert_eq!(add(&journal, "GET", "/Users", &Value::Null, 200), 1);
    assert_eq!(add(&journal, "GET", "/Users", &Value::Null, 200), 2);
    journal.clear(None);
    assert!(journal.moment().is_empty());
    assert_eq!(add(&journal, "GET", "/Groups", &Value::Null, 200), 3);
    let moment = journal.moment();
    assert_eq!(moment.latest().unwrap().number, 3);
    assert_eq!(moment.newest(), 3);
    assert!(moment.entry(2).is_none());
    assert_eq!(moment.entry(3).unwrap().exchange.request.path, "/Groups");
}

#[test]
fn a_tenant_is_forgotten_alone() {
    let journal = Journal::default();
    for tenant in ["acme", "umbrella", "acme"] {
        let exchange = exchange("GET", "/Users", &Value::Null, 200, &Value::Null);
        journal.add(tenant, exchange, Leniencies::NONE, None);
    }
    journal.clear(Some("acme"));
    let moment = journal.moment();
    let kept: Vec<_> = moment
        .entries()
        .map(|entry| (entry.number, &*entry.tenant))
        .collect();
    assert_eq!(kept, [(2, "umbrella")]);
    journal.clear(Some("umbrella"));
    assert_eq!(journal.moment().bytes(), 0);
}

#[test]
fn an_entry_is_shown_as_a_fixture_file_is_with_what_is_known_of_it() {
    let journal = Journal::default();
    let exchange = exchange(
        "POST",
        "/Users?attributes=id",
        &json!({"userName": "zoe"}),
        201,
        &json!({"id": "1"}),
    );
    let leniencies = Leniencies::NONE.with(Leniency::MissingSchemas);
    journal.add("acme", exchange, leniencies, Some("slow".to_owned()));
    let shown = journal.moment().latest().unwrap().to_json();
    assert_eq!(
        shown,
        json!({
            "number": 1,
            "tenant": "acme",
            "leniencies": ["missing_schemas"],
            "fault": "slow",
            "at": "1970-01-01T00:00:00.000Z",
            "elapsed_ms": 3.0,
            "request": {"method": "POST", "path": "/Users", "query": [["attributes", "id"]], "headers": [], "body": {"userName": "zoe"}},
            "response": {"status": 201, "headers": [], "body": {"id": "1"}},
        })
    );
}

#[test]
fn a_moment_stays_as_it_was() {
    let journal = Journal::new(Bounds {
        exchanges: 2,
        ..Bounds::default()
    });
    add(&journal, "GET", "/Users", &Value::Null, 200);
    let before = journal.moment();
    for _ in 0..5 {
        add(&journal, "GET", "/Groups", &Value::Null, 200);
    }
    assert_eq!(before.len(), 1);
    assert_eq!(before.latest().unwrap().number, 1);
    assert_eq!(before.fallen(), 0);
    assert_eq!(journal.moment().fallen(), 4);
}

#[tokio::test]
async fn whoever_waits_hears_of_each_exchange_and_misses_none() {
    let journal = Arc::new(Journal::default());
    let mut newest = journal.subscribe();
    let waiting = tokio::spawn({
        let journal = journal.clone();
        async move {
            let mut seen = Vec::new();
            while seen.len() < 100 {
                let after = seen.last().copied().unwrap_or_default();
                newest.wait_for(|newest| *newest > after).await.unwrap();
                let moment = journal.moment();
                seen.extend(
                    moment
                        .entries()
                        .map(|entry| entry.number)
                        .filter(|n| *n > after),
                );
            }
            seen
        }
    });
    let adding = std::thread::spawn(move || {
        for _ in 0..100 {
            add(&journal, "GET", "/Users", &Value::Null, 200);
        }
    });
    let seen = waiting.await.unwrap();
    adding.join().unwrap();
    assert_eq!(seen, (1..=100).collect::<Vec<u64>>());
}

#[test]
fn writers_and_readers_do_not_disturb_each_other() {
    const WRITERS: u64 = 4;
    const EACH: u64 = 200;
    let journal = Journal::new(Bounds {
        exchanges: 50,
        ..Bounds::default()
    });
    let done = AtomicBool::new(false);
    let mut numbers = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                scope.spawn(|| {
                    let add = |_| add(&journal, "POST", "/Users", &json!({"userName": "a"}), 201);
                    (0..EACH).map(add).collect::<Vec<u64>>()
                })
            })
            .collect();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut before = 0;
                    while !done.load(Ordering::Acquire) {
                        let moment = journal.moment();
                        let numbers: Vec<_> = moment.entries().map(|entry| entry.number).collect();
                        assert!(numbers.len() <= 50);
                        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
                        assert!(moment.newest() >= before);
                        assert_eq!(moment.fallen() + numbers.len() as u64, moment.newest());
                        before = moment.newest();
                    }
                })
            })
            .collect();
        let numbers: Vec<u64> = writers
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect();
        done.store(true, Ordering::Release);
        for reader in readers {
            reader.join().unwrap();
        }
        numbers
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=WRITERS * EACH).collect::<Vec<u64>>());
    assert_eq!(*journal.subscribe().borrow(), WRITERS * EACH);
}

#[test]
fn of_a_body_that_is_too_large_nothing_is_kept() {
    let journal = Journal::new(Bounds {
        body: 20,
        ..Bounds::default()
    });
    let read = |text: &'static str| {
        journal
            .bounds()
            .kept(&Bytes::from_static(text.as_bytes()), None)
    };
    assert_eq!(
        read(r#"{"userName": "zoe"}"#),
        Body::Json(json!({"userName": "zoe"}))
    );
    assert_eq!(
        read(r#"{"userName": "zoe", "a": 1}"#),
        Body::Cut { kept: Bytes::new() }
    );
}

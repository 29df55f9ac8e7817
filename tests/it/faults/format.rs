//! What stands in a scenario file, and what it means.

use crate::scenario::clean;
use scimulate::scenario::{Delay, Fault, On, RetryAfter, Then};
use serde_json::json;
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn status(status: u16, retry_after: Option<RetryAfter>) -> Then {
    Then::Status {
        status,
        body: None,
        headers: Vec::new(),
        retry_after,
    }
}

/// `text` is `then`, with the name of the fault or without, whatever request it is for.
#[track_caller]
fn check(text: &str, then: Then) {
    let carried_out = then.needs_the_answer();
    let expected = [Fault {
        on: On::default(),
        then,
        carried_out,
    }];
    for fault in [
        format!("Fault(then: {text})"),
        format!("(on: (), then: {text})"),
    ] {
        let scenario = clean(&format!("Scenario(faults: [{fault}])"));
        assert_eq!(scenario.faults, expected, "{fault}");
    }
}

#[test]
fn every_fault_of_an_answer_can_be_written() {
    check("Status(503)", status(503, None));
    check(
        "Status(429, retry_after_s: 2)",
        status(429, Some(RetryAfter::Seconds(2))),
    );
    check(
        "Status(429, retry_after_date_s: 2,)",
        status(429, Some(RetryAfter::Date(2))),
    );
    check(
        r#"Status(500, body: {"a": [1]}, headers: {"X-Cause": "b c"})"#,
        Then::Status {
            status: 500,
            body: Some(json!({"a": [1]})),
            headers: vec![("x-cause".into(), "b c".into())],
            retry_after: None,
        },
    );
    check(
        "RateLimit(limit: 3, per_s: 60)",
        Then::RateLimit {
            limit: 3,
            per: ms(60_000),
        },
    );
    check("Outage", Then::Outage);
    check("PreconditionFailed", Then::PreconditionFailed);
    check("ExpiredCursor", Then::ExpiredCursor);
    check("Truncated", Then::Truncated { after_bytes: None });
    check(
        "Truncated(after_bytes: 0)",
        Then::Truncated {
            after_bytes: Some(0),
        },
    );
    check("Malformed", Then::Malformed);
    check(
        "WrongContentType",
        Then::WrongContentType("text/html".into()),
    );
    check(
        r#"WrongContentType("a/b")"#,
        Then::WrongContentType("a/b".into()),
    );
    check("StaleRead(ms: 5)", Then::StaleRead(ms(5)));
    check("DuplicateEntries", Then::DuplicateEntries);
    check("MissingEntries", Then::MissingEntries);
}

#[test]
fn every_fault_of_a_connection_can_be_written() {
    check("Delay(ms: 5)", Then::Delay(Delay::Fixed(ms(5))));
    let range = Delay::Range {
        from: ms(200),
        to: ms(800),
    };
    check("Delay(from_ms: 200, to_ms: 800)", Then::Delay(range));
    check("Delay(to_ms: 800, from_ms: 200)", Then::Delay(range));
    let lognormal = Delay::LogNormal {
        median: ms(200),
        sigma: 0.5,
    };
    check("Delay(median_ms: 200, sigma: 0.5)", Then::Delay(lognormal));
    check("Timeout", Then::Timeout);
    check(
        "Disconnect",
        Then::Disconnect {
            after_bytes: None,
            reset: false,
        },
    );
    check(
        "Disconnect(after_bytes: 20)",
        Then::Disconnect {
            after_bytes: Some(20),
            reset: false,
        },
    );
    check(
        "Disconnect(reset: true)",
        Then::Disconnect {
            after_bytes: None,
            reset: true,
        },
    );
    check(
        "Dribble(bytes: 2, every_ms: 7)",
        Then::Dribble {
            bytes: 2,
            every: ms(7),
        },
    );
}

#[test]
fn every_condition_can_be_written() {
    let scenario = clean(
        r#"Scenario(clock: Fixed("2026-01-01T00:00:00Z"), faults: [Fault(
            on: (method: "POST", path: "/Users/*", tenant: "a", headers: {"X-Y": "z"}, filter: "active eq true",
                window: (from_ms: 1000, to_ms: 2000), nth: [3, 1], share: 0.05),
            then: Timeout, carried_out: true)])"#,
    );
    let [fault] = scenario.faults.as_slice() else {
        panic!("{:?}", scenario.faults)
    };
    let on = &fault.on;
    assert!(fault.carried_out);
    assert_eq!(on.method.as_deref(), Some("POST"));
    assert_eq!(on.path.as_deref(), Some("/Users/*"));
    assert_eq!(on.tenant.as_deref(), Some("a"));
    assert_eq!(on.headers, [("x-y".to_owned(), "z".to_owned())]);
    assert_eq!(on.filter.as_ref().unwrap().to_string(), "active eq true");
    assert_eq!(on.window.from, Some(std::time::Duration::from_secs(1)));
    assert_eq!(on.window.to, Some(std::time::Duration::from_secs(2)));
    assert_eq!((on.nth.as_slice(), on.share), (&[3, 1][..], Some(0.05)));
}

/// Headers may hold credentials: a mistake beside them does not show them.
#[test]
fn what_headers_hold_is_not_repeated() {
    let line = r#"Scenario(faults: [Fault(on: (headers: {"authorization": "Bearer s3cr3t"}, nth: [0]), then: Timeout)])"#;
    let (_, diagnostics) = crate::scenario::loaded(line);
    assert_eq!(diagnostics.len(), 1);
    assert!(
        !diagnostics[0].to_string().contains("s3cr3t"),
        "{}",
        diagnostics[0]
    );
}

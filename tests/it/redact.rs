//! Redaction: secrets leave their kind and a tag, people leave pseudonyms of the same shape, and what belonged together still does.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod check;
mod people;
mod properties;
mod rules;
mod secrets;
mod shapes;
mod sinks;
mod verb;

use scimulate::exchange::redact::{Key, Level, Redactor, Rules};
use scimulate::exchange::{Body, Exchange, Request, Response};
use serde_json::Value;
use std::time::Duration;

const KEY: &str = "a key for tests only";

fn key() -> Key {
    Key::new(KEY).unwrap()
}

fn pii() -> Redactor {
    Redactor::new(Level::Pii, Some(key()), Rules::default())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn json(value: Value) -> Body {
    if value.is_null() {
        Body::Empty
    } else {
        Body::Json(value)
    }
}

/// An exchange with these bodies; null is none.
fn exchange(method: &str, path: &str, request: Value, response: Value) -> Exchange {
    Exchange {
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        elapsed: Duration::from_millis(1),
        ended: None,
        request: Request {
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: json(request),
        },
        response: Response {
            status: 200,
            headers: Vec::new(),
            body: json(response),
        },
    }
}

fn redacted(redactor: &Redactor, mut exchange: Exchange) -> Exchange {
    redactor.exchange(&mut exchange);
    exchange
}

/// What a body becomes in an answer to a request with this path.
fn body(redactor: &Redactor, path: &str, body: Value) -> Value {
    let Body::Json(value) = redacted(redactor, exchange("GET", path, Value::Null, body))
        .response
        .body
    else {
        panic!("JSON stays JSON");
    };
    value
}

/// What the value of an attribute of a user becomes.
fn user(attribute: &str, value: impl Into<Value>) -> Value {
    let mut user = serde_json::json!({});
    user[attribute] = value.into();
    body(&pii(), "/Users", user)[attribute].clone()
}

//! The levels on which two requests are the same: a table of pairs, each with the closest level and the reason.
#![allow(
    clippy::needless_pass_by_value,
    reason = "a row reads better without borrows"
)]

mod patches;
mod queries;
mod resources;

use scimulate::exchange::canonical::{self, Form, Level, intent};
use scimulate::exchange::walk::Schemas;
use scimulate::exchange::{Body, Request};
use serde_json::{Value, json};

/// `target` is a path with its query string, not encoded.
fn request(method: &str, target: &str, body: Value) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    Request {
        method: method.into(),
        path: path.into(),
        query: query
            .split('&')
            .filter(|it| !it.is_empty())
            .map(pair)
            .collect(),
        headers: Vec::new(),
        body: match body {
            Value::Null => Body::Empty,
            body => Body::Json(body),
        },
    }
}

/// The closest level on which two requests are the same; `before` is the resource that a PATCH changes.
fn level(before: &Value, left: &Request, right: &Request) -> Option<Level> {
    let schemas = Schemas::default();
    let types = schemas.by_endpoint(left.path.split('/').nth(1).unwrap_or_default());
    let form = |level: Level, request: &Request| {
        let text = match level {
            Level::Exact => canonical::exact(request),
            Level::Canonical => canonical::canonical(&schemas, request),
            Level::Intent => {
                let before = intent::content(types?, before);
                intent::form(&schemas, "1", &before, request)?
            }
        };
        Some(Form::of(level, &text))
    };
    let same = |level: &Level| {
        let (left, right) = (form(*level, left), form(*level, right));
        left.is_some() && left == right
    };
    Level::ALL.into_iter().find(same)
}

#[track_caller]
fn check(expected: Option<Level>, left: Request, right: Request, why: &str) {
    let found = level(&json!({}), &left, &right);
    assert_eq!(found, expected, "{why}: {left:?} and {right:?}");
    assert_eq!(found, level(&json!({}), &right, &left), "both ways: {why}");
}

const EXACT: Option<Level> = Some(Level::Exact);
const CANONICAL: Option<Level> = Some(Level::Canonical);
const INTENT: Option<Level> = Some(Level::Intent);
const OTHER: Option<Level> = None;

#[test]
fn the_levels_have_their_names_and_their_order() {
    let names = Level::ALL.map(Level::name);
    assert_eq!(names, ["exact", "canonical", "intent"]);
    assert!(Level::Exact < Level::Canonical && Level::Canonical < Level::Intent);
    // The same text is another form on another level.
    assert_ne!(Form::of(Level::Exact, "x"), Form::of(Level::Canonical, "x"));
}

#[test]
fn a_path_is_compared_by_its_segments() {
    let get = |path: &str| request("GET", path, Value::Null);
    let rows = [
        (EXACT, "/Users", "/Users", "the same"),
        (
            CANONICAL,
            "/Users/a%2db",
            "/Users/a-b",
            "percent-encoding is no content",
        ),
        (CANONICAL, "/Users/a%2Db", "/Users/a%2db", "nor is its case"),
        (
            CANONICAL,
            "/Schemas/urn%3Aietf",
            "/Schemas/urn:ietf",
            "a colon may be encoded",
        ),
        (
            OTHER,
            "/Users/a%2Fb",
            "/Users/a/b",
            "an encoded slash is no separator",
        ),
        (OTHER, "/Users", "/users", "an endpoint has a case"),
        (OTHER, "/Users/a", "/Users/A", "an id has a case"),
        (OTHER, "/Users", "/Users/", "an empty segment is one"),
        (OTHER, "/Users", "/Groups", "another endpoint"),
        (OTHER, "/Users/1", "/Users/2", "another id"),
        (OTHER, "/%ff", "/%fe", "octets that are no text"),
    ];
    for (expected, left, right, why) in rows {
        check(expected, get(left), get(right), why);
    }
    check(
        OTHER,
        get("/Users"),
        request("HEAD", "/Users", Value::Null),
        "another method",
    );
}

#[test]
fn a_condition_belongs_to_a_request_and_no_other_field_does() {
    let with = |fields: &[(&str, &str)]| Request {
        headers: super::pairs(fields),
        ..request("GET", "/Users/1", Value::Null)
    };
    check(
        EXACT,
        with(&[("If-None-Match", "W/\"1\"")]),
        with(&[("if-none-match", "W/\"1\"")]),
        "a field's name has no case",
    );
    check(
        OTHER,
        with(&[("If-None-Match", "W/\"1\"")]),
        with(&[]),
        "304 is no answer to whoever did not ask for it",
    );
    check(
        OTHER,
        with(&[("If-Match", "W/\"1\"")]),
        with(&[("If-Match", "W/\"2\"")]),
        "another version",
    );
    check(
        OTHER,
        with(&[("If-Match", "\"1\"")]),
        with(&[("If-None-Match", "\"1\"")]),
        "the opposite condition",
    );
    check(
        EXACT,
        with(&[("Authorization", "Bearer a"), ("User-Agent", "x")]),
        with(&[("Authorization", "Bearer b"), ("Accept", "y")]),
        "the rest says who asks and how",
    );
}

#[test]
fn a_body_that_is_no_json_is_compared_as_it_is() {
    let with = |body: Body| Request {
        body,
        ..request("POST", "/Users", Value::Null)
    };
    let text = |text: &str| Body::Text(text.into());
    check(EXACT, with(text("a")), with(text("a")), "the same text");
    check(OTHER, with(text("a")), with(text("A")), "another text");
    check(
        OTHER,
        with(text("\"x\"")),
        with(Body::Json(json!("x"))),
        "text is not JSON",
    );
    check(
        OTHER,
        with(text("")),
        with(Body::Empty),
        "an empty text is kept apart",
    );
    let bytes = |bytes: &'static [u8]| Body::Binary(bytes::Bytes::from_static(bytes));
    check(
        EXACT,
        with(bytes(&[255])),
        with(bytes(&[255])),
        "the same bytes",
    );
    check(
        OTHER,
        with(bytes(&[255])),
        with(bytes(&[254])),
        "other bytes",
    );
}

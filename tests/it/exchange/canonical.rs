//! The canonical form of requests.

use super::pairs;
use scimulate::exchange::{Body, Request, canonical};
use serde_json::{Value, json};

fn request(path: &str, query: &[(&str, &str)], body: Body) -> Request {
    Request {
        method: "POST".into(),
        path: path.into(),
        query: pairs(query),
        headers: Vec::new(),
        body,
    }
}

#[track_caller]
#[allow(
    clippy::needless_pass_by_value,
    reason = "a row reads better without borrows"
)]
fn check_same(left: Request, right: Request, same: bool) {
    assert_eq!(
        canonical::key(&left) == canonical::key(&right),
        same,
        "{left:?} and {right:?}"
    );
}

#[test]
fn requests_are_the_same_in_canonical_form_when_they_ask_the_same() {
    let body = |value: Value| request("/Users", &[], Body::Json(value));
    check_same(
        body(json!({"a": 1, "B": [1, 2]})),
        body(json!({"b": [1, 2], "A": 1})),
        true,
    );
    check_same(
        body(json!({"a": {"x": 1, "y": 2}})),
        body(json!({"A": {"Y": 2, "X": 1}})),
        true,
    );
    check_same(body(json!([1, 2])), body(json!([2, 1])), false);
    check_same(body(json!({"a": "x"})), body(json!({"a": "X"})), false);
    check_same(body(json!({"a": 1, "A": 2})), body(json!({"a": 1})), false);
    check_same(body(json!({"a": 1})), body(json!({"a": "1"})), false);
    check_same(
        body(json!("x")),
        request("/Users", &[], Body::Text("\"x\"".into())),
        false,
    );
    check_same(body(json!({"a": null})), body(json!({})), false);
    let query = |query: &[(&str, &str)]| request("/Users", query, Body::Empty);
    check_same(
        query(&[("count", "1"), ("startIndex", "2")]),
        query(&[("STARTINDEX", "2"), ("Count", "1")]),
        true,
    );
    check_same(query(&[("count", "1")]), query(&[("count", "2")]), false);
    check_same(
        query(&[("count", "1")]),
        query(&[("count", "1"), ("count", "1")]),
        false,
    );
    check_same(
        query(&[("a", "1\nb=2")]),
        query(&[("a", "1"), ("b", "2")]),
        false,
    );
    let path = |path: &str| request(path, &[], Body::Empty);
    check_same(path("/Users/a%2db"), path("/Users/a-b"), true);
    check_same(path("/Schemas/urn%3Aietf"), path("/Schemas/urn:ietf"), true);
    check_same(path("/Users/a%2Fb"), path("/Users/a/b"), false);
    check_same(path("/Users"), path("/users"), false);
    check_same(path("/%ff"), path("/%fe"), false);
}

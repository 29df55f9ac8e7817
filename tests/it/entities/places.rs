//! Where names stand in place of what they name, and where nothing is touched.

use super::{exchange, group, made, pairs, text};
use scimulate::exchange::entities::Entities;
use scimulate::exchange::{Body, Exchange};
use serde_json::{Value, json};

/// A user `u-100001`, a group `g-200002`, and the user `1` beside the group `1`.
fn before() -> Vec<Exchange> {
    vec![
        made("u-100001", "ann"),
        group("g-200002", "All", json!([])),
        made("1", "one"),
        group("1", "First", json!([])),
    ]
}

fn symbolic(last: &Exchange) -> Exchange {
    let all: Vec<Exchange> = before().into_iter().chain([last.clone()]).collect();
    Entities::of(&all).symbolic(last)
}

#[track_caller]
fn check_path(path: &str, expected: &str) {
    let found = symbolic(&exchange(
        &format!("GET {path}"),
        Value::Null,
        404,
        Value::Null,
    ));
    let query: Vec<&str> = found.request.query.iter().map(|it| it.1.as_str()).collect();
    let found = [&[found.request.path.as_str()], query.as_slice()]
        .concat()
        .join("?");
    assert_eq!(found, expected);
}

#[test]
fn paths_and_filters() {
    check_path("/Users/u-100001", "/Users/{user#1}");
    check_path("/Users/1", "/Users/{user#2}");
    check_path("/Groups/1", "/Groups/{group#2}");
    check_path("/Users/nobody", "/Users/nobody");
    check_path("/Users?id eq \"u-100001\"", "/Users?id eq \"{user#1}\"");
    check_path(
        "/Users?userName eq \"u-100001\"",
        "/Users?userName eq \"u-100001\"",
    );
    check_path("/Users?id sw \"u-100001\"", "/Users?id sw \"u-100001\"");
    check_path(
        "/Groups?members.value eq \"1\"",
        "/Groups?members.value eq \"{user#2}\"",
    );
    check_path(
        "/Groups?id eq \"1\" and members[value eq \"u-100001\"]",
        "/Groups?id eq \"{group#2}\" and members[value eq \"{user#1}\"]",
    );
    check_path(
        "/Users?meta.lastModified gt \"2026-01-01T00:00:00Z\"",
        "/Users?meta.lastModified gt \"{instant}\"",
    );
}

#[track_caller]
fn check_sent(asked: &str, sent: Value, expected: Value) {
    assert_eq!(
        symbolic(&exchange(asked, sent, 400, Value::Null))
            .request
            .body,
        Body::Json(expected)
    );
}

#[track_caller]
fn check_answer(asked: &str, answer: Value, expected: Value) {
    assert_eq!(
        symbolic(&exchange(asked, Value::Null, 200, answer))
            .response
            .body,
        Body::Json(expected)
    );
}

#[test]
fn references() {
    check_answer(
        "GET /Groups/g-200002",
        json!({"id": "g-200002", "displayName": "u-100001", "externalId": "g-200002", "members": [{"value": "u-100001", "display": "1", "$ref": "{base}/Users/u-100001"}, {"value": "1", "$ref": "../Groups/1"}]}),
        json!({"id": "{group#1}", "displayName": "u-100001", "externalId": "g-200002", "members": [{"value": "{user#1}", "display": "1", "$ref": "{base}/Users/{user#1}"}, {"value": "{user#2}", "$ref": "../Groups/{group#2}"}]}),
    );
    check_answer(
        "GET /Users/u-100001",
        json!({"id": "u-100001", "groups": [{"value": "1"}], "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "1"}, "employeeNumber": "1"}, "meta": {"location": "{base}/Users/u-100001", "created": "2020-02-02T00:00:00Z"}}),
        json!({"id": "{user#1}", "groups": [{"value": "{group#2}"}], "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "{user#2}"}, "employeeNumber": "1"}, "meta": {"location": "{base}/Users/{user#1}", "created": "{instant}"}}),
    );
}

#[test]
fn operations_of_a_patch() {
    let patch = |path: &str, value: Value| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "remove", "path": path, "value": value}]});
    check_sent(
        "PATCH /Groups/1",
        patch("members[value eq \"u-100001\"]", json!(null)),
        patch("members[value eq \"{user#1}\"]", json!(null)),
    );
    check_sent(
        "PATCH /Groups/1",
        patch("members", json!([{"value": "1"}])),
        patch("members", json!([{"value": "{user#2}"}])),
    );
    check_sent(
        "PATCH /Groups/1",
        patch("displayName", json!("u-100001")),
        patch("displayName", json!("u-100001")),
    );
}

#[test]
fn names_of_a_bulk_request_are_its_own() {
    let bulk = |one: &str, two: &str, path: &str| {
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": one, "data": {"userName": "a"}},
            {"method": "POST", "path": "/Groups", "bulkId": two, "data": {"displayName": "g", "members": [{"value": format!("bulkId:{one}")}]}},
            {"method": "DELETE", "path": path},
        ]})
    };
    check_sent(
        "POST /Bulk",
        bulk("qwerty", "ytrewq", "/Users/u-100001"),
        bulk("{bulkId#1}", "{bulkId#2}", "/Users/{user#1}"),
    );
}

#[test]
fn versions_are_counted_for_each_resource() {
    let read = |version: &str| {
        let mut read = exchange(
            "GET /Users/u-100001",
            Value::Null,
            200,
            json!({"id": "u-100001", "userName": "ann", "meta": {"version": version}}),
        );
        read.response.headers = pairs(&[("etag", version)]);
        read
    };
    let mut put = exchange("PUT /Users/u-100001", Value::Null, 412, Value::Null);
    put.request.headers = pairs(&[
        ("if-match", "W/\"u-100001-1\", W/\"later\", *"),
        ("if-none-match", "*"),
    ]);
    let mut all = before();
    all.extend([read("W/\"later\""), read("W/\"u-100001-1\""), put]);
    let entities = Entities::of(&all);
    let version = |at: usize| entities.symbolic(&all[at]).response.headers[0].1.clone();
    assert_eq!(
        [version(4), version(5)],
        ["{version 2 of user#1}", "{version 1 of user#1}"]
    );
    let sent = entities.symbolic(&all[6]).request.headers;
    assert_eq!(sent[0].1, "{version 1 of user#1}, {version 2 of user#1}, *");
    assert_eq!(sent[1].1, "*");
    let Body::Json(answer) = entities.symbolic(&all[4]).response.body else {
        panic!()
    };
    assert_eq!(answer["meta"]["version"], "{version 2 of user#1}");
}

#[test]
fn cursors_are_counted() {
    let page = |cursor: &str, next: &str| {
        let mut page = exchange(
            "GET /Users",
            Value::Null,
            200,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 9, "nextCursor": next, "Resources": []}),
        );
        page.request.query = pairs(&[("cursor", cursor)]);
        page
    };
    let all = [page("", "abc"), page("abc", "def")];
    let entities = Entities::of(&all);
    let second = entities.symbolic(&all[1]);
    assert_eq!(second.request.query[0].1, "{cursor#1}");
    assert!(text(&second).contains("\"nextCursor\": \"{cursor#2}\""));
}

#[test]
fn the_text_of_an_error_is_read_by_words() {
    let error = |detail: &str| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": detail});
    check_answer(
        "GET /Users/x",
        error("no u-100001, (g-200002) or 1; u-1000012 is another"),
        error("no {user#1}, ({group#1}) or 1; u-1000012 is another"),
    );
    check_answer(
        "GET /Users/x",
        json!({"detail": "u-100001"}),
        json!({"detail": "u-100001"}),
    );
}

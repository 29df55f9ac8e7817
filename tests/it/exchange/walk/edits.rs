//! What a value is changed to stands where it stood, and nothing else is touched.

use super::request;
use scimulate::exchange::walk::{self, Place, Role, Schemas, Visit};
use scimulate::exchange::{Body, Request};
use serde_json::{Value, json};

/// Puts every string between guillemets but versions and instants.
struct Quoted;

impl Visit for Quoted {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        if let (Value::String(text), Role::Value | Role::Id { .. } | Role::BulkId) =
            (value, place.role)
        {
            *text = format!("<{text}>");
        }
    }
}

fn edited(mut request: Request) -> Request {
    walk::request(&Schemas::default(), &mut request, &mut Quoted);
    request
}

#[track_caller]
fn check_filter(filter: &str, expected: &str) {
    let request = edited(request("GET", "/Users", &[("filter", filter)], Value::Null));
    assert_eq!(request.query[0].1, expected);
}

#[test]
fn a_literal_is_changed_within_the_text_of_its_filter() {
    check_filter(
        r#" userName  EQ "b\"j"  and(Title pr OR emails[type eq "work"] ) "#,
        r#" userName  EQ "<b\"j>"  and(Title pr OR emails[type eq "<work>"] ) "#,
    );
    check_filter("userName eq 'bjensen'", "userName eq '<bjensen>'");
    check_filter("userName eq bjensen", "userName eq <bjensen>");
    check_filter("active eq true", "active eq true");
    check_filter("userName eq", "userName eq");
}

#[track_caller]
fn check_path(path: &str, expected: &str) {
    assert_eq!(
        edited(request("GET", path, &[], Value::Null)).path,
        expected
    );
}

#[test]
fn a_segment_is_encoded_again_when_it_changed() {
    check_path("/Users/2819", "/Users/%3C2819%3E");
    check_path("/Users/a%40b", "/Users/%3Ca@b%3E");
    check_path("/Users/bulkId:x", "/Users/bulkId:%3Cx%3E");
    check_path("/Users/", "/Users/");
}

#[track_caller]
fn check_body(path: &str, body: Value, expected: Value) {
    assert_eq!(
        edited(request("POST", path, &[], body)).body,
        Body::Json(expected)
    );
}

#[test]
fn a_body_keeps_its_shape() {
    check_body(
        "/Groups/7",
        json!({"Operations": [{"op": "remove", "path": "members[value eq \"2819\"].display"}]}),
        json!({"Operations": [{"op": "remove", "path": "members[value eq \"<2819>\"].display"}]}),
    );
    check_body(
        "/Users",
        json!({"schemas": ["urn:x"], "meta": {"location": "{base}/Users/7?x=1", "resourceType": "User"}, "n": 1}),
        json!({"schemas": ["urn:x"], "meta": {"location": "{base}/Users/%3C7%3E?x=1", "resourceType": "User"}, "n": 1}),
    );
    check_body(
        "/Bulk",
        json!({"Operations": [{"method": "PUT", "path": "/Users/bulkId:a?attributes=id", "data": {"userName": "b"}}]}),
        json!({"Operations": [{"method": "PUT", "path": "/Users/bulkId:%3Ca%3E?attributes=id", "data": {"userName": "<b>"}}]}),
    );
    check_body(
        "/Users/7",
        json!({"Operations": [{"op": "add", "value": {"emails[type eq \"work\"].value": "a", "title": "t"}}]}),
        json!({"Operations": [{"op": "add", "value": {"emails[type eq \"<work>\"].value": "<a>", "title": "<t>"}}]}),
    );
}

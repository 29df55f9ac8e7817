//! Resources as clients write them, and bulk requests of them.

use super::{CANONICAL, EXACT, OTHER, check, request};
use serde_json::{Value, json};

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn resources_are_compared_by_their_schema() {
    let user = |body: Value| request("POST", "/Users", body);
    let rows = [
        (
            EXACT,
            json!({"userName": "a"}),
            json!({"userName": "a"}),
            "the same",
        ),
        (
            CANONICAL,
            json!({"userName": "a", "title": "x"}),
            json!({"title": "x", "userName": "a"}),
            "members have no order",
        ),
        (
            CANONICAL,
            json!({"userName": "a"}),
            json!({"USERNAME": "a"}),
            "names have no case",
        ),
        (
            CANONICAL,
            json!({"userName": "a"}),
            json!({"userName": "A"}),
            "userName is not caseExact",
        ),
        (
            CANONICAL,
            json!({"title": "Dr"}),
            json!({"title": "dr"}),
            "nor is a title",
        ),
        (
            CANONICAL,
            json!({"name": {"givenName": "A"}}),
            json!({"NAME": {"givenname": "a"}}),
            "sub-attributes too",
        ),
        (
            CANONICAL,
            json!({"urn:ietf:params:scim:schemas:core:2.0:User:userName": "a"}),
            json!({"userName": "a"}),
            "the core URN may stand before a name",
        ),
        (
            CANONICAL,
            json!({"name.givenName": "A"}),
            json!({"NAME.givenName": "a"}),
            "a path as a name",
        ),
        (
            CANONICAL,
            json!({"emails": [{"value": "a", "type": "work"}, {"value": "b"}]}),
            json!({"emails": [{"value": "b"}, {"type": "work", "value": "a"}]}),
            "a list is a set",
        ),
        (
            CANONICAL,
            json!({"emails": [{"value": "a"}, {"value": "a"}]}),
            json!({"emails": [{"value": "A"}]}),
            "a set has each once",
        ),
        (
            CANONICAL,
            json!({"emails": [{"value": "a", "type": "WORK"}]}),
            json!({"emails": [{"value": "A", "type": "work"}]}),
            "values of a list",
        ),
        (
            CANONICAL,
            json!({"schemas": ["urn:a", "urn:b"]}),
            json!({"schemas": ["URN:B", "urn:a"]}),
            "`schemas` is a set of URNs",
        ),
        (
            CANONICAL,
            json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"}}),
            json!({"urn:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:User": {"Department": "X"}}),
            "an extension",
        ),
        (
            CANONICAL,
            json!({"password": "{secret:password:11111111}"}),
            json!({"password": "{secret:password:22222222}"}),
            "another password each time",
        ),
        (
            CANONICAL,
            json!({"password": "{secret}"}),
            json!({"password": "{secret:password:22222222}"}),
            "as older recordings have it",
        ),
        (
            CANONICAL,
            json!({"x": {"b": 1, "a": 2}}),
            json!({"X": {"A": 2, "b": 1}}),
            "an attribute that no schema has",
        ),
        (
            CANONICAL,
            json!({"addresses": [{"country": "DE", "type": "work"}]}),
            json!({"addresses": [{"type": "work", "country": "de"}]}),
            "an address",
        ),
        (
            OTHER,
            json!({"userName": "a"}),
            json!({"userName": "b"}),
            "another value",
        ),
        (
            OTHER,
            json!({"userName": "a"}),
            json!({"userName": "a", "title": "x"}),
            "a member more",
        ),
        (
            OTHER,
            json!({"externalId": "a"}),
            json!({"externalId": "A"}),
            "externalId is caseExact",
        ),
        (OTHER, json!({"id": "a"}), json!({"id": "A"}), "an id is"),
        (
            OTHER,
            json!({"active": true}),
            json!({"active": false}),
            "another truth",
        ),
        (
            OTHER,
            json!({"active": true}),
            json!({"active": "true"}),
            "text is no truth value",
        ),
        (
            OTHER,
            json!({"active": true}),
            json!({}),
            "a default that only some providers have",
        ),
        (
            OTHER,
            json!({"title": null}),
            json!({}),
            "null unassigns where nothing leaves alone",
        ),
        (
            OTHER,
            json!({"emails": []}),
            json!({}),
            "so does an empty list",
        ),
        (
            OTHER,
            json!({"emails": [{"value": "a"}]}),
            json!({"emails": {"value": "a"}}),
            "one value is no list",
        ),
        (
            OTHER,
            json!({"emails": [{"value": "a"}]}),
            json!({"emails": ["a"]}),
            "text is no object",
        ),
        (
            OTHER,
            json!({"emails": [{"value": "a"}]}),
            json!({"emails": [{"value": "a", "primary": true}]}),
            "primary or not",
        ),
        (
            OTHER,
            json!({"emails": [{"value": "a"}]}),
            json!({"emails": [{"value": "a"}, {"value": "b"}]}),
            "a value more",
        ),
        (
            OTHER,
            json!({"emails": [{"value": "a", "type": "work"}, {"value": "b"}]}),
            json!({"emails": [{"value": "a"}, {"value": "b", "type": "work"}]}),
            "which has which type",
        ),
        (
            OTHER,
            json!({"x": [1, 2]}),
            json!({"x": [2, 1]}),
            "an unknown array may have an order",
        ),
        (
            OTHER,
            json!({"x": "a"}),
            json!({"x": "A"}),
            "and unknown text a case",
        ),
        (
            OTHER,
            json!({"x": 1}),
            json!({"x": "1"}),
            "text is no number",
        ),
        (
            OTHER,
            json!({"a": 1, "A": 2}),
            json!({"a": 1}),
            "two members that differ in case are two",
        ),
        (
            OTHER,
            json!({"name": {"givenName": "a"}}),
            json!({"name.givenName": "a"}),
            "another way to write it, which not everyone reads",
        ),
        (
            OTHER,
            json!({"department": "x"}),
            json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"}}),
            "an extension's attribute outside of it",
        ),
        (
            OTHER,
            json!({"schemas": ["urn:a"]}),
            json!({"schemas": ["urn:a", "urn:b"]}),
            "another schema",
        ),
        (
            OTHER,
            json!({"profileUrl": "https://a/B"}),
            json!({"profileUrl": "https://a/b"}),
            "a URL has a case",
        ),
        (
            OTHER,
            json!({"x509Certificates": [{"value": "TUlJ"}]}),
            json!({"x509Certificates": [{"value": "tuLJ"}]}),
            "base64 has a case",
        ),
        (
            OTHER,
            json!({"password": "{secret}"}),
            json!({}),
            "a password or none",
        ),
        (OTHER, json!([1, 2]), json!([2, 1]), "what is no resource"),
        (OTHER, json!({}), Value::Null, "an empty object is a body"),
    ];
    for (expected, left, right, why) in rows {
        check(expected, user(left), user(right), why);
    }
}

#[test]
fn a_group_has_its_own_schema() {
    let group = |body: Value| request("PUT", "/Groups/1", body);
    let rows = [
        (
            CANONICAL,
            json!({"displayName": "A"}),
            json!({"displayname": "a"}),
            "its name is not caseExact",
        ),
        (
            CANONICAL,
            json!({"members": [{"value": "1"}, {"value": "2"}]}),
            json!({"members": [{"value": "2"}, {"value": "1"}]}),
            "members are a set",
        ),
        (
            OTHER,
            json!({"members": [{"value": "a"}]}),
            json!({"members": [{"value": "b"}]}),
            "another member",
        ),
        (
            OTHER,
            json!({"members": [{"value": "1"}]}),
            json!({"members": []}),
            "none",
        ),
        (
            OTHER,
            json!({"members": [{"value": "1"}]}),
            json!({"members": [{"value": "1", "display": "x"}]}),
            "more said of it",
        ),
    ];
    for (expected, left, right, why) in rows {
        check(expected, group(left), group(right), why);
    }
}

#[test]
fn the_operations_of_a_bulk_request_are_compared_like_requests() {
    let bulk = |operation: Value| {
        request(
            "POST",
            "/Bulk",
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [operation]}),
        )
    };
    let post = |path: &str, data: Value| {
        bulk(json!({"method": "POST", "path": path, "bulkId": "a", "data": data}))
    };
    check(
        CANONICAL,
        post("/Users", json!({"userName": "A"})),
        post("/Users", json!({"username": "a"})),
        "a resource in it",
    );
    check(
        OTHER,
        post("/Users", json!({"userName": "a"})),
        post("/Groups", json!({"userName": "a"})),
        "another endpoint",
    );
    check(
        OTHER,
        post("/Users", json!({"externalId": "a"})),
        post("/Users", json!({"externalId": "A"})),
        "caseExact in it",
    );
    check(
        CANONICAL,
        bulk(json!({"method": "post", "path": "/Users", "data": {}})),
        bulk(json!({"method": "POST", "path": "/Users", "data": {}})),
        "a method in small letters",
    );
    check(
        CANONICAL,
        bulk(
            json!({"method": "PATCH", "path": "/Users/1", "data": {"Operations": [{"op": "Replace", "path": "userName", "value": "A"}]}}),
        ),
        bulk(
            json!({"method": "PATCH", "path": "/Users/1", "data": {"Operations": [{"op": "replace", "path": "username", "value": "a"}]}}),
        ),
        "a PATCH in it",
    );
    check(
        OTHER,
        bulk(json!({"method": "POST", "path": "/Users", "bulkId": "a"})),
        bulk(json!({"method": "POST", "path": "/Users", "bulkId": "b"})),
        "the client's name for it",
    );
}

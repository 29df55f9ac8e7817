//! Values of one exchange and its counterpart.

use super::{compared, lines};
use crate::entities::{exchange, pairs, user};
use serde_json::{Value, json};

#[track_caller]
fn check(before: Value, after: Value, expected: &[&str]) {
    let read = |answer: Value| exchange("GET /Users/u1", Value::Null, 200, answer);
    let of_user = |more: Value| {
        let mut user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "userName": "ann"});
        user.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        user
    };
    let found = compared(vec![read(of_user(before))], vec![read(of_user(after))]);
    assert_eq!(lines(&found), expected);
}

#[test]
fn each_difference_has_the_path_that_scim_gives_it() {
    check(
        json!({"displayName": "Ann"}),
        json!({"displayName": "Anna"}),
        &["warn changed displayName: \"Ann\", now \"Anna\""],
    );
    check(
        json!({"name": {"givenName": "A"}}),
        json!({"name": {"givenName": "B"}}),
        &["warn changed name.givenName: \"A\", now \"B\""],
    );
    check(
        json!({}),
        json!({"nickName": "N"}),
        &["info added nickName: new: \"N\""],
    );
    check(
        json!({"nickName": "N"}),
        json!({}),
        &["error removed nickName: \"N\", now gone"],
    );
    check(
        json!({"active": true}),
        json!({"active": "true"}),
        &["error type active: true, now \"true\""],
    );
    check(
        json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"displayName": "M"}}}),
        json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"displayName": "N"}, "costCenter": "7"}}),
        &[
            "warn changed urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName: \"M\", now \"N\"",
            "info added urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter: new: \"7\"",
        ],
    );
    check(
        json!({"urn:example:X": {"a": 1}}),
        json!({}),
        &["error removed urn:example:X: {\"a\":1}, now gone"],
    );
}

#[test]
fn elements_are_known_by_type_and_value_and_not_by_their_place() {
    let work = json!({"value": "a@x", "type": "work", "primary": true});
    let home = json!({"value": "a@y", "type": "home"});
    check(
        json!({"emails": [work, home]}),
        json!({"emails": [home, work]}),
        &[],
    );
    check(
        json!({"emails": [work, home]}),
        json!({"emails": [home, {"value": "b@x", "type": "work", "primary": true}]}),
        &["warn changed emails[type eq \"work\"].value: \"a@x\", now \"b@x\""],
    );
    check(
        json!({"emails": [work]}),
        json!({"emails": [home, work]}),
        &["info added emails[type eq \"home\"]: new: {\"value\":\"a@y\",\"type\":\"home\"}"],
    );
    check(
        json!({"emails": [{"value": "a"}, {"value": "b"}]}),
        json!({"emails": [{"value": "b", "display": "B"}]}),
        &[
            "error removed emails[value eq \"a\"]: {\"value\":\"a\"}, now gone",
            "info added emails[value eq \"b\"].display: new: \"B\"",
        ],
    );
    check(
        json!({"tags": ["x", "y"]}),
        json!({"tags": ["y", "z"]}),
        &[
            "error removed tags[value eq \"x\"]: \"x\", now gone",
            "info added tags[value eq \"z\"]: new: \"z\"",
        ],
    );
}

#[test]
fn what_means_the_same_is_the_same() {
    check(
        json!({"DisplayName": "Ann", "members": []}),
        json!({"displayname": "Ann", "emails": null}),
        &[],
    );
    check(json!({"n": 1.0}), json!({"n": 1}), &[]);
    check(
        json!({"password": "{secret:password:1a2b3c4d}"}),
        json!({"password": "{secret}"}),
        &[],
    );
    check(
        json!({"meta": {"version": "W/\"1\"", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z"}}),
        json!({"meta": {"version": "W/\"8f\"", "created": "2027-02-03T00:00:00.5Z", "lastModified": "2027-01-01T00:00:00Z"}}),
        &[],
    );
    check(
        json!({"meta": {"version": "W/\"1\"", "created": "2026-01-01T00:00:00Z"}}),
        json!({"meta": {"created": "yesterday"}}),
        &[
            "error removed meta.version: \"{version}\", now gone",
            "warn changed meta.created: \"{instant}\", now \"yesterday\"",
        ],
    );
}

#[test]
fn statuses_errors_and_header_fields() {
    let error = |status: u16, kind: &str, detail: &str| {
        exchange(
            "POST /Users",
            json!({"userName": "ann"}),
            status,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string(), "scimType": kind, "detail": detail}),
        )
    };
    let found = compared(
        vec![error(409, "uniqueness", "taken")],
        vec![error(400, "invalidValue", "taken already")],
    );
    assert_eq!(
        lines(&found),
        [
            "error status status: 409, now 400",
            "error error-type scimType: \"uniqueness\", now \"invalidValue\"",
            "warn changed detail: \"taken\", now \"taken already\"",
        ]
    );
    let with = |fields: &[(&str, &str)]| {
        let mut read = exchange("GET /Users/u1", Value::Null, 200, user("u1", "ann"));
        read.response.headers = pairs(fields);
        read
    };
    let before = with(&[
        ("content-type", "application/scim+json; charset=utf-8"),
        ("etag", "W/\"1\""),
        ("date", "x"),
        ("location", "{base}/Users/u1"),
    ]);
    let after = with(&[
        ("Content-Type", "application/SCIM+json;charset=utf-8"),
        ("etag", "W/\"2\""),
        ("server", "y"),
        ("location", "https://elsewhere/Users/u1"),
        ("retry-after", "3"),
    ]);
    assert_eq!(
        lines(&compared(vec![before.clone()], vec![after])),
        [
            "warn changed headers.location: \"{base}/Users/{user#1}\", now \"https://elsewhere/Users/{user#1}\"",
            "info added headers.retry-after: new: \"3\"",
        ]
    );
    let mut without = before.clone();
    without.response.headers = pairs(&[("content-type", "application/json")]);
    assert_eq!(
        lines(&compared(vec![before], vec![without])),
        [
            "warn changed headers.content-type: \"application/scim+json;charset=utf-8\", now \"application/json\"",
            "error removed headers.etag: \"{version}\", now gone",
            "error removed headers.location: \"{base}/Users/{user#1}\", now gone",
        ]
    );
}

#[test]
fn the_resources_of_a_list_are_themselves() {
    let list = |resources: Vec<Value>| {
        let count = resources.len();
        exchange(
            "GET /Users",
            Value::Null,
            200,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": count, "Resources": resources}),
        )
    };
    let nick = |mut user: Value, name: &str| {
        user["nickName"] = json!(name);
        user
    };
    let before = list(vec![nick(user("a", "ann"), "A"), user("b", "bob")]);
    let after = list(vec![
        user("2", "bob"),
        nick(user("1", "ann"), "B"),
        user("3", "cy"),
    ]);
    let found = lines(&compared(vec![before], vec![after]));
    assert_eq!(found[0], "warn changed totalResults: 2, now 3");
    assert_eq!(found[1], "warn changed user#1 nickName: \"A\", now \"B\"");
    assert!(
        found[2].starts_with("info added user#3 Resources: new: {"),
        "{found:?}"
    );
    assert_eq!(found.len(), 3);
}

#[test]
fn discovery_documents_are_compared_by_their_names() {
    let schema = |attributes: Value| {
        exchange(
            "GET /Schemas",
            Value::Null,
            200,
            json!({"Resources": [{"id": "urn:x", "attributes": attributes}, {"id": "urn:y"}]}),
        )
    };
    let before = schema(
        json!([{"name": "a", "type": "string"}, {"name": "b", "type": "string", "required": false}]),
    );
    let after = schema(
        json!([{"name": "b", "type": "string", "required": true}, {"name": "a", "type": "string"}]),
    );
    assert_eq!(
        lines(&compared(vec![before], vec![after])),
        ["warn changed urn:x attributes[name eq \"b\"].required: false, now true"]
    );
    let config = |max: u32| {
        exchange(
            "GET /ServiceProviderConfig",
            Value::Null,
            200,
            json!({"filter": {"supported": true, "maxResults": max}, "meta": {"lastModified": format!("2026-01-01T00:00:0{max}Z")}}),
        )
    };
    assert_eq!(
        lines(&compared(vec![config(1)], vec![config(2)])),
        ["warn changed filter.maxResults: 1, now 2"]
    );
}

#[test]
fn what_the_client_sends_otherwise_is_its_own() {
    let patch = |value: Value, op: &str| {
        let operations = json!([{"op": op, "path": "active", "value": value}]);
        exchange(
            "PATCH /Users/u1",
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}),
            204,
            Value::Null,
        )
    };
    assert_eq!(
        lines(&compared(
            vec![patch(json!(true), "replace")],
            vec![patch(json!("True"), "Replace")]
        )),
        [
            "client warn changed Operations[0].op: \"replace\", now \"Replace\"",
            "client error type Operations[0].value: true, now \"True\"",
        ]
    );
    let listed = |filter: &str| {
        exchange(
            &format!("GET /Users?{filter}"),
            Value::Null,
            200,
            json!({"totalResults": 0}),
        )
    };
    assert_eq!(
        lines(&compared(
            vec![listed("userName eq \"a\"")],
            vec![listed("userName eq \"b\"")]
        )),
        [
            "client warn changed query.filter: \"userName eq \\\"a\\\"\", now \"userName eq \\\"b\\\"\""
        ]
    );
}

//! Which resources are known, and what they are called.

use super::{exchange, group, made, named, user};
use serde_json::{Value, json};

#[test]
fn names_follow_the_type_and_the_order_of_first_appearance() {
    let listed = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 2, "Resources": [user("b2", "bob"), user("a1", "ann")]});
    let exchanges = [
        exchange("GET /Users", Value::Null, 200, listed),
        group(
            "g1",
            "All",
            json!([{"value": "a1", "$ref": "{base}/Users/a1"}]),
        ),
        made("c3", "cy"),
    ];
    assert_eq!(named(&exchanges), ["user#1", "user#2", "group#1", "user#3"]);
}

#[test]
fn a_reference_is_enough_to_be_known() {
    // The member was there before the recording began; its type is told by its URL, and only later.
    let exchanges = [
        group("g1", "All", json!([{"value": "x9"}, {"value": "g2"}])),
        exchange(
            "GET /Groups/g2",
            Value::Null,
            200,
            json!({"id": "g2", "displayName": "Some", "members": [{"value": "x9", "$ref": "{base}/Users/x9"}]}),
        ),
    ];
    assert_eq!(named(&exchanges), ["group#1", "user#1", "group#2"]);
    let nobody_knows = [group("g1", "All", json!([{"value": "x9"}]))];
    assert_eq!(named(&nobody_knows), ["group#1", "resource#1"]);
}

#[test]
fn what_the_provider_took_is_known_and_what_it_refused_is_not() {
    let no_content = |asked: &str, status| exchange(asked, Value::Null, status, Value::Null);
    assert_eq!(named(&[no_content("DELETE /Users/old", 204)]), ["user#1"]);
    assert_eq!(
        named(&[no_content("DELETE /Users/old", 404)]),
        Vec::<String>::new()
    );
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add", "path": "members", "value": [{"value": "u7"}]}]});
    assert_eq!(
        named(&[exchange("PATCH /Groups/g", patch, 204, Value::Null)]),
        ["group#1", "resource#1"]
    );
    // A filter may ask for what is not there.
    assert_eq!(
        named(&[exchange(
            "GET /Users?id eq \"none\"",
            Value::Null,
            200,
            json!({"totalResults": 0})
        )]),
        Vec::<String>::new()
    );
}

#[test]
fn types_of_the_recording_itself_have_names_too() {
    let types = json!({"Resources": [{"name": "Device", "endpoint": "/Devices", "schema": "urn:example:Device"}]});
    let schemas = json!({"Resources": [{"id": "urn:example:Device", "name": "Device", "attributes": [{"name": "serial", "type": "string"}]}]});
    let exchanges = [
        exchange("GET /ResourceTypes", Value::Null, 200, types),
        exchange("GET /Schemas", Value::Null, 200, schemas),
        exchange(
            "GET /Devices/d1",
            Value::Null,
            200,
            json!({"id": "d1", "serial": "s"}),
        ),
    ];
    assert_eq!(named(&exchanges), ["device#1"]);
}

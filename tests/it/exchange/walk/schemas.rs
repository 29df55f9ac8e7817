//! Schemas and resource types that a recording's own discovery documents describe.

use super::check_answer;
use crate::exchange::exchange;
use scimulate::exchange::walk::Schemas;
use scimulate::exchange::{Body, Exchange};
use serde_json::{Value, json};

fn answered(path: &str, body: Value) -> Exchange {
    let mut exchange = exchange("GET", path, 200);
    exchange.response.body = Body::Json(body);
    exchange
}

fn recording() -> [Exchange; 2] {
    [
        answered(
            "/ResourceTypes",
            json!({"Resources": [
                {"name": "Device", "endpoint": "https://example.com/v2/Devices", "schema": "urn:x:Device"},
                {"name": "User", "endpoint": "/People", "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
                 "schemaExtensions": [{"schema": "urn:x:Badge", "required": false}]},
            ]}),
        ),
        answered(
            "/Schemas",
            json!([
                {"id": "urn:x:Device", "attributes": [
                    {"name": "serial", "type": "string"},
                    {"name": "owner", "type": "complex", "subAttributes": [
                        {"name": "value", "type": "string"},
                        {"name": "$ref", "type": "reference", "referenceTypes": ["User"]}]}]},
                {"id": "urn:x:Badge", "attributes": [{"name": "pin", "type": "string", "returned": "never"}]},
                {"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [{"name": "floor", "type": "integer"}]},
                {"id": "urn:x:broken", "attributes": [{"name": "9"}]},
            ]),
        ),
    ]
}

#[test]
fn what_a_provider_publishes_is_known_whatever_its_order() {
    let [types, documents] = recording();
    let Body::Json(Value::Array(documents)) = documents.response.body else {
        panic!("a list of documents")
    };
    let schemas = Schemas::of(
        std::iter::once(&types).chain(
            &documents
                .into_iter()
                .map(|it| answered("/Schemas", json!({"Resources": [it]})))
                .collect::<Vec<_>>(),
        ),
    );
    check_answer(
        &schemas,
        "/Devices",
        &[],
        json!({"SERIAL": "7", "owner": {"value": "2819"}}),
        &[r#"serial = "7""#, r#"Id<User> owner.value = "2819""#],
    );
    check_answer(
        &schemas,
        "/People",
        &[],
        json!({"floor": 3, "userName": "b", "urn:x:Badge": {"PIN": "1234"}}),
        &[
            "floor = 3",
            r#"userName = "b""#,
            r#"urn:x:Badge:pin = "1234""#,
        ],
    );
}

#[test]
fn it_says_whether_something_was_new() {
    let [types, mut documents] = recording();
    let Body::Json(Value::Array(list)) = &documents.response.body else {
        panic!("a list of documents")
    };
    documents.response.body = Body::Json(json!({ "Resources": list }));
    let mut schemas = Schemas::default();
    assert!(schemas.learn(&types));
    assert!(schemas.learn(&documents));
    assert!(!schemas.learn(&types));
    assert!(!schemas.learn(&documents));
    assert!(!schemas.learn(&answered("/Users", json!({"id": "7"}))));
}

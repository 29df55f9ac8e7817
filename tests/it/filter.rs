//! Filters against the letter of RFC 7644 section 3.4.2.2: two users, a group and a widget, and what each filter finds among them.

mod attributes;
mod differential;
mod figure_2;
mod kinds;
mod logic;
mod multi_valued;
mod strings;
mod syntax;
mod values;

use scimulate::scim::Reading;
use scimulate::scim::filter::Filter;
use scimulate::scim::resource_type::ResourceType;
use scimulate::scim::schema::Schema;
use scimulate::scim::{ErrorKind, ScimError};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Everything there is.
fn u1() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "U1",
        "externalId": "701984",
        "userName": "bjensen",
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "displayName": "Babs",
        "title": "Guide",
        "profileUrl": "https://people.ex/bjensen",
        "active": true,
        "emails": [
            {"value": "bj@work.ex", "type": "work", "primary": true},
            {"value": "bj@home.ex", "type": "home"},
        ],
        "x509Certificates": [{"value": "MIIBAg=="}],
        "groups": [
            {"value": "G1", "$ref": "https://h/v2/Groups/G1", "display": "Staff", "type": "direct"},
            {"value": "G2", "$ref": "https://h/v2/Groups/G2", "display": "All", "type": "indirect"},
        ],
        ENTERPRISE: {"employeeNumber": "1", "department": "IT", "manager": {"value": "U2"}},
        "meta": {
            "resourceType": "User", "location": "https://h/v2/Users/U1", "version": "W/\"1\"",
            "created": "2020-01-01T10:00:00Z", "lastModified": "2021-05-13T04:42:34.500Z",
        },
    })
}

/// Hardly anything.
fn u2() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "U2",
        "userName": "jsmith",
        "active": false,
        "meta": {
            "resourceType": "User", "location": "https://h/v2/Users/U2", "version": "W/\"1\"",
            "created": "2022-01-01T10:00:00Z", "lastModified": "2022-01-01T10:00:00Z",
        },
    })
}

fn g1() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "G1",
        "displayName": "Staff",
        "members": [{"value": "U1", "$ref": "https://h/v2/Users/U1", "type": "User"}],
        "meta": {"resourceType": "Group", "location": "https://h/v2/Groups/G1"},
    })
}

/// A type with an attribute of each kind, and with names that a careless lexer takes for words of the grammar.
fn widget_type() -> ResourceType {
    let attribute = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let mut attributes: Vec<_> = [
        ("xInt", "integer"),
        ("xDec", "decimal"),
        ("xDate", "dateTime"),
        ("xBin", "binary"),
        ("xFlag", "boolean"),
        ("order", "string"),
        ("notes", "string"),
        ("android", "string"),
        ("prime", "string"),
        ("equals", "string"),
        ("never", "string"),
        ("not", "string"),
        ("and", "string"),
        ("pr", "string"),
        ("x-y_z", "string"),
    ]
    .iter()
    .map(|(name, kind)| attribute(name, kind))
    .collect();
    attributes.push(json!({"name": "xMV", "type": "string", "multiValued": true}));
    attributes.push(json!({"name": "xInts", "type": "integer", "multiValued": true}));
    let schema =
        json!({"id": "urn:example:2.0:Widget", "name": "Widget", "attributes": attributes});
    ResourceType {
        name: "Widget".into(),
        endpoint: "/Widgets".into(),
        description: "One of each kind".into(),
        common: ResourceType::common(),
        schema: Arc::new(Schema::parse(&schema).expect("the widget schema is well formed")),
        extensions: Vec::new(),
    }
}

fn w1() -> Value {
    json!({
        "id": "W1", "xInt": 9, "xDec": 1.5, "xDate": "2020-01-01T10:00:00Z", "xBin": "AQ==", "xFlag": false,
        "xMV": ["a", "b"], "xInts": [1, 20],
        "order": "o", "notes": "n", "android": "a", "prime": "p", "equals": "e", "never": "v",
        "not": "t", "and": "d", "pr": "r", "x-y_z": "xyz",
    })
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("a resource is an object, this is {other}"),
    }
}

#[track_caller]
fn verdict(
    types: &ResourceType,
    text: &str,
    reading: Reading<'_>,
    resource: Value,
) -> Result<bool, ScimError> {
    Ok(Filter::parse(text, reading)?
        .bind(types, reading)?
        .matches(&map(resource)))
}

#[track_caller]
fn found(
    types: &ResourceType,
    text: &str,
    reading: Reading<'_>,
    resources: &[(&str, Value)],
) -> String {
    let matches = |resource: &Value| match verdict(types, text, reading, resource.clone()) {
        Ok(matches) => matches,
        Err(error) => panic!("{reading:?} {text}\n  was refused: {error:?}"),
    };
    resources
        .iter()
        .filter(|(_, r)| matches(r))
        .map(|(id, _)| *id)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Which of U1 and U2 a filter finds, leniently.
#[track_caller]
fn check(text: &str, expected: &str) {
    let users = [("U1", u1()), ("U2", u2())];
    assert_eq!(
        found(&ResourceType::user(), text, Reading::LENIENT, &users),
        expected,
        "lenient {text}"
    );
}

/// The same, strictly and leniently alike.
#[track_caller]
fn check_both(text: &str, expected: &str) {
    check(text, expected);
    check_strict(text, expected);
}

/// The same, strictly.
#[track_caller]
fn check_strict(text: &str, expected: &str) {
    let users = [("U1", u1()), ("U2", u2())];
    assert_eq!(
        found(&ResourceType::user(), text, Reading::STRICT, &users),
        expected,
        "strict {text}"
    );
}

/// Whether a filter finds this user, leniently.
#[track_caller]
fn check_user(user: Value, text: &str, expected: bool) {
    assert_eq!(
        verdict(&ResourceType::user(), text, Reading::LENIENT, user),
        Ok(expected),
        "{text}"
    );
}

/// Whether a filter finds the group.
#[track_caller]
fn check_group(text: &str, expected: bool) {
    assert_eq!(
        verdict(&ResourceType::group(), text, Reading::LENIENT, g1()),
        Ok(expected),
        "{text}"
    );
}

/// Whether a filter finds the widget.
#[track_caller]
fn check_widget(text: &str, expected: bool) {
    assert_eq!(
        verdict(&widget_type(), text, Reading::LENIENT, w1()),
        Ok(expected),
        "{text}"
    );
}

#[track_caller]
fn is_refused(types: &ResourceType, text: &str, reading: Reading<'_>) {
    match verdict(types, text, reading, u1()) {
        Ok(matches) => panic!("{reading:?} {text}\n  was accepted, and says {matches}"),
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::InvalidFilter, "{reading:?} {text}");
            assert!(!error.detail.is_empty(), "{text}: a refusal says why");
        }
    }
}

/// Both refuse it with `invalidFilter`.
#[track_caller]
fn refused(text: &str) {
    refused_strictly(text);
    is_refused(&ResourceType::user(), text, Reading::LENIENT);
}

/// Only the letter of the RFC refuses it.
#[track_caller]
fn refused_strictly(text: &str) {
    is_refused(&ResourceType::user(), text, Reading::STRICT);
}

/// Both refuse it for widgets.
#[track_caller]
fn refused_for_widgets(text: &str) {
    is_refused(&widget_type(), text, Reading::STRICT);
    is_refused(&widget_type(), text, Reading::LENIENT);
}

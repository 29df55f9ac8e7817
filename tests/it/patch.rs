//! PATCH by the letter of RFC 7644 section 3.5.2, written from its text alone: a user or a group, operations on it, and what becomes of it.

mod add;
mod atomic;
mod deviations;
mod envelope;
mod extensions;
mod members;
mod mutability;
mod paths;
mod primary;
mod remove;
mod replace;

use crate::support::sp::{Answer, Sp};
use serde_json::{Map, Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn add(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "add", "path": path, "value": value.into()})
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "replace", "path": path, "value": value.into()})
}

fn remove(path: &str) -> Value {
    json!({"op": "remove", "path": path})
}

fn add_all(value: impl Into<Value>) -> Value {
    json!({"op": "add", "value": value.into()})
}

fn replace_all(value: impl Into<Value>) -> Value {
    json!({"op": "replace", "value": value.into()})
}

/// The whole of a user from what a row writes: `userName` and `schemas` go without saying.
fn user(row: Value) -> Value {
    let mut user = Map::new();
    let row = row
        .as_object()
        .expect("a row writes a user as an object")
        .clone();
    let schemas = if row.contains_key(ENTERPRISE) {
        vec![USER, ENTERPRISE]
    } else {
        vec![USER]
    };
    user.insert("schemas".into(), json!(schemas));
    user.insert("userName".into(), json!("bjensen"));
    user.extend(row);
    Value::Object(user)
}

/// A resource without what the server assigns.
fn given(answer: &Answer) -> Value {
    let mut resource = answer.json();
    let members = resource.as_object_mut().expect("a resource is an object");
    members.remove("id");
    members.remove("meta");
    resource
}

/// Sends operations that must succeed, and returns the user as GET shows it.
#[track_caller]
fn patched(sp: &Sp, start: Value, operations: Value) -> Answer {
    let target = format!("/Users/{}", sp.create("/Users", user(start)));
    let answer = sp.patch(&target, operations.clone());
    assert!(
        matches!(answer.status, 200 | 204),
        "{operations}\n  {answer:?}"
    );
    let after = sp.get(&target);
    assert_eq!(after.header("etag"), answer.header("etag"), "{operations}");
    if answer.status == 200 {
        assert_eq!(
            answer.json(),
            after.json(),
            "{operations}: the answer is the resource"
        );
    }
    after
}

/// What operations make of a user, leniently.
#[track_caller]
fn check(start: Value, operations: Value, expected: Value) {
    let after = patched(&Sp::new(), start, operations.clone());
    assert_eq!(given(&after), user(expected), "lenient {operations}");
}

/// The same, leniently and strictly.
#[track_caller]
fn check_both(start: Value, operations: Value, expected: Value) {
    check(start.clone(), operations.clone(), expected.clone());
    let after = patched(&Sp::strict(), start, operations.clone());
    assert_eq!(given(&after), user(expected), "strict {operations}");
}

#[track_caller]
fn fails_on(sp: &Sp, start: Value, operations: Value, expected: &str) {
    let target = format!("/Users/{}", sp.create("/Users", user(start)));
    let before = sp.get(&target);
    let answer = sp.patch(&target, operations.clone());
    assert_eq!(answer.verdict(), expected, "{operations}\n  {answer:?}");
    let after = sp.get(&target);
    assert_eq!(
        after.bytes, before.bytes,
        "{operations}: a PATCH that fails leaves everything"
    );
    assert_eq!(after.header("etag"), before.header("etag"), "{operations}");
}

/// Both refuse the operations and leave the user as it was.
#[track_caller]
fn fails(start: Value, operations: Value, expected: &str) {
    fails_on(&Sp::new(), start.clone(), operations.clone(), expected);
    fails_on(&Sp::strict(), start, operations, expected);
}

/// Only the strict one does.
#[track_caller]
fn fails_strictly(start: Value, operations: Value, expected: &str) {
    fails_on(&Sp::strict(), start, operations, expected);
}

/// Operations that succeed and change nothing, neither version nor time.
#[track_caller]
fn changes_nothing(start: Value, operations: Value) {
    let sp = Sp::new();
    let target = format!("/Users/{}", sp.create("/Users", user(start)));
    let before = sp.get(&target);
    let answer = sp.patch(&target, operations.clone());
    assert!(
        matches!(answer.status, 200 | 204),
        "{operations}\n  {answer:?}"
    );
    assert_eq!(answer.header("etag"), before.header("etag"), "{operations}");
    assert_eq!(sp.get(&target).bytes, before.bytes, "{operations}");
}

/// A user with two addresses, one of each kind.
fn two_emails() -> Value {
    json!({"emails": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home"}]})
}

/// A user with a full name.
fn named() -> Value {
    json!({"name": {"givenName": "Barbara", "familyName": "Jensen"}})
}

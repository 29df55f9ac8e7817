//! PATCH (RFC 7644 section 3.5.2): what it leaves of a resource, and what it refuses without a trace. By the operation.

mod add;
mod groups;
mod message;
mod mutability;
mod remove;
mod replace;

use crate::support::sp::Sp;
use serde_json::{Map, Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// U1 of the checklist.
fn u1() -> Value {
    json!({
        "userName": "bjensen",
        "externalId": "701984",
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "displayName": "Babs",
        "title": "Guide",
        "active": true,
        "emails": [{"value": "bj@work.ex", "type": "work", "primary": true}, {"value": "bj@home.ex", "type": "home"}],
        ENTERPRISE: {"employeeNumber": "1", "department": "IT"},
    })
}

/// U2 of the checklist.
fn u2() -> Value {
    json!({"userName": "jsmith", "active": false})
}

fn message(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

/// `whole` with some members changed; null takes one away.
fn with(whole: Value, changes: Value) -> Value {
    let (Value::Object(mut whole), Value::Object(changes)) = (whole, changes) else {
        unreachable!("objects")
    };
    for (name, value) in changes {
        if value.is_null() {
            whole.shift_remove(&name);
        } else {
            whole.insert(name, value);
        }
    }
    Value::Object(whole)
}

/// A representation without what the provider adds.
fn plain(mut resource: Value) -> Value {
    let members: &mut Map<String, Value> = resource.as_object_mut().expect("an object");
    for name in ["id", "meta", "schemas"] {
        members.shift_remove(name);
    }
    resource
}

#[track_caller]
fn applied(sp: &Sp, before: Value, operations: &Value, after: &Value) {
    let path = format!("/Users/{}", sp.create("/Users", before));
    let patched = sp.send("PATCH", &path, Some(message(operations)));
    assert_eq!(patched.status, 200, "{operations}\n{}", patched.text());
    let read = sp.send("GET", &path, None);
    assert_eq!(
        patched.bytes, read.bytes,
        "{operations}: the answer is what a GET gives"
    );
    assert_eq!(&plain(read.json()), after, "{operations}");
}

/// Operations on a resource leave another, for clients of either kind.
#[track_caller]
fn check(before: Value, operations: Value, after: Value) {
    applied(&Sp::new(), before.clone(), &operations, &after);
    applied(&Sp::strict(), with_schemas(before), &operations, &after);
}

/// The same, where only a lenient reading finds a meaning and a strict one answers 400 with `scim_type`.
#[track_caller]
fn lenient(before: Value, operations: Value, after: Value, scim_type: &str) {
    applied(&Sp::new(), before.clone(), &operations, &after);
    refused_by(
        &Sp::strict(),
        with_schemas(before),
        &operations,
        400,
        scim_type,
    );
}

/// Operations are refused, and the resource is byte for byte what it was.
#[track_caller]
fn refused(before: Value, operations: Value, status: u16, scim_type: &str) {
    refused_by(&Sp::new(), before.clone(), &operations, status, scim_type);
    refused_by(
        &Sp::strict(),
        with_schemas(before),
        &operations,
        status,
        scim_type,
    );
}

#[track_caller]
fn refused_by(sp: &Sp, before: Value, operations: &Value, status: u16, scim_type: &str) {
    let path = format!("/Users/{}", sp.create("/Users", before));
    let read = sp.send("GET", &path, None);
    let answer = sp.send("PATCH", &path, Some(message(operations)));
    assert_eq!(
        (answer.status, answer.scim_type().as_deref()),
        (status, Some(scim_type)),
        "{operations}\n{}",
        answer.text()
    );
    let again = sp.send("GET", &path, None);
    assert_eq!(again.bytes, read.bytes, "{operations} left a trace");
    assert_eq!(again.header("etag"), read.header("etag"));
}

/// Operations succeed and change nothing: version and `lastModified` stay.
#[track_caller]
fn no_change(before: Value, operations: Value) {
    for (sp, before) in [
        (Sp::new(), before.clone()),
        (Sp::strict(), with_schemas(before)),
    ] {
        let path = format!("/Users/{}", sp.create("/Users", before));
        let read = sp.send("GET", &path, None);
        let answer = sp.send("PATCH", &path, Some(message(&operations)));
        assert_eq!(answer.status, 200, "{operations}\n{}", answer.text());
        assert_eq!(answer.bytes, read.bytes, "{operations} changed something");
        assert_eq!(answer.header("etag"), read.header("etag"));
    }
}

fn with_schemas(mut user: Value) -> Value {
    let mut schemas = vec![json!("urn:ietf:params:scim:schemas:core:2.0:User")];
    if user.get(ENTERPRISE).is_some() {
        schemas.push(json!(ENTERPRISE));
    }
    user["schemas"] = schemas.into();
    user
}

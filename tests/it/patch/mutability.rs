//! What nobody may write, what must be there, and that all holds or nothing.

use super::{ENTERPRISE, check, message, no_change, refused, u1, u2, with};
use crate::support::sp::Sp;
use serde_json::json;

#[test]
fn what_the_provider_writes_is_refused() {
    for path in [
        "groups",
        "id",
        "meta",
        "meta.created",
        "meta.location",
        "groups[value eq \"x\"]",
        "groups.display",
    ] {
        refused(
            u1(),
            json!([{"op": "replace", "path": path, "value": "x"}]),
            400,
            "mutability",
        );
        refused(
            u1(),
            json!([{"op": "add", "path": path, "value": "x"}]),
            400,
            "mutability",
        );
        refused(
            u1(),
            json!([{"op": "remove", "path": path}]),
            400,
            "mutability",
        );
    }
    refused(
        u1(),
        json!([{"op": "replace", "value": {"groups": [{"value": "x"}]}}]),
        400,
        "mutability",
    );
    refused(
        u1(),
        json!([{"op": "replace", "value": {"id": "other"}}]),
        400,
        "mutability",
    );
    refused(
        u1(),
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x"}]),
        400,
        "mutability",
    );
}

#[test]
fn a_repeated_id_or_meta_is_no_change() {
    let sp = Sp::new();
    let id = sp.create("/Users", u1());
    let path = format!("/Users/{id}");
    let answer = sp.send("PATCH", &path, Some(message(&json!([{"op": "replace", "value": {"id": id, "meta": {"created": "2001-01-01T00:00:00Z"}, "title": "x"}}]))));
    assert_eq!(
        (answer.status, answer.json()["title"].as_str()),
        (200, Some("x")),
        "{}",
        answer.text()
    );
}

#[test]
fn what_is_required_stays() {
    refused(
        u1(),
        json!([{"op": "remove", "path": "userName"}]),
        400,
        "mutability",
    );
    refused(
        u1(),
        json!([{"op": "remove", "path": "userName"}, {"op": "add", "path": "userName", "value": "x"}]),
        400,
        "mutability",
    );
    refused(
        u1(),
        json!([{"op": "replace", "value": {"userName": null}}]),
        400,
        "invalidValue",
    );
}

#[test]
fn all_operations_hold_or_none() {
    refused(
        u1(),
        json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "id", "value": "y"}]),
        400,
        "mutability",
    );
    refused(
        u1(),
        json!([{"op": "remove", "path": "emails"}, {"op": "add", "path": "nope", "value": 1}]),
        400,
        "invalidPath",
    );
    refused(
        u1(),
        json!([{"op": "add", "path": "title", "value": "x"}, {"op": "add", "path": "active", "value": "maybe"}]),
        400,
        "invalidValue",
    );
}

#[test]
fn operations_see_what_those_before_them_did() {
    check(
        u1(),
        json!([{"op": "replace", "path": "title", "value": "a"}, {"op": "remove", "path": "title"}]),
        with(u1(), json!({"title": null})),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "title"}, {"op": "replace", "path": "title", "value": "a"}]),
        with(u1(), json!({"title": "a"})),
    );
    check(
        u2(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "a@x", "type": "work"}]}, {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@x"}]),
        with(u2(), json!({"emails": [{"value": "b@x", "type": "work"}]})),
    );
}

#[test]
fn a_failing_operation_is_named_by_its_number() {
    let sp = Sp::new();
    let path = format!("/Users/{}", sp.create("/Users", u1()));
    let answer = sp.send("PATCH", &path, Some(message(&json!([{"op": "add", "path": "title", "value": "x"}, {"op": "add", "path": "titel", "value": "x"}]))));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.starts_with("operation 2") && detail.contains("did you mean `title`"),
        "{detail}"
    );
}

#[test]
fn a_unique_value_that_is_taken_is_409() {
    for sp in [
        Sp::new(),
        Sp::with("Scenario(auth: [Bearer(\"secret-token\")])"),
    ] {
        sp.create("/Users", u1());
        let path = format!("/Users/{}", sp.create("/Users", u2()));
        let before = sp.send("GET", &path, None);
        let answer = sp.send(
            "PATCH",
            &path,
            Some(message(
                &json!([{"op": "replace", "path": "userName", "value": "BJensen"}]),
            )),
        );
        assert_eq!(
            (answer.status, answer.scim_type().as_deref()),
            (409, Some("uniqueness"))
        );
        assert_eq!(sp.send("GET", &path, None).bytes, before.bytes);
        // Its own value in other case is its own.
        let answer = sp.send(
            "PATCH",
            &path,
            Some(message(
                &json!([{"op": "replace", "path": "userName", "value": "JSmith"}]),
            )),
        );
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn a_password_is_written_and_never_shown() {
    let sp = Sp::new();
    let path = format!("/Users/{}", sp.create("/Users", u1()));
    let before = sp.send("GET", &path, None);
    let answer = sp.send(
        "PATCH",
        &path,
        Some(message(
            &json!([{"op": "replace", "path": "password", "value": "hush-hush"}]),
        )),
    );
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("hush") && !answer.text().contains("password"));
    // Nobody can see whether it is another one; the version says that it was written.
    assert_ne!(answer.header("etag"), before.header("etag"));
    assert_eq!(
        sp.send("GET", &format!("{path}?attributes=password"), None)
            .json()
            .as_object()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn schemas_follow_what_is_held() {
    no_change(
        u1(),
        json!([{"op": "add", "path": "schemas", "value": [ENTERPRISE]}]),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "schemas", "value": ["urn:ietf:params:scim:schemas:core:2.0:User"]}]),
        with(u1(), json!({ENTERPRISE: null})),
    );
    refused(
        u1(),
        json!([{"op": "remove", "path": "schemas"}]),
        400,
        "invalidValue",
    );
    let sp = Sp::new();
    let path = format!("/Users/{}", sp.create("/Users", u2()));
    let answer = sp.send(
        "PATCH",
        &path,
        Some(message(
            &json!([{"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "x"}]),
        )),
    );
    assert_eq!(
        answer.json()["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE])
    );
}

//! The message and its paths: what is no PatchOp, and what is no path.

use super::{PATCH_OP, lenient, refused, u1, with};
use crate::support::sp::Sp;
use serde_json::{Value, json};

#[track_caller]
fn body(sp: &Sp, body: Value, status: u16, scim_type: Option<&str>) {
    let path = format!("/Users/{}", sp.create("/Users", super::with_schemas(u1())));
    let before = sp.send("GET", &path, None);
    let answer = sp.send("PATCH", &path, Some(body.clone()));
    assert_eq!(answer.status, status, "{body}: {}", answer.text());
    if status != 200 {
        assert_eq!(
            answer.scim_type().as_deref(),
            scim_type,
            "{body}: {}",
            answer.text()
        );
        assert_eq!(sp.send("GET", &path, None).bytes, before.bytes);
    }
}

#[test]
fn what_is_no_patch_op_is_invalid_syntax() {
    let operation = json!({"op": "add", "path": "title", "value": "x"});
    for wrong in [
        json!([]),
        json!("x"),
        json!({"schemas": [PATCH_OP]}),
        json!({"schemas": [PATCH_OP], "Operations": []}),
        json!({"schemas": [PATCH_OP], "Operations": "x"}),
        json!({"schemas": [PATCH_OP], "Operations": ["x"]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "x"}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "move", "path": "title", "value": "x"}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "test", "path": "title", "value": "x"}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": 1, "path": "title", "value": "x"}]}),
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": 5, "value": "x"}]}),
    ] {
        body(&Sp::new(), wrong.clone(), 400, Some("invalidSyntax"));
        body(&Sp::strict(), wrong, 400, Some("invalidSyntax"));
    }
    for loose in [
        json!({"Operations": [operation]}),
        json!({"schemas": ["urn:x"], "Operations": [operation]}),
        json!({"schemas": [PATCH_OP], "Operations": operation}),
    ] {
        body(&Sp::new(), loose.clone(), 200, None);
        body(&Sp::strict(), loose, 400, Some("invalidSyntax"));
    }
    // Names of members are compared without regard to case; unknown members are passed over.
    let odd = json!({"SCHEMAS": [PATCH_OP], "operations": [{"OP": "add", "Path": "title", "VALUE": "x", "name": "addTitle"}]});
    body(&Sp::new(), odd.clone(), 200, None);
    body(&Sp::strict(), odd, 200, None);
}

#[test]
fn the_word_of_an_operation_may_be_capitalised() {
    for op in ["Add", "ADD", "Replace"] {
        super::check(
            u1(),
            json!([{"op": op, "path": "title", "value": "x"}]),
            with(u1(), json!({"title": "x"})),
        );
    }
    super::check(
        u1(),
        json!([{"op": "Remove", "path": "title"}]),
        with(u1(), json!({"title": null})),
    );
}

#[test]
fn what_is_no_path_is_invalid_path() {
    for path in [
        "a..b",
        "urn:x:",
        "emails[type]",
        "emails[0].value",
        "/emails/0",
        "emails[type eq \"work\"",
        "emails]",
        "name.givenName.x",
        "1title",
        "title[value eq \"x\"]",
        "name.nope",
        "emails[type eq \"work\"].nope",
        "nope",
        "emails[type eq \"work\"].value.x",
        "name givenName",
        "urn:ietf:params:scim:schemas:core:2.0:Group:members",
    ] {
        refused(
            u1(),
            json!([{"op": "add", "path": path, "value": "x"}]),
            400,
            "invalidPath",
        );
    }
}

#[test]
fn a_bad_filter_in_a_path_is_invalid_filter() {
    for path in [
        "emails[type zz \"work\"]",
        "emails[primary gt true]",
        "emails[nope eq \"x\"]",
        "emails[type eq]",
        "emails[type eq \"a\" and]",
        "emails[emails[type eq \"x\"]]",
        "emails[value eq 5 or (type eq \"x\"].value",
    ] {
        refused(
            u1(),
            json!([{"op": "add", "path": path, "value": {"value": "x"}}]),
            400,
            "invalidFilter",
        );
    }
}

#[test]
fn paths_are_compared_without_regard_to_case_and_may_carry_their_urn() {
    let after = with(
        u1(),
        json!({"name": {"givenName": "X", "familyName": "Jensen"}}),
    );
    for path in [
        "name.givenName",
        "NAME.GIVENNAME",
        "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
        "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:NAME.GIVENNAME",
    ] {
        super::check(
            u1(),
            json!([{"op": "replace", "path": path, "value": "X"}]),
            after.clone(),
        );
    }
    super::check(
        u1(),
        json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:emails[TYPE EQ \"home\"].VALUE", "value": "n@x"}]),
        with(
            u1(),
            json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": true}, {"value": "n@x", "type": "home"}]}),
        ),
    );
}

#[test]
fn an_empty_path_is_no_path() {
    super::check(
        u1(),
        json!([{"op": "replace", "path": "", "value": {"title": "x"}}]),
        with(u1(), json!({"title": "x"})),
    );
}

#[test]
fn an_unknown_attribute_without_path_is_passed_over() {
    lenient(
        u1(),
        json!([{"op": "replace", "value": {"title": "x", "shoeSize": 5}}]),
        with(u1(), json!({"title": "x"})),
        "invalidSyntax",
    );
}

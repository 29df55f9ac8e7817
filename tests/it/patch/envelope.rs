//! The `PatchOp` message itself (RFC 7644 section 3.5.2).

use super::*;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[track_caller]
fn message(sp: &Sp, body: Value) -> String {
    let target = format!("/Users/{}", sp.user("bjensen"));
    let before = sp.get(&target);
    let answer = sp.send("PATCH", &target, Some(body));
    if answer.status >= 400 {
        assert_eq!(sp.get(&target).bytes, before.bytes);
    } else {
        assert_eq!(sp.get(&target).json()["title"], "t");
    }
    answer.verdict()
}

/// What both say to a message.
#[track_caller]
fn both(body: Value, expected: &str) {
    assert_eq!(
        message(&Sp::new(), body.clone()),
        expected,
        "lenient {body}"
    );
    assert_eq!(
        message(&Sp::strict(), body.clone()),
        expected,
        "strict {body}"
    );
}

/// What the lenient one takes and the strict one does not.
#[track_caller]
fn lenient(body: Value) {
    assert_eq!(message(&Sp::new(), body.clone()), "200", "lenient {body}");
    assert_eq!(
        message(&Sp::strict(), body.clone()),
        "400 invalidSyntax",
        "strict {body}"
    );
}

#[test]
fn a_message_has_one_operation_or_more() {
    both(
        json!({"schemas": [PATCH_OP], "Operations": [add("title", "t")]}),
        "200",
    );
    both(
        json!({"schemas": [PATCH_OP], "operations": [add("title", "t")]}),
        "200",
    );
    both(
        json!({"schemas": [PATCH_OP], "Operations": []}),
        "400 invalidSyntax",
    );
    both(
        json!({"schemas": [PATCH_OP], "Operations": {}}),
        "400 invalidSyntax",
    );
    both(
        json!({"schemas": [PATCH_OP], "Operations": "add"}),
        "400 invalidSyntax",
    );
    both(
        json!({"schemas": [PATCH_OP], "Operations": [1]}),
        "400 invalidSyntax",
    );
    both(json!({"schemas": [PATCH_OP]}), "400 invalidSyntax");
    both(json!([]), "400 invalidSyntax");
    both(json!("x"), "400 invalidSyntax");
    both(json!(null), "400 invalidSyntax");
}

#[test]
fn a_message_says_what_it_is() {
    lenient(json!({"Operations": [add("title", "t")]}));
    lenient(json!({"schemas": [USER], "Operations": [add("title", "t")]}));
    lenient(json!({"schemas": [PATCH_OP], "Operations": add("title", "t")}));
}

#[test]
fn an_operation_adds_removes_or_replaces() {
    for op in ["move", "copy", "test", "", "addd"] {
        both(
            json!({"schemas": [PATCH_OP], "Operations": [{"op": op, "path": "title", "value": "t"}]}),
            "400 invalidSyntax",
        );
    }
    both(
        json!({"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "t"}]}),
        "400 invalidSyntax",
    );
    both(
        json!({"schemas": [PATCH_OP], "Operations": [{"op": 1, "path": "title", "value": "t"}]}),
        "400 invalidSyntax",
    );
    both(
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": 5, "value": "t"}]}),
        "400 invalidSyntax",
    );
}

#[test]
fn an_op_of_other_case_is_taken() {
    for op in ["Add", "ADD", "Replace", "rePlace"] {
        both(
            json!({"schemas": [PATCH_OP], "Operations": [{"op": op, "path": "title", "value": "t"}]}),
            "200",
        );
    }
    check_both(
        json!({"title": "t"}),
        json!({"op": "Remove", "path": "title"}),
        json!({}),
    );
}

#[test]
fn other_members_of_an_operation_are_ignored() {
    both(
        json!({"schemas": [PATCH_OP], "Operations": [{"name": "addTitle", "op": "add", "path": "title", "value": "t"}]}),
        "200",
    );
}

#[test]
fn only_a_resource_that_exists_is_patched() {
    let sp = Sp::new();
    assert_eq!(sp.patch("/Users/nope", add("title", "t")).verdict(), "404");
    assert_eq!(sp.patch("/Users", add("title", "t")).verdict(), "405");
    assert_eq!(sp.patch("/Nope", add("title", "t")).verdict(), "404");
    let group = sp.group("Staff", &[]);
    assert_eq!(
        sp.patch(&format!("/Users/{group}"), add("title", "t"))
            .verdict(),
        "404"
    );
}

#[test]
fn a_projection_holds_for_the_answer() {
    let sp = Sp::new();
    let target = format!("/Users/{}", sp.create("/Users", user(two_emails())));
    let answer = sp.patch(&format!("{target}?attributes=userName"), add("title", "t"));
    assert_eq!(answer.status, 200);
    assert_eq!(given(&answer), user(json!({})));
    assert_eq!(answer.header("etag"), sp.get(&target).header("etag"));
}

#[test]
fn without_patch_it_is_not_implemented() {
    let sp =
        Sp::with(r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(patch: false))"#);
    let target = format!("/Users/{}", sp.user("bjensen"));
    assert_eq!(sp.patch(&target, add("title", "t")).verdict(), "501");
}

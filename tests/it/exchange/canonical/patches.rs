//! PATCH requests: the spellings of one act by Okta, Entra ID and the RFC, and acts that only look alike.

use super::{CANONICAL, EXACT, INTENT, OTHER, level, request};
use scimulate::exchange::canonical::Level;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[track_caller]
fn check_at(
    path: &str,
    before: &Value,
    expected: Option<Level>,
    (left, right): (Value, Value),
    why: &str,
) {
    let patch = |operations: Value| request("PATCH", path, json!({"Operations": operations}));
    let (left, right) = (patch(left), patch(right));
    assert_eq!(
        level(before, &left, &right),
        expected,
        "{why}: {left:?} and {right:?}"
    );
    assert_eq!(level(before, &right, &left), expected, "both ways: {why}");
}

/// The same operation, but for its parts.
fn op(op: &str, path: &str, value: Value) -> Value {
    json!([{"op": op, "path": path, "value": value}])
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn patches_of_a_user_are_the_same_when_they_make_the_same_of_it() {
    let user = json!({
        "id": "1", "userName": "bj", "displayName": "B", "active": true, "title": "Dr", "name": {"givenName": "B", "familyName": "J"},
        "emails": [{"value": "b@work", "type": "work", "primary": true}, {"value": "b@home", "type": "home"}],
        ENTERPRISE: {"department": "R", "manager": {"value": "7"}}
    });
    let deep = |name: &str, value: Value| json!([{"op": "replace", "value": {name: value}}]);
    let department = format!("{ENTERPRISE}:department");
    let dotted = format!("{ENTERPRISE}.department");
    let manager = format!("{ENTERPRISE}:manager");
    let manager_value = format!("{ENTERPRISE}:manager.value");
    let rows = [
        (
            EXACT,
            op("replace", "active", json!(false)),
            op("replace", "active", json!(false)),
            "the same",
        ),
        (
            CANONICAL,
            op("Replace", "active", json!(false)),
            op("replace", "active", json!(false)),
            "`op` has no case (Entra ID)",
        ),
        (
            CANONICAL,
            op("replace", "Active", json!(false)),
            op("replace", "active", json!(false)),
            "a path has no case",
        ),
        (
            CANONICAL,
            op(
                "replace",
                "urn:ietf:params:scim:schemas:core:2.0:User:active",
                json!(false),
            ),
            op("replace", "active", json!(false)),
            "the core URN",
        ),
        (
            CANONICAL,
            op("replace", "emails[type eq \"work\"].value", json!("x")),
            op("replace", "EMAILS[Type EQ \"Work\"].VALUE", json!("X")),
            "a filter in a path",
        ),
        (
            CANONICAL,
            op("replace", "displayName", json!("X")),
            op("replace", "displayName", json!("x")),
            "text without case",
        ),
        (
            CANONICAL,
            json!([{"op": "replace", "path": "", "value": {"title": "x"}}]),
            deep("title", json!("x")),
            "an empty path is none",
        ),
        (
            INTENT,
            deep("active", json!(false)),
            op("replace", "active", json!(false)),
            "Okta's and the RFC's deactivation",
        ),
        (
            INTENT,
            op("Replace", "active", json!("False")),
            op("replace", "active", json!(false)),
            "Entra ID's and the RFC's",
        ),
        (
            INTENT,
            op("Replace", "active", json!("False")),
            deep("active", json!(false)),
            "Entra ID's and Okta's",
        ),
        (
            INTENT,
            json!([{"op": "Replace", "value": {"active": "False"}}]),
            deep("active", json!(false)),
            "Entra ID's without path",
        ),
        (
            INTENT,
            op("add", "title", json!("x")),
            op("replace", "title", json!("x")),
            "`add` of one value replaces it",
        ),
        (
            INTENT,
            op("replace", "name.givenName", json!("X")),
            deep("name", json!({"givenName": "X"})),
            "a sub-attribute by its path or in its object",
        ),
        (
            INTENT,
            op("replace", "name.givenName", json!("X")),
            deep("name.givenName", json!("X")),
            "or by a name that is a path (Entra ID)",
        ),
        (
            INTENT,
            op("replace", "name", json!({"givenName": "X"})),
            op("replace", "name.givenName", json!("X")),
            "or in its place",
        ),
        (
            INTENT,
            json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "active", "value": false}]),
            json!([{"op": "replace", "value": {"active": false, "title": "x"}}]),
            "two operations or one of two members",
        ),
        (
            INTENT,
            json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "active", "value": false}]),
            json!([{"op": "replace", "path": "active", "value": false}, {"op": "replace", "path": "title", "value": "x"}]),
            "in an order that does not matter",
        ),
        (
            INTENT,
            op("replace", &department, json!("X")),
            deep(ENTERPRISE, json!({"department": "X"})),
            "an extension by path or in its object",
        ),
        (
            INTENT,
            op("replace", &department, json!("X")),
            op("replace", &dotted, json!("X")),
            "with a dot for the colon (Entra ID)",
        ),
        (
            INTENT,
            op("replace", &department, json!("X")),
            deep(&department, json!("X")),
            "as the name of a member",
        ),
        (
            INTENT,
            op("replace", ENTERPRISE, json!({"department": "X"})),
            op("replace", &department, json!("X")),
            "as the path of the whole",
        ),
        (
            INTENT,
            op("replace", &manager, json!("8")),
            op("replace", &manager_value, json!("8")),
            "a manager by id alone (Entra ID)",
        ),
        (
            INTENT,
            op("replace", &manager, json!({"value": "8"})),
            op("replace", &manager_value, json!("8")),
            "or as the RFC has it",
        ),
        (
            INTENT,
            op("replace", "emails[type eq \"work\"].value", json!("x@y")),
            op("replace", "emails[primary eq true].value", json!("x@y")),
            "the value that two filters select",
        ),
        (
            INTENT,
            op("add", "emails[type eq \"work\"].value", json!("x@y")),
            op("replace", "emails[type eq \"work\"].value", json!("x@y")),
            "`add` to a value that is there (Entra ID)",
        ),
        (
            INTENT,
            op("add", "emails", json!([{"value": "c@x", "type": "other"}])),
            op("add", "emails", json!({"value": "c@x", "type": "other"})),
            "one value or a list of one",
        ),
        (
            INTENT,
            op("add", "emails[type eq \"other\"].value", json!("c@x")),
            op("add", "emails", json!([{"value": "c@x", "type": "other"}])),
            "a value that is made (Entra ID)",
        ),
        (
            INTENT,
            json!([{"op": "remove", "path": "title"}]),
            op("replace", "title", Value::Null),
            "unassigned by `remove` or by null",
        ),
        (
            INTENT,
            json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
            json!([{"op": "remove", "path": "emails[value eq \"b@home\"]"}]),
            "one value is gone",
        ),
        (
            INTENT,
            op("replace", "x", json!(1)),
            deep("x", json!(1)),
            "an attribute that no schema has",
        ),
        (
            OTHER,
            op("replace", "active", json!(false)),
            op("replace", "active", json!(true)),
            "another value",
        ),
        (
            OTHER,
            op("replace", "title", json!("x")),
            op("replace", "displayName", json!("x")),
            "another attribute",
        ),
        (
            OTHER,
            op("replace", "emails[type eq \"work\"].value", json!("x")),
            op("replace", "emails[type eq \"home\"].value", json!("x")),
            "another address",
        ),
        (
            OTHER,
            op("add", "emails", json!([{"value": "c"}])),
            op("replace", "emails", json!([{"value": "c"}])),
            "one more, or only one",
        ),
        (
            OTHER,
            op("replace", "name", json!({"givenName": "X"})),
            op("replace", "name", json!({"familyName": "X"})),
            "another name",
        ),
        (
            OTHER,
            op("replace", "title", json!("x")),
            json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "active", "value": false}]),
            "an operation more",
        ),
        (
            OTHER,
            op("replace", "title", json!("x")),
            json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "active", "value": true}]),
            "one more that changes nothing",
        ),
        (
            OTHER,
            op("replace", "title", json!("x")),
            json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "title", "value": "x"}]),
            "the same twice",
        ),
        (
            OTHER,
            op("replace", "title", json!("x")),
            json!([{"op": "replace", "path": "title", "value": "y"}, {"op": "replace", "path": "title", "value": "x"}]),
            "a detour",
        ),
        (
            OTHER,
            op("replace", "title", json!("x")),
            json!([{"op": "replace", "value": {"title": "x", "y": 1}}]),
            "a member more that no schema has",
        ),
        (
            OTHER,
            json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
            json!([{"op": "remove", "path": "emails[type eq \"home\"]"}, {"op": "remove", "path": "emails[type eq \"home\"]"}]),
            "removed again",
        ),
        (
            OTHER,
            json!([{"op": "remove", "path": "title"}]),
            json!([{"op": "remove", "path": "displayName"}]),
            "another one is gone",
        ),
        (
            OTHER,
            op("replace", &department, json!("X")),
            op("replace", "department", json!("Y")),
            "another department",
        ),
        (
            OTHER,
            op("replace", "password", json!("{secret}")),
            op("replace", "title", json!("x")),
            "a password or a title",
        ),
        (
            OTHER,
            op("replace", "externalId", json!("a")),
            op("replace", "externalId", json!("A")),
            "an externalId has a case",
        ),
        (
            OTHER,
            op("move", "title", json!("x")),
            op("copy", "title", json!("x")),
            "what is no operation has no effect",
        ),
    ];
    for (expected, left, right, why) in rows {
        check_at("/Users/1", &user, expected, (left, right), why);
    }
}

#[test]
fn patches_of_a_group_are_the_same_when_the_same_members_come_and_go() {
    let group = json!({"id": "1", "displayName": "G", "members": [{"value": "a"}, {"value": "b"}]});
    let rows = [
        (
            CANONICAL,
            op("Add", "members", json!([{"value": "c"}, {"value": "d"}])),
            op("add", "members", json!([{"value": "d"}, {"value": "c"}])),
            "members are a set",
        ),
        (
            INTENT,
            op("add", "members", json!([{"value": "c"}])),
            op("add", "members", json!([{"value": "c", "display": "C"}])),
            "Okta says the name too",
        ),
        (
            INTENT,
            op("add", "members", json!([{"value": "c"}])),
            json!([{"op": "add", "value": {"members": [{"value": "c"}]}}]),
            "with a path or without",
        ),
        (
            INTENT,
            op("add", "members", json!([{"value": "c"}, {"value": "d"}])),
            json!([{"op": "add", "path": "members", "value": [{"value": "c"}]}, {"op": "add", "path": "members", "value": [{"value": "d"}]}]),
            "at once or one by one",
        ),
        (
            INTENT,
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            op("Remove", "members", json!([{"value": "a"}])),
            "by filter, or beside the path (Entra ID)",
        ),
        (
            INTENT,
            op("replace", "members", json!([{"value": "b"}])),
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            "Okta's whole list, or the one that goes",
        ),
        (
            INTENT,
            json!([{"op": "replace", "value": {"id": "1", "displayName": "H"}}]),
            op("replace", "displayName", json!("H")),
            "Okta repeats the id",
        ),
        (
            OTHER,
            op("add", "members", json!([{"value": "c"}])),
            op("add", "members", json!([{"value": "d"}])),
            "another member",
        ),
        (
            OTHER,
            op("add", "members", json!([{"value": "c"}])),
            op("replace", "members", json!([{"value": "c"}])),
            "the others go",
        ),
        (
            OTHER,
            op("add", "members", json!([{"value": "c"}])),
            op("add", "members", json!([{"value": "c"}, {"value": "d"}])),
            "one more",
        ),
        (
            OTHER,
            op("add", "members", json!([{"value": "c"}])),
            op("add", "members", json!([{"value": "C"}])),
            "an id has a case",
        ),
        (
            OTHER,
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            json!([{"op": "remove", "path": "members[value eq \"b\"]"}]),
            "another one goes",
        ),
        (
            OTHER,
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            json!([{"op": "remove", "path": "members"}]),
            "all go",
        ),
        (
            OTHER,
            op("replace", "displayName", json!("H")),
            op("replace", "displayName", json!("I")),
            "another name",
        ),
        (
            OTHER,
            op("add", "members", json!([{"value": "c"}])),
            json!([{"op": "add", "path": "members", "value": [{"value": "c"}]}, {"op": "add", "path": "members", "value": [{"value": "a"}]}]),
            "a member more who is there already",
        ),
    ];
    for (expected, left, right, why) in rows {
        check_at("/Groups/1", &group, expected, (left, right), why);
    }
}

#[test]
fn what_a_patch_makes_depends_on_the_resource() {
    let whole = (
        op(
            "replace",
            "members",
            json!([{"value": "a"}, {"value": "b"}]),
        ),
        op("add", "members", json!([{"value": "b"}])),
    );
    check_at(
        "/Groups/1",
        &json!({"displayName": "G", "members": [{"value": "a"}]}),
        INTENT,
        whole.clone(),
        "one comes to the other",
    );
    check_at(
        "/Groups/1",
        &json!({"displayName": "G", "members": [{"value": "c"}]}),
        OTHER,
        whole,
        "the third stays or goes",
    );
    let path = |path: &str| {
        request(
            "PATCH",
            path,
            json!({"Operations": op("replace", "title", json!("x"))}),
        )
    };
    let user = json!({"userName": "a"});
    assert_eq!(
        level(&user, &path("/Users/1"), &path("/Users/2")),
        OTHER,
        "of another resource"
    );
    assert_eq!(
        level(
            &user,
            &path("/Users/1?attributes=userName,title"),
            &path("/Users/1?attributes=title,userName")
        ),
        CANONICAL,
        "a PATCH may ask for attributes too"
    );
    assert_eq!(
        level(&user, &path("/Users/1?attributes=title"), &path("/Users/1")),
        OTHER,
        "and gets another answer"
    );
}

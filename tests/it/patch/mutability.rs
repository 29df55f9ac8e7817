//! What an operation may not touch (RFC 7643 section 7, RFC 7644 section 3.5.2).

use super::*;

#[test]
fn a_path_to_what_is_read_only_is_refused() {
    for path in [
        "id",
        "meta",
        "meta.created",
        "meta.lastModified",
        "meta.location",
        "meta.version",
        "groups",
        "groups.value",
        "ID",
    ] {
        fails(json!({"title": "t"}), replace(path, "x"), "400 mutability");
        fails(json!({"title": "t"}), add(path, "x"), "400 mutability");
        fails(json!({"title": "t"}), remove(path), "400 mutability");
    }
    fails(
        json!({}),
        add("groups", json!([{"value": "G1"}])),
        "400 mutability",
    );
    fails(
        json!({}),
        remove(r#"groups[value eq "G1"]"#),
        "400 mutability",
    );
    fails(
        json!({}),
        replace(&format!("{ENTERPRISE}:manager.displayName"), "x"),
        "400 mutability",
    );
}

#[test]
fn without_a_path_what_the_server_owns_is_passed_over() {
    let sp = Sp::new();
    let id = sp.user("bjensen");
    let target = format!("/Users/{id}");
    let whole = sp.get(&target).json();
    assert_eq!(
        sp.patch(&target, replace_all(json!({"id": id, "title": "t"})))
            .verdict(),
        "200"
    );
    assert_eq!(sp.get(&target).json()["title"], "t");
    assert_eq!(
        sp.patch(
            &target,
            replace_all(json!({"meta": whole["meta"], "schemas": [USER], "title": "u"}))
        )
        .verdict(),
        "200"
    );
    assert_eq!(sp.get(&target).json()["title"], "u");
    assert_eq!(
        sp.get(&target).json()["meta"]["created"],
        whole["meta"]["created"]
    );
    assert_eq!(sp.patch(&target, replace_all(whole)).verdict(), "200");
    assert_eq!(sp.get(&target).id(), id);
}

#[test]
fn without_a_path_other_read_only_attributes_are_refused() {
    fails(
        json!({}),
        replace_all(json!({"title": "t", "groups": [{"value": "G1"}]})),
        "400 mutability",
    );
    fails(
        json!({}),
        add_all(json!({"groups": [{"value": "G1"}]})),
        "400 mutability",
    );
}

#[test]
fn what_is_required_cannot_be_unassigned() {
    fails(json!({}), remove("userName"), "400 mutability");
    fails(
        json!({}),
        replace("userName", Value::Null),
        "400 invalidValue",
    );
    fails(json!({}), replace("userName", ""), "400 invalidValue");
    fails(
        json!({}),
        replace_all(json!({"userName": null})),
        "400 invalidValue",
    );
    let sp = Sp::new();
    let target = format!("/Groups/{}", sp.group("Staff", &[]));
    assert_eq!(
        sp.patch(&target, remove("displayName")).verdict(),
        "400 mutability"
    );
    assert_eq!(
        sp.patch(&target, replace("displayName", "")).verdict(),
        "400 invalidValue"
    );
    assert_eq!(sp.get(&target).json()["displayName"], "Staff");
}

#[test]
fn a_password_is_taken_and_never_shown() {
    for operation in [
        add("password", "t1meMa$heen"),
        replace("password", "t1meMa$heen"),
        replace_all(json!({"password": "t1meMa$heen"})),
    ] {
        let sp = Sp::new();
        let target = format!("/Users/{}", sp.user("bjensen"));
        let answer = sp.patch(&format!("{target}?attributes=password,userName"), operation);
        assert_eq!(answer.verdict(), "200");
        assert!(!answer.text().contains("t1meMa"), "{}", answer.text());
        assert_eq!(sp.get(&target).json().get("password"), None);
    }
}

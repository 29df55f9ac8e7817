//! Several operations: one after the other, all or none (RFC 7644 section 3.5.2).

use super::*;

#[test]
fn operations_see_what_those_before_them_did() {
    check_both(
        json!({}),
        json!([replace("title", "a"), remove("title")]),
        json!({}),
    );
    check_both(
        json!({}),
        json!([remove("title"), replace("title", "a")]),
        json!({"title": "a"}),
    );
    check_both(
        json!({}),
        json!([add("title", "a"), add("title", "b")]),
        json!({"title": "b"}),
    );
    let operations = json!([
        add("emails", json!([{"value": "a@x", "type": "work"}])),
        replace(r#"emails[type eq "work"].value"#, "b@x")
    ]);
    check_both(
        json!({}),
        operations,
        json!({"emails": [{"value": "b@x", "type": "work"}]}),
    );
    fails(
        two_emails(),
        json!([
            remove("emails"),
            replace(r#"emails[type sw "work"].value"#, "x@x")
        ]),
        "400 noTarget",
    );
}

#[test]
fn one_failure_undoes_everything() {
    let start =
        json!({"title": "t", "emails": [{"value": "w@x", "type": "work", "primary": true}]});
    for (failure, expected) in [
        (replace("id", "y"), "400 mutability"),
        (replace("active", "maybe"), "400 invalidValue"),
        (remove("userName"), "400 mutability"),
        (add("nope", "x"), "400 invalidPath"),
        (remove("emails[type zz 1]"), "400 invalidFilter"),
        (
            replace(r#"emails[type sw "none"].value"#, "x"),
            "400 noTarget",
        ),
        (json!({"op": "move", "path": "title"}), "400 invalidSyntax"),
    ] {
        let good = [
            replace("title", "x"),
            remove("emails"),
            add("nickName", "n"),
            add(&format!("{ENTERPRISE}:department"), "IT"),
        ];
        let mut operations = good.to_vec();
        operations.push(failure.clone());
        fails(start.clone(), Value::Array(operations), expected);
        fails(
            start.clone(),
            json!([failure, replace("title", "x")]),
            expected,
        );
    }
}

#[test]
fn the_operation_at_fault_is_named() {
    let sp = Sp::new();
    let target = format!("/Users/{}", sp.user("bjensen"));
    let operations = json!([
        add("title", "t"),
        add("nickName", "n"),
        add("active", "maybe")
    ]);
    let detail = sp.patch(&target, operations).json()["detail"]
        .as_str()
        .expect("a detail")
        .to_owned();
    assert!(
        detail.contains("active") && detail.contains(['2', '3']),
        "{detail}"
    );
}

#[test]
fn a_required_attribute_holds_at_each_operation() {
    fails(
        json!({}),
        json!([remove("userName"), add("userName", "x")]),
        "400 mutability",
    );
}

#[test]
fn uniqueness_holds_afterwards() {
    let sp = Sp::new();
    sp.user("bjensen");
    let target = format!("/Users/{}", sp.user("jsmith"));
    let before = sp.get(&target);
    for name in ["bjensen", "BJENSEN"] {
        let operations = json!([add("title", "t"), replace("userName", name)]);
        assert_eq!(sp.patch(&target, operations).verdict(), "409 uniqueness");
        assert_eq!(sp.get(&target).bytes, before.bytes);
    }
    assert_eq!(sp.patch(&target, replace("userName", "JSmith")).status, 200);
    assert_eq!(sp.get(&target).json()["userName"], "JSmith");
}

#[test]
fn a_change_moves_version_and_time_and_only_a_change_does() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000))"#,
    );
    let target = format!("/Users/{}", sp.user("bjensen"));
    let created = sp.get(&target).json();
    assert_eq!(created["meta"]["created"], created["meta"]["lastModified"]);
    sp.patch(&target, add("title", "t"));
    let changed = sp.get(&target).json();
    assert_ne!(changed["meta"]["version"], created["meta"]["version"]);
    assert!(changed["meta"]["lastModified"].as_str() > created["meta"]["lastModified"].as_str());
    assert_eq!(changed["meta"]["created"], created["meta"]["created"]);
    sp.patch(&target, add("title", "t"));
    assert_eq!(sp.get(&target).json(), changed);
    sp.patch(&target, json!([add("title", "t"), add("nickName", "n")]));
    assert_ne!(
        sp.get(&target).json()["meta"]["version"],
        changed["meta"]["version"]
    );
}

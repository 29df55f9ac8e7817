//! At most one value is primary, and the last one made so wins (RFC 7644 section 3.5.2, RFC 7643 section 2.4).

use super::*;

fn start() -> Value {
    json!({"emails": [{"value": "w@x", "type": "work", "primary": true}, {"value": "h@x", "type": "home"}]})
}

/// Which address is primary afterwards.
#[track_caller]
fn check_primary(operations: Value, expected: &[&str]) {
    for sp in [Sp::new(), Sp::strict()] {
        let after = patched(&sp, start(), operations.clone()).json();
        let emails = after["emails"].as_array().cloned().unwrap_or_default();
        let primary = emails
            .iter()
            .filter(|it| it["primary"] == true)
            .filter_map(|it| it["value"].as_str())
            .collect::<Vec<_>>();
        assert_eq!(primary, expected, "{operations}");
    }
}

#[test]
fn a_new_primary_takes_over() {
    check_primary(
        add("emails", json!([{"value": "n@x", "primary": true}])),
        &["n@x"],
    );
    check_primary(
        add_all(json!({"emails": [{"value": "n@x", "primary": true}]})),
        &["n@x"],
    );
    check_primary(
        add("emails", json!([{"value": "n@x", "primary": false}])),
        &["w@x"],
    );
    check_primary(add("emails", json!([{"value": "n@x"}])), &["w@x"]);
    check_primary(replace(r#"emails[type eq "home"].primary"#, true), &["h@x"]);
    check_primary(add(r#"emails[type eq "home"].primary"#, true), &["h@x"]);
    check_primary(
        replace(
            r#"emails[type eq "home"]"#,
            json!({"value": "h@x", "type": "home", "primary": true}),
        ),
        &["h@x"],
    );
    check_primary(replace(r#"emails[type eq "work"].primary"#, true), &["w@x"]);
    check_primary(replace(r#"emails[type eq "work"].primary"#, false), &[]);
    check_primary(remove(r#"emails[type eq "work"].primary"#), &[]);
    check_primary(remove(r#"emails[type eq "work"]"#), &[]);
    check_primary(
        replace(
            "emails",
            json!([{"value": "n@x", "primary": true}, {"value": "m@x"}]),
        ),
        &["n@x"],
    );
}

#[test]
fn it_holds_step_by_step() {
    let twice = json!([
        add("emails", json!([{"value": "a@x", "primary": true}])),
        add("emails", json!([{"value": "b@x", "primary": true}]))
    ]);
    check_primary(twice, &["b@x"]);
    let back = json!([
        replace(r#"emails[type eq "home"].primary"#, true),
        replace(r#"emails[type eq "work"].primary"#, true)
    ]);
    check_primary(back, &["w@x"]);
    let selected = json!([
        replace(r#"emails[type eq "home"].primary"#, true),
        replace("emails[primary eq true].value", "p@x")
    ]);
    check_primary(selected, &["p@x"]);
}

#[test]
fn two_primaries_in_one_value_are_refused() {
    let two = json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]);
    fails(start(), add("emails", two.clone()), "400 invalidValue");
    fails(start(), replace("emails", two.clone()), "400 invalidValue");
    fails(
        start(),
        replace_all(json!({"emails": two})),
        "400 invalidValue",
    );
}

#[test]
fn other_attributes_keep_their_primary() {
    let start = json!({"emails": [{"value": "w@x", "primary": true}], "roles": [{"value": "a", "primary": true}]});
    let after = patched(
        &Sp::new(),
        start,
        add("roles", json!([{"value": "b", "primary": true}])),
    )
    .json();
    assert_eq!(after["emails"][0]["primary"], true);
    assert_ne!(after["roles"][0]["primary"], true);
    assert_eq!(after["roles"][1]["primary"], true);
}

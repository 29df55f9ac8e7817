//! `add` (RFC 7644 section 3.5.2.1).

use super::*;

#[test]
fn an_attribute_without_value_gets_one() {
    check_both(json!({}), add("nickName", "B"), json!({"nickName": "B"}));
    check_both(json!({}), add("active", false), json!({"active": false}));
    check_both(
        json!({}),
        add("name", json!({"givenName": "B"})),
        json!({"name": {"givenName": "B"}}),
    );
    check_both(
        json!({}),
        add("name.givenName", "B"),
        json!({"name": {"givenName": "B"}}),
    );
    check_both(
        json!({}),
        add("emails", json!([{"value": "a@x"}])),
        json!({"emails": [{"value": "a@x"}]}),
    );
}

#[test]
fn a_single_value_is_replaced() {
    check_both(
        json!({"displayName": "A"}),
        add("displayName", "N"),
        json!({"displayName": "N"}),
    );
    check_both(
        json!({"active": true}),
        add("active", false),
        json!({"active": false}),
    );
    check_both(
        named(),
        add("name.givenName", "X"),
        json!({"name": {"givenName": "X", "familyName": "Jensen"}}),
    );
    check_both(
        json!({}),
        add("userName", "other"),
        json!({"userName": "other"}),
    );
}

#[test]
fn sub_attributes_of_a_complex_value_merge() {
    let expected =
        json!({"name": {"givenName": "Barbara", "familyName": "Jensen", "middleName": "J"}});
    check_both(
        named(),
        add("name", json!({"middleName": "J"})),
        expected.clone(),
    );
    check_both(named(), add("name.middleName", "J"), expected.clone());
    check_both(
        named(),
        add_all(json!({"name": {"middleName": "J"}})),
        expected,
    );
    fails(named(), add("name", "x"), "400 invalidValue");
    fails(named(), add("name", json!(["x"])), "400 invalidValue");
}

#[test]
fn values_are_appended_to_a_list() {
    let three = json!({"emails": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home"}, {"value": "n@x"}]});
    check_both(
        two_emails(),
        add("emails", json!([{"value": "n@x"}])),
        three.clone(),
    );
    check_both(
        two_emails(),
        add_all(json!({"emails": [{"value": "n@x"}]})),
        three.clone(),
    );
    check(two_emails(), add("emails", json!({"value": "n@x"})), three);
    let more = json!({"roles": [{"value": "a"}, {"value": "b"}, {"value": "c"}]});
    check_both(
        json!({"roles": [{"value": "a"}]}),
        add("roles", json!([{"value": "b"}, {"value": "c"}])),
        more,
    );
}

#[test]
fn without_a_path_the_value_names_the_attributes() {
    let both = json!({"title": "t", "emails": [{"value": "n@x"}]});
    check_both(json!({}), add_all(both.clone()), both);
    check_both(
        json!({"title": "a", "nickName": "n"}),
        add_all(json!({"title": "b"})),
        json!({"title": "b", "nickName": "n"}),
    );
    check_both(
        json!({}),
        add_all(json!({"TITLE": "t"})),
        json!({"title": "t"}),
    );
    fails(json!({}), add_all("x"), "400 invalidSyntax");
    fails(json!({}), add_all(json!(["x"])), "400 invalidSyntax");
    fails(
        json!({}),
        add_all(json!({"active": "maybe"})),
        "400 invalidValue",
    );
}

#[test]
fn what_is_there_already_is_not_added_again() {
    changes_nothing(
        two_emails(),
        add("emails", json!([{"value": "w@x", "type": "work"}])),
    );
    changes_nothing(
        two_emails(),
        add(
            "emails",
            json!([{"type": "home", "value": "h@x"}, {"value": "w@x", "type": "work"}]),
        ),
    );
    changes_nothing(
        two_emails(),
        add_all(json!({"emails": [{"value": "w@x", "type": "work"}]})),
    );
    changes_nothing(json!({"title": "t"}), add("title", "t"));
    changes_nothing(json!({"active": true}), add("active", true));
    changes_nothing(named(), add("name", json!({"givenName": "Barbara"})));
    changes_nothing(named(), add_all(named()));
    let two =
        json!({"emails": [{"value": "w@x", "type": "work"}, {"value": "w@x", "type": "home"}]});
    let one = json!({"emails": [{"value": "w@x", "type": "work"}]});
    check_both(
        one,
        add("emails", json!([{"value": "w@x", "type": "home"}])),
        two,
    );
}

#[test]
fn a_value_path_selects_whom_to_add_to() {
    let shown = json!({"emails": [{"value": "w@x", "type": "work", "display": "W"}, {"value": "h@x", "type": "home"}]});
    check_both(
        two_emails(),
        add(r#"emails[type eq "work"].display"#, "W"),
        shown.clone(),
    );
    check_both(
        two_emails(),
        add(r#"emails[type eq "work"]"#, json!({"display": "W"})),
        shown,
    );
    let all = json!({"emails": [{"value": "w@x", "type": "work", "display": "A"}, {"value": "h@x", "type": "home", "display": "A"}]});
    check_both(two_emails(), add("emails[value pr].display", "A"), all);
}

#[test]
fn a_value_path_that_selects_nobody_makes_the_value_it_describes() {
    let made = json!({"emails": [{"type": "other", "value": "o@x"}]});
    check(
        json!({}),
        add(r#"emails[type eq "other"].value"#, "o@x"),
        made.clone(),
    );
    check(
        json!({}),
        add(r#"emails[type eq "other"]"#, json!({"value": "o@x"})),
        made,
    );
    let after = patched(
        &Sp::new(),
        two_emails(),
        add(
            r#"emails[type eq "other" and primary eq true].value"#,
            "o@x",
        ),
    );
    assert_eq!(
        after.json()["emails"][2],
        json!({"type": "other", "primary": true, "value": "o@x"})
    );
    fails_strictly(
        json!({}),
        add(r#"emails[type eq "other"].value"#, "o@x"),
        "400 noTarget",
    );
    fails_strictly(
        two_emails(),
        add(r#"emails[type eq "other"].value"#, "o@x"),
        "400 noTarget",
    );
}

#[test]
fn a_sub_attribute_of_a_list_without_filter_speaks_of_every_value() {
    let all = json!({"emails": [{"value": "w@x", "type": "z"}, {"value": "h@x", "type": "z"}]});
    check(two_emails(), add("emails.type", "z"), all.clone());
    check(two_emails(), replace("emails.type", "z"), all);
    check(
        two_emails(),
        remove("emails.type"),
        json!({"emails": [{"value": "w@x"}, {"value": "h@x"}]}),
    );
}

#[test]
fn there_must_be_a_value() {
    fails(
        json!({}),
        json!({"op": "add", "path": "title"}),
        "400 invalidValue",
    );
    fails(json!({}), add("title", Value::Null), "400 invalidValue");
    fails(json!({}), json!({"op": "add"}), "400 invalidValue");
    fails(json!({}), add("active", "maybe"), "400 invalidValue");
    fails(json!({}), add("title", 5), "400 invalidValue");
    fails(
        json!({}),
        add("title", json!({"a": "b"})),
        "400 invalidValue",
    );
    fails(json!({}), add("emails", "a@x"), "400 invalidValue");
    fails(json!({}), add("emails", json!(["a@x"])), "400 invalidValue");
    fails(json!({}), add("profileUrl", 1), "400 invalidValue");
    fails(
        json!({}),
        add("x509Certificates", json!([{"value": "!!"}])),
        "400 invalidValue",
    );
}

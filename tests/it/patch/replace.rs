//! `replace` (RFC 7644 section 3.5.2.3).

use super::*;

#[test]
fn a_single_value_is_replaced() {
    check_both(
        json!({"displayName": "A"}),
        replace("displayName", "N"),
        json!({"displayName": "N"}),
    );
    check_both(
        json!({"active": true}),
        replace("active", false),
        json!({"active": false}),
    );
    check_both(
        json!({}),
        replace("userName", "other"),
        json!({"userName": "other"}),
    );
    check_both(
        named(),
        replace("name.familyName", "X"),
        json!({"name": {"givenName": "Barbara", "familyName": "X"}}),
    );
}

#[test]
fn what_has_no_value_gets_one() {
    check_both(json!({}), replace("title", "t"), json!({"title": "t"}));
    check_both(
        json!({}),
        replace("name.givenName", "B"),
        json!({"name": {"givenName": "B"}}),
    );
    check_both(json!({}), replace("name", named()["name"].clone()), named());
    check_both(
        json!({}),
        replace("emails", two_emails()["emails"].clone()),
        two_emails(),
    );
    check_both(
        named(),
        replace("name.middleName", "J"),
        json!({"name": {"givenName": "Barbara", "familyName": "Jensen", "middleName": "J"}}),
    );
}

#[test]
fn a_list_is_replaced_whole() {
    check_both(
        two_emails(),
        replace("emails", json!([{"value": "n@x"}])),
        json!({"emails": [{"value": "n@x"}]}),
    );
    check_both(
        two_emails(),
        replace_all(json!({"emails": [{"value": "n@x"}]})),
        json!({"emails": [{"value": "n@x"}]}),
    );
    check(
        two_emails(),
        replace("emails", json!({"value": "n@x"})),
        json!({"emails": [{"value": "n@x"}]}),
    );
    fails_strictly(
        two_emails(),
        replace("emails", json!({"value": "n@x"})),
        "400 invalidValue",
    );
}

#[test]
fn sub_attributes_that_are_not_given_stay() {
    let expected = json!({"name": {"givenName": "B", "familyName": "Jensen"}});
    check_both(
        named(),
        replace("name", json!({"givenName": "B"})),
        expected.clone(),
    );
    check_both(
        named(),
        replace_all(json!({"name": {"givenName": "B"}})),
        expected,
    );
}

#[test]
fn without_a_path_the_value_names_the_attributes() {
    let start = json!({"title": "a", "nickName": "n"});
    check_both(
        start.clone(),
        replace_all(json!({"title": "b"})),
        json!({"title": "b", "nickName": "n"}),
    );
    check_both(
        start.clone(),
        replace_all(json!({"title": "b", "displayName": "D"})),
        json!({"title": "b", "nickName": "n", "displayName": "D"}),
    );
    fails(start.clone(), replace_all("x"), "400 invalidSyntax");
    fails(
        start,
        replace_all(json!([{"title": "b"}])),
        "400 invalidSyntax",
    );
}

#[test]
fn every_matching_value_is_replaced() {
    let start = json!({"addresses": [
        {"type": "work", "streetAddress": "1"}, {"type": "work", "streetAddress": "2", "region": "CA"}, {"type": "home", "streetAddress": "3"},
    ]});
    let expected = json!({"addresses": [
        {"type": "work", "streetAddress": "x"}, {"type": "work", "streetAddress": "x", "region": "CA"}, {"type": "home", "streetAddress": "3"},
    ]});
    check_both(
        start.clone(),
        replace(r#"addresses[type eq "work"].streetAddress"#, "x"),
        expected.clone(),
    );
    check(
        start,
        replace(
            r#"addresses[type eq "work"]"#,
            json!({"streetAddress": "x"}),
        ),
        expected,
    );
}

#[test]
fn a_value_path_takes_the_new_value_of_one() {
    let expected =
        json!({"emails": [{"value": "n@x", "type": "work"}, {"value": "h@x", "type": "home"}]});
    check_both(
        two_emails(),
        replace(r#"emails[type eq "work"].value"#, "n@x"),
        expected.clone(),
    );
    check_both(
        two_emails(),
        replace(
            r#"emails[type eq "work"]"#,
            json!({"value": "n@x", "type": "work"}),
        ),
        expected,
    );
    let typed =
        json!({"emails": [{"value": "w@x", "type": "other"}, {"value": "h@x", "type": "home"}]});
    check_both(
        two_emails(),
        replace(r#"emails[value eq "w@x"].type"#, "other"),
        typed,
    );
}

#[test]
fn a_value_path_that_selects_nobody_has_no_target() {
    fails(
        two_emails(),
        replace(r#"emails[type eq "other"].value"#, "o@x"),
        "400 noTarget",
    );
    fails(
        two_emails(),
        replace(r#"emails[type eq "other"]"#, json!({"value": "o@x"})),
        "400 noTarget",
    );
    fails(
        json!({}),
        replace(r#"emails[type eq "work"].value"#, "o@x"),
        "400 noTarget",
    );
    fails(
        json!({}),
        replace(r#"addresses[type eq "work"]"#, json!({"region": "CA"})),
        "400 noTarget",
    );
}

#[test]
fn a_value_that_a_filter_does_not_describe_is_not_made() {
    for filter in [
        r#"type ne "work""#,
        r#"type eq "a" or type eq "b""#,
        "region pr",
    ] {
        let path = format!("addresses[{filter}].region");
        fails(json!({}), replace(&path, "CA"), "400 noTarget");
        fails(json!({}), add(&path, "CA"), "400 noTarget");
    }
}

#[test]
fn null_and_the_empty_list_unassign() {
    check(
        json!({"title": "t"}),
        replace("title", Value::Null),
        json!({}),
    );
    check(two_emails(), replace("emails", json!([])), json!({}));
    check(two_emails(), replace("emails", Value::Null), json!({}));
    check(
        named(),
        replace("name.givenName", Value::Null),
        json!({"name": {"familyName": "Jensen"}}),
    );
    check(
        json!({"title": "t", "nickName": "n"}),
        replace_all(json!({"title": null})),
        json!({"nickName": "n"}),
    );
    changes_nothing(json!({}), replace("title", Value::Null));
}

/// "Sub-attributes that are not specified SHALL be left unchanged": null beside nothing else names one, too.
#[test]
fn null_unassigns_the_part_that_it_stands_for() {
    let family = json!({"name": {"familyName": "Jensen"}});
    let null = json!({"givenName": null});
    check_both(named(), replace("name", null.clone()), family.clone());
    check_both(named(), add("name", null.clone()), family.clone());
    check_both(named(), replace_all(json!({"name": null})), json!({}));
    check_both(
        named(),
        replace_all(json!({"name": {"givenName": null}})),
        family,
    );
    let nobody = json!({"givenName": null, "familyName": null});
    check_both(named(), replace("name", nobody), json!({}));
    check_both(
        two_emails(),
        replace(r#"emails[value eq "h@x"]"#, json!({"type": null})),
        json!({"emails": [two_emails()["emails"][0], {"value": "h@x"}]}),
    );
}

#[test]
fn there_must_be_a_value_and_it_must_fit() {
    fails(
        json!({}),
        json!({"op": "replace", "path": "title"}),
        "400 invalidValue",
    );
    fails(json!({}), json!({"op": "replace"}), "400 invalidValue");
    fails(json!({}), replace("active", "maybe"), "400 invalidValue");
    fails(json!({}), replace("title", 5), "400 invalidValue");
    fails(
        json!({}),
        replace("title", json!(["a", "b"])),
        "400 invalidValue",
    );
    fails(
        named(),
        replace("name.givenName", json!({"a": 1})),
        "400 invalidValue",
    );
    fails(two_emails(), replace("emails", "w@x"), "400 invalidValue");
    fails(
        two_emails(),
        replace(r#"emails[type eq "work"].value"#, 5),
        "400 invalidValue",
    );
    fails(
        two_emails(),
        replace(r#"emails[type eq "work"]"#, "w@x"),
        "400 invalidValue",
    );
    fails(
        two_emails(),
        replace(r#"emails[type eq "work"].primary"#, "perhaps"),
        "400 invalidValue",
    );
}

#[test]
fn what_is_the_same_already_changes_nothing() {
    changes_nothing(json!({"title": "t"}), replace("title", "t"));
    changes_nothing(json!({"active": false}), replace("active", false));
    changes_nothing(named(), replace("name", json!({"givenName": "Barbara"})));
    changes_nothing(
        two_emails(),
        replace("emails", two_emails()["emails"].clone()),
    );
    changes_nothing(
        two_emails(),
        replace(r#"emails[type eq "work"].value"#, "w@x"),
    );
    changes_nothing(
        json!({"title": "t"}),
        json!([replace("title", "t"), add("title", "t"), remove("nickName")]),
    );
}

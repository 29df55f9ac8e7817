//! `remove` (RFC 7644 section 3.5.2.2).

use super::*;

#[test]
fn without_a_path_there_is_no_target() {
    fails(
        json!({"title": "t"}),
        json!({"op": "remove"}),
        "400 noTarget",
    );
    fails_strictly(
        json!({"title": "t"}),
        json!({"op": "remove", "value": {"title": "t"}}),
        "400 noTarget",
    );
}

#[test]
fn a_single_value_is_unassigned() {
    check_both(
        json!({"title": "t", "nickName": "n"}),
        remove("title"),
        json!({"nickName": "n"}),
    );
    check_both(json!({"active": true}), remove("active"), json!({}));
    check_both(named(), remove("name"), json!({}));
    check_both(
        named(),
        remove("name.givenName"),
        json!({"name": {"familyName": "Jensen"}}),
    );
    check_both(json!({"externalId": "x"}), remove("externalId"), json!({}));
}

#[test]
fn the_last_sub_attribute_takes_its_parent_along() {
    check_both(
        json!({"name": {"givenName": "B"}}),
        remove("name.givenName"),
        json!({}),
    );
    check_both(
        named(),
        json!([remove("name.givenName"), remove("name.familyName")]),
        json!({}),
    );
}

#[test]
fn a_list_without_filter_goes_whole() {
    check_both(two_emails(), remove("emails"), json!({}));
    check_both(
        json!({"roles": [{"value": "a"}], "title": "t"}),
        remove("roles"),
        json!({"title": "t"}),
    );
}

#[test]
fn a_filter_selects_what_goes() {
    let home = json!({"emails": [{"value": "h@x", "type": "home"}]});
    check_both(
        two_emails(),
        remove(r#"emails[type eq "work"]"#),
        home.clone(),
    );
    check_both(
        two_emails(),
        remove(r#"emails[value eq "w@x"]"#),
        home.clone(),
    );
    check_both(
        two_emails(),
        remove(r#"emails[type eq "work" and value ew "x"]"#),
        home.clone(),
    );
    check_both(
        two_emails(),
        remove(r#"emails[not (type eq "home")]"#),
        home.clone(),
    );
    check_both(two_emails(), remove(r#"emails[type ne "home"]"#), home);
    check_both(two_emails(), remove("emails[value pr]"), json!({}));
    check_both(
        two_emails(),
        remove(r#"emails[type eq "work" or type eq "home"]"#),
        json!({}),
    );
}

#[test]
fn when_none_remain_the_attribute_is_unassigned() {
    let one = json!({"emails": [{"value": "w@x"}]});
    let after = patched(&Sp::new(), one, remove(r#"emails[value eq "w@x"]"#));
    assert_eq!(after.json().get("emails"), None);
}

#[test]
fn a_sub_attribute_goes_from_each_match() {
    let start = json!({"emails": [{"value": "w@x", "type": "work", "display": "W"}, {"value": "h@x", "type": "home", "display": "H"}]});
    let one = json!({"emails": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home", "display": "H"}]});
    check_both(
        start.clone(),
        remove(r#"emails[type eq "work"].display"#),
        one,
    );
    check_both(
        start.clone(),
        remove("emails[value pr].display"),
        two_emails(),
    );
    check(start, remove("emails.display"), two_emails());
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    changes_nothing(json!({}), remove("title"));
    changes_nothing(json!({}), remove("name.givenName"));
    changes_nothing(named(), remove("name.middleName"));
    changes_nothing(json!({}), remove("emails"));
    changes_nothing(two_emails(), remove(r#"emails[type eq "fax"]"#));
    changes_nothing(two_emails(), remove(r#"emails[type eq "fax"].display"#));
    changes_nothing(two_emails(), remove(r#"emails[type eq "work"].display"#));
    changes_nothing(json!({}), remove(r#"emails[type eq "fax"]"#));
}

#[test]
fn remove_then_add_exchanges_a_value() {
    let operations = json!([
        remove(r#"emails[type eq "work"]"#),
        add("emails", json!([{"value": "n@x", "type": "work"}]))
    ]);
    check_both(
        two_emails(),
        operations,
        json!({"emails": [{"value": "h@x", "type": "home"}, {"value": "n@x", "type": "work"}]}),
    );
}

#[test]
fn values_beside_the_path_select_what_goes() {
    let by_value = |value: Value| json!({"op": "remove", "path": "emails", "value": value});
    let home = json!({"emails": [{"value": "h@x", "type": "home"}]});
    check(
        two_emails(),
        by_value(json!([{"value": "w@x"}])),
        home.clone(),
    );
    check(two_emails(), by_value(json!({"value": "w@x"})), home);
    check(
        two_emails(),
        by_value(json!([{"value": "w@x"}, {"value": "h@x"}])),
        json!({}),
    );
    changes_nothing(two_emails(), by_value(json!([{"value": "nobody"}])));
    fails_strictly(
        two_emails(),
        by_value(json!([{"value": "w@x"}])),
        "400 invalidValue",
    );
}

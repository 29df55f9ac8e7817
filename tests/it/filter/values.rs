//! Presence, absence, null and the complement (RFC 7643 section 2.5, RFC 7644 table 3).

use super::*;

#[test]
fn present_is_neither_empty_nor_null() {
    check_both("title pr", "U1");
    check_both("active pr", "U1 U2");
    check_both("name pr", "U1");
    check_both("name.givenName pr", "U1");
    check_both("name.middleName pr", "");
    check_both("emails pr", "U1");
    check_both("emails.value pr", "U1");
    check_both("emails.display pr", "");
    check_both("emails.primary pr", "U1");
    check_both("nickName pr", "");
    check_widget("xFlag pr", true);
    check_widget("xMV pr", true);
}

#[test]
fn what_holds_nothing_is_not_present() {
    let user = |attribute: &str, value: Value| json!({"userName": "p", attribute: value});
    check_user(user("name", json!({})), "name pr", false);
    check_user(user("name", json!({"givenName": null})), "name pr", false);
    check_user(user("name", Value::Null), "name pr", false);
    check_user(user("emails", json!([])), "emails pr", false);
    check_user(user("emails", json!([])), "emails.value pr", false);
    check_user(user("emails", json!([{}])), "emails pr", false);
    check_user(
        user("emails", json!([{"type": "work"}])),
        "emails.value pr",
        false,
    );
    check_user(user("emails", json!([{"type": "work"}])), "emails pr", true);
    check_user(user("nickName", json!("")), "nickName pr", false);
    check_user(user("title", Value::Null), "title pr", false);
    check_user(user("active", json!(false)), "active pr", true);
}

#[test]
fn not_equal_is_the_complement_of_equal() {
    check_both(r#"userName ne "bjensen""#, "U2");
    check_both(r#"title ne "Guide""#, "U2");
    check_both(r#"title ne "guide""#, "U2");
    check_both(r#"title ne "Other""#, "U1 U2");
    check_both(r#"emails.type ne "work""#, "U2");
    check_both(r#"emails.type ne "fax""#, "U1 U2");
    check_both(
        r#"schemas ne "urn:ietf:params:scim:schemas:core:2.0:User""#,
        "",
    );
    check_both(r#"name.givenName ne "Barbara""#, "U2");
    check_both(r#"not (title ne "Guide")"#, "U1");
    check_widget(r#"xMV ne "a""#, false);
    check_widget(r#"xMV ne "c""#, true);
    check_widget("xInt ne 8", true);
}

#[test]
fn inside_a_bracket_not_equal_speaks_of_one_value() {
    check_both(r#"emails[type ne "work"]"#, "U1");
    check_both(r#"emails[type ne "work" and value co "work"]"#, "");
    check_both(r#"emails[display ne "x"]"#, "U1");
}

#[test]
fn null_stands_for_unassigned() {
    check_both("title eq null", "U2");
    check_both("title ne null", "U1");
    check_both("name.middleName eq null", "U1 U2");
    check_both("name.givenName eq null", "U2");
    check_both("active eq null", "");
    check_both("emails.value eq null", "U2");
    check_both("emails.value ne null", "U1");
    check_both("meta.created ne null", "U1 U2");
    check_both("emails[display eq null]", "U1");
    check_both(r#"emails[display eq null and type eq "fax"]"#, "");
    check_widget("xInt ne null", true);
    check_widget("xInt eq null", false);
}

#[test]
fn nothing_is_ordered_or_compared_by_parts_with_null() {
    // AMB-20: an ordering with null never matches; a refusal would be no less right.
    for operator in ["gt", "ge", "lt", "le"] {
        check(&format!("title {operator} null"), "");
    }
}

#[test]
fn an_absent_primary_is_false_and_no_other_boolean_is() {
    check_both("emails[primary eq false]", "U1");
    check_both(r#"emails[primary eq false and type eq "home"]"#, "U1");
    check_both(r#"emails[primary eq false and type eq "work"]"#, "");
    check_both("emails[primary ne true]", "U1");
    check_both(r#"emails[not (primary eq true) and type eq "work"]"#, "");
    check_user(json!({"userName": "a"}), "active eq false", false);
    check_user(json!({"userName": "a"}), "active eq true", false);
    check_user(json!({"userName": "a"}), "active ne true", true);
    check_user(json!({"userName": "a"}), "emails[primary eq false]", false);
}

#[test]
fn what_is_unassigned_satisfies_only_the_negative() {
    for operator in ["eq", "co", "sw", "ew", "gt", "ge", "lt", "le"] {
        let text = format!("nickName {operator} \"a\"");
        check_both(&text, "");
        check_both(&format!("not ({text})"), "U1 U2");
    }
}

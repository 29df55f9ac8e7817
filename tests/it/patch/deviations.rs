//! What large clients send beside the letter, and what a lenient provider makes of it.

use super::*;

#[test]
fn booleans_as_strings() {
    check(
        json!({"active": true}),
        replace("active", "False"),
        json!({"active": false}),
    );
    check(
        json!({"active": false}),
        replace("active", "True"),
        json!({"active": true}),
    );
    check(json!({}), add("active", "true"), json!({"active": true}));
    check(
        json!({"active": true}),
        replace_all(json!({"active": "False"})),
        json!({"active": false}),
    );
    fails_strictly(
        json!({"active": true}),
        replace("active", "False"),
        "400 invalidValue",
    );
}

#[test]
fn string_booleans_in_a_path_filter() {
    let start = json!({"roles": [{"value": "a", "primary": true}, {"value": "b"}]});
    let expected = json!({"roles": [{"value": "c", "primary": true}, {"value": "b"}]});
    check(
        start.clone(),
        replace(r#"roles[primary eq "True"].value"#, "c"),
        expected,
    );
    fails_strictly(
        start,
        replace(r#"roles[primary eq "True"].value"#, "c"),
        "400 invalidFilter",
    );
}

#[test]
fn a_simple_value_wrapped_as_a_list() {
    check(
        json!({"active": true}),
        replace("active", json!([{"value": "False"}])),
        json!({"active": false}),
    );
    check(
        json!({}),
        add("title", json!([{"value": "t"}])),
        json!({"title": "t"}),
    );
    fails_strictly(
        json!({"active": true}),
        replace("active", json!([{"value": "False"}])),
        "400 invalidValue",
    );
}

#[test]
fn keys_that_are_paths() {
    let expected = json!({"name": {"givenName": "K"}, ENTERPRISE: {"employeeNumber": "7"}});
    let value = json!({"name.givenName": "K", (format!("{ENTERPRISE}:employeeNumber")): "7"});
    check(json!({}), replace_all(value.clone()), expected.clone());
    check(json!({}), add_all(value), expected);
    let merged = json!({"name": {"givenName": "K", "familyName": "Jensen"}});
    check(named(), replace_all(json!({"name.givenName": "K"})), merged);
    check(
        two_emails(),
        replace_all(json!({"emails[type eq \"work\"].value": "n@x"})),
        json!({"emails": [{"value": "n@x", "type": "work"}, {"value": "h@x", "type": "home"}]}),
    );
}

#[test]
fn an_extension_path_with_a_dot() {
    check(
        json!({}),
        add(&format!("{ENTERPRISE}.department"), "IT"),
        json!({ENTERPRISE: {"department": "IT"}}),
    );
    fails_strictly(
        json!({}),
        add(&format!("{ENTERPRISE}.department"), "IT"),
        "400 invalidPath",
    );
}

#[test]
fn deactivation_without_a_path() {
    check_both(
        json!({"active": true}),
        replace_all(json!({"active": false})),
        json!({"active": false}),
    );
}

#[test]
fn unknown_attributes_without_a_path_are_passed_over() {
    check(
        json!({}),
        add_all(json!({"title": "t", "nope": "x"})),
        json!({"title": "t"}),
    );
    fails_strictly(
        json!({}),
        add_all(json!({"title": "t", "nope": "x"})),
        "400 invalidSyntax",
    );
}

#[test]
fn json_in_a_string_is_a_string() {
    fails(
        named(),
        replace("name", r#"{"givenName":"B"}"#),
        "400 invalidValue",
    );
}

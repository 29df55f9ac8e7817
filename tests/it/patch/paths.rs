//! Paths (RFC 7644 figure 7 and section 3.10): which name an attribute, and what is said of those that do not.

use super::*;

#[test]
fn names_are_compared_without_case_and_may_be_qualified() {
    let b = json!({"name": {"givenName": "B"}});
    check_both(json!({}), add("NAME.GIVENNAME", "B"), b.clone());
    check_both(
        json!({}),
        add(&format!("{USER}:name.givenName"), "B"),
        b.clone(),
    );
    check_both(
        json!({}),
        add(&format!("{}:name.givenName", USER.to_uppercase()), "B"),
        b,
    );
    check_both(
        json!({}),
        replace(&format!("{USER}:title"), "t"),
        json!({"title": "t"}),
    );
    check_both(
        two_emails(),
        remove(&format!("{USER}:emails[type eq \"work\"]")),
        json!({"emails": [{"value": "h@x", "type": "home"}]}),
    );
    check_both(
        two_emails(),
        remove(r#"EMAILS[TYPE EQ "WORK"]"#),
        json!({"emails": [{"value": "h@x", "type": "home"}]}),
    );
}

#[test]
fn a_malformed_path_is_invalid() {
    for path in [
        "a..b",
        "urn:x:",
        ".",
        "name.",
        ".name",
        "emails[0].value",
        "/emails/0",
        "/title",
        "emails[type]",
        "emails[]",
        r#"emails[type eq "work""#,
        r#"emails type eq "work"]"#,
        r#"emails[type eq "work"].a.b"#,
        r#"emails[type eq "work"]value"#,
        "title title",
        "na me",
        "name.givenName.x",
        "1title",
        "title eq \"t\"",
    ] {
        fails(two_emails(), replace(path, "x"), "400 invalidPath");
    }
}

#[test]
fn a_path_to_no_attribute_is_invalid() {
    for path in [
        "nope",
        "name.nope",
        "nope.givenName",
        r#"nope[type eq "work"]"#,
        r#"emails[type eq "work"].nope"#,
        "title.x",
        "members",
    ] {
        fails(two_emails(), replace(path, "x"), "400 invalidPath");
        fails(two_emails(), remove(path), "400 invalidPath");
    }
    fails(json!({}), add("urn:nowhere:title", "x"), "400 invalidPath");
    fails(
        json!({}),
        add(
            "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
            "x",
        ),
        "400 invalidPath",
    );
    fails(
        json!({}),
        add(&format!("{ENTERPRISE}:nope"), "x"),
        "400 invalidPath",
    );
    fails(
        json!({}),
        add(&format!("{USER}:department"), "x"),
        "400 invalidPath",
    );
}

#[test]
fn a_bad_filter_in_a_path_is_an_invalid_filter() {
    for path in [
        r#"emails[type zz "work"]"#,
        "emails[primary gt true]",
        r#"emails[nope eq "x"]"#,
        r"emails[type eq work]",
        r#"emails[type eq "work" and]"#,
        r#"emails[not type eq "work"]"#,
        r#"emails[type eq "w" and emails[type eq "h"]]"#,
        "x509Certificates[value lt \"A\"]",
    ] {
        fails(two_emails(), remove(path), "400 invalidFilter");
    }
}

#[test]
fn an_empty_path_is_no_path() {
    check(
        json!({}),
        add("", json!({"title": "t"})),
        json!({"title": "t"}),
    );
    check(
        json!({}),
        replace("", json!({"title": "t"})),
        json!({"title": "t"}),
    );
    fails(json!({"title": "t"}), remove(""), "400 noTarget");
}

#[test]
fn a_bracket_in_a_string_does_not_end_the_filter() {
    let start =
        json!({"emails": [{"value": "a]b", "type": "work"}, {"value": "c[d", "type": "home"}]});
    check_both(
        start.clone(),
        remove(r#"emails[value eq "a]b"]"#),
        json!({"emails": [{"value": "c[d", "type": "home"}]}),
    );
    check_both(
        start,
        replace(r#"emails[value eq "c[d"].type"#, "x"),
        json!({"emails": [{"value": "a]b", "type": "work"}, {"value": "c[d", "type": "x"}]}),
    );
}

#[test]
fn a_path_filter_that_matches_many_changes_them_all() {
    let start = json!({"roles": [{"value": "a", "type": "x"}, {"value": "b", "type": "x"}, {"value": "c", "type": "x"}]});
    let expected = json!({"roles": [{"value": "a", "type": "y"}, {"value": "b", "type": "y"}, {"value": "c", "type": "y"}]});
    check_both(start, replace(r#"roles[type eq "x"].type"#, "y"), expected);
}

#[test]
fn a_missing_primary_counts_as_false_in_a_path() {
    let start = json!({"emails": [{"value": "w@x", "primary": true}, {"value": "h@x"}]});
    check_both(
        start,
        remove("emails[primary eq false]"),
        json!({"emails": [{"value": "w@x", "primary": true}]}),
    );
}

//! `and`, `or`, `not` and grouping (RFC 7644 tables 4 and 5).

use super::*;

#[test]
fn both_either_neither() {
    check_both("title pr and active eq true", "U1");
    check_both("title pr and active eq false", "");
    check_both(r#"userName eq "jsmith" or title pr"#, "U1 U2");
    check_both(r#"userName eq "x" or userName eq "y""#, "");
    check_both("not (title pr)", "U2");
    check_both(r#"not (title eq "Guide")"#, "U2");
    check_both(r#"not (userName eq "x")"#, "U1 U2");
    check_both("not (not (title pr))", "U1");
    check_both("not (title pr or active eq false)", "");
    check_both("not (title pr and active eq false)", "U1 U2");
    check_both("(title pr)", "U1");
    check_both("((title pr))", "U1");
}

#[test]
fn not_needs_its_parentheses_and_no_space() {
    check_both("not(title pr)", "U2");
    check_both("not (title pr)", "U2");
    check_both("NOT(title pr) AND active eq false", "U2");
    check_both("title pr and not (active eq false)", "U1");
    check_both("title pr and not(active eq false)", "U1");
    refused("not title pr");
    refused("not title pr and active pr");
}

#[test]
fn and_binds_tighter_than_or() {
    check_both(
        r#"userName eq "jsmith" or userName eq "bjensen" and active eq true"#,
        "U1 U2",
    );
    check_both(
        r#"(userName eq "jsmith" or userName eq "bjensen") and active eq true"#,
        "U1",
    );
    check_both(
        r#"active eq true and userName eq "bjensen" or userName eq "jsmith""#,
        "U1 U2",
    );
    check_both(
        r#"active eq true and (userName eq "bjensen" or userName eq "jsmith")"#,
        "U1",
    );
    check_both("title pr or active eq false and title pr", "U1");
    check_both("title pr and active eq false or title pr", "U1");
    check_both("active eq false and title pr or active eq false", "U2");
}

#[test]
fn not_binds_tighter_than_and() {
    check_both("not (title pr) and active eq false", "U2");
    check_both("not (title pr) and active eq true", "");
    check_both("not (title pr) or active eq true", "U1 U2");
    check_both(
        "not (title pr and active eq true) and active eq false",
        "U2",
    );
}

#[test]
fn many_terms_hold_together() {
    check_both(
        r#"userName eq "a" or userName eq "b" or userName eq "jsmith""#,
        "U2",
    );
    check_both("title pr and active pr and userName pr and emails pr", "U1");
    check_both(
        r#"(title pr and (active eq true and (emails.type eq "home" and (name pr))))"#,
        "U1",
    );
}

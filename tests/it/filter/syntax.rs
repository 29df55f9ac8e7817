//! The grammar of RFC 7644 figure 1: what is read, how it is printed, what is refused.

use super::*;

#[track_caller]
fn prints(text: &str, expected: &str) {
    let filter =
        Filter::parse(text, Reading::LENIENT).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(filter.to_string(), expected, "{text}");
    let again = Filter::parse(expected, Reading::STRICT)
        .unwrap_or_else(|error| panic!("{expected}: {error:?}"));
    assert_eq!(again, filter, "the printed form of {text} says the same");
}

#[test]
fn the_printed_form_is_the_letter_of_the_grammar() {
    prints("title pr", "title pr");
    prints("title PR", "title pr");
    prints(r#"userName EQ "A""#, r#"userName eq "A""#);
    prints(r#"  userName   eq	"A"  "#, r#"userName eq "A""#);
    prints("active eq TRUE", "active eq true");
    prints("title eq null", "title eq null");
    prints("xInt ge -1", "xInt ge -1");
    prints("xDec lt 1.5", "xDec lt 1.5");
    prints("not(title pr)", "not (title pr)");
    prints("not (title pr)", "not (title pr)");
    prints("NOT (title pr)", "not (title pr)");
    prints("(title pr)", "title pr");
    prints("((title pr))", "title pr");
    prints("a pr and b pr and c pr", "a pr and b pr and c pr");
    prints("a pr or b pr or c pr", "a pr or b pr or c pr");
    prints("a pr OR b pr AND c pr", "a pr or b pr and c pr");
    prints("(a pr or b pr) and c pr", "(a pr or b pr) and c pr");
    prints("a pr or (b pr and c pr)", "a pr or b pr and c pr");
    prints("not (a pr or b pr) and c pr", "not (a pr or b pr) and c pr");
    prints("not (not (a pr))", "not (not (a pr))");
    prints(r#"emails[type eq "work"]"#, r#"emails[type eq "work"]"#);
    prints(r#"emails[ type eq "work" ]"#, r#"emails[type eq "work"]"#);
    prints(
        r#"emails[type eq "a" or not (value pr)]"#,
        r#"emails[type eq "a" or not (value pr)]"#,
    );
    prints(
        r#"urn:x:2.0:User:manager.value eq "U2""#,
        r#"urn:x:2.0:User:manager.value eq "U2""#,
    );
    prints(r#"title eq "a\"b\\cé\n""#, r#"title eq "a\"b\\cé\n""#);
    prints(r#"title eq "\u00e9\/""#, r#"title eq "é/""#);
    prints(r#"members[$ref eq "x"]"#, r#"members[$ref eq "x"]"#);
    prints("ORDER pr", "ORDER pr");
}

#[test]
fn what_the_grammar_does_not_generate_is_refused() {
    for text in [
        "",
        " ",
        "userName",
        "eq",
        "userName eq",
        r#"userName "x""#,
        r#""bjensen" eq userName"#,
        r#"eq "x""#,
        "pr",
        "not title pr",
        "not",
        "not ()",
        "()",
        "(",
        ")",
        "(title pr",
        "title pr)",
        "title pr and",
        "and title pr",
        "title pr or",
        "or title pr",
        "title pr and and title pr",
        "title pr title pr",
        "title pr not (title pr)",
        r#"title pr "x""#,
        r#"userName eq "x"#,
        r#"userName eq x""#,
        r#"userName eq "x" "y""#,
        r#"userName eq "\x""#,
        r#"userName eq "\u12""#,
        "userName eq bjensen",
        "userName = \"x\"",
        "userName == \"x\"",
        "active eq yes",
        "title eq undefined",
        "title eq {}",
        "title eq []",
        "title eq [\"a\"]",
        "userName eq title",
        r#"a.b.c eq "x""#,
        r#".userName eq "x""#,
        r#"userName. eq "x""#,
        r#"1abc eq "x""#,
        r#"user/name eq "x""#,
        r#"-a eq "x""#,
        r#":userName eq "x""#,
        r#"urn:: eq "x""#,
        "emails[]",
        "emails[",
        "emails]",
        r#"emails[type eq "work""#,
        r#"emails type eq "work"]"#,
        r#"emails[type eq "work"]]"#,
        r#"[type eq "work"]"#,
        r#"emails[[type eq "work"]]"#,
        r#"emails[type eq "w" and emails[type eq "h"]]"#,
        r#"emails.type[type eq "work"]"#,
        r#"emails[type eq "work"] pr"#,
        r#"emails[type eq "work"] eq "x""#,
        "title pr & title pr",
        "title pr && title pr",
        "title pr; title pr",
        "title pr,",
    ] {
        refused(text);
    }
}

#[test]
fn numbers_are_those_of_json() {
    for text in [
        "xInt eq 01",
        "xInt eq +1",
        "xInt eq .5",
        "xInt eq 5.",
        "xInt eq 1e",
        "xInt eq 0x10",
        "xInt eq --1",
        "xInt eq NaN",
        "xInt eq 1 2",
    ] {
        refused_for_widgets(text);
    }
}

#[test]
fn an_operator_that_is_not_known_is_named() {
    let error = Filter::parse(r#"userName regex "b.*""#, Reading::LENIENT)
        .expect_err("`regex` is no operator");
    assert_eq!(error.kind, ErrorKind::InvalidFilter);
    assert!(error.detail.contains("regex"), "{}", error.detail);
    for operator in [
        "like",
        "contains",
        "neq",
        "in",
        "eqq",
        "e",
        "startsWith",
        "is",
        "<",
        ">=",
    ] {
        refused(&format!("userName {operator} \"b\""));
    }
}

#[test]
fn white_space_is_one_space_by_the_letter_and_free_in_the_field() {
    for text in [
        r#"userName  eq "bjensen""#,
        r#"userName eq  "bjensen""#,
        "userName\teq\t\"bjensen\"",
        r#" userName eq "bjensen""#,
        r#"userName eq "bjensen" "#,
        r#"userName eq "bjensen"  and title pr"#,
        r#"( userName eq "bjensen" )"#,
        "userName eq\n\"bjensen\"",
    ] {
        check(text, "U1");
        refused_strictly(text);
    }
}

#[test]
fn literals_of_other_case_or_quotes_are_outside_the_grammar() {
    refused_strictly("active eq TRUE");
    refused_strictly("title eq NULL");
    refused_strictly("userName eq 'bjensen'");
    check("active eq TRUE", "U1");
    check("active eq False", "U2");
}

#[test]
fn size_and_depth_are_bounded() {
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    let negated = |depth: usize| format!("{}title pr{}", "not (".repeat(depth), ")".repeat(depth));
    check(&nested(10), "U1");
    check(&negated(4), "U1");
    refused(&nested(10_000));
    refused(&negated(10_000));
    refused(&"(".repeat(100_000));
    refused(&"not ".repeat(100_000));
    refused(&"emails[".repeat(100_000));
    refused(&format!("userName eq \"{}\"", "x".repeat(1 << 20)));
    refused(&vec!["title pr"; 200_000].join(" or "));
    check(&vec!["title pr"; 20].join(" and "), "U1");
}

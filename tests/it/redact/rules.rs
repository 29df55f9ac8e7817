//! Rules in `redact.ron`: what they change, and what is said of one that is wrong.

use super::{exchange, key, pairs, redacted};
use scimulate::exchange::redact::{Level, Redactor, Rules};
use scimulate::exchange::{Body, Exchange};
use scimulate::scenario;
use serde_json::{Value, json};
use std::path::Path;

fn rules(text: &str) -> Rules {
    let (rules, diagnostics) = scenario::redaction(Path::new("redact.ron"), text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    rules.unwrap()
}

fn with(level: Level, text: &str, exchange: Exchange) -> Exchange {
    redacted(&Redactor::new(level, Some(key()), rules(text)), exchange)
}

fn body(level: Level, text: &str, path: &str, body: Value) -> Value {
    match with(level, text, exchange("POST", path, body, Value::Null))
        .request
        .body
    {
        Body::Json(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_keeps_an_attribute_of_one_type() {
    let rules = r#"Redact(rules: [Keep("displayName", of: "Group"), Keep("groups.display"), Keep("title")])"#;
    let group = json!({"displayName": "Tour Guides", "title": "x"});
    assert_eq!(body(Level::Pii, rules, "/Groups", group.clone()), group);
    let user = body(
        Level::Pii,
        rules,
        "/Users",
        json!({"displayName": "Barbara", "groups": [{"display": "Tour Guides"}]}),
    );
    assert_ne!(user["displayName"], "Barbara");
    assert_eq!(user["groups"][0]["display"], "Tour Guides");
}

#[test]
fn a_rule_makes_a_secret_of_an_attribute_or_a_header_field_at_any_level() {
    let rules = r#"Redact(rules: [Secret("urn:x:Badge:pin"), Secret("urn:ietf:params:scim:schemas:core:2.0:User:nickName"),
        Header("x-tenant", Secret)])"#;
    for level in [Level::Secrets, Level::Pii] {
        let mut sent = exchange(
            "PATCH",
            "/Users/7",
            json!({"Operations": [
                {"op": "add", "value": {"urn:x:Badge": {"pin": 1234}, "nickName": "babs", "active": true}},
                {"op": "remove", "path": "urn:x:Badge:pin[value eq \"1234\"]"}]}),
            Value::Null,
        );
        sent.request.headers = pairs(&[("X-Tenant", "acme"), ("x-other", "acme")]);
        let after = with(level, rules, sent);
        let Body::Json(body) = &after.request.body else {
            panic!("JSON")
        };
        let added = &body["Operations"][0]["value"];
        assert!(
            added["urn:x:Badge"]["pin"]
                .as_str()
                .unwrap()
                .starts_with("{secret:secret:")
        );
        assert!(
            added["nickName"]
                .as_str()
                .unwrap()
                .starts_with("{secret:secret:")
        );
        assert!(!body.to_string().contains("1234"));
        assert!(after.request.headers[0].1.starts_with("{secret:secret:"));
        assert_eq!(after.request.headers[1].1, "acme");
        assert_eq!(with(level, rules, after.clone()), after);
    }
}

#[test]
fn a_rule_says_the_shape_of_a_pseudonym() {
    let rules = r#"Redact(rules: [Pseudonym("costCenter", as: Email), Pseudonym("note", as: Opaque),
        Pseudonym("locale"), Header("x-user", Pseudonym)])"#;
    let user = body(
        Level::Pii,
        rules,
        "/Users",
        json!({"costCenter": "bjensen", "note": "a b", "locale": "en"}),
    );
    assert!(user["costCenter"].as_str().unwrap().ends_with(".example"));
    assert!(user["note"].as_str().unwrap().starts_with("{personal:"));
    assert_ne!(user["locale"], "en");
    assert_eq!(body(Level::Pii, rules, "/Users", user.clone()), user);
}

#[track_caller]
fn check(text: &str, expected: &[(usize, usize, &str, &str)]) {
    let (rules, diagnostics) = scenario::redaction(Path::new("redact.ron"), text);
    let found: Vec<_> = diagnostics
        .iter()
        .map(|it| (it.line(), it.column(), it.title.as_str(), it.help.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert!(rules.is_none());
}

#[test]
fn a_rule_that_is_wrong_is_said_with_its_place_and_what_to_write() {
    check(
        "Redact(rules: [Kep(\"title\")])",
        &[(1, 16, "unknown name `Kep`", "did you mean `Keep`?")],
    );
    check(
        "Redact(\n  rules: [\n    Pseudonym(\"a\", as: Mail),\n    Keep(7),\n  ],\n)",
        &[
            (3, 24, "unknown name `Mail`", "did you mean `Email`?"),
            (
                4,
                10,
                "expected a string, found a number",
                r#"write `Keep("displayName", of: "Group")`"#,
            ),
        ],
    );
    check(
        "Redact(rule: [])",
        &[(
            1,
            8,
            "unknown field `rule` in `Redact`",
            "did you mean `rules`?",
        )],
    );
    check(
        "Redact(rules: [Header(\"a b\", Secret), Header(\"a\"), Keep(\"a b\")])",
        &[
            (
                1,
                23,
                "expected the name of a header field",
                r#"write `Header("x-tenant", Secret)`"#,
            ),
            (
                1,
                39,
                "`Header` is written otherwise",
                r#"write `Header("x-tenant", Secret)`"#,
            ),
            (
                1,
                57,
                "expected an attribute",
                r#"write `Keep("displayName", of: "Group")`"#,
            ),
        ],
    );
    check(
        "Redact(rules: [Keep(\"a\", off: \"User\")])",
        &[(1, 26, "unknown field `off` in `Keep`", "did you mean `of`?")],
    );
}

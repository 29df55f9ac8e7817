//! What is left is found, plain and encoded, with its place and its kind, and what may stay is not.

use super::{KEY, exchange, key, redacted};
use scimulate::exchange::file;
use scimulate::exchange::redact::check::{Needles, suspicious, unredacted};
use scimulate::exchange::redact::{Key, Level, Redactor, Rules};
use serde_json::{Value, json};

fn redactor(level: Level, key: Option<Key>) -> Redactor {
    Redactor::new(level, key, Rules::default())
}

#[track_caller]
fn check(level: Level, text: &str, expected: &[(usize, usize, &str)]) {
    let found = suspicious(text, &redactor(level, Some(key())));
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.line, it.column, it.kind.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_looks_like_a_credential_is_found() {
    let secrets =
        |text: &str, expected: &[(usize, usize, &str)]| check(Level::Secrets, text, expected);
    secrets("a\n  Bearer t0ken99", &[(2, 3, "bearer token")]);
    secrets("\u{e9} basic YTpiYzEyMw==", &[(1, 3, "basic credentials")]);
    secrets(
        "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        &[(1, 3, "JSON Web Token")],
    );
    secrets("-----BEGIN PRIVATE KEY-----", &[(1, 1, "PEM block")]);
    secrets("q=Bearer%20t0ken99", &[(1, 1, "bearer token, URL-encoded")]);
    // `{"authorization": "Bearer t0ken99"}`
    secrets(
        "\"eyJhdXRob3JpemF0aW9uIjogIkJlYXJlciB0MGtlbjk5In0=\"",
        &[(1, 2, "bearer token in base64")],
    );
    for clean in [
        "Bearer {secret:bearer:1a2b3c4d}",
        "Bearer realm=\"scim2\"",
        "a bearer token or basic credentials",
        "2819c223-7f76-453a-919d-413861904646",
        "bjensen@example.com",
    ] {
        secrets(clean, &[]);
    }
}

#[test]
fn where_people_were_replaced_a_mail_address_is_found() {
    let pii = |text: &str, expected: &[(usize, usize, &str)]| check(Level::Pii, text, expected);
    pii("to bjensen@example.com.", &[(1, 4, "mail address")]);
    pii(
        "/Users/bjensen%40example.com",
        &[(1, 1, "mail address, URL-encoded")],
    );
    // `bjensen@example.com`
    pii(
        "YmplbnNlbkBleGFtcGxlLmNvbQ==",
        &[(1, 1, "mail address in base64")],
    );
    let pseudonym = super::user("userName", "bjensen@example.com");
    pii(&pseudonym.to_string(), &[]);
    pii("see @scim, W/\"1@2\", a@b", &[]);
}

#[test]
fn what_redaction_would_change_is_found_at_its_place_in_the_file() {
    let sent = exchange(
        "POST",
        "/Users",
        json!({"userName": "bjensen", "password": "t1meMa$heen"}),
        Value::Null,
    );
    let text = file::print(&sent).replace("      \"userName\"", "\n\n   \"userName\"");
    let leaks = |level| unredacted(&text, &redactor(level, Some(key()))).unwrap();
    let places = |level| -> Vec<_> {
        leaks(level)
            .iter()
            .map(|it| {
                (
                    text.lines().nth(it.line - 1).unwrap().trim().to_owned(),
                    it.kind.clone(),
                )
            })
            .collect()
    };
    let password = (
        "\"password\": \"t1meMa$heen\"".to_owned(),
        "secret (password)".to_owned(),
    );
    assert_eq!(places(Level::Secrets), std::slice::from_ref(&password));
    assert_eq!(
        places(Level::Pii),
        [
            (
                "\"userName\": \"bjensen\",".to_owned(),
                "personal value".to_owned()
            ),
            password
        ]
    );
    assert!(!format!("{:?}", leaks(Level::Pii)).contains("jensen"));
}

#[test]
fn pseudonyms_are_known_with_the_key_and_without_it() {
    let user = json!({"userName": "bjensen@example.com", "displayName": "Barbara Jensen", "age": 30, "birthDate": "1969-12-31",
        "phoneNumbers": [{"value": "555-0123"}], "password": "x", "externalId": "0f3c1b52-8a2d-4a0e-9d5e-0a8f5b0a7c11",
        "profileUrl": "https://example.com/b", "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEF"}]});
    let text = file::print(&redacted(
        &super::pii(),
        exchange("POST", "/Users", user, Value::Null),
    ));
    for known in [Some(Key::new(KEY).unwrap()), None] {
        assert_eq!(unredacted(&text, &redactor(Level::Pii, known)).unwrap(), []);
    }
    let another = Key::new("another key for tests").unwrap();
    assert!(
        !unredacted(&text, &redactor(Level::Pii, Some(another)))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_given_value_is_found_in_every_encoding() {
    let needles = Needles::of("J\u{f6}rg O'Neil+1@x.org\n\nab\n");
    assert_eq!((needles.values, needles.short), (1, 1));
    let check = |text: &str, kind: Option<&str>| {
        let found = needles.find(text);
        assert_eq!(found.first().map(|it| it.kind.as_str()), kind, "{text}");
    };
    check("x J\u{d6}RG o'neil+1@x.org", Some("a given value"));
    check("J\\u00f6rg O'Neil+1@x.org", Some("a given value, escaped"));
    check(
        "j%C3%B6rg%20O%27Neil%2b1%40x.org",
        Some("a given value, URL-encoded"),
    );
    check(
        "J%C3%B6rg+O%27Neil%2B1%40x.org",
        Some("a given value, URL-encoded"),
    );
    for before in ["", "1", "12"] {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let encoded = BASE64_STANDARD.encode(format!("{before}J\u{f6}rg O'Neil+1@x.org, and more"));
        check(&encoded, Some("a given value in base64"));
    }
    check("J\u{f6}rg", None);
    check("ab", None);
}

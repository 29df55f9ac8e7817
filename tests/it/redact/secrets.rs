//! A secret leaves what it was, and a tag that only the key can make.

use super::{exchange, key, pairs, redacted};
use scimulate::exchange::redact::{Level, Redactor, Rules, alike};
use scimulate::exchange::{Body, file};
use serde_json::{Value, json};

fn redactor() -> Redactor {
    Redactor::new(Level::Secrets, Some(key()), Rules::default())
}

fn header(name: &str, value: &str) -> String {
    let mut sent = exchange("GET", "/Users", Value::Null, Value::Null);
    sent.request.headers = pairs(&[(name, value)]);
    redacted(&redactor(), sent).request.headers[0].1.clone()
}

#[test]
fn a_secret_leaves_its_kind_and_a_tag() {
    let check = |name: &str, value: &str, head: &str| {
        let after = header(name, value);
        let tag = after.strip_prefix(head).and_then(|it| it.strip_suffix('}'));
        let is_tag = |tag: &str| tag.len() == 8 && tag.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(tag.is_some_and(is_tag), "{name}: {after}");
        assert_eq!(header(name, &after), after, "redacted again");
    };
    check("authorization", "Bearer abc", "Bearer {secret:bearer:");
    check("authorization", "Basic YTpi", "Basic {secret:basic:");
    check("authorization", "abc", "{secret:token:");
    check("cookie", "a=b", "a={secret:cookie:");
    check("x-api-key", "k", "{secret:key:");
    check("x-vault-client-secret", "k", "{secret:secret:");
    check("x-amz-security-token", "k", "{secret:token:");
    check(
        "x-echo",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "{secret:jwt:",
    );
    check(
        "referer",
        "http://h/cb?password=x",
        "http://h/cb?password={secret:password:",
    );
}

#[test]
fn the_same_secret_leaves_the_same_tag_wherever_it_stands() {
    let tag = |text: &str| text.rsplit(':').next().unwrap().to_owned();
    let token = header("authorization", "Bearer t0ken-of-1");
    assert_eq!(tag(&token), tag(&header("x-auth-token", "t0ken-of-1")));
    assert_ne!(
        tag(&token),
        tag(&header("authorization", "Bearer t0ken-of-2"))
    );
}

#[test]
fn a_secret_that_comes_back_leaves_the_placeholder_of_the_first() {
    let mut sent = exchange(
        "POST",
        "/Users",
        json!({"password": "t1meMa$heen"}),
        json!({"detail": "not t1meMa$heen"}),
    );
    redactor().exchange(&mut sent);
    let Body::Json(request) = &sent.request.body else {
        panic!("JSON")
    };
    let Body::Json(answer) = &sent.response.body else {
        panic!("JSON")
    };
    assert_eq!(
        answer["detail"],
        format!("not {}", request["password"].as_str().unwrap())
    );
}

#[test]
fn what_a_schema_never_returns_is_a_secret() {
    let redactor = redactor();
    let schema = json!({"id": "urn:x:Badge", "attributes": [{"name": "pin", "type": "string", "returned": "never"},
        {"name": "colour", "type": "string"}]});
    redactor.learn(&exchange(
        "GET",
        "/Schemas/urn:x:Badge",
        Value::Null,
        schema,
    ));
    let sent = exchange(
        "POST",
        "/Users",
        json!({"urn:x:Badge": {"pin": "1234", "colour": "red"}}),
        Value::Null,
    );
    let mut sent = redacted(&redactor, sent);
    sent.request.query = pairs(&[(
        "filter",
        "urn:x:Badge:pin eq \"1234\" or urn:x:Badge:colour eq \"red\"",
    )]);
    let text = file::print(&redacted(&redactor, sent));
    assert!(!text.contains("1234"), "{text}");
    assert_eq!(text.matches("{secret:secret:").count(), 2, "{text}");
    assert_eq!(text.matches("red\\\"").count(), 1, "{text}");
}

#[test]
fn every_placeholder_is_alike_where_requests_are_compared() {
    for (text, expected) in [
        ("Bearer {secret:bearer:1a2b3c4d}", "Bearer {secret}"),
        (
            "{secret} {secret:key:1a2b3c4d}{secret:jwt:00000000}",
            "{secret} {secret}{secret}",
        ),
        ("{secrets} {secret:", "{secrets} {secret:"),
        ("{secret:{secret:key:1a2b3c4d}", "{secret:{secret}"),
    ] {
        assert_eq!(alike(text), expected);
    }
}

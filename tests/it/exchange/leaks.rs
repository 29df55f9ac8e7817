//! The ways by which a secret gets into a recording though it is not where it belongs.

use super::{exchange, pairs};
use bytes::Bytes;
use proptest::prelude::*;
use scimulate::exchange::redact::Redactor;
use scimulate::exchange::{Body, Exchange, file};
use serde_json::{Value, json};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

fn replaced(mut exchange: Exchange) -> Exchange {
    Redactor::default().exchange(&mut exchange);
    exchange
}

fn posted(request: Value, response: Value) -> Exchange {
    let mut exchange = exchange("POST", "/Users", 400);
    exchange.request.body = Body::Json(request);
    exchange.response.body = Body::Json(response);
    exchange
}

#[test]
fn a_secret_that_comes_back_elsewhere_is_replaced_there_too() {
    let mut sent = posted(
        json!({"password": "t1meMa$heen", "note": "not t1meMa$heen"}),
        json!({"detail": "the password 't1meMa$heen', the token dev-token-1 and the key hunter-22 are wrong"}),
    );
    sent.request.headers = pairs(&[
        ("authorization", "Bearer dev-token-1"),
        ("x-api-key", "hunter-22"),
    ]);
    sent.response.headers = pairs(&[("x-echo", "got dev-token-1")]);
    let sent = replaced(sent);
    assert_eq!(
        sent.request.body,
        Body::Json(json!({"password": "{secret}", "note": "not {secret}"}))
    );
    assert_eq!(
        sent.response.body,
        Body::Json(
            json!({"detail": "the password '{secret}', the token {secret} and the key {secret} are wrong"})
        )
    );
    assert_eq!(sent.response.headers, pairs(&[("x-echo", "got {secret}")]));
}

#[test]
fn the_password_of_basic_credentials_is_looked_for_too() {
    let mut sent = posted(Value::Null, json!({"detail": "joe may not use hunter-22"}));
    sent.request.headers = pairs(&[("authorization", "Basic am9lOmh1bnRlci0yMg==")]);
    assert_eq!(
        replaced(sent).response.body,
        Body::Json(json!({"detail": "joe may not use {secret}"}))
    );
}

#[test]
fn a_secret_that_is_a_word_is_not_looked_for_elsewhere() {
    let mut sent = posted(Value::Null, json!({"name": "password", "type": "string"}));
    sent.request.headers = pairs(&[("authorization", "Bearer password")]);
    assert_eq!(replaced(sent.clone()).response.body, sent.response.body);
}

#[track_caller]
fn check_header(name: &str, value: &str, expected: &str) {
    let mut sent = exchange("GET", "/Users", 200);
    sent.request.headers = pairs(&[(name, value)]);
    assert_eq!(replaced(sent).request.headers, pairs(&[(name, expected)]));
}

#[test]
fn headers() {
    check_header("x-amz-security-token", "abc", "{secret}");
    check_header("x-vault-token", "abc", "{secret}");
    check_header("x-forwarded-authorization", "Bearer a", "Bearer {secret}");
    check_header(
        "location",
        "https://joe:hunter2@up.example/Users/1",
        "https://joe:{secret}@up.example/Users/1",
    );
    for kept in [
        "okta/1.0 (token; secret)",
        "Bearer realm=\"scim\", error=\"invalid_token\"",
        "<https://up.example/Users?cursor=abc>; rel=\"next\"",
    ] {
        check_header("x-text", kept, kept);
    }
}

#[track_caller]
fn check_json(body: Value, expected: Value) {
    let sent = replaced(posted(body.clone(), body));
    assert_eq!(sent.request.body, Body::Json(expected.clone()));
    assert_eq!(sent.response.body, Body::Json(expected));
}

#[test]
fn json() {
    check_json(
        json!({"tokens": ["a", {"value": "b", "active": true}], "credentials.password": "c"}),
        json!({"tokens": ["{secret}", {"value": "{secret}", "active": true}], "credentials.password": "{secret}"}),
    );
    check_json(
        json!({"Operations": [{"path": "secrets[type eq \"app\"].value", "value": "a"}, {"Path": "password", "Value": ["b"]}]}),
        json!({"Operations": [{"path": "secrets[type eq \"app\"].value", "value": "{secret}"}, {"Path": "password", "Value": ["{secret}"]}]}),
    );
    check_json(
        json!({"name": "client_secret", "value": "a"}),
        json!({"name": "client_secret", "value": "{secret}"}),
    );
    check_json(
        json!({"detail": "invalid filter: password eq \"x\" and tokens[value eq \"y\"]"}),
        json!({"detail": "invalid filter: password eq \"{secret}\" and tokens[value eq \"{secret}\"]"}),
    );
    check_json(
        json!({"data": "{\"password\":\"x\",\"n\":1}", "next": "/cb?access_token=y&count=1"}),
        json!({"data": "{\"password\":\"{secret}\",\"n\":1}", "next": "/cb?access_token={secret}&count=1"}),
    );
    for kept in [
        json!({"name": "password", "type": "string", "description": "The User's cleartext password. This attribute is intended to be used as a means to specify an initial password"}),
        json!({"password": null, "token": "", "hasPassword": true, "nextPageToken": "abc"}),
        json!({"attributes": ["password", "urn:ietf:params:scim:schemas:core:2.0:User:password"]}),
        json!({"detail": "password: too short"}),
        json!({"description": "Authentication scheme using the OAuth Bearer Token Standard"}),
    ] {
        check_json(kept.clone(), kept);
    }
}

#[track_caller]
fn check_text(text: &str, expected: &str) {
    let mut sent = exchange("POST", "/token", 200);
    sent.request.body = Body::Text(text.to_owned());
    assert_eq!(replaced(sent).request.body, Body::Text(expected.to_owned()));
}

#[test]
fn text_that_is_no_json() {
    check_text(
        "<u><password>a b</password><ns:token>c</ns:token></u>",
        "<u><password>{secret}</password><ns:token>{secret}</ns:token></u>",
    );
    check_text(
        "authorization=Bearer abc next",
        "authorization=Bearer {secret} next",
    );
    check_text("a=b&client_secret=c&d=e", "a=b&client_secret={secret}&d=e");
    check_text(
        "<p>Forgot your password?</p> see https://a:b@c/d",
        "<p>Forgot your password?</p> see https://a:{secret}@c/d",
    );
    check_text(
        "GET /Users?filter=password%20eq%20%22x%22&a=b",
        "GET /Users?filter=password%20eq%20%22{secret}%22&a=b",
    );
}

#[test]
fn text_that_is_nearly_json() {
    check_text(
        r#"{"password": 123, "x": 1.10}"#,
        r#"{"password": "{secret}", "x": 1.10}"#,
    );
    check_text(
        r#"{"data":"{\"password\":\"a\\\"b\",\"x\":1}","n":1.10}"#,
        r#"{"data":"{\"password\":\"{secret}\",\"x\":1}","n":1.10}"#,
    );
    check_text(
        r#"{"tokens":[{"value":"a","n":1.10,"on":true},"b"],"x":"y"}"#,
        r#"{"tokens":[{"value":"{secret}","n":"{secret}","on":true},"{secret}"],"x":"y"}"#,
    );
    check_text(
        r#"{"changePassword":{"supported":true},"n":1.10}"#,
        r#"{"changePassword":{"supported":true},"n":1.10}"#,
    );
}

#[test]
fn bytes_keep_what_is_no_secret_to_the_bit() {
    let mut sent = exchange("POST", "/Users", 200);
    sent.request.body = Body::Binary(Bytes::from_static(
        b"{\"n\":\"Andr\xe9\",\"password\":\"caf\xe9\"}",
    ));
    assert_eq!(
        replaced(sent).request.body,
        Body::Binary(Bytes::from_static(
            b"{\"n\":\"Andr\xe9\",\"password\":\"{secret}\"}"
        ))
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
        Just(json!(format!("a {JWT}"))),
        Just(json!("password eq \"x\"")),
    ];
    let name = prop_oneof![
        Just("password".to_owned()),
        Just("value".to_owned()),
        Just("path".to_owned()),
        "[a-zA-Z$:.]{1,8}"
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let member = (name.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replacing_twice_changes_nothing_more(request in any_json(), response in any_json(), text in "[ -~]{0,60}") {
        let mut sent = posted(request, response);
        sent.request.headers = pairs(&[("authorization", "Bearer abc-123-def"), ("x-text", &text)]);
        let once = replaced(sent);
        let twice = replaced(once.clone());
        prop_assert_eq!(&once, &twice);
    }

    #[test]
    fn no_text_makes_the_scanner_fail(
        start in "[ -~é]{0,20}",
        name in "(password|token|path\":\"password)",
        middle in r#"[\\"'=:\[\]{}<>% 20eyJ.a-f]{0,20}"#,
        end in "[ -~é\u{1F600}]{0,10}",
    ) {
        let mut sent = exchange("POST", "/Users", 200);
        sent.request.body = Body::Text(format!("{{{start}{name}{middle}{end}"));
        sent.response.body = Body::Text(format!("{start}{name}{middle}{end}"));
        let sent = replaced(sent);
        prop_assert!(file::parse(&file::print(&sent)).is_ok());
    }

    #[test]
    fn a_password_is_in_no_byte_of_the_file(secret in "[a-zA-Z0-9]{6,12}[$!-][0-9]{3}", wrap in 0..8) {
        let mut sent = posted(Value::Null, json!({"detail": format!("{secret} is too short")}));
        sent.request.body = match wrap {
            0 => Body::Json(json!({"password": secret})),
            1 => Body::Json(json!({"Operations": [{"path": "password", "value": [secret]}]})),
            2 => Body::Text(format!(r#"{{"password":"{secret}","password":"{secret}x"}}"#)),
            3 => Body::Text(format!(r#"{{"n":1.10,"value":"{secret}","path":"password"}}"#)),
            4 => Body::Json(json!({"data": json!({"password": secret}).to_string()})),
            5 => Body::Json(json!({"filter": format!("password eq \"{secret}\"")})),
            6 => Body::Text(format!("<password>{secret}</password>")),
            _ => Body::Text(format!("a=b&password={secret}&c=d")),
        };
        let file = file::print(&replaced(sent));
        prop_assert!(!file.contains(&secret), "{}", file);
    }
}

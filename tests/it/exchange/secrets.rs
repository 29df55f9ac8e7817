//! Secrets are replaced, and nothing else is.

use super::{exchange, pairs};
use bytes::Bytes;
use scimulate::exchange::Body;
use scimulate::exchange::redact::Redactor;
use serde_json::{Value, json};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

#[track_caller]
fn check_header(name: &str, value: &str, expected: &str) {
    let mut exchange = exchange("GET", "/Users", 200);
    exchange.request.headers = pairs(&[(name, value)]);
    exchange.response.headers = pairs(&[(name, value)]);
    Redactor::default().exchange(&mut exchange);
    assert_eq!(exchange.request.headers, pairs(&[(name, expected)]));
    assert_eq!(exchange.response.headers, pairs(&[(name, expected)]));
}

#[test]
fn secret_headers_are_replaced_and_their_scheme_is_kept() {
    check_header("authorization", "Bearer abc", "Bearer {secret}");
    check_header("Authorization", "Basic YTpi", "Basic {secret}");
    check_header("Authorization", "Digest a=b, c=d", "Digest {secret}");
    check_header("authorization", "abc", "{secret}");
    check_header("Proxy-Authorization", "Basic YTpi", "Basic {secret}");
    check_header("cookie", "a=b; c=d", "a={secret}; c={secret}");
    check_header("Set-Cookie", "a=b; Path=/", "a={secret}; Path=/");
    check_header("X-API-Key", "k", "{secret}");
    check_header("apikey", "k", "{secret}");
    check_header("x-auth-token", "k", "{secret}");
    check_header("X-Vault-Client-Secret", "k", "{secret}");
    check_header("x-forwarded", &format!("a {JWT} b"), "a {secret} b");
    check_header(
        "location",
        "http://h/cb?code=1&access_token=x#f",
        "http://h/cb?code=1&access_token={secret}",
    );
    check_header(
        "content-location",
        "http://h/Users?filter=password%20eq%20%22x%22&count=1",
        "http://h/Users?filter=password%20eq%20%22{secret}%22&count=1",
    );
    for kept in [
        "W/\"3\"",
        "application/scim+json",
        "eyJ",
        "a.b.c",
        "http://h/Users?filter=a%20eq%20%22x%22",
    ] {
        check_header("etag", kept, kept);
    }
    check_header(
        "www-authenticate",
        "Bearer realm=\"x\"",
        "Bearer realm=\"x\"",
    );
}

#[track_caller]
fn check_json(body: Value, expected: Value) {
    let mut exchange = exchange("POST", "/Users", 200);
    exchange.request.body = Body::Json(body.clone());
    exchange.response.body = Body::Json(body);
    Redactor::default().exchange(&mut exchange);
    assert_eq!(exchange.request.body, Body::Json(expected.clone()));
    assert_eq!(exchange.response.body, Body::Json(expected));
}

#[test]
fn secret_members_are_replaced_at_any_depth() {
    for name in [
        "password",
        "Password",
        "PASSWORD",
        "secret",
        "client_secret",
        "clientSecret",
        "access_token",
        "refresh_token",
        "id_token",
        "assertion",
        "token",
        "apiKey",
        "api_key",
        "newPassword",
        "currentPassword",
        "urn:ietf:params:scim:schemas:core:2.0:User:password",
    ] {
        check_json(
            json!({name: "x", "a": "b"}),
            json!({name: "{secret}", "a": "b"}),
        );
    }
    check_json(
        json!({"a": [{"b": {"password": "x"}}]}),
        json!({"a": [{"b": {"password": "{secret}"}}]}),
    );
    check_json(
        json!({"secret": {"value": "x", "n": 7, "on": true}}),
        json!({"secret": {"value": "{secret}", "n": "{secret}", "on": true}}),
    );
    check_json(
        json!({"password": null, "token": ["a", "b"]}),
        json!({"password": null, "token": ["{secret}", "{secret}"]}),
    );
    check_json(
        json!({"note": format!("see {JWT}.")}),
        json!({"note": "see {secret}"}),
    );
    for kept in [
        json!({"changePassword": {"supported": false}}),
        json!({"authenticationSchemes": [{"type": "oauthbearertoken", "name": "OAuth Bearer Token"}]}),
        json!({"name": "password", "type": "string", "returned": "never"}),
        json!({"nextCursor": "abc", "displayName": "eyJ.x"}),
    ] {
        check_json(kept.clone(), kept);
    }
}

#[test]
fn a_patch_operation_on_a_secret_loses_its_value() {
    for path in [
        "password",
        "Password",
        "urn:ietf:params:scim:schemas:core:2.0:User:password",
        "x[type eq \"a\"].secret",
    ] {
        check_json(
            json!({"Operations": [{"op": "replace", "path": path, "value": "x"}, {"op": "add", "path": "title", "value": "x"}]}),
            json!({"Operations": [{"op": "replace", "path": path, "value": "{secret}"}, {"op": "add", "path": "title", "value": "x"}]}),
        );
    }
    check_json(
        json!({"Operations": [{"op": "replace", "value": {"password": "x", "active": true}}]}),
        json!({"Operations": [{"op": "replace", "value": {"password": "{secret}", "active": true}}]}),
    );
}

#[track_caller]
fn check_filter(filter: &str, expected: &str) {
    check_json(json!({"filter": filter}), json!({"filter": expected}));
    let mut exchange = exchange("GET", "/Users", 200);
    exchange.request.query = pairs(&[("filter", filter)]);
    Redactor::default().exchange(&mut exchange);
    assert_eq!(exchange.request.query, pairs(&[("filter", expected)]));
}

#[test]
fn a_comparison_with_a_secret_loses_its_literal() {
    check_filter("password eq \"x\"", "password eq \"{secret}\"");
    check_filter(
        "userName eq \"a\" and (Password eq \"x y\\\" z\")",
        "userName eq \"a\" and (Password eq \"{secret}\")",
    );
    check_filter(
        "urn:ietf:params:scim:schemas:core:2.0:User:password sw \"x\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:password sw \"{secret}\"",
    );
    check_filter(
        "emails[secret eq \"x\" and type eq \"work\"]",
        "emails[secret eq \"{secret}\" and type eq \"work\"]",
    );
    check_filter("password eq \"x", "password eq \"{secret}");
    check_filter("password pr", "password pr");
    // What looks like a comparison may be one in a message about it: rather too much than too little.
    check_filter(
        "userName eq \"password eq x\"",
        "userName eq \"password eq {secret}\"",
    );
    check_filter("", "");
}

#[test]
fn secret_parameters_are_replaced_in_queries_and_forms() {
    let mut exchange = exchange("POST", "/token", 200);
    exchange.request.query = pairs(&[("access_token", "x"), ("count", "1"), ("state", JWT)]);
    exchange.request.headers = pairs(&[(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )]);
    exchange.request.body = Body::Text(
        "grant_type=client_credentials&client_id=i%20d&client_secret=x%26y&client%5Fassertion=z"
            .into(),
    );
    Redactor::default().exchange(&mut exchange);
    assert_eq!(
        exchange.request.query,
        pairs(&[
            ("access_token", "{secret}"),
            ("count", "1"),
            ("state", "{secret}")
        ])
    );
    let expected = "grant_type=client_credentials&client_id=i%20d&client_secret={secret}&client%5Fassertion={secret}";
    assert_eq!(exchange.request.body, Body::Text(expected.into()));
}

#[track_caller]
fn check_text(text: &str, expected: &str) {
    let mut exchange = exchange("POST", "/Users", 200);
    exchange.request.body = Body::Text(text.into());
    exchange.response.body = Body::Cut {
        kept: Bytes::copy_from_slice(text.as_bytes()),
    };
    Redactor::default().exchange(&mut exchange);
    assert_eq!(exchange.request.body, Body::Text(expected.into()));
    assert_eq!(
        exchange.response.body,
        Body::Cut {
            kept: Bytes::copy_from_slice(expected.as_bytes())
        }
    );
}

#[test]
fn a_body_that_does_not_parse_loses_the_secrets_that_can_be_seen() {
    check_text(
        r#"{"password":"a","password":"b"}"#,
        r#"{"password":"{secret}","password":"{secret}"}"#,
    );
    check_text(r#"{"password" : "half of i"#, r#"{"password" : "{secret}"#);
    check_text(
        r#"{"Password": 1.10, "n": 1.10}"#,
        r#"{"Password": "{secret}", "n": 1.10}"#,
    );
    check_text(
        r#"{"token": ["a"], "active": true, "active": true"#,
        r#"{"token": ["{secret}"], "active": true, "active": true"#,
    );
    check_text(
        r#"[{"path":"password","value":"x"},{"path"#,
        r#"[{"path":"password","value":"{secret}"},{"path"#,
    );
    check_text(
        r#"{"password": null, "x": "a\"b"#,
        r#"{"password": null, "x": "a\"b"#,
    );
    check_text(&format!("plain {JWT} text"), "plain {secret} text");
    for kept in [
        "",
        "\"",
        "\"a\":",
        "\"a\"",
        "plain text",
        r#"{"a":"b","a":"c"}"#,
        "\"\\",
        "\"password\":",
        "é\"é",
    ] {
        check_text(kept, kept);
    }
}

#[test]
fn a_body_that_is_not_utf_8_loses_the_secrets_that_can_be_seen() {
    let mut exchange = exchange("POST", "/Users", 200);
    exchange.request.body = Body::Binary(Bytes::from_static(b"{\"password\":\"hidden\xff\"}"));
    exchange.response.body = Body::Binary(Bytes::from_static(&[0, 255, 1]));
    Redactor::default().exchange(&mut exchange);
    assert!(!String::from_utf8_lossy(&exchange.request.body.to_bytes()).contains("hidden"));
    assert_eq!(
        exchange.response.body,
        Body::Binary(Bytes::from_static(&[0, 255, 1]))
    );
}

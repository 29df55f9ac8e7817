//! The base URL is exchanged by place.

use super::pairs;
use bytes::Bytes;
use scimulate::exchange::{Body, base};
use serde_json::json;

#[track_caller]
fn check_url(text: &str, from: &str, expected: Option<&str>) {
    assert_eq!(
        base::rewrite_url(text, from, "http://own:1/b").as_deref(),
        expected,
        "{text} from {from}"
    );
}

#[test]
fn a_url_is_rewritten_when_it_is_the_base_or_below_it() {
    let from = "https://sp.example.com/scim/v2";
    check_url(
        "https://sp.example.com/scim/v2/Users/1",
        from,
        Some("http://own:1/b/Users/1"),
    );
    check_url(
        "https://sp.example.com/scim/v2",
        from,
        Some("http://own:1/b"),
    );
    check_url(
        "https://sp.example.com/scim/v2/",
        from,
        Some("http://own:1/b/"),
    );
    check_url(
        "https://sp.example.com/scim/v2?a=b",
        from,
        Some("http://own:1/b?a=b"),
    );
    check_url(
        "https://sp.example.com/scim/v2#f",
        from,
        Some("http://own:1/b#f"),
    );
    check_url(
        "HTTPS://SP.example.COM:443/scim/v2/Users",
        from,
        Some("http://own:1/b/Users"),
    );
    check_url(
        "https://sp.example.com/scim/v2/Users",
        "https://sp.example.com:443/scim/v2/",
        Some("http://own:1/b/Users"),
    );
    check_url("https://sp.example.com/scim/v22/Users", from, None);
    check_url("https://sp.example.com/SCIM/v2/Users", from, None);
    check_url("http://sp.example.com/scim/v2/Users", from, None);
    check_url("https://sp.example.com:8443/scim/v2/Users", from, None);
    check_url("https://sp.example.com.evil/scim/v2/Users", from, None);
    check_url("see https://sp.example.com/scim/v2/Users", from, None);
    check_url("/scim/v2/Users", from, None);
    check_url("", from, None);
    check_url("http://h/Users", "http://h", Some("http://own:1/b/Users"));
    check_url("http://h:80", "http://h", Some("http://own:1/b"));
    check_url(
        "http://[::1]:80/v2/x",
        "http://[::1]/v2",
        Some("http://own:1/b/x"),
    );
    check_url("http://[::1]:81/v2/x", "http://[::1]/v2", None);
    check_url("{base}/Users/1", "{base}", Some("http://own:1/b/Users/1"));
    check_url("{base}", "{base}", Some("http://own:1/b"));
    check_url("{baseX}/Users", "{base}", None);
    check_url("{base}Users", "{base}", None);
}

#[test]
fn json_is_rewritten_by_place() {
    let url = "http://h/v2/Users/1";
    let mut body = json!({
        "meta": {"location": url}, "displayName": url, "manager": {"$ref": url, "value": "1"},
        "members": [{"$Ref": url}, {"$ref": "http://elsewhere/v2/Users/1"}, {"$ref": "../Users/1"}], "Location": {"location": url},
        "Operations": [{"path": "manager.$ref", "value": url}, {"path": "displayName", "value": url}],
    });
    assert!(base::rewrite_json(
        &mut body,
        "http://h/v2",
        base::PLACEHOLDER
    ));
    let new = "{base}/Users/1";
    assert_eq!(
        body,
        json!({
            "meta": {"location": new}, "displayName": url, "manager": {"$ref": new, "value": "1"},
            "members": [{"$Ref": new}, {"$ref": "http://elsewhere/v2/Users/1"}, {"$ref": "../Users/1"}], "Location": {"location": new},
            "Operations": [{"path": "manager.$ref", "value": new}, {"path": "displayName", "value": url}],
        })
    );
    assert!(!base::rewrite_json(
        &mut body,
        "http://h/v2",
        base::PLACEHOLDER
    ));
    assert!(base::rewrite_json(
        &mut body,
        base::PLACEHOLDER,
        "http://h/v2"
    ));
    assert_eq!(body["meta"]["location"], url);
}

#[track_caller]
fn check_location(name: &str, value: &str, expected: &str) {
    let mut headers = pairs(&[(name, value)]);
    let changed = base::rewrite_headers(&mut headers, "http://h/v2", "http://own/scim/v2");
    assert_eq!(headers, pairs(&[(name, expected)]));
    assert_eq!(changed, value != expected);
}

#[test]
fn headers_are_rewritten_by_place() {
    check_location(
        "Location",
        "http://h/v2/Users/1",
        "http://own/scim/v2/Users/1",
    );
    check_location("content-location", "http://h/v2", "http://own/scim/v2");
    check_location("location", "/v2/Users/1", "http://own/scim/v2/Users/1");
    check_location("location", "/v22/Users/1", "/v22/Users/1");
    check_location("location", "//h/v2/Users/1", "//h/v2/Users/1");
    check_location("location", "Users/1", "Users/1");
    check_location(
        "Link",
        r#"</v2/Users?startIndex=3>; rel="next"; title="<http://h/v2/a>, \"", <http://h/v2/Users>;rel=first, <http://x/v2>; rel=up"#,
        r#"<http://own/scim/v2/Users?startIndex=3>; rel="next"; title="<http://h/v2/a>, \"", <http://own/scim/v2/Users>;rel=first, <http://x/v2>; rel=up"#,
    );
    check_location("link", "<http://h/v2/Users", "<http://h/v2/Users");
    check_location("link", "http://h/v2/Users", "http://h/v2/Users");
    check_location("etag", "http://h/v2/Users/1", "http://h/v2/Users/1");
}

#[track_caller]
fn check_path(path: &str, base_url: &str, expected: Option<&str>) {
    assert_eq!(
        base::relative_path(path, base_url),
        expected,
        "{path} below {base_url}"
    );
}

#[test]
fn a_path_is_relative_to_the_base_or_outside_of_it() {
    check_path("/scim/v2/Users", "http://h/scim/v2", Some("/Users"));
    check_path("/scim/v2/Users", "/scim/v2/", Some("/Users"));
    check_path("/scim/v2/", "http://h/scim/v2", Some("/"));
    check_path("/scim/v2", "http://h/scim/v2", Some("/"));
    check_path("/scim/v22", "http://h/scim/v2", None);
    check_path("/Users", "http://h/scim/v2", None);
    check_path("/Users", "http://h", Some("/Users"));
    check_path("/Users", "http://h/", Some("/Users"));
}

#[track_caller]
fn check_text(text: &str, expected: &str) {
    let mut body = Body::Text(text.to_owned());
    let changed = base::rewrite_body(&mut body, "http://h/v2", base::PLACEHOLDER);
    assert_eq!(body, Body::Text(expected.to_owned()));
    assert_eq!(changed, text != expected);
}

#[test]
fn json_that_is_kept_as_text_is_rewritten_where_it_stands() {
    check_text(
        r#"{ "meta" : {"location" :  "http://h/v2/Users/1"}, "n": 1.10, "n": 2}"#,
        r#"{ "meta" : {"location" :  "{base}/Users/1"}, "n": 1.10, "n": 2}"#,
    );
    check_text(
        r#"[{"$ref":"http:\/\/H:80\/v2\/Users\/1","n":1e400}"#,
        r#"[{"$ref":"{base}/Users/1","n":1e400}"#,
    );
    check_text(
        r#"{"Operations":[{"op":"add","value":"http://h/v2/Users/1","path":"manager.$ref"},{"path":"urn:x:location","Value":"http://h/v2","$ref":"http://h/v2/a"}]"#,
        r#"{"Operations":[{"op":"add","value":"{base}/Users/1","path":"manager.$ref"},{"path":"urn:x:location","Value":"{base}","$ref":"{base}/a"}]"#,
    );
    check_text(
        r#"{"$\u0072ef":"http://h/v2/Users","n":1.10}"#,
        r#"{"$\u0072ef":"{base}/Users","n":1.10}"#,
    );
    for kept in [
        r#"{"Operations":[{"value":"http://h/v2","path":"displayName"}],"path":"a.$ref","n":1.10}"#,
        r#"{"path":"a.$ref","value":{"a":"http://h/v2"},"n":1.10}"#,
        r#"{"displayName":"http://h/v2/Users/1","n":1.10}"#,
        r#"{"location":["http://h/v2/Users"],"n":1.10}"#,
        r#"["location","http://h/v2/Users",1.10]"#,
        r#"{"a":"location\":\"http://h/v2/Users","n":1.10}"#,
        r#"{"location":"http://h/v2/cut"#,
        r#"<a location="http://h/v2">"#,
        "",
    ] {
        check_text(kept, kept);
    }
}

/// JSON whose text is rewritten means what its value means when that is rewritten.
#[test]
fn the_text_and_the_value_of_json_are_rewritten_in_the_same_places() {
    let url = "http://h/v2/Users/1";
    let body = json!({
        "meta": {"location": url}, "displayName": url, "manager": {"$ref": url, "value": url}, "path": "a.$ref", "value": [{"value": url}],
        "Operations": [{"path": "manager.$ref", "value": url}, {"value": {"$REF": url}, "path": "x:location"}, {"path": "a", "value": url}],
    });
    let text = base::rewrite_text(&body.to_string(), "http://h/v2", "{base}").unwrap();
    let mut value = body;
    base::rewrite_json(&mut value, "http://h/v2", "{base}");
    assert_eq!(text, value.to_string());
}

#[test]
fn what_is_kept_of_a_body_that_was_cut_is_rewritten_where_it_stands() {
    let cut = |kept: &[u8]| Body::Cut {
        kept: Bytes::copy_from_slice(kept),
    };
    let mut body = cut(b"{\"$ref\": \"http://h/v2/Users/1\", \"a\": \"\xc3");
    assert!(base::rewrite_body(&mut body, "http://h/v2", "{base}"));
    assert_eq!(body, cut(b"{\"$ref\": \"{base}/Users/1\", \"a\": \"\xc3"));
    assert!(!base::rewrite_body(&mut body, "http://h/v2", "{base}"));
}

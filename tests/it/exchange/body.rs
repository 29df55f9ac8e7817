//! Bodies: JSON only where JSON keeps the meaning.

use super::exchange;
use bytes::Bytes;
use scimulate::exchange::{Body, file};
use serde_json::json;

#[track_caller]
fn check_body(text: &str, content_type: Option<&str>, is_json: bool) {
    let body = Body::read(text.as_bytes(), content_type);
    assert_eq!(
        matches!(body, Body::Json(_)),
        is_json,
        "{text:?} as {content_type:?} became {body:?}"
    );
    if !is_json {
        assert_eq!(body, Body::Text(text.to_owned()));
        assert_eq!(body.to_bytes(), text.as_bytes());
    }
}

#[test]
fn a_body_is_json_only_when_its_meaning_survives() {
    let scim = Some("application/scim+json; charset=utf-8");
    for survives in [
        "{}",
        "[]",
        "null",
        "true",
        "1",
        "-1",
        "1.5",
        "0",
        "18446744073709551615",
        "-9223372036854775808",
        r#"{"a":1,"A":2}"#,
        r#"{"a":"1.10"}"#,
        r#"{"a":"\"1.10"}"#,
        r#"{"a\"":[{"b":[1,2]}]}"#,
        " { \"a\" : 1 } ",
        r#""é\u00e9""#,
    ] {
        check_body(survives, scim, true);
        check_body(survives, None, true);
        check_body(survives, Some("Application/JSON"), true);
        check_body(survives, Some("text/plain"), false);
    }
    for lost in [
        r#"{"a":1,"a":2}"#,
        r#"{"x":[{"a":1,"a":1}]}"#,
        "1.10",
        r#"{"a":1.10}"#,
        "[1e400]",
        "18446744073709551616",
        "-0",
        "1E5",
        "1.0e1",
        "{",
        "nope",
        "{} {}",
        "0.1000000000000000055511151231257827",
    ] {
        check_body(lost, scim, false);
    }
}

#[test]
fn an_object_that_is_called_a_form_is_json_all_the_same() {
    let form = Some("application/x-www-form-urlencoded");
    check_body(r#"{"userName":"zoe"}"#, form, true);
    check_body(r#"{"userName":"zoe","userName":"zoe"}"#, form, false);
    check_body("userName=zoe", form, false);
    check_body("[1]", form, false);
}

#[test]
fn json_that_is_too_deep_for_a_fixture_stays_text() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check_body(&nested(100), None, true);
    check_body(&nested(101), None, false);
    check_body(&nested(100_000), None, false);
    let mut deepest = exchange("POST", "/Users", 200);
    deepest.request.body = Body::read(nested(100).as_bytes(), None);
    assert_eq!(file::parse(&file::print(&deepest)).unwrap(), deepest);
}

#[test]
fn bytes_that_are_not_utf_8_stay_bytes_and_no_bytes_are_empty() {
    assert_eq!(
        Body::read(&[0xff, 0], Some("application/json")),
        Body::Binary(Bytes::from_static(&[0xff, 0]))
    );
    assert_eq!(Body::read(&[], Some("application/json")), Body::Empty);
    assert_eq!(
        Body::Json(json!({"b": 1, "a": [true]})).to_bytes(),
        r#"{"b":1,"a":[true]}"#
    );
}

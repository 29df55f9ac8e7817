//! What a broken archive is told: the entry, the member, and what was expected; the line where the JSON breaks.

use super::errors;
use serde_json::{Value, json};

fn entry() -> Value {
    json!({
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 1,
        "request": {"method": "GET", "url": "https://sp.example/scim/v2/Users", "headers": [{"name": "accept", "value": "application/scim+json"}]},
        "response": {"status": 200, "content": {"size": 0, "mimeType": ""}},
    })
}

/// A good entry, and one that is `edit`ed at a place.
#[track_caller]
fn check(pointer: &str, value: Value, place: &str, message: &str) {
    let mut bad = entry();
    let (holder, name) = pointer.rsplit_once('/').unwrap();
    bad.pointer_mut(holder).unwrap()[name] = value;
    let archive = json!({"log": {"version": "1.2", "entries": [entry(), bad]}});
    let found: Vec<String> = errors(&archive.to_string(), None)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with(&format!("{place}: ")) && found[0].contains(message),
        "{found:?}"
    );
}

#[test]
fn a_wrong_member_is_named() {
    check(
        "/request/method",
        json!("GE T"),
        "log.entries[1].request.method",
        "HTTP method",
    );
    check(
        "/request/url",
        json!(5),
        "log.entries[1].request.url",
        "expected text, found a number",
    );
    check(
        "/request/url",
        json!("/Users"),
        "log.entries[1].request.url",
        "absolute URL",
    );
    check(
        "/request/url",
        Value::Null,
        "log.entries[1].request",
        "the member \"url\"",
    );
    check(
        "/request/headers",
        json!({}),
        "log.entries[1].request.headers",
        "expected a list, found an object",
    );
    check(
        "/request/headers",
        json!([{"name": "a b", "value": ""}]),
        "log.entries[1].request.headers[0]",
        "name of a header field",
    );
    check(
        "/request/headers",
        json!([{"name": "a", "value": "\u{1}"}]),
        "log.entries[1].request.headers[0]",
        "control character",
    );
    check(
        "/request/postData",
        json!({"params": [{"value": "x"}]}),
        "log.entries[1].request.postData.params[0]",
        "\"name\"",
    );
    check(
        "/response/status",
        json!(101),
        "log.entries[1].response.status",
        "200 to 999",
    );
    check(
        "/response/status",
        json!("200"),
        "log.entries[1].response.status",
        "expected a number",
    );
    check(
        "/response/content",
        json!({"text": "%", "encoding": "base64"}),
        "log.entries[1].response.content",
        "not base64",
    );
    check(
        "/response/content",
        json!({"text": "x", "encoding": "rot13"}),
        "log.entries[1].response.content",
        "rot13",
    );
    check(
        "/startedDateTime",
        json!("yesterday"),
        "log.entries[1].startedDateTime",
        "yesterday",
    );
    check(
        "/_scimulateNumber",
        json!(-1),
        "log.entries[1]._scimulateNumber",
        "-1",
    );
    check(
        "/_scimulateExchange",
        json!({"at": 1}),
        "log.entries[1]._scimulateExchange",
        "expected",
    );
}

#[test]
fn every_wrong_entry_is_named() {
    let archive = json!({"log": {"entries": [{}, entry(), {"request": 1}]}});
    let found: Vec<String> = errors(&archive.to_string(), None)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "log.entries[0]: expected the member \"request\"",
            "log.entries[2].request: expected an object, found a number",
        ]
    );
}

#[test]
fn a_document_that_is_no_archive_says_so() {
    let check = |text: &str, base: Option<&str>, expected: &str| {
        let found = errors(text, base)[0].to_string();
        assert!(found.contains(expected), "{text}: {found}");
    };
    check("{\n  \"log\": {,\n", None, "2:11: key must be a string");
    check("[]", None, "the document: expected an object, found a list");
    check("{}", None, "the document: expected the member \"log\"");
    check(
        "{\"log\": {}}",
        None,
        "log: expected the member \"entries\"",
    );
    check("{\"log\": {\"entries\": []}}", None, "none of 0 does");
    let elsewhere = json!({"log": {"entries": [entry()]}}).to_string();
    check(
        &elsewhere,
        Some("https://other.example"),
        "its entries are at https://sp.example/scim/v2/Users",
    );
    let mut twice = entry();
    twice["_scimulateNumber"] = json!(4);
    let twice = json!({"log": {"entries": [twice, twice]}}).to_string();
    check(&twice, None, "two entries have the \"_scimulateNumber\" 4");
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    let archive = json!({"log": {"entries": [entry()]}});
    let read = scimulate::exchange::har::read(&format!("\u{feff}{archive}"), None).unwrap();
    assert_eq!(read.exchanges.len(), 1);
}

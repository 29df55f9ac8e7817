//! The fixture file: its form, and what a broken one is told.

use super::{exchange, pairs};
use bytes::Bytes;
use scimulate::exchange::{Body, Ended, Response, Side, file};
use serde_json::{Value, json};

#[test]
fn a_fixture_file_has_the_form_of_the_format() {
    let mut exchange = exchange("POST", "/Users", 201);
    exchange.request.query = pairs(&[("attributes", "userName")]);
    exchange.request.headers =
        pairs(&[("content-type", "application/scim+json"), ("accept", "*/*")]);
    exchange.request.body =
        Body::Json(json!({"userName": "bjensen", "emails": [{"value": "b@example.com"}], "a": []}));
    exchange.response.headers = pairs(&[("location", "{base}/Users/2819c223")]);
    exchange.response.body = Body::Text("hm".into());
    let expected = r#"{
  "at": "2026-01-01T00:00:00.123Z",
  "elapsed_ms": 12.4,
  "request": {
    "method": "POST",
    "path": "/Users",
    "query": [
      ["attributes", "userName"]
    ],
    "headers": [
      ["content-type", "application/scim+json"],
      ["accept", "*/*"]
    ],
    "body": {
      "userName": "bjensen",
      "emails": [
        {
          "value": "b@example.com"
        }
      ],
      "a": []
    }
  },
  "response": {
    "status": 201,
    "headers": [
      ["location", "{base}/Users/2819c223"]
    ],
    "body_text": "hm"
  }
}
"#;
    assert_eq!(file::print(&exchange), expected);
    assert_eq!(file::parse(expected).unwrap(), exchange);
}

#[test]
fn every_kind_of_body_survives_the_file() {
    for body in [
        Body::Empty,
        Body::Json(Value::Null),
        Body::Json(json!([[1, [2, {"a": [3]}]], []])),
        Body::Text("{\"a\":1,\"a\":2}".into()),
        Body::Binary(Bytes::from_static(&[0, 255, 10])),
        Body::Cut {
            kept: Bytes::from_static(b"{\"a\":"),
        },
        Body::Cut {
            kept: Bytes::from_static(&[b'a', 0xc3]),
        },
    ] {
        let mut exchange = exchange("PUT", "/Users/1", 200);
        exchange.request.body = body.clone();
        exchange.response.body = body;
        assert_eq!(file::parse(&file::print(&exchange)).unwrap(), exchange);
    }
}

#[test]
fn an_exchange_without_a_whole_answer_says_who_ended_it_and_why() {
    let mut exchange = exchange("GET", "/Users", 200);
    exchange.ended = Some(Ended {
        by: Side::Client,
        why: "it closed the connection".into(),
    });
    exchange.response = Response::none();
    let text = file::print(&exchange);
    let expected = r#"  "elapsed_ms": 12.4,
  "ended": {
    "by": "client",
    "why": "it closed the connection"
  },
  "request": {"#;
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("\"status\": 0,"), "{text}");
    assert_eq!(file::parse(&text).unwrap(), exchange);

    let half = Body::Cut {
        kept: Bytes::from_static(b"{\"id\""),
    };
    exchange.response.status = 200;
    exchange.response.body = half;
    exchange.ended = exchange.ended.map(|ended| Ended {
        by: Side::Upstream,
        ..ended
    });
    assert_eq!(file::parse(&file::print(&exchange)).unwrap(), exchange);
}

#[track_caller]
fn check_broken(from: &str, to: &str, expected: &str) {
    let text = file::print(&exchange("GET", "/Users", 200));
    assert!(text.contains(from), "{from} is not in {text}");
    let error = file::parse(&text.replace(from, to))
        .expect_err("a broken file")
        .to_string();
    assert!(error.contains(expected), "{to}: {error}");
    assert!(error.contains(" at line "), "{to}: {error}");
}

#[test]
fn a_broken_file_is_told_what_was_expected_and_where() {
    check_broken(
        "\"status\": 200",
        "\"status\": 20",
        "expected the status code of a final answer",
    );
    check_broken(
        "\"status\": 200",
        "\"status\": 0",
        "expected \"ended\" with \"by\" and \"why\"",
    );
    check_broken(
        "\"elapsed_ms\"",
        "\"ended\": {\"by\": \"server\", \"why\": \"\"}, \"elapsed_ms\"",
        "expected `client` or `upstream`",
    );
    check_broken("\"status\": 200", "\"status\": \"x\"", "expected u16");
    check_broken("\"status\": 200,", "", "missing field `status`");
    check_broken("\"/Users\"", "\"Users\"", "relative to the SCIM base");
    check_broken("\"/Users\"", "\"/Users?a=b\"", "under \"query\"");
    check_broken("\"GET\"", "\"G T\"", "expected an HTTP method");
    check_broken("2026-01-01T", "yesterday", "expected an instant");
    check_broken("12.4", "-1", "expected milliseconds");
    check_broken("\"status\"", "\"sttus\"", "expected one of `status`");
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body\": {\"a\":1,\"a\":2},",
        "stands twice",
    );
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body\": 1, \"body_text\": \"1\",",
        "more than one",
    );
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body_base64\": \"?\",",
        "not base64",
    );
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body\": {}, \"body_cut\": true,",
        "was cut is no JSON",
    );
    check_broken(
        "\"headers\": []",
        "\"headers\": [[\"a b\", \"\"]]",
        "name of a header field",
    );
    check_broken(
        "\"headers\": []",
        "\"headers\": [[\"a\", \"\\n\"]]",
        "control character",
    );
    check_broken("}\n}", "}", "EOF");
}

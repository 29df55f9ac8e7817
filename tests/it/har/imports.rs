//! Archives as Chrome (`Log.ts`), Firefox (`har-builder.js`) and mitmproxy (`savehar.py`) write them.

use super::import;
use bytes::Bytes;
use scimulate::exchange::{Body, Side};
use serde_json::json;
use std::time::Duration;

fn has(headers: &[(String, String)], name: &str) -> Vec<String> {
    let fields = headers.iter().filter(|(field, _)| field == name);
    fields.map(|(_, value)| value.clone()).collect()
}

#[test]
fn an_archive_of_chrome() {
    let read = import("chrome.har", None);
    assert_eq!(read.recording.upstream, "https://sp.example/scim/v2");
    assert_eq!(read.recording.base_path, "/scim/v2");
    assert_eq!(read.recording.started, "2026-01-02T10:00:01.000Z");
    assert_eq!((read.exchanges.len(), read.skipped), (4, 1));
    let (number, made) = &read.exchanges[0];
    assert_eq!((*number, made.request.path.as_str()), (1, "/Users"));
    assert_eq!(made.elapsed, Duration::from_micros(41_500));
    // Fields of HTTP/2 and of the bytes before they were decoded are no fields of the exchange.
    let names: Vec<&str> = made
        .request
        .headers
        .iter()
        .map(|it| it.0.as_str())
        .collect();
    assert_eq!(names, ["accept", "authorization", "content-type"]);
    assert_eq!(
        has(&made.request.headers, "authorization"),
        ["Bearer {secret}"]
    );
    let Body::Json(sent) = &made.request.body else {
        panic!("{made:?}")
    };
    assert_eq!(sent["password"], "{secret}");
    assert!(has(&made.response.headers, "content-encoding").is_empty());
    assert_eq!(
        has(&made.response.headers, "location"),
        ["{base}/Users/2819c223"]
    );
    assert_eq!(
        has(&made.response.headers, "set-cookie"),
        ["a={secret}; Path=/", "b={secret}; HttpOnly"]
    );
    let Body::Json(answer) = &made.response.body else {
        panic!("{made:?}")
    };
    assert_eq!(answer["meta"]["location"], "{base}/Users/2819c223");

    let listed = &read.exchanges[1].1;
    let query = [("filter", r#"userName eq "bjensen""#), ("count", "1")];
    let found: Vec<_> = listed
        .request
        .query
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(found, query);
    // The archive was saved without it, and says how long it was.
    assert_eq!(listed.response.body, Body::Cut { kept: Bytes::new() });
    assert_eq!(
        read.exchanges[2].1.response.body,
        Body::Binary(Bytes::from_static(b"\x89PNG"))
    );

    let aborted = &read.exchanges[3].1;
    let ended = aborted.ended.as_ref().unwrap();
    assert_eq!(
        (aborted.response.status, ended.by, ended.why.as_str()),
        (0, Side::Client, "net::ERR_ABORTED")
    );
    assert_eq!(aborted.elapsed, Duration::ZERO);
}

#[test]
fn an_archive_of_firefox() {
    let read = import("firefox.har", None);
    assert_eq!((read.exchanges.len(), read.skipped), (3, 1));
    let (_, listed) = &read.exchanges[0];
    assert_eq!(listed.at.to_string(), "2026-01-02T10:00:01.5Z");
    let names: Vec<&str> = listed
        .request
        .headers
        .iter()
        .map(|it| it.0.as_str())
        .collect();
    assert_eq!(names, ["host", "accept", "authorization"]);
    let Body::Json(answer) = &listed.response.body else {
        panic!("{listed:?}")
    };
    assert_eq!(answer["totalResults"], 0);
    let replaced = &read.exchanges[1].1;
    assert_eq!(replaced.response.body, Body::Cut { kept: Bytes::new() });
    assert_eq!(
        read.exchanges[2].1.response.body,
        Body::Empty,
        "a 304 has no body"
    );
}

#[test]
fn a_form_that_is_only_params_is_a_body() {
    let read = import("firefox.har", Some("https://sp.example/"));
    // In the order of time, which is not that of the archive.
    let (number, token) = &read.exchanges[0];
    assert_eq!((*number, token.request.path.as_str()), (1, "/oauth/token"));
    assert_eq!(
        token.request.body,
        Body::Text("grant_type=client_credentials&client_secret={secret}".into())
    );
    assert_eq!(
        token.response.body,
        Body::Json(json!({"access_token": "{secret}"}))
    );
    assert_eq!(read.exchanges[1].1.request.path, "/scim/v2/Users");
    assert_eq!(read.others, ["https://sp.example/scim/v2"]);
}

#[test]
fn an_archive_of_mitmproxy() {
    let read = import("mitmproxy.har", None);
    assert_eq!((read.exchanges.len(), read.skipped), (3, 0));
    let patched = &read.exchanges[0].1;
    assert_eq!(patched.at.to_string(), "2026-01-02T10:00:00.123456Z");
    let Body::Json(sent) = &patched.request.body else {
        panic!("{patched:?}")
    };
    assert_eq!(sent["Operations"][0]["value"], false);
    assert_eq!(
        patched.response.headers,
        [("server".to_owned(), "sp".to_owned())]
    );
    assert_eq!(patched.response.body, Body::Empty);
    let failed = &read.exchanges[1].1;
    assert_eq!(failed.request.body, Body::Empty);
    assert_eq!(
        failed.response.body,
        Body::Binary(Bytes::from_static(&[255, 0, 1]))
    );
    let killed = &read.exchanges[2].1;
    assert_eq!(killed.request.body, Body::Cut { kept: Bytes::new() });
    assert_eq!(killed.ended.as_ref().unwrap().by, Side::Upstream);
}

#[test]
fn what_is_imported_can_be_exported() {
    for name in ["chrome.har", "firefox.har", "mitmproxy.har"] {
        let first = import(name, None);
        super::round_trip::check(&first.recording, &first.exchanges);
    }
}

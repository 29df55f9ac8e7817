//! Recording to HAR to recording is the identity, and what is written fits the schema of HAR 1.2.

use crate::support::json_schema::misfit;
use bytes::Bytes;
use proptest::prelude::*;
use scimulate::exchange::{
    Body, Ended, Exchange, Recording, Request, Response, Side, file, folder, har,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const SCHEMA: &str = include_str!("../../data/har-1.2.schema.json");

/// Out and in again; gives back what was written.
#[track_caller]
pub(super) fn check(recording: &Recording, exchanges: &[(u64, Exchange)]) -> Value {
    let text = har::write(recording, exchanges);
    let written: Value = serde_json::from_str(&text).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(
        misfit(&schema, &schema["definitions"]["har"], &written),
        None
    );
    let read = har::read(&text, None).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    assert_eq!(&read.recording, recording);
    let print = |all: &[(u64, Exchange)]| -> Vec<(u64, String)> {
        all.iter()
            .map(|(number, it)| (*number, file::print(it)))
            .collect()
    };
    assert_eq!(print(&read.exchanges), print(exchanges));
    written
}

fn recording() -> Recording {
    Recording {
        upstream: "https://sp.example/scim/v2".into(),
        base_path: "/scim".into(),
        started: "2026-01-01T00:00:00Z".into(),
        version: "0.0.1".into(),
        redaction: "secrets".into(),
        key: String::new(),
    }
}

#[test]
fn the_recording_that_ships_comes_back() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first");
    let exchanges = folder::read(&path).unwrap();
    let written = check(&recording(), &exchanges);
    let entries = written["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), exchanges.len());
    // HAR has a word for all of it.
    assert!(
        entries
            .iter()
            .all(|entry| entry["_scimulateExchange"].is_null())
    );
    let made = &entries[4];
    assert_eq!(made["request"]["url"], "https://sp.example/scim/v2/Users");
    assert_eq!(
        made["response"]["redirectURL"],
        "https://sp.example/scim/v2/Users/0d9b9d88a8d14594a0388167778e3aa6"
    );
    assert!(!written.to_string().contains("{base}"));
}

fn made(path: &str, sent: Body, answer: Body) -> Exchange {
    Exchange {
        at: "2026-01-01T00:00:00.123Z".parse().unwrap(),
        elapsed: Duration::from_micros(12_400),
        ended: None,
        request: Request {
            method: "POST".into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: sent,
        },
        response: Response {
            status: 200,
            headers: Vec::new(),
            body: answer,
        },
    }
}

/// Whether the exchange stands whole beside its entry.
#[track_caller]
fn check_body(body: Body, whole: bool) {
    let exchange = made("/Users", Body::Empty, body);
    let written = check(&recording(), &[(7, exchange)]);
    let entry = &written["log"]["entries"][0];
    assert_eq!(entry["_scimulateNumber"], 7);
    assert_eq!(!entry["_scimulateExchange"].is_null(), whole, "{entry}");
}

#[test]
fn what_har_has_no_word_for_stands_beside_it() {
    check_body(Body::Empty, false);
    check_body(Body::Json(json!({"a": [1, 2.5, null]})), false);
    check_body(Body::Json(Value::Null), false);
    check_body(Body::Text("{\"n\": 1.50, \"n\": 2}".into()), false);
    check_body(Body::Text("not JSON".into()), false);
    check_body(Body::Binary(Bytes::from_static(&[0, 255])), false);
    check_body(Body::Binary(Bytes::from_static(b"text")), true);
    check_body(
        Body::Cut {
            kept: Bytes::from_static(b"{\"a\":"),
        },
        true,
    );
    check_body(
        Body::Json(json!({"$ref": "https://sp.example/scim/v2/Users/1"})),
        true,
    );
    check_body(
        Body::Json(json!({"$ref": "{base}/Users/1", "displayName": "{base}"})),
        false,
    );
    let mut ended = made(
        "/Users",
        Body::Binary(Bytes::from_static(&[1, 200])),
        Body::Empty,
    );
    ended.response = Response::none();
    ended.ended = Some(Ended {
        by: Side::Client,
        why: "it left".into(),
    });
    let written = check(&recording(), &[(1, ended)]);
    assert_eq!(
        written["log"]["entries"][0]["response"]["_error"],
        "it left"
    );
}

#[test]
fn an_entry_that_was_added_by_hand_follows_the_others() {
    let exchanges = [(3, made("/Users", Body::Empty, Body::Empty))];
    let mut archive: Value = serde_json::from_str(&har::write(&recording(), &exchanges)).unwrap();
    let entries = archive["log"]["entries"].as_array_mut().unwrap();
    let mut added = entries[0].clone();
    added.as_object_mut().unwrap().remove("_scimulateNumber");
    entries.insert(0, added);
    let read = har::read(&archive.to_string(), None).unwrap();
    let numbers: Vec<u64> = read.exchanges.iter().map(|it| it.0).collect();
    assert_eq!(numbers, [3, 4]);
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("{base}/Users/1")),
        Just(json!("https://sp.example/scim/v2/Users/1")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(
                (
                    prop_oneof![
                        "[a-z]{1,4}",
                        Just("$ref".to_owned()),
                        Just("location".to_owned())
                    ],
                    inner
                ),
                0..4
            )
            .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        Just(Body::Empty),
        json_value().prop_map(Body::Json),
        "\\PC{1,12}".prop_map(Body::Text),
        prop::collection::vec(any::<u8>(), 1..12).prop_map(|it| Body::Binary(it.into())),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|it| Body::Cut { kept: it.into() }),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        Just("content-type".to_owned()),
        Just("Location".to_owned()),
        Just("content-length".to_owned()),
        "x-[a-z]{1,5}",
    ];
    let value = prop_oneof![
        Just("application/scim+json".to_owned()),
        Just("text/plain".to_owned()),
        Just("{base}/Users/1".to_owned()),
        "[a-z ]{0,6}",
    ];
    prop::collection::vec((name, value), 0..4)
}

proptest! {
    #[test]
    fn any_recording_comes_back_as_it_went(
        method in "[A-Z]{1,7}",
        path in "(/[A-Za-z0-9%.{}~-]{0,6}){1,3}",
        query in prop::collection::vec(("\\PC{0,6}", "\\PC{0,6}"), 0..3),
        status in 200_u16..600,
        micros in 0_u32..10_000_000,
        ended in any::<bool>(),
        (sent_headers, sent) in (headers(), body()),
        (answer_headers, answer) in (headers(), body()),
    ) {
        let mut exchange = made(&path, sent, answer);
        exchange.request.method = method;
        exchange.request.query = query;
        exchange.request.headers = sent_headers;
        exchange.response.headers = answer_headers;
        exchange.response.status = status;
        exchange.elapsed = Duration::from_micros(micros.into());
        exchange.ended = ended.then(|| Ended { by: Side::Upstream, why: "it broke off".into() });
        // A file is what a recording is made of: an empty text is no body there.
        let exchange = file::parse(&file::print(&exchange)).unwrap();
        check(&recording(), &[(12, exchange)]);
    }
}

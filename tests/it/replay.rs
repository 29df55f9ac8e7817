//! Replay: a recording answers in place of the service provider.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod causal;
mod interleaved;
mod miss;
mod options;
mod volatile;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use scimulate::exchange::{Body, Ended, Exchange, Folder, Recording, Request, Response, Side};
use scimulate::replay::{Matching, Player};
use serde_json::{Value, json};
use std::time::Duration;

const BASE: &str = "http://127.0.0.1:8080/scim/v2";

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// `target` is a path below the base with its query string.
fn exchange(method: &str, target: &str, body: Value, status: u16, answer: Value) -> Exchange {
    let kind = |body| {
        if body == Value::Null {
            Body::Empty
        } else {
            Body::Json(body)
        }
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    Exchange {
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        elapsed: Duration::ZERO,
        ended: None,
        request: Request {
            method: method.into(),
            path: path.into(),
            query,
            headers: pairs(&[("authorization", "Bearer {secret}")]),
            body: kind(body),
        },
        response: Response {
            status,
            headers: pairs(&[("content-type", "application/scim+json")]),
            body: kind(answer),
        },
    }
}

fn player(exchanges: &[Exchange]) -> Player {
    player_with(exchanges, Matching::default())
}

fn player_with(exchanges: &[Exchange], matching: Matching) -> Player {
    let home = tempfile::tempdir().unwrap();
    let recording = Recording {
        upstream: "http://127.0.0.1:1/v2".into(),
        base_path: "/v2".into(),
        started: "2026-01-01T00:00:00Z".into(),
        version: "0.1.0".into(),
        redaction: "secrets".into(),
        key: String::new(),
    };
    let folder = Folder::open(home.path(), &recording).unwrap();
    for exchange in exchanges {
        folder.write(folder.next_number(), exchange).unwrap();
    }
    Player::load_with(home.path(), matching).unwrap()
}

fn ask_with(player: &Player, method: &str, target: &str, body: &str) -> http::Response<Bytes> {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/scim/v2{target}"))
        .header("authorization", "Bearer whatever")
        .header("content-type", "application/scim+json")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    player.answer(BASE, &request)
}

fn ask(player: &Player, method: &str, target: &str) -> http::Response<Bytes> {
    ask_with(player, method, target, "")
}

fn matched(response: &http::Response<Bytes>) -> &str {
    response.headers()["scimulate-match"].to_str().unwrap()
}

fn json_of(response: &http::Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[track_caller]
fn check_match(recorded: (&str, &str, Value), sent: (&str, &str, &str), expected: &str) {
    let player = player(&[exchange(recorded.0, recorded.1, recorded.2, 200, json!({}))]);
    let response = ask_with(&player, sent.0, sent.1, sent.2);
    assert_eq!(matched(&response), expected, "{:?}", response.body());
    assert_eq!(player.misses(), u64::from(expected == "none"));
}

#[test]
fn a_request_matches_on_method_path_query_and_body() {
    let (exact, canonical, none) = ("exact; exchange=1", "canonical; exchange=1", "none");
    let get = |target: &'static str| ("GET", target, Value::Null);
    check_match(get("/Users"), ("GET", "/Users", ""), exact);
    check_match(get("/Users"), ("HEAD", "/Users", ""), none);
    check_match(get("/Users"), ("GET", "/Groups", ""), none);
    check_match(get("/Users"), ("GET", "/Users?count=1", ""), none);
    check_match(
        get("/Users?count=1&startIndex=2"),
        ("GET", "/Users?count=1&startIndex=2", ""),
        exact,
    );
    check_match(
        get("/Users?count=1&startIndex=2"),
        ("GET", "/Users?startIndex=2&COUNT=1", ""),
        canonical,
    );
    check_match(
        get("/Users?filter=userName+eq+%22a%22"),
        ("GET", "/Users?filter=userName%20eq%20%22a%22", ""),
        exact,
    );
    check_match(
        get("/Users?filter=userName+eq+%22a%22"),
        ("GET", "/Users?filter=userName%20eq%20%22b%22", ""),
        none,
    );
    check_match(get("/Users/a%2Db"), ("GET", "/Users/a-b", ""), canonical);
    check_match(get("/"), ("GET", "", ""), exact);
    check_match(get("/Users"), ("GET", "/Users", "{}"), none);
    let post = || ("POST", "/Users", json!({"userName": "a", "active": true}));
    check_match(
        post(),
        ("POST", "/Users", r#"{"userName": "a", "active": true}"#),
        exact,
    );
    check_match(
        post(),
        ("POST", "/Users", r#"{"active":true,"username":"a"}"#),
        canonical,
    );
    check_match(
        post(),
        ("POST", "/Users", r#"{"userName":"A","active":true}"#),
        canonical,
    );
    check_match(
        post(),
        ("POST", "/Users", r#"{"userName":"b","active":true}"#),
        none,
    );
    check_match(
        post(),
        ("POST", "/Users", r#"{"userName":"a","active":true"#),
        none,
    );
    check_match(
        ("PUT", "/Users/1", json!([1, 2])),
        ("PUT", "/Users/1", "[2,1]"),
        none,
    );
}

#[test]
fn a_secret_in_the_request_is_compared_as_it_was_recorded() {
    let exact = "exact; exchange=1";
    let sent = (
        "POST",
        "/Users",
        r#"{"userName":"a","password":"t1meMa$heen"}"#,
    );
    check_match(
        (
            "POST",
            "/Users",
            json!({"userName": "a", "password": "{secret}"}),
        ),
        sent,
        exact,
    );
    check_match(
        (
            "POST",
            "/Users",
            json!({"userName": "a", "password": "by hand"}),
        ),
        sent,
        exact,
    );
    check_match(
        ("GET", "/Users?access_token=%7Bsecret%7D", Value::Null),
        ("GET", "/Users?access_token=x", ""),
        exact,
    );
    let filter = r#"{"filter":"password eq \"x\""}"#;
    check_match(
        (
            "POST",
            "/.search",
            json!({"filter": "password eq \"{secret}\""}),
        ),
        ("POST", "/.search", filter),
        exact,
    );
}

#[test]
fn the_own_base_in_a_request_is_the_base_of_the_recording() {
    let sent = format!(r#"{{"manager":{{"$ref":"{BASE}/Users/1"}}}}"#);
    check_match(
        (
            "PUT",
            "/Users/2",
            json!({"manager": {"$ref": "{base}/Users/1"}}),
        ),
        ("PUT", "/Users/2", &sent),
        "exact; exchange=1",
    );
}

#[test]
fn equal_requests_get_their_answers_in_recorded_order_and_the_last_repeats() {
    let player = player(&[
        exchange("GET", "/Users/1", Value::Null, 404, json!({"n": 1})),
        exchange("GET", "/Users/2", Value::Null, 200, json!({"n": 2})),
        exchange("GET", "/Users/1", Value::Null, 200, json!({"n": 3})),
        exchange("GET", "/Users/1", Value::Null, 200, json!({"n": 4})),
    ]);
    let answers: Vec<Value> = (0..5)
        .map(|_| json_of(&ask(&player, "GET", "/Users/1"))["n"].clone())
        .collect();
    assert_eq!(answers, [1, 3, 4, 4, 4]);
    assert_eq!(json_of(&ask(&player, "GET", "/Users/2")), json!({"n": 2}));
    assert_eq!((player.misses(), player.exchanges()), (0, 4));
}

#[test]
fn threads_share_the_recorded_order() {
    let exchanges: Vec<_> = (0..100)
        .map(|n| exchange("GET", "/Users", Value::Null, 200, json!({"n": n})))
        .collect();
    let player = player(&exchanges);
    let mut seen: Vec<u64> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..25)
                        .map(|_| {
                            json_of(&ask(&player, "GET", "/Users"))["n"]
                                .as_u64()
                                .unwrap()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        asking
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[test]
fn the_answer_stands_under_the_own_base() {
    let mut shown = exchange(
        "GET",
        "/Users/1",
        Value::Null,
        201,
        json!({
            "id": "1", "displayName": "{base}/Users/1", "meta": {"location": "{base}/Users/1"}, "groups": [{"$ref": "{base}/Groups/2"}]
        }),
    );
    shown
        .response
        .headers
        .push(("location".into(), "{base}/Users/1".into()));
    let player = player(&[shown]);
    for base in [BASE, "https://other.example/tenant/scim/v2", BASE] {
        let path = base
            .find("/scim")
            .map_or("", |at| &base[base.find("//").unwrap() + 2..at]);
        let path = path.find('/').map_or("", |at| &path[at..]);
        let request = http::Request::get(format!("{path}/scim/v2/Users/1"))
            .body(Bytes::new())
            .unwrap();
        let response = player.answer(base, &request);
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()[LOCATION], format!("{base}/Users/1"));
        assert_eq!(
            json_of(&response),
            json!({
                "id": "1", "displayName": "{base}/Users/1", "meta": {"location": format!("{base}/Users/1")}, "groups": [{"$ref": format!("{base}/Groups/2")}]
            })
        );
        assert_eq!(
            response.headers()[CONTENT_LENGTH],
            response.body().len().to_string()
        );
        assert_eq!(response.headers()[CONTENT_TYPE], "application/scim+json");
    }
}

#[test]
fn fields_of_the_recorded_connection_are_not_sent_again() {
    let mut recorded = exchange("GET", "/Users", Value::Null, 200, json!({"a": 1}));
    recorded.response.headers = pairs(&[
        ("Connection", "close, X-Hop"),
        ("x-hop", "1"),
        ("Keep-Alive", "timeout=5"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "999"),
        ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("Server-Timing", "db;dur=1"),
        ("Upgrade", "h2c"),
        ("Trailer", "x"),
        ("scimulate-match", "x"),
        ("ETag", "W/\"1\""),
        ("X-Two", "a"),
        ("X-Two", "b"),
    ]);
    let response = ask(&player(&[recorded]), "GET", "/Users");
    let mut names: Vec<&str> = response
        .headers()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "content-length",
            "etag",
            "scimulate-match",
            "x-two",
            "x-two"
        ]
    );
    assert_eq!(response.headers()[CONTENT_LENGTH], "7");
    assert_eq!(matched(&response), "exact; exchange=1");
}

#[track_caller]
fn check_empty(method: &str, status: u16, answer: Value, length: Option<&str>) {
    let mut recorded = exchange(method, "/Users/1", Value::Null, status, answer);
    recorded
        .response
        .headers
        .push(("content-length".into(), "0".into()));
    let response = ask(&player(&[recorded]), method, "/Users/1");
    assert_eq!(response.status(), status);
    assert!(response.body().is_empty());
    assert_eq!(
        response
            .headers()
            .get(CONTENT_LENGTH)
            .map(|value| value.to_str().unwrap()),
        length
    );
}

#[test]
fn an_answer_that_has_no_content_has_no_length_of_it() {
    check_empty("DELETE", 204, Value::Null, None);
    check_empty("PATCH", 204, json!({"left": "by hand"}), None);
    check_empty("GET", 304, Value::Null, None);
    check_empty("HEAD", 200, Value::Null, None);
    check_empty("HEAD", 200, json!({"a": 1}), Some("7"));
    check_empty("GET", 200, Value::Null, Some("0"));
}

#[test]
fn an_answer_that_was_cut_is_not_passed_off_as_whole() {
    let mut recorded = exchange("GET", "/Users", Value::Null, 200, Value::Null);
    recorded.response.body = Body::Cut {
        kept: Bytes::from_static(b"{\"Resources\":["),
    };
    let response = ask(&player(&[recorded]), "GET", "/Users");
    assert_eq!(response.status(), 502);
    assert!(
        json_of(&response)["detail"]
            .as_str()
            .unwrap()
            .contains("holds 14 bytes of the answer of exchange 1 and not the whole")
    );
}

#[test]
fn a_text_is_answered_byte_for_byte() {
    let mut recorded = exchange("GET", "/Users", Value::Null, 200, Value::Null);
    recorded.response.body = Body::Text(r#"{"a": 1.10, "a": 2}"#.into());
    assert_eq!(
        ask(&player(&[recorded]), "GET", "/Users").body(),
        r#"{"a": 1.10, "a": 2}"#
    );
}

#[test]
fn a_request_outside_of_the_base_is_told_the_base() {
    let player = player(&[exchange("GET", "/Users", Value::Null, 200, json!({}))]);
    for path in ["/Users", "/scim/v22/Users", "/"] {
        let response = player.answer(BASE, &http::Request::get(path).body(Bytes::new()).unwrap());
        assert_eq!(response.status(), 404);
        assert_eq!(
            json_of(&response)["detail"],
            format!("{path} is outside of the SCIM base; ask below {BASE}")
        );
    }
    assert_eq!(player.misses(), 3);
}

#[test]
fn an_exchange_that_ended_early_answers_nothing_and_is_named_where_it_is_asked_for() {
    let whole = exchange("GET", "/Users", Value::Null, 200, json!({"id": 1}));
    let mut early = exchange("GET", "/Users", Value::Null, 200, json!({"id": 2}));
    let ended = Ended {
        by: Side::Upstream,
        why: "it broke off".into(),
    };
    early.ended = Some(ended.clone());
    let mut silent = exchange("GET", "/Groups", Value::Null, 0, Value::Null);
    silent.response = Response::none();
    silent.ended = Some(ended);
    let player = player(&[early, whole, silent]);
    assert_eq!((player.exchanges(), player.unanswered()), (1, 2));
    for _ in 0..3 {
        assert_eq!(matched(&ask(&player, "GET", "/Users")), "exact; exchange=2");
    }
    let missed = ask(&player, "GET", "/Groups");
    assert_eq!(missed.status(), 404);
    assert_eq!(
        json_of(&missed)["detail"],
        "exchange 3 of the recording asks the same and has no whole answer, for it was ended by the upstream: it broke off; record it again"
    );
    assert!(
        json_of(&ask(&player, "GET", "/Schemas"))["detail"]
            .as_str()
            .unwrap()
            .contains("nearest is exchange 2")
    );
}

#[test]
fn a_folder_without_exchanges_says_what_was_expected() {
    let home = tempfile::tempdir().unwrap();
    let errors = Player::load(home.path()).unwrap_err();
    assert!(
        errors[0]
            .to_string()
            .contains("expected files like 0001-GET-Users-200.json and found none"),
        "{errors:?}"
    );
    std::fs::write(home.path().join("0001-a.json"), "{").unwrap();
    std::fs::write(home.path().join("0002-b.json"), "{").unwrap();
    assert_eq!(Player::load(home.path()).unwrap_err().len(), 2);
}

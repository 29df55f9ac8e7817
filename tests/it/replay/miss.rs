//! A miss names the nearest recorded exchange and what differs.

use super::{ask, ask_with, exchange, json_of, matched, player};
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

#[track_caller]
fn check_miss(method: &str, target: &str, body: &str, expected: &str) {
    let player = player(&[
        exchange("GET", "/Users/2819", Value::Null, 200, json!({})),
        exchange(
            "GET",
            "/Users?count=20&filter=userName+eq+%22a%22",
            Value::Null,
            200,
            json!({}),
        ),
        exchange(
            "POST",
            "/Users",
            json!({"userName": "a", "name": {"givenName": "B"}, "emails": [{"value": "x"}], "password": "{secret}"}),
            201,
            json!({}),
        ),
        exchange(
            "PATCH",
            "/Groups/1",
            json!({"Operations": [{"op": "add"}, {"op": "remove"}]}),
            204,
            Value::Null,
        ),
    ]);
    let response = ask_with(&player, method, target, body);
    let error = json_of(&response);
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/scim+json");
    assert_eq!(
        error["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
    );
    assert_eq!(error["status"], "404");
    assert_eq!(error["detail"], expected);
    assert_eq!((matched(&response), player.misses()), ("none", 1));
}

#[test]
fn a_miss_names_the_nearest_exchange_and_what_differs() {
    check_miss(
        "GET",
        "/Users/9",
        "",
        "no recorded exchange answers GET /Users/9; the nearest is exchange 1, GET /Users/2819: path: sent /Users/9, recorded /Users/2819",
    );
    check_miss(
        "DELETE",
        "/Users/2819",
        "",
        "no recorded exchange answers DELETE /Users/2819; the nearest is exchange 1, GET /Users/2819: method: sent DELETE, recorded GET",
    );
    check_miss(
        "GET",
        "/Users?count=10&filter=userName+eq+%22a%22",
        "",
        "no recorded exchange answers GET /Users; the nearest is exchange 2, GET /Users: query parameter count: sent \"10\", recorded \"20\"",
    );
    check_miss(
        "GET",
        "/Users?startIndex=1&COUNT=20",
        "",
        "no recorded exchange answers GET /Users; the nearest is exchange 2, GET /Users: query parameter filter: sent nothing, recorded \
         \"userName eq \\\"a\\\"\"",
    );
    check_miss(
        "POST",
        "/Users",
        r#"{"username":"a","name":{"givenName":"C"},"emails":[{"value":"y"},{"value":"z"}],"password":"hidden"}"#,
        "no recorded exchange answers POST /Users; the nearest is exchange 3, POST /Users: body member emails[0].value: sent \"y\", \
         recorded \"x\"; body member emails[1]: sent {\"value\":\"z\"}, recorded nothing; body member name.givenName: sent \"C\", recorded \"B\"",
    );
    check_miss(
        "PATCH",
        "/Groups/1",
        r#"{"Operations":[{"op":"remove"},{"op":"add"}]}"#,
        "no recorded exchange answers PATCH /Groups/1; the nearest is exchange 4, PATCH /Groups/1: body member Operations[0].op: sent \"remove\", \
         recorded \"add\"; body member Operations[1].op: sent \"add\", recorded \"remove\"",
    );
    check_miss(
        "PATCH",
        "/Groups/1",
        "oops",
        "no recorded exchange answers PATCH /Groups/1; the nearest is exchange 4, PATCH /Groups/1: body: sent the text \"oops\", \
         recorded {\"Operations\":[{\"op\":\"add\"},{\"op\":\"remove\"}]}",
    );
    check_miss(
        "PATCH",
        "/Groups/1",
        r#"{"a":1,"b":1,"c":1,"d":1,"e":1}"#,
        "no recorded exchange answers PATCH /Groups/1; the nearest is exchange 4, PATCH /Groups/1: body member a: sent 1, recorded nothing; \
         body member b: sent 1, recorded nothing; body member c: sent 1, recorded nothing; body member d: sent 1, recorded nothing; \
         body member e: sent 1, recorded nothing; and more",
    );
}

#[test]
fn a_miss_by_names_that_differ_only_in_case_says_so() {
    let player = player(&[exchange(
        "POST",
        "/Users",
        json!({"a": 1, "A": 1}),
        201,
        json!({}),
    )]);
    let error = json_of(&ask_with(&player, "POST", "/Users", r#"{"a":1}"#));
    assert!(
        error["detail"]
            .as_str()
            .unwrap()
            .ends_with("POST /Users: body: the same members in another spelling or order"),
        "{error}"
    );
}

#[test]
fn a_miss_shows_no_secret_and_only_the_beginning_of_a_long_value() {
    let player = player(&[exchange(
        "POST",
        "/Users",
        json!({"userName": "a"}),
        201,
        json!({}),
    )]);
    let sent = json!({"userName": "é".repeat(500), "password": "hidden"}).to_string();
    let error = json_of(&ask_with(&player, "POST", "/Users", &sent));
    let detail = error["detail"].as_str().unwrap();
    assert!(
        detail.contains("body member password: sent \"{secret}\", recorded nothing"),
        "{detail}"
    );
    assert!(
        detail.contains("é…, recorded \"a\"") && detail.chars().count() < 400,
        "{detail}"
    );
    let head = ask(&player, "HEAD", "/Groups");
    assert!(head.body().is_empty());
}

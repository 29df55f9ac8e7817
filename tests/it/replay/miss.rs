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
        "no recorded exchange answers PATCH /Groups/1; the nearest is exchange 4, PATCH /Groups/1: operation 1: `remove`, recorded `add`; operation 2: `add`, recorded `remove`",
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

/// What is said of the difference between two requests of the same method and path.
#[track_caller]
fn check_differences(method: &str, (sent, recorded): (&str, Value), expected: &[&str]) {
    check_targets(method, ("/Users/1", "/Users/1"), (sent, recorded), expected);
}

#[track_caller]
fn check_targets(
    method: &str,
    (target, recorded_target): (&str, &str),
    (sent, recorded): (&str, Value),
    expected: &[&str],
) {
    let player = player(&[exchange(method, recorded_target, recorded, 200, json!({}))]);
    let response = ask_with(&player, method, target, sent);
    assert_eq!(matched(&response), "none", "{:?}", response.body());
    let missed = player.missed();
    assert_eq!(missed[0].miss.differences, expected);
    let told = missed[0].miss.to_json();
    assert_eq!(
        (&told["nearest"], &told["method"]),
        (&json!(1), &json!(method))
    );
    assert_eq!(told["detail"], json_of(&response)["detail"]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a row each")]
fn each_kind_of_difference_is_said_in_words() {
    let patch = |operations: Value| json!({"Operations": operations});
    let rows: [(&str, Value, Value, &[&str]); 17] = [
        (
            "another address",
            json!([{"op": "replace", "path": "active", "value": true}, {"op": "replace", "path": "emails[type eq \"home\"]", "value": "x"}]),
            json!([{"op": "Replace", "path": "ACTIVE", "value": true}, {"op": "replace", "path": "emails[type eq \"work\"]", "value": "x"}]),
            &["operation 2: path `emails[type eq \"home\"]`, recorded `emails[type eq \"work\"]`"],
        ),
        (
            "another operation",
            json!([{"op": "remove", "path": "title"}]),
            json!([{"op": "add", "path": "title"}]),
            &["operation 1: `remove`, recorded `add`"],
        ),
        (
            "a path or none",
            json!([{"op": "add", "path": "title", "value": "x"}]),
            json!([{"op": "add", "value": {"name": {"givenName": "x"}}}]),
            &[
                "operation 1: path `title`, recorded none",
                "operation 1: value: sent \"x\", recorded {\"name\":{\"givenName\":\"x\"}}",
            ],
        ),
        (
            "none or a path",
            json!([{"op": "add", "value": {"name": {"givenName": "x"}}}]),
            json!([{"op": "add", "path": "title", "value": "x"}]),
            &[
                "operation 1: no path, recorded `title`",
                "operation 1: value: sent {\"name\":{\"givenName\":\"x\"}}, recorded \"x\"",
            ],
        ),
        (
            "another value",
            json!([{"op": "add", "path": "title", "value": "x"}]),
            json!([{"op": "add", "path": "title", "value": "y"}]),
            &["operation 1: value: sent \"x\", recorded \"y\""],
        ),
        (
            "a value of another type",
            json!([{"op": "add", "path": "active", "value": "x"}]),
            json!([{"op": "add", "path": "active", "value": false}]),
            &["operation 1: value: sent \"x\", recorded false"],
        ),
        (
            "a member of a value",
            json!([{"op": "add", "path": "name", "value": {"givenName": "a", "familyName": "B"}}]),
            json!([{"op": "add", "path": "name", "value": {"familyName": "b", "givenName": "c"}}]),
            &["operation 1: value givenName: sent \"a\", recorded \"c\""],
        ),
        (
            "one of a set",
            json!([{"op": "add", "path": "emails", "value": [{"value": "a"}, {"value": "b"}]}]),
            json!([{"op": "add", "path": "emails", "value": [{"value": "B"}, {"value": "c"}]}]),
            &["operation 1: value[0].value: sent \"a\", recorded \"c\""],
        ),
        (
            "an operation more",
            json!([{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "name"}]),
            json!([{"op": "add", "path": "title", "value": "x"}]),
            &["operation 2: sent {\"op\":\"remove\",\"path\":\"name\"}, recorded nothing"],
        ),
        (
            "an operation less",
            json!([{"op": "add", "path": "title", "value": "x"}]),
            json!([{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "name"}]),
            &["operation 2: sent nothing, recorded {\"op\":\"remove\",\"path\":\"name\"}"],
        ),
        (
            "a value or none",
            json!([{"op": "remove", "path": "members"}]),
            json!([{"op": "remove", "path": "members", "value": [{"value": "1"}]}]),
            &["operation 1: value: sent nothing, recorded [{\"value\":\"1\"}]"],
        ),
        (
            "a selection by another operator",
            json!([{"op": "remove", "path": "emails[value co \"a\"]"}]),
            json!([{"op": "remove", "path": "emails[value eq \"a\"]"}]),
            &["operation 1: path `emails[value co \"a\"]`, recorded `emails[value eq \"a\"]`"],
        ),
        (
            "another part of the same value",
            json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a"}]),
            json!([{"op": "replace", "path": "emails[type eq \"work\"].display", "value": "a"}]),
            &[
                "operation 1: path `emails[type eq \"work\"].value`, recorded `emails[type eq \"work\"].display`",
            ],
        ),
        (
            "an attribute of an extension",
            json!([{"op": "add", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "a"}}}]),
            json!([{"op": "add", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "b"}}}]),
            &[
                "operation 1: value urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department: sent \"a\", recorded \"b\"",
            ],
        ),
        (
            "an array in another order where order may count",
            json!([{"op": "add", "path": "x", "value": [1, 2]}]),
            json!([{"op": "add", "path": "x", "value": [2, 1]}]),
            &[
                "operation 1: value[0]: sent 1, recorded 2",
                "operation 1: value[1]: sent 2, recorded 1",
            ],
        ),
        (
            "null or nothing",
            json!([{"op": "replace", "path": "title", "value": null}]),
            json!([{"op": "replace", "path": "title"}]),
            &["operation 1: value: sent null, recorded nothing"],
        ),
        (
            "what is no operation",
            json!(["x"]),
            json!([{"op": "remove", "path": "title"}]),
            &["operation 1: sent \"x\", recorded {\"op\":\"remove\",\"path\":\"title\"}"],
        ),
    ];
    for (_, sent, recorded, expected) in rows {
        check_differences(
            "PATCH",
            (&patch(sent).to_string(), patch(recorded)),
            expected,
        );
    }
    check_differences(
        "PUT",
        (
            r#"{"name":{"givenName":"a"},"emails":[{"value":"B"},{"value":"a"}]}"#,
            json!({"NAME": {"givenName": "c"}, "emails": [{"value": "A"}, {"value": "b"}]}),
        ),
        &["body member name.givenName: sent \"a\", recorded \"c\""],
    );
    check_differences(
        "PUT",
        (
            r#"{"schemas":["urn:a"]}"#,
            json!({"schemas": ["URN:A", "urn:b"]}),
        ),
        &["body member schemas[1]: sent nothing, recorded \"urn:b\""],
    );
    check_differences(
        "PUT",
        ("", json!({"a": 1})),
        &["body: sent nothing, recorded {\"a\":1}"],
    );
    let get = |sent: &str, recorded: &str, expected: &[&str]| {
        check_targets("GET", (sent, recorded), ("", Value::Null), expected);
    };
    get(
        "/Users?filter=userName+co+%22A%22",
        "/Users?filter=USERNAME+eq+%22a%22",
        &[
            "query parameter filter: sent \"userName co \\\"A\\\"\", recorded \"USERNAME eq \\\"a\\\"\"",
        ],
    );
    get(
        "/Users?startIndex=1&attributes=b,a",
        "/Users?attributes=A",
        &["query parameter attributes: sent \"b,a\", recorded \"A\""],
    );
    get(
        "/Users?count=5",
        "/Users",
        &["query parameter count: sent \"5\", recorded nothing"],
    );
    get(
        "/Users/1",
        "/Users/2",
        &["path: sent /Users/1, recorded /Users/2"],
    );
}

#[test]
fn a_condition_that_was_not_recorded_is_a_difference() {
    let player = player(&[exchange("GET", "/Users/1", Value::Null, 200, json!({}))]);
    let request = http::Request::get("/scim/v2/Users/1")
        .header("if-none-match", "W/\"1\"")
        .body(bytes::Bytes::new())
        .unwrap();
    player.answer(super::BASE, &request);
    assert_eq!(
        player.missed()[0].miss.differences,
        ["If-None-Match: sent W/\"1\", recorded nothing"]
    );
}

#[test]
fn another_status_can_stand_for_a_miss() {
    let player = player(&[exchange("GET", "/Users/1", Value::Null, 200, json!({}))]);
    let player = player.refusing_with(http::StatusCode::IM_A_TEAPOT);
    let response = ask(&player, "GET", "/Users/2");
    assert_eq!(
        (
            response.status().as_u16(),
            json_of(&response)["status"].clone()
        ),
        (418, json!("418"))
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

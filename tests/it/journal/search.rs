//! What is found in a journal, in which order, and which searches make no sense.

use super::{add, exchange};
use scimulate::journal::{Journal, Malformed, Query};
use scimulate::scim::Leniencies;
use serde_json::{Value, json};

/// Seven exchanges, a second apart.
fn journal() -> Journal {
    let journal = Journal::default();
    let rows = [
        (
            "acme",
            "POST",
            "/Users",
            json!({"userName": "bjensen", "active": true}),
            201,
            json!({"id": "a%1", "userName": "bjensen"}),
        ),
        (
            "acme",
            "POST",
            "/Users",
            json!({"userName": "bjensen"}),
            409,
            json!({"detail": "taken"}),
        ),
        (
            "acme",
            "GET",
            "/Users/a%251",
            Value::Null,
            200,
            json!({"id": "a%1", "userName": "bjensen"}),
        ),
        (
            "umbrella",
            "GET",
            "/Users?filter=userName+eq+%22wesker%22&count=1",
            Value::Null,
            200,
            json!({"totalResults": 0}),
        ),
        (
            "acme",
            "PATCH",
            "/Groups/g-1",
            json!({"Operations": [{"op": "add", "path": "members"}]}),
            204,
            Value::Null,
        ),
        (
            "acme",
            "DELETE",
            "/Users/a%251",
            Value::Null,
            204,
            Value::Null,
        ),
        (
            "umbrella",
            "GET",
            "/Users/w%2D1",
            Value::Null,
            404,
            json!({"detail": "no User"}),
        ),
    ];
    for (second, (tenant, method, target, sent, status, answered)) in (0..).zip(rows) {
        let mut exchange = exchange(method, target, &sent, status, &answered);
        exchange.at = jiff::Timestamp::from_second(1_767_225_600 + second).unwrap();
        journal.add(tenant, exchange, Leniencies::NONE, None);
    }
    journal
}

#[track_caller]
fn check(pairs: &[(&str, &str)], expected: &[u64]) {
    let query = Query::read(pairs.iter().copied()).unwrap();
    let found = journal().moment().search(&query);
    let numbers: Vec<u64> = found.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, expected, "{pairs:?}");
}

#[test]
fn without_a_condition_all_are_found() {
    check(&[], &[1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn by_method() {
    check(&[("method", "POST")], &[1, 2]);
    check(&[("method", "delete")], &[6]);
    check(&[("method", "PUT")], &[]);
}

#[test]
fn by_path() {
    check(&[("path", "/Users")], &[1, 2, 4]);
    check(&[("path", "/Users/*")], &[3, 6, 7]);
    check(&[("path", "/*/*")], &[3, 5, 6, 7]);
    check(&[("path", "/users")], &[]);
    // However a segment is encoded, it is the same.
    check(&[("path", "/Users/w-1")], &[7]);
    check(&[("path", "/Users/a%251")], &[3, 6]);
}

#[test]
fn by_status() {
    check(&[("status", "204")], &[5, 6]);
    check(&[("status", "4xx")], &[2, 7]);
    check(&[("status", "2XX"), ("method", "GET")], &[3, 4]);
}

#[test]
fn by_parameter() {
    check(&[("query.Filter", "userName eq \"wesker\"")], &[4]);
    check(&[("query.count", "2")], &[]);
}

#[test]
fn by_body() {
    check(&[("body", "userName eq \"BJENSEN\"")], &[1, 2]);
    check(&[("body", "active eq true")], &[1]);
    check(&[("body", "Operations[path eq \"members\"]")], &[5]);
    check(&[("response", "id eq \"a%1\"")], &[1, 3]);
    check(&[("response", "totalResults lt 1")], &[4]);
    // What has no body satisfies no filter, not even that there is nothing.
    check(&[("response", "not (id pr)")], &[2, 4, 7]);
}

#[test]
fn by_time() {
    check(&[("since", "2026-01-01T00:00:05Z")], &[6, 7]);
    check(
        &[
            ("since", "2026-01-01T00:00:01Z"),
            ("until", "2026-01-01T00:00:02Z"),
        ],
        &[2, 3],
    );
}

#[test]
fn from_either_end_behind_a_number_and_not_more_than_asked() {
    check(&[("after", "5")], &[6, 7]);
    check(&[("after", "7")], &[]);
    check(&[("after", "99")], &[]);
    check(&[("order", "newest"), ("limit", "2")], &[7, 6]);
    check(
        &[("order", "oldest"), ("limit", "2"), ("after", "2")],
        &[3, 4],
    );
    check(
        &[("order", "newest"), ("limit", "1"), ("method", "POST")],
        &[2],
    );
    check(&[("limit", "0")], &[]);
}

#[test]
fn of_one_tenant() {
    let query = Query {
        tenant: Some("umbrella".to_owned()),
        ..Query::default()
    };
    let found = journal().moment().search(&query);
    let numbers: Vec<u64> = found.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [4, 7]);
}

#[test]
fn behind_a_number_that_fell_out_everything_that_is_left_is_found() {
    let journal = Journal::default();
    for _ in 0..3 {
        add(&journal, "GET", "/Users", &Value::Null, 200);
    }
    journal.clear(None);
    add(&journal, "GET", "/Users", &Value::Null, 200);
    let query = Query {
        after: 2,
        ..Query::default()
    };
    assert_eq!(journal.moment().search(&query).len(), 1);
}

#[test]
fn a_search_that_makes_no_sense_is_told_what_was_expected() {
    for (name, value, said) in [
        ("methods", "POST", "expected one of method, path"),
        ("method", "", "expected a method such as \"POST\""),
        ("method", "GET /Users", "expected a method"),
        ("path", "Users", "expected a path below the SCIM base"),
        ("path", "/Users?count=1", "its parameters apart"),
        ("path", "/Users/a*", "a `*` stands for a whole segment"),
        ("status", "9xx", "expected a status code such as 201"),
        ("status", "20", "or a class such as \"4xx\""),
        ("body", "userName equals \"a\"", "expected an operator"),
        ("response", "", "expected"),
        ("since", "yesterday", "expected an instant"),
        ("after", "-1", "expected a number"),
        ("limit", "all", "expected a number"),
        ("order", "latest", "expected oldest or newest"),
    ] {
        let Malformed { place, expected } = Query::read([(name, value)]).unwrap_err();
        assert_eq!(place, name);
        assert!(expected.contains(said), "{name}={value}: {expected}");
    }
}

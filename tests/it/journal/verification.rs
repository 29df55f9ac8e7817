//! What is expected of a journal, and what is said when it is not so.

use super::{add, exchange};
use scimulate::journal::{Bounds, Journal, Verdict, Verification};
use scimulate::scim::Leniencies;
use serde_json::{Value, json};

/// What a client that provisions two users and a group did.
fn journal() -> Journal {
    let journal = Journal::default();
    add(
        &journal,
        "GET",
        "/Users?filter=userName+eq+%22bj%22",
        &Value::Null,
        200,
    );
    add(
        &journal,
        "POST",
        "/Users",
        &json!({"userName": "bj", "emails": [{"type": "home", "value": "b@x"}]}),
        201,
    );
    add(
        &journal,
        "POST",
        "/Users",
        &json!({"userName": "bjensen", "active": "True"}),
        409,
    );
    add(
        &journal,
        "POST",
        "/Groups",
        &json!({"displayName": "Staff"}),
        201,
    );
    add(
        &journal,
        "PATCH",
        "/Groups/7",
        &json!({"Operations": [{"op": "add", "path": "members"}]}),
        204,
    );
    let foreign = exchange("DELETE", "/Users/9", &Value::Null, 204, &Value::Null);
    journal.add("umbrella", foreign, Leniencies::NONE, None);
    journal
}

fn verify(asked: &Value) -> Verdict {
    let verification: Verification = serde_json::from_value(asked.clone()).unwrap();
    journal().moment().verify(Some("acme"), &verification)
}

#[track_caller]
fn holds(asked: Value) {
    let verdict = verify(&asked);
    assert!(verdict.is_ok(), "{asked}: {verdict}");
    assert_eq!(
        verdict.to_json(),
        json!({"ok": true, "failures": [], "unseen": 0})
    );
}

/// The text that is told, line by line.
#[track_caller]
fn fails(asked: Value, told: &[&str]) {
    let verdict = verify(&asked);
    assert!(!verdict.is_ok(), "{asked}");
    assert_eq!(verdict.to_string().lines().collect::<Vec<_>>(), told);
}

#[test]
fn counts_that_hold() {
    holds(json!({"method": "POST", "path": "/Users"}));
    holds(json!({"method": "POST", "path": "/Users", "count": {"exactly": 2}}));
    holds(json!({"method": "POST", "path": "/Users", "status": 201, "count": 1}));
    holds(json!({"method": "post", "status": "2xx", "count": {"at_least": 2}}));
    holds(json!({"status": "4xx", "count": {"at_most": 1}}));
    holds(json!({"count": {"at_least": 4, "at_most": 5}}));
    holds(json!({"method": "PUT", "count": "never"}));
    holds(
        json!({"path": "/Groups/*", "body": "Operations[op eq \"add\" and path eq \"members\"]"}),
    );
    holds(json!({"query": {"filter": "userName eq \"bj\""}}));
    holds(json!({"method": "POST", "after": 3, "count": {"exactly": 1}}));
    holds(json!({"method": "DELETE", "count": "never"}));
    holds(json!([]));
}

#[test]
fn orders_that_hold() {
    holds(
        json!({"in_order": [{"method": "GET"}, {"method": "POST", "path": "/Groups"}, {"method": "PATCH"}]}),
    );
    holds(json!({"in_order": [{"method": "POST"}, {"method": "POST"}, {"method": "POST"}]}));
    holds(json!({"in_order": [{"method": "POST", "status": 201}, {"status": 204}], "after": 2}));
}

#[test]
fn the_nearest_miss_is_the_one_for_which_most_holds() {
    fails(
        json!({"method": "POST", "path": "/Users", "body": "userName eq \"bjensen\"", "status": 201, "count": {"exactly": 1}}),
        &[
            "expected POST /Users whose body has userName eq \"bjensen\" answered 201 exactly once, found none",
            "  exchange 3 POST /Users 409 differs: status 409, expected 201",
            "  exchange 2 POST /Users 201 differs: body: userName is \"bj\", the filter wants \"bjensen\"",
            "  exchange 4 POST /Groups 201 differs: path /Groups, expected /Users; body: userName is missing, the filter wants \"bjensen\"",
        ],
    );
}

#[test]
fn what_differs_is_said_as_a_person_would() {
    let differs = |asked: Value, number: u64| {
        let verdict = verify(&asked);
        let nearest = verdict.failures[0].nearest.iter();
        let miss = nearest.clone().find(|miss| miss.exchange == number);
        miss.unwrap_or_else(|| panic!("{verdict}"))
            .differs
            .join("; ")
    };
    let user = |filter: &str| json!({"path": "/Users", "status": 409, "body": filter});
    for (asked, number, told) in [
        (
            json!({"path": "/Users", "method": "PUT"}),
            3,
            "method POST, expected PUT",
        ),
        (
            json!({"method": "PATCH", "status": "2xx", "path": "/Users/*"}),
            5,
            "path /Groups/7, expected /Users/*",
        ),
        (
            json!({"method": "GET", "query": {"filter": "id pr"}}),
            1,
            "query parameter filter is \"userName eq \\\"bj\\\"\", expected \"id pr\"",
        ),
        (
            json!({"method": "GET", "query": {"count": "0"}}),
            1,
            "no query parameter count, expected \"0\"",
        ),
        (
            json!({"method": "GET", "body": "id pr"}),
            1,
            "body: there is none, the filter wants id pr",
        ),
        (
            json!({"method": "PATCH", "response": "id pr"}),
            5,
            "response: there is none, the filter wants id pr",
        ),
        (
            json!({"method": "PATCH", "since": "2026-01-01T00:00:00Z"}),
            5,
            "at 1970-01-01T00:00:00.000Z, expected not before 2026-01-01T00:00:00Z",
        ),
        (
            json!({"method": "PATCH", "until": "1969-01-01T00:00:00Z"}),
            5,
            "at 1970-01-01T00:00:00.000Z, expected not after 1969-01-01T00:00:00Z",
        ),
        // A text that looks like a truth value is none.
        (
            user("active eq true"),
            3,
            "body: active is \"True\", the filter wants true",
        ),
        (
            user("userName co \"zz\""),
            3,
            "body: userName is \"bjensen\", the filter wants something with \"zz\"",
        ),
        (
            user("userName ne \"bjensen\""),
            3,
            "body: userName is \"bjensen\", the filter wants anything but \"bjensen\"",
        ),
        (
            user("title pr"),
            3,
            "body: title has no value, the filter wants one",
        ),
        (
            user("userName eq null"),
            3,
            "body: userName is \"bjensen\", the filter wants no value",
        ),
        (
            user("title eq \"a\" or userName eq \"b\""),
            3,
            "body: title is missing, the filter wants \"a\", and userName is \"bjensen\", the filter wants \"b\"",
        ),
        (
            user("not (userName sw \"bj\")"),
            3,
            "body: userName sw \"bj\" is true, the filter wants it not to be",
        ),
        (
            user("active pr and title pr and userName eq \"b\""),
            3,
            "body: title has no value, the filter wants one; body: userName is \"bjensen\", the filter wants \"b\"",
        ),
        (
            json!({"status": 201, "body": "userName eq \"bj\" and emails[type eq \"work\" and value eq \"b@x\"]"}),
            2,
            "body: in emails, type is \"home\", the filter wants \"work\"",
        ),
        (
            json!({"status": 201, "body": "userName eq \"bj\" and phoneNumbers[type eq \"work\"]"}),
            2,
            "body: phoneNumbers is missing, the filter wants one with type eq \"work\"",
        ),
    ] {
        assert_eq!(differs(asked.clone(), number), told, "{asked}");
    }
}

#[test]
fn of_a_list_the_nearest_value_is_told() {
    let journal = Journal::default();
    let members: Vec<_> = (1..=5)
        .map(|n| json!({"value": n.to_string(), "type": "User"}))
        .collect();
    add(
        &journal,
        "POST",
        "/Groups",
        &json!({"members": members}),
        201,
    );
    for (filter, told) in [
        (
            "members.value eq \"9\"",
            "body: members.value is \"1\" and \"2\" and \"3\" and 2 more, the filter wants \"9\"",
        ),
        (
            "members[value eq \"4\" and type eq \"Group\"]",
            "body: in the nearest of 5 values of members, type is \"User\", the filter wants \"Group\"",
        ),
    ] {
        let asked = json!({"path": "/Groups", "body": filter});
        let verdict = journal
            .moment()
            .verify(None, &serde_json::from_value(asked).unwrap());
        assert_eq!(verdict.failures[0].nearest[0].differs, [told]);
    }
}

#[test]
fn too_many_are_named() {
    fails(
        json!({"method": "POST", "path": "/Users", "count": {"at_most": 1}}),
        &["expected POST /Users at most once, found 2: exchanges 2, 3"],
    );
    fails(
        json!({"status": 409, "count": "never"}),
        &["expected answered 409 never, found exchange 3"],
    );
    let many = Journal::default();
    for _ in 0..25 {
        add(&many, "GET", "/Users", &Value::Null, 200);
    }
    let asked = serde_json::from_value(json!({"count": "never"})).unwrap();
    let failure = &many.moment().verify(None, &asked).failures[0];
    assert_eq!((failure.found, failure.exchanges.len()), (25, 20));
    assert!(failure.to_string().ends_with("19, 20, …"), "{failure}");
}

#[test]
fn what_is_nothing_like_it_is_no_near_miss() {
    fails(
        json!({"method": "PUT", "path": "/Things"}),
        &["expected PUT /Things at least once, found none"],
    );
}

#[test]
fn an_order_that_is_not_there_tells_which_step_is_missing() {
    fails(
        json!({"in_order": [{"method": "POST", "path": "/Groups"}, {"method": "POST", "path": "/Users", "status": 201}]}),
        &[
            "expected in this order: POST /Groups, then POST /Users answered 201, found exchange 4",
            "  exchange 2 POST /Users 201 differs: before exchange 4, expected after it",
            "  exchange 3 POST /Users 409 differs: status 409, expected 201; before exchange 4, expected after it",
            "  exchange 1 GET /Users 200 differs: method GET, expected POST; status 200, expected 201; before exchange 4, expected after it",
        ],
    );
    // One exchange is not two steps.
    let verdict = verify(&json!({"in_order": [{"method": "PATCH"}, {"method": "PATCH"}]}));
    assert_eq!(verdict.failures[0].found, 1);
    assert_eq!(verdict.failures[0].exchanges, [5]);
}

#[test]
fn each_expectation_that_fails_is_told() {
    let asked =
        json!([{"method": "PUT"}, {"method": "PATCH"}, {"method": "PATCH", "count": "never"}]);
    let verdict = verify(&asked);
    let which: Vec<usize> = verdict
        .failures
        .iter()
        .map(|failure| failure.expectation)
        .collect();
    assert_eq!(which, [0, 2]);
    let shown = verdict.to_json();
    assert_eq!(shown["ok"], false);
    assert_eq!(shown["failures"][1]["exchanges"], json!([5]));
    assert_eq!(
        shown["failures"][1]["message"],
        "expected PATCH never, found exchange 5"
    );
    assert_eq!(shown["failures"][0]["nearest"], json!([]));
}

#[test]
fn what_fell_out_is_said_where_it_may_be_missed() {
    let journal = Journal::new(Bounds {
        exchanges: 2,
        ..Bounds::default()
    });
    for method in ["POST", "GET", "GET", "GET"] {
        add(&journal, method, "/Users", &Value::Null, 200);
    }
    let unseen = |asked: Value| {
        let verdict = journal
            .moment()
            .verify(None, &serde_json::from_value(asked).unwrap());
        (verdict.is_ok(), verdict.unseen)
    };
    assert_eq!(unseen(json!({"method": "POST"})), (false, 2));
    assert_eq!(
        unseen(json!({"method": "POST", "count": "never"})),
        (true, 2)
    );
    assert_eq!(unseen(json!({"method": "GET", "after": 1})), (true, 1));
    assert_eq!(unseen(json!({"method": "GET", "after": 2})), (true, 0));
    journal.clear(None);
    assert_eq!(unseen(json!({"count": "never"})), (true, 0));
}

#[test]
fn a_description_that_makes_no_sense_is_told_where_and_what_was_expected() {
    for (asked, told) in [
        (json!("POST"), "expectation: expected an object"),
        (
            json!([{"method": "POST"}, 7]),
            "[1].expectation: expected an object",
        ),
        (
            json!({"methods": "POST"}),
            "pattern: unknown field `methods`, expected one of `method`",
        ),
        (
            json!({"status": true}),
            "status: expected a status code such as 201, or a class such as \"4xx\", found \"true\"",
        ),
        (json!({"status": 2000}), "status: expected a status code"),
        (
            json!({"path": "Users"}),
            "path: expected a path below the SCIM base",
        ),
        (json!({"body": "userName"}), "body: filter: "),
        (json!({"since": "noon"}), "since: expected an instant"),
        (
            json!({"after": "x"}),
            "after: expected the number of an exchange",
        ),
        (json!({"count": 1.5}), "count: expected a number"),
        (json!({"count": {}}), "count: expected a number"),
        (json!({"count": {"exactly": -1}}), "count: expected"),
        (
            json!({"count": {"exactly": 1, "at_most": 2}}),
            "count: expected",
        ),
        (
            json!({"count": {"at_least": 3, "at_most": 2}}),
            "which no number is",
        ),
        (
            json!({"in_order": []}),
            "in_order: expected an array of one exchange or more",
        ),
        (
            json!({"in_order": [{"method": "GET"}], "path": "/Users"}),
            "path: beside `in_order` stands nothing but `after`",
        ),
        (
            json!({"in_order": [{"method": "GET"}], "count": "never"}),
            "count: beside `in_order`",
        ),
        (
            json!({"in_order": [{"method": "GET"}, {"status": "2x"}]}),
            "in_order[1].status: expected a status code",
        ),
        (
            json!([{"in_order": [7]}]),
            "[0].in_order[0]: expected an object",
        ),
    ] {
        let error = serde_json::from_value::<Verification>(asked.clone())
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{asked}: {error}");
    }
}

//! Which exchange stands for which.

use super::{compared, lines};
use crate::entities::{exchange, made, user};
use scimulate::exchange::difference::Compared;
use scimulate::exchange::{Ended, Exchange, Response, Side};
use serde_json::{Value, json};

fn read(id: &str, name: &str) -> Exchange {
    exchange(
        &format!("GET /Users/{id}"),
        Value::Null,
        200,
        user(id, name),
    )
}

fn delete(id: &str, status: u16) -> Exchange {
    exchange(
        &format!("DELETE /Users/{id}"),
        Value::Null,
        status,
        Value::Null,
    )
}

fn numbers(compared: &[Compared]) -> Vec<(Option<u64>, Option<u64>)> {
    compared.iter().map(|it| (it.before, it.after)).collect()
}

#[test]
fn one_more_exchange_shifts_nothing() {
    let before = vec![
        made("a", "ann"),
        read("a", "ann"),
        made("b", "bob"),
        delete("a", 204),
        read("b", "bob"),
    ];
    let after = vec![
        made("x", "new"),
        made("1", "ann"),
        read("1", "ann"),
        read("1", "ann"),
        made("2", "bob"),
        delete("1", 204),
        read("2", "bob"),
    ];
    let found = compared(before, after);
    assert_eq!(
        numbers(&found),
        [
            (None, Some(1)),
            (Some(1), Some(2)),
            (Some(2), Some(3)),
            (None, Some(4)),
            (Some(3), Some(5)),
            (Some(4), Some(6)),
            (Some(5), Some(7)),
        ]
    );
    assert_eq!(
        lines(&found),
        ["info exchange-added", "info exchange-added"]
    );
    assert_eq!(found[3].asked, "GET /Users/{user#1}");
}

#[test]
fn what_is_not_asked_any_more_is_said() {
    let found = compared(
        vec![made("a", "ann"), read("a", "ann"), delete("a", 204)],
        vec![made("b", "ann"), delete("b", 204)],
    );
    assert_eq!(
        numbers(&found),
        [(Some(1), Some(1)), (Some(2), None), (Some(3), Some(2))]
    );
    assert_eq!(lines(&found), ["error exchange-removed"]);
}

#[test]
fn a_request_that_is_refused_now_is_still_the_same_request() {
    let refused = exchange(
        "POST /Users",
        json!({"userName": "bob"}),
        409,
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "scimType": "uniqueness"}),
    );
    let found = compared(
        vec![made("a", "ann"), made("b", "bob")],
        vec![made("1", "ann"), refused],
    );
    assert_eq!(numbers(&found), [(Some(1), Some(1)), (Some(2), Some(2))]);
    assert!(
        lines(&found).contains(&"error status status: 201, now 409".to_owned()),
        "{:?}",
        lines(&found)
    );
    assert_eq!(
        lines(&compared(vec![delete("a", 204)], vec![delete("a", 404)])),
        ["error status status: 204, now 404"]
    );
}

#[test]
fn equal_requests_keep_their_order() {
    let before = vec![made("a", "ann"), read("a", "ann"), read("a", "anna")];
    let after = vec![made("1", "ann"), read("1", "ann"), read("1", "anna")];
    assert_eq!(lines(&compared(before, after)), Vec::<String>::new());
}

#[test]
fn an_exchange_without_a_whole_answer_differs_from_one_that_has_it() {
    let mut broken = read("a", "ann");
    broken.response = Response::none();
    broken.ended = Some(Ended {
        by: Side::Upstream,
        why: "it broke off".into(),
    });
    let found = lines(&compared(vec![read("a", "ann")], vec![broken.clone()]));
    assert_eq!(
        found[..2],
        [
            "error ended ended: new: \"the upstream: it broke off\"",
            "error status status: 200, now 0"
        ]
    );
    assert_eq!(
        lines(&compared(vec![broken.clone()], vec![broken])),
        Vec::<String>::new()
    );
}

//! Live traffic beside a recording.

use super::{line, numbered};
use crate::entities::{exchange, group, made, user};
use scimulate::exchange::Exchange;
use scimulate::exchange::difference::Beside;
use serde_json::{Value, json};

#[track_caller]
fn check(
    beside: &mut Beside,
    number: u64,
    live: &Exchange,
    before: Option<u64>,
    expected: &[&str],
) {
    let found = beside.next(number, live);
    let lines: Vec<String> = found.findings.iter().map(line).collect();
    assert_eq!(
        (found.before, lines),
        (before, expected.iter().map(|it| (*it).to_owned()).collect())
    );
}

#[test]
fn ids_are_bound_as_they_become_known() {
    let member = |id: &str| json!([{"value": id, "$ref": format!("{{base}}/Users/{id}")}]);
    let read = |id: &str, name: &str| {
        exchange(
            &format!("GET /Users/{id}"),
            Value::Null,
            200,
            user(id, name),
        )
    };
    let recorded = vec![
        made("a", "ann"),
        made("b", "bob"),
        group("g", "All", member("b")),
        read("a", "ann"),
        read("b", "bob"),
    ];
    let mut beside = Beside::new(&numbered(recorded));
    // Bob is made first this time.
    check(&mut beside, 1, &made("1", "bob"), Some(2), &[]);
    check(&mut beside, 2, &made("2", "ann"), Some(1), &[]);
    check(
        &mut beside,
        3,
        &group("3", "All", member("1")),
        Some(3),
        &[],
    );
    check(
        &mut beside,
        4,
        &read("1", "bobby"),
        Some(5),
        &["warn changed userName: \"bob\", now \"bobby\""],
    );
    check(
        &mut beside,
        5,
        &read("9", "new"),
        None,
        &["info exchange-added"],
    );
    let missing: Vec<_> = beside.missing().map(|it| it.asked).collect();
    assert_eq!(missing, ["GET /Users/{user#1}"]);
}

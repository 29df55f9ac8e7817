//! Section 3.5.2.1.

use super::{ENTERPRISE, check, lenient, no_change, refused, u1, u2, with};
use serde_json::json;

#[test]
fn an_attribute_without_value_is_added() {
    check(
        u2(),
        json!([{"op": "add", "path": "nickName", "value": "B"}]),
        with(u2(), json!({"nickName": "B"})),
    );
    check(
        u2(),
        json!([{"op": "add", "path": "title", "value": "Boss"}]),
        with(u2(), json!({"title": "Boss"})),
    );
    check(
        u2(),
        json!([{"op": "add", "path": "name.givenName", "value": "J"}]),
        with(u2(), json!({"name": {"givenName": "J"}})),
    );
    check(
        u2(),
        json!([{"op": "add", "path": "name", "value": {"givenName": "J"}}]),
        with(u2(), json!({"name": {"givenName": "J"}})),
    );
    check(
        u2(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "a@x"}]}]),
        with(u2(), json!({"emails": [{"value": "a@x"}]})),
    );
}

#[test]
fn a_single_value_is_replaced() {
    check(
        u1(),
        json!([{"op": "add", "path": "displayName", "value": "N"}]),
        with(u1(), json!({"displayName": "N"})),
    );
    check(
        u1(),
        json!([{"op": "add", "path": "active", "value": false}]),
        with(u1(), json!({"active": false})),
    );
    check(
        u1(),
        json!([{"op": "add", "path": "name.givenName", "value": "X"}]),
        with(
            u1(),
            json!({"name": {"givenName": "X", "familyName": "Jensen"}}),
        ),
    );
}

#[test]
fn a_complex_value_is_merged() {
    let merged =
        json!({"name": {"givenName": "Barbara", "familyName": "Jensen", "middleName": "J"}});
    check(
        u1(),
        json!([{"op": "add", "path": "name", "value": {"middleName": "J"}}]),
        with(u1(), merged.clone()),
    );
    check(
        u1(),
        json!([{"op": "add", "path": "NAME", "value": {"MIDDLENAME": "J"}}]),
        with(u1(), merged),
    );
    refused(
        u1(),
        json!([{"op": "add", "path": "name", "value": "x"}]),
        400,
        "invalidValue",
    );
}

#[test]
fn values_are_appended_to_many() {
    let three = json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": true}, {"value": "bj@home.ex", "type": "home"}, {"value": "c@x", "type": "other"}]});
    check(
        u1(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "c@x", "type": "other"}]}]),
        with(u1(), three.clone()),
    );
    lenient(
        u1(),
        json!([{"op": "add", "path": "emails", "value": {"value": "c@x", "type": "other"}}]),
        with(u1(), three.clone()),
        "invalidValue",
    );
    check(
        u1(),
        json!([{"op": "add", "value": {"emails": [{"value": "c@x", "type": "other"}]}}]),
        with(u1(), three),
    );
}

#[test]
fn without_path_the_value_is_an_object_of_attributes() {
    let after = with(u1(), json!({"title": "t", "nickName": "n"}));
    check(
        u1(),
        json!([{"op": "add", "value": {"title": "t", "nickName": "n"}}]),
        after.clone(),
    );
    check(
        u1(),
        json!([{"op": "add", "value": {"TITLE": "t", "nickname": "n"}}]),
        after,
    );
    check(
        u2(),
        json!([{"op": "add", "value": {ENTERPRISE: {"department": "x"}}}]),
        with(u2(), json!({ENTERPRISE: {"department": "x"}})),
    );
    refused(
        u1(),
        json!([{"op": "add", "value": "x"}]),
        400,
        "invalidSyntax",
    );
    refused(
        u1(),
        json!([{"op": "add", "value": ["x"]}]),
        400,
        "invalidSyntax",
    );
    refused(u1(), json!([{"op": "add"}]), 400, "invalidValue");
}

#[test]
fn what_is_there_already_changes_nothing() {
    no_change(
        u1(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "bj@home.ex", "type": "home"}]}]),
    );
    no_change(
        u1(),
        json!([{"op": "add", "path": "title", "value": "Guide"}]),
    );
    no_change(
        u1(),
        json!([{"op": "add", "path": "name", "value": {"givenName": "Barbara"}}]),
    );
    no_change(
        u1(),
        json!([{"op": "add", "value": {"active": true, "title": "Guide"}}]),
    );
    no_change(
        u1(),
        json!([{"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "IT"}]),
    );
    no_change(u1(), json!([{"op": "add", "path": "emails", "value": []}]));
}

#[test]
fn a_value_path_sets_what_it_selects() {
    let displayed = json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": true, "display": "W"}, {"value": "bj@home.ex", "type": "home"}]});
    check(
        u1(),
        json!([{"op": "add", "path": "emails[type eq \"work\"].display", "value": "W"}]),
        with(u1(), displayed.clone()),
    );
    check(
        u1(),
        json!([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "W"}}]),
        with(u1(), displayed),
    );
}

#[test]
fn a_value_path_that_selects_nothing_makes_what_it_describes() {
    let made = |more: serde_json::Value| {
        let mut user = u1();
        user["emails"].as_array_mut().expect("a list").push(more);
        user
    };
    lenient(
        u1(),
        json!([{"op": "add", "path": "emails[type eq \"other\"].value", "value": "o@x"}]),
        made(json!({"type": "other", "value": "o@x"})),
        "noTarget",
    );
    lenient(
        u1(),
        json!([{"op": "add", "path": "emails[type eq \"other\" and display eq \"D\"].value", "value": "o@x"}]),
        made(json!({"type": "other", "display": "D", "value": "o@x"})),
        "noTarget",
    );
    lenient(
        u2(),
        json!([{"op": "add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1"}]),
        with(
            u2(),
            json!({"phoneNumbers": [{"type": "mobile", "value": "1"}]}),
        ),
        "noTarget",
    );
    refused(
        u1(),
        json!([{"op": "add", "path": "emails[type sw \"o\"].value", "value": "o@x"}]),
        400,
        "noTarget",
    );
}

#[test]
fn a_new_primary_takes_the_place_of_the_old() {
    let after = json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": false}, {"value": "bj@home.ex", "type": "home"}, {"value": "c@x", "primary": true}]});
    check(
        u1(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "c@x", "primary": true}]}]),
        with(u1(), after),
    );
    let moved = json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": false}, {"value": "bj@home.ex", "type": "home", "primary": true}]});
    check(
        u1(),
        json!([{"op": "add", "path": "emails[type eq \"home\"].primary", "value": true}]),
        with(u1(), moved),
    );
}

#[test]
fn an_extension_comes_with_its_first_attribute() {
    let after = with(u2(), json!({ENTERPRISE: {"employeeNumber": "7"}}));
    check(
        u2(),
        json!([{"op": "add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7"}]),
        after.clone(),
    );
    check(
        u2(),
        json!([{"op": "add", "path": ENTERPRISE, "value": {"employeeNumber": "7"}}]),
        after.clone(),
    );
    check(
        u2(),
        json!([{"op": "add", "path": ENTERPRISE.to_uppercase(), "value": {"employeeNumber": "7"}}]),
        after.clone(),
    );
    lenient(
        u2(),
        json!([{"op": "add", "value": {format!("{ENTERPRISE}:employeeNumber"): "7"}}]),
        after,
        "invalidSyntax",
    );
}

#[test]
fn values_are_checked_by_the_schema() {
    for (path, value) in [
        ("active", json!("maybe")),
        ("title", json!(5)),
        ("title", json!({"a": 1})),
        ("emails", json!("a@x")),
        ("emails[type eq \"work\"].primary", json!("perhaps")),
        ("x509Certificates", json!([{"value": "!!"}])),
        ("userName", json!("")),
    ] {
        refused(
            u1(),
            json!([{"op": "add", "path": path, "value": value}]),
            400,
            "invalidValue",
        );
    }
    refused(
        u1(),
        json!([{"op": "add", "path": "title", "value": null}]),
        400,
        "invalidValue",
    );
    refused(
        u1(),
        json!([{"op": "add", "path": "title"}]),
        400,
        "invalidValue",
    );
}

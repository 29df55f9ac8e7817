//! Section 3.5.2.3.

use super::{ENTERPRISE, check, lenient, no_change, refused, u1, u2, with};
use serde_json::json;

#[test]
fn a_single_value_is_replaced() {
    check(
        u1(),
        json!([{"op": "replace", "path": "displayName", "value": "N"}]),
        with(u1(), json!({"displayName": "N"})),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "userName", "value": "babs"}]),
        with(u1(), json!({"userName": "babs"})),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "active", "value": false}]),
        with(u1(), json!({"active": false})),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "name.familyName", "value": "X"}]),
        with(
            u1(),
            json!({"name": {"givenName": "Barbara", "familyName": "X"}}),
        ),
    );
}

#[test]
fn a_complex_value_keeps_what_is_not_given() {
    check(
        u1(),
        json!([{"op": "replace", "path": "name", "value": {"givenName": "B"}}]),
        with(
            u1(),
            json!({"name": {"givenName": "B", "familyName": "Jensen"}}),
        ),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": ENTERPRISE, "value": {"department": "HR"}}]),
        with(
            u1(),
            json!({ENTERPRISE: {"employeeNumber": "1", "department": "HR"}}),
        ),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "name", "value": {"givenName": null, "middleName": "J"}}]),
        with(
            u1(),
            json!({"name": {"familyName": "Jensen", "middleName": "J"}}),
        ),
    );
}

#[test]
fn many_values_are_replaced_as_a_list() {
    check(
        u1(),
        json!([{"op": "replace", "path": "emails", "value": [{"value": "a@x"}]}]),
        with(u1(), json!({"emails": [{"value": "a@x"}]})),
    );
    lenient(
        u1(),
        json!([{"op": "replace", "path": "emails", "value": {"value": "a@x"}}]),
        with(u1(), json!({"emails": [{"value": "a@x"}]})),
        "invalidValue",
    );
    check(
        u1(),
        json!([{"op": "replace", "value": {"emails": [{"value": "a@x"}], "nickName": "B"}}]),
        with(u1(), json!({"emails": [{"value": "a@x"}], "nickName": "B"})),
    );
}

#[test]
fn what_is_not_there_is_added() {
    check(
        u2(),
        json!([{"op": "replace", "path": "title", "value": "t"}]),
        with(u2(), json!({"title": "t"})),
    );
    check(
        u2(),
        json!([{"op": "replace", "path": "emails", "value": [{"value": "a@x"}]}]),
        with(u2(), json!({"emails": [{"value": "a@x"}]})),
    );
    check(
        u2(),
        json!([{"op": "replace", "path": "name.givenName", "value": "J"}]),
        with(u2(), json!({"name": {"givenName": "J"}})),
    );
    check(
        u2(),
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "x"}]),
        with(u2(), json!({ENTERPRISE: {"department": "x"}})),
    );
}

#[test]
fn null_and_the_empty_list_unassign() {
    check(
        u1(),
        json!([{"op": "replace", "path": "title", "value": null}]),
        with(u1(), json!({"title": null})),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "emails", "value": []}]),
        with(u1(), json!({"emails": null})),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "emails", "value": null}]),
        with(u1(), json!({"emails": null})),
    );
    check(
        u1(),
        json!([{"op": "replace", "value": {"title": null, "active": null}}]),
        with(u1(), json!({"title": null, "active": null})),
    );
    refused(
        u1(),
        json!([{"op": "replace", "path": "title"}]),
        400,
        "invalidValue",
    );
    for nothing in [json!(null), json!(""), json!("  ")] {
        refused(
            u1(),
            json!([{"op": "replace", "path": "userName", "value": nothing}]),
            400,
            "invalidValue",
        );
    }
}

#[test]
fn every_value_that_a_filter_selects_is_replaced() {
    let two = with(
        u1(),
        json!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}, {"value": "c@x", "type": "home"}]}),
    );
    let parts = json!({"emails": [{"value": "a@x", "type": "work", "display": "W"}, {"value": "b@x", "type": "work", "display": "W"}, {"value": "c@x", "type": "home"}]});
    check(
        two.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].display", "value": "W"}]),
        with(two.clone(), parts.clone()),
    );
    check(
        two.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"display": "W"}}]),
        with(two, parts),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "emails[value co \"home\"].value", "value": "new@home.ex"}]),
        with(
            u1(),
            json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": true}, {"value": "new@home.ex", "type": "home"}]}),
        ),
    );
}

#[test]
fn a_filter_that_selects_nothing_is_no_target() {
    refused(
        u1(),
        json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "x"}]),
        400,
        "noTarget",
    );
    refused(
        u1(),
        json!([{"op": "replace", "path": "emails[type eq \"other\"]", "value": {"value": "x"}}]),
        400,
        "noTarget",
    );
    refused(
        u2(),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].locality", "value": "x"}]),
        400,
        "noTarget",
    );
}

#[test]
fn a_replaced_value_that_is_primary_demotes_the_others() {
    let after = json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": false}, {"value": "bj@home.ex", "type": "home", "primary": true}]});
    check(
        u1(),
        json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
        with(u1(), after.clone()),
    );
    check(
        u1(),
        json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"primary": true}}]),
        with(u1(), after),
    );
    refused(
        u1(),
        json!([{"op": "replace", "path": "emails[value pr].primary", "value": true}]),
        400,
        "invalidValue",
    );
    refused(
        u1(),
        json!([{"op": "replace", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}]),
        400,
        "invalidValue",
    );
}

#[test]
fn what_is_the_same_changes_nothing() {
    no_change(
        u1(),
        json!([{"op": "replace", "path": "title", "value": "Guide"}]),
    );
    no_change(
        u1(),
        json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "bj@home.ex"}]),
    );
    no_change(
        u1(),
        json!([{"op": "replace", "value": {"name": {"familyName": "Jensen"}}}]),
    );
    no_change(
        u1(),
        json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "title", "value": "Guide"}]),
    );
}

#[test]
fn what_identity_providers_send_is_taken_as_meant() {
    lenient(
        u1(),
        json!([{"op": "replace", "path": "active", "value": "False"}]),
        with(u1(), json!({"active": false})),
        "invalidValue",
    );
    lenient(
        u1(),
        json!([{"op": "replace", "path": "active", "value": [{"value": "False"}]}]),
        with(u1(), json!({"active": false})),
        "invalidValue",
    );
    lenient(
        u1(),
        json!([{"op": "replace", "value": {"name.givenName": "K"}}]),
        with(
            u1(),
            json!({"name": {"givenName": "K", "familyName": "Jensen"}}),
        ),
        "invalidSyntax",
    );
    lenient(
        u1(),
        json!([{"op": "replace", "value": {format!("{ENTERPRISE}:department"): "HR"}}]),
        with(
            u1(),
            json!({ENTERPRISE: {"employeeNumber": "1", "department": "HR"}}),
        ),
        "invalidSyntax",
    );
    lenient(
        u1(),
        json!([{"op": "replace", "path": "emails[primary eq \"True\"].value", "value": "n@x"}]),
        with(
            u1(),
            json!({"emails": [{"value": "n@x", "type": "work", "primary": true}, {"value": "bj@home.ex", "type": "home"}]}),
        ),
        "invalidFilter",
    );
    lenient(
        u2(),
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": "26118915"}]),
        with(
            u2(),
            json!({ENTERPRISE: {"manager": {"value": "26118915"}}}),
        ),
        "invalidValue",
    );
    let managed = with(
        u2(),
        json!({ENTERPRISE: {"department": "x", "manager": {"value": "26118915"}}}),
    );
    check(
        managed,
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": ""}}]),
        with(u2(), json!({ENTERPRISE: {"department": "x"}})),
    );
}

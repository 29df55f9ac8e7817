//! Section 3.5.2.2.

use super::{ENTERPRISE, check, lenient, no_change, refused, u1, u2, with};
use serde_json::json;

#[test]
fn an_attribute_becomes_unassigned() {
    check(
        u1(),
        json!([{"op": "remove", "path": "title"}]),
        with(u1(), json!({"title": null})),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "name"}]),
        with(u1(), json!({"name": null})),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "emails"}]),
        with(u1(), json!({"emails": null})),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "name.givenName"}]),
        with(u1(), json!({"name": {"familyName": "Jensen"}})),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "externalId"}]),
        with(u1(), json!({"externalId": null})),
    );
}

#[test]
fn the_last_part_takes_its_parent_along() {
    let before = with(u2(), json!({"name": {"givenName": "J"}}));
    check(
        before,
        json!([{"op": "remove", "path": "name.givenName"}]),
        u2(),
    );
    let before = with(u2(), json!({"emails": [{"value": "a@x", "type": "work"}]}));
    check(
        before.clone(),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
        u2(),
    );
    check(
        before,
        json!([{"op": "remove", "path": "emails.type"}, {"op": "remove", "path": "emails.value"}]),
        u2(),
    );
    let before = with(u2(), json!({ENTERPRISE: {"department": "IT"}}));
    check(
        before,
        json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")}]),
        u2(),
    );
}

#[test]
fn a_filter_selects_the_values_to_remove() {
    let home = json!({"emails": [{"value": "bj@home.ex", "type": "home"}]});
    let work = json!({"emails": [{"value": "bj@work.ex", "type": "work", "primary": true}]});
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
        with(u1(), home.clone()),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"work.ex\"]"}]),
        with(u1(), home.clone()),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[not (type eq \"work\")]"}]),
        with(u1(), work.clone()),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[type eq \"HOME\" or value eq \"none\"]"}]),
        with(u1(), work),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[primary eq true]"}]),
        with(u1(), home),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[value pr]"}]),
        with(u1(), json!({"emails": null})),
    );
}

#[test]
fn a_part_is_removed_from_each_value_that_is_selected() {
    let after = json!({"emails": [{"value": "bj@work.ex", "primary": true}, {"value": "bj@home.ex", "type": "home"}]});
    check(
        u1(),
        json!([{"op": "remove", "path": "emails[type eq \"work\"].type"}]),
        with(u1(), after),
    );
    let after =
        json!({"emails": [{"value": "bj@work.ex", "primary": true}, {"value": "bj@home.ex"}]});
    check(
        u1(),
        json!([{"op": "remove", "path": "emails.type"}]),
        with(u1(), after),
    );
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    no_change(u2(), json!([{"op": "remove", "path": "title"}]));
    no_change(u2(), json!([{"op": "remove", "path": "name.givenName"}]));
    no_change(
        u2(),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
    );
    no_change(
        u1(),
        json!([{"op": "remove", "path": "emails[type eq \"other\"].value"}]),
    );
    no_change(
        u2(),
        json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")}]),
    );
    no_change(u2(), json!([{"op": "remove", "path": ENTERPRISE}]));
}

#[test]
fn an_extension_goes_as_a_whole() {
    check(
        u1(),
        json!([{"op": "remove", "path": ENTERPRISE}]),
        with(u1(), json!({ENTERPRISE: null})),
    );
    check(
        u1(),
        json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")}]),
        with(u1(), json!({ENTERPRISE: {"employeeNumber": "1"}})),
    );
}

#[test]
fn a_value_beside_the_path_selects_for_clients_that_send_one() {
    let home = json!({"emails": [{"value": "bj@home.ex", "type": "home"}]});
    lenient(
        u1(),
        json!([{"op": "remove", "path": "emails", "value": [{"value": "bj@work.ex"}]}]),
        with(u1(), home.clone()),
        "invalidValue",
    );
    lenient(
        u1(),
        json!([{"op": "remove", "path": "emails", "value": {"type": "work"}}]),
        with(u1(), home),
        "invalidValue",
    );
}

#[test]
fn without_path_there_is_nothing_to_remove() {
    refused(u1(), json!([{"op": "remove"}]), 400, "noTarget");
    refused(
        u1(),
        json!([{"op": "remove", "value": {"title": "Guide"}}]),
        400,
        "noTarget",
    );
}

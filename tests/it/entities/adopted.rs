//! Two recordings of one session: the same resource has the same name in both.

use super::{exchange, group, made, text, user};
use proptest::prelude::*;
use scimulate::exchange::Exchange;
use scimulate::exchange::entities::Entities;
use serde_json::{Value, json};
use std::collections::HashSet;

fn names(then: &[Exchange], now: &[Exchange]) -> Vec<String> {
    let recorded = Entities::of(then);
    let mut live = Entities::of(now);
    live.adopt(&recorded);
    live.names().map(str::to_owned).collect()
}

#[test]
fn a_resource_is_known_by_its_user_name() {
    let then = [made("a", "ann"), made("b", "bob")];
    let now = [made("1", "zed"), made("2", "BOB"), made("3", "ann")];
    assert_eq!(names(&then, &now), ["user#3", "user#2", "user#1"]);
}

#[test]
fn what_has_another_name_on_every_run_is_known_by_its_place() {
    let then = [made("a", "test-77"), made("b", "bob"), made("c", "test-78")];
    let now = [made("1", "test-12"), made("2", "test-13"), made("3", "bob")];
    assert_eq!(names(&then, &now), ["user#1", "user#3", "user#2"]);
    // A user is never taken for a group.
    let now = [group("1", "ann", json!([])), made("2", "ann")];
    assert_eq!(names(&[made("a", "ann")], &now), ["group#1", "user#1"]);
}

#[test]
fn a_name_that_was_given_stays_while_traffic_goes_on() {
    let recorded = Entities::of(&[made("a", "ann"), made("b", "bob")]);
    let mut live = Entities::default();
    for (now, expected) in [
        (made("1", "bob"), vec!["user#2"]),
        (made("2", "new"), vec!["user#2", "user#1"]),
        (made("3", "ann"), vec!["user#2", "user#1", "user#3"]),
    ] {
        live.learn(&now);
        live.adopt(&recorded);
        assert_eq!(live.names().collect::<Vec<_>>(), expected);
    }
    assert_eq!(live.id("user#3"), Some("3"));
    assert_eq!(live.name("1", &["User".to_owned()]), Some("user#2"));
    assert_eq!(live.name("1", &["Group".to_owned()]), None);
}

/// A session in which the provider chose these ids.
fn session(ids: &[String]) -> Vec<Exchange> {
    let refs =
        |id: &str| json!([{"value": id, "$ref": format!("{{base}}/Users/{id}"), "type": "User"}]);
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])}]});
    let not_found = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "it is gone"});
    vec![
        made(&ids[0], "ann"),
        made(&ids[1], "bob"),
        group(&ids[2], "All", refs(&ids[0])),
        exchange(
            &format!("GET /Users?id eq \"{}\"", ids[1]),
            Value::Null,
            200,
            json!({"totalResults": 1, "Resources": [user(&ids[1], "bob")]}),
        ),
        exchange(
            &format!("PATCH /Groups/{}", ids[2]),
            patch,
            204,
            Value::Null,
        ),
        exchange(
            &format!("DELETE /Users/{}", ids[0]),
            Value::Null,
            204,
            Value::Null,
        ),
        exchange(
            &format!("GET /Users/{}", ids[0]),
            Value::Null,
            404,
            not_found,
        ),
    ]
}

proptest! {
    #[test]
    fn whatever_the_ids_the_session_reads_the_same(
        then in prop::collection::hash_set("[a-zA-Z0-9._~-]{3,12}", 3),
        now in prop::collection::hash_set("[a-zA-Z0-9._~-]{3,12}", 3),
    ) {
        let in_order = |ids: HashSet<String>| ids.into_iter().collect::<Vec<_>>();
        let (then, now) = (session(&in_order(then)), session(&in_order(now)));
        let recorded = Entities::of(&then);
        let mut live = Entities::of(&now);
        live.adopt(&recorded);
        for (then, now) in then.iter().zip(&now) {
            prop_assert_eq!(text(&live.symbolic(now)), text(&recorded.symbolic(then)));
        }
    }
}

//! An answer is given only in a state that it could have come from.

use super::{ask, ask_with, exchange, json_of, matched, player, player_with};
use scimulate::exchange::Exchange;
use scimulate::exchange::canonical::Level;
use scimulate::replay::{Matching, Order, Player};
use serde_json::{Value, json};

const DEACTIVATE: &str = r#"{"Operations":[{"op":"replace","path":"active","value":false}]}"#;

fn user(id: &str, active: bool) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": format!("u{id}"), "active": active,
        "meta": {"resourceType": "User"}
    })
}

fn get(id: &str, active: bool) -> Exchange {
    exchange(
        "GET",
        &format!("/Users/{id}"),
        Value::Null,
        200,
        user(id, active),
    )
}

fn deactivate(id: &str) -> Exchange {
    let body = serde_json::from_str(DEACTIVATE).unwrap();
    exchange("PATCH", &format!("/Users/{id}"), body, 204, Value::Null)
}

/// GET, PATCH, GET.
fn trio(id: &str) -> [Exchange; 3] {
    [get(id, true), deactivate(id), get(id, false)]
}

#[track_caller]
fn active(player: &Player, id: &str) -> Value {
    let response = ask(player, "GET", &format!("/Users/{id}"));
    assert_eq!(response.status(), 200, "{:?}", response.body());
    json_of(&response)["active"].clone()
}

#[track_caller]
fn detail(player: &Player, method: &str, target: &str, body: &str) -> String {
    let response = ask_with(player, method, target, body);
    assert_eq!(matched(&response), "none", "{:?}", response.body());
    json_of(&response)["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_patch_that_was_not_sent_has_changed_nothing_however_often_one_looks() {
    let player = player(&trio("1"));
    for _ in 0..5 {
        assert_eq!(active(&player, "1"), true);
    }
    assert_eq!(
        ask_with(&player, "PATCH", "/Users/1", DEACTIVATE).status(),
        204
    );
    for _ in 0..5 {
        assert_eq!(active(&player, "1"), false);
    }
    assert_eq!(player.misses(), 0);
}

#[test]
fn the_first_thing_may_be_the_patch() {
    let player = player(&trio("1"));
    assert_eq!(
        ask_with(&player, "PATCH", "/Users/1", DEACTIVATE).status(),
        204
    );
    assert_eq!(active(&player, "1"), false);
    assert_eq!(player.misses(), 0);
}

#[test]
fn a_write_is_answered_once_for_each_time_that_it_was_recorded() {
    let player = player(&trio("1"));
    ask_with(&player, "PATCH", "/Users/1", DEACTIVATE);
    assert_eq!(
        detail(&player, "PATCH", "/Users/1", DEACTIVATE),
        "no recorded exchange answers PATCH /Users/1 again: it was recorded once, the last time in exchange 2, and that has answered"
    );
    assert_eq!(active(&player, "1"), false);
}

#[test]
fn where_order_is_all_that_counts_the_second_look_sees_what_was_not_sent() {
    let strict = Matching {
        level: Level::Canonical,
        order: Order::Strict,
        ..Matching::default()
    };
    let player = player_with(&trio("1"), strict);
    assert_eq!(active(&player, "1"), true);
    assert_eq!(active(&player, "1"), false);
    assert_eq!(active(&player, "1"), false);
}

#[test]
fn two_resources_are_told_apart_in_whatever_order_their_clients_come() {
    let recorded: Vec<Exchange> = trio("1").into_iter().chain(trio("2")).collect();
    let player = player(&recorded);
    // Recorded 1 1 1 2 2 2; now the other way round, and mixed.
    assert_eq!(active(&player, "2"), true);
    assert_eq!(active(&player, "1"), true);
    ask_with(&player, "PATCH", "/Users/2", DEACTIVATE);
    assert_eq!(
        (active(&player, "1"), active(&player, "2")),
        (json!(true), json!(false))
    );
    ask_with(&player, "PATCH", "/Users/1", DEACTIVATE);
    assert_eq!(
        (active(&player, "1"), active(&player, "2")),
        (json!(false), json!(false))
    );
    assert_eq!(player.misses(), 0);
}

#[test]
fn eight_clients_in_parallel_each_see_what_they_have_done() {
    let ids: Vec<String> = (1..=8).map(|n| n.to_string()).collect();
    // Recorded one step of each after the other.
    let trios: Vec<_> = ids.iter().map(|id| trio(id)).collect();
    let recorded: Vec<Exchange> = (0..3)
        .flat_map(|step| trios.iter().map(move |trio| trio[step].clone()))
        .collect();
    let player = player(&recorded);
    std::thread::scope(|scope| {
        for id in &ids {
            let player = &player;
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(active(player, id), true);
                }
                let path = format!("/Users/{id}");
                assert_eq!(ask_with(player, "PATCH", &path, DEACTIVATE).status(), 204);
                for _ in 0..20 {
                    assert_eq!(active(player, id), false);
                }
            });
        }
    });
    assert_eq!(player.misses(), 0);
}

#[test]
fn eight_clients_of_one_resource_see_it_before_or_after_and_one_of_them_changes_it() {
    let player = player(&trio("1"));
    let changed: usize = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    active(&player, "1");
                    let changed =
                        ask_with(&player, "PATCH", "/Users/1", DEACTIVATE).status() == 204;
                    // Whoever has changed it, it is changed now.
                    assert_eq!(active(&player, "1"), false);
                    usize::from(changed)
                })
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum()
    });
    assert_eq!((changed, player.misses()), (1, 7));
}

#[test]
fn a_state_that_was_never_seen_says_which_write_is_missing() {
    let rename = exchange(
        "PATCH",
        "/Users/1",
        json!({"Operations": [{"op": "replace", "path": "title", "value": "Dr"}]}),
        204,
        Value::Null,
    );
    let [before, patch, after] = trio("1");
    let last = get("1", false);
    let player = player(&[before, patch, rename, after, last]);
    let title = r#"{"Operations":[{"op":"replace","path":"title","value":"Dr"}]}"#;
    assert_eq!(
        detail(&player, "PATCH", "/Users/1", title),
        "no recorded exchange answers PATCH /Users/1 in the present state; the nearest is exchange 3: it was recorded after exchange 2, PATCH /Users/1, not sent so far"
    );
    ask_with(&player, "PATCH", "/Users/1", DEACTIVATE);
    // The user was read before both and after both, but not between them.
    let between = detail(&player, "GET", "/Users/1", "");
    assert!(
        between.ends_with("the nearest is exchange 1: it was recorded before exchange 2, PATCH /Users/1, sent already"),
        "{between}"
    );
    assert_eq!(ask_with(&player, "PATCH", "/Users/1", title).status(), 204);
    assert_eq!(active(&player, "1"), false);
    let missed = player.missed();
    assert_eq!(missed.len(), 2);
    assert_eq!(
        (missed[0].miss.nearest, missed[0].miss.missing.clone()),
        (Some(3), vec![2])
    );
}

#[test]
fn a_resource_is_there_once_it_was_made_and_gone_once_it_was_deleted() {
    let created = exchange(
        "POST",
        "/Users",
        json!({"userName": "u1"}),
        201,
        user("1", true),
    );
    let taken = exchange(
        "POST",
        "/Users",
        json!({"userName": "U1"}),
        409,
        json!({"status": "409"}),
    );
    let deleted = exchange("DELETE", "/Users/1", Value::Null, 204, Value::Null);
    let gone = exchange(
        "GET",
        "/Users/1",
        Value::Null,
        404,
        json!({"status": "404"}),
    );
    let again = exchange(
        "POST",
        "/Users",
        json!({"userName": "u1"}),
        201,
        user("2", true),
    );
    let player = player(&[created, taken, get("1", true), deleted, gone, again]);
    let miss = detail(&player, "GET", "/Users/1", "");
    assert!(
        miss.contains("recorded after exchange 1, POST /Users, not sent so far"),
        "{miss}"
    );
    let post = |player: &Player| {
        ask_with(player, "POST", "/Users", r#"{"userName":"u1"}"#)
            .status()
            .as_u16()
    };
    assert_eq!(post(&player), 201);
    assert_eq!((post(&player), post(&player)), (409, 409));
    assert_eq!(active(&player, "1"), true);
    assert_eq!(ask(&player, "DELETE", "/Users/1").status(), 204);
    assert_eq!(ask(&player, "GET", "/Users/1").status(), 404);
    assert_eq!(post(&player), 201);
    assert_eq!(player.misses(), 1);
}

fn list(users: &[Value]) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": users.len(), "Resources": users})
}

#[test]
fn a_query_for_a_value_depends_on_who_has_it_and_any_other_on_all_of_the_type() {
    let query = |name: &str, users: &[Value]| {
        let target = format!("/Users?filter=userName+eq+%22{name}%22");
        exchange("GET", &target, Value::Null, 200, list(users))
    };
    let create = |id: &str| {
        let sent = json!({"userName": format!("u{id}")});
        exchange("POST", "/Users", sent, 201, user(id, true))
    };
    let all = |users: &[Value]| exchange("GET", "/Users", Value::Null, 200, list(users));
    let (one, two) = (user("1", true), user("2", true));
    let player = player(&[
        query("u1", &[]),
        create("1"),
        query("u1", std::slice::from_ref(&one)),
        all(std::slice::from_ref(&one)),
        query("u2", &[]),
        create("2"),
        query("u2", std::slice::from_ref(&two)),
        all(&[one.clone(), two.clone()]),
        deactivate("2"),
        query("u2", &[user("2", false)]),
    ]);
    let found = |name: &str| {
        let response = ask(
            &player,
            "GET",
            &format!("/Users?filter=userName%20eq%20%22{name}%22"),
        );
        json_of(&response)["totalResults"].clone()
    };
    let post = |id: &str| {
        ask_with(
            &player,
            "POST",
            "/Users",
            &json!({"userName": format!("u{id}")}).to_string(),
        )
        .status()
    };
    // The second user first: nobody who looks for the one depends on the other.
    assert_eq!((found("u2"), found("u1")), (json!(0), json!(0)));
    assert_eq!(post("2"), 201);
    assert_eq!((found("u2"), found("u1")), (json!(1), json!(0)));
    let miss = detail(&player, "GET", "/Users", "");
    assert!(miss.contains("in the present state"), "{miss}");
    assert_eq!(post("1"), 201);
    assert_eq!(json_of(&ask(&player, "GET", "/Users"))["totalResults"], 2);
    assert_eq!(found("u1"), 1);
    ask_with(&player, "PATCH", "/Users/2", DEACTIVATE);
    let response = ask(&player, "GET", "/Users?filter=userName+eq+%22U2%22");
    assert_eq!(json_of(&response)["Resources"][0]["active"], false);
    assert_eq!(player.misses(), 1);
}

#[test]
fn who_shows_the_groups_of_a_user_shows_another_user_once_the_group_has_changed() {
    let with_groups = |groups: Value| {
        let mut shown = user("1", true);
        shown["groups"] = groups;
        exchange("GET", "/Users/1", Value::Null, 200, shown)
    };
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "1"}]}]});
    let player = player(&[
        with_groups(json!([])),
        exchange("PATCH", "/Groups/9", add.clone(), 204, Value::Null),
        with_groups(json!([{"value": "9"}])),
    ]);
    let groups = || json_of(&ask(&player, "GET", "/Users/1"))["groups"].clone();
    assert_eq!((groups(), groups()), (json!([]), json!([])));
    ask_with(&player, "PATCH", "/Groups/9", &add.to_string());
    assert_eq!(
        (groups(), groups()),
        (json!([{"value": "9"}]), json!([{"value": "9"}]))
    );
}

#[test]
fn a_patch_in_another_dialect_is_answered_and_told_so() {
    let answer = |sent: &str| {
        let player = player(&trio("1"));
        let response = ask_with(&player, "PATCH", "/Users/1", sent);
        matched(&response).to_owned()
    };
    assert_eq!(answer(DEACTIVATE), "exact; exchange=2");
    assert_eq!(
        answer(r#"{"Operations":[{"op":"Replace","path":"Active","value":false}]}"#),
        "canonical; exchange=2"
    );
    assert_eq!(
        answer(r#"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#),
        "intent; exchange=2"
    );
    assert_eq!(
        answer(
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}"#
        ),
        "intent; exchange=2"
    );
    assert_eq!(
        answer(r#"{"Operations":[{"op":"replace","value":{"active":false,"title":"x"}}]}"#),
        "none"
    );
}

#[test]
fn nothing_looser_than_asked_for_is_answered() {
    let sent = [
        (DEACTIVATE, Level::Exact),
        (
            r#"{"Operations":[{"op":"Replace","path":"active","value":false}]}"#,
            Level::Canonical,
        ),
        (
            r#"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#,
            Level::Intent,
        ),
    ];
    for asked in Level::ALL {
        for (body, needed) in sent {
            let matching = Matching {
                level: asked,
                order: Order::Causal,
                ..Matching::default()
            };
            let response = ask_with(
                &player_with(&trio("1"), matching),
                "PATCH",
                "/Users/1",
                body,
            );
            assert_eq!(
                response.status() == 204,
                needed <= asked,
                "{body} at {asked}"
            );
        }
    }
}

#[test]
fn only_whoever_asks_without_credentials_is_refused_for_having_none() {
    let mut refused = exchange(
        "GET",
        "/Users/1",
        Value::Null,
        401,
        json!({"status": "401"}),
    );
    refused.request.headers.clear();
    let player = player(&[refused, get("1", true)]);
    assert_eq!(ask(&player, "GET", "/Users/1").status(), 200);
    let anonymous = http::Request::get("/scim/v2/Users/1")
        .body(bytes::Bytes::new())
        .unwrap();
    assert_eq!(player.answer(super::BASE, &anonymous).status(), 401);
    assert_eq!(ask(&player, "GET", "/Users/1").status(), 200);
}

#[test]
fn not_modified_is_for_whoever_said_which_version_it_has() {
    let mut unchanged = exchange("GET", "/Users/1", Value::Null, 304, Value::Null);
    unchanged
        .request
        .headers
        .push(("if-none-match".into(), "W/\"1\"".into()));
    let player = player(&[get("1", true), unchanged]);
    assert_eq!(ask(&player, "GET", "/Users/1").status(), 200);
    assert_eq!(ask(&player, "GET", "/Users/1").status(), 200);
    let conditional = http::Request::get("/scim/v2/Users/1")
        .header("authorization", "Bearer x")
        .header("if-none-match", "W/\"1\"")
        .body(bytes::Bytes::new())
        .unwrap();
    assert_eq!(player.answer(super::BASE, &conditional).status(), 304);
}

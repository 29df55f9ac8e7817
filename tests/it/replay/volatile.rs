//! Values that the client makes up on each run: fresh ones stand for the recorded.

use super::{ask, ask_with, exchange, json_of, matched, player_with};
use http::header::LOCATION;
use scimulate::exchange::Exchange;
use scimulate::replay::{Matching, Player, Volatile};
use serde_json::{Value, json};

fn volatile(places: &[&str]) -> Matching {
    let mut volatile = Volatile::default();
    for place in places {
        volatile.name(place).unwrap();
    }
    Matching {
        volatile,
        ..Matching::default()
    }
}

fn shown(id: &str, name: &str, title: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": name, "title": title,
        "meta": {"resourceType": "User", "location": format!("{{base}}/Users/{id}")}
    })
}

fn list(users: &[Value]) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": users.len(), "Resources": users})
}

fn find(name: &str, users: &[Value]) -> Exchange {
    exchange(
        "GET",
        &format!("/Users?filter=userName+eq+%22{name}%22"),
        Value::Null,
        200,
        list(users),
    )
}

/// What a client does with a user of this name, whose id is `id`.
fn session(id: &str, name: &str, title: &str) -> Vec<Exchange> {
    let mut created = exchange(
        "POST",
        "/Users",
        json!({"userName": name}),
        201,
        shown(id, name, "x"),
    );
    created
        .response
        .headers
        .push(("location".into(), format!("{{base}}/Users/{id}")));
    let detail = format!("userName {name} is taken");
    let rename = json!({"Operations": [{"op": "replace", "path": "title", "value": title}]});
    vec![
        find(name, &[]),
        created,
        exchange(
            "POST",
            "/Users",
            json!({"userName": name}),
            409,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "detail": detail}),
        ),
        find(name, &[shown(id, name, "x")]),
        exchange(
            "PATCH",
            &format!("/Users/{id}"),
            rename,
            200,
            shown(id, name, title),
        ),
        exchange(
            "GET",
            &format!("/Users/{id}"),
            Value::Null,
            200,
            shown(id, name, title),
        ),
        exchange(
            "DELETE",
            &format!("/Users/{id}"),
            Value::Null,
            204,
            Value::Null,
        ),
        find(name, &[]),
    ]
}

/// The session again, with fresh values, and the assertions that a client makes of its own accord.
#[track_caller]
fn travel(player: &Player, name: &str, title: &str) {
    let look = || {
        json_of(&ask(
            player,
            "GET",
            &format!("/Users?filter=userName+eq+%22{name}%22"),
        ))
    };
    assert_eq!(look()["totalResults"], 0);
    let body = json!({"userName": name}).to_string();
    let created = ask_with(player, "POST", "/Users", &body);
    assert_eq!(created.status(), 201, "{:?}", created.body());
    let location = created.headers()[LOCATION].to_str().unwrap().to_owned();
    let user = json_of(&created);
    assert_eq!(user["userName"], name);
    assert_eq!(user["meta"]["location"], location);
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    assert!(location.ends_with(&path));
    let refused = ask_with(player, "POST", "/Users", &body);
    assert_eq!(refused.status(), 409);
    assert_eq!(
        json_of(&refused)["detail"],
        format!("userName {name} is taken")
    );
    let found = look();
    assert_eq!(
        (&found["totalResults"], &found["Resources"][0]["userName"]),
        (&json!(1), &json!(name))
    );
    assert_eq!(found["Resources"][0]["title"], "x");
    let patch =
        json!({"Operations": [{"op": "replace", "path": "title", "value": title}]}).to_string();
    let patched = json_of(&ask_with(player, "PATCH", &path, &patch));
    assert_eq!(
        (&patched["userName"], &patched["title"]),
        (&json!(name), &json!(title))
    );
    let read = json_of(&ask(player, "GET", &path));
    assert_eq!(
        (&read["userName"], &read["title"]),
        (&json!(name), &json!(title))
    );
    assert_eq!(ask(player, "DELETE", &path).status(), 204);
    assert_eq!(look()["totalResults"], 0);
}

#[test]
fn fresh_values_stand_for_the_recorded_ones_to_the_end_of_the_session() {
    let player = player_with(
        &session("1", "recorded-7f3a", "old"),
        volatile(&["userName", "title"]),
    );
    travel(&player, "fresh-91bc", "new");
    assert_eq!(player.misses(), 0, "{:?}", player.missed());
}

#[test]
fn recorded_values_may_come_again() {
    let player = player_with(
        &session("1", "recorded-7f3a", "old"),
        volatile(&["userName", "title"]),
    );
    travel(&player, "recorded-7f3a", "old");
    assert_eq!(player.misses(), 0, "{:?}", player.missed());
}

#[test]
fn each_of_several_users_has_its_own_fresh_values() {
    let recorded: Vec<Exchange> = session("1", "a-recorded", "old")
        .into_iter()
        .chain(session("2", "b-recorded", "old"))
        .collect();
    let player = player_with(&recorded, volatile(&["userName", "title"]));
    travel(&player, "a-fresh", "first");
    travel(&player, "b-fresh", "second");
    assert_eq!(player.misses(), 0, "{:?}", player.missed());
}

#[test]
fn what_is_not_named_is_compared() {
    let player = player_with(&session("1", "recorded-7f3a", "old"), volatile(&["title"]));
    let response = ask_with(&player, "POST", "/Users", r#"{"userName":"fresh"}"#);
    assert_eq!(
        (response.status().as_u16(), matched(&response)),
        (404, "none")
    );
    let player = player_with(
        &session("1", "recorded-7f3a", "old"),
        volatile(&["userName"]),
    );
    let sent = r#"{"userName":"fresh","title":"more than was recorded"}"#;
    assert_eq!(ask_with(&player, "POST", "/Users", sent).status(), 404);
}

#[test]
fn a_fresh_value_may_be_named_for_filters_alone() {
    let probe = find("probe-7f3a", &[]);
    let player = player_with(&[probe], volatile(&["filter:userName"]));
    // A probe finds nothing however often it is made, under whatever name.
    for name in ["probe-1", "probe-2", "probe-1"] {
        let response = ask(
            &player,
            "GET",
            &format!("/Users?filter=userName+eq+%22{name}%22"),
        );
        assert_eq!(matched(&response), "canonical; exchange=1");
    }
    let created = exchange(
        "POST",
        "/Users",
        json!({"userName": "a"}),
        201,
        shown("1", "a", "x"),
    );
    let player = player_with(&[created], volatile(&["filter:userName"]));
    assert_eq!(
        ask_with(&player, "POST", "/Users", r#"{"userName":"b"}"#).status(),
        404
    );
}

#[test]
fn an_id_that_no_resource_has_may_be_made_up() {
    let missing = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "no user guid-1"});
    let recorded = [
        exchange("GET", "/Users/guid-1", Value::Null, 404, missing),
        exchange("GET", "/Users/1", Value::Null, 200, shown("1", "a", "x")),
    ];
    let player = player_with(&recorded, volatile(&["id"]));
    let response = ask(&player, "GET", "/Users/guid-2");
    assert_eq!(matched(&response), "canonical; exchange=1");
    assert_eq!(json_of(&response)["detail"], "no user guid-2");
    assert_eq!(json_of(&ask(&player, "GET", "/Users/1"))["userName"], "a");
}

#[test]
fn a_truth_value_belongs_to_its_resource() {
    let user = |id: &str, name: &str, active: bool| json!({"id": id, "userName": name, "active": active, "meta": {"resourceType": "User"}});
    let create = |id: &str, name: &str, active: bool| {
        exchange(
            "POST",
            "/Users",
            json!({"userName": name, "active": active}),
            201,
            user(id, name, active),
        )
    };
    let read = |id: &str, name: &str, active: bool| {
        exchange(
            "GET",
            &format!("/Users/{id}"),
            Value::Null,
            200,
            user(id, name, active),
        )
    };
    let recorded = [
        create("1", "a", true),
        create("2", "b", true),
        read("1", "a", true),
        read("2", "b", true),
    ];
    let player = player_with(&recorded, volatile(&["active"]));
    let post = |name: &str, active: bool| {
        let body = json!({"userName": name, "active": active}).to_string();
        json_of(&ask_with(&player, "POST", "/Users", &body))["active"].clone()
    };
    assert_eq!(
        (post("a", false), post("b", true)),
        (json!(false), json!(true))
    );
    let active =
        |id: &str| json_of(&ask(&player, "GET", &format!("/Users/{id}")))["active"].clone();
    assert_eq!((active("1"), active("2")), (json!(false), json!(true)));
}

#[test]
fn what_two_recordings_of_a_session_differ_in_is_made_up() {
    let numbered =
        |exchanges: Vec<Exchange>| -> Vec<(u64, Exchange)> { (1..).zip(exchanges).collect() };
    let one = numbered(session("1", "recorded-7f3a", "old"));
    let other = numbered(session("c0ffee", "recorded-91bc", "old"));
    let mut learned = Volatile::default();
    learned.learn(&one, &other);
    assert_eq!(learned.to_string(), "username");
    let matching = Matching {
        volatile: learned,
        ..Matching::default()
    };
    let player = Player::new(one, matching);
    travel(&player, "fresh", "old");
    assert_eq!(player.misses(), 0, "{:?}", player.missed());
    let mut nothing = Volatile::default();
    let same = numbered(session("1", "a", "b"));
    nothing.learn(&same, &same);
    assert!(nothing.is_empty());
}

#[test]
fn what_is_only_asked_for_is_learned_as_such() {
    let numbered = |name: &str| {
        vec![
            (1, find(name, &[])),
            (
                2,
                exchange(
                    "GET",
                    &format!("/Users/{name}"),
                    Value::Null,
                    404,
                    json!({}),
                ),
            ),
        ]
    };
    let mut learned = Volatile::default();
    learned.learn(&numbered("guid-1"), &numbered("guid-2"));
    assert_eq!(learned.to_string(), "id, filter:username");
}

#[test]
fn a_place_that_is_none_is_refused() {
    let mut volatile = Volatile::default();
    let refused = volatile.name("emails[type eq \"work\"]").unwrap_err();
    assert!(
        refused.contains("expected an attribute such as userName"),
        "{refused}"
    );
    assert!(volatile.name("filter:").is_err());
    assert!(
        volatile
            .name("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department")
            .is_ok()
    );
}

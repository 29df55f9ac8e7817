//! PUT (RFC 7644 section 3.5.1).

use super::*;

fn babs() -> Value {
    user(
        "bjensen",
        json!({"title": "Guide", "name": {"givenName": "Barbara", "familyName": "Jensen"}, "emails": [{"value": "a@x"}]}),
    )
}

#[track_caller]
fn replaced(sp: &Sp, body: Value) -> Value {
    let target = format!("/Users/{}", sp.create("/Users", babs()));
    let answer = sp.put(&target, body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(sp.get(&target).json(), answer.json());
    answer.json()
}

#[track_caller]
fn refused(body: Value, expected: &str) {
    for sp in both() {
        let target = format!("/Users/{}", sp.create("/Users", babs()));
        let before = sp.get(&target);
        assert_eq!(sp.put(&target, body.clone()).verdict(), expected, "{body}");
        assert_eq!(sp.get(&target).bytes, before.bytes, "{body}");
    }
}

#[test]
fn what_is_not_given_is_gone() {
    for sp in both() {
        assert_eq!(
            keys(&replaced(&sp, user("bjensen", json!({})))),
            "id meta schemas userName"
        );
        sp.delete(&format!(
            "/Users/{}",
            sp.get("/Users").json()["Resources"][0]["id"]
                .as_str()
                .expect("an id")
        ));
        let name =
            replaced(&sp, user("bjensen", json!({"name": {"givenName": "B"}})))["name"].clone();
        assert_eq!(name, json!({"givenName": "B"}));
    }
}

#[test]
fn null_and_the_empty_list_are_no_value() {
    for sp in both() {
        let found = replaced(
            &sp,
            user(
                "bjensen",
                json!({"title": null, "emails": [], "active": null}),
            ),
        );
        assert_eq!(keys(&found), "id meta schemas userName");
    }
}

#[test]
fn what_get_returned_can_be_put_back_and_changes_nothing() {
    for sp in both() {
        let id = sp.create("/Users", babs());
        sp.group("Staff", &[&id]);
        let target = format!("/Users/{id}");
        let before = sp.get(&target);
        let answer = sp.put(&target, before.json());
        assert_eq!(
            (answer.status, answer.header("etag")),
            (200, before.header("etag"))
        );
        assert_eq!(sp.get(&target).bytes, before.bytes);
    }
}

#[test]
fn what_is_read_only_is_passed_over() {
    for sp in both() {
        let id = sp.create("/Users", babs());
        sp.group("Staff", &[&id]);
        let target = format!("/Users/{id}");
        let before = sp.get(&target).json();
        let sent = json!({"id": "other", "groups": [], "meta": {"created": "2000-01-01T00:00:00Z", "resourceType": "Group"}, "title": "new"});
        let after = sp.put(&target, user("bjensen", sent)).json();
        assert_eq!(
            (&after["id"], &after["groups"], &after["title"]),
            (&before["id"], &before["groups"], &json!("new"))
        );
        assert_eq!(after["meta"]["created"], before["meta"]["created"]);
        assert_eq!(after["meta"]["resourceType"], "User");
    }
}

#[test]
fn it_does_not_create() {
    for sp in both() {
        assert_eq!(sp.put("/Users/does-not-exist", babs()).verdict(), "404");
        let target = format!("/Users/{}", sp.create("/Users", babs()));
        sp.delete(&target);
        assert_eq!(sp.put(&target, babs()).verdict(), "404");
        assert_eq!(names(&sp.get("/Users")), "");
    }
}

#[test]
fn it_is_whole_or_not_at_all() {
    refused(json!({"schemas": [USER]}), "400 invalidValue");
    refused(user("", json!({})), "400 invalidValue");
    refused(
        user("bjensen", json!({"title": "new", "active": "maybe"})),
        "400 invalidValue",
    );
    refused(
        user("bjensen", json!({"title": "new", "emails": [{"value": 5}]})),
        "400 invalidValue",
    );
    refused(json!([]), "400 invalidSyntax");
}

#[test]
fn a_name_is_kept_in_another_case_and_not_taken_from_another() {
    for sp in both() {
        sp.user("jsmith");
        assert_eq!(
            replaced(&sp, user("BJensen", json!({})))["userName"],
            "BJensen"
        );
        let target = format!("/Users/{}", sp.user("third"));
        let before = sp.get(&target);
        assert_eq!(
            sp.put(&target, user("JSMITH", json!({"title": "x"})))
                .verdict(),
            "409 uniqueness"
        );
        assert_eq!(sp.get(&target).bytes, before.bytes);
    }
}

#[test]
fn the_version_moves_and_the_location_stays() {
    for sp in both() {
        let created = sp.post("/Users", babs());
        let target = format!("/Users/{}", created.id());
        let answer = sp.put(&target, user("bjensen", json!({"title": "new"})));
        assert_ne!(answer.header("etag"), created.header("etag"));
        assert_eq!(
            answer.header("etag"),
            answer.json()["meta"]["version"].as_str()
        );
        assert_eq!(answer.header("location"), created.header("location"));
        assert_eq!(
            answer.header("content-location"),
            created.header("location")
        );
    }
}

#[test]
fn an_extension_that_is_not_given_is_gone() {
    for sp in both() {
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "e", ENTERPRISE: {"department": "IT"}});
        let target = format!("/Users/{}", sp.create("/Users", body));
        let after = sp.put(&target, user("e", json!({}))).json();
        assert_eq!(
            (after.get(ENTERPRISE), &after["schemas"]),
            (None, &json!([USER]))
        );
    }
}

#[test]
fn members_are_replaced_by_value() {
    for sp in both() {
        let (one, two) = (sp.user("one"), sp.user("two"));
        let group = |ids: &[&str]| json!({"schemas": [GROUP], "displayName": "G", "members": ids.iter().map(|id| json!({"value": id})).collect::<Vec<_>>()});
        let target = format!("/Groups/{}", sp.create("/Groups", group(&[&one])));
        let before = sp.get(&target);
        assert_eq!(
            sp.put(&target, group(&[&one])).header("etag"),
            before.header("etag")
        );
        let members = sp.put(&target, group(&[&two])).json()["members"].clone();
        assert_eq!(
            (members.as_array().map(Vec::len), &members[0]["value"]),
            (Some(1), &json!(two))
        );
        assert_eq!(sp.get(&format!("/Users/{one}")).json().get("groups"), None);
    }
}

#[test]
fn a_projection_holds_for_the_answer() {
    for sp in both() {
        let target = format!("/Users/{}", sp.create("/Users", babs()));
        let answer = sp.put(
            &format!("{target}?attributes=userName"),
            user("bjensen", json!({"title": "x"})),
        );
        assert_eq!(
            (answer.status, keys(&answer.json()).as_str()),
            (200, "id schemas userName")
        );
    }
}

/// RFC 7643 section 5: `changePassword`. The operation is served (no 501, RFC 7644 table 8); the attribute does not take it (table 9).
#[test]
fn a_password_stays_where_the_provider_says_that_it_cannot_be_changed() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(change_password: false))"#,
    );
    let path = format!(
        "/Users/{}",
        sp.create("/Users", user("u", json!({"password": "first"})))
    );
    assert_eq!(
        sp.put(&path, user("u", json!({"password": "second"})))
            .verdict(),
        "400 mutability"
    );
    let operation = json!([{"op": "replace", "path": "password", "value": "second"}]);
    assert_eq!(sp.patch(&path, operation).verdict(), "400 mutability");
    assert_eq!(
        sp.put(&path, user("u", json!({"title": "Guide"})))
            .verdict(),
        "200"
    );
    // That it was created with a password does not make another change one of the password.
    let path = format!(
        "/Users/{}",
        sp.create("/Users", user("v", json!({"password": "first"})))
    );
    let operation = json!([{"op": "replace", "path": "title", "value": "Guide"}]);
    assert_eq!(sp.patch(&path, operation).verdict(), "200");
}

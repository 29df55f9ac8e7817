//! Groups and what users know of them (RFC 7643 sections 4.1.2 and 4.2).

use super::*;

#[test]
fn a_group_has_a_name_and_perhaps_members() {
    for sp in both() {
        assert_eq!(
            sp.post("/Groups", json!({"schemas": [GROUP]})).verdict(),
            "400 invalidValue"
        );
        assert_eq!(
            sp.post("/Groups", json!({"schemas": [GROUP], "displayName": ""}))
                .verdict(),
            "400 invalidValue"
        );
        let created = sp.post("/Groups", json!({"schemas": [GROUP], "displayName": "Staff", "meta": {"resourceType": "User"}})).json();
        assert_eq!(
            (keys(&created).as_str(), &created["meta"]["resourceType"]),
            ("displayName id meta schemas", &json!("Group"))
        );
    }
}

#[test]
fn members_are_described() {
    for sp in both() {
        let id = sp.create("/Users", user("bjensen", json!({"displayName": "Babs"})));
        let inner = sp.group("Inner", &[&id]);
        let group = sp
            .get(&format!("/Groups/{}", sp.group("Outer", &[&id, &inner])))
            .json();
        let expected = json!([
            {"value": id, "$ref": format!("{BASE}/Users/{id}"), "type": "User", "display": "Babs"},
            {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "Group", "display": "Inner"},
        ]);
        assert_eq!(group["members"], expected);
        assert_eq!(sp.get(&format!("/Users/{id}")).status, 200);
    }
}

#[test]
fn a_member_that_nobody_knows_is_taken_leniently() {
    let sp = Sp::new();
    let answer = sp.post(
        "/Groups",
        json!({"schemas": [GROUP], "displayName": "G", "members": [{"value": "nobody"}]}),
    );
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["members"][0]["value"], "nobody");
}

#[test]
fn the_same_member_twice_is_one() {
    for sp in both() {
        let id = sp.user("bjensen");
        let group = sp.group("G", &[&id, &id]);
        assert_eq!(
            sp.get(&format!("/Groups/{group}")).json()["members"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
    }
}

#[test]
fn a_user_knows_its_groups() {
    for sp in both() {
        let id = sp.user("bjensen");
        let group = sp.group("Staff", &[&id]);
        let expected = json!([{"value": group, "$ref": format!("{BASE}/Groups/{group}"), "display": "Staff", "type": "direct"}]);
        assert_eq!(sp.get(&format!("/Users/{id}")).json()["groups"], expected);
        sp.delete(&format!("/Groups/{group}"));
        assert_eq!(sp.get(&format!("/Users/{id}")).json().get("groups"), None);
    }
}

#[test]
fn what_a_scenario_holds_is_served() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], users: [{"userName": "bjensen"}, {"userName": "jsmith"}],
           groups: [{"displayName": "Staff", "members": ["bjensen"]}])"#,
    );
    assert_eq!(names(&sp.get("/Users")), "bjensen jsmith");
    let users = sp.get("/Users").json()["Resources"].clone();
    assert_eq!(users[0]["groups"][0]["display"], "Staff");
    assert_eq!(users[1].get("groups"), None);
    assert_eq!(
        sp.get("/Groups").json()["Resources"][0]["members"][0]["value"],
        users[0]["id"]
    );
}

/// RFC 7644 section 3.5.2 leaves the choice between 200 and 204.
#[test]
fn a_change_to_a_large_group_is_answered_without_the_group() {
    let sp = Sp::new();
    let members = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|number| json!({"value": format!("user-{number}")}))
            .collect()
    };
    let check = |held: usize, query: &str, expected: u16| {
        let group = json!({"schemas": [GROUP], "displayName": "G", "members": members(held)});
        let id = sp.create("/Groups", group);
        let operations =
            json!([{"op": "add", "path": "members", "value": [{"value": "one-more"}]}]);
        let answer = sp.patch(&format!("/Groups/{id}{query}"), operations);
        assert_eq!(answer.status, expected, "{held} members{query}");
        assert_eq!(answer.bytes.is_empty(), expected == 204);
        let version = answer.headers["etag"].clone();
        let now = sp.get(&format!("/Groups/{id}"));
        assert_eq!(now.headers["etag"], version);
        assert_eq!(
            now.json()["members"].as_array().map(Vec::len),
            Some(held + 1)
        );
    };
    check(999, "", 200);
    check(1000, "", 204);
    check(1000, "?attributes=displayName", 200);
}

//! Who was there before the recording began.

use super::{Session, group, user};
use serde_json::{Value, json};

const RESOURCES: &str = r#"
    users: [
        {"id": "1", "userName": "ann", "displayName": "Ann", "active": true},
        {"id": "2", "userName": "bob", "title": "Clerk",
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales", "manager": {"value": "1"}}},
    ],
    groups: [{"id": "g1", "displayName": "Staff", "members": ["ann", "bob"]}]"#;

fn session() -> Session {
    Session::of("", RESOURCES)
}

/// The lines of the scenario that name resources, without what it says besides.
fn resources(scenario: &str) -> String {
    let from = scenario
        .find("    users: [")
        .or(scenario.find("    groups: ["));
    scenario[from.unwrap_or(scenario.len())..].to_owned()
}

#[track_caller]
fn check(session: &Session, expected: &str) {
    assert_eq!(
        resources(&session.explained()).trim_end_matches(")\n"),
        expected
    );
}

#[test]
fn what_is_read_is_there_with_its_id_and_its_links() {
    let mut it = session();
    it.get("/Users");
    it.get("/Groups");
    check(
        &it,
        r#"    users: [
        {"id": "1", "userName": "ann", "displayName": "Ann", "active": true},
        {
            "id": "2",
            "userName": "bob",
            "title": "Clerk",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales", "manager": {"value": "1"}}
        },
    ],
    groups: [
        {"id": "g1", "displayName": "Staff", "members": ["1", "2"]},
    ],
"#,
    );
}

#[test]
fn what_a_client_made_is_not_of_the_seed_and_is_found_by_its_new_id() {
    let mut it = session();
    let made = it.user("carol");
    it.get(&format!("/Users/{made}"));
    it.patch(
        &format!("/Users/{made}"),
        json!([{"op": "replace", "path": "title", "value": "Clerk"}]),
    );
    let team = it.ask("POST", "/Groups", group("Team", &[&made]));
    it.get(&format!("/Groups/{}", team["id"].as_str().unwrap()));
    it.get(&format!("/Users?filter=id eq \"{made}\""));
    it.ask("DELETE", &format!("/Users/{made}"), Value::Null);
    it.get(&format!("/Users/{made}"));
    check(&it, "");
}

#[test]
fn a_resource_is_as_it_was_first_read_and_not_as_it_became() {
    let mut it = session();
    it.get("/Users/1?attributes=userName");
    it.get("/Users/1?excludedAttributes=groups");
    it.patch("/Users/1?excludedAttributes=groups", json!([{"op": "replace", "path": "displayName", "value": "Anna"}, {"op": "add", "path": "title", "value": "Boss"}]));
    it.get("/Users/1?excludedAttributes=groups");
    check(
        &it,
        r#"    users: [
        {"id": "1", "userName": "ann", "displayName": "Ann", "active": true},
    ],
"#,
    );
}

#[test]
fn what_a_change_shows_first_says_so() {
    let mut it = session();
    it.patch(
        "/Users/1?excludedAttributes=groups",
        json!([{"op": "replace", "path": "displayName", "value": "Anna"}]),
    );
    check(
        &it,
        r#"    users: [
        // as exchange 1 left it: nothing before shows it
        {"id": "1", "userName": "ann", "displayName": "Anna", "active": true},
    ],
"#,
    );
}

#[test]
fn what_nobody_reads_is_there_where_a_request_needs_it() {
    let mut it = session();
    it.ask("POST", "/Users", user("ann"));
    it.ask("DELETE", "/Users/2", Value::Null);
    it.get("/Users/2");
    check(
        &it,
        r#"    users: [
        // never read; exchange 1 says that the name is taken
        {"userName": "ann"},
        // never read; exchange 2, a DELETE, finds it
        {"id": "2", "userName": "2"},
    ],
"#,
    );
}

#[test]
fn a_group_that_only_its_members_speak_of_has_them() {
    let mut it = session();
    it.get("/Users/1");
    check(
        &it,
        r#"    users: [
        {"id": "1", "userName": "ann", "displayName": "Ann", "active": true},
    ],
    groups: [
        // never read; exchange 1 says who is in it
        {"id": "g1", "displayName": "Staff", "members": ["1"]},
    ],
"#,
    );
}

#[test]
fn types_of_the_provider_s_own_come_with_their_schemas() {
    let mut it = Session::with(
        r#"Scenario(
            schemas: [{
                "id": "urn:example:Badge", "name": "Badge", "description": "A badge",
                "attributes": [{"name": "label", "type": "string", "required": true, "uniqueness": "server"}]
            }],
            resource_types: [ResourceType(name: "Badge", endpoint: "/Badges", schema: "urn:example:Badge")],
            resources: {"Badge": [{"id": "b1", "label": "blue"}]},
        )"#,
    );
    it.get("/ResourceTypes");
    it.get("/Schemas");
    it.get("/Badges");
    it.ask(
        "POST",
        "/Badges",
        json!({"schemas": ["urn:example:Badge"], "label": "red"}),
    );
    it.ask(
        "POST",
        "/Badges",
        json!({"schemas": ["urn:example:Badge"], "label": "red"}),
    );
    let distilled = it.distilled(false);
    assert!(
        distilled.report.is_whole(),
        "{:#?}\n{}",
        distilled.report.unexplained,
        distilled.scenario
    );
    let [(name, document)] = distilled.schemas.as_slice() else {
        panic!("{:?}", distilled.schemas);
    };
    assert_eq!(name, "urn-example-badge.json");
    assert!(document.contains("\"label\""), "{document}");
    for line in [
        "\"sp-schemas/urn-example-badge.json\", // exchange 2",
        r#"ResourceType(name: "Badge", endpoint: "/Badges", schema: "urn:example:Badge", extensions: []),"#,
        r#""Badge": ["#,
        r#"{"id": "b1", "label": "blue"},"#,
    ] {
        assert!(
            distilled.scenario.contains(line),
            "{line}\n{}",
            distilled.scenario
        );
    }
}

#[test]
fn those_whom_nobody_read_are_made_up_so_that_lists_are_as_long_as_they_were() {
    let mut it = session();
    it.user("carol");
    it.get("/Users?count=1");
    it.get("/Users?count=0");
    check(
        &it,
        r#"    users: [
        {"id": "1", "userName": "ann", "displayName": "Ann", "active": true},
    ],
    groups: [
        // never read; exchange 2 says who is in it
        {"id": "g1", "displayName": "Staff", "members": ["1"]},
    ],
    // Exchange 2 says that there are 2 users, and 1 of them were read: the others are made up.
    population: Population(users: 1),
"#,
    );
}

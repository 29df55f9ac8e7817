//! The whole directory out and in again.

use super::*;

const COMPANY: &str = r#"Scenario(
    schemas: [{"id": "urn:test:Thing", "name": "Thing", "attributes": [{"name": "displayName", "type": "string"}]}],
    resource_types: [ResourceType(name: "Thing", endpoint: "/Things", schema: "urn:test:Thing")],
    users: [
        {"userName": "ann", "password": "hush", "emails": [{"value": "ann@example.com", "primary": true}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "bob"}, "department": "R"}},
        {"userName": "bob", "active": false},
    ],
    groups: [
        {"displayName": "All", "members": ["ann", "Some"]},
        {"displayName": "Some", "members": [{"value": "bob", "display": "Bob"}]},
    ],
    resources: {"Thing": [{"displayName": "lamp"}]},
)"#;

fn state(server: &Server, tenant: &str) -> Value {
    server
        .must("GET", &format!("/tenants/{tenant}/state"), Value::Null)
        .json()
}

#[test]
fn what_goes_out_comes_in_again_and_says_the_same() {
    let server = Server::new(COMPANY);
    let before = state(&server, "acme");
    assert_eq!(before["users"].as_array().unwrap().len(), 2);
    assert_eq!(before["resources"]["Thing"][0]["displayName"], "lamp");
    assert!(!before.to_string().contains("hush"));
    let shown = server
        .scim("GET", "/scim/v2?excludedAttributes=meta", Value::Null)
        .json();
    server.must("DELETE", "/tenants/acme/journal", Value::Null);
    server.create("/scim/v2", "carl");
    assert_eq!(
        server
            .must("PUT", "/tenants/acme/state", before.clone())
            .status,
        204
    );
    assert_eq!(state(&server, "acme"), before);
    let again = server
        .scim("GET", "/scim/v2?excludedAttributes=meta", Value::Null)
        .json();
    assert_eq!(again["totalResults"], 5);
    assert_eq!(shown, again);
    // The scenario is still what its file says.
    server.must("PUT", "/tenants/acme/state", json!({}));
    assert_eq!(server.users("/scim/v2"), [""; 0]);
    server.must("POST", "/tenants/acme/reset", Value::Null);
    assert_eq!(state(&server, "acme"), before);
}

#[test]
fn a_state_may_be_written_as_a_scenario_is() {
    let server = Server::new(COMPANY);
    let written = json!({
        "users": [{"userName": "zoe"}, {"id": "7", "userName": "yan"}],
        "groups": [{"displayName": "New", "members": ["zoe", "7"]}],
    });
    server.must("PUT", "/tenants/acme/state", written);
    assert_eq!(server.users("/scim/v2"), ["zoe", "yan"]);
    let groups = server.scim("GET", "/scim/v2/Groups", Value::Null).json();
    assert_eq!(
        groups["Resources"][0]["members"].as_array().unwrap().len(),
        2
    );
    assert_eq!(groups["Resources"][0]["members"][1]["value"], "7");
}

#[test]
fn a_state_that_does_not_hold_changes_nothing() {
    let server = Server::new(COMPANY);
    let before = state(&server, "acme");
    for (body, part) in [
        (
            json!({"users": [{"userName": "a"}, {"displayName": "b"}]}),
            "users[1].userName",
        ),
        (
            json!({"users": [{"userName": "a"}, {"userName": "A"}]}),
            "users[1]",
        ),
        (
            json!({"users": [{"userName": "a", "active": "perhaps"}]}),
            "users[0].active",
        ),
        (
            json!({"groups": [{"displayName": "g", "members": ["nobody"]}]}),
            "groups[0].members[0]",
        ),
        (
            json!({"resources": {"User": [{"displayName": "x"}]}}),
            "resources.User[0].userName",
        ),
        (
            json!({"resources": {"Thing": [{"displayName": 7}]}}),
            "resources.Thing[0].displayName",
        ),
        (
            json!({"resources": {"Nothing": []}}),
            "`Nothing` is no type",
        ),
        (json!({"user": []}), "unknown field `user`"),
        (json!({"users": {}}), "the body"),
        (json!({"users": ["ann"]}), "the body"),
        (Value::Null, "the body"),
    ] {
        let answer = server.ask("PUT", "/tenants/acme/state", body.clone());
        assert_eq!(answer.status, 400, "{body}");
        let told = answer.problem();
        assert!(told.contains(part), "{body}: {told}");
        assert_eq!(state(&server, "acme"), before, "{body}");
    }
    // All that is wrong is told at once.
    let body = json!({"users": [{}, {"userName": "a", "active": 7}], "groups": [{}]});
    let answer = server.ask("PUT", "/tenants/acme/state", body);
    assert_eq!(
        answer.json()["errors"].as_array().unwrap().len(),
        3,
        "{answer:?}"
    );
}

//! Back to the scenario, and to moments that were marked.

use super::*;
use scimulate::directory::MOST_CHECKPOINTS;

const ONE: &str = r#"Scenario(ids: Sequential("{type}-{n}"), users: [{"userName": "ann"}], groups: [{"displayName": "All", "members": ["ann"]}])"#;
const BASE: &str = "/scim/v2";

#[test]
fn a_reset_is_back_to_the_scenario() {
    let server = Server::new(ONE);
    let before = server.tenants.named("acme").unwrap().1.directory.moment();
    server.create(BASE, "bob");
    let gone = server.scim("DELETE", "/scim/v2/Users/user-1", Value::Null);
    assert_eq!(gone.status, 204);
    assert_eq!(server.users(BASE), ["bob"]);
    assert_eq!(
        server
            .must("POST", "/tenants/acme/reset", Value::Null)
            .status,
        204
    );
    assert_eq!(server.users(BASE), ["ann"]);
    // A pointer changed its place, and nothing was built.
    let after = server.tenants.named("acme").unwrap().1.directory.moment();
    assert!(Arc::ptr_eq(&before, &after));
    let group = server
        .scim("GET", "/scim/v2/Groups/group-1", Value::Null)
        .json();
    assert_eq!(group["members"][0]["value"], "user-1");
    // What follows, follows as it did the first time.
    assert_eq!(server.create(BASE, "carl")["id"], "user-2");
}

#[test]
fn a_checkpoint_is_returned_to_as_often_as_one_likes() {
    let server = Server::new(ONE);
    server.create(BASE, "bob");
    let made = server.must("POST", "/tenants/acme/checkpoints", Value::Null);
    assert_eq!(made.status, 201);
    assert_eq!(made.json(), json!({"name": "1"}));
    let named = json!({"name": "with carl"});
    server.create(BASE, "carl");
    let made = server.must("POST", "/tenants/acme/checkpoints", named.clone());
    assert_eq!(made.json(), named);
    for _ in 0..2 {
        server.must("POST", "/tenants/acme/checkpoints/1/restore", Value::Null);
        assert_eq!(server.users(BASE), ["ann", "bob"]);
        server.create(BASE, "dora");
        let path = "/tenants/acme/checkpoints/with%20carl/restore";
        assert_eq!(server.must("POST", path, Value::Null).status, 204);
        assert_eq!(server.users(BASE), ["ann", "bob", "carl"]);
    }
    // A name that is given again moves its mark.
    server.must("POST", "/tenants/acme/reset", Value::Null);
    server.must("POST", "/tenants/acme/checkpoints", named);
    server.create(BASE, "eve");
    server.must(
        "POST",
        "/tenants/acme/checkpoints/with%20carl/restore",
        Value::Null,
    );
    assert_eq!(server.users(BASE), ["ann"]);
    let unknown = server.ask("POST", "/tenants/acme/checkpoints/9/restore", Value::Null);
    assert_eq!(unknown.status, 404);
    assert!(unknown.problem().contains("no checkpoint `9`"));
}

#[test]
fn a_checkpoint_has_a_name_that_does_or_is_refused() {
    let server = Server::new(ONE);
    for body in [
        json!({"name": ""}),
        json!({"name": "x".repeat(65)}),
        json!({"name": 7}),
        json!({"nam": "x"}),
        json!([]),
    ] {
        let answer = server.ask("POST", "/tenants/acme/checkpoints", body.clone());
        assert_eq!(answer.status, 400, "{body}");
        answer.problem();
    }
    let taken = server.must("POST", "/tenants/acme/checkpoints", json!({"name": "1"}));
    assert_eq!(taken.json()["name"], "1");
    let next = server.must("POST", "/tenants/acme/checkpoints", Value::Null);
    assert_eq!(next.json()["name"], "2");
}

#[test]
fn so_many_checkpoints_are_kept_and_no_more() {
    let server = Server::new(ONE);
    for _ in 0..MOST_CHECKPOINTS {
        server.must("POST", "/tenants/acme/checkpoints", Value::Null);
    }
    let refused = server.ask("POST", "/tenants/acme/checkpoints", Value::Null);
    assert_eq!(refused.status, 409);
    refused.problem();
    server.must("POST", "/tenants/acme/checkpoints", json!({"name": "7"}));
}

#[test]
fn after_a_reload_the_scenario_is_the_new_one_and_its_marks_are_its_own() {
    let server = Server::new(ONE);
    server.must("POST", "/tenants/acme/checkpoints", json!({"name": "old"}));
    let kept = r#"Scenario(on_reload: Keep, users: [{"userName": "zoe"}])"#;
    server.create(BASE, "bob");
    let renewal = server.tenants.reload(tenant("acme", kept)).unwrap();
    assert_eq!(renewal.lost, [""; 0]);
    assert_eq!(server.users(BASE), ["zoe", "bob"]);
    let gone = server.ask("POST", "/tenants/acme/checkpoints/old/restore", Value::Null);
    assert_eq!(gone.status, 404);
    server.must("POST", "/tenants/acme/reset", Value::Null);
    assert_eq!(server.users(BASE), ["zoe"]);
}

#[test]
fn a_reset_and_a_fork_count_faults_anew_and_have_no_past() {
    let busy = r#"Scenario(faults: [Fault(on: (method: "GET", nth: [1]), then: Status(503))])"#;
    let server = Server::new(busy);
    let get = |base: &str| {
        let path = format!("{base}/Users");
        server.scim("GET", &path, Value::Null).status
    };
    assert_eq!((get(BASE), get(BASE)), (503, 200));
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
    assert_eq!((get("/mine/scim/v2"), get("/mine/scim/v2")), (503, 200));
    assert_eq!(get(BASE), 200);
    server.must("POST", "/tenants/acme/reset", Value::Null);
    assert_eq!((get(BASE), get(BASE)), (503, 200));
    assert_eq!(get("/mine/scim/v2"), 200);
    let stale = r#"Scenario(
        clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000),
        faults: [Fault(on: (method: "GET"), then: StaleRead(ms: 1000))],
    )"#;
    let server = Server::new(stale);
    server.create(BASE, "ann");
    assert_eq!(server.users(BASE), [""; 0]);
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
    assert_eq!(server.users("/mine/scim/v2"), ["ann"]);
}

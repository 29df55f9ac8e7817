//! Tenants made, forked and dropped: what is shared, and what is each one's own.

use super::*;
use scimulate::service::MOST_TENANTS;

const ANN: &str = r#"Scenario(users: [{"userName": "ann"}])"#;

#[test]
fn tenants_are_listed_with_what_they_hold() {
    let server = Server::of(vec![tenant("acme", ANN), tenant("zoo", "Scenario()")], None);
    let expected = json!({"tenants": [
        {"name": "acme", "scim": "http://sp.test/acme/scim/v2", "resources": {"User": 1, "Group": 0}},
        {"name": "zoo", "scim": "http://sp.test/zoo/scim/v2", "resources": {"User": 0, "Group": 0}},
    ]});
    assert_eq!(server.must("GET", "/tenants", Value::Null).json(), expected);
}

#[test]
fn a_fork_begins_as_the_other_is_and_goes_its_own_way() {
    let server = Server::new(ANN);
    server.create("/scim/v2", "bob");
    let made = server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
    assert_eq!(made.status, 201);
    let url = "http://sp.test/mine/scim/v2";
    assert_eq!(made.json(), json!({"name": "mine", "scim": url}));
    assert_eq!(made.headers["location"], url);
    assert_eq!(server.users("/mine/scim/v2"), ["ann", "bob"]);
    let carl = server.create("/mine/scim/v2", "carl");
    let location = carl["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with(url), "{location}");
    server.create("/scim/v2", "dora");
    assert_eq!(server.users("/mine/scim/v2"), ["ann", "bob", "carl"]);
    assert_eq!(server.users("/scim/v2"), ["ann", "bob", "dora"]);
    // A reset is back to what it was forked from; a fork can be forked.
    let made = server.must("POST", "/tenants", json!({"fork": "mine"}));
    assert_eq!(made.json()["name"], "mine-1");
    server.must("POST", "/tenants/mine/reset", Value::Null);
    assert_eq!(server.users("/mine/scim/v2"), ["ann", "bob"]);
    assert_eq!(server.users("/mine-1/scim/v2"), ["ann", "bob", "carl"]);
    // A reload of the file is none of theirs.
    server.tenants.reload(tenant("acme", "Scenario()"));
    assert_eq!(server.users("/scim/v2"), [""; 0]);
    assert_eq!(server.users("/mine/scim/v2"), ["ann", "bob"]);
    server.tenants.reload(tenant("mine", "Scenario()"));
    assert_eq!(server.users("/mine/scim/v2"), ["ann", "bob"]);
}

#[test]
fn a_fork_of_many_shares_their_memory() {
    let users: Vec<_> = (0..20_000)
        .map(|n| format!(r#"{{"userName": "user{n}"}}"#))
        .collect();
    let server = Server::new(&format!("Scenario(users: [{}])", users.join(",")));
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "fork"}));
    let moment = |name| server.tenants.named(name).unwrap().1.directory.moment();
    let (before, fork) = (moment("acme"), moment("fork"));
    assert!(Arc::ptr_eq(&before, &fork), "nothing is copied");
    assert_eq!(fork.count(0), 20_000);
    let id = before.of_kind(0).next().unwrap().id.clone();
    let path = format!("/fork/scim/v2/Users/{id}");
    assert_eq!(server.scim("DELETE", &path, Value::Null).status, 204);
    server.create("/fork/scim/v2", "new");
    // After changes too, each resource that was not touched is one and the same.
    let fork = moment("fork");
    let shared = fork.of_kind(0).filter(|resource| {
        let other = before.at(resource.key);
        other.is_some_and(|other| Arc::ptr_eq(resource, other))
    });
    assert_eq!(shared.count(), 19_999);
}

#[test]
fn fifty_forks_at_once_do_not_see_each_other() {
    let server = Server::new(ANN);
    std::thread::scope(|scope| {
        for n in 0..50 {
            let server = &server;
            scope.spawn(move || {
                let made = server
                    .must("POST", "/tenants", json!({"fork": "acme"}))
                    .json();
                let name = made["name"].as_str().unwrap();
                let base = format!("/{name}/scim/v2");
                let own: Vec<_> = (0..10).map(|user| format!("user-{n}-{user}")).collect();
                for user in &own {
                    server.create(&base, user);
                }
                let mut expected = vec!["ann".to_owned()];
                expected.extend(own);
                assert_eq!(server.users(&base), expected);
                server.must("POST", &format!("/tenants/{name}/reset"), Value::Null);
                assert_eq!(server.users(&base), ["ann"]);
                if n % 2 == 0 {
                    server.must("DELETE", &format!("/tenants/{name}"), Value::Null);
                }
            });
        }
    });
    assert_eq!(server.users("/scim/v2"), ["ann"]);
    assert_eq!(server.tenants.iter().count(), 1 + 25);
}

#[test]
fn a_dropped_tenant_is_gone_and_its_name_is_free() {
    let server = Server::new(ANN);
    for _ in 0..2 {
        server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
        let (_, kept) = server.tenants.named("mine").unwrap();
        assert_eq!(
            server.must("DELETE", "/tenants/mine", Value::Null).status,
            204
        );
        assert!(server.tenants.find("/mine/scim/v2/Users").is_none());
        assert_eq!(
            server.ask("DELETE", "/tenants/mine", Value::Null).status,
            404
        );
        assert_eq!(Arc::strong_count(&kept), 1, "only this test still has it");
    }
    server.must("DELETE", "/tenants/acme", Value::Null);
    assert!(!server.tenants.follows("acme"));
    assert_eq!(
        server.must("GET", "/tenants", Value::Null).json(),
        json!({"tenants": []})
    );
}

#[test]
fn values_that_are_unique_everywhere_are_free_when_their_tenant_is_dropped() {
    let badge = r#"Scenario(schemas: [{"id": "urn:test:Badge", "name": "Badge", "attributes": [
            {"name": "number", "type": "string", "uniqueness": "global", "required": true}]}],
        resource_types: [ResourceType(name: "Badge", endpoint: "/Badges", schema: "urn:test:Badge")])"#;
    let server = Server::new(badge);
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
    let make = |base: &str| {
        let body = json!({"schemas": ["urn:test:Badge"], "number": "7"});
        server.scim("POST", &format!("{base}/Badges"), body).status
    };
    assert_eq!(make("/mine/scim/v2"), 201);
    assert_eq!(make("/scim/v2"), 409);
    server.must("DELETE", "/tenants/mine", Value::Null);
    assert_eq!(make("/scim/v2"), 201);
}

#[test]
fn what_makes_no_tenant_is_refused_and_makes_none() {
    let server = Server::new(ANN);
    for (body, status, part) in [
        (json!({}), 400, "expected `fork`"),
        (
            json!({"scenario": "Scenario()", "fork": "acme"}),
            400,
            "and not both",
        ),
        (json!({"fork": "none"}), 404, "no tenant `none`"),
        (json!({"fork": "acme", "name": "acme"}), 409, "already"),
        (json!({"fork": "acme", "name": ""}), 400, "cannot name"),
        (json!({"fork": "acme", "name": "a/b"}), 400, "cannot name"),
        (json!({"fork": "acme", "name": ".."}), 400, "cannot name"),
        (json!({"fork": "acme", "name": "scim"}), 400, "cannot name"),
        (
            json!({"fork": "acme", "nam": "x"}),
            400,
            "unknown field `nam`",
        ),
        (Value::Null, 400, "the body"),
    ] {
        let answer = server.ask("POST", "/tenants", body.clone());
        assert_eq!(answer.status, status, "{body}");
        let told = answer.problem();
        assert!(told.contains(part), "{body}: {told}");
    }
    assert_eq!(server.tenants.iter().count(), 1);
}

#[test]
fn there_are_so_many_tenants_and_no_more() {
    let server = Server::new(ANN);
    for _ in 1..MOST_TENANTS {
        server.must("POST", "/tenants", json!({"fork": "acme"}));
    }
    let refused = server.ask("POST", "/tenants", json!({"fork": "acme"}));
    assert_eq!(refused.status, 409);
    assert!(refused.problem().contains("drop one first"));
}

#[test]
fn health_tells_how_the_last_reload_went() {
    let server = Server::new(ANN);
    let reload =
        || server.must("GET", "/health", Value::Null).json()["tenants"][0]["reload"].clone();
    assert_eq!(reload(), Value::Null);
    server
        .control
        .reloaded("acme", Err(vec!["line 1".to_owned()]));
    let failed = reload();
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["diagnostics"], json!(["line 1"]));
    assert!(failed["at"].as_str().unwrap().ends_with('Z'), "{failed}");
    server.control.reloaded("acme", Ok(()));
    assert_eq!(reload()["state"], "ok");
    assert_eq!(reload()["diagnostics"], json!([]));
}

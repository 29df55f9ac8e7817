//! The clock of a tenant: told, moved on, taken back by what returns to an earlier moment.

use super::*;

const FIXED: &str = r#"Scenario(clock: Fixed("2026-01-01T00:00:00Z"))"#;
const STEP: &str = r#"Scenario(clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000))"#;
const BASE: &str = "/scim/v2";

fn now(server: &Server, tenant: &str) -> String {
    let told = server.must("GET", &format!("/tenants/{tenant}/clock"), Value::Null);
    told.json()["now"].as_str().unwrap().to_owned()
}

fn advance(server: &Server, how: Value) -> Value {
    server.must("POST", "/tenants/acme/clock", how).json()
}

#[test]
fn a_clock_says_what_it_is_and_is_moved_by_a_span_or_to_an_instant() {
    let server = Server::new(FIXED);
    let told = server
        .must("GET", "/tenants/acme/clock", Value::Null)
        .json();
    assert_eq!(
        told,
        json!({"kind": "Fixed", "now": "2026-01-01T00:00:00Z", "advanced_ms": 0})
    );
    let told = advance(&server, json!({"advance_s": 3600}));
    assert_eq!(
        (&told["now"], &told["advanced_ms"]),
        (&json!("2026-01-01T01:00:00Z"), &json!(3_600_000))
    );
    assert_eq!(
        advance(&server, json!({"advance_ms": 500}))["now"],
        "2026-01-01T01:00:00.5Z"
    );
    assert_eq!(
        advance(&server, json!({"set": "2026-02-01T00:00:00Z"}))["now"],
        "2026-02-01T00:00:00Z"
    );
    let made = server.create(BASE, "ann");
    assert_eq!(made["meta"]["created"], "2026-02-01T00:00:00.000Z");
}

#[test]
fn a_clock_that_steps_goes_on_stepping_from_there_and_one_that_flows_flows_on() {
    let server = Server::new(STEP);
    assert_eq!(
        server.create(BASE, "ann")["meta"]["created"],
        "2026-01-01T00:00:01.000Z"
    );
    advance(&server, json!({"advance_s": 60}));
    assert_eq!(
        server.create(BASE, "bob")["meta"]["created"],
        "2026-01-01T00:01:02.000Z"
    );
    let server = Server::new("Scenario(clock: System)");
    let before: jiff::Timestamp = now(&server, "acme").parse().unwrap();
    advance(&server, json!({"advance_s": 86_400}));
    let after: jiff::Timestamp = now(&server, "acme").parse().unwrap();
    assert!(after.duration_since(before) >= jiff::SignedDuration::from_hours(24));
}

#[test]
fn a_clock_never_goes_back_but_with_its_directory() {
    let server = Server::new(FIXED);
    server.must(
        "POST",
        "/tenants/acme/checkpoints",
        json!({"name": "early"}),
    );
    advance(&server, json!({"advance_s": 10}));
    for (how, said) in [
        (json!({"set": "2025-01-01T00:00:00Z"}), "does not go back"),
        (json!({"advance_s": -1}), "does not go back"),
        (json!({"advance_s": i64::MAX}), "the calendar ends"),
        (json!({"advance_s": 1.5}), "expected one of"),
        (json!({"advance_s": 1, "advance_ms": 1}), "expected one of"),
        (json!({"set": "tomorrow"}), "expected one of"),
        (json!({"hours": 1}), "expected one of"),
        (json!({}), "expected one of"),
    ] {
        let refused = server.ask("POST", "/tenants/acme/clock", how.clone());
        assert_eq!(refused.status, 400, "{how}");
        assert!(
            refused.problem().contains(said),
            "{how}: {}",
            refused.problem()
        );
    }
    assert_eq!(now(&server, "acme"), "2026-01-01T00:00:10Z");
    server.must(
        "POST",
        "/tenants/acme/checkpoints/early/restore",
        Value::Null,
    );
    assert_eq!(now(&server, "acme"), "2026-01-01T00:00:00Z");
    advance(&server, json!({"advance_s": 5}));
    server.must("POST", "/tenants/acme/reset", Value::Null);
    assert_eq!(now(&server, "acme"), "2026-01-01T00:00:00Z");
}

#[test]
fn a_fork_inherits_the_time_and_goes_its_own_way() {
    let server = Server::new(FIXED);
    advance(&server, json!({"advance_s": 10}));
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "two"}));
    advance(&server, json!({"advance_s": 10}));
    assert_eq!(
        (now(&server, "acme"), now(&server, "two")),
        ("2026-01-01T00:00:20Z".into(), "2026-01-01T00:00:10Z".into())
    );
    // A state that is put in place is put there now.
    server.must(
        "PUT",
        "/tenants/two/state",
        json!({"users": [{"userName": "x"}]}),
    );
    assert_eq!(now(&server, "two"), "2026-01-01T00:00:10Z");
    assert_eq!(
        server
            .ask("GET", "/tenants/nobody/clock", Value::Null)
            .status,
        404
    );
}

#[test]
fn cursors_quotas_and_outages_go_by_it() {
    let server = Server::new(
        r#"Scenario(clock: Fixed("2026-01-01T00:00:00Z"), provider: Provider(pagination: [Cursor], default_page_size: 1, cursor_timeout_s: 60),
            users: [{"userName": "a"}, {"userName": "b"}],
            faults: [Fault(on: (method: "DELETE"), then: RateLimit(limit: 1, per_s: 60)),
                Fault(on: (method: "POST", window: (from_ms: 100000, to_ms: 200000)), then: Outage)])"#,
    );
    let get = |target: &str| server.scim("GET", &format!("{BASE}{target}"), Value::Null);
    let cursor = get("/Users?cursor=").json()["nextCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(get(&format!("/Users?cursor={cursor}")).status, 200);
    let delete = || {
        server
            .scim("DELETE", &format!("{BASE}/Users/nobody"), Value::Null)
            .status
    };
    assert_eq!((delete(), delete()), (404, 429));
    advance(&server, json!({"advance_s": 61}));
    assert_eq!(
        get(&format!("/Users?cursor={cursor}")).json()["scimType"],
        "expiredCursor"
    );
    assert_eq!(delete(), 404);
    server.create(BASE, "early");
    advance(&server, json!({"advance_s": 40}));
    let refused = server.scim("POST", &format!("{BASE}/Users"), json!({"userName": "out"}));
    assert_eq!(
        (
            refused.status,
            refused.headers["retry-after"].to_str().unwrap()
        ),
        (503, "99")
    );
    advance(&server, json!({"advance_s": 100}));
    server.create(BASE, "late");
}

//! The faults of a running tenant: read, counted and replaced.

use super::*;

const PATH: &str = "/tenants/acme/faults";

/// One of every kind, and every way to say which requests.
const ALL: &str = r#"[
    Fault(on: (method: "POST", path: "/Users", tenant: "acme", headers: {"x-a": "b"},
        filter: "userName sw \"b\" and not (active eq false)", window: (from_ms: 5, to_ms: 60000), nth: [3, 4], share: 0.05),
        then: Status(503), carried_out: true),
    Fault(then: Status(429, retry_after_s: 2, body: {"detail": ["busy", 1.5, null]}, headers: {"x-b": "c"}), on: (nth: [99])),
    Fault(then: Status(429, retry_after_date_s: 2, body: "late"), on: (nth: [99])),
    Fault(then: RateLimit(limit: 100, per_s: 60)),
    Fault(on: (window: (from_ms: 100000000)), then: Outage),
    Fault(on: (nth: [99]), then: PreconditionFailed),
    Fault(on: (nth: [99]), then: ExpiredCursor),
    Fault(on: (nth: [99]), then: Truncated),
    Fault(on: (nth: [99]), then: Truncated(after_bytes: 3)),
    Fault(on: (nth: [99]), then: Malformed),
    Fault(on: (nth: [99]), then: WrongContentType("text/plain")),
    Fault(on: (nth: [99]), then: StaleRead(ms: 500)),
    Fault(on: (nth: [99]), then: DuplicateEntries),
    Fault(on: (nth: [99]), then: MissingEntries),
    Fault(on: (nth: [99]), then: Delay(ms: 1)),
    Fault(on: (nth: [99]), then: Delay(from_ms: 1, to_ms: 2)),
    Fault(on: (nth: [99]), then: Delay(median_ms: 200, sigma: 0.5)),
    Fault(on: (nth: [99]), then: Timeout),
    Fault(on: (nth: [99]), then: Disconnect),
    Fault(on: (nth: [99]), then: Disconnect(after_bytes: 7, reset: true)),
    Fault(on: (nth: [99]), then: Dribble(bytes: 16, every_ms: 100)),
]"#;

impl Server {
    fn faults(&self, tenant: &str) -> Value {
        let path = format!("/tenants/{tenant}/faults");
        self.must("GET", &path, Value::Null).json()
    }

    fn put_text(&self, path: &str, text: &str) -> Answer {
        let request = Request::builder().method("PUT").uri(path);
        let request = request.header("host", "localhost:8081");
        let body = Bytes::from(text.to_owned());
        answered(self.control.answer(&request.body(body).unwrap()))
    }
}

#[test]
fn what_is_read_can_be_put_back_and_nothing_has_changed() {
    let server = Server::new(&format!("Scenario(faults: {ALL})"));
    let held = |server: &Server| {
        let tallies = server.tenants.named("acme").unwrap().1.faults.tally().1;
        let faults = tallies.into_iter().map(|it| it.fault.as_ref().clone());
        faults.collect::<Vec<_>>()
    };
    let (first, told) = (held(&server), server.faults("acme"));
    for kind in scimulate::scenario::FAULT_KINDS {
        assert!(told.to_string().contains(kind.0), "{} is told", kind.0);
    }
    assert_eq!(server.put_text(PATH, &told.to_string()).status, 204);
    assert_eq!(held(&server), first);
    assert_eq!(server.faults("acme"), told);
    // The scenario's own words do too, and so does the list alone.
    assert_eq!(server.put_text(PATH, ALL).status, 204);
    assert_eq!(held(&server), first);
    assert_eq!(
        server.put_text(PATH, &told["faults"].to_string()).status,
        204
    );
    assert_eq!(held(&server), first);
}

#[test]
fn requests_meet_what_was_put_at_once_and_are_counted() {
    let server = Server::new("Scenario()");
    let status = || server.scim("GET", "/scim/v2/Users", Value::Null).status;
    assert_eq!(server.faults("acme"), json!({"requests": 0, "faults": []}));
    assert_eq!(status(), 200);
    let second = json!([{"on": {"method": "GET", "nth": [2]}, "then": {"Status": [503, {"retry_after_s": 2}]}}]);
    server.must("PUT", PATH, second);
    assert_eq!([status(), status(), status()], [200, 503, 200]);
    server.create("/scim/v2", "bob");
    let told = server.faults("acme");
    let expected = json!({"requests": 4, "faults": [{
        "on": {"method": "GET", "nth": [2]},
        "then": {"Status": [503, {"retry_after_s": 2}]},
        "matched": 3, "met": 1,
    }]});
    assert_eq!(told, expected);
    // Put again, they are counted anew.
    server.must("PUT", PATH, told);
    assert_eq!([status(), status()], [200, 503]);
    server.must("PUT", PATH, json!([]));
    assert_eq!(server.faults("acme")["faults"], json!([]));
    assert_eq!([status(), status()], [200, 200]);
}

#[test]
fn a_quota_that_is_left_is_matched_and_not_met() {
    let server = Server::new(
        "Scenario(clock: Fixed(\"2026-01-01T00:00:00Z\"), faults: [Fault(then: RateLimit(limit: 2, per_s: 60))])",
    );
    for _ in 0..3 {
        server.scim("GET", "/scim/v2/Users", Value::Null);
    }
    let told = server.faults("acme");
    assert_eq!(
        (&told["faults"][0]["matched"], &told["faults"][0]["met"]),
        (&json!(3), &json!(1))
    );
}

#[test]
fn a_window_is_counted_from_when_it_was_put() {
    let server = Server::new(r#"Scenario(clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000))"#);
    for name in ["a", "b", "c"] {
        server.create("/scim/v2", name);
    }
    server.must(
        "PUT",
        PATH,
        json!([{"on": {"window": {"from_ms": 1000}}, "then": "Outage"}]),
    );
    let status = || server.scim("GET", "/scim/v2/Users", Value::Null).status;
    assert_eq!(status(), 200);
    server.create("/scim/v2", "d");
    assert_eq!(status(), 503);
}

#[test]
fn a_read_is_stale_although_the_scenario_knew_of_none() {
    let server = Server::new(r#"Scenario(clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000))"#);
    server.create("/scim/v2", "ann");
    server.must("PUT", PATH, json!([{"then": {"StaleRead": {"ms": 500}}}]));
    server.create("/scim/v2", "bob");
    assert_eq!(server.users("/scim/v2"), ["ann"]);
}

#[test]
fn a_reset_brings_back_those_of_the_scenario_and_a_fork_has_the_present_ones() {
    let server = Server::new("Scenario(faults: [Fault(then: Outage)])");
    server.must("PUT", PATH, json!([{"then": {"Status": 418}}]));
    server.must("POST", "/tenants", json!({"fork": "acme", "name": "mine"}));
    let status = |base: &str| {
        let path = format!("{base}/scim/v2/Users");
        server.scim("GET", &path, Value::Null).status
    };
    assert_eq!((status(""), status("/mine")), (418, 418));
    server.must("POST", "/tenants/acme/reset", Value::Null);
    assert_eq!((status(""), status("/mine")), (503, 418));
    assert_eq!(server.faults("acme")["requests"], 1);
    server.must("PUT", "/tenants/mine/faults", json!([]));
    server.must("POST", "/tenants/mine/reset", Value::Null);
    assert_eq!((status(""), status("/mine")), (503, 418));
}

#[test]
fn what_cannot_be_is_told_whole_and_changes_nothing() {
    let server = Server::new("Scenario(faults: [Fault(then: Outage)])");
    let check = |text: &str, parts: &[&str]| {
        let answer = server.put_text(PATH, text);
        assert_eq!(answer.status, 400, "{text}: {answer:?}");
        answer.problem();
        let diagnostics = answer.json()["diagnostics"].clone();
        let told = diagnostics.to_string();
        assert_eq!(diagnostics.as_array().unwrap().len(), parts.len(), "{told}");
        for part in parts {
            assert!(told.contains(part), "{text}: {part} is not in {told}");
        }
    };
    check("", &["nothing is here"]);
    check("{}", &["lacks `faults`"]);
    check("null", &["expected a list"]);
    check(r#"{"faults": [], "x": 1}"#, &["`x`"]);
    check(r#"[{"then": {"Statu": 500}}]"#, &["did you mean `Status`"]);
    check(
        r#"[{"then": {"Status": 500, "Delay": {"ms": 1}}}]"#,
        &["a map"],
    );
    check(
        r#"[{"on": {"methd": "GET"}, "then": "Outage"}, {"then": {"Status": 99}}]"#,
        &["did you mean `method`", "99"],
    );
    check("[Fault(then: Delay)]", &["Delay"]);
    check("[1]", &["Fault"]);
    let place = server
        .put_text(PATH, "[\n  {\"then\": {\"Status\": 99}}]")
        .json()["diagnostics"][0]
        .clone();
    assert_eq!(
        (&place["file"], &place["line"], &place["severity"]),
        (&json!("faults"), &json!(2), &json!("error"))
    );
    assert_eq!(server.faults("acme")["faults"][0]["then"], "Outage");
}

//! Which requests meet a fault.

use super::{Faulty, fault, header, wire};
use scimulate::faults::Wire;
use std::fmt::Write as _;
use std::time::Duration;

/// A request: method, target, headers, body.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

/// `on` is for the requests of `yes` and not for those of `no`, each asked of a tenant that has seen no other.
#[track_caller]
fn check(on: &str, yes: &[Asked<'_>], no: &[Asked<'_>]) {
    for (requests, expected) in [(yes, Some("Status")), (no, None)] {
        for (method, target, headers, body) in requests {
            let fields = format!("faults: [Fault(on: ({on}), then: Status(503))]");
            let response = Faulty::with(&fields).ask(method, target, headers, body);
            let found = fault(&response);
            assert_eq!(
                found, expected,
                "{on}: {method} {target} {headers:?} {body}"
            );
        }
    }
}

const fn get(target: &str) -> Asked<'_> {
    ("GET", target, &[], "")
}

const fn post<'a>(target: &'a str, body: &'a str) -> Asked<'a> {
    ("POST", target, &[], body)
}

#[test]
fn by_method() {
    let patch = ("PATCH", "/Users/user-1", &[][..], "{}");
    check("", &[get("/Users"), patch, ("HEAD", "/", &[], "")], &[]);
    check(
        r#"method: "PATCH""#,
        &[patch],
        &[get("/Users"), post("/Users", "{}")],
    );
    check(
        r#"method: "GET""#,
        &[get("/Users")],
        &[("HEAD", "/Users", &[], "")],
    );
}

#[test]
fn by_path_below_the_base() {
    let users = [get("/Users"), get("/Users/"), get("/users?count=1")];
    check(
        r#"path: "/Users""#,
        &users,
        &[get("/Users/user-1"), get("/Groups"), get("/")],
    );
    check(
        r#"path: "/Users/*""#,
        &[get("/Users/user-1"), post("/Users/.search", "{}")],
        &[get("/Users"), get("/Groups/user-1")],
    );
    check(
        r#"path: "/*""#,
        &[get("/Users"), get("/Schemas")],
        &[get("/Users/x"), get("/")],
    );
    check(r#"path: "/""#, &[get("/"), get("")], &[get("/Users")]);
    check(
        r#"path: "/Users/a*b*c""#,
        &[
            get("/Users/abc"),
            get("/Users/axxbyyc"),
            get("/Users/abbcc"),
        ],
        &[
            get("/Users/ac"),
            get("/Users/abcd"),
            get("/Users/xabc"),
            get("/Users/acb"),
        ],
    );
    check(
        r#"path: "/Users/aa*aa""#,
        &[get("/Users/aaaa")],
        &[get("/Users/aaa")],
    );
}

#[test]
fn by_header() {
    let with = |headers: &'static [(&'static str, &'static str)]| ("GET", "/Users", headers, "");
    check(
        r#"headers: {"X-Test": "a b"}"#,
        &[
            with(&[("x-test", "a b")]),
            with(&[("x-test", "c"), ("x-test", "a b")]),
        ],
        &[
            with(&[("x-test", "A b")]),
            with(&[("x-other", "a b")]),
            with(&[]),
        ],
    );
    check(
        r#"headers: {"a": "1", "b": "2"}"#,
        &[with(&[("a", "1"), ("b", "2")])],
        &[with(&[("a", "1")]), with(&[("b", "2")])],
    );
}

#[test]
fn by_tenant() {
    check(r#"tenant: "acme""#, &[get("/Users")], &[]);
    check(r#"tenant: "other""#, &[], &[get("/Users")]);
}

/// The body may be a resource, the message of a PATCH, or nothing that a schema knows.
#[test]
fn by_a_filter_on_the_body() {
    let on = |filter: &str, yes: &[&str], no: &[&str]| {
        let filter = filter.replace('"', "\\\"");
        let (yes, no): (Vec<Asked<'_>>, Vec<Asked<'_>>) = (
            yes.iter().map(|body| post("/Users", body)).collect(),
            no.iter().map(|body| post("/Users", body)).collect(),
        );
        check(&format!(r#"filter: "{filter}""#), &yes, &no);
    };
    on(
        r#"userName eq "ann""#,
        &[r#"{"userName": "ann"}"#, r#"{"username": "ANN"}"#],
        &[
            r#"{"userName": "bob"}"#,
            "{}",
            "",
            "[]",
            r#"{"userName": 1}"#,
        ],
    );
    on(
        r#"userName ne "ann""#,
        &[r#"{"userName": "bob"}"#, "{}"],
        &[r#"{"userName": "Ann"}"#],
    );
    on(
        "active eq false",
        &[r#"{"active": false}"#],
        &[r#"{"active": "False"}"#, "{}"],
    );
    on(
        "n gt 2",
        &[r#"{"n": 2.5}"#],
        &[r#"{"n": 2}"#, r#"{"n": "3"}"#],
    );
    on(
        r#"emails[type eq "work" and value ew "@x"]"#,
        &[r#"{"emails": [{"type": "home"}, {"type": "Work", "value": "a@x"}]}"#],
        &[r#"{"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "a@x"}]}"#],
    );
    on(
        r#"emails co "@x""#,
        &[r#"{"emails": [{"value": "a@x"}]}"#],
        &[r#"{"emails": []}"#],
    );
    on(
        r#"name.givenName sw "A""#,
        &[r#"{"name": {"givenName": "ann"}}"#],
        &[r#"{"name": "A"}"#],
    );
    on(
        "title pr",
        &[r#"{"title": "x"}"#],
        &[r#"{"title": ""}"#, r#"{"title": null}"#, "{}"],
    );
    on(
        "title eq null",
        &["{}", r#"{"title": null}"#],
        &[r#"{"title": "x"}"#],
    );
    on(
        r#"not (a eq "1") and (b pr or c pr)"#,
        &[r#"{"b": 1}"#, r#"{"c": 1}"#],
        &[r#"{"a": "1", "b": 1}"#, "{}"],
    );
    on(
        r#"at lt "2026-01-01T00:00:00Z""#,
        &[r#"{"at": "2026-01-01T00:30:00+01:00"}"#],
        &[r#"{"at": "2026-01-01T00:00:00Z"}"#],
    );
    on(
        r#"urn:ex:2.0:User:badge eq "7""#,
        &[
            r#"{"urn:ex:2.0:User": {"badge": "7"}}"#,
            r#"{"badge": "7"}"#,
        ],
        &[r#"{"urn:ex:2.0:User": {"badge": "8"}}"#],
    );
    on(
        r#"Operations[path eq "active" and value eq false]"#,
        &[r#"{"Operations": [{"op": "replace", "path": "active", "value": false}]}"#],
        &[r#"{"Operations": [{"op": "replace", "path": "active", "value": true}]}"#],
    );
}

/// What each of `count` equal requests met: the first letter of the fault, `-` for none.
fn fates(faulty: &Faulty, count: usize) -> String {
    (0..count)
        .map(|_| {
            let response = faulty.get("/Users");
            fault(&response).map_or('-', |name| name.chars().next().unwrap())
        })
        .collect()
}

#[track_caller]
fn check_fates(faults: &str, expected: &str) {
    let faulty = Faulty::with(&format!("faults: [{faults}]"));
    assert_eq!(fates(&faulty, expected.len()), expected, "{faults}");
}

#[test]
fn by_number_among_those_that_it_is_for() {
    check_fates("Fault(on: (nth: [3]), then: Status(503))", "--S--");
    check_fates("Fault(on: (nth: [1, 2, 5]), then: Status(503))", "SS--S-");
    let faulty = Faulty::with(
        r#"faults: [Fault(on: (method: "GET", path: "/Users/*", nth: [2]), then: Status(503))]"#,
    );
    let met: Vec<bool> = ["/Users/1", "/Users", "/Groups", "/Users/2", "/Users/3"]
        .iter()
        .map(|target| fault(&faulty.get(target)).is_some())
        .collect();
    assert_eq!(met, [false, false, false, true, false]);
}

#[test]
fn the_first_that_is_for_a_request_is_the_only_one_and_all_are_counted() {
    check_fates("Fault(then: Outage), Fault(then: Status(503))", "OOO");
    check_fates(
        "Fault(on: (nth: [1]), then: Outage), Fault(on: (nth: [1, 2]), then: Status(503)), Fault(on: (nth: [3]), then: Malformed)",
        "OSM-",
    );
}

#[test]
fn by_lot_as_often_as_was_said() {
    check_fates("Fault(on: (share: 0), then: Status(503))", &"-".repeat(50));
    check_fates("Fault(on: (share: 1), then: Status(503))", &"S".repeat(50));
    let faulty = Faulty::with("faults: [Fault(on: (share: 0.2), then: Status(503))]");
    let met = fates(&faulty, 2000).matches('S').count();
    assert!((320..480).contains(&met), "{met} of 2000");
}

#[test]
fn the_same_seed_draws_the_same() {
    let drawn = |seed: u64| {
        let faulty = Faulty::with(&format!(
            "seed: {seed}, faults: [Fault(on: (share: 0.2), then: Status(503)), \
             Fault(on: (share: 0.3), then: Delay(from_ms: 100, to_ms: 900)), \
             Fault(on: (share: 0.5), then: Delay(median_ms: 200, sigma: 0.5))]"
        ));
        let mut drawn = String::new();
        for _ in 0..200 {
            let response = faulty.get("/Users");
            let _ = write!(drawn, "{:?} {:?};", fault(&response), wire(&response));
        }
        drawn
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}

/// Two faults with the same share do not happen together: each draws for itself.
#[test]
fn each_fault_draws_for_itself() {
    let faulty = Faulty::with(
        "faults: [Fault(on: (share: 0.5), then: Outage), Fault(on: (share: 0.5), then: Status(503))]",
    );
    let fates = fates(&faulty, 2000);
    let second = fates.matches('S').count();
    assert!((420..580).contains(&second), "{second} of 2000");
}

/// Half of the delays are below the median, and they lie where the distribution has them.
#[test]
fn delays_are_distributed_as_was_said() {
    let delays = |then: &str| -> Vec<Duration> {
        let faulty = Faulty::with(&format!("faults: [Fault(then: {then})]"));
        let delay = |_| match wire(&faulty.get("/Users")) {
            Some(Wire::Delay(time)) => time,
            other => panic!("{other:?}"),
        };
        (0..1000).map(delay).collect()
    };
    let below = |delays: &[Duration], ms: u64| {
        delays
            .iter()
            .filter(|it| **it < Duration::from_millis(ms))
            .count()
    };
    assert_eq!(delays("Delay(ms: 7)")[..2], [Duration::from_millis(7); 2]);
    let range = delays("Delay(from_ms: 200, to_ms: 800)");
    assert_eq!((below(&range, 200), below(&range, 801)), (0, 1000));
    assert!((430..570).contains(&below(&range, 500)));
    let lognormal = delays("Delay(median_ms: 200, sigma: 0.5)");
    assert!((430..570).contains(&below(&lognormal, 200)));
    // One standard deviation each way: 16 and 84 in a hundred.
    assert!((110..210).contains(&below(&lognormal, 121)));
    assert!((790..890).contains(&below(&lognormal, 330)));
    assert_eq!(
        delays("Delay(median_ms: 200, sigma: 0)")[..2],
        [Duration::from_millis(200); 2]
    );
}

/// The clock of this scenario goes on by a second with each change, and so does the window.
#[test]
fn by_time_on_the_clock_of_the_scenario() {
    let faulty = Faulty::with(
        r#"clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000),
           faults: [Fault(on: (path: "/Groups", window: (from_ms: 1000, to_ms: 3000)), then: Outage)]"#,
    );
    let mut found = Vec::new();
    for _ in 0..5 {
        let response = faulty.get("/Groups");
        found.push(header(&response, "retry-after").map(str::to_owned));
        let made = faulty.ask(
            "POST",
            "/Users",
            &[],
            &format!(r#"{{"userName": "{}"}}"#, found.len()),
        );
        assert_eq!(made.status(), 201);
    }
    let seconds = |text: &str| Some(text.to_owned());
    assert_eq!(found, [None, seconds("2"), seconds("1"), None, None]);
}

/// Who may not come in meets no fault, and is counted by none.
#[test]
fn after_authentication() {
    let faulty = Faulty::with(
        r#"auth: [Bearer("token")], faults: [Fault(on: (nth: [1]), then: Status(503))]"#,
    );
    assert_eq!(faulty.get("/Users").status(), 401);
    let own = &[("authorization", "Bearer token")];
    assert_eq!(faulty.ask("GET", "/Users", own, "").status(), 503);
    assert_eq!(faulty.ask("GET", "/Users", own, "").status(), 200);
}

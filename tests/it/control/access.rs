//! Who may ask, and what is not there.

use super::*;

#[track_caller]
fn check(token: Option<&str>, path: &str, headers: &[(&str, &str)], expected: u16) -> Answer {
    let server = Server::of(vec![tenant("acme", "Scenario()")], token);
    let answer = server.ask_with("GET", path, headers, Value::Null);
    assert_eq!(answer.status, expected, "{headers:?}: {answer:?}");
    if expected >= 400 {
        answer.problem();
    }
    answer
}

#[test]
fn only_names_of_this_machine_reach_it() {
    for host in [
        "localhost",
        "localhost:8081",
        "LOCALHOST:1",
        "127.0.0.1:8081",
        "127.8.9.10",
        "[::1]:8081",
    ] {
        check(None, "/tenants", &[("host", host)], 200);
    }
    for host in [
        "evil.example",
        "evil.example:8081",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "user@localhost",
        "192.0.2.7:8081",
        "[2001:db8::1]:8081",
        "",
        " ",
    ] {
        check(None, "/tenants", &[("host", host)], 403);
        check(None, "/health", &[("host", host)], 403);
    }
    check(None, "/tenants", &[], 403);
    let twice = [("host", "localhost"), ("host", "evil.example")];
    check(None, "/tenants", &twice, 403);
    let absolute = "http://evil.example/tenants";
    check(None, absolute, &[("host", "localhost")], 403);
}

#[test]
fn only_pages_of_its_own_reach_it() {
    let with = |origin| [("host", "localhost:8081"), ("origin", origin)];
    check(None, "/tenants", &with("http://localhost:8081"), 200);
    for origin in [
        "http://evil.example",
        "https://localhost:8081",
        "http://localhost:8080",
        "http://localhost",
        "http://localhost:8081.evil.example",
        "null",
        "",
    ] {
        check(None, "/tenants", &with(origin), 403);
        check(None, "/health", &with(origin), 403);
    }
    let twice = [
        ("host", "localhost:8081"),
        ("origin", "http://localhost:8081"),
        ("origin", "http://evil.example"),
    ];
    check(None, "/tenants", &twice, 403);
}

#[test]
fn where_it_listens_for_others_an_address_reaches_it_and_a_name_does_not() {
    let ask = |bound: [u8; 4], host: &str| {
        let guard = Guard {
            address: (bound, 8081).into(),
            token: None,
        };
        let tenants = Arc::new(Tenants::new(Vec::new()));
        let control = Control::new(tenants, Arc::default(), guard, String::new());
        let request = Request::builder().uri("/health").header("host", host);
        let answer = control.answer(&request.body(Bytes::new()).unwrap());
        answer.status().as_u16()
    };
    assert_eq!(ask([192, 0, 2, 7], "192.0.2.7:8081"), 200);
    assert_eq!(ask([192, 0, 2, 7], "192.0.2.8:8081"), 403);
    assert_eq!(ask([0, 0, 0, 0], "192.0.2.8:8081"), 200);
    assert_eq!(ask([0, 0, 0, 0], "evil.example"), 403);
}

#[test]
fn with_a_token_only_health_is_for_everybody() {
    let with = |value| [("host", "localhost"), ("authorization", value)];
    let token = Some("s3cret");
    check(token, "/tenants", &with("Bearer s3cret"), 200);
    check(token, "/tenants", &with("bearer  s3cret"), 200);
    check(token, "/health", &[("host", "localhost")], 200);
    for wrong in [
        "Bearer s3cre",
        "Bearer s3crets",
        "Basic s3cret",
        "s3cret",
        "Bearer",
        "",
    ] {
        let refused = check(token, "/tenants", &with(wrong), 401);
        assert_eq!(
            refused.headers["www-authenticate"],
            "Bearer realm=\"control\""
        );
        assert!(!refused.problem().contains("s3cret"), "{refused:?}");
    }
    check(token, "/tenants", &[("host", "localhost")], 401);
    // Who may not ask is not told what there is.
    check(token, "/nothing", &[("host", "localhost")], 401);
    let guard = Guard {
        address: ([127, 0, 0, 1], 1).into(),
        token: Some("s3cret".to_owned()),
    };
    assert!(!format!("{guard:?}").contains("s3cret"));
}

#[test]
fn what_is_not_there_is_a_problem_document_too() {
    let server = Server::new("Scenario()");
    for path in [
        "/",
        "/tenant",
        "/tenants/",
        "/tenants/acme/x",
        "/health/",
        "/tenants/%FF/state",
        "//health",
    ] {
        let answer = server.ask("GET", path, Value::Null);
        assert_eq!(answer.status, 404, "{path}");
        answer.problem();
    }
    for (method, path) in [
        ("DELETE", "/tenants/none"),
        ("POST", "/tenants/none/reset"),
        ("POST", "/tenants/none/checkpoints"),
        ("POST", "/tenants/none/checkpoints/1/restore"),
        ("GET", "/tenants/none/state"),
        ("GET", "/tenants/none/faults"),
        ("PUT", "/tenants/none/faults"),
        ("GET", "/tenants/none/journal"),
        ("DELETE", "/tenants/none/journal"),
        ("GET", "/tenants/none/journal/latest"),
        ("POST", "/tenants/none/verify"),
    ] {
        let answer = server.ask(method, path, Value::Null);
        assert_eq!(answer.status, 404, "{method} {path}");
        assert!(answer.problem().contains("there is no tenant `none`"));
    }
}

#[test]
fn another_method_is_told_which_there_are() {
    let server = Server::new("Scenario()");
    for (method, path, allowed) in [
        ("POST", "/health", "GET, HEAD"),
        ("PUT", "/tenants", "GET, HEAD, POST"),
        ("GET", "/tenants/acme", "DELETE"),
        ("GET", "/tenants/acme/reset", "POST"),
        ("GET", "/tenants/acme/checkpoints", "POST"),
        ("GET", "/tenants/acme/checkpoints/1/restore", "POST"),
        ("PATCH", "/tenants/acme/state", "GET, HEAD, PUT"),
        ("DELETE", "/tenants/acme/faults", "GET, HEAD, PUT"),
        ("POST", "/tenants/acme/journal", "GET, HEAD, DELETE"),
        ("DELETE", "/tenants/acme/journal/latest", "GET, HEAD"),
        ("GET", "/tenants/acme/verify", "POST"),
        ("OPTIONS", "/health", "GET, HEAD"),
    ] {
        let answer = server.ask(method, path, Value::Null);
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
        answer.problem();
    }
}

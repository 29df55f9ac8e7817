//! The journal of a tenant over sockets: its own exchanges, searched, verified and forgotten.

use super::*;
use crate::support::client::Client;
use crate::support::program::Program;

/// A server with the tenant `demo` and its fork `mine`, each asked for something.
fn asked() -> (Program, Client) {
    let program = Program::start(&["serve", "--log", "off"]);
    let mut control = Client::new(program.control(), "");
    let fork = control.send("POST", "/tenants", r#"{"fork": "demo", "name": "mine"}"#);
    assert_eq!(fork.status, 201, "{fork:?}");
    let mut scim = Client::new(program.address(), "demo-token");
    for (method, path, body, status) in [
        (
            "POST",
            "/mine/scim/v2/Users",
            r#"{"userName": "ann", "password": "hush"}"#,
            201,
        ),
        ("GET", "/scim/v2/Users?count=1", "", 200),
        ("POST", "/mine/scim/v2/Users", r#"{"userName": "ann"}"#, 409),
        ("GET", "/mine/scim/v2/Users/none", "", 404),
    ] {
        assert_eq!(
            scim.send(method, path, body).status,
            status,
            "{method} {path}"
        );
    }
    (program, control)
}

#[test]
fn a_tenant_sees_its_own_exchanges_and_no_secret() {
    let (_program, mut control) = asked();
    let mut numbers = |path: &str| {
        let answer = control.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert!(!answer.body.contains("hush") && !answer.body.contains("demo-token"));
        let found = answer.json()["exchanges"].as_array().unwrap().clone();
        let numbers = found.iter().map(|it| it["number"].as_u64().unwrap());
        numbers.collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("", &[1, 3, 4][..]),
        ("?method=POST", &[1, 3]),
        ("?status=4xx", &[3, 4]),
        ("?path=/Users/*", &[4]),
        ("?body=userName%20eq%20%22ann%22&status=201", &[1]),
        ("?order=newest&limit=2", &[4, 3]),
        ("?after=1", &[3, 4]),
        ("?since=2999-01-01T00:00:00Z", &[]),
    ] {
        assert_eq!(
            numbers(&format!("/tenants/mine/journal{query}")),
            expected,
            "{query}"
        );
    }
    assert_eq!(numbers("/tenants/demo/journal"), [2]);
    let part = control.get("/tenants/mine/journal?limit=2").json();
    assert_eq!((&part["more"], &part["newest"]), (&json!(true), &json!(4)));
    let latest = control.get("/tenants/mine/journal/latest").json();
    assert_eq!(latest["number"], 4);
    assert_eq!(latest["request"]["path"], "/Users/none");
    let latest = control
        .get("/tenants/mine/journal/latest?method=POST")
        .json();
    assert_eq!(latest["number"], 3);
    assert_eq!(
        control
            .get("/tenants/mine/journal/latest?method=PUT")
            .status,
        404
    );
    let wrong = control.get("/tenants/mine/journal?stauts=200");
    assert_eq!(wrong.status, 400);
    assert_eq!(
        wrong.header("content-type"),
        Some("application/problem+json")
    );
    assert!(wrong.body.contains("expected one of method"), "{wrong:?}");
}

#[test]
fn what_was_asked_is_verified_with_the_nearest_miss() {
    let (_program, mut control) = asked();
    let mut verify = |body: Value| control.send("POST", "/tenants/mine/verify", &body.to_string());
    let post = json!({"method": "POST", "path": "/Users", "count": {"exactly": 2}});
    assert_eq!(verify(post).json()["ok"], true);
    let missed = verify(json!({"method": "GET", "path": "/Users", "count": {"exactly": 1}})).json();
    assert_eq!(missed["ok"], false);
    assert_eq!(
        missed["failures"][0]["nearest"][0]["exchange"], 3,
        "{missed}"
    );
    for wrong in [json!({"methd": "GET"}), json!(7)] {
        assert_eq!(verify(wrong).status, 400);
    }
}

#[test]
fn a_forgotten_journal_is_forgotten_for_one_tenant() {
    let (_program, mut control) = asked();
    let count = |control: &mut Client, name: &str| {
        let found = control.get(&format!("/tenants/{name}/journal")).json();
        found["exchanges"].as_array().unwrap().len()
    };
    assert_eq!(
        control.send("DELETE", "/tenants/mine/journal", "").status,
        204
    );
    assert_eq!(
        (count(&mut control, "mine"), count(&mut control, "demo")),
        (0, 1)
    );
    // The next of a name does not see what the last was asked.
    assert_eq!(control.send("DELETE", "/tenants/demo", "").status, 204);
    let again = r#"{"fork": "mine", "name": "demo"}"#;
    assert_eq!(control.send("POST", "/tenants", again).status, 201);
    assert_eq!(count(&mut control, "demo"), 0);
}

/// A search, a look at the newest and a verification wait for what is not there, and are answered when it comes.
#[test]
fn who_waits_is_answered_when_it_comes() {
    for (method, path, body, found) in [
        (
            "GET",
            "/tenants/mine/journal?method=PUT&wait_s=30",
            "",
            "/exchanges/0/number",
        ),
        (
            "GET",
            "/tenants/mine/journal/latest?method=PUT&wait_s=30",
            "",
            "/number",
        ),
        (
            "POST",
            "/tenants/mine/verify?wait_s=30",
            r#"{"method": "PUT"}"#,
            "/ok",
        ),
    ] {
        let (program, mut control) = asked();
        let mut scim = Client::new(program.address(), "demo-token");
        let waiting = std::thread::spawn(move || control.send(method, path, body));
        // Whichever comes first, and what others are asked meanwhile wakes nobody for good.
        scim.get("/mine/scim/v2/Users/none");
        assert_eq!(
            scim.send("PUT", "/mine/scim/v2/Users/none", "{}").status,
            404
        );
        let reply = waiting.join().unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        let value = reply.json().pointer(found).cloned();
        assert!(value.is_some_and(|it| it == 6 || it == true), "{reply:?}");
    }
}

#[test]
fn who_waits_in_vain_is_told_what_there_is() {
    let server = Server::new("Scenario()");
    for (method, path, body, status, waits) in [
        (
            "GET",
            "/tenants/acme/journal?wait_s=5",
            Value::Null,
            200,
            true,
        ),
        ("GET", "/tenants/acme/journal", Value::Null, 200, false),
        (
            "GET",
            "/tenants/acme/journal/latest?wait_s=5",
            Value::Null,
            404,
            true,
        ),
        (
            "POST",
            "/tenants/acme/verify?wait_s=5",
            json!({"method": "PUT"}),
            200,
            true,
        ),
        (
            "POST",
            "/tenants/acme/verify?wait_s=5",
            json!({"method": "PUT", "count": "never"}),
            200,
            false,
        ),
        (
            "GET",
            "/tenants/acme/journal?wait_s=31",
            Value::Null,
            400,
            false,
        ),
        (
            "GET",
            "/tenants/acme/journal?wait_s=x",
            Value::Null,
            400,
            false,
        ),
        (
            "POST",
            "/tenants/acme/verify?wait=1",
            json!({"method": "PUT"}),
            400,
            false,
        ),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        let body = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        let response = server.control.answer(&request.body(body).unwrap());
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let wait = response.extensions().get();
        let expected = waits.then_some(Wait(std::time::Duration::from_secs(5)));
        assert_eq!(wait, expected.as_ref(), "{method} {path}");
    }
    let program = Program::start(&["serve", "--log", "off"]);
    let mut control = Client::new(program.control(), "");
    assert_eq!(
        control.get("/tenants/demo/journal/latest?wait_s=0").status,
        404
    );
    let found = control.get("/tenants/demo/journal?wait_s=0").json();
    assert_eq!(found, json!({"exchanges": [], "more": false, "newest": 0}));
}

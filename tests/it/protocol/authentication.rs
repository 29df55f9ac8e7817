//! Who may come in, and what those hear who may not (RFC 7644 section 2, RFC 6750, RFC 7617).

use super::*;

fn ask(sp: &Sp, authorization: Option<&str>) -> Answer {
    let headers: Vec<_> = authorization
        .iter()
        .map(|value| ("authorization", *value))
        .collect();
    raw(sp, "GET", "/Users", &headers, "")
}

fn challenges(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("www-authenticate").iter();
    all.map(|value| value.to_str().expect("a challenge is ASCII").to_owned())
        .collect()
}

fn basic() -> Sp {
    Sp::with(r#"Scenario(auth: [Bearer("secret-token"), Basic("admin", "pass:word")])"#)
}

#[test]
fn a_token_lets_in_whatever_the_case_of_the_scheme() {
    let sp = Sp::new();
    for credentials in [
        "Bearer secret-token",
        "bearer secret-token",
        "BEARER secret-token",
        "Bearer  secret-token",
    ] {
        assert_eq!(ask(&sp, Some(credentials)).status, 200, "{credentials}");
    }
}

#[test]
fn others_stay_outside() {
    let sp = basic();
    for credentials in [
        "Bearer wrong",
        "Bearer secret-toke",
        "Bearer secret-token2",
        "Bearer SECRET-TOKEN",
        "secret-token",
        "Token secret-token",
        "Basic !!",
        "Basic YWRtaW4=",
        "Basic YWRtaW46d3Jvbmc=",
        "Basic cGFzczp3b3Jk",
    ] {
        assert_eq!(
            ask(&sp, Some(credentials)).verdict(),
            "401",
            "{credentials}"
        );
    }
    assert_eq!(ask(&sp, None).verdict(), "401");
}

#[test]
fn a_malformed_header_is_no_credential() {
    let sp = Sp::new();
    for credentials in ["Bearer", "Bearer ", "Bearer a b", ""] {
        let status = ask(&sp, Some(credentials)).status;
        assert!(status == 400 || status == 401, "{credentials}: {status}");
    }
}

#[test]
fn a_password_may_hold_a_colon() {
    assert_eq!(
        ask(&basic(), Some("Basic YWRtaW46cGFzczp3b3Jk")).status,
        200
    );
    assert_eq!(
        ask(&basic(), Some("basic YWRtaW46cGFzczp3b3Jk")).status,
        200
    );
}

#[test]
fn each_scheme_is_announced_with_a_realm() {
    let told = challenges(&ask(&basic(), None)).join(", ");
    assert!(
        told.contains("Bearer realm=\"") && told.contains("Basic realm=\""),
        "{told}"
    );
    let told = challenges(&ask(&Sp::new(), None)).join(", ");
    assert!(
        told.contains("Bearer realm=\"") && !told.contains("Basic"),
        "{told}"
    );
}

#[test]
fn only_a_token_that_was_tried_is_called_invalid() {
    let sp = Sp::new();
    assert!(!challenges(&ask(&sp, None)).join(", ").contains("error="));
    let told = challenges(&ask(&sp, Some("Bearer wrong"))).join(", ");
    assert_eq!(told.matches("error=\"invalid_token\"").count(), 1, "{told}");
}

#[test]
fn a_token_in_the_query_is_no_credential() {
    assert_eq!(
        raw(
            &Sp::new(),
            "GET",
            "/Users?access_token=secret-token",
            &[],
            ""
        )
        .verdict(),
        "401"
    );
}

#[test]
fn nothing_is_written_or_told_without_credentials() {
    let sp = Sp::new();
    let id = sp.user("bjensen");
    let json = [("content-type", "application/scim+json")];
    for (method, target) in [
        ("POST", "/Users".to_owned()),
        ("GET", format!("/Users/{id}")),
        ("PUT", format!("/Users/{id}")),
        ("PATCH", format!("/Users/{id}")),
        ("DELETE", format!("/Users/{id}")),
        ("GET", "/Users/nope".to_owned()),
        ("POST", "/.search".to_owned()),
        ("GET", "/Groups".to_owned()),
    ] {
        let answer = raw(
            &sp,
            method,
            &target,
            &json,
            user("intruder", json!({})).to_string(),
        );
        assert_eq!(answer.verdict(), "401", "{method} {target}");
        assert!(!answer.text().contains("bjensen"));
    }
    assert_eq!(names(&sp.get("/Users")), "bjensen");
}

#[test]
fn discovery_is_open_to_everybody() {
    for target in ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"] {
        assert_eq!(
            raw(&Sp::new(), "GET", target, &[], "").status,
            200,
            "{target}"
        );
    }
}

const RIGHTS: &str = r#"Scenario(clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000), auth: [Bearer("secret-token"),
    Bearer(token: "read", access: Read), Bearer(token: "own", subject: "ann", access: Own), Bearer(token: "brief", expires_in_s: 2)],
    users: [{"id": "A", "userName": "ann"}, {"id": "B", "userName": "bob"}])"#;

fn removal(id: &str) -> Value {
    let operations = [json!({"op": "remove", "path": "title"})];
    let message = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    json!({"method": "PATCH", "path": format!("/Users/{id}"), "data": message})
}

#[test]
fn each_operation_of_a_bulk_request_is_permitted_or_not() {
    let statuses = |token: &str, operations: Value| {
        let sp = Sp::with(RIGHTS).bearing(token);
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
        let body = json!({"schemas": schemas, "Operations": operations});
        let answer = sp.post("/Bulk", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let outcomes = answer.json()["Operations"]
            .as_array()
            .expect("outcomes")
            .clone();
        let status = |it: &Value| it["status"].as_str().expect("a status").to_owned();
        outcomes.iter().map(status).collect::<Vec<_>>().join(" ")
    };
    let create =
        json!({"method": "POST", "bulkId": "c", "path": "/Users", "data": user("cid", json!({}))});
    let delete = |id: &str| json!({"method": "DELETE", "path": format!("/Users/{id}")});
    let all = json!([
        removal("A"),
        removal("B"),
        create,
        delete("B"),
        delete("nobody")
    ]);
    assert_eq!(statuses("secret-token", all.clone()), "200 200 201 204 404");
    assert_eq!(statuses("read", all.clone()), "403 403 403 403 403");
    // Whether there is a nobody, one who may not know is not told.
    assert_eq!(statuses("own", all), "200 403 403 403 403");
}

#[test]
fn what_is_not_permitted_leaves_no_trace() {
    let sp = Sp::with(RIGHTS).bearing("read");
    for answer in [
        sp.post("/Users", user("cid", json!({}))),
        sp.put("/Users/A", user("new", json!({}))),
        sp.patch(
            "/Users/A",
            json!({"op": "add", "path": "title", "value": "t"}),
        ),
        sp.delete("/Users/A"),
    ] {
        assert_eq!(answer.verdict(), "403");
        let challenge = "Bearer realm=\"scim\", error=\"insufficient_scope\"";
        assert_eq!(challenges(&answer), [challenge]);
    }
    assert_eq!(names(&sp.get("/Users?filter=not (title pr)")), "ann bob");
}

#[test]
fn a_token_lives_by_the_clock_of_the_scenario() {
    let sp = Sp::with(RIGHTS).bearing("brief");
    assert_eq!(sp.get("/Users").status, 200);
    sp.user("cid");
    assert_eq!(sp.get("/Users").status, 200);
    sp.user("dan");
    let answer = sp.get("/Users");
    assert_eq!(answer.verdict(), "401");
    let told = challenges(&answer).join(", ");
    assert!(
        told.contains("invalid_token") && told.contains("expired"),
        "{told}"
    );
    assert_eq!(sp.bearing("secret-token").get("/Users").status, 200);
}

#[test]
fn a_request_that_is_malformed_is_400_and_told_so() {
    for (headers, target) in [
        (&["Bearer"][..], "/Users"),
        (&["Bearer a b"], "/Users"),
        (&["Bearer secret-token", "Bearer secret-token"], "/Users"),
        (&["Bearer secret-token"], "/Users?access_token=secret-token"),
        (&["Bearer secret-token"], "/Users?count=1&access%5Ftoken=x"),
    ] {
        let headers: Vec<_> = headers.iter().map(|it| ("authorization", *it)).collect();
        let answer = raw(&Sp::new(), "GET", target, &headers, "");
        assert_eq!(answer.verdict(), "400", "{headers:?} {target}");
        let challenge = "Bearer realm=\"scim\", error=\"invalid_request\"";
        assert_eq!(challenges(&answer), [challenge]);
    }
}

#[test]
fn a_provider_without_credentials_asks_for_none() {
    assert_eq!(ask(&Sp::with("Scenario()"), None).status, 200);
}

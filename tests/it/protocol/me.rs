//! `/Me` (RFC 7644 section 3.11).

use super::*;

fn sp() -> Sp {
    Sp::with(
        r#"Scenario(
            auth: [Bearer(token: "secret-token", subject: "BJensen"), Bearer("nobodys"), Bearer(token: "strangers", subject: "who"),
                   Bearer(token: "groups", subject: "g1")],
            users: [{"userName": "bjensen", "displayName": "Babs"}, {"userName": "jsmith"}],
            groups: [{"id": "g1", "displayName": "Staff"}],
        )"#,
    )
}

#[test]
fn it_is_the_resource_of_whoever_asks_at_its_permanent_url() {
    let sp = sp();
    let me = sp.get("/Me");
    assert_eq!(
        (me.status, &me.json()["userName"]),
        (200, &json!("bjensen"))
    );
    let location = format!("{BASE}/Users/{}", me.json()["id"].as_str().unwrap());
    assert_eq!(me.header("location"), Some(location.as_str()));
    assert_eq!(
        sp.bearing("groups").get("/Me").json()["displayName"],
        "Staff"
    );
}

#[test]
fn every_operation_but_creation_goes_through() {
    let sp = sp();
    let location = sp.get("/Me").header("location").unwrap().to_owned();
    let patched = sp.patch(
        "/Me",
        json!([{"op": "replace", "path": "title", "value": "Guide"}]),
    );
    assert_eq!(
        (patched.status, patched.header("location")),
        (200, Some(location.as_str()))
    );
    let replaced = sp.send(
        "PUT",
        "/Me",
        Some(user("bjensen", json!({"nickName": "B"}))),
    );
    assert_eq!(replaced.json()["nickName"], "B");
    assert_eq!(replaced.json().get("title"), None);
    assert_eq!(sp.post("/Me", user("new", json!({}))).verdict(), "501");
    let deleted = sp.send("DELETE", "/Me", None);
    assert_eq!(
        (deleted.status, deleted.header("location")),
        (204, Some(location.as_str()))
    );
    assert_eq!(sp.get("/Me").verdict(), "404");
    assert_eq!(names(&sp.get("/Users")), "jsmith");
}

#[test]
fn projection_and_preconditions_hold() {
    let sp = sp();
    let me = sp.get("/Me?attributes=userName");
    assert_eq!(keys(&me.json()), "id schemas userName");
    let tag = me.header("etag").unwrap().to_owned();
    let again = sp.send_with(
        "GET",
        "/Me",
        &[
            ("authorization".into(), "Bearer secret-token".into()),
            ("if-none-match".into(), tag),
        ],
        None,
    );
    assert_eq!(again.status, 304);
}

#[test]
fn whoever_is_nobody_is_not_found() {
    assert_eq!(sp().bearing("nobodys").get("/Me").verdict(), "404");
    assert_eq!(sp().bearing("strangers").get("/Me").verdict(), "404");
    assert_eq!(sp().bearing("wrong").get("/Me").verdict(), "401");
}

#[test]
fn the_user_of_basic_is_the_subject() {
    let sp =
        Sp::with(r#"Scenario(auth: [Basic("bjensen", "pass")], users: [{"userName": "bjensen"}])"#);
    let headers = [(
        "authorization".to_owned(),
        "Basic YmplbnNlbjpwYXNz".to_owned(),
    )];
    let me = sp.send_with("GET", "/Me", &headers, None);
    assert_eq!(me.json()["userName"], "bjensen");
}

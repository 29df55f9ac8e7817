//! Errors (RFC 7644 section 3.12, tables 8 and 9): `verdict` looks at each body on the way.

use super::*;

#[test]
fn each_keyword_has_its_case() {
    for sp in both() {
        sp.user("bjensen");
        let target = format!("/Users/{}", sp.user("jsmith"));
        let patch = |operation: Value| sp.patch(&target, operation).verdict();
        assert_eq!(
            sp.get("/Users?filter=userName").verdict(),
            "400 invalidFilter"
        );
        assert_eq!(
            sp.post("/Users", user("bjensen", json!({}))).verdict(),
            "409 uniqueness"
        );
        assert_eq!(
            patch(json!({"op": "replace", "path": "id", "value": "x"})),
            "400 mutability"
        );
        assert_eq!(sp.post("/Users", json!([])).verdict(), "400 invalidSyntax");
        assert_eq!(
            patch(json!({"op": "add", "path": "a..b", "value": "x"})),
            "400 invalidPath"
        );
        assert_eq!(patch(json!({"op": "remove"})), "400 noTarget");
        assert_eq!(
            patch(json!({"op": "replace", "path": "active", "value": "x"})),
            "400 invalidValue"
        );
        assert_eq!(sp.get("/Users/nope").verdict(), "404");
        assert_eq!(sp.put("/Users", json!({})).verdict(), "405");
        assert_eq!(sp.get("/Me").verdict(), "501");
    }
}

#[test]
fn a_version_that_is_not_served_is_refused() {
    for sp in both() {
        let request = Request::builder()
            .uri("/scim/v1/Users")
            .header("authorization", "Bearer secret-token");
        let answer = sp.request(&request.body(Bytes::new()).expect("a request"));
        assert_eq!(answer.verdict(), "400 invalidVers", "{}", answer.text());
    }
}

#[test]
fn the_detail_says_what_and_where() {
    let sp = Sp::new();
    for (answer, words) in [
        (
            sp.post("/Users", json!({"schemas": [USER]})),
            &["userName"][..],
        ),
        (
            sp.post(
                "/Users",
                user("a", json!({"emails": [{"value": "a@x"}, {"value": 5}]})),
            ),
            &["emails", "1"],
        ),
        (
            sp.post("/Users", user("a", json!({"active": "maybe"}))),
            &["active", "maybe"],
        ),
        (sp.get(r#"/Users?filter=userName regex "b""#), &["regex"]),
        (sp.get(r#"/Users?filter=nope eq "b""#), &["nope"]),
        (sp.get("/Users?count=ten"), &["count", "ten"]),
        (sp.get("/Nope"), &["Nope"]),
    ] {
        let detail = answer.json()["detail"]
            .as_str()
            .expect("a detail")
            .to_owned();
        for word in words {
            assert!(detail.contains(word), "{word} in: {detail}");
        }
    }
}

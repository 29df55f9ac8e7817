//! Endpoints, methods and versions (RFC 7644 sections 3.2 and 3.13).

use super::*;

/// The methods that an answer allows, in alphabetical order.
fn allowed(answer: &Answer) -> Vec<String> {
    let mut allowed: Vec<_> = answer
        .header("allow")
        .unwrap_or_default()
        .split(',')
        .map(|it| it.trim().to_owned())
        .collect();
    allowed.sort();
    allowed
}

#[track_caller]
fn not_allowed(method: &str, target: &str, expected: &[&str]) {
    for sp in both() {
        let target = target.replace("{id}", &sp.user("bjensen"));
        let body = (method != "GET" && method != "DELETE").then(|| json!({}));
        let answer = sp.send(method, &target, body);
        assert_eq!(answer.verdict(), "405", "{method} {target}");
        let allowed = allowed(&answer);
        for method in expected {
            assert!(
                allowed.iter().any(|it| it == method),
                "{method} in {allowed:?}"
            );
        }
        assert!(
            !allowed.iter().any(|it| it == method),
            "{method} {target}: {allowed:?}"
        );
    }
}

#[test]
fn a_method_that_an_endpoint_does_not_take_is_not_allowed() {
    not_allowed("DELETE", "/Users", &["GET", "POST"]);
    not_allowed("PUT", "/Users", &["GET", "POST"]);
    not_allowed("PATCH", "/Groups", &["GET", "POST"]);
    not_allowed("POST", "/Users/{id}", &["GET", "PUT", "PATCH", "DELETE"]);
    not_allowed("GET", "/Users/.search", &["POST"]);
    not_allowed("PUT", "/.search", &["POST"]);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        not_allowed(method, "/ServiceProviderConfig", &["GET"]);
        not_allowed(method, "/Schemas", &["GET"]);
        not_allowed(method, "/ResourceTypes", &["GET"]);
        not_allowed(method, "/ResourceTypes/User", &["GET"]);
        not_allowed(method, &format!("/Schemas/{USER}"), &["GET"]);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    for sp in both() {
        let id = sp.user("bjensen");
        for target in [
            "/Nope",
            "/Users/nope",
            "/Groups/nope",
            "/User",
            "/Users/a/b",
            "/Schemas/urn:nope",
            "/ResourceTypes/Nope",
            "/v2/Users",
            "/Schemas/urn:ietf:params:scim:api:messages:2.0:PatchOp",
            "/Nope/.search",
        ] {
            assert_eq!(sp.get(target).verdict(), "404", "{target}");
        }
        assert_eq!(sp.get(&format!("/Groups/{id}")).verdict(), "404");
        assert_eq!(
            sp.get(&format!("/Users/{}", id.to_uppercase())).verdict(),
            if id == id.to_uppercase() {
                "200"
            } else {
                "404"
            }
        );
        assert_eq!(
            sp.post(&format!("/Users/{id}/.search"), json!({}))
                .verdict(),
            "404"
        );
        assert_eq!(sp.post("/Nope/.search", json!({})).verdict(), "404");
        assert_eq!(sp.post("/Nope", json!({})).verdict(), "404");
    }
}

#[test]
fn the_detail_of_a_404_names_the_id() {
    let detail = Sp::new().get("/Users/2819c223").json()["detail"].clone();
    assert!(
        detail.as_str().is_some_and(|it| it.contains("2819c223")),
        "{detail}"
    );
}

#[test]
fn a_feature_that_is_not_there_is_not_implemented() {
    for strictness in ["Lenient", "Strict"] {
        let sp = Sp::with(&format!(
            r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(strictness: {strictness}, bulk: false))"#
        ));
        assert_eq!(sp.post("/Bulk", json!({})).verdict(), "501");
        assert_eq!(sp.get("/Me").verdict(), "501");
        assert_eq!(sp.post("/Me", json!({})).verdict(), "501");
    }
}

#[test]
fn endpoints_have_case_and_no_trailing_slash_by_the_letter() {
    assert_eq!(Sp::new().get("/Users/").status, 200);
    assert_eq!(Sp::strict().get("/Users/").verdict(), "404");
    assert_eq!(Sp::strict().get("/users").verdict(), "404");
}

#[test]
fn head_is_get_without_a_body() {
    for sp in both() {
        let target = format!("/Users/{}", sp.user("bjensen"));
        for target in [target.as_str(), "/Users", "/Schemas"] {
            let (get, head) = (sp.get(target), sp.send("HEAD", target, None));
            assert_eq!((head.status, head.bytes.len()), (200, 0), "{target}");
            assert_eq!(head.header("etag"), get.header("etag"), "{target}");
        }
    }
}

#[test]
fn a_post_is_a_post_whatever_a_header_says() {
    let sp = Sp::strict();
    let target = format!("/Users/{}", sp.user("bjensen"));
    let answer = sp.send_also(
        "POST",
        &target,
        &[("x-http-method-override", "PATCH")],
        Some(json!({})),
    );
    assert_eq!(answer.verdict(), "405");
}

#[test]
fn an_id_in_a_path_is_decoded_once() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], users: [{"id": "a b/é", "userName": "odd"}])"#,
    );
    let answer = raw(
        &sp,
        "GET",
        "/Users/a%20b%2F%C3%A9",
        &[("authorization", "Bearer secret-token")],
        "",
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["userName"], "odd");
}

#[test]
fn parameters_that_nobody_knows_are_ignored() {
    for sp in both() {
        sp.user("bjensen");
        assert_eq!(names(&sp.get("/Users?foo=1&aadOptscim062020")), "bjensen");
        let id = sp.get("/Users").json()["Resources"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        assert_eq!(sp.get(&format!("/Users/{id}?foo=1")).status, 200);
    }
    let sp = Sp::new();
    let id = sp.user("bjensen");
    assert_eq!(
        sp.get(&format!("/Users/{id}?filter=active eq true&count=0"))
            .json()["userName"],
        "bjensen"
    );
    assert_eq!(
        names(&sp.get("/Users?sortBy=userName&sortOrder=descending")),
        "bjensen"
    );
}

//! The `schemas` attribute of resources (RFC 7643 sections 3 and 3.3).

use super::*;

#[track_caller]
fn created(sp: &Sp, body: Value) -> Value {
    let answer = sp.post("/Users", body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

#[test]
fn it_lists_the_base_first_and_what_is_in_use() {
    for sp in both() {
        assert_eq!(created(&sp, user("a", json!({})))["schemas"], json!([USER]));
        for (name, schemas) in [
            ("b", json!([USER, ENTERPRISE])),
            ("c", json!([ENTERPRISE, USER])),
        ] {
            let body =
                json!({"schemas": schemas, "userName": name, ENTERPRISE: {"department": "IT"}});
            assert_eq!(created(&sp, body)["schemas"], json!([USER, ENTERPRISE]));
        }
    }
}

#[test]
fn an_extension_that_is_named_and_not_used_is_dropped() {
    let body = json!({"schemas": [USER, ENTERPRISE], "userName": "a"});
    assert_eq!(created(&Sp::new(), body)["schemas"], json!([USER]));
}

#[test]
fn an_extension_that_is_used_and_not_named_is_added() {
    assert_eq!(
        created(
            &Sp::new(),
            user("a", json!({ENTERPRISE: {"department": "IT"}}))
        )["schemas"],
        json!([USER, ENTERPRISE])
    );
}

#[test]
fn without_it_the_endpoint_decides_unless_by_the_letter() {
    assert_eq!(
        created(&Sp::new(), json!({"userName": "a"}))["schemas"],
        json!([USER])
    );
    assert_eq!(
        Sp::strict()
            .post("/Users", json!({"userName": "a"}))
            .verdict(),
        "400 invalidSyntax"
    );
}

#[test]
fn what_nobody_knows_is_passed_over_unless_by_the_letter() {
    let body = json!({"schemas": [USER, "urn:nobody"], "userName": "a"});
    assert_eq!(created(&Sp::new(), body.clone())["schemas"], json!([USER]));
    assert_eq!(
        Sp::strict().post("/Users", body).verdict(),
        "400 invalidValue"
    );
}

#[test]
fn a_urn_is_listed_once() {
    let body = json!({"schemas": [USER, USER], "userName": "a"});
    assert_eq!(created(&Sp::new(), body.clone())["schemas"], json!([USER]));
    assert_eq!(
        Sp::strict().post("/Users", body).verdict(),
        "400 invalidValue"
    );
}

#[test]
fn the_base_must_be_among_them_by_the_letter() {
    let body = json!({"schemas": [ENTERPRISE], "userName": "a", ENTERPRISE: {"department": "IT"}});
    assert_eq!(
        Sp::strict().post("/Users", body).verdict(),
        "400 invalidValue"
    );
}

//! A filter over a body that no schema describes (RFC 7644 section 3.4.2.2, by the names of the members alone).

use scimulate::scim::Reading;
use scimulate::scim::filter::Filter;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[track_caller]
fn check(filter: &str, body: Value, expected: bool) {
    let parsed = Filter::parse(filter, Reading::LENIENT).unwrap();
    assert_eq!(
        parsed.matches_loosely(&body),
        expected,
        "{filter} on {body}"
    );
}

#[test]
fn names_and_texts_have_no_case() {
    let user = json!({"userName": "BJensen", "name": {"givenName": "Barbara"}});
    check(r#"userName eq "bjensen""#, user.clone(), true);
    check(r#"USERNAME eq "bjensen""#, user.clone(), true);
    check(r#"name.GivenName sw "barb""#, user.clone(), true);
    check(r#"userName ew "SEN""#, user.clone(), true);
    check(r#"userName co "xx""#, user.clone(), false);
    check(r#"displayName eq "bjensen""#, user, false);
}

#[test]
fn kinds_are_not_mixed() {
    let body = json!({"active": "False", "enabled": false, "count": 5, "code": "5", "large": 9_007_199_254_740_993_i64});
    check("active eq false", body.clone(), false);
    check(r#"active eq "false""#, body.clone(), true);
    check("enabled eq false", body.clone(), true);
    check("enabled ne false", body.clone(), false);
    check("enabled gt false", body.clone(), false);
    check("count eq 5", body.clone(), true);
    check("count ge 5.0", body.clone(), true);
    check("count lt 5", body.clone(), false);
    check(r#"count eq "5""#, body.clone(), false);
    check("code eq 5", body.clone(), false);
    check("large eq 9007199254740992", body, false);
}

#[test]
fn text_that_is_an_instant_is_compared_as_one() {
    let body = json!({"meta": {"created": "2026-01-01T12:00:00+02:00"}});
    check(
        r#"meta.created eq "2026-01-01T10:00:00Z""#,
        body.clone(),
        true,
    );
    check(
        r#"meta.created gt "2026-01-01T11:00:00Z""#,
        body.clone(),
        false,
    );
    check(r#"meta.created sw "2026-01-01T12""#, body, true);
}

#[test]
fn each_value_of_a_list_is_looked_at() {
    let body = json!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}], "tags": ["one", "two"]});
    check(r#"emails.value eq "b@x""#, body.clone(), true);
    check(r#"emails eq "b@x""#, body.clone(), true);
    check(
        r#"emails[type eq "work" and value eq "a@x"]"#,
        body.clone(),
        true,
    );
    check(
        r#"emails[type eq "work" and value eq "b@x"]"#,
        body.clone(),
        false,
    );
    check(r#"tags eq "two""#, body.clone(), true);
    check(r#"tags[value eq "two"]"#, body.clone(), true);
    check(r#"emails.type ne "work""#, body.clone(), false);
    check(
        r#"emails.type eq "work" and not (tags eq "three")"#,
        body,
        true,
    );
}

#[test]
fn what_has_no_value_is_null() {
    let body = json!({"title": null, "emails": [], "name": {}, "nickName": "", "active": false});
    for absent in ["title", "emails", "name", "nickName", "displayName"] {
        check(&format!("{absent} pr"), body.clone(), false);
        check(&format!("{absent} eq null"), body.clone(), true);
        check(&format!("{absent} ne null"), body.clone(), false);
        check(&format!(r#"{absent} ne "x""#), body.clone(), true);
    }
    check("active pr", body.clone(), true);
    check("active gt null", body, false);
}

#[test]
fn an_extension_is_a_member_and_a_whole_path_may_be_one() {
    let nested =
        json!({ENTERPRISE: {"department": "Sales", "manager": {"value": "7"}}, "userName": "a"});
    check(
        &format!(r#"{ENTERPRISE}:department eq "sales""#),
        nested.clone(),
        true,
    );
    check(
        &format!(r#"{ENTERPRISE}:manager.value eq "7""#),
        nested.clone(),
        true,
    );
    check(&format!("{ENTERPRISE} pr"), nested.clone(), true);
    check(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a""#,
        nested,
        true,
    );
    let flat = json!({format!("{ENTERPRISE}:department"): "Sales", "name.givenName": "Ann"});
    check(
        &format!(r#"{ENTERPRISE}:department eq "Sales""#),
        flat.clone(),
        true,
    );
    check(r#"name.givenName eq "ann""#, flat, true);
}

#[test]
fn the_operations_of_a_patch_are_a_list() {
    let patch = json!({"Operations": [{"op": "Replace", "path": "active", "value": false}, {"op": "add", "value": {"title": "x"}}]});
    check(
        r#"operations[op eq "replace" and path eq "active" and value eq false]"#,
        patch.clone(),
        true,
    );
    check(
        r#"Operations[op eq "add" and value.title eq "x"]"#,
        patch.clone(),
        true,
    );
    check(r#"Operations[op eq "remove"]"#, patch, false);
}

#[test]
fn what_is_no_object_has_no_member() {
    for body in [json!([{"userName": "a"}]), json!("a"), json!(null)] {
        check("userName pr", body, false);
    }
}

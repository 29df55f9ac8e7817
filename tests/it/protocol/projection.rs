//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9, RFC 7643 section 7).

use super::*;

fn babs() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "userName": "bjensen", "displayName": "Babs", "externalId": "x", "password": "t1meMa$heen",
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "emails": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home"}],
        ENTERPRISE: {"department": "IT", "costCenter": "7"},
    })
}

/// What is left of a user under a query, without `schemas` and `id`, which are always there.
fn shown(sp: &Sp, query: &str) -> Value {
    let target = format!("/Users/{}", sp.create("/Users", babs()));
    let answer = sp.get(&format!("{target}?{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let mut found = answer.json();
    let members = found.as_object_mut().expect("a resource is an object");
    assert!(
        members.remove("id").is_some() && members.remove("schemas").is_some(),
        "{query}"
    );
    found
}

#[track_caller]
fn check(query: &str, expected: Value) {
    for sp in both() {
        assert_eq!(shown(&sp, query), expected, "{query}");
    }
}

#[track_caller]
fn check_keys(query: &str, expected: &str) {
    for sp in both() {
        assert_eq!(keys(&shown(&sp, query)), expected, "{query}");
    }
}

#[test]
fn attributes_are_all_that_is_shown() {
    check("attributes=userName", json!({"userName": "bjensen"}));
    check("attributes=USERNAME", json!({"userName": "bjensen"}));
    check(
        "attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName",
        json!({"userName": "bjensen"}),
    );
    check(
        "attributes=URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:USERNAME",
        json!({"userName": "bjensen"}),
    );
    check(
        "attributes=userName,displayName",
        json!({"userName": "bjensen", "displayName": "Babs"}),
    );
    check(
        "attributes=userName,%20displayName",
        json!({"userName": "bjensen", "displayName": "Babs"}),
    );
    check("attributes=id", json!({}));
    check("attributes=nope", json!({}));
    check("attributes=password", json!({}));
    check("attributes=title", json!({}));
}

#[test]
fn sub_attributes_are_shown_alone() {
    check(
        "attributes=name.givenName",
        json!({"name": {"givenName": "Barbara"}}),
    );
    check(
        "attributes=name,name.givenName",
        json!({"name": {"givenName": "Barbara", "familyName": "Jensen"}}),
    );
    check(
        "attributes=name.givenName,name.familyName",
        json!({"name": {"givenName": "Barbara", "familyName": "Jensen"}}),
    );
    check(
        "attributes=emails.value",
        json!({"emails": [{"value": "w@x"}, {"value": "h@x"}]}),
    );
    check(
        "attributes=meta.resourceType",
        json!({"meta": {"resourceType": "User"}}),
    );
    check("attributes=name.middleName", json!({}));
}

#[test]
fn an_extension_is_shown_whole_or_in_part() {
    check(
        &format!("attributes={ENTERPRISE}:department"),
        json!({ENTERPRISE: {"department": "IT"}}),
    );
    check(
        &format!("attributes={ENTERPRISE}"),
        json!({ENTERPRISE: {"department": "IT", "costCenter": "7"}}),
    );
    check(
        &format!("attributes=userName,{ENTERPRISE}:costCenter"),
        json!({"userName": "bjensen", ENTERPRISE: {"costCenter": "7"}}),
    );
}

#[test]
fn what_is_excluded_is_not_shown() {
    let all = format!("displayName emails externalId meta name {ENTERPRISE} userName");
    check_keys("", &all);
    check_keys(
        "excludedAttributes=emails,meta",
        &format!("displayName externalId name {ENTERPRISE} userName"),
    );
    check_keys("excludedAttributes=id,schemas", &all);
    check_keys("excludedAttributes=nope", &all);
    check_keys("excludedAttributes=EMAILS", &all.replace("emails ", ""));
    check_keys(
        &format!("excludedAttributes={ENTERPRISE}"),
        &all.replace(&format!("{ENTERPRISE} "), ""),
    );
    let rest =
        format!("excludedAttributes=userName,displayName,externalId,meta,emails,{ENTERPRISE}");
    check(
        &format!("{rest},name.familyName"),
        json!({"name": {"givenName": "Barbara"}}),
    );
    check(&format!("{rest},name,name.familyName"), json!({}));
}

#[test]
fn both_at_once_are_refused() {
    for sp in both() {
        sp.user("bjensen");
        assert_eq!(
            sp.get("/Users?attributes=userName&excludedAttributes=name")
                .verdict(),
            "400 invalidValue"
        );
    }
}

#[test]
fn headers_and_totals_do_not_depend_on_it() {
    for sp in both() {
        let target = format!("/Users/{}", sp.create("/Users", babs()));
        let (whole, part) = (
            sp.get(&target),
            sp.get(&format!("{target}?attributes=userName")),
        );
        for header in ["etag", "location", "content-location"] {
            assert_eq!(part.header(header), whole.header(header), "{header}");
        }
        assert_eq!(sp.get("/Users?attributes=nope").json()["totalResults"], 1);
    }
}

#[test]
fn a_group_without_its_members() {
    for sp in both() {
        let id = sp.user("bjensen");
        let target = format!("/Groups/{}", sp.group("Staff", &[&id]));
        assert_eq!(
            keys(
                &sp.get(&format!("{target}?excludedAttributes=members"))
                    .json()
            ),
            "displayName id meta schemas"
        );
        assert_eq!(
            sp.get(&format!("{target}?attributes=members.value")).json()["members"],
            json!([{"value": id}])
        );
    }
}

//! Clouds, databases and directories: what each is known for, as requests and what is answered.

use super::{USER, check, deactivation, group, of, op, ops, send, sp, user};
use serde_json::json;

#[test]
fn aws_has_small_pages_and_groups_without_put_whose_members_nobody_reads() {
    let two = json!([{"value": "a@x"}, {"value": "b@x"}]);
    check(
        "aws-identity-center",
        &[
            (
                "GET",
                "/Users?count=1000",
                None,
                (200, &[("/totalResults", "2")]),
            ),
            (
                "GET",
                "/ServiceProviderConfig",
                None,
                (
                    200,
                    &[("/filter/maxResults", "50"), ("/bulk/supported", "false")],
                ),
            ),
            (
                "PUT",
                "/Groups/g1",
                Some(group("Staff", 0)),
                (
                    405,
                    &[
                        (
                            "/schema/0",
                            "\"urn:ietf:params:scim:api:messages:2.0:Error\"",
                        ),
                        ("/status", "\"405\""),
                        ("/scimType", "null"),
                        ("/schemas", "null"),
                    ],
                ),
            ),
            (
                "GET",
                "/Groups/g1",
                None,
                (200, &[("/displayName", "\"Staff\""), ("/members", "null")]),
            ),
            ("GET", "/Users/u1", None, (200, &[("/groups", "null")])),
            (
                "POST",
                "/Groups",
                Some(group("Many", 101)),
                (400, &[("/status", "\"400\"")]),
            ),
            ("POST", "/Groups", Some(group("Many", 100)), (201, &[])),
            ("POST", "/Groups", Some(group("Staff", 0)), (409, &[])),
            (
                "PATCH",
                "/Groups/g1",
                Some(op("replace", "members", json!([]))),
                (400, &[]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(ops(json!([{"op": "remove", "path": "members"}]))),
                (400, &[]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(op("add", "members", group("", 101)["members"].clone())),
                (400, &[]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(op("add", "members", group("", 100)["members"].clone())),
                (200, &[("/members", "null")]),
            ),
            (
                "POST",
                "/Users",
                Some(user("two", json!({"emails": two}))),
                (400, &[]),
            ),
        ],
    );
}

#[test]
fn aws_wants_names_filters_by_equality_and_speaks_plain_json() {
    check(
        "aws-identity-center",
        &[
            (
                "POST",
                "/Users",
                Some(json!({"schemas": [USER], "userName": "bare"})),
                (400, &[]),
            ),
            (
                "POST",
                "/Users",
                Some(user("pw", json!({"ims": [{"value": "x"}]}))),
                (201, &[("/ims", "null")]),
            ),
            (
                "GET",
                r#"/Users?filter=userName eq "u1" and displayName eq "A B""#,
                None,
                (200, &[("/totalResults", "1")]),
            ),
            ("GET", r#"/Users?filter=userName sw "u""#, None, (400, &[])),
            ("POST", "/Bulk", Some(json!({})), (501, &[])),
            ("POST", "/Users/.search", Some(json!({})), (404, &[])),
        ],
    );
    let answer = send(&of("aws-identity-center"), "GET", "/Users/u1", None);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn salesforce_deletes_nobody() {
    check(
        "salesforce",
        &[
            ("DELETE", "/Users/u1", None, (405, &[("/status", "405")])),
            (
                "PATCH",
                "/Users/u1",
                Some(deactivation()),
                (200, &[("/active", "false")]),
            ),
            (
                "GET",
                "/ServiceProviderConfigs",
                None,
                (200, &[("/filter/maxResults", "200")]),
            ),
            (
                "GET",
                r#"/Users?filter=userName eq "u1" or userName eq "u2""#,
                None,
                (200, &[("/totalResults", "2")]),
            ),
            (
                "GET",
                r#"/Users?filter=not (userName eq "u1")"#,
                None,
                (400, &[("/status", "400")]),
            ),
        ],
    );
}

#[test]
fn snowflake_has_roles_without_put_and_one_value_of_each() {
    check(
        "snowflake",
        &[
            ("PUT", "/Groups/g1", Some(group("S", 0)), (405, &[])),
            (
                "GET",
                r#"/Users?filter=userName sw "u""#,
                None,
                (200, &[("/totalResults", "2")]),
            ),
            (
                "GET",
                r#"/Users?filter=userName eq "u1" and active eq true"#,
                None,
                (400, &[("/scimType", "\"invalidFilter\"")]),
            ),
            ("GET", r#"/Users?filter=userName co "u""#, None, (400, &[])),
            (
                "POST",
                "/Users",
                Some(user(
                    "x",
                    json!({"emails": [{"value": "a@x"}, {"value": "b@x"}]}),
                )),
                (400, &[]),
            ),
        ],
    );
    let before = sp(r#"profile: "snowflake", filter_refused: NoResults"#);
    let found = before.get(r#"/Users?filter=userName co "u""#);
    assert_eq!(
        (found.status, &found.json()["totalResults"]),
        (200, &json!(0))
    );
}

#[test]
fn entra_id_pages_by_cursor_and_takes_few_members_at_a_time() {
    let member = |n: usize| json!([{"value": format!("m{n}")}]);
    check(
        "entra-as-sp",
        &[
            ("PUT", "/Users/u1", Some(user("u1", json!({}))), (405, &[])),
            (
                "GET",
                "/users?count=1",
                None,
                (
                    200,
                    &[
                        ("/totalResults", "null"),
                        ("/Resources", "null"),
                        ("/resources/0/userName", "\"u1\""),
                    ],
                ),
            ),
            ("GET", "/Users?startIndex=1", None, (400, &[])),
            (
                "GET",
                r#"/Users?filter=userName eq "u1" and externalId eq "x""#,
                None,
                (200, &[]),
            ),
            ("GET", r#"/Users?filter=title eq "x""#, None, (400, &[])),
            ("GET", "/Groups/g1", None, (200, &[("/members", "null")])),
            (
                "PATCH",
                "/Groups/g1",
                Some(op("add", "members", member(1))),
                (400, &[]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(op("add", "members", json!([{"value": "u2"}]))),
                (204, &[]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(ops(json!([{"op": "remove", "path": "members"}]))),
                (400, &[]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(ops(
                    json!([{"op": "remove", "path": "members[value eq \"u1\"]"}]),
                )),
                (204, &[]),
            ),
            ("POST", "/Groups", Some(group("Many", 21)), (400, &[])),
            (
                "POST",
                "/Users",
                Some(json!({"schemas": [USER], "userName": "bare"})),
                (400, &[]),
            ),
        ],
    );
}

#[test]
fn hcp_terraform_takes_a_hundred_operations() {
    let many = |count: usize| {
        ops((0..count)
            .map(|_| json!({"op": "replace", "path": "active", "value": true}))
            .collect())
    };
    check(
        "hcp-terraform",
        &[
            ("PATCH", "/Users/u1", Some(many(100)), (200, &[])),
            ("PATCH", "/Users/u1", Some(many(101)), (400, &[])),
            (
                "PATCH",
                "/Users/u1",
                Some(op("replace", "title", json!("t"))),
                (400, &[]),
            ),
            (
                "GET",
                "/Users?count=0",
                None,
                (200, &[("/totalResults", "2"), ("/itemsPerPage", "0")]),
            ),
            (
                "GET",
                r#"/Users?filter=USERNAME eq "U1""#,
                None,
                (200, &[("/totalResults", "1")]),
            ),
            (
                "GET",
                r#"/Users?filter=displayName eq "A B""#,
                None,
                (400, &[]),
            ),
        ],
    );
}

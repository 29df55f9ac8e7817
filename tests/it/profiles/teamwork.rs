//! Where people work together: what each is known for, as requests and what is answered.

use super::{check, deactivation, group, of, op, ops, send, user};
use serde_json::{Value, json};

#[test]
fn github_asks_who_sends_and_takes_plain_paths_alone() {
    let work = r#"emails[type eq "work"].value"#;
    check(
        "github",
        &[
            (
                "PATCH",
                "/Users/u1",
                Some(op("replace", work, json!("a@x"))),
                (
                    400,
                    &[
                        ("/status", "400"),
                        ("/scimType", "\"invalidPath\""),
                        (
                            "/schemas/0",
                            "\"urn:ietf:params:scim:api:messages:2.0:Error\"",
                        ),
                    ],
                ),
            ),
            (
                "GET",
                "/users",
                None,
                (
                    404,
                    &[
                        ("/status", "404"),
                        (
                            "/documentation_url",
                            "\"https://docs.github.com/rest/enterprise-admin/scim\"",
                        ),
                    ],
                ),
            ),
            ("GET", r#"/Users?filter=userName sw "u""#, None, (400, &[])),
            (
                "PATCH",
                "/Users/u1",
                Some(deactivation()),
                (200, &[("/active", "false")]),
            ),
            ("GET", "/Users/u1", None, (200, &[("/active", "false")])),
        ],
    );
    let sp = of("github");
    let answer = sp.get("/Users");
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (403, &json!(403))
    );
    assert_eq!(answer.json()["message"], answer.json()["detail"]);
    let quota = send(&sp, "POST", "/Users", Some(user("q", json!({}))));
    assert_eq!(quota.header("ratelimit-limit"), Some("1000"));
}

#[test]
fn a_github_organization_forgets_who_is_not_active_and_has_no_groups() {
    check(
        "github-organization",
        &[
            ("GET", "/Groups", None, (404, &[("/status", "404")])),
            (
                "PATCH",
                "/Users/u1",
                Some(deactivation()),
                (200, &[("/active", "false")]),
            ),
            ("GET", "/Users/u1", None, (404, &[])),
            (
                "GET",
                r#"/Users?filter=userName eq "u1""#,
                None,
                (200, &[("/totalResults", "0")]),
            ),
            (
                "PUT",
                "/Users/u2",
                Some(user("u2", json!({"active": false}))),
                (200, &[]),
            ),
            (
                "GET",
                "/Users/u2",
                None,
                (404, &[("/message", "\"no User has the id `u2`\"")]),
            ),
        ],
    );
}

#[test]
fn slack_pages_by_ten_deactivates_and_has_errors_of_its_own() {
    check(
        "slack",
        &[
            (
                "GET",
                "/Users/nobody",
                None,
                (404, &[("/Errors/code", "404"), ("/schemas", "null")]),
            ),
            ("DELETE", "/Users/u1", None, (204, &[])),
            ("GET", "/Users/u1", None, (200, &[("/active", "false")])),
            ("DELETE", "/Groups/g1", None, (204, &[])),
            ("GET", "/Groups/g1", None, (404, &[])),
            (
                "GET",
                "/Users?filter=userName eq u1",
                None,
                (200, &[("/totalResults", "1")]),
            ),
            (
                "GET",
                "/Users?count=5000",
                None,
                (200, &[("/itemsPerPage", "2")]),
            ),
        ],
    );
    let sp = of("slack");
    for n in 0..12 {
        assert_eq!(
            send(
                &sp,
                "POST",
                "/Users",
                Some(user(&format!("n{n}"), json!({})))
            )
            .status,
            201
        );
    }
    assert_eq!(send(&sp, "GET", "/Users", None).json()["itemsPerPage"], 10);
    let many = (0..170).map(|n| {
        send(
            &sp,
            "POST",
            "/Users",
            Some(user(&format!("m{n}"), json!({}))),
        )
    });
    let refused = many.last().unwrap();
    assert_eq!(
        (refused.status, &refused.json()["Errors"]["code"]),
        (429, &json!(429))
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
}

#[test]
fn zoom_filters_by_few_names_and_patches_activity_alone() {
    check(
        "zoom",
        &[
            (
                "GET",
                r#"/Users?filter=title eq "t""#,
                None,
                (400, &[("/code", "400"), ("/schemas", "null")]),
            ),
            (
                "GET",
                r#"/Groups?filter=displayName eq "Staff""#,
                None,
                (200, &[("/totalResults", "1")]),
            ),
            (
                "PATCH",
                "/Users/u1",
                Some(op("replace", "title", json!("t"))),
                (400, &[("/code", "400")]),
            ),
            (
                "PATCH",
                "/Users/u1",
                Some(deactivation()),
                (200, &[("/active", "false")]),
            ),
            (
                "PUT",
                "/Groups/g1",
                Some(group("S", 0)),
                (405, &[("/code", "405")]),
            ),
            (
                "GET",
                "/Users/nobody",
                None,
                (404, &[("/message", "\"no User has the id `nobody`\"")]),
            ),
        ],
    );
}

#[test]
fn atlassian_takes_one_exact_filter() {
    check(
        "atlassian",
        &[
            (
                "GET",
                r#"/Users?filter=userName eq "u1""#,
                None,
                (200, &[("/totalResults", "1")]),
            ),
            (
                "GET",
                r#"/Users?filter=userName eq "u1" and externalId eq "x""#,
                None,
                (400, &[("/scimType", "\"invalidFilter\"")]),
            ),
            ("GET", r#"/Users?filter=title eq "t""#, None, (400, &[])),
            ("DELETE", "/Users/u1", None, (204, &[])),
            ("PATCH", "/Users/u1", Some(deactivation()), (404, &[])),
            (
                "GET",
                "/ServiceProviderConfig",
                None,
                (
                    200,
                    &[
                        ("/sort/supported", "false"),
                        ("/filter/maxResults", "10000"),
                    ],
                ),
            ),
            (
                "POST",
                "/Users",
                Some(user("x", json!({"id": "mine", "meta": {"location": "x"}}))),
                (201, &[]),
            ),
        ],
    );
}

#[test]
fn gitlab_has_users_alone_and_no_discovery() {
    check(
        "gitlab",
        &[
            ("GET", "/ServiceProviderConfig", None, (404, &[])),
            ("GET", "/Groups", None, (404, &[])),
            ("PUT", "/Users/u1", Some(user("u1", json!({}))), (405, &[])),
            (
                "PATCH",
                "/Users/u1",
                Some(op("Replace", "title", json!("t"))),
                (400, &[]),
            ),
            (
                "PATCH",
                "/Users/u1",
                Some(op("Replace", "active", json!("false"))),
                (204, &[]),
            ),
            ("GET", "/Users/u1", None, (404, &[])),
            (
                "GET",
                r#"/Users?filter=userName eq "u2" or userName eq "u3""#,
                None,
                (400, &[]),
            ),
        ],
    );
}

#[test]
fn sentry_forbids_put_of_groups_and_forgets_who_is_not_active() {
    let many: Value = (0..101)
        .map(|_| json!({"op": "replace", "path": "displayName", "value": "S"}))
        .collect();
    check(
        "sentry",
        &[
            (
                "PUT",
                "/Groups/g1",
                Some(group("S", 0)),
                (
                    403,
                    &[
                        ("/status", "null"),
                        (
                            "/schemas/0",
                            "\"urn:ietf:params:scim:api:messages:2.0:Error\"",
                        ),
                    ],
                ),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(ops(many)),
                (400, &[("/status", "null")]),
            ),
            (
                "PATCH",
                "/Groups/g1",
                Some(op("add", "members", json!([{"value": "nobody"}]))),
                (400, &[]),
            ),
            ("GET", "/ServiceProviderConfig?filter=x", None, (403, &[])),
            (
                "GET",
                r#"/Users?filter=userName co "u""#,
                None,
                (400, &[("/scimType", "\"invalidFilter\"")]),
            ),
            ("PATCH", "/Users/u1", Some(deactivation()), (200, &[])),
            ("GET", "/Users/u1", None, (404, &[])),
        ],
    );
}

//! Profiles of real service providers: each page is clean and cites its sources, and each has the quirks for which it is known.

use crate::scenario::clean;
use crate::support::program;
use crate::support::sp::{Answer, Sp};
use scimulate::scenario::{PROFILES, PROVIDER_FIELDS};
use serde_json::{Value, json};

/// Those that are no service provider in particular.
const IDEALS: [&str; 4] = ["rfc", "interop", "okta-ready", "entra-ready"];
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A service provider with two users, and groups where it has some.
fn sp(provider: &str) -> Sp {
    let groups = if provider.contains("organization") || provider.contains("gitlab") {
        ""
    } else {
        r#", groups: [{"id": "g1", "displayName": "Staff", "members": ["u1"]}]"#
    };
    Sp::with(&format!(
        r#"Scenario(auth: [Bearer("secret-token")], clock: Fixed("2026-01-01T00:00:00Z"), provider: Provider({provider}), users: [
            {{"id": "u1", "userName": "u1", "displayName": "A B", "active": true, "name": {{"givenName": "A", "familyName": "B"}}}},
            {{"id": "u2", "userName": "u2", "displayName": "C D", "active": true, "name": {{"givenName": "C", "familyName": "D"}}}}]{groups})"#
    ))
}

fn of(profile: &str) -> Sp {
    sp(&format!("profile: {profile:?}"))
}

/// A request as every client of these sends it.
fn send(sp: &Sp, method: &str, target: &str, body: Option<Value>) -> Answer {
    sp.send_also(method, target, &[("user-agent", "it")], body)
}

fn user(name: &str, more: Value) -> Value {
    let mut user = json!({"schemas": [USER], "userName": name, "displayName": name, "active": true,
        "name": {"givenName": "G", "familyName": "F"}});
    let more = more.as_object().expect("an object").clone();
    user.as_object_mut().expect("an object").extend(more);
    user
}

fn group(name: &str, members: usize) -> Value {
    let members: Vec<Value> = (0..members)
        .map(|n| json!({"value": format!("m{n}")}))
        .collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

fn ops(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

fn op(op: &str, path: &str, value: Value) -> Value {
    ops(json!([{"op": op, "path": path, "value": value}]))
}

/// What is expected of an answer: its status, and members of its body by pointer; null for what is not there.
type Expected = (u16, &'static [(&'static str, &'static str)]);

/// Requests in their order to a service provider of a profile.
#[track_caller]
fn check(profile: &str, steps: &[(&str, &str, Option<Value>, Expected)]) {
    assert!(steps.len() >= 4, "{profile} has too few quirks");
    let sp = of(profile);
    for (method, target, body, (status, members)) in steps {
        let answer = send(&sp, method, target, body.clone());
        let said = format!("{profile}: {method} {target}: {}", answer.text());
        assert_eq!(answer.status, *status, "{said}");
        for (pointer, expected) in *members {
            let expected: Value = serde_json::from_str(expected).unwrap();
            let found = answer.json().pointer(pointer).cloned().unwrap_or_default();
            assert_eq!(found, expected, "{pointer} of {said}");
        }
    }
}

const DEACTIVATION: (&str, &str) = ("replace", "active");

fn deactivation() -> Option<Value> {
    Some(op(DEACTIVATION.0, DEACTIVATION.1, json!(false)))
}

#[test]
fn every_profile_is_a_clean_page_that_says_where_it_comes_from() {
    for profile in PROFILES {
        clean(&format!("Scenario(provider: {})", profile.text));
        let lines: Vec<&str> = profile.text.lines().collect();
        let (name, count) = (profile.name, lines.len());
        assert!(lines[0].starts_with("// ") && count <= 60, "{name}");
        let summary = profile.summary();
        assert!((20..160).contains(&summary.len()), "{name}: {summary}");
        assert!(summary.ends_with('.'), "{name}: {summary}");
        let settings = profile.settings();
        let settings = settings.as_object().unwrap();
        assert!(!settings.is_empty(), "{name}");
        for field in settings.keys() {
            assert!(PROVIDER_FIELDS.contains(&field.as_str()), "{name}: {field}");
            let starts = |line: &&&str| line.trim_start().starts_with(&format!("{field}: "));
            let at = lines
                .iter()
                .position(|line| starts(&line) || line.contains(&format!(", {field}: ")));
            let at = at.unwrap_or_else(|| panic!("{name} sets {field} somewhere"));
            assert!(
                lines[at].contains("// ") || lines[at + 1].contains("// "),
                "{name}: {}",
                lines[at]
            );
        }
        if !IDEALS.contains(&name) {
            assert!(profile.text.contains("https://"), "{name} names no source");
            assert!(
                profile.text.contains("\n// not played: "),
                "{name} plays all?"
            );
        }
    }
}

/// What any client does with any of them, as far as it goes there.
#[test]
fn every_profile_serves_what_its_provider_does() {
    for profile in PROFILES {
        let (sp, name) = (of(profile.name), profile.name);
        let offers = |method: &str| {
            let settings = profile.settings();
            let refused = settings["not_offered"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            !refused.contains(&json!(method))
        };
        let created = send(&sp, "POST", "/Users", Some(user("new", json!({}))));
        assert_eq!(created.status, 201, "{name}: {}", created.text());
        let place = format!("/Users/{}", created.id());
        assert_eq!(
            send(&sp, "GET", &place, None).json()["userName"],
            "new",
            "{name}"
        );
        let found = send(&sp, "GET", r#"/Users?filter=userName eq "NEW""#, None);
        let key = if name == "entra-as-sp" {
            "resources"
        } else {
            "Resources"
        };
        assert_eq!(
            found.json()[key].as_array().map(Vec::len),
            Some(1),
            "{name}"
        );
        let body = Some(op("replace", "active", json!(true)));
        let patched = send(&sp, "PATCH", &place, body);
        assert!(
            [200, 204].contains(&patched.status),
            "{name}: {}",
            patched.text()
        );
        let replaced = send(&sp, "PUT", &place, Some(user("new", json!({"title": "t"}))));
        assert_eq!(
            replaced.status == 200,
            offers("PUT /Users"),
            "{name}: {}",
            replaced.text()
        );
        if offers("/Groups") {
            let body =
                json!([{"op": "add", "path": "members", "value": [{"value": created.id()}]}]);
            let joined = send(&sp, "PATCH", "/Groups/g1", Some(ops(body)));
            assert!(
                [200, 204].contains(&joined.status),
                "{name}: {}",
                joined.text()
            );
            assert_eq!(
                send(&sp, "DELETE", "/Groups/g1", None).status,
                204,
                "{name}"
            );
            assert_eq!(send(&sp, "GET", "/Groups/g1", None).status, 404, "{name}");
        }
        let taken = send(&sp, "POST", "/Users", Some(user("new", json!({}))));
        assert_eq!(taken.status, 409, "{name}: {}", taken.text());
        let deleted = send(&sp, "DELETE", &place, None);
        let expected = if offers("DELETE /Users") { 204 } else { 405 };
        assert_eq!(deleted.status, expected, "{name}");
        for document in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
            let expected = if offers(document) { 200 } else { 404 };
            assert_eq!(
                send(&sp, "GET", document, None).status,
                expected,
                "{name} {document}"
            );
        }
    }
}

#[test]
fn what_a_scenario_says_wins_over_any_profile() {
    for profile in PROFILES.iter().filter(|it| !IDEALS.contains(&it.name)) {
        let name = profile.name;
        let own = "not_offered: [], filter_operators: [Sw], filter_attributes: [], error_body: false, media_type: Scim";
        let sp = sp(&format!("profile: {name:?}, {own}, error_status: Text"));
        let found = send(&sp, "GET", r#"/Users?filter=userName sw "u""#, None);
        assert_eq!(found.status, 200, "{name}: {}", found.text());
        let refused = send(&sp, "GET", r#"/Users?filter=userName eq "u1""#, None);
        assert_eq!(refused.verdict(), "400 invalidFilter", "{name}");
        assert_eq!(send(&sp, "GET", "/Schemas", None).status, 200, "{name}");
        assert_eq!(send(&sp, "DELETE", "/Users/u1", None).status, 204, "{name}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused_where_they_stand() {
    for (provider, said) in [
        (r#"required: ["User.groups"]"#, "no client writes it"),
        (r#"lacks: ["User.userName"]"#, "cannot be lacking"),
        (r#"lacks: ["User.shoeSize"]"#, "has no attribute `shoeSize`"),
        (r#"never_returned: ["User.title"]"#, "only links to many"),
        (r#"error_body: {"code": "{nothing}"}"#, "{nothing}"),
        ("error_body: true", "expected an object"),
        (r#"not_offered: ["FETCH /Users"]"#, "FETCH"),
        (r#"not_offered: ["Users"]"#, "a method and an endpoint"),
        ("filter_operators: [Like]", "Like"),
        (
            r#"filter_attributes: ["userName"]"#,
            "a resource type, a dot",
        ),
        ("max_members: 0", "out of range"),
        ("faults: [Fault(then: Nothing)]", "Nothing"),
        (r#"profile: "slak""#, "slack"),
    ] {
        let (sp, told) = Sp::try_with(&format!("Scenario(provider: Provider({provider}))"));
        assert!(sp.is_none() && told.contains(said), "{provider}: {told}");
    }
}

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
            ("POST", "/Users/.search", Some(json!({})), (405, &[])),
        ],
    );
    let answer = send(&of("aws-identity-center"), "GET", "/Users/u1", None);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

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
                deactivation(),
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
                deactivation(),
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
fn salesforce_deletes_nobody() {
    check(
        "salesforce",
        &[
            ("DELETE", "/Users/u1", None, (405, &[("/status", "405")])),
            (
                "PATCH",
                "/Users/u1",
                deactivation(),
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
                deactivation(),
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
            ("PATCH", "/Users/u1", deactivation(), (404, &[])),
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
            ("PATCH", "/Users/u1", deactivation(), (200, &[])),
            ("GET", "/Users/u1", None, (404, &[])),
        ],
    );
}

#[test]
fn the_program_lists_them_and_prints_their_pages() {
    let (code, listed, _) = program::run(&["profiles"]);
    assert_eq!((code, listed.lines().count()), (Some(0), PROFILES.len()));
    let (code, all, _) = program::run(&["profiles", "--format", "json"]);
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(code, Some(0));
    for (n, profile) in PROFILES.iter().enumerate() {
        let line = listed.lines().nth(n).unwrap();
        assert!(
            line.starts_with(profile.name) && line.ends_with(&profile.summary()),
            "{line}"
        );
        let (code, page, _) = program::run(&["profiles", profile.name]);
        assert_eq!((code, page.as_str()), (Some(0), profile.text));
        let told = &all["profiles"][n];
        assert_eq!(
            (&told["name"], &told["settings"]),
            (&json!(profile.name), &profile.settings())
        );
    }
    let (code, one, _) = program::run(&["profiles", "slack", "--format", "json"]);
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(
        (code, &one["settings"]["default_page_size"]),
        (Some(0), &json!(10))
    );
    assert_eq!(
        one["settings"]["faults"][0]["Fault"]["then"],
        json!({"RateLimit": {"limit": 1000, "per_s": 60}})
    );
    let (code, out, told) = program::run(&["profiles", "slak"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(told.contains("did you mean `slack`?"), "{told}");
}

//! What is found out about the provider, each with the exchange that shows it.

use super::{Session, group, user};
use scimulate::exchange::Body;
use serde_json::{Value, json};

const TWO: &str = r#"users: [
    {"id": "1", "userName": "ann", "displayName": "Ann", "name": {"givenName": "A", "familyName": "N"}, "active": true, "title": "a"},
    {"id": "2", "userName": "bob", "displayName": "Bob", "name": {"givenName": "B", "familyName": "O"}, "active": true},
]"#;

/// A session with a provider of these settings is explained by a scenario that has these lines.
#[track_caller]
fn check(provider: &str, session: impl Fn(&mut Session), lines: &[&str]) {
    let mut it = Session::of(provider, TWO);
    session(&mut it);
    let scenario = it.explained();
    for line in lines {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            squeezed(&scenario).contains(&squeezed(line)),
            "{line}\n{scenario}"
        );
    }
}

#[test]
fn what_a_patch_is_answered_with() {
    let rename = json!([{"op": "replace", "path": "title", "value": "b"}]);
    let session = |it: &mut Session| {
        it.patch("/Users/1", rename.clone());
    };
    check(
        "patch_response: NoContent",
        session,
        &["patch_response: NoContent, // exchange 1: 204"],
    );
    check(
        "",
        session,
        &["patch_response: Resource, // exchange 1: 200 and the resource"],
    );
}

#[test]
fn how_large_a_page_is() {
    let session = |it: &mut Session| {
        it.get("/Users");
        it.get("/Users?count=7");
        it.get("/Users?filter=userName eq \"nobody\"");
    };
    check(
        "default_page_size: 1, filter_max_results: 1, empty_list: Omit",
        session,
        &[
            "default_page_size: 1, // exchange 1: 1 of 2 without `count`",
            "filter_max_results: 1, // exchange 2: 1 of 2 where 7 are asked for",
            "empty_list: Omit, // exchange 3: no `Resources` where there are none",
        ],
    );
}

#[test]
fn how_errors_look() {
    let session = |it: &mut Session| {
        it.get("/Users/3");
        it.ask("POST", "/Users", user("ann"));
    };
    check(
        "error_status: Number, uniqueness: BadRequest",
        session,
        &[
            "error_status: Number, // exchange 1: `status` is 404",
            "uniqueness: BadRequest, // exchange 2: 400 for a name that is taken",
        ],
    );
    check(
        r#"error_body: {"code": "{status}", "message": "{detail}"}"#,
        session,
        &[
            r#"error_body: {"code": "{status}", "message": "{detail}"}, // exchange 1: an error in an object of the provider's own"#,
        ],
    );
}

#[test]
fn versions_headers_and_media_types() {
    let session = |it: &mut Session| {
        it.get("/Users/1");
        it.get("/Groups");
    };
    check(
        "etag: false, location: Location, media_type: Json, charset: true",
        session,
        &[
            "etag: false, // exchange 1: no ETag, no `meta.version`",
            "location: Location, // exchange 1: `Location` names what is read",
            "media_type: Json, // exchange 1: application/json; charset=utf-8, whatever the client accepts",
            "charset: true, // exchange 1: application/json; charset=utf-8",
        ],
    );
}

#[test]
fn filters_that_are_refused() {
    let session = |it: &mut Session| {
        it.get("/Users?filter=userName eq \"ann\"");
        it.get("/Users?filter=userName sw \"a\"");
        it.get("/Users?filter=title eq \"a\"");
    };
    check(
        "filter_operators: [Eq]",
        session,
        &["filter_operators: [Eq], // explains exchange 2"],
    );
    check(
        r#"filter_attributes: ["User.userName"]"#,
        session,
        &[r#"filter_attributes: ["User.userName"], // explains exchange 3"#],
    );
    check(
        r#"filter_attributes: ["User.userName"], filter_refused: NoResults"#,
        session,
        &["filter_refused: NoResults"],
    );
}

#[test]
fn users_that_stay_when_they_are_deleted_and_go_when_they_are_not_active() {
    let deleted = |it: &mut Session| {
        it.ask("DELETE", "/Users/1", Value::Null);
        it.get("/Users/1");
    };
    check(
        "delete: Deactivate",
        deleted,
        &["delete: Deactivate, // explains exchange 2"],
    );
    let deactivated = |it: &mut Session| {
        it.patch(
            "/Users/1",
            json!([{"op": "replace", "path": "active", "value": false}]),
        );
        it.get("/Users/1");
    };
    check(
        "deactivate: Remove",
        deactivated,
        &["deactivate: Remove, // explains exchange"],
    );
}

#[test]
fn methods_that_are_not_offered() {
    let session = |it: &mut Session| {
        it.ask("PUT", "/Users/1", user("ann"));
        it.ask("DELETE", "/Users/1", Value::Null);
        it.get("/Users/1");
    };
    check(
        r#"not_offered: ["PUT /Users", "DELETE /Users"], not_offered_as: NotImplemented"#,
        session,
        &[
            "not_offered: [",
            r#""PUT /Users""#,
            r#""DELETE /Users""#,
            "not_offered_as: NotImplemented",
        ],
    );
}

#[test]
fn names_that_are_unique_and_attributes_that_are_required() {
    let session = |it: &mut Session| {
        it.ask("POST", "/Groups", group("Team", &[]));
        it.ask("POST", "/Groups", group("Team", &[]));
    };
    check(
        r#"unique: ["Group.displayName"]"#,
        session,
        &[r#"unique: ["Group.displayName"], // explains exchange 2"#],
    );
    let session = |it: &mut Session| {
        let mut nameless = user("dave");
        nameless.as_object_mut().unwrap().remove("displayName");
        it.ask("POST", "/Users", user("carol"));
        it.ask("POST", "/Users", nameless);
    };
    check(
        r#"required: ["User.displayName"]"#,
        session,
        &[r#"required: ["User.displayName"], // explains exchange 2"#],
    );
}

#[test]
fn members_that_are_written_and_never_read() {
    let session = |it: &mut Session| {
        let made = it.ask("POST", "/Groups", group("Team", &["1", "2"]));
        it.get(&format!("/Groups/{}", made["id"].as_str().unwrap()));
    };
    check(
        r#"never_returned: ["Group.members"]"#,
        session,
        &[r#"never_returned: ["Group.members"], // explains exchanges 1, 2"#],
    );
}

#[test]
fn quotas() {
    let session = |it: &mut Session| {
        for _ in 0..4 {
            it.get("/Users/1");
        }
    };
    let quota = r#"faults: [Fault(on: (method: "GET"), then: RateLimit(limit: 3, per_s: 60))]"#;
    check(
        quota,
        session,
        &["then: RateLimit(limit: 3, per_s: 60)), // explains exchange 4"],
    );
}

#[test]
fn ids_that_count() {
    let mut it = Session::with(r#"Scenario(ids: Sequential("{type}-{n}"))"#);
    it.user("ann");
    let scenario = it.explained();
    assert!(
        scenario.contains(r#"ids: Sequential("{type}-{n}"), // exchange 1: `user-1`"#),
        "{scenario}"
    );
}

#[test]
fn credentials_where_others_are_refused() {
    let bearing = |token: &str| format!("Bearer {token}");
    let (good, bad) = ("{secret:bearer:11111111}", "{secret:bearer:22222222}");
    let mut it = Session::with(&format!("Scenario(auth: [Bearer({good:?})])"));
    it.ask_with(
        "GET",
        "/Users",
        &[("authorization", &bearing(good))],
        Value::Null,
    );
    it.ask_with(
        "GET",
        "/Users",
        &[("authorization", &bearing(bad))],
        Value::Null,
    );
    let scenario = it.explained();
    assert!(
        scenario.contains(r#"auth: [Bearer("{secret:bearer:11111111}")],"#),
        "{scenario}"
    );
    assert!(
        scenario.contains("Others are refused (exchange 2)."),
        "{scenario}"
    );
}

#[test]
fn the_profile_that_explains_most() {
    let session = |it: &mut Session| {
        it.ask(
            "POST",
            "/Users",
            json!({"userName": "eve", "displayName": "E"}),
        );
        it.ask("POST", "/Users", user("carol"));
        it.ask("POST", "/Groups", group("Team", &["1"]));
        it.ask("POST", "/Groups", group("Team", &[]));
        it.get("/Groups");
        it.ask("PUT", "/Groups/1", group("Team", &[]));
        it.get("/Users?filter=userName sw \"a\"");
        it.get("/Me");
        it.get("/Users?filter=userName eq \"ann\"");
        let two = json!([{"value": "a@b.example"}, {"value": "c@d.example"}]);
        it.patch(
            "/Users/1",
            json!([{"op": "add", "path": "emails", "value": two}]),
        );
    };
    check(
        "profile: \"aws-identity-center\"",
        session,
        &["profile: \"aws-identity-center\", // explains exchange"],
    );
}

#[test]
fn what_meta_lacks_is_said_where_no_setting_takes_it_away() {
    let mut it = Session::of("", TWO);
    it.get("/Users/1");
    if let Body::Json(body) = &mut it.recorded[0].1.response.body {
        body["meta"].as_object_mut().unwrap().remove("created");
    }
    let scenario = it.explained();
    assert!(
        scenario.contains("// `meta` has no created (exchange 1); here it has all the same"),
        "{scenario}"
    );
}

//! Profiles of real service providers: each page is clean and cites its sources, and each has the quirks for which it is known.

mod platforms;
mod teamwork;

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
        let asked = body.as_ref().map_or(String::new(), Value::to_string);
        let said = format!("{profile}: {method} {target} {asked}: {}", answer.text());
        assert_eq!(answer.status, *status, "{said}");
        for (pointer, expected) in *members {
            let expected: Value = serde_json::from_str(expected).unwrap();
            let found = answer.json().pointer(pointer).cloned().unwrap_or_default();
            assert_eq!(found, expected, "{pointer} of {said}");
        }
    }
}

fn deactivation() -> Value {
    op("replace", "active", json!(false))
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

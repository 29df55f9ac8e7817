//! Profiles of what a provider should be: each serves and answers as its name promises; fields of the scenario win over it. Those of
//! what real ones are stand in `profiles`.

use super::{USER, user};
use crate::scenario::{clean, loaded};
use crate::support::sp::{Answer, Sp};
use serde_json::{Value, json};

fn sp(provider: &str) -> Sp {
    Sp::with(&format!(
        r#"Scenario(auth: [Bearer("secret-token")], provider: Provider({provider}),
            users: [{{"id": "u1", "userName": "u1", "name": {{"givenName": "A", "familyName": "B"}}}}],
            groups: [{{"id": "g1", "displayName": "Staff", "members": ["u1"]}}])"#
    ))
}

fn of(profile: &str) -> Sp {
    sp(&format!("profile: {profile:?}"))
}

const IDEALS: [&str; 4] = ["rfc", "interop", "okta-ready", "entra-ready"];

#[test]
fn the_rfc_is_what_a_provider_without_a_profile_is_by_the_letter() {
    let rfc = clean(r#"Scenario(provider: Provider(profile: "rfc"))"#).provider;
    let letter = clean("Scenario(provider: Provider(strictness: Strict))").provider;
    assert_eq!(
        (rfc.choices, rfc.leniencies()),
        (letter.choices, letter.leniencies())
    );
    assert_eq!(
        (rfc.features, rfc.strictness),
        (letter.features, letter.strictness)
    );
}

/// What any client does with any provider.
#[test]
fn every_profile_serves() {
    for name in IDEALS {
        let sp = of(name);
        let id = sp.create("/Users", user("new", json!({"title": "t"})));
        let place = format!("/Users/{id}");
        assert_eq!(sp.get(&place).json()["title"], "t", "{name}");
        let found = sp.get(r#"/Users?filter=userName eq "NEW""#).json();
        assert_eq!(found["totalResults"], 1, "{name}");
        let changed = sp.patch(
            &place,
            json!({"op": "replace", "path": "title", "value": "u"}),
        );
        assert!(
            [200, 204].contains(&changed.status),
            "{name}: {}",
            changed.text()
        );
        assert_eq!(sp.get(&place).json()["title"], "u", "{name}");
        assert_eq!(sp.put(&place, user("new", json!({}))).status, 200, "{name}");
        let add = json!({"op": "add", "path": "members", "value": [{"value": id}]});
        assert!(sp.patch("/Groups/g1", add).status < 300, "{name}");
        assert_eq!(sp.get(&place).json()["groups"][0]["value"], "g1", "{name}");
        assert_eq!(
            sp.post("/Users", user("new", json!({}))).verdict(),
            "409 uniqueness",
            "{name}"
        );
        assert_eq!(sp.delete(&place).status, 204, "{name}");
        assert_eq!(sp.get(&place).verdict(), "404", "{name}");
        for document in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
            assert_eq!(sp.get(document).status, 200, "{name} {document}");
        }
    }
}

/// A request, and its verdict from each profile in the order of the table.
fn check(ask: impl Fn(&Sp) -> Answer, expected: [&str; 4]) {
    let found: Vec<String> = IDEALS.iter().map(|name| ask(&of(name)).verdict()).collect();
    assert_eq!(found, expected);
}

fn patch(place: &'static str, operation: Value) -> impl Fn(&Sp) -> Answer {
    move |sp| sp.patch(place, operation.clone())
}

#[test]
fn profiles_differ_where_their_sources_do() {
    // Okta repeats the id, and others of what is readOnly, without a path.
    check(
        patch(
            "/Groups/g1",
            json!({"op": "replace", "value": {"id": "g1", "displayName": "S"}}),
        ),
        ["200", "400 invalidSyntax", "200", "204"],
    );
    check(
        patch(
            "/Users/u1",
            json!({"op": "replace", "value": {"groups": []}}),
        ),
        [
            "400 mutability",
            "400 invalidSyntax",
            "200",
            "400 mutability",
        ],
    );
    // Entra ID without its flag, and with it.
    check(
        patch(
            "/Users/u1",
            json!({"op": "Replace", "path": "active", "value": "False"}),
        ),
        ["400 invalidValue", "400 invalidValue", "200", "204"],
    );
    let work = json!({"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x"});
    check(
        patch("/Users/u1", work),
        ["400 noTarget", "400 noTarget", "200", "204"],
    );
    let work = json!({"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@x"});
    check(
        patch("/Users/u1", work),
        ["400 noTarget", "400 noTarget", "400 noTarget", "204"],
    );
    check(
        patch(
            "/Groups/g1",
            json!({"op": "Remove", "path": "members", "value": [{"value": "u1"}]}),
        ),
        ["400 invalidValue", "400 invalidValue", "200", "204"],
    );
    check(
        |sp| sp.get("/Users?filter=userName eq u1"),
        [
            "400 invalidFilter",
            "400 invalidFilter",
            "400 invalidFilter",
            "200",
        ],
    );
    let group = "urn:ietf:params:scim:schemas:core:2.0:Group";
    check(
        |sp| {
            sp.post(
                "/Groups",
                json!({"schemas": [group], "displayName": "staff"}),
            )
        },
        ["201", "201", "409 uniqueness", "409 uniqueness"],
    );
    check(
        |sp| sp.post("/Users", user("new", json!({"shoeSize": 43}))),
        ["400 invalidSyntax", "400 invalidSyntax", "201", "201"],
    );
    let name = json!({"op": "replace", "path": "name", "value": {"givenName": "C"}});
    for (profile, kept) in [("rfc", true), ("interop", false)] {
        let after = of(profile).patch("/Users/u1", name.clone()).json();
        assert_eq!(after["name"].get("familyName").is_some(), kept, "{profile}");
    }
}

#[test]
fn what_a_scenario_says_wins_over_its_profile() {
    let lenient = sp(r#"profile: "rfc", strictness: Lenient, unknown_attributes: Ignore"#);
    let odd = json!({"userName": "new", "shoeSize": 43});
    assert_eq!(lenient.post("/Users", odd.clone()).status, 201);
    let entra = r#"profile: "entra-ready""#;
    let title = json!({"op": "replace", "path": "title", "value": "t"});
    assert_eq!(sp(entra).patch("/Users/u1", title.clone()).status, 204);
    let body = sp(&format!("{entra}, patch_response: Resource"));
    assert_eq!(body.patch("/Users/u1", title).status, 200);
    // What is accepted by the profile is refused by name, and the rest of its list stays.
    let refusing = sp(&format!(r#"{entra}, refuse: ["filter_unquoted"]"#));
    assert_eq!(
        refusing.get("/Users?filter=userName eq u1").verdict(),
        "400 invalidFilter"
    );
    let work = json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x"});
    assert_eq!(refusing.patch("/Users/u1", work).status, 204);
    let keeping = sp(r#"profile: "rfc", unknown_attributes: Keep"#);
    let kept = keeping.post(
        "/Users",
        json!({"schemas": [USER], "userName": "new", "shoeSize": 43}),
    );
    assert_eq!(kept.json()["shoeSize"], 43, "{}", kept.text());
}

#[test]
fn a_profile_makes_unique_what_the_types_of_the_scenario_have() {
    let text = r#"Scenario(provider: Provider(profile: "okta-ready"),
        schemas: [{"id": "urn:ietf:params:scim:schemas:core:2.0:Group", "name": "Group", "attributes": [{"name": "label", "type": "string"}]}])"#;
    let (scenario, diagnostics) = loaded(text);
    assert!(
        scenario.is_some() && diagnostics.is_empty(),
        "{diagnostics:?}"
    );
}

//! Scenarios of several files: what `extends` lays over what, and files that hold resources.

use crate::support::client::Client;
use crate::support::program::{Program, save};
use scimulate::clock::Clock;
use scimulate::scenario::{Entry, Scenario, draft, load, read};
use scimulate::scim::Strictness;
use scimulate::scim::discovery::Pagination;
use scimulate::service::Tenant;
use serde_json::{Value, json};
use std::path::Path;

/// The scenario that these files make, the first of which extends the others.
#[track_caller]
fn scenario(files: &[(&str, &str)]) -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let path = folder.path().join(files[0].0);
    let (scenario, diagnostics) = load(&path, &read(&path).unwrap());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let scenario = scenario.unwrap();
    Tenant::build(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    scenario
}

fn names(entries: &[Entry]) -> Vec<Value> {
    let name = |it: &Entry| {
        let value = it.value();
        value.get("userName").or(value.get("displayName")).cloned()
    };
    entries.iter().filter_map(name).collect()
}

#[test]
fn fields_that_are_given_win_and_the_others_stay() {
    let it = scenario(&[
        (
            "a.ron",
            r#"Scenario(extends: "base.ron", seed: 2, clock: System)"#,
        ),
        (
            "base.ron",
            r#"Scenario(seed: 1, clock: Fixed("2026-01-01T00:00:00Z"), on_reload: Keep)"#,
        ),
    ]);
    assert_eq!(
        (it.name.as_str(), it.seed, it.clock),
        ("a", 2, Clock::System)
    );
    assert_eq!(it.on_reload, scimulate::scenario::OnReload::Keep);
    let it = scenario(&[
        ("a.ron", r#"Scenario(extends: "base.ron", seed: null)"#),
        ("base.ron", "Scenario(seed: 1)"),
    ]);
    assert_eq!(it.seed, 1);
}

#[test]
fn a_provider_is_laid_over_field_by_field() {
    let it = scenario(&[
        (
            "a.ron",
            r#"Scenario(extends: "base.ron", provider: (sort: true, accept: ["link_text"], bulk: Bulk(max_operations: 3), pagination: [Cursor]))"#,
        ),
        (
            "base.ron",
            r#"Scenario(provider: Provider(strictness: Strict, sort: false, etag: false, accept: ["boolean_text"],
                bulk: Bulk(max_operations: 9, max_payload_bytes: 5000), pagination: [Index]))"#,
        ),
    ]);
    let features = &it.provider.features;
    assert_eq!(it.provider.strictness, Strictness::Strict);
    assert_eq!((features.sort, features.etag), (true, false));
    assert_eq!(it.provider.accept.len(), 2);
    let bulk = features.bulk.unwrap();
    assert_eq!((bulk.max_operations, bulk.max_payload_bytes), (3, 5000));
    assert_eq!(features.pagination, [Pagination::Cursor]);
}

#[test]
fn lists_are_appended_to_those_below() {
    let it = scenario(&[
        (
            "a.ron",
            r#"Scenario(extends: "lib/base.ron", auth: [Bearer("a")], users: [{"userName": "ann"}], groups: [{"displayName": "G", "members": ["ann", "bob", "cy"]}],
                resources: {"User": [{"userName": "r2"}], "Group": [{"displayName": "R"}]})"#,
        ),
        (
            "lib/base.ron",
            r#"Scenario(extends: "../root.ron", auth: [Bearer("b")], users: [{"userName": "bob"}], resources: {"User": [{"userName": "r1"}]})"#,
        ),
        (
            "root.ron",
            r#"Scenario(auth: [Bearer("c")], users: "cy.json")"#,
        ),
        ("cy.json", r#"[{"userName": "cy"}]"#),
    ]);
    assert_eq!(names(&it.users), ["cy", "bob", "ann"]);
    assert_eq!(names(&it.groups), ["G"]);
    assert_eq!(it.auth.len(), 3);
    let resources: Vec<_> = it
        .resources
        .iter()
        .map(|(kind, list)| (*kind, names(list)))
        .collect();
    assert_eq!(
        resources,
        [(0, vec![json!("r1"), json!("r2")]), (1, vec![json!("R")])]
    );
}

#[test]
fn an_empty_scenario_may_extend_and_be_extended() {
    let it = scenario(&[
        ("a.ron", r#"(extends: "b.ron")"#),
        ("b.ron", r#"Scenario(extends: "c.ron")"#),
        ("c.ron", "Scenario()"),
    ]);
    assert!(it.users.is_empty());
}

#[test]
fn files_are_relative_to_the_file_that_names_them() {
    let it = scenario(&[
        (
            "a.ron",
            r#"Scenario(extends: "lib/base.ron", users: ["more.ndjson", {"userName": "own"}])"#,
        ),
        ("lib/base.ron", r#"Scenario(users: ["users.json"])"#),
        (
            "lib/users.json",
            "\u{feff} [ {\"userName\": \"a\"}\r\n, {\"userName\": \"b\"} ]\n",
        ),
        (
            "more.ndjson",
            "\n{\"userName\": \"c\"}\r\n\n{\n  \"userName\": \"d\",\n  \"name\": {\"givenName\": \"D\"}\n}\n{\"userName\": \"e\"}",
        ),
    ]);
    assert_eq!(names(&it.users), ["a", "b", "c", "d", "e", "own"]);
    assert_eq!(it.users[3].value()["name"], json!({"givenName": "D"}));
    for empty in ["", "\n", "[]", " [ ] "] {
        let it = scenario(&[("a.ron", r#"Scenario(users: "u.json")"#), ("u.json", empty)]);
        assert!(it.users.is_empty(), "{empty:?}");
    }
}

#[test]
fn a_schema_that_a_base_names_is_relative_to_the_base() {
    let schema = r#"{"id": "urn:example:Car", "name": "Car", "attributes": [{"name": "plate", "type": "string"}]}"#;
    let it = scenario(&[
        (
            "a.ron",
            r#"Scenario(extends: "lib/base.ron", resources: {"Car": "cars.ndjson"})"#,
        ),
        (
            "lib/base.ron",
            r#"Scenario(schemas: ["car.json"], resource_types: [ResourceType(name: "Car", schema: "urn:example:Car")])"#,
        ),
        ("lib/car.json", schema),
        (
            "cars.ndjson",
            "{\"plate\": \"X 1\"}\n{\"plate\": \"X 2\"}\n",
        ),
    ]);
    assert_eq!(it.resources[0].1.len(), 2);
}

/// What a schema refuses is shown in the file that holds it, and so are members that name nobody.
#[test]
fn a_refusal_points_into_the_file_that_holds_the_resource() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ron");
    std::fs::write(
        folder.path().join("u.ndjson"),
        "{\"userName\": \"é\"}\n{\"userName\": \"b\", \"active\": [1]}\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("g.json"),
        "[\n  {\"displayName\": \"G\", \"members\": [\"é\", \"x\"]}\n]",
    )
    .unwrap();
    let found = draft(&path, r#"Scenario(users: "u.ndjson", groups: "g.json")"#);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    assert_eq!(found.files.len(), 2);
    let wrong = Tenant::build(&found.scenario.unwrap()).unwrap_err();
    let places: Vec<_> = wrong
        .iter()
        .map(|it| {
            (
                Path::new(it.path()).file_name().unwrap().to_str().unwrap(),
                it.line(),
                it.column(),
            )
        })
        .collect();
    assert_eq!(places, [("u.ndjson", 2, 19), ("g.json", 2, 41)]);
    assert!(
        wrong[0]
            .to_string()
            .contains("2 | {\"userName\": \"b\", \"active\": [1]}"),
        "{}",
        wrong[0]
    );
}

#[test]
fn bases_and_files_of_resources_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("lib")).unwrap();
    save(&at("a.ron"), r#"Scenario(extends: "lib/base.ron")"#);
    save(
        &at("lib/base.ron"),
        r#"Scenario(users: ["users.ndjson", {"userName": "base"}])"#,
    );
    save(&at("lib/users.ndjson"), "{\"userName\": \"one\"}\n");
    let program = Program::start(&["serve", "--log", "off", at("a.ron").to_str().unwrap()]);
    let mut client = Client::new(program.address(), "");
    let mut users = || {
        let list = client.get("/scim/v2/Users?attributes=userName").json();
        let names = list["Resources"].as_array().unwrap().iter();
        names
            .map(|it| it["userName"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(users(), "one base");
    save(
        &at("lib/users.ndjson"),
        "{\"userName\": \"one\"}\n{\"userName\": \"two\"}\n",
    );
    program.says("reloaded");
    assert_eq!(users(), "one two base");
    save(
        &at("lib/base.ron"),
        r#"Scenario(users: [{"userName": "other"}]"#,
    );
    let said = program.says("stays as it was");
    assert!(said.contains("lib/base.ron:1:9"), "{said}");
    assert_eq!(users(), "one two base");
    save(
        &at("lib/base.ron"),
        r#"Scenario(users: [{"userName": "other"}])"#,
    );
    program.says("reloaded");
    assert_eq!(users(), "other");
    // It is not named any more.
    save(&at("lib/users.ndjson"), "{");
    save(
        &at("a.ron"),
        r#"Scenario(extends: "lib/base.ron", users: [{"userName": "own"}])"#,
    );
    program.says("reloaded");
    assert_eq!(users(), "other own");
}

//! Tenants made of the text of a scenario, which reaches no file.

use super::*;
use crate::support::program::{run, save};

fn sent(text: &str, name: &str) -> Value {
    json!({"scenario": text, "name": name})
}

#[test]
fn a_text_is_a_tenant_and_a_reset_is_back_to_it() {
    let server = Server::new("Scenario()");
    let text = r#"Scenario(users: [{"userName": "ann"}], faults: [Fault(on: (tenant: "mine", method: "DELETE"), then: Outage)],
        schemas: [{"id": "urn:test:Device", "name": "Device", "attributes": [{"name": "model", "type": "string"}]}],
        resource_types: [ResourceType(name: "Device", endpoint: "/Devices", schema: "urn:test:Device")],
        resources: {"Device": [{"model": "7"}]}, population: Population(users: 3))"#;
    let made = server.must("POST", "/tenants", sent(text, "mine"));
    assert_eq!(made.status, 201);
    let url = "http://sp.test/mine/scim/v2";
    assert_eq!(made.json(), json!({"name": "mine", "scim": url}));
    assert_eq!(made.headers["location"], url);
    let first = server.users("/mine/scim/v2");
    assert_eq!((first.len(), first[0].as_str()), (4, "ann"));
    let devices = server.scim("GET", "/mine/scim/v2/Devices", Value::Null);
    assert_eq!(devices.json()["totalResults"], 1);
    assert_eq!(
        server
            .scim("DELETE", "/mine/scim/v2/Users/1", Value::Null)
            .status,
        503
    );
    server.create("/mine/scim/v2", "bob");
    server.must("POST", "/tenants/mine/reset", Value::Null);
    assert_eq!(server.users("/mine/scim/v2"), first);
    // It is a file's as little as a fork is, and can be forked.
    assert!(!server.tenants.follows("mine"));
    assert_eq!(
        server
            .ask("POST", "/tenants/mine/reload", Value::Null)
            .status,
        409
    );
    server.must("POST", "/tenants", json!({"fork": "mine", "name": "fork"}));
    assert_eq!(server.users("/fork/scim/v2"), first);
}

#[test]
fn a_text_without_a_name_is_given_one() {
    let server = Server::new("Scenario()");
    server.must("POST", "/tenants", sent("Scenario()", "tenant-1"));
    let made = server.must("POST", "/tenants", json!({"scenario": "Scenario()"}));
    assert_eq!(made.json()["name"], "tenant-2");
}

/// Every way to name a file, there or not, from outside and from within.
#[test]
fn a_text_reaches_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ron");
    save(&file, r#"Scenario(users: [{"userName": "the-secret"}])"#);
    let list = folder.path().join("list.json");
    save(&list, r#"[{"userName": "the-secret"}]"#);
    let broken = folder.path().join("broken.json");
    save(&broken, "the-secret");
    let server = Server::new("Scenario()");
    let missing = folder.path().join("missing").display().to_string();
    let files = [&file, &list, &broken].map(|it| it.display().to_string());
    for path in files.iter().chain([
        &missing,
        &"/etc/passwd".to_owned(),
        &"mine.ron".to_owned(),
        &String::new(),
    ]) {
        for text in [
            format!("Scenario(extends: {path:?})"),
            format!("Scenario(extends: {path:?}, users: [{{\"userName\": \"x\"}}])"),
            format!("Scenario(extends: Some({path:?}))"),
            format!("Scenario(schemas: [{path:?}])"),
            format!("Scenario(users: {path:?})"),
            format!("Scenario(users: [{path:?}])"),
            format!("Scenario(groups: {path:?})"),
            format!("Scenario(groups: [{path:?}])"),
            format!("Scenario(resources: {{\"User\": {path:?}}})"),
            format!("Scenario(resources: {{\"User\": [{path:?}]}})"),
        ] {
            let answer = server.ask("POST", "/tenants", sent(&text, "mine"));
            assert_eq!(answer.status, 400, "{text}");
            let told = answer.problem();
            assert!(!told.contains("the-secret"), "{told}");
            assert!(
                !told.contains("cannot read") && !told.contains("circle"),
                "{told}"
            );
            let diagnostics = &answer.json()["diagnostics"];
            let titles: Vec<_> = diagnostics
                .as_array()
                .unwrap()
                .iter()
                .map(|it| &it["title"])
                .collect();
            assert!(
                titles.contains(&&json!("a scenario that comes as text names no files")),
                "{text}: {titles:?}"
            );
        }
    }
    assert_eq!(server.tenants.iter().count(), 1);
}

/// The same is said of a text as of a file that holds it.
#[test]
fn what_is_wrong_with_a_text_is_told_as_check_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario");
    let server = Server::new("Scenario()");
    for text in [
        "Scenario(user: [])",
        "",
        "Scenario(users: [{\"userName\": 7}, {\"displayName\": \"x\"}],\n groups: [{\"displayName\": \"g\", \"members\": [\"nobody\"]}])",
        "Scenario(faults: [Fault(on: 1)], seed: -1",
        "Scenario(auth: [Bearer(\"hunter2\" 7)])",
    ] {
        save(&file, text);
        let (code, out, _) = run(&["check", "--format", "json", file.to_str().unwrap()]);
        assert_eq!(code, Some(3), "{text}");
        let mut expected = serde_json::from_str::<Value>(&out).unwrap()["findings"].clone();
        for finding in expected.as_array_mut().unwrap() {
            finding["file"] = "scenario".into();
        }
        let answer = server.ask("POST", "/tenants", sent(text, "mine"));
        assert_eq!(answer.status, 400, "{text}");
        assert_eq!(answer.json()["diagnostics"], expected, "{text}");
        assert!(!answer.problem().contains("hunter2"));
    }
}

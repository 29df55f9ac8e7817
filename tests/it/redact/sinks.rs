//! One request with every kind of secret goes through `record` to `serve`; none is in any place that somebody could read.

use crate::support::client::Client;
use crate::support::program::Program;
use scimulate::exchange::redact::check::Needles;
use std::fs;
use tempfile::TempDir;

const SECRETS: [&str; 5] = [
    "b3arer-t0ken-of-tests",
    "t1meMa$heen-99",
    "c00kie-v4lue-77",
    "cl1ent-s3cret-55",
    "qu3ry-t0ken-33",
];

#[track_caller]
fn holds_none(sink: &str, text: &str) {
    assert!(!text.is_empty(), "{sink} says something");
    let found = Needles::of(&SECRETS.join("\n")).find(text);
    assert!(found.is_empty(), "{sink}: {found:?} in {text}");
}

#[test]
fn no_secret_is_on_the_disk_in_a_log_the_journal_the_control_api_or_the_metrics() {
    let [token, password, cookie, client_secret, in_query] = SECRETS;
    let folder = TempDir::new().unwrap();
    let scenario = folder.path().join("acme.ron");
    fs::write(&scenario, format!("Scenario(auth: [Bearer({token:?})])")).unwrap();
    let mut serve = Program::start(&[
        "serve",
        scenario.to_str().unwrap(),
        "--log",
        "on",
        "--control",
        "127.0.0.1:0",
    ]);
    let out = folder.path().join("recording");
    let mut record = Program::start(&[
        "record",
        "--upstream",
        serve.base(),
        "--out",
        out.to_str().unwrap(),
        "--redact",
        "pii",
        "--log",
        "on",
    ]);
    let mut client = Client::new(
        record.address(),
        &format!("{token}\r\ncookie: session={cookie}\r\nx-client-secret: {client_secret}"),
    );
    let body = serde_json::json!({"userName": "bjensen@example.com", "password": password, "nickName": format!("not {password}")});
    let made = client.send(
        "POST",
        &format!("/scim/v2/Users?client_secret={in_query}"),
        &body.to_string(),
    );
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let patch = serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "password", "value": password}]});
    assert!(
        client
            .send("PATCH", &format!("/scim/v2/Users/{id}"), &patch.to_string())
            .status
            < 300
    );
    let filter = format!(
        "/scim/v2/Users?filter=password%20eq%20%22{}%22",
        password.replace('$', "%24")
    );
    client.get(&filter);

    let mut control = Client::new(serve.control(), "");
    for path in [
        "/tenants/acme/journal",
        "/tenants/acme/journal/latest",
        "/metrics",
        "/health",
        "/tenants",
    ] {
        holds_none(path, &control.get(path).body);
    }
    for file in fs::read_dir(&out).unwrap() {
        let path = file.unwrap().path();
        holds_none(path.to_str().unwrap(), &fs::read_to_string(&path).unwrap());
    }
    assert_eq!(
        fs::read_dir(&out).unwrap().count(),
        3 + 3,
        "three exchanges, what is said of them, the key and what hides it"
    );
    let text = fs::read_dir(&out)
        .unwrap()
        .map(|it| fs::read_to_string(it.unwrap().path()).unwrap())
        .collect::<String>();
    assert!(!text.contains("jensen"), "{text}");
    for (name, program) in [("serve", &mut serve), ("record", &mut record)] {
        program.signal("TERM");
        assert!(program.wait().success());
        holds_none(name, &program.said());
    }
}

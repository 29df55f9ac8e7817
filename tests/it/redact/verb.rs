//! `scimulate redact`: a recording is redacted in place or beside, `--check` finds what is left, and replay still answers the client.

use super::{KEY, exchange, pairs};
use crate::support::client::Client;
use crate::support::program::{Program, command, run};
use scimulate::exchange::{Folder, Recording};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A recording of an older version: people as they are, a secret that was missed.
fn recording() -> TempDir {
    let folder = TempDir::new().unwrap();
    let about = Recording {
        upstream: "https://sp.example/v2".into(),
        redaction: "secrets".into(),
        ..Recording::default()
    };
    let writes = Folder::open(folder.path(), &about).unwrap();
    let body = json!({"userName": "bjensen@example.com", "password": "t1meMa$heen"});
    let mut made = exchange(
        "POST",
        "/Users",
        body,
        json!({"id": "7", "userName": "bjensen@example.com"}),
    );
    made.request.headers = pairs(&[("content-type", "application/scim+json")]);
    made.response.status = 201;
    let mut read = exchange(
        "GET",
        "/Users",
        Value::Null,
        json!({"totalResults": 0, "Resources": []}),
    );
    read.request.query = pairs(&[("filter", "userName eq \"bjensen@example.com\"")]);
    for exchange in [made, read] {
        writes.write(writes.next_number(), &exchange).unwrap();
    }
    folder
}

fn all(folder: &Path) -> String {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

#[track_caller]
fn runs(arguments: &[&str], code: i32, says: &[&str]) -> String {
    let (found, out, err) = run(arguments);
    assert_eq!(found, Some(code), "{out}{err}");
    for part in says {
        assert!(
            out.contains(part) || err.contains(part),
            "{part:?} in {out}{err}"
        );
    }
    assert!(!format!("{out}{err}").contains("jensen"), "{out}{err}");
    out
}

#[test]
fn a_recording_is_redacted_in_place_and_checked() {
    let folder = recording();
    let dir = folder.path().to_str().unwrap();
    runs(
        &["redact", dir, "--check"],
        1,
        &[
            "0001-POST-Users-200.json".replace("200", "201").as_str(),
            "secret (password)",
            "1 left",
        ],
    );
    runs(
        &["redact", dir],
        0,
        &[
            "0001-POST-Users-201.json: 1 password",
            "1 values replaced in 1 of 2 files (secrets)",
        ],
    );
    runs(
        &["redact", dir, "--check"],
        0,
        &["people stay", "none is left"],
    );
    runs(
        &["redact", dir, "--check", "--redact", "pii"],
        1,
        &["personal value"],
    );
    runs(
        &["redact", dir, "--redact", "pii"],
        0,
        &[
            "2 mail",
            "3 values replaced in 2 of 2 files (secrets and people)",
        ],
    );
    runs(
        &["redact", dir, "--check"],
        0,
        &["secrets and people; for tokens", "none is left"],
    );
    assert!(!all(folder.path()).contains("jensen"));
    let before = all(folder.path());
    runs(&["redact", dir], 0, &["0 values replaced in 0 of 2 files"]);
    assert_eq!(all(folder.path()), before);
    assert_eq!(
        fs::read_to_string(folder.path().join(".gitignore")).unwrap(),
        ".key\n"
    );
    // Whoever has only what was committed checks it all the same.
    fs::remove_file(folder.path().join(".key")).unwrap();
    runs(
        &["redact", dir, "--check"],
        0,
        &["known by their shape", "none is left"],
    );
    runs(
        &["redact", dir],
        2,
        &["was redacted with a key that is not here"],
    );
    runs(
        &["replay", dir],
        2,
        &["was redacted with a key that is not here"],
    );
}

#[test]
fn given_values_are_searched_and_never_repeated() {
    let folder = recording();
    let dir = folder.path().to_str().unwrap();
    let list = TempDir::new().unwrap();
    let values = list.path().join("values");
    fs::write(&values, "bjensen@example.com\nx\n").unwrap();
    let values = values.to_str().unwrap();
    let found = runs(
        &["redact", dir, "--check", "--values", values],
        1,
        &["a given value", "for 1 given values", "1 are shorter"],
    );
    assert!(
        found.lines().any(|line| line.ends_with("a given value")),
        "{found}"
    );
    runs(&["redact", dir, "--redact", "pii"], 0, &[]);
    runs(
        &["redact", dir, "--check", "--values", values],
        0,
        &["none is left"],
    );
}

#[test]
fn a_recording_is_redacted_into_another_folder_with_its_rules_and_key() {
    let folder = recording();
    let dir = folder.path().to_str().unwrap();
    fs::write(
        folder.path().join("redact.ron"),
        "Redact(rules: [Keep(\"userName\"), Secret(\"id\")])",
    )
    .unwrap();
    let before = all(folder.path());
    let other = TempDir::new().unwrap();
    let out = other.path().join("out");
    runs(
        &[
            "redact",
            dir,
            "--redact",
            "pii",
            "--out",
            out.to_str().unwrap(),
        ],
        0,
        &["2 values replaced in 1 of 2 files"],
    );
    assert_eq!(all(folder.path()), before);
    assert!(all(&out).contains("bjensen@example.com") && all(&out).contains("Keep("));
    let (code, _, err) = run(&["redact", dir, "--out", out.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("is not empty"), "{err}");
}

#[test]
fn rules_that_are_wrong_are_said_with_their_place() {
    let folder = recording();
    let dir = folder.path().to_str().unwrap();
    fs::write(
        folder.path().join("redact.ron"),
        "Redact(rules: [Kep(\"userName\")])",
    )
    .unwrap();
    runs(
        &["redact", dir],
        3,
        &["redact.ron:1:16", "did you mean `Keep`?"],
    );
}

#[test]
fn a_key_of_the_environment_is_used_and_kept_nowhere() {
    let folder = recording();
    let dir = folder.path().to_str().unwrap();
    let with = |key: &str| {
        let output = command(&["redact", dir, "--redact", "pii"])
            .env("SCIMULATE_REDACT_KEY", key)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, said) = with("short");
    assert_eq!(code, Some(2));
    assert!(
        said.contains("has 5 characters, expected 16 or more"),
        "{said}"
    );
    assert_eq!(with(KEY).0, Some(0));
    assert!(!folder.path().join(".key").exists());
    assert!(!all(folder.path()).contains(KEY));
    let (code, said) = with("another key for tests");
    assert_eq!(code, Some(2));
    assert!(said.contains("the key does not fit"), "{said}");
}

#[test]
fn a_client_that_sends_what_it_sent_is_answered_from_a_recording_without_people() {
    let folder = recording();
    let dir = folder.path().to_str().unwrap();
    runs(&["redact", dir, "--redact", "pii"], 0, &[]);
    let replay = Program::start(&["replay", dir]);
    let mut client = Client::new(replay.address(), "any");
    let body = r#"{"password": "an0ther-one", "userName": "BJensen@example.com"}"#;
    let made = client.send("POST", "/scim/v2/Users", &body.replace("BJ", "bj"));
    assert_eq!(made.status, 201, "{made:?}");
    assert!(!made.body.contains("jensen"), "{made:?}");
    let filter = "/scim/v2/Users?filter=userName%20eq%20%22bjensen@example.com%22";
    assert_eq!(client.get(filter).status, 200);
    assert_eq!(
        client.get(&filter.replace("bjensen", "another")).status,
        404
    );
}

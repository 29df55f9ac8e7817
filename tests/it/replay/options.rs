//! The flags of `replay`, with the program itself.

use super::exchange;
use crate::support::client::Client;
use crate::support::program::{Program, run, save};
use scimulate::exchange::{Exchange, file};
use scimulate::replay::time;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

fn user(active: bool) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "a", "active": active,
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-02T00:00:00.500Z"}
    })
}

fn write(folder: &Path, exchanges: &[Exchange]) {
    for (n, exchange) in exchanges.iter().enumerate() {
        let name = format!("{:04}-{}.json", n + 1, exchange.request.method);
        save(&folder.join(name), &file::print(exchange));
    }
}

fn recorded() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        &[exchange("GET", "/Users/1", Value::Null, 200, user(true))],
    );
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

fn end(mut program: Program) -> (Option<i32>, String) {
    program.signal("TERM");
    (program.wait().code(), program.rest())
}

#[test]
fn a_miss_has_its_status_its_words_and_exit_code_1() {
    let (_folder, path) = recorded();
    let program = Program::start(&["replay", &path, "--on-miss", "503"]);
    let mut client = Client::new(program.address(), "");
    assert_eq!(client.get("/scim/v2/Users/1").status, 200);
    let miss = client.get("/scim/v2/Users/2");
    assert_eq!(
        (miss.status, miss.json()["status"].clone()),
        (503, json!("503"))
    );
    let health = Client::new(program.control(), "").get("/health").json();
    let missed = &health["recording"]["missed"][0];
    assert_eq!(health["recording"]["misses"], 1);
    assert_eq!(
        (&missed["nearest"], &missed["differences"][0]),
        (&json!(1), &json!("path: sent /Users/2, recorded /Users/1"))
    );
    drop(client);
    let (code, said) = end(program);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("1 request had no recorded answer in"),
        "{said}"
    );
}

#[test]
fn a_replay_that_misses_nothing_is_done() {
    let (_folder, path) = recorded();
    let program = Program::start(&["replay", &path]);
    assert_eq!(
        Client::new(program.address(), "")
            .get("/scim/v2/Users/1")
            .status,
        200
    );
    assert_eq!(end(program).0, Some(0));
}

#[test]
fn what_is_missing_is_asked_of_the_provider_and_recorded_where_that_is_typed() {
    let provider = Program::start(&["serve", "--no-control"]);
    let (folder, path) = recorded();
    let program = Program::start(&[
        "replay",
        &path,
        "--on-miss",
        "forward",
        "--upstream",
        provider.base(),
    ]);
    let mut client = Client::new(program.address(), "demo-token");
    let known = client.get("/scim/v2/Users/1");
    assert_eq!(known.header("scimulate-match"), Some("exact; exchange=1"));
    let asked = client.get("/scim/v2/Users?count=1");
    assert_eq!(
        (asked.status, asked.header("scimulate-match")),
        (200, Some("forwarded; exchange=2"))
    );
    drop(client);
    assert_eq!(end(program).0, Some(0));
    assert!(folder.path().join("0002-GET-Users-200.json").exists());
}

#[test]
fn wrong_flags_say_what_was_expected() {
    let (_folder, path) = recorded();
    let rows: [(&[&str], &str); 6] = [
        (&["--on-miss", "forward"], "--upstream URL"),
        (&["--on-miss", "200"], "a status from 400 to 599"),
        (&["--match", "fuzzy"], "exact, canonical, intent"),
        (
            &["--volatile", "emails["],
            "expected an attribute such as userName",
        ),
        (&["--max-age", "soon"], "30d"),
        (
            &["--max-age", "1d", "--stale", "record"],
            "--on-miss forward",
        ),
    ];
    for (flags, expected) in rows {
        let arguments: Vec<&str> = ["replay", &path]
            .into_iter()
            .chain(flags.iter().copied())
            .collect();
        let (code, _, said) = run(&arguments);
        assert_eq!(code, Some(2), "{flags:?}: {said}");
        assert!(said.contains(expected), "{flags:?}: {said}");
    }
}

#[test]
fn an_old_recording_is_said_to_be_old_or_is_refused() {
    let (_folder, path) = recorded();
    let (code, _, said) = run(&["replay", &path, "--max-age", "1d", "--stale", "error"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains(
            "1 of 1 exchanges are older than --max-age, the oldest is of 2026-01-01T00:00:00Z"
        ),
        "{said}"
    );
    let program = Program::start(&["replay", &path, "--max-age", "1d"]);
    program.says("warning: 1 of 1 exchanges are older");
    assert_eq!(
        Client::new(program.address(), "")
            .get("/scim/v2/Users/1")
            .status,
        200
    );
}

#[test]
fn a_file_that_is_edited_is_read_again_and_a_broken_one_is_not_taken() {
    let (folder, path) = recorded();
    let program = Program::start(&["replay", &path]);
    let mut client = Client::new(program.address(), "");
    assert_eq!(client.get("/scim/v2/Users/1").json()["active"], true);
    save(&folder.path().join("0001-GET.json"), "{\n  \"at\": 5\n}");
    let said = program.says("goes on answering");
    assert!(said.contains("0001-GET.json:2"), "{said}");
    assert_eq!(client.get("/scim/v2/Users/1").json()["active"], true);
    write(
        folder.path(),
        &[exchange("GET", "/Users/1", Value::Null, 200, user(false))],
    );
    program.says("read the recording again: 1 exchanges");
    assert_eq!(client.get("/scim/v2/Users/1").json()["active"], false);
}

#[test]
fn dates_of_the_provider_move_and_those_of_the_client_stay() {
    let mut shown = user(true);
    shown["urn:x"] = json!({"hired": "2020-05-05T00:00:00Z"});
    let mut read = exchange(
        "GET",
        "/Users?filter=meta.lastModified+gt+%222026-01-01T00:00:00Z%22",
        Value::Null,
        200,
        shown,
    );
    read.response.headers.push((
        "last-modified".into(),
        "Fri, 02 Jan 2026 00:00:00 GMT".into(),
    ));
    let mut all = vec![(1, read)];
    time::shift(&mut all, "2026-03-01T00:00:00Z".parse().unwrap());
    let (_, moved) = &all[0];
    assert_eq!(moved.at.to_string(), "2026-03-01T00:00:00Z");
    assert_eq!(
        moved.request.query[0].1,
        "meta.lastModified gt \"2026-03-01T00:00:00Z\""
    );
    let scimulate::exchange::Body::Json(body) = &moved.response.body else {
        panic!("JSON")
    };
    assert_eq!(body["meta"]["created"], "2026-03-01T00:00:00Z");
    assert_eq!(body["meta"]["lastModified"], "2026-03-02T00:00:00.500Z");
    assert_eq!(body["urn:x"]["hired"], "2020-05-05T00:00:00Z");
    assert_eq!(
        moved.response.headers.last().unwrap().1,
        "Mon, 02 Mar 2026 00:00:00 GMT"
    );
}

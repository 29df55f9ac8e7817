//! Exit codes, messages, the banner and the ready line (the contract of the command line).

use crate::support::program::{Program, run, save};
use std::net::TcpListener;

#[track_caller]
fn check(arguments: &[&str], code: i32, said: &[&str]) {
    let (found, out, err) = run(arguments);
    assert_eq!(found, Some(code), "{arguments:?}\n{out}{err}");
    for part in said {
        assert!(
            out.contains(part) || err.contains(part),
            "{arguments:?} says no {part:?}:\n{out}{err}"
        );
    }
}

#[test]
fn help_and_version_are_answers() {
    check(
        &["--help"],
        0,
        &[
            "serve",
            "check",
            "record",
            "replay",
            "provision",
            "demo",
            "Exit codes",
            "scimulate serve",
        ],
    );
    check(&["--version"], 0, &["scimulate 0."]);
    check(
        &["serve", "--help"],
        0,
        &[
            "--listen",
            "SCIMULATE_LISTEN",
            "--ready-file",
            "built-in demo",
        ],
    );
    check(&["record", "--help"], 0, &["--upstream", "--out"]);
    check(&["replay", "--help"], 0, &["<DIR>"]);
}

#[test]
fn wrong_usage_is_exit_2() {
    check(&[], 2, &["Usage"]);
    check(&["sreve"], 2, &["serve"]);
    check(&["serve", "--listn", "127.0.0.1:0"], 2, &["--listen"]);
    check(&["serve", "--listen", "localhost"], 2, &["--listen"]);
    check(&["record", "--out", "x"], 2, &["--upstream"]);
    check(
        &["record", "--out", "x", "--upstream", "ftp://x"],
        2,
        &["absolute http or https URL"],
    );
    check(
        &["record", "--out", "x", "--upstream", "http://a:b@x/"],
        2,
        &["credentials"],
    );
    check(&["replay"], 2, &["<DIR>"]);
}

#[test]
fn an_invalid_scenario_or_recording_is_exit_3_and_names_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.ron");
    save(&file, "Scenario(\n    user: [],\n    seed: \"x\",\n)\n");
    let path = file.to_str().unwrap();
    check(
        &["serve", path],
        3,
        &["broken.ron:2:5", "broken.ron:3:11", "`users`"],
    );
    save(
        &file,
        "Scenario(groups: [{\"displayName\": \"A\", \"members\": [\"nobody\"]}])",
    );
    check(
        &["serve", path],
        3,
        &["broken.ron:1:52", "`nobody` names nobody"],
    );
    check(
        &["serve", folder.path().join("absent.ron").to_str().unwrap()],
        3,
        &["absent.ron"],
    );
    check(
        &["replay", folder.path().to_str().unwrap()],
        3,
        &["scimulate record"],
    );
    std::fs::write(
        folder.path().join("0001-GET-Users-200.json"),
        "{\n  \"at\": 5\n}",
    )
    .unwrap();
    check(
        &["replay", folder.path().to_str().unwrap()],
        3,
        &["0001-GET-Users-200.json:2"],
    );
}

#[test]
fn an_address_in_use_is_exit_4_and_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check(
        &["serve", "--listen", &address],
        4,
        &[&address, "--listen 127.0.0.1:0"],
    );
}

#[test]
fn the_ready_file_holds_the_ready_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    let program = Program::start(&[
        "serve",
        "--log",
        "off",
        "--ready-file",
        file.to_str().unwrap(),
    ]);
    // The line is printed before the file is there.
    let mut written = std::fs::read_to_string(&file);
    while written.is_err() {
        std::thread::yield_now();
        written = std::fs::read_to_string(&file);
    }
    let written: serde_json::Value = serde_json::from_str(&written.unwrap()).unwrap();
    assert_eq!(written, program.ready);
    assert_eq!(written["event"], "ready");
    let control = written["control"].as_str().unwrap();
    assert!(control.starts_with("http://127.0.0.1:"), "{control}");
    assert!(written["pid"].as_u64().is_some());
}

#[test]
fn several_scenarios_are_tenants_by_name() {
    let folder = tempfile::tempdir().unwrap();
    save(
        &folder.path().join("acme.ron"),
        "Scenario(users: [{\"userName\": \"a\"}])",
    );
    save(
        &folder.path().join("zoo.ron"),
        "Scenario(users: [{\"userName\": \"z\"}, {\"userName\": \"y\"}])",
    );
    let program = Program::start(&["serve", "--log", "off", folder.path().to_str().unwrap()]);
    let mut client = crate::support::client::Client::new(program.address(), "");
    assert_eq!(client.get("/acme/scim/v2/Users").json()["totalResults"], 1);
    let zoo = client.get("/zoo/scim/v2/Users").json();
    assert_eq!(zoo["totalResults"], 2);
    let location = zoo["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.contains("/zoo/scim/v2/Users/"), "{location}");
    assert_eq!(client.get("/scim/v2/Users").status, 404);
    check(
        &[
            "serve",
            folder.path().to_str().unwrap(),
            folder.path().join("zoo.ron").to_str().unwrap(),
        ],
        2,
        &["two scenarios are named `zoo`"],
    );
}

#[test]
fn an_exchange_is_one_line_without_its_query() {
    let mut program = Program::start(&["serve"]);
    let mut client = crate::support::client::Client::new(program.address(), "demo-token");
    client.get("/scim/v2/Users?filter=userName%20eq%20%22secret-person%22");
    let said = program.says("Users");
    assert!(
        said.contains("GET    /scim/v2/Users?… 200") && said.contains(" demo"),
        "{said}"
    );
    assert!(!said.contains("secret-person"), "{said}");
    program.signal("TERM");
    assert_eq!(program.wait().code(), Some(0));
}

//! `provision` and `demo` as they are typed: what is refused, what is said, exit codes, and a file that is followed.

use crate::support::program::{command, run, save};
use scimulate::MockProvider;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

fn provider() -> MockProvider {
    let scenario = r#"Scenario(auth: [Bearer("token")])"#;
    MockProvider::builder()
        .scenario(scenario)
        .start_blocking()
        .unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[track_caller]
fn refused(arguments: &[&str], code: i32, part: &str) {
    let (found, _, said) = run(arguments);
    assert!(said.contains(part), "{arguments:?}\n{said}");
    assert_eq!(found, Some(code), "{arguments:?}\n{said}");
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let people = file(folder.path(), "people.csv", "userName\nann\n");
    let with = |more: &[&str]| {
        let mut all = vec!["provision", people.as_str(), "--once"];
        all.extend(more);
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let check = |more: &[&str], code: i32, part: &str| {
        let arguments = with(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        refused(&arguments, code, part);
    };
    let here = "http://127.0.0.1:9/scim/v2";
    check(&["--target", here], 2, "--as");
    check(
        &["--target", here, "--as", "ping"],
        2,
        "okta, okta-aiw, entra, entra-flag, oracle",
    );
    check(
        &["--target", "https://sp.example/scim", "--as", "okta"],
        2,
        "--allow-target sp.example",
    );
    check(
        &["--target", "sp", "--as", "okta"],
        2,
        "absolute http or https URL",
    );
    check(
        &["--target", here, "--as", "okta", "--deprovision", "delete"],
        2,
        "Okta never deletes",
    );
    check(
        &[
            "--target",
            here,
            "--as",
            "entra",
            "--user",
            "a",
            "--password",
            "b",
        ],
        2,
        "does not speak Basic",
    );
    check(
        &["--target", here, "--as", "okta", "--user", "a"],
        2,
        "--password",
    );
    check(
        &["--target", here, "--as", "okta", "--speed", "0"],
        2,
        "0.001",
    );
    check(
        &[
            "--target",
            here,
            "--as",
            "okta",
            "--oauth-url",
            "http://sp.example/token",
            "--oauth-client",
            "x",
        ],
        2,
        "--allow-target sp.example",
    );
    check(
        &["--target", here, "--as", "okta", "--token", "a\nb"],
        2,
        "visible ASCII",
    );
    assert!(!folder.path().join("people.csv.state").exists());
    // Nobody listens there.
    check(&["--target", here, "--as", "okta"], 4, "");
    refused(
        &[
            "provision",
            "/nowhere/people.ron",
            "--once",
            "--target",
            here,
            "--as",
            "okta",
        ],
        4,
        "cannot read",
    );
}

#[test]
fn a_directory_that_is_wrong_is_shown_and_nothing_is_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let people = file(
        folder.path(),
        "people.csv",
        "userName,manager,titel\nann,bob,x\nann,ann,y\n",
    );
    let arguments = [
        "provision",
        &people,
        "--once",
        "--target",
        provider.base_url(),
        "--as",
        "okta",
        "--token",
        "token",
    ];
    let (code, _, said) = run(&arguments);
    assert_eq!(code, Some(3), "{said}");
    assert!(
        said.contains("unknown column `titel`") && said.contains(":1:18"),
        "{said}"
    );
    assert!(said.contains("did you mean `title`?"), "{said}");
    assert!(
        said.contains("nothing is pushed until that is mended"),
        "{said}"
    );
    let mut json = arguments.to_vec();
    json.extend(["--format", "json"]);
    let (code, out, _) = run(&json);
    assert_eq!(code, Some(3));
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&out["good"], &out["findings"][0]["line"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(provider.journal("").unwrap().len(), 0);
    assert!(!folder.path().join("people.csv.state").exists());
}

#[test]
fn once_says_what_it_did_and_has_nothing_to_do_the_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let people = file(
        folder.path(),
        "people.csv",
        "userName,manager,groups\nann,bob,Staff\nbob,,Staff\n",
    );
    let arguments = [
        "provision",
        &people,
        "--once",
        "--target",
        provider.base_url(),
        "--as",
        "entra",
        "--token",
        "token",
    ];
    let (code, out, said) = run(&arguments);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().skip(3).map(str::trim_end).collect();
    assert_eq!(
        lines,
        [
            "created      ann",
            "created      bob",
            "created      Staff",
            "members      Staff +2 -0",
            "updated      ann, the manager",
            "done         5 changes in 10 requests",
        ]
    );
    let (code, out, _) = run(&arguments);
    assert_eq!(code, Some(0));
    assert!(out.ends_with("done         nothing differs\n"), "{out}");
    let mut json = arguments.to_vec();
    json.extend(["--format", "json"]);
    let (_, out, _) = run(&json);
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&out["good"], &out["requests"]), (&json!(true), &json!(2)));
}

#[test]
fn what_was_not_pushed_is_said_with_what_comes_next() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = r#"Scenario(auth: [Bearer("token")], faults: [Fault(on: (method: "POST"), then: Status(400))])"#;
    let provider = MockProvider::builder()
        .scenario(scenario)
        .start_blocking()
        .unwrap();
    let people = file(folder.path(), "people.csv", "userName\nann\n");
    let arguments = [
        "provision",
        &people,
        "--once",
        "--target",
        provider.base_url(),
        "--as",
        "okta",
        "--token",
        "token",
    ];
    let (code, out, _) = run(&arguments);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("failed       ann, create: 400"), "{out}");
    assert!(out.contains("Okta makes a failed task of it"), "{out}");
    assert!(out.contains("0 changes in 3 requests, 1 failed"), "{out}");
}

/// A program whose lines are read as they come. Dropping it kills it.
struct Followed {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Followed {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    #[track_caller]
    fn says(&mut self, part: &str) -> String {
        let mut said = String::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            said.push_str(&line);
            said.push('\n');
            if line.contains(part) {
                return said;
            }
        }
        panic!("expected {part:?} among:\n{said}");
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_file_is_followed_and_each_save_is_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider();
    let path = folder.path().join("people.csv");
    let people = file(folder.path(), "people.csv", "userName,title\nann,Head\n");
    let mut program = Followed::start(&[
        "provision",
        &people,
        "--target",
        provider.base_url(),
        "--as",
        "okta",
        "--token",
        "token",
    ]);
    program.says("done         1 change in 3 requests");
    save(&path, "userName,title\nann,Chief\nbob,Hand\n");
    let said = program.says("done ");
    assert!(
        said.contains("updated      ann") && said.contains("created      bob"),
        "{said}"
    );
    // A mistake keeps what was there, and the next save is looked at again.
    save(&path, "userName,titel\nann,Chief\n");
    save(&path, "userName,title\nbob,Hand\n");
    let said = program.says("done ");
    assert!(said.contains("deactivated  ann"), "{said}");
    let state = provider.state().unwrap();
    assert_eq!(state["users"][0]["active"], false);
    let stopped = std::process::Command::new("kill")
        .args(["-TERM", &program.child.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_cycle_of_forty_minutes_passes_in_a_moment_when_the_clock_runs_fast() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = r#"Scenario(auth: [Bearer("token")], faults: [Fault(on: (method: "POST", nth: [1, 2]), then: Status(500))])"#;
    let provider = MockProvider::builder()
        .scenario(scenario)
        .start_blocking()
        .unwrap();
    let people = file(folder.path(), "people.csv", "userName\nann\n");
    let mut program = Followed::start(&[
        "provision",
        &people,
        "--target",
        provider.base_url(),
        "--as",
        "entra",
        "--token",
        "token",
        "--speed",
        "100000",
    ]);
    let said = program.says("created ");
    assert_eq!(said.matches("in the next cycle").count(), 2, "{said}");
}

#[test]
fn the_demo_shows_both_ends() {
    let mut program =
        Followed::start(&["demo", "--listen", "127.0.0.1:0", "--log", "off", "--once"]);
    let said = program.says("done ");
    for part in [
        "SCIM 2.0     http://127.0.0.1:",
        "control      http://",
        "try          curl ",
        "edit ",
        "created      ada@example.com",
        "members      Everybody +3 -0",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

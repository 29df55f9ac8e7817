//! A disk that takes no more: the traffic goes on, once it is said, the losses are counted where they can be watched, and the exit code is 4.

use crate::support::client::Client;
use crate::support::front::names;
use crate::support::json_schema::misfit;
use crate::support::program::{Program, run};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// `record`, started by a line of shell, with the folder as `$0` and the program and its arguments as `$@`.
fn shell(before: &[&str], line: &str, out: &str, arguments: &[&str]) -> Command {
    let mut all: Vec<&str> = before.to_vec();
    all.extend(["sh", "-c", line, out, env!("CARGO_BIN_EXE_scimulate")]);
    all.extend(arguments);
    let mut command = Command::new(all[0]);
    command
        .args(&all[1..])
        .stdin(Stdio::null())
        .env_remove("CI")
        .env("NO_COLOR", "1");
    command
}

/// Sends the same until it is lost, and then looks at what is told of it.
#[track_caller]
fn loses_and_says_so(mut recorder: Program, reason: &str) {
    let mut asks = Client::new(recorder.address(), "demo-token");
    let mut control = Client::new(recorder.control(), "");
    let begun = control.get("/health").json();
    assert_eq!(begun["recording"]["lost"], serde_json::Value::Null);
    while control.get("/health").json()["status"] == "ok" {
        assert_eq!(asks.get("/scim/v2/Users").status, 200);
    }
    for _ in 0..50 {
        assert_eq!(asks.get("/scim/v2/Users").status, 200);
    }
    let told = control.get("/health").json();
    let lost = &told["recording"]["lost"];
    assert_eq!(
        (&told["status"], &lost["still"]),
        (&"losing".into(), &true.into())
    );
    assert_eq!(lost["count"], 51, "{told}");
    assert!(lost["reason"].as_str().unwrap().contains(reason), "{told}");
    let document = control.get("/openapi.json").json();
    let described = &document["components"]["schemas"]["Health"];
    assert_eq!(misfit(&document, described, &told), None);
    let metrics = control.get("/metrics").body;
    assert!(
        metrics.contains("scimulate_lost_exchanges_total 51\n"),
        "{metrics}"
    );
    drop((asks, control));
    recorder.signal("TERM");
    assert_eq!(recorder.wait().code(), Some(4));
    let said = recorder.rest();
    assert_eq!(
        said.matches("an exchange is not recorded, and the traffic goes on")
            .count(),
        1,
        "{said}"
    );
    assert!(said.contains("make room on the disk"), "{said}");
    assert!(
        said.contains("51 exchanges went through and cannot be found in"),
        "{said}"
    );
}

/// The limit of a process on the size of its files stands in for the disk: nobody needs a privilege for that.
#[test]
fn what_cannot_be_written_is_counted_said_once_and_in_the_exit_code() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out").display().to_string();
    let arguments = ["record", "--upstream", provider.base(), "--out", &out];
    // Blocks of 512 bytes: recording.ron goes in, an answer with a list does not. A signal that is ignored becomes an error.
    let line = r#"ulimit -f 2 && trap '' XFSZ && exec "$@""#;
    let recorder = Program::start_command(shell(&[], line, &out, &arguments));
    loses_and_says_so(recorder, "File too large");
    assert!(
        names(std::path::Path::new(&out)).is_empty(),
        "no part of a file is left"
    );
}

/// A disk that is really full, and one that takes nothing, where the system lets a program mount its own; the test above needs nothing.
#[test]
fn a_full_disk_and_a_read_only_one_cost_the_recording_only() {
    const OWN: [&str; 2] = ["unshare", "-rm"];
    let folder = TempDir::new().unwrap();
    let out = folder.path().display().to_string();
    let mount = r#"mount -t tmpfs -o size=64k none "$0""#;
    let may = shell(&OWN, mount, &out, &[]).output();
    if !may.as_ref().is_ok_and(|output| output.status.success()) {
        // The limit on the size of files, above, is what such a system can be asked about.
        return;
    }
    let provider = Program::start(&["serve", "--no-control"]);
    let arguments = ["record", "--upstream", provider.base(), "--out", &out];
    let line = format!(r#"{mount} && exec "$@""#);
    let recorder = Program::start_command(shell(&OWN, &line, &out, &arguments));
    loses_and_says_so(recorder, "No space left on device");

    let line = r#"mount -t tmpfs -o ro none "$0" && exec "$@""#;
    let refused = shell(&OWN, line, &out, &arguments).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    assert!(
        said.contains("choose a folder that can be written"),
        "{said}"
    );
}

#[test]
fn what_is_no_folder_is_refused_before_anything_is_recorded() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let out = file.display().to_string();
    let (code, _, said) = run(&[
        "record",
        "--upstream",
        "http://127.0.0.1:1/x",
        "--out",
        &out,
        "--mode",
        "all",
    ]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains(&out), "{said}");
}

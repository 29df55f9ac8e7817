//! The file of what was pushed: it survives being cut off anywhere, and is nobody else's.

use scimulate::idp::dialect::Dialect;
use scimulate::idp::state::{GroupLink, Job, Link, Memory, State, StateError};
use std::path::Path;

const TARGET: &str = "http://127.0.0.1:9/scim/v2";

fn open(path: &Path) -> State {
    super::answers::opened(path, Dialect::Okta, TARGET)
}

fn link(name: &str) -> Link {
    Link {
        id: Some(format!("id-{name}")),
        name: name.to_owned(),
        active: Some(true),
        ..Link::default()
    }
}

/// Writes some of everything, and tells what was known after each line.
fn written(path: &Path) -> Vec<Memory> {
    let mut state = open(path);
    let mut known = vec![state.memory().clone()];
    let text = |of: &[&str]| of.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut each = |done: Result<(), StateError>, memory: &Memory| {
        done.unwrap();
        known.push(memory.clone());
    };
    macro_rules! note {
        ($done:expr) => {
            let done = $done;
            each(done, state.memory());
        };
    }
    note!(state.person("a", Some(link("ann"))));
    note!(state.doubt_person("a", text(&["title", "active"])));
    note!(state.person("b", Some(link("bob"))));
    note!(state.group(
        "g",
        Some(GroupLink {
            id: Some("1".to_owned()),
            ..GroupLink::default()
        })
    ));
    note!(state.doubt_members("g", text(&["x", "y", "z"])));
    note!(state.members("g", text(&["x", "y"]), text(&[])));
    note!(state.members("g", text(&[]), text(&["x", "z"])));
    note!(state.doubt_group("g", text(&["displayName"])));
    note!(state.person("b", None));
    note!(state.job(Job {
        cycles: 3,
        latest: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        quarantine: None
    }));
    known
}

#[test]
fn what_was_known_is_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let known = written(&path);
    let last = known.last().unwrap();
    assert_eq!(open(&path).memory(), last);
    // And once more, from what opening it wrote.
    assert_eq!(open(&path).memory(), last);
    let group = &last.groups["g"];
    assert_eq!(group.members.iter().collect::<Vec<_>>(), ["y"]);
    assert!(group.doubt_members.is_empty() && group.doubt.contains("displayName"));
    assert_eq!(last.people["a"].doubt.len(), 2);
    assert_eq!(last.job.cycles, 3);
}

#[test]
fn a_file_that_is_cut_off_anywhere_has_all_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let known = written(&path);
    let whole = std::fs::read(&path).unwrap();
    // Opening wrote two lines: which job it is, and how it stands.
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count() - 1;
    let first = lines(&whole) - (known.len() - 1);
    let cut = folder.path().join("cut");
    for end in 0..=whole.len() {
        let n = lines(&whole[..end]);
        if n < first {
            continue;
        }
        std::fs::write(&cut, &whole[..end]).unwrap();
        assert_eq!(open(&cut).memory(), &known[n - first], "cut at {end}");
    }
}

#[track_caller]
fn refused(path: &Path, dialect: Dialect, target: &str, expected: &str) {
    let before = std::fs::read(path).unwrap();
    let error = loop {
        match State::open(path, dialect, target) {
            // As in `opened`.
            Err(StateError::InUse { .. }) => std::thread::yield_now(),
            other => break other.unwrap_err().to_string(),
        }
    };
    assert!(error.contains(expected), "{error}");
    assert_eq!(std::fs::read(path).unwrap(), before, "it is left as it was");
}

#[test]
fn a_file_that_is_something_else_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    for text in [
        "{\"users\": []}",
        "{\"users\": []}\n",
        "[1,\n2]\n",
        "ann\n",
        "{\"person\":[\"a\",{}]}\n",
    ] {
        std::fs::write(&path, text).unwrap();
        refused(&path, Dialect::Okta, TARGET, "move it away to begin anew");
    }
    std::fs::write(
        &path,
        "{\"state\":{\"version\":2,\"as\":\"okta\",\"target\":\"x\"}}\n",
    )
    .unwrap();
    refused(
        &path,
        Dialect::Okta,
        TARGET,
        "it is of version 2, and this is 1",
    );
}

#[test]
fn a_state_is_of_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    drop(written(&path));
    refused(
        &path,
        Dialect::Entra,
        TARGET,
        "is of okta towards http://127.0.0.1:9/scim/v2, and not of entra",
    );
    refused(
        &path,
        Dialect::Okta,
        "http://127.0.0.1:8/scim/v2",
        "and not of okta towards http://127.0.0.1:8",
    );
    let held = open(&path);
    let second = State::open(&path, Dialect::Okta, TARGET).unwrap_err();
    assert!(matches!(second, StateError::InUse { .. }), "{second}");
    drop(held);
    drop(open(&path));
}

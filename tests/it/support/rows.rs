//! Files of rows below `tests/data`, read: a row is `== ID` and the cases that show it, or the reason why none can. What stands before
//! the first row is for people.
//!
//! A reason may name tests of this binary (`protocol::me::…`) that show the row.

use super::case::{Case, Check, Mode, Step};
use std::path::{Path, PathBuf};

/// A row, and what is said for it.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) shows: Shows,
}

pub(crate) enum Shows {
    /// No request to a service provider can show it.
    Reason(String),
    /// These show it.
    Cases(Vec<Case>),
}

impl Row {
    /// The tests that a reason names, as `protocol::cursors::a_cursor_grows_old`.
    pub(crate) fn cited(&self) -> Vec<&str> {
        let Shows::Reason(reason) = &self.shows else {
            return Vec::new();
        };
        let in_a_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let words = reason.split(|c| !in_a_path(c));
        words
            .map(|word| word.trim_matches(':'))
            .filter(|word| word.contains("::"))
            .collect()
    }

    pub(crate) fn is_shown(&self) -> bool {
        matches!(self.shows, Shows::Cases(_)) || !self.cited().is_empty()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of `tests/data`.
pub(crate) fn folder(name: &str) -> PathBuf {
    root().join("tests/data").join(name)
}

/// Whether this binary has the test, or the module of tests, that a reason names.
pub(crate) fn is_a_test(path: &str) -> bool {
    let tests = root().join("tests/it");
    let (holder, name) = path.rsplit_once("::").unwrap();
    let holder = tests.join(holder.replace("::", "/"));
    let text = std::fs::read_to_string(holder.with_extension("rs")).unwrap_or_default();
    text.contains(&format!("fn {name}(")) || holder.join(name).with_extension("rs").is_file()
}

/// Each file of a folder with its rows, in the order of their names; `but` is a file of another kind.
pub(crate) fn files(folder: &Path, but: &str) -> Vec<(String, Vec<Row>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != but))
        .collect();
    files.sort();
    files.iter().map(|path| section(path)).collect()
}

/// One file: its name and its rows.
pub(crate) fn section(path: &Path) -> (String, Vec<Row>) {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.split("\n== ").skip(1).map(|row| read(&name, row));
    let rows = rows.collect();
    (name, rows)
}

fn read(file: &str, text: &str) -> Row {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let id = lines.next().unwrap().trim().to_owned();
    let mut reason = String::new();
    let mut cases: Vec<Case> = Vec::new();
    for line in lines {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (word, rest) = (word, rest.trim());
        if word == "reason:" {
            rest.clone_into(&mut reason);
            continue;
        }
        if let Some(mode) = Mode::read(word, rest) {
            cases.push(Case::new(mode, rest));
            continue;
        }
        let case = cases
            .last_mut()
            .unwrap_or_else(|| panic!("{file} {id}: {line:?} needs a case before it"));
        match (word, case.steps.last_mut()) {
            ("with", None) => case.with(rest),
            ("=", Some(step)) => step.checks.push(Check::read(rest)),
            (">", Some(step)) => step.add(rest),
            ("keep", Some(step)) => {
                let (name, place) = rest.split_once(' ').unwrap();
                step.keep.push((name.to_owned(), place.to_owned()));
            }
            (method, _) if method.chars().all(|c| c.is_ascii_uppercase()) => {
                case.steps.push(Step::new(method, rest));
            }
            _ => panic!("{file} {id}: cannot read {line:?}"),
        }
    }
    let shows = if reason.is_empty() {
        Shows::Cases(cases)
    } else {
        assert!(cases.is_empty(), "{id} has cases and a reason");
        Shows::Reason(reason)
    };
    Row { id, shows }
}

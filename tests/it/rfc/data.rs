//! The files of `tests/data/rfc`, read.

use super::case::{Case, Check, Mode, Step};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A row of the checklist, and what is said for it.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) shows: Shows,
}

pub(super) enum Shows {
    /// No request to a service provider can show it.
    Reason(String),
    /// These show it.
    Cases(Vec<Case>),
}

/// What the checklist asks of a row.
pub(super) struct Asked {
    /// `MUST`, `SHOULD-NOT`, …; small where the RFC says it without a keyword, `-` where it says nothing.
    pub(super) strength: String,
    /// Of the server (`S`), the client (`C`) or both (`B`).
    pub(super) side: String,
}

impl Asked {
    /// Whether it is a MUST or a SHOULD, or NOT, of a service provider.
    pub(super) fn binds_a_server(&self) -> bool {
        self.side != "C"
            && ["MUST", "SHOULD"]
                .iter()
                .any(|word| self.strength.starts_with(word))
    }
}

impl Row {
    /// The tests that a reason names, as `protocol::cursors::a_cursor_grows_old`.
    pub(super) fn cited(&self) -> Vec<&str> {
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

    pub(super) fn is_shown(&self) -> bool {
        matches!(self.shows, Shows::Cases(_)) || !self.cited().is_empty()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    root().join("tests/data/rfc")
}

/// The rows of the checklist by their ids: `ID STRENGTH SIDE`.
pub(super) fn checklist() -> BTreeMap<String, Asked> {
    let text = std::fs::read_to_string(folder().join("rows.txt")).unwrap();
    let row = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [id, strength, side] => {
            let (strength, side) = ((*strength).to_owned(), (*side).to_owned());
            ((*id).to_owned(), Asked { strength, side })
        }
        _ => panic!("{line:?} is no row of the checklist"),
    };
    text.lines().map(row).collect()
}

/// Whether this binary has the test, or the module of tests, that a reason names.
pub(super) fn is_a_test(path: &str) -> bool {
    let tests = root().join("tests/it");
    let (holder, name) = path.rsplit_once("::").unwrap();
    let holder = tests.join(holder.replace("::", "/"));
    let text = std::fs::read_to_string(holder.with_extension("rs")).unwrap_or_default();
    text.contains(&format!("fn {name}(")) || holder.join(name).with_extension("rs").is_file()
}

/// Each section with its rows, in the order of the checklist.
pub(super) fn sections() -> Vec<(String, Vec<Row>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != "rows.txt"))
        .collect();
    files.sort();
    files.iter().map(|path| section(path)).collect()
}

/// One file: its name and its rows.
pub(super) fn section(path: &Path) -> (String, Vec<Row>) {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.split("\n== ").skip(1).map(|row| read(&name, row));
    let rows = rows.collect();
    (name, rows)
}

fn read(section: &str, text: &str) -> Row {
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
            .unwrap_or_else(|| panic!("{section} {id}: {line:?} needs a case before it"));
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
            _ => panic!("{section} {id}: cannot read {line:?}"),
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

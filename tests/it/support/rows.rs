//! Files of rows below `tests/data`, read: a row is `== ID` and the cases that show it, or the reason why none can. What stands before
//! the first row is for people.

use super::case::{Case, Check, Step};
use std::path::{Path, PathBuf};

pub(crate) enum Row {
    /// No request to a service provider can show it.
    Reason { id: String, reason: String },
    /// These show it.
    Cases { id: String, cases: Vec<Case> },
}

/// A folder of `tests/data`.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Each file of a folder with its rows, in the order of their names; `but` is a file of another kind.
pub(crate) fn files(folder: &Path, but: &str) -> Vec<(String, Vec<Row>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != but))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(path).unwrap();
            let rows = text.split("\n== ").skip(1).map(|row| read(&name, row));
            (name.clone(), rows.collect())
        })
        .collect()
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
        let step = cases.last_mut().and_then(|case| case.steps.last_mut());
        match (word, step) {
            ("reason:", _) => rest.clone_into(&mut reason),
            ("both" | "lenient" | "strict", _) => cases.push(Case {
                mode: word.to_owned(),
                provider: rest.to_owned(),
                steps: Vec::new(),
            }),
            ("=", Some(step)) => step.checks.push(Check::read(rest)),
            (">", Some(step)) => step.add(rest),
            ("keep", Some(step)) => {
                let (name, place) = rest.split_once(' ').unwrap();
                step.keep.push((name.to_owned(), place.to_owned()));
            }
            (method, _) if method.chars().all(|c| c.is_ascii_uppercase()) => {
                let case = cases
                    .last_mut()
                    .unwrap_or_else(|| panic!("{section} {id}: a step needs a case before it"));
                case.steps.push(Step::new(method, rest));
            }
            _ => panic!("{section} {id}: cannot read {line:?}"),
        }
    }
    if reason.is_empty() {
        return Row::Cases { id, cases };
    }
    assert!(cases.is_empty(), "{id} has cases and a reason");
    Row::Reason { id, reason }
}

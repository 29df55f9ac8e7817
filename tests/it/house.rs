//! The house keeps its floors: which room may use which, who reads the clock, who does IO, who writes a status code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every room with its floor. A room uses rooms below it; what stands on one floor does not know its neighbours.
const FLOORS: [(&str, u8); 22] = [
    ("clock", 0),
    ("ids", 0),
    ("certificate", 1),
    ("scim", 1),
    ("directory", 2),
    ("exchange", 2),
    ("connect", 2),
    ("scenario", 3),
    ("journal", 3),
    ("lint", 3),
    ("faults", 4),
    ("service", 5),
    ("replay", 5),
    ("proxy", 5),
    ("idp", 5),
    ("control", 6),
    ("distill", 6),
    ("net", 6),
    ("mock", 7),
    ("cli", 8),
    ("main", 9),
    ("lib", 9),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(found.len() > 5, "{below} has sources");
    found
}

/// `scim` of `src/scim/filter/lex.rs`, `clock` of `src/clock.rs`.
fn room(path: &Path) -> String {
    let first = path
        .components()
        .nth(1)
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The text without comments and without test modules, which may do more.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let floors: BTreeMap<_, _> = FLOORS.into_iter().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let here = room(&path);
        let floor = floors
            .get(here.as_str())
            .unwrap_or_else(|| panic!("{here} has no floor: give it one in this table"));
        let code = code(&text).replace("scimulate::", "crate::");
        // `use crate::{a, b}` would hide a room from this test.
        assert!(
            !code.contains("crate::{"),
            "{}: name each room in a `use` of its own",
            path.display()
        );
        for used in code.split("crate::").skip(1) {
            let used: String = used
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            if used != here && floors.get(used.as_str()).is_none_or(|below| below >= floor) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn rooms_know_nothing_of_what_they_must_not() {
    let must_not: [(&str, &[&str]); 11] = [
        (
            "certificate",
            &["tokio", "hyper", "http::", "TcpStream", "async "],
        ),
        (
            "scim",
            &[
                "tokio",
                "hyper",
                "http::",
                "std::fs",
                "std::env",
                "std::net",
                "std::time",
                "async ",
                "Timestamp::now",
                "crate::clock",
                "println!",
            ],
        ),
        (
            "directory",
            &[
                "tokio",
                "hyper",
                "http::",
                "std::fs",
                "std::net",
                "async ",
                "std::time::Instant",
            ],
        ),
        ("exchange", &["tokio", "hyper::", "std::net", "async "]),
        (
            "scenario",
            &["tokio", "hyper", "http::", "std::net", "async "],
        ),
        // Of tokio it has the one value that tells those who wait; it neither waits nor runs anything itself.
        (
            "journal",
            &[
                "tokio::fs",
                "tokio::io",
                "tokio::net",
                "tokio::runtime",
                "tokio::spawn",
                "tokio::task",
                "tokio::time",
                "hyper",
                "http::",
                "std::fs",
                "std::net",
                "crate::clock",
                "async ",
                ".await",
            ],
        ),
        (
            "faults",
            &["tokio", "hyper", "std::fs", "std::net", "async "],
        ),
        (
            "service",
            &["tokio", "hyper", "std::fs", "std::net", "async "],
        ),
        ("replay", &["tokio", "hyper", "std::net", "async "]),
        (
            "distill",
            &["tokio", "hyper", "std::fs", "std::net", "async "],
        ),
        (
            "control",
            &["tokio", "hyper", "std::fs", "TcpStream", "async "],
        ),
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let here = room(&path);
        let code = code(&text);
        for (_, words) in must_not.iter().filter(|(room, _)| *room == here) {
            wrong.extend(
                words
                    .iter()
                    .filter(|word| code.contains(**word))
                    .map(|word| format!("{}: {word}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Words that one file alone may use.
#[test]
fn one_file_each_reads_the_clock_makes_ids_and_tabulates_errors() {
    let only: [(&str, &str); 4] = [
        ("Timestamp::now", "src/clock.rs"),
        ("SystemTime::now", "src/clock.rs"),
        ("uuid::Builder", "src/ids.rs"),
        ("scimType", "src/scim/error.rs"),
    ];
    for (path, text) in sources("src") {
        let code = code(&text);
        for (word, owner) in only {
            let here = path.to_str().unwrap();
            assert!(
                !code.contains(word) || here == owner,
                "{here} says {word}, which only {owner} may"
            );
        }
        for error in [
            "StatusCode::BAD_REQUEST",
            "StatusCode::NOT_FOUND",
            "StatusCode::CONFLICT",
            "StatusCode::UNAUTHORIZED",
            "StatusCode::FORBIDDEN",
        ] {
            assert!(
                !code.contains(error),
                "{}: {error} belongs in the table of errors",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is_and_has_a_readable_length() {
    for (path, text) in sources("src")
        .into_iter()
        .chain(sources("tests/it"))
        .chain(sources("benches"))
    {
        let name = path.display();
        assert!(text.starts_with("//!"), "{name} does not open with `//!`");
        let lines = text.lines().count();
        assert!(
            lines <= 600,
            "{name} has {lines} lines: which rooms are in it?"
        );
        for word in ["todo!(", "unimplemented!(", "dbg!("] {
            let here = name.to_string() == "tests/it/house.rs";
            assert!(here || !text.contains(word), "{name} holds {word}");
        }
    }
}

#[test]
fn every_shipped_scenario_opens_with_what_it_shows() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "ron") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("// "),
            "{} does not open with a comment",
            path.display()
        );
        count += 1;
    }
    assert!(count >= 2);
}

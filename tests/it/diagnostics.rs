//! What is said about broken scenario files, and what is never said.

use crate::scenario::{DEMO, clean, loaded};
use proptest::prelude::*;
use scimulate::scenario::{Access, Credential, Diagnostic, Severity};
use std::fs;
use std::path::{Path, PathBuf};

/// A file, and what is said about it: line, column, title; then the help. Before the line, the file, where it is another.
#[test]
fn every_kind_of_mistake_is_named_with_its_place_and_what_to_write() {
    let table = include_str!("../data/scenario-mistakes.txt");
    let (_, cases) = table.split_once("\n====\n").unwrap();
    let mut wrong = Vec::new();
    for case in cases.split("\n====\n") {
        let (text, expected) = case.split_once("\n----\n").expect(case);
        let (scenario, diagnostics) = loaded(text);
        let told = |it: &Diagnostic| {
            let elsewhere = Some(it.path()).filter(|path| *path != "scenarios/acme.ron");
            let file = elsewhere.map_or(String::new(), |path| format!("{path}:"));
            let (line, column) = (it.line(), it.column());
            format!("{file}{line}:{column} {}\n  {}", it.title, it.help)
        };
        let found: Vec<String> = diagnostics.iter().map(told).collect();
        if found.join("\n") != expected.trim_end() || scenario.is_some() {
            wrong.push(format!("{text}\n----\n{}\n", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "found instead:\n{}", wrong.join("====\n"));
}

/// However broken the file, a diagnostic in the line of a secret does not show it.
#[test]
fn secrets_are_hidden_wherever_they_stand() {
    for line in [
        r#"auth: [Bearer("s3cr3t"), x"#,
        r#"auth: Bearer("s3cr3t")"#,
        r#"auth: ["s3cr3t"]"#,
        r#"auth: "s3cr3t""#,
        r"auth = [s3cr3t]",
        r"Auth: [Barer(s3cr3t)]",
        r"auth: [Bearer('s3cr3t')]",
        r#"auth: [(Basic: {"u": "s3cr3t"})]"#,
        r#"seed: "x", // auth: [Bearer("s3cr3t")]"#,
        r#"seed: x", auth: [Bearer("s3cr3t")]"#,
        r#"auth: [Bearer("s3cr3t": 1)]"#,
        r#"users: [{"password": s3cr3t}]"#,
        r#"users: [{"a": x, "Password": "s3cr3t"}]"#,
        r#"users: [{"a": x, "password": {"value": ["s3cr3t"]}}]"#,
    ] {
        let (_, diagnostics) = loaded(&format!("Scenario({line}"));
        assert!(!diagnostics.is_empty(), "{line}");
        for diagnostic in diagnostics {
            assert!(!diagnostic.to_string().contains("s3cr3t"), "{diagnostic}");
        }
    }
}

#[test]
fn a_diagnostic_shows_the_line_and_not_the_secret() {
    let (_, diagnostics) =
        loaded("Scenario(\n    auth: [Basic(\"zoé\", \"p\"), Baerer(\"b\")],\n)");
    assert_eq!(diagnostics.len(), 1);
    let expected = "\
error: unknown name `Baerer`
 --> scenarios/acme.ron:2:31
  |
2 |     auth: [Basic(***·******), Baerer(***)],
  |                               ^^^^^^ expected `Bearer`, `Basic` or `OAuth`
  |
  = help: did you mean `Bearer`?";
    assert_eq!(diagnostics[0].to_string(), expected);
    assert_eq!(diagnostics[0].path(), "scenarios/acme.ron");
    let coloured = diagnostics[0].coloured();
    assert!(
        coloured.contains("\u{1b}[") && coloured.contains("Baerer(***)"),
        "{coloured}"
    );
}

#[test]
fn credentials_that_are_listed_twice_are_a_warning() {
    let (scenario, diagnostics) = loaded(r#"Scenario(auth: [Bearer("t"), Bearer("t")])"#);
    let token = Credential::Bearer {
        token: "t".into(),
        subject: None,
        access: Access::Full,
        expires: None,
    };
    assert_eq!(scenario.unwrap().auth, [token]);
    assert_eq!(diagnostics[0].severity, Severity::Warning);
    assert_eq!(diagnostics[0].column(), 30);
    assert!(
        diagnostics[0]
            .to_string()
            .starts_with("warning: these credentials are listed twice")
    );
}

#[test]
fn brackets_may_be_deep_and_not_endless() {
    let nested = |depth| {
        format!(
            "Scenario(users: [{{\"a\": {}{}}}])",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    clean(&nested(125));
    for depth in [126, 200_000] {
        let (_, diagnostics) = loaded(&nested(depth));
        let titles: Vec<&str> = diagnostics.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["more than 128 brackets stand in one another"]);
    }
}

proptest! {
    #[test]
    fn whatever_is_broken_is_reported_and_rendered(cuts in prop::collection::vec((0.0..1.0, 0_usize..40, "[\\[\\](){}:,\"'#=/*\\\\a-zé \n\t]{0,3}"), 1..6)) {
        let mut text = DEMO.to_owned();
        for (place, length, with) in cuts {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
            let start = text.floor_char_boundary((place * text.len() as f64) as usize);
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &with);
        }
        let secret = if text.contains(r#"Bearer("demo-token")"#) { "demo-token" } else { "\0 not there" };
        let (scenario, diagnostics) = loaded(&text);
        prop_assert_eq!(scenario.is_none(), diagnostics.iter().any(Diagnostic::is_error));
        for diagnostic in diagnostics {
            let head = format!("--> scenarios/acme.ron:{}:{}", diagnostic.line(), diagnostic.column());
            let rendered = diagnostic.to_string();
            prop_assert!(rendered.contains(&head), "{}\n{}", head, rendered);
            prop_assert!(!rendered.contains(secret), "{}", rendered);
        }
    }
}

/// What is odd, and not wrong: the scenario is served.
#[test]
fn warnings_say_what_has_no_effect() {
    let schema = |name: &str| {
        format!(
            r#"{{"id": "urn:example:E", "name": "E", "attributes": [{{"name": "{name}", "type": "string", "multiValued": false}}]}}"#
        )
    };
    let user = r#"ResourceType(name: "User", endpoint: "/Users", schema: "urn:ietf:params:scim:schemas:core:2.0:User", extensions: ["urn:example:E"])"#;
    for (text, title) in [
        (
            format!("Scenario(schemas: [{}])", schema("x")),
            "no resource type uses the schema `urn:example:E`",
        ),
        (
            format!(
                "Scenario(schemas: [{}], resource_types: [{user}])",
                schema("title")
            ),
            "`title` is an attribute of User already",
        ),
        (
            r#"Scenario(auth: [Bearer("t"), Bearer("t")])"#.to_owned(),
            "these credentials are listed twice",
        ),
    ] {
        let (scenario, diagnostics) = loaded(&text);
        let told: Vec<_> = diagnostics.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(told, [title], "{text}");
        assert_eq!(diagnostics[0].severity, Severity::Warning);
        assert!(scenario.is_some(), "{text}");
    }
}

/// Whatever the loader can complain of, a case shows: no title stands in its source that is in no test.
#[test]
fn every_title_that_the_loader_has_is_shown_by_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shown = include_str!("../data/scenario-mistakes.txt").to_owned();
    for file in rust_files(&root.join("tests/it")) {
        shown.push_str(&fs::read_to_string(file).unwrap().replace("\\\"", "\""));
    }
    let (mut titles, mut missing) = (0, Vec::new());
    for file in rust_files(&root.join("src/scenario")) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for title in titles_in(text) {
            titles += 1;
            let pieces = title.split(['{', '}']).step_by(2);
            let mut pieces = pieces.map(str::trim).filter(|it| it.len() > 3);
            if !pieces.all(|piece| shown.contains(piece)) {
                missing.push(format!("{}: {title}", file.display()));
            }
        }
    }
    assert!(titles > 60, "only {titles} titles were found");
    assert!(missing.is_empty(), "in no test:\n{}", missing.join("\n"));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

/// What stands for a title in the source of the loader: behind `let title =`, and as the first text of what makes a problem.
fn titles_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split("let title =").skip(1) {
        found.extend(literal(part));
    }
    for name in ["complain(", "complain_at(", "Problem::error("] {
        for part in text.split(name).skip(1) {
            // A title that has a name was found by it.
            let named = part
                .trim_start()
                .trim_start_matches('&')
                .starts_with("title");
            let second = second_argument(part).filter(|_| !named);
            found.extend(literal(part).or_else(|| second.and_then(literal)));
        }
    }
    found
}

fn second_argument(arguments: &str) -> Option<&str> {
    let mut depth = 0;
    let comma = arguments.find(|c: char| {
        depth += match c {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        depth < 0 || (depth == 0 && c == ',')
    })?;
    arguments[comma..].strip_prefix(',')
}

/// The text of a literal, or of the format string, with which an expression begins.
fn literal(expression: &str) -> Option<String> {
    let start = expression.trim_start();
    let start = start.strip_prefix("format!(").unwrap_or(start).trim_start();
    let mut rest = start.strip_prefix('"')?.chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => return Some(text),
            '\\' => text.extend(rest.next()),
            c => text.push(c),
        }
    }
    None
}

//! `scimulate lint`: what it prints, in which form, and with which exit code.

use super::case::exchange;
use crate::support::program::run;
use scimulate::exchange::file;
use serde_json::Value;
use std::path::Path;

/// A recording of these lines.
fn recording(lines: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (n, line) in lines.iter().enumerate() {
        let exchange = exchange(line, n);
        let name = format!(
            "{:04}-{}-Users-{}.json",
            n + 1,
            exchange.request.method,
            exchange.response.status
        );
        std::fs::write(folder.path().join(name), file::print(&exchange)).unwrap();
    }
    folder
}

fn lint(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut arguments = vec!["lint", folder.to_str().unwrap()];
    arguments.extend(more);
    let (code, out, err) = run(&arguments);
    assert_eq!(err, "", "{arguments:?}");
    (code, out)
}

const RIGHT: &str = "GET /Users => 200 | %list[%user]";
const WARNED: &str =
    r#"PATCH /Users/1 | %patch[{"op":"Replace","path":"title","value":"x"}] => 204"#;
const WRONG: &str =
    r#"PATCH /Users/1 | %patch[{"op":"replace","path":"active","value":"False"}] => 204"#;

#[test]
fn the_exit_code_says_whether_something_is_denied() {
    for (lines, deny, expected) in [
        (&[RIGHT][..], "warning", 0),
        (&[RIGHT, WARNED], "error", 0),
        (&[RIGHT, WARNED], "warning", 1),
        (&[RIGHT, WRONG], "error", 1),
    ] {
        let folder = recording(lines);
        let (code, out) = lint(folder.path(), &["--deny", deny]);
        assert_eq!(code, Some(expected), "{lines:?} --deny {deny}\n{out}");
    }
}

#[test]
fn a_person_sees_the_rule_the_exchange_and_the_bytes() {
    let folder = recording(&[RIGHT, WARNED, WRONG]);
    let (_, out) = lint(folder.path(), &[]);
    for part in [
        "error[REQ-VALUE-001]: a boolean as text (client)",
        "0003-PATCH-Users-204.json:",
        r#""value": "False""#,
        "^^^^^^^ `value` is \"False\"",
        "RFC 7643 section 2.3.2",
        "= help: send `true` or `false`",
        "warning[REQ-PATCH-005]",
        "3 exchanges: 1 error, 1 warning, ",
    ] {
        assert!(out.contains(part), "no {part:?} in\n{out}");
    }
}

#[test]
fn a_clean_recording_has_nothing_to_say() {
    let folder = recording(&[RIGHT]);
    assert_eq!(
        lint(folder.path(), &[]),
        (
            Some(0),
            format!("{}: 1 exchange: nothing to say\n", folder.path().display())
        )
    );
}

#[test]
fn a_program_gets_one_document() {
    let folder = recording(&[RIGHT, WRONG]);
    let (code, out) = lint(folder.path(), &["--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &report["exchanges"], &report["errors"]),
        (Some(1), &2.into(), &1.into()),
        "{out}"
    );
    let finding = &report["findings"][0];
    for (name, expected) in [
        ("rule", "REQ-VALUE-001"),
        ("severity", "error"),
        ("side", "client"),
        ("section", "RFC 7643 section 2.3.2"),
        ("message", "`value` is \"False\""),
        ("place", "/request/body/Operations/0/value"),
        ("file", "0002-PATCH-Users-204.json"),
    ] {
        assert_eq!(finding[name], expected, "{name} of {finding}");
    }
    assert_eq!(finding["exchange"], 2);
    assert!(
        finding["help"]
            .as_str()
            .is_some_and(|help| !help.is_empty())
    );
    let text = std::fs::read_to_string(folder.path().join("0002-PATCH-Users-204.json")).unwrap();
    let line = usize::try_from(finding["line"].as_u64().unwrap()).unwrap();
    assert!(
        text.lines().nth(line - 1).unwrap().contains("\"False\""),
        "{finding}"
    );
}

#[test]
fn a_code_host_gets_sarif() {
    let folder = recording(&[RIGHT, WRONG]);
    let (_, out) = lint(folder.path(), &["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "REQ-VALUE-001");
    assert_eq!(result["level"], "error");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "REQ-VALUE-001");
    let place = &result["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.ends_with("/0002-PATCH-Users-204.json"), "{uri}");
    let (start, end) = (
        &place["region"]["startColumn"],
        &place["region"]["endColumn"],
    );
    assert_eq!(
        end.as_u64().unwrap() - start.as_u64().unwrap(),
        "\"False\"".len() as u64
    );
}

#[test]
fn a_build_server_gets_a_test_for_each_rule() {
    let folder = recording(&[RIGHT, WARNED, WRONG]);
    let (_, out) = lint(folder.path(), &["--format", "junit"]);
    let rules = scimulate::lint::rules().count();
    assert!(
        out.contains(&format!("<testsuites tests=\"{rules}\" failures=\"1\"")),
        "{out}"
    );
    assert_eq!(out.matches("<testcase ").count(), rules);
    assert_eq!(out.matches("<failure ").count(), 1);
    assert!(out.contains("is &quot;False&quot;"), "{out}");
    let (_, out) = lint(folder.path(), &["--format", "junit", "--deny", "warning"]);
    assert_eq!(out.matches("<failure ").count(), 2);
}

/// What a browser or a proxy saved is judged like a recording.
#[test]
fn an_archive_is_judged_too() {
    let folder = recording(&[RIGHT, WRONG]);
    let archive = folder.path().join("all.har");
    let (from, to) = (folder.path().to_str().unwrap(), archive.to_str().unwrap());
    let (code, out, err) = run(&[
        "har",
        "export",
        from,
        "--out",
        to,
        "--base",
        "https://sp.example/scim/v2",
    ]);
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out) = lint(&archive, &[]);
    assert_eq!(code, Some(1), "{out}");
    assert!(
        out.contains("error[REQ-VALUE-001]") && out.contains("entry 2"),
        "{out}"
    );
}

#[test]
fn the_rules_are_listed() {
    let (code, out, _) = run(&["lint", "--rules"]);
    assert_eq!(code, Some(0));
    for rule in scimulate::lint::rules() {
        assert!(
            out.contains(rule.id) && out.contains(rule.help),
            "{}",
            rule.id
        );
    }
    let (_, out, _) = run(&["lint", "--rules", "--format", "json"]);
    let table: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        table["rules"].as_array().unwrap().len(),
        scimulate::lint::rules().count()
    );
    assert_eq!(table["rules"][0]["rule"], "REQ-URL-001");
}

#[test]
fn what_is_no_recording_is_exit_3_and_no_folder_is_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = run(&["lint", folder.path().to_str().unwrap()]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("scimulate record"), "{err}");
    assert_eq!(run(&["lint"]).0, Some(2));
}

/// What control characters a body may hold, no terminal and no build server sees as such.
#[test]
fn hostile_text_stays_text() {
    let hostile =
        r#"POST /Users | %new{"title\u001b[2J</failure>":"\u0007\u202e"} => 400 | %error"#;
    let folder = recording(&[hostile]);
    for format in ["text", "json", "sarif", "junit"] {
        let (_, out) = lint(folder.path(), &["--format", format]);
        assert!(
            !out.contains('\u{1b}') && !out.contains('\u{7}'),
            "{format}\n{out}"
        );
        let is_markup = out.contains("</failure>\":") || out.contains("[2J</failure>`");
        assert!(format != "junit" || !is_markup, "{out}");
    }
}

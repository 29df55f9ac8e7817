//! `scimulate check`: everything that is wrong, at once, with its place; and the exit code.

use crate::support::program::{run, save};
use serde_json::Value;
use std::path::Path;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The exit code, and `file:line:column-line:column severity title` of each finding, files by their names.
fn findings(folder: &Path, names: &[&str]) -> (Option<i32>, Vec<String>) {
    let paths: Vec<String> = names
        .iter()
        .map(|name| folder.join(name).display().to_string())
        .collect();
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(paths.iter().map(String::as_str));
    let (code, out, err) = run(&arguments);
    assert_eq!(err, "", "all of it is the answer");
    let report: Value = serde_json::from_str(&out).expect(&out);
    let found = report["findings"].as_array().unwrap();
    let count = |severity: &str| found.iter().filter(|it| it["severity"] == severity).count();
    assert_eq!(report["errors"], count("error"));
    assert_eq!(report["warnings"], count("warning"));
    let prefix = format!("{}/", folder.display());
    let found = found.iter().map(|it| {
        let text = |name: &str| it[name].as_str().unwrap().replace(&prefix, "");
        assert!(!text("help").is_empty() && it["label"].is_string(), "{it}");
        format!(
            "{}:{}:{}-{}:{} {} {}",
            text("file"),
            it["line"],
            it["column"],
            it["end_line"],
            it["end_column"],
            text("severity"),
            text("title")
        )
    });
    (code, found.collect())
}

#[track_caller]
fn check(files: &[(&str, &str)], code: i32, expected: &[&str]) {
    let folder = folder(files);
    let (found_code, found) = findings(folder.path(), &[""]);
    assert_eq!(found, expected, "{files:?}");
    assert_eq!(found_code, Some(code), "{files:?}");
}

#[test]
fn a_clean_file_is_exit_0_and_so_is_one_with_warnings_alone() {
    check(&[("a.ron", "Scenario()"), ("b.ron", "Scenario()")], 0, &[]);
    check(
        &[("a.ron", r#"Scenario(auth: [Bearer("t"), Bearer("t")])"#)],
        0,
        &["a.ron:1:30-1:41 warning these credentials are listed twice"],
    );
}

#[test]
fn what_a_file_a_schema_and_another_resource_refuse_is_said_at_once() {
    check(
        &[(
            "a.ron",
            r#"Scenario(
    clock: Fixed("soon"),
    users: [
        {"userName": "ann"},
        {"userName": "Ann"},
        {"userName": "bob", "emails": "bob@example.com"},
        {"title": "nobody"},
    ],
    groups: [{"displayName": "A", "members": ["ann", "zoe"]}],
)"#,
        )],
        3,
        &[
            "a.ron:2:18-2:24 error this is not an instant of RFC 3339",
            "a.ron:5:9-5:28 error `userName` is unique, and another User has `ann`",
            "a.ron:6:29-6:56 error `emails[0]`: expected an object, found \"bob@example.com\"",
            "a.ron:7:9-7:28 error `userName`: a User needs a value here, and has none",
            "a.ron:9:54-9:59 error `members[1]`: `zoe` names nobody: expected the id, the userName or the displayName of a resource of this file",
        ],
    );
}

/// Who a member names cannot be said while users are missing, and what a resource may hold not while a schema is.
#[test]
fn what_follows_from_a_mistake_is_not_said_beside_it() {
    check(
        &[(
            "a.ron",
            r#"Scenario(
    user: [{"userName": "ann"}],
    groups: [{"displayName": "A", "members": ["ann"]}, {"members": []}],
)"#,
        )],
        3,
        &[
            "a.ron:2:5-2:9 error unknown field `user` in `Scenario`",
            "a.ron:3:56-3:71 error `displayName`: a Group needs a value here, and has none",
        ],
    );
    check(
        &[(
            "a.ron",
            r#"Scenario(schemas: [{"name": "Car"}], users: [{"userName": 5}])"#,
        )],
        3,
        &["a.ron:1:20-1:35 error a schema needs an `id`, its URN"],
    );
    check(
        &[(
            "a.ron",
            r#"Scenario(users: [{"userName": "ann" "title": "x"}, {"userName": 5}])"#,
        )],
        3,
        &[
            "a.ron:1:36-1:36 error a comma is missing",
            "a.ron:1:53-1:66 error `userName`: expected a string, found 5",
        ],
    );
}

#[test]
fn all_files_are_checked_and_each_is_named() {
    check(
        &[
            ("a.ron", "Scenario(seed: x)"),
            ("b.ron", "Scenario()"),
            (
                "c.ron",
                "Scenario(extends: \"lib/base.ron\", users: \"lib/u.ndjson\")",
            ),
            ("d.ron", "Scenario(extends: \"lib/base.ron\")"),
            ("lib/base.ron", "Scenario(\n  sed: 1,\n)"),
            (
                "lib/u.ndjson",
                "{\"userName\": \"a\"}\n{\"userName\": \"a\"}\n{\"userName\": }\n",
            ),
        ],
        3,
        &[
            "a.ron:1:16-1:17 error expected a whole number from 0 to 18446744073709551615, found `x`",
            "lib/base.ron:2:3-2:6 error unknown field `sed` in `Scenario`",
            "lib/u.ndjson:2:1-2:18 error `userName` is unique, and another User has `a`",
            "lib/u.ndjson:3:14-3:15 error expected a value, found `}`",
        ],
    );
}

#[test]
fn two_scenarios_of_one_name_and_files_that_cannot_be_read_are_findings() {
    let folder = folder(&[
        ("x/a.ron", "Scenario()"),
        ("y/a.ron", "Scenario()"),
        ("my company.ron", "Scenario()"),
    ]);
    std::fs::write(folder.path().join("z.ron"), b"Scenario(\xff)").unwrap();
    let names = ["x", "x/a.ron", "y", "my company.ron", "z.ron", "none.ron"];
    let (code, found) = findings(folder.path(), &names);
    assert_eq!(code, Some(3));
    assert_eq!(
        found,
        [
            "y/a.ron:1:1-1:1 error two scenarios are named `a`; a tenant is named after its file, so rename one",
            "my company.ron:1:1-1:1 error `my company` cannot be part of a URL; a tenant is named after its file, so rename it with letters, digits, `-`, `_` and `.`",
            "z.ron:1:1-1:1 error the scenario z.ron is not UTF-8 text: byte 9 does not belong there; save it as UTF-8",
            "none.ron:1:1-1:1 error cannot read the scenario none.ron: No such file or directory (os error 2)",
        ]
    );
}

#[test]
fn people_get_the_line_and_a_count() {
    let folder = folder(&[("a.ron", "Scenario(\n    usres: [],\n)")]);
    let path = folder.path().join("a.ron");
    let (code, out, err) = run(&["check", path.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (Some(3), ""));
    assert!(
        out.contains("a.ron:2:5\n") && out.contains("= help: did you mean `users`?"),
        "{out}"
    );
    assert!(out.ends_with("\n1 scenario: 1 error\n"), "{out}");
    save(&path, "Scenario()");
    let (code, out, _) = run(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "1 scenario: nothing is wrong\n")
    );
}

#[test]
fn nothing_to_check_is_wrong_usage() {
    let empty = tempfile::tempdir().unwrap();
    for arguments in [
        &["check"][..],
        &["check", empty.path().to_str().unwrap()],
        &["check", "--format", "xml", "a.ron"],
    ] {
        let (code, _, err) = run(arguments);
        assert_eq!(code, Some(2), "{err}");
    }
}

/// No secret of a broken file is in either format.
#[test]
fn secrets_are_not_said() {
    let folder = folder(&[
        (
            "a.ron",
            r#"Scenario(auth: [Baerer("s3cr3t"), 7], users: "u.ndjson")"#,
        ),
        (
            "u.ndjson",
            "{\"password\": \"s3cr3t\" \"userName\": \"a\"}\n",
        ),
    ]);
    for format in ["text", "json"] {
        let (code, out, err) = run(&["check", "--format", format, folder.path().to_str().unwrap()]);
        assert_eq!(code, Some(3));
        assert!(
            out.contains("a comma is missing") && !out.contains("s3cr3t") && err.is_empty(),
            "{out}"
        );
    }
}

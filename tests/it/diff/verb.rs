//! `diff`: its forms, what it leaves out, its exit codes.

use crate::entities::{exchange, made, user};
use crate::support::program::run;
use scimulate::exchange::{Exchange, Folder, Recording};
use serde_json::{Value, json};
use std::path::Path;

fn save(folder: &Path, exchanges: Vec<Exchange>) -> String {
    let about = Recording::of("https://sp.example/scim/v2", &[]);
    let recorded = Folder::open(folder, &about).unwrap();
    for exchange in exchanges {
        recorded.write(recorded.next_number(), &exchange).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

fn changed(id: &str, more: Value) -> Exchange {
    let mut user = user(id, "ann");
    user.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    exchange(&format!("GET /Users/{id}"), Value::Null, 200, user)
}

struct Two {
    _home: tempfile::TempDir,
    before: String,
    after: String,
}

fn two(before: Vec<Exchange>, after: Vec<Exchange>) -> Two {
    let home = tempfile::tempdir().unwrap();
    let (before, after) = (
        save(&home.path().join("a"), before),
        save(&home.path().join("b"), after),
    );
    Two {
        _home: home,
        before,
        after,
    }
}

fn differing() -> Two {
    let mail = |value: &str| json!({"emails": [{"value": value, "type": "work"}], "title": "<Boss> & \"co\""});
    let mut after = mail("b@x");
    after["nickName"] = json!("N");
    after["title"] = json!(7);
    two(
        vec![made("a", "ann"), changed("a", mail("a@x"))],
        vec![made("1", "ann"), changed("1", after)],
    )
}

#[track_caller]
fn check(two: &Two, more: &[&str], code: i32, parts: &[&str]) -> String {
    let (found, printed, said) =
        run(&[&["diff", two.before.as_str(), two.after.as_str()], more].concat());
    assert_eq!(found, Some(code), "{printed}{said}");
    for part in parts {
        assert!(
            printed.contains(part) || said.contains(part),
            "{part}: {printed}{said}"
        );
    }
    printed
}

#[test]
fn for_people_differences_stand_below_their_exchange() {
    let printed = check(&differing(), &[], 1, &[]);
    assert_eq!(
        printed,
        r#"exchange 2: GET /Users/{user#1}
  warn   emails[type eq "work"].value  "a@x", now "b@x"
  error  title                         "<Boss> & \"co\"", now 7
  info   nickName                      new: "N"

2 exchanges: 1 error, 1 warning, 1 addition
"#
    );
}

#[test]
fn for_programs_it_is_one_document() {
    let printed = check(&differing(), &["--format", "json"], 1, &[]);
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["errors"], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    assert_eq!(
        report["findings"][0],
        json!({
            "rule": "changed", "severity": "warn", "side": "provider", "section": "RFC 7643 section 2", "exchange": 2, "other": 2,
            "asked": "GET /Users/{user#1}", "resource": null, "path": "emails[type eq \"work\"].value", "before": "a@x", "after": "b@x",
            "message": "emails[type eq \"work\"].value: \"a@x\", now \"b@x\"",
            "help": "see whether it is meant; ignore the path where it is expected",
        })
    );
}

#[test]
fn for_build_servers_it_is_junit() {
    let printed = check(&differing(), &["--format", "junit"], 1, &[]);
    for part in [
        "<testsuites tests=\"2\" failures=\"1\" errors=\"0\">",
        "<testcase classname=\"scimulate diff\" name=\"exchange 1: POST /Users\"/>",
        "<failure type=\"changed\" message=\"emails[type eq &quot;work&quot;].value: ",
        "error title: &quot;&lt;Boss&gt; &amp; \\&quot;co\\&quot;&quot;, now 7</failure>",
        "<system-out>info nickName: new: &quot;N&quot;</system-out>",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let nothing = two(vec![made("a", "ann")], vec![made("1", "ann")]);
    check(&nothing, &["--format", "junit"], 0, &["failures=\"0\""]);
}

#[test]
fn paths_of_the_report_can_be_ignored() {
    let two = differing();
    check(
        &two,
        &[
            "--ignore",
            "emails[type eq \"work\"].value",
            "--ignore",
            "TITLE",
        ],
        0,
        &["2 exchanges: 1 addition"],
    );
    check(
        &two,
        &[
            "--ignore",
            "emails.value",
            "--ignore",
            "title",
            "--ignore",
            "nickName",
        ],
        0,
        &["nothing is different"],
    );
    check(&two, &["--ignore", "emails"], 1, &["1 error, 1 addition"]);
    check(&two, &["--ignore", "email"], 1, &["1 error, 1 warning"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "# expected since June\nemails\n\n  title\n").unwrap();
    check(
        &two,
        &["--ignore-file", file.path().to_str().unwrap()],
        0,
        &["1 addition"],
    );
    check(
        &two,
        &["--ignore-file", "/none/such"],
        2,
        &["cannot read /none/such"],
    );
}

#[test]
fn broken_recordings_are_exit_3_and_both_are_named() {
    let home = tempfile::tempdir().unwrap();
    let (empty, absent) = (home.path().join("empty"), home.path().join("absent"));
    std::fs::create_dir(&empty).unwrap();
    let two = Two {
        before: empty.to_str().unwrap().into(),
        after: absent.to_str().unwrap().into(),
        _home: home,
    };
    check(&two, &[], 3, &["empty: expected files like", "absent"]);
}

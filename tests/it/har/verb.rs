//! `har export` and `har import`.

use super::archive;
use crate::support::program::run;
use std::collections::BTreeMap;
use std::path::Path;

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap());
    entries
        .map(|it| {
            (
                it.file_name().into_string().unwrap(),
                std::fs::read_to_string(it.path()).unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_recording_goes_out_and_comes_in_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first");
    let (file, again) = (home.path().join("first.har"), home.path().join("again"));
    let (file, out) = (file.to_str().unwrap(), again.to_str().unwrap());
    let (code, printed, said) = run(&["har", "export", first.to_str().unwrap(), "--out", file]);
    assert_eq!((code, printed.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("first.har: 59 exchanges"), "{said}");
    let (code, _, said) = run(&["har", "import", file, "--out", out]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("59 exchanges with http://127.0.0.1:42309/v2"),
        "{said}"
    );
    assert_eq!(files(&again), files(&first));
    let (code, printed, _) = run(&["har", "export", out]);
    assert_eq!(
        (code, printed),
        (Some(0), std::fs::read_to_string(file).unwrap())
    );
    // It is not added to what is there.
    let (code, _, said) = run(&["har", "import", file, "--out", out]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("choose another folder"), "{said}");
}

#[test]
fn what_is_left_out_and_where_else_there_is_scim_is_said() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("all");
    let file = archive("chrome.har");
    let (code, _, said) = run(&[
        "har",
        "import",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--base",
        "https://sp.example/",
    ]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("4 exchanges with https://sp.example"),
        "{said}"
    );
    assert!(said.contains("1 entry is elsewhere and left out"), "{said}");
    assert!(
        said.contains("--base https://sp.example/scim/v2 makes"),
        "{said}"
    );
}

#[track_caller]
fn check(arguments: &[&str], code: i32, expected: &str) {
    let (found, _, said) = run(arguments);
    assert_eq!(found, Some(code), "{said}");
    assert!(said.contains(expected), "{arguments:?}: {said}");
}

#[test]
fn what_cannot_be_done_says_why() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("broken.har"), "{\n \"log\": [").unwrap();
    std::fs::write(at("empty.har"), "{\"log\": {\"entries\": [{}]}}").unwrap();
    std::fs::write(at("bytes.har"), [0xff, 0xfe]).unwrap();
    let out = at("out");
    let archive = archive("chrome.har").to_str().unwrap().to_owned();
    check(
        &["har", "import", &at("broken.har"), "--out", &out],
        3,
        "broken.har:2:",
    );
    check(
        &[
            "har",
            "import",
            &at("empty.har"),
            "--out",
            &out,
            "--base",
            "http://x",
        ],
        3,
        "empty.har: log.entries[0]: expected",
    );
    check(
        &["har", "import", &at("bytes.har"), "--out", &out],
        3,
        "UTF-8",
    );
    check(
        &["har", "import", &at("absent.har"), "--out", &out],
        3,
        "cannot read",
    );
    check(
        &[
            "har",
            "import",
            &archive,
            "--out",
            &out,
            "--base",
            "sp.example",
        ],
        2,
        "--base is an absolute",
    );
    check(&["har", "import", &archive], 2, "--out");
    check(&["har", "export", &at("absent")], 3, "cannot read");
    assert!(!home.path().join("out").exists());
    // A folder that was written by hand need not say where it comes from.
    let first =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first/0010-GET-Users-200.json");
    std::fs::create_dir(at("hand")).unwrap();
    std::fs::copy(first, at("hand/0010-GET-Users-200.json")).unwrap();
    check(&["har", "export", &at("hand")], 3, "--base URL");
    let (code, printed, _) = run(&[
        "har",
        "export",
        &at("hand"),
        "--base",
        "https://sp.example/x",
    ]);
    assert_eq!(code, Some(0));
    assert!(
        printed.contains("\"https://sp.example/x/Users/"),
        "{printed}"
    );
}

//! The folder of a recording: numbers, names, whole files.

use super::{exchange, recording};
use scimulate::exchange::{Ended, Folder, FolderError, Response, Side, folder};
use std::path::Path;

#[test]
fn a_folder_numbers_its_files_and_reads_them_in_order() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("fixtures/first");
    let recorded = Folder::open(&path, &recording()).unwrap();
    let (first, second) = (recorded.next_number(), recorded.next_number());
    recorded
        .write(second, &exchange("POST", "/Users", 201))
        .unwrap();
    let written = recorded
        .write(first, &exchange("GET", "/Users/1", 404))
        .unwrap();
    assert_eq!(written.path, path.join("0001-GET-Users-404.json"));
    assert_eq!(
        std::fs::read_to_string(path.join("recording.ron")).unwrap(),
        "Recording(\n    upstream: \"http://127.0.0.1:1/v2\",\n    base_path: \"/scim/v2\",\n    started: \"2026-01-01T00:00:00Z\",\n    \
         version: \"0.1.0\",\n    redaction: \"secrets\",\n)\n"
    );
    let read = folder::read(&path).unwrap();
    assert_eq!(
        read,
        [
            (1, exchange("GET", "/Users/1", 404)),
            (2, exchange("POST", "/Users", 201))
        ]
    );
}

#[test]
fn numbering_goes_on_after_the_highest_and_deleted_files_leave_gaps() {
    let home = tempfile::tempdir().unwrap();
    let write = |number| {
        let recorded = Folder::open(home.path(), &recording()).unwrap();
        recorded
            .write(number, &exchange("GET", "/Users", 200))
            .unwrap()
    };
    write(2);
    write(10_000);
    let deleted = write(7);
    std::fs::remove_file(deleted.path).unwrap();
    assert_eq!(
        Folder::open(home.path(), &recording())
            .unwrap()
            .next_number(),
        10_001
    );
    let numbers: Vec<u64> = folder::read(home.path())
        .unwrap()
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, [2, 10_000]);
}

#[track_caller]
fn check_name(method: &str, path: &str, expected: &str) {
    let home = tempfile::tempdir().unwrap();
    let recorded = Folder::open(home.path(), &recording()).unwrap();
    recorded
        .write(recorded.next_number(), &exchange(method, path, 200))
        .unwrap();
    assert!(home.path().join(expected).exists(), "{path}: {expected}");
    assert_eq!(folder::read(home.path()).unwrap().len(), 1);
}

#[test]
fn the_name_of_a_file_is_safe_whatever_the_path() {
    check_name("GET", "/Users", "0001-GET-Users-200.json");
    check_name("POST", "/Users/.search", "0001-POST-Users-200.json");
    check_name("POST", "/.search", "0001-POST-.search-200.json");
    check_name("GET", "/", "0001-GET-base-200.json");
    check_name("GET", "/%2e%2e%2fetc", "0001-GET-2e2e2fetc-200.json");
    check_name("M-SEARCH", "/../x", "0001-M-SEARCH-..-200.json");
    check_name(
        "GET",
        &format!("/{}", "x".repeat(900)),
        &format!("0001-GET-{}-200.json", "x".repeat(40)),
    );
}

#[test]
fn the_file_of_an_exchange_without_an_answer_has_a_0_where_the_status_stands() {
    let home = tempfile::tempdir().unwrap();
    let recorded = Folder::open(home.path(), &recording()).unwrap();
    let mut unanswered = exchange("GET", "/Users", 200);
    unanswered.response = Response::none();
    unanswered.ended = Some(Ended {
        by: Side::Client,
        why: "it left".into(),
    });
    let written = recorded.write(7, &unanswered).unwrap();
    assert_eq!(written.path, home.path().join("0007-GET-Users-0.json"));
    assert_eq!(folder::read(home.path()).unwrap(), [(7, unanswered)]);
}

#[test]
fn all_broken_files_are_reported_and_leftovers_of_a_killed_writer_are_not() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    Folder::open(home.path(), &recording())
        .unwrap()
        .write(1, &exchange("GET", "/Users", 200))
        .unwrap();
    write(".0002-GET-Users-200.json.77", "{");
    write("README.md", "not an exchange");
    assert_eq!(folder::read(home.path()).unwrap().len(), 1);
    write("0003-a.json", "{\n  \"at\": 1");
    write("0004-b.json", "");
    write("five.json", "{}");
    let errors = folder::read(home.path()).unwrap_err();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{texts:?}");
    assert!(
        matches!(&errors[1], FolderError::Broken { line: 2, path, .. } if path.ends_with("0003-a.json")),
        "{texts:?}"
    );
    assert!(texts[1].contains("0003-a.json:2:"), "{texts:?}");
    assert!(
        texts
            .iter()
            .any(|text| text.contains("five.json: expected a name")),
        "{texts:?}"
    );
}

#[test]
fn a_folder_that_is_not_there_or_cannot_be_written_says_so() {
    let home = tempfile::tempdir().unwrap();
    let errors = folder::read(&home.path().join("none")).unwrap_err();
    assert!(errors[0].to_string().contains("cannot read"), "{errors:?}");
    let taken = home.path().join("file");
    std::fs::write(&taken, "").unwrap();
    let error = Folder::open(&taken, &recording()).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error}");
}

#[test]
fn writers_side_by_side_leave_only_whole_files() {
    let home = tempfile::tempdir().unwrap();
    let recorded = Folder::open(home.path(), &recording()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    recorded
                        .write(recorded.next_number(), &exchange("GET", "/Users", 200))
                        .unwrap();
                }
            });
        }
    });
    let numbers: Vec<u64> = folder::read(home.path())
        .unwrap()
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    assert!(names(home.path()).iter().all(|name| !name.starts_with('.')));
}

fn names(path: &Path) -> Vec<String> {
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

//! `scimulate distill`, over the recordings of real service providers that ship.

use super::overrides::odd;
use crate::support::program::run;
use scimulate::exchange::{Folder, Recording};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the verb on a shipped recording: its exit code, the last line that it prints, and the scenario.
fn distill(name: &str, out: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let folder = root().join("fixtures").join(name);
    let mut arguments = vec![
        "distill",
        folder.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    arguments.extend(more);
    let (code, printed, said) = run(&arguments);
    let last = printed.lines().last().unwrap_or(&said).to_owned();
    (code, last, std::fs::read_to_string(out).unwrap_or_default())
}

#[test]
fn scim2_server_is_explained_and_its_scenario_is_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("scim2-server.ron");
    let (code, last, scenario) = distill("scim2-server", &out, &[]);
    assert_eq!(
        (code, last.as_str()),
        (Some(0), "59 of 59 exchanges explained")
    );
    let golden = root().join("tests/data/distill/scim2-server.ron");
    assert_eq!(scenario, std::fs::read_to_string(golden).unwrap());
    let (code, _, said) = run(&["check", out.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn scimmy_is_explained_but_for_what_no_setting_says_and_overrides_say_that() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("scimmy.ron");
    let (code, last, scenario) = distill("scimmy", &out, &["--overrides"]);
    let expected = "62 of 65 exchanges explained, 3 more answered by overrides";
    assert_eq!((code, last.as_str()), (Some(0), expected));
    assert!(scenario.contains("// Overrides:"), "{scenario}");
    let (code, _, said) = run(&["check", out.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let (code, last, kept) = distill("scimmy", &out, &[]);
    assert_eq!(code, Some(2), "{last}");
    assert!(last.contains("--force") && kept == scenario, "{last}");
}

#[test]
fn what_is_not_explained_is_listed_and_the_exit_code_says_so() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("odd");
    let about = Recording::of("https://sp.example/scim/v2", &[]);
    let recording = Folder::open(&folder, &about).unwrap();
    for (number, exchange) in odd() {
        recording.write(number, &exchange).unwrap();
    }
    let (folder, out) = (folder.to_str().unwrap(), home.path().join("odd.ron"));
    let (code, printed, said) = run(&["distill", folder, "--out", out.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        printed.starts_with("exchange 2: GET /Users/{user#1}\n  error  status "),
        "{printed}"
    );
    assert!(
        printed.ends_with("\n\n3 of 4 exchanges explained\n"),
        "{printed}"
    );
}

#[test]
fn a_folder_without_exchanges_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().to_str().unwrap();
    let (code, _, said) = run(&["distill", folder, "--out", "never.ron"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("found none"), "{said}");
}

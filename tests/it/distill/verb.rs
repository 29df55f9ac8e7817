//! `scimulate distill`.

use crate::support::program::run;
use std::path::Path;

fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures")
        .join(name)
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_recording_of_a_real_provider_becomes_a_scenario_that_checks() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("first.ron");
    let out = out.to_str().unwrap();
    let (code, printed, said) = run(&["distill", &fixture("scim2-server"), "--out", out]);
    // A refusal for want of a token cannot be told from the other requests: secrets of this recording have no tags.
    assert_eq!(code, Some(1), "{said}");
    assert!(
        printed.starts_with("exchange 4: GET /Users?filter="),
        "{printed}"
    );
    assert!(
        printed.ends_with("\n58 of 59 exchanges explained\n"),
        "{printed}"
    );
    let (code, _, said) = run(&["check", out]);
    assert_eq!(code, Some(0), "{said}");

    let (code, _, said) = run(&["distill", &fixture("scim2-server"), "--out", out]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--force"), "{said}");

    let (code, printed, said) = run(&[
        "distill",
        &fixture("scim2-server"),
        "--out",
        out,
        "--overrides",
        "--force",
    ]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        printed.ends_with("58 of 59 exchanges explained, 1 more answered by overrides\n"),
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

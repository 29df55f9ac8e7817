//! The settings of `Provider(…)` in the language of the checklist: `tests/data/settings.txt` shows each in every position.
//!
//! A row is a field, its cases name it with each value; one that never names the field shows what holds without it.

use crate::support::case::Case;
use crate::support::rows::{self, Shows};
use crate::support::sp::Sp;
use scimulate::scenario::{PROFILES, PROVIDER_FIELDS};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// Each field with its cases.
fn settings() -> Vec<(String, Vec<Case>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/settings.txt");
    let rows = rows::section(&path).1.into_iter();
    rows.map(|row| match row.shows {
        Shows::Cases(cases) => (row.id, cases),
        Shows::Reason(_) => panic!("{} is a setting: it has cases", row.id),
    })
    .collect()
}

#[test]
fn every_setting_does_what_it_says_in_every_position() {
    let mut wrong = Vec::new();
    for (id, cases) in settings() {
        for case in cases {
            assert!(case.shows_something(), "{id} shows nothing");
            let said = |why| format!("{id} ({}) {why}", case.provider);
            wrong.extend(case.run(&super::SCENARIO).into_iter().map(said));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The cases want what the RFC wants of every error, so what changes errors stands apart.
#[test]
fn errors_are_written_as_a_scenario_wants_them() {
    let with = |provider: &str| {
        let auth = r#"auth: [Bearer("secret-token")]"#;
        Sp::with(&format!("Scenario({auth}, provider: Provider({provider}))"))
    };
    let answer = with("error_status: Number").get("/Users/nobody");
    let expected = (404, &json!(404));
    assert_eq!((answer.status, &answer.json()["status"]), expected);
    let (said, silent) = (with("error_detail: true"), with("error_detail: false"));
    for (method, target, status) in [
        ("GET", "/Users/nobody", 404),
        ("PUT", "/ServiceProviderConfig", 405),
    ] {
        assert!(said.send(method, target, None).json()["detail"].is_string());
        let answer = silent.send(method, target, None);
        assert_eq!((answer.status, answer.json().get("detail")), (status, None));
    }
    let answer = silent.send_with("GET", "/Users", &[], None);
    assert_eq!((answer.status, answer.json().get("detail")), (401, None));
    let answer = with("charset: true").get("/Users/nobody");
    let media = "application/scim+json; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(media));
}

#[test]
fn every_setting_stands_there_with_two_values() {
    let mut shown = BTreeSet::new();
    for (id, cases) in settings() {
        let value = |provider: &str| {
            let given = provider.split_once(&format!("{id}: "))?.1;
            Some(given.to_owned())
        };
        let values: BTreeSet<_> = cases.iter().map(|case| value(&case.provider)).collect();
        assert!(values.len() >= 2, "{id} has one position: {values:?}");
        assert!(shown.insert(id.clone()), "{id} stands twice");
    }
    let fields: BTreeSet<String> = PROVIDER_FIELDS.iter().map(|it| (*it).to_owned()).collect();
    // Strictness is what `lenient` and `strict` are; the rest of the data shows it in either position.
    let without = fields.into_iter().filter(|it| it != "strictness");
    assert_eq!(without.collect::<BTreeSet<_>>(), shown);
}

#[test]
fn the_demo_explains_every_setting() {
    let demo = include_str!("../../../scenarios/demo.ron");
    let (_, provider) = demo.split_once("provider: Provider(").unwrap();
    let (provider, _) = provider.split_once("\n    ),").unwrap();
    for field in PROVIDER_FIELDS {
        assert!(provider.contains(&format!("{field}: ")), "{field}");
    }
    for profile in PROFILES {
        assert!(
            provider.contains(&format!("{:?}", profile.name)),
            "{}",
            profile.name
        );
    }
}

//! Counts in Prometheus's text form, which is read by the letter here.

#![allow(clippy::float_cmp, reason = "counts are whole")]

use super::*;
use crate::support::client::Client;
use crate::support::program::{Program, save};
use std::collections::{BTreeMap, BTreeSet};

/// Samples by name and labels, after each line was held to the format: HELP, TYPE and samples of a family together, no sample twice.
#[track_caller]
fn read(text: &str) -> BTreeMap<String, f64> {
    let is_name = |name: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty()
            && name.chars().all(plain)
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    assert!(text.ends_with('\n'));
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    let (mut helped, mut family) = (String::new(), (String::new(), String::new()));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(is_name(name) && !help.is_empty(), "{line}");
            assert!(families.insert(name.to_owned()), "{line}: told before");
            name.clone_into(&mut helped);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert_eq!(name, helped);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            family = (name.to_owned(), kind.to_owned());
        } else {
            let (key, value) = line.rsplit_once(' ').expect(line);
            let value: f64 = value.parse().expect(line);
            assert!(value >= 0.0, "{line}");
            let (name, labels) = key
                .split_once('{')
                .map_or((key, None), |(name, rest)| (name, Some(rest)));
            let of_histogram = ["_bucket", "_sum", "_count"].map(|it| format!("{}{it}", family.0));
            assert!(is_name(name));
            if family.1 == "histogram" {
                assert!(of_histogram.iter().any(|it| it == name), "{line}");
            } else {
                assert_eq!(name, family.0);
            }
            if let Some(labels) = labels {
                for label in labels.strip_suffix('}').expect(line).split(',') {
                    let (name, text) = label.split_once('=').expect(line);
                    let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                    assert!(
                        is_name(name) && inner.is_some_and(|it| !it.contains('"')),
                        "{line}"
                    );
                }
            }
            assert!(
                samples.insert(key.to_owned(), value).is_none(),
                "{line}: twice"
            );
        }
    }
    samples
}

#[test]
fn counts_are_those_of_the_requests_that_were_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ron");
    let faults = r#"faults: [Fault(on: (path: "/Groups"), then: Outage), Fault(on: (path: "/Groups/1"), then: Disconnect)]"#;
    save(&file, &format!("Scenario({faults})"));
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let mut control = Client::new(program.control(), "");
    let mut metrics = move || {
        let reply = control.get("/metrics");
        assert_eq!(
            reply.header("content-type"),
            Some("text/plain; version=0.0.4; charset=utf-8")
        );
        read(&reply.body)
    };
    let before = metrics();
    assert!(before["process_start_time_seconds"] > 1.7e9);
    let mut scim = Client::new(program.address(), "");
    for name in ["ann", "bob", "ann"] {
        let body =
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name});
        scim.send("POST", "/scim/v2/Users", &body.to_string());
    }
    for n in 0..20 {
        scim.get(&format!("/scim/v2/Users/{n}"));
        scim.get(&format!("/scim/v2/nothing{n}"));
    }
    scim.get("/scim/v2/Groups");
    scim.get("/scim/v2/Schemas");
    let mut stream = crate::support::client::connect(program.address());
    std::io::Write::write_all(
        &mut stream,
        b"GET /scim/v2/Groups/1 HTTP/1.1\r\nhost: localhost\r\n\r\n",
    )
    .unwrap();
    assert_eq!(
        std::io::Read::read(&mut stream, &mut [0; 10]).unwrap_or(0),
        0
    );
    let after = metrics();
    let requests = |method: &str, endpoint: &str, status: &str| {
        let labels = format!(
            r#"{{tenant="acme",method="{method}",endpoint="{endpoint}",status="{status}"}}"#
        );
        after[&format!("scimulate_requests_total{labels}")]
    };
    assert_eq!(requests("POST", "User", "201"), 2.0);
    assert_eq!(requests("POST", "User", "409"), 1.0);
    assert_eq!(requests("GET", "User", "404"), 20.0);
    assert_eq!(requests("GET", "other", "404"), 20.0);
    assert_eq!(requests("GET", "Group", "503"), 1.0);
    assert_eq!(requests("GET", "Group", "none"), 1.0);
    assert_eq!(requests("GET", "Schemas", "200"), 1.0);
    let all = after
        .iter()
        .filter(|it| it.0.starts_with("scimulate_requests_total"));
    assert_eq!(
        all.clone().count(),
        7,
        "what clients name at will is no label"
    );
    let sum: f64 = all.map(|it| it.1).sum();
    let time = "scimulate_request_duration_seconds";
    assert_eq!(after[&format!(r#"{time}_count{{tenant="acme"}}"#)], sum);
    assert_eq!(
        after[&format!(r#"{time}_bucket{{tenant="acme",le="+Inf"}}"#)],
        sum
    );
    assert!(after[&format!(r#"{time}_sum{{tenant="acme"}}"#)] > 0.0);
    assert_eq!(
        after[r#"scimulate_faults_total{tenant="acme",fault="Outage"}"#],
        1.0
    );
    assert_eq!(
        after[r#"scimulate_faults_total{tenant="acme",fault="Disconnect"}"#],
        1.0
    );
    assert_eq!(
        after[r#"scimulate_resources{tenant="acme",type="User"}"#],
        2.0
    );
    assert_eq!(after["scimulate_journal_exchanges"], sum);
    assert!(after["scimulate_journal_bytes"] > 0.0);
    assert_eq!(after[r#"scimulate_reloads_total{outcome="failed"}"#], 0.0);
    // Counts go on when the scenario is loaded again.
    save(&file, "Scenario(x: 1)");
    program.says("stays as it was");
    save(&file, "Scenario()");
    program.says("reloaded");
    let later = metrics();
    assert_eq!(later[r#"scimulate_reloads_total{outcome="failed"}"#], 1.0);
    assert_eq!(later[r#"scimulate_reloads_total{outcome="ok"}"#], 1.0);
    assert_eq!(later[&format!(r#"{time}_count{{tenant="acme"}}"#)], sum);
}

//! What lint says of every documented and captured request of identity providers (`tests/data/idp/bodies.txt`), line by line.
//!
//! The findings stand in `tests/data/lint/identity-providers.golden`. Where they change and that is meant, the file that a failing test
//! names takes the place of the old one.

use super::case::exchange;
use scimulate::lint::{self, Side};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// The rules that one request breaks by itself.
fn broken(request: &str) -> BTreeSet<&'static str> {
    let (method, rest) = request.split_once(' ').expect("a method and a target");
    let (target, body) = match rest.find(" {") {
        Some(at) => (&rest[..at], format!(" | {}", &rest[at + 1..])),
        None => (rest, String::new()),
    };
    let status = if method == "GET" { 200 } else { 204 };
    let exchange = exchange(&format!("{method} {target}{body} => {status}"), 0);
    let (findings, _) = lint::judge([(1, &exchange)].into_iter(), true);
    let client = findings.into_iter().filter(|it| it.side == Side::Client);
    client.map(|it| it.rule.id).collect()
}

#[test]
fn what_identity_providers_send_breaks_these_rules_and_no_other() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let requests = std::fs::read_to_string(data.join("idp/bodies.txt")).unwrap();
    let mut found = String::new();
    for line in requests
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (idp, request) = line
            .split_once(' ')
            .expect("an identity provider and a request");
        // What is left open may be anything.
        let rules = broken(&request.replace('…', "x1"));
        let rules = if rules.is_empty() {
            "-".to_owned()
        } else {
            rules.into_iter().collect::<Vec<_>>().join(" ")
        };
        let shown: String = request.chars().take(160).collect();
        writeln!(found, "{idp} {shown}\n    {rules}").expect("a string takes all");
    }
    let golden = data.join("lint/identity-providers.golden");
    if std::fs::read_to_string(&golden).unwrap_or_default() != found {
        let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("identity-providers.golden");
        std::fs::write(&written, &found).unwrap();
        panic!(
            "the findings are not those of {0}\nif that is meant: cp {1} {0}",
            golden.display(),
            written.display()
        );
    }
}

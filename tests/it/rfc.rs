//! The rows of the RFC checklist (RFC 7643, 7644, 9865 and what HTTP adds) as data in `tests/data/rfc`, a file a section: each row
//! with the requests that show it and what they must be answered with, or with the reason why no request to a service provider can.
//!
//! U1, U2, G1 and G2 are there before each case, under ids of these names, as the checklist describes them.

use crate::support::case::Case;
use crate::support::rows::{self, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// The fixtures of the checklist, and a type with the X attributes.
const SCENARIO: &str = r#"
    clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000), auth: [Bearer(token: "good", subject: "U1"), Basic("admin", "secret")],
    schemas: [{"id": "urn:example:X", "name": "X", "attributes": [
        {"name": "xInt", "type": "integer"}, {"name": "xDec", "type": "decimal"}, {"name": "xDate", "type": "dateTime"},
        {"name": "xBin", "type": "binary", "caseExact": true}, {"name": "xFlag", "type": "boolean"}, {"name": "xMV", "type": "string", "multiValued": true},
        {"name": "xImm", "type": "string", "mutability": "immutable"}, {"name": "xRO", "type": "string", "mutability": "readOnly"},
        {"name": "xWO", "type": "string", "mutability": "writeOnly", "returned": "never"},
        {"name": "xReq", "type": "string", "returned": "request"}, {"name": "xAlw", "type": "string", "returned": "always"},
        {"name": "xExact", "type": "string", "caseExact": true}, {"name": "xUnique", "type": "string", "uniqueness": "server"},
        {"name": "xRef", "type": "reference", "referenceTypes": ["external"], "caseExact": true}]}],
    resource_types: [ResourceType(name: "Widget", schema: "urn:example:X")],
    users: [
        {"id": "U1", "userName": "bjensen", "externalId": "701984", "name": {"givenName": "Barbara", "familyName": "Jensen"},
         "displayName": "Babs", "title": "Guide", "active": true,
         "emails": [{"value": "bj@work.ex", "type": "work", "primary": true}, {"value": "bj@home.ex", "type": "home"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "1", "department": "IT"}},
        {"id": "U2", "userName": "jsmith", "active": false},
    ],
    groups: [
        {"id": "G1", "displayName": "Staff", "members": [{"value": "U1"}]},
        {"id": "G2", "displayName": "All", "members": [{"value": "G1"}]},
    ]"#;

/// Each section with its rows, in the order of the checklist.
fn sections() -> Vec<(String, Vec<Row>)> {
    rows::files(&rows::folder("rfc"), "rows.txt")
}

/// The ids of the checklist.
fn checklist() -> BTreeSet<String> {
    let text = std::fs::read_to_string(rows::folder("rfc").join("rows.txt")).unwrap();
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_row_of_the_checklist_holds() {
    let sections = sections();
    let mut wrong = Vec::new();
    let mut counts = String::new();
    for (section, rows) in &sections {
        let (mut cases, mut reasons) = (0, 0);
        for row in rows {
            match row {
                Row::Reason { .. } => reasons += 1,
                Row::Cases { id, cases: all } => {
                    cases += 1;
                    for case in all {
                        wrong.extend(
                            case.run(SCENARIO)
                                .into_iter()
                                .map(|why| format!("{id} {why}")),
                        );
                    }
                }
            }
        }
        writeln!(
            counts,
            "{section}: {cases} rows shown, {reasons} with a reason"
        )
        .unwrap();
    }
    // Past the test harness, which would keep it from who runs `cargo test rfc` to see the counts.
    std::io::stderr().write_all(counts.as_bytes()).unwrap();
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_row_stands_once_and_shows_something() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (section, rows) in sections() {
        for row in rows {
            let (id, says) = match &row {
                Row::Reason { id, reason } => (id, reason.split_whitespace().count() > 4),
                Row::Cases { id, cases } => (
                    id,
                    cases.iter().all(Case::shows_something) && !cases.is_empty(),
                ),
            };
            assert!(says, "{id} says nothing");
            let before = seen.insert(id.clone(), section.clone());
            assert_eq!(before, None, "{id} stands in {section} too");
        }
    }
}

/// `rows.txt` has every id of the checklist; the data has no others.
#[test]
fn every_row_is_one_of_the_checklist() {
    let known: BTreeSet<String> = checklist();
    assert_eq!(known.len(), 756);
    for (section, rows) in sections() {
        for row in rows {
            let (Row::Reason { id, .. } | Row::Cases { id, .. }) = &row;
            assert!(
                known.contains(id),
                "{section}: {id} is not in the checklist"
            );
        }
    }
}

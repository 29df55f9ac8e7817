//! The rows of the RFC checklist (RFC 7643, 7644, 9865 and what HTTP adds) as data in `tests/data/rfc`, a file a section: each row
//! with the requests that show it and what they must be answered with, or with the reason why they cannot.
//!
//! U1, U2, G1 and G2 are there before each case, under ids of these names, as the checklist describes them. `rows.txt` is the
//! checklist itself: `ID STRENGTH SIDE` for each row.

mod settings;

use crate::support::case::Case;
use crate::support::rows::{self, Row, Shows};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write as _;

/// The fixtures of the checklist, and a type with the X attributes, a field each.
const SCENARIO: [(&str, &str); 6] = [
    (
        "clock",
        r#"Step(from: "2026-01-01T00:00:00Z", by_ms: 1000)"#,
    ),
    (
        "auth",
        r#"[Bearer(token: "good", subject: "U1"), Bearer(token: "read", subject: "U1", access: Read),
            Bearer(token: "own", subject: "U1", access: Own), Bearer(token: "brief", expires_in_s: 2), Basic("admin", "secret")]"#,
    ),
    (
        "schemas",
        r#"[{"id": "urn:example:X", "name": "X", "attributes": [
        {"name": "xInt", "type": "integer"}, {"name": "xDec", "type": "decimal"}, {"name": "xDate", "type": "dateTime"},
        {"name": "xBin", "type": "binary", "caseExact": true}, {"name": "xFlag", "type": "boolean"}, {"name": "xMV", "type": "string", "multiValued": true},
        {"name": "xImm", "type": "string", "mutability": "immutable"}, {"name": "xRO", "type": "string", "mutability": "readOnly"},
        {"name": "xWO", "type": "string", "mutability": "writeOnly", "returned": "never"},
        {"name": "xReq", "type": "string", "returned": "request"}, {"name": "xAlw", "type": "string", "returned": "always"},
        {"name": "xExact", "type": "string", "caseExact": true}, {"name": "xUnique", "type": "string", "uniqueness": "server"},
        {"name": "xRef", "type": "reference", "referenceTypes": ["external"], "caseExact": true}]}]"#,
    ),
    (
        "resource_types",
        r#"[ResourceType(name: "Widget", schema: "urn:example:X")]"#,
    ),
    (
        "users",
        r#"[
        {"id": "U1", "userName": "bjensen", "externalId": "701984", "name": {"givenName": "Barbara", "familyName": "Jensen"},
         "displayName": "Babs", "title": "Guide", "active": true,
         "emails": [{"value": "bj@work.ex", "type": "work", "primary": true}, {"value": "bj@home.ex", "type": "home"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "1", "department": "IT"}},
        {"id": "U2", "userName": "jsmith", "active": false}]"#,
    ),
    (
        "groups",
        r#"[
        {"id": "G1", "displayName": "Staff", "members": [{"value": "U1"}]},
        {"id": "G2", "displayName": "All", "members": [{"value": "G1"}]}]"#,
    ),
];

/// What the checklist asks of a row.
struct Asked {
    /// `MUST`, `SHOULD-NOT`, …; small where the RFC says it without a keyword, `-` where it says nothing.
    strength: String,
    /// Of the server (`S`), the client (`C`) or both (`B`).
    side: String,
}

impl Asked {
    /// Whether it is a MUST or a SHOULD, or NOT, of a service provider.
    fn binds_a_server(&self) -> bool {
        self.side != "C"
            && ["MUST", "SHOULD"]
                .iter()
                .any(|word| self.strength.starts_with(word))
    }
}

/// Each section with its rows, in the order of the checklist.
fn sections() -> Vec<(String, Vec<Row>)> {
    rows::files(&rows::folder("rfc"), "rows.txt")
}

/// The rows of the checklist by their ids: `ID STRENGTH SIDE`.
fn checklist() -> BTreeMap<String, Asked> {
    let text = std::fs::read_to_string(rows::folder("rfc").join("rows.txt")).unwrap();
    let row = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [id, strength, side] => {
            let (strength, side) = ((*strength).to_owned(), (*side).to_owned());
            ((*id).to_owned(), Asked { strength, side })
        }
        _ => panic!("{line:?} is no row of the checklist"),
    };
    text.lines().map(row).collect()
}

/// How many rows there are, and how they stand.
#[derive(Default)]
struct Counts {
    rows: usize,
    cases: usize,
    tests: usize,
    reasons: usize,
    binding: usize,
    binding_shown: usize,
}

impl Counts {
    fn add(&mut self, row: &Row, asked: &Asked) {
        self.rows += 1;
        match &row.shows {
            Shows::Cases(_) => self.cases += 1,
            Shows::Reason(_) if row.is_shown() => self.tests += 1,
            Shows::Reason(_) => self.reasons += 1,
        }
        if asked.binds_a_server() {
            self.binding += 1;
            self.binding_shown += usize::from(row.is_shown());
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>4} rows: {:>3} shown here, {:>2} by a test elsewhere, {:>2} with a reason; {:>3} of {:>3} MUST and SHOULD of a server shown",
            self.rows, self.cases, self.tests, self.reasons, self.binding_shown, self.binding
        )
    }
}

#[test]
fn every_row_of_the_checklist_holds() {
    let asked = checklist();
    let mut wrong = Vec::new();
    let (mut lines, mut total) = (String::new(), Counts::default());
    for (section, rows) in sections() {
        let mut counts = Counts::default();
        for row in &rows {
            counts.add(row, &asked[&row.id]);
            total.add(row, &asked[&row.id]);
            if let Shows::Cases(cases) = &row.shows {
                let all = cases.iter().flat_map(|case| case.run(&SCENARIO));
                wrong.extend(all.map(|why| format!("{} {why}", row.id)));
            }
        }
        writeln!(lines, "{section:<24}{counts}").unwrap();
    }
    writeln!(lines, "{:<24}{total}", "total").unwrap();
    // Past the test harness, which would keep it from who runs `cargo test rfc` to see the counts.
    std::io::stderr().write_all(lines.as_bytes()).unwrap();
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
        for Row { id, shows } in rows {
            let says = match &shows {
                Shows::Reason(reason) => reason.split_whitespace().count() > 4,
                Shows::Cases(cases) => cases.iter().all(Case::shows_something) && !cases.is_empty(),
            };
            assert!(says, "{id} says nothing");
            let before = seen.insert(id.clone(), section.clone());
            assert_eq!(before, None, "{id} stands in {section} too");
        }
    }
}

/// `rows.txt` has every row of the checklist, with its strength and its side; the data has all of them and no others.
#[test]
fn every_row_of_the_checklist_is_there_and_no_other() {
    let mut known = checklist();
    assert_eq!(known.len(), 756);
    for (section, rows) in sections() {
        for row in rows {
            assert!(
                known.remove(&row.id).is_some(),
                "{section}: {} is not in the checklist",
                row.id
            );
        }
    }
    let missing: Vec<_> = known.keys().collect();
    assert!(
        missing.is_empty(),
        "{} rows have neither cases nor a reason: {missing:?}",
        missing.len()
    );
}

#[test]
fn a_test_that_a_reason_names_is_there() {
    for (section, rows) in sections() {
        for row in rows {
            for path in row.cited() {
                assert!(
                    rows::is_a_test(path),
                    "{section} {}: there is no {path}",
                    row.id
                );
            }
        }
    }
}

//! The rows of the RFC checklist (RFC 7643, 7644, 9865 and what HTTP adds) as data in `tests/data/rfc`, a file a section: each row
//! with the requests that show it and what they must be answered with, or with the reason why they cannot.
//!
//! A row is `== ID`, then cases. A case is `lenient`, `strict` or `both`, with more fields of `Provider(…)` behind it if it needs
//! them (`strict sort: false`), and steps. A step is a request line (`GET /Users/U1`), lines `>` that go with it, and lines `=` that
//! hold of its answer:
//!
//! ```text
//! > name: value          a header            = 400 invalidValue     status, and scimType
//! > user {…} group {…}   a body, its         = /emails/0/type "x"   what stands at a pointer (~: anything)
//! > ops […]              `schemas` added     = !/password           nothing stands there
//! > {…}                  a body as it is     = #/Resources 2        so many stand there
//! > text …               no JSON             = names a b            a list of these, by userName or displayName
//!                                            = etag: ~  = !etag     a header (~: any)
//!                                            = has "…"  = hasnt "…" the body as text
//!                                            = results 201, 404     what a bulk response says of each operation
//!                                            = each /a/* x y        every element has x and y, and something there
//!                                            = among /a/*/x v w     every x is v or w
//! keep id /id            for `{id}` in later steps; `keep tag etag` takes a header
//! ```
//!
//! A case that has lines `with FIELD: VALUE` before its steps replaces these fields of the scenario. A case may be of a scenario
//! alone: `refused TEXT` is one that does not load, with this said of it, `warned TEXT` one that does. A reason may name tests of
//! this binary (`protocol::me::…`) that show the row; they are looked for.
//!
//! A request line goes to the base, but for one that begins with two slashes: `//scim/Users` is a path of the server.
//! `$User`, `$Group`, `$Enterprise`, `$PatchOp`, `$Search`, `$Bulk`, `$Results`, `$List`, `$Error` stand for URNs. U1, U2, G1 and G2
//! are there before each case, under ids of these names, as the checklist describes them.

mod case;
mod data;
mod settings;

use data::{Row, Shows};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write as _;

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
    fn add(&mut self, row: &Row, asked: &data::Asked) {
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
    let asked = data::checklist();
    let mut wrong = Vec::new();
    let (mut lines, mut total) = (String::new(), Counts::default());
    for (section, rows) in data::sections() {
        let mut counts = Counts::default();
        for row in &rows {
            counts.add(row, &asked[&row.id]);
            total.add(row, &asked[&row.id]);
            if let Shows::Cases(cases) = &row.shows {
                let all = cases.iter().flat_map(case::Case::run);
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
    for (section, rows) in data::sections() {
        for Row { id, shows } in rows {
            let says = match &shows {
                Shows::Reason(reason) => reason.split_whitespace().count() > 4,
                Shows::Cases(cases) => {
                    cases.iter().all(case::Case::shows_something) && !cases.is_empty()
                }
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
    let mut known = data::checklist();
    assert_eq!(known.len(), 756);
    for (section, rows) in data::sections() {
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
    for (section, rows) in data::sections() {
        for row in rows {
            for path in row.cited() {
                assert!(
                    data::is_a_test(path),
                    "{section} {}: there is no {path}",
                    row.id
                );
            }
        }
    }
}

//! The rows of the RFC checklist (RFC 7643, 7644, 9865 and what HTTP adds) as data in `tests/data/rfc`, a file a section: each row
//! with the requests that show it and what they must be answered with, or with the reason why no request to a service provider can.
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
//! keep id /id            for `{id}` in later steps; `keep tag etag` takes a header
//! ```
//!
//! `$User`, `$Group`, `$Enterprise`, `$PatchOp`, `$Search`, `$Bulk`, `$List`, `$Error` stand for URNs. U1, U2, G1 and G2 are there
//! before each case, under ids of these names, as the checklist describes them.

mod case;
mod data;
mod settings;

use data::Row;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

#[test]
fn every_row_of_the_checklist_holds() {
    let sections = data::sections();
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
                        wrong.extend(case.run().into_iter().map(|why| format!("{id} {why}")));
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
    for (section, rows) in data::sections() {
        for row in rows {
            let (id, says) = match &row {
                Row::Reason { id, reason } => (id, reason.split_whitespace().count() > 4),
                Row::Cases { id, cases } => (
                    id,
                    cases.iter().all(case::Case::shows_something) && !cases.is_empty(),
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
    let known: BTreeSet<String> = data::checklist();
    assert_eq!(known.len(), 756);
    for (section, rows) in data::sections() {
        for row in rows {
            let (Row::Reason { id, .. } | Row::Cases { id, .. }) = &row;
            assert!(
                known.contains(id),
                "{section}: {id} is not in the checklist"
            );
        }
    }
}

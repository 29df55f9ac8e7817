//! What identity providers really send, as data in `tests/data/idp`, a file each: the bodies and URLs as they are documented or were
//! captured, what becomes of them where a provider is lenient, and how one that goes by the letter refuses those that depart from it.
//!
//! A row is `== SECTION CONFIDENCE SOURCES: what happens`. `bodies.txt` has every request that the documentation gives, `…` for what it
//! leaves open: each stands in some row as it was given, whatever became of the rows since.

use crate::support::case::{Case, Step};
use crate::support::rows::{self, Row};
use serde_json::Value;
use std::collections::BTreeSet;

/// Who is there before each case: the ids are those that the documented bodies name.
const SCENARIO: &str = r#"
    clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000), auth: [Bearer("good")],
    users: [
        {"id": "U1", "userName": "jyoung", "externalId": "jyoung", "name": {"formatted": "Joy Young", "familyName": "Young", "givenName": "Joy"},
         "displayName": "Joy Young", "active": true,
         "emails": [{"value": "joy@contoso.com", "type": "work", "primary": true}, {"value": "joy@home.example", "type": "home"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7", "manager": {"value": "f648f8d5ea4e4cd38e9c"}}},
        {"id": "23a35c27-23d3-4c03-b4c5-6443c09e7173", "userName": "test.user", "externalId": "00ujl29u0le5T6Aj10h8"},
        {"id": "89bb1940-b905-4575-9e7f-6f887cfb368e", "userName": "leaver", "active": true},
        {"id": "f648f8d5ea4e4cd38e9c", "userName": "bjorn", "active": false},
    ],
    groups: [
        {"id": "G1", "displayName": "Staff", "externalId": "MyGroup",
         "members": [{"value": "89bb1940-b905-4575-9e7f-6f887cfb368e"}, {"value": "f648f8d5ea4e4cd38e9c"}]},
        {"id": "abf4dd94-a4c0-4f67-89c9-76b03340cb9b", "displayName": "Pushed"},
    ]"#;

fn files() -> Vec<(String, Vec<(String, Vec<Case>)>)> {
    let files = rows::files(&rows::folder("idp"), "bodies.txt");
    let cases = |row| match row {
        Row::Cases { id, cases } => (id, cases),
        Row::Reason { id, .. } => panic!("{id}: what was sent can be sent"),
    };
    files
        .into_iter()
        .map(|(idp, rows)| (idp, rows.into_iter().map(cases).collect()))
        .collect()
}

#[test]
fn what_identity_providers_send_is_taken_as_meant_and_refused_by_the_letter() {
    let mut wrong = Vec::new();
    for (idp, rows) in files() {
        for (id, cases) in rows {
            for case in cases {
                let why = case.run(SCENARIO).into_iter();
                wrong.extend(why.map(|why| format!("{idp} {id}\n  {why}")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

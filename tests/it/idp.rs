//! What identity providers really send, as data in `tests/data/idp`, a file each: the bodies and URLs as they are documented or were
//! captured, what becomes of them where a provider is lenient, and how one that goes by the letter refuses those that depart from it.
//!
//! A row is `== SECTION CONFIDENCE SOURCES: what happens`; its sources stand at the head of its file. `bodies.txt` has every request
//! that is known, `…` for what is left open: each stands in a row as it was given, whatever becomes of the rows.

use crate::support::case::{Case, Check, Step};
use crate::support::rows::{self, Row, Shows};
use crate::support::sp::Sp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who is there before each case: the ids are those that the documented bodies name.
const SCENARIO: [(&str, &str); 4] = [
    (
        "clock",
        r#"Step(from: "2026-01-01T00:00:00Z", by_ms: 1000)"#,
    ),
    ("auth", r#"[Bearer("good")]"#),
    (
        "users",
        r#"[
        {"id": "U1", "userName": "jyoung", "externalId": "jyoung", "name": {"formatted": "Joy Young", "familyName": "Young", "givenName": "Joy"},
         "displayName": "Joy Young", "active": true,
         "emails": [{"value": "joy@contoso.com", "type": "work", "primary": true}, {"value": "joy@home.example", "type": "home"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7", "manager": {"value": "f648f8d5ea4e4cd38e9c"}}},
        {"id": "23a35c27-23d3-4c03-b4c5-6443c09e7173", "userName": "test.user", "externalId": "00ujl29u0le5T6Aj10h8"},
        {"id": "89bb1940-b905-4575-9e7f-6f887cfb368e", "userName": "leaver", "active": true},
        {"id": "f648f8d5ea4e4cd38e9c", "userName": "bjorn", "active": false}]"#,
    ),
    (
        "groups",
        r#"[
        {"id": "G1", "displayName": "Staff", "externalId": "MyGroup",
         "members": [{"value": "89bb1940-b905-4575-9e7f-6f887cfb368e"}, {"value": "f648f8d5ea4e4cd38e9c"}]},
        {"id": "abf4dd94-a4c0-4f67-89c9-76b03340cb9b", "displayName": "Pushed"}]"#,
    ),
];

/// The header that names what a lenient answer needed.
const LENIENT: &str = "scimulate-lenient";

type Rows = Vec<(String, Vec<Case>)>;

fn files() -> BTreeMap<String, Rows> {
    let files = rows::files(&rows::folder("idp"), "bodies.txt");
    let cases = |Row { id, shows }| match shows {
        Shows::Cases(cases) => (id, cases),
        Shows::Reason(_) => panic!("{id}: what was sent can be sent"),
    };
    files
        .into_iter()
        .map(|(idp, rows)| (idp, rows.into_iter().map(cases).collect()))
        .collect()
}

fn is_refused(step: &Step) -> bool {
    let mut checks = step.checks.iter();
    checks.any(|check| matches!(check, Check::Status(status, _) if *status >= 400))
}

#[test]
fn what_identity_providers_send_is_taken_as_meant_and_refused_by_the_letter() {
    let mut wrong = Vec::new();
    for (idp, rows) in files() {
        for (id, mut cases) in rows {
            for case in &mut cases {
                // What succeeds by the letter needs no leniency.
                let by_the_letter = case.readings() == ["Lenient", "Strict"];
                let taken = |step: &&mut Step| by_the_letter && !is_refused(step);
                for step in case.steps.iter_mut().filter(taken) {
                    step.checks.push(Check::NoHeader(LENIENT.to_owned()));
                }
                let why = case.run(&SCENARIO).into_iter();
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

#[test]
fn a_row_that_needs_leniency_names_it_and_shows_the_refusal() {
    let names_it = |step: &Step| {
        let mut checks = step.checks.iter();
        checks.any(|check| matches!(check, Check::Header(name, _) if name == LENIENT))
    };
    for (idp, rows) in files() {
        for (id, cases) in rows {
            let sends = |case: &Case| case.shows_something() && !case.readings().is_empty();
            assert!(cases.iter().all(sends), "{idp} {id}");
            let steps = |reading: &str| {
                let alone = cases.iter().filter(|case| case.readings() == [reading]);
                alone.flat_map(|case| &case.steps).collect::<Vec<_>>()
            };
            let (lenient, strict) = (steps("Lenient"), steps("Strict"));
            assert_eq!(lenient.is_empty(), strict.is_empty(), "{idp} {id}");
            let shown = lenient.iter().any(|step| names_it(step))
                && strict.iter().any(|step| is_refused(step));
            assert!(lenient.is_empty() || shown, "{idp} {id}");
        }
    }
}

#[test]
fn a_row_cites_its_section_its_sources_and_how_sure_they_are() {
    for (idp, rows) in files() {
        let text = std::fs::read_to_string(rows::folder("idp").join(format!("{idp}.txt"))).unwrap();
        let head = text.split("\n== ").next().unwrap();
        let known: BTreeSet<_> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        for (id, _) in rows {
            let (cited, what) = id.split_once(": ").unwrap_or_else(|| panic!("{idp} {id}"));
            let words: Vec<_> = cited.split(' ').collect();
            let [section, confidence, sources] = words.as_slice() else {
                panic!("{idp} {id}: section, confidence, sources");
            };
            assert!(
                section.starts_with(|c: char| c.is_ascii_digit()),
                "{idp} {id}"
            );
            assert!(["H", "M", "L"].contains(confidence), "{idp} {id}");
            assert!(!what.is_empty(), "{idp} {id}");
            for source in sources.split(',') {
                assert!(
                    known.contains(source),
                    "{idp} {id}: no source {source} at the head"
                );
            }
        }
    }
}

#[test]
fn each_request_that_is_known_stands_in_a_row_as_it_was_given() {
    let files = files();
    let text = std::fs::read_to_string(rows::folder("idp").join("bodies.txt")).unwrap();
    let mut missing = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let (idp, method, rest) = (
            words.next().unwrap(),
            words.next().unwrap(),
            words.next().unwrap(),
        );
        let (target, body) = match rest.find(" {\"") {
            None => (rest, None),
            Some(at) => (
                &rest[..at],
                Some(serde_json::from_str::<Value>(&rest[at + 1..]).unwrap()),
            ),
        };
        *counts.entry(idp).or_default() += 1;
        let steps = files[idp].iter().flat_map(|(_, cases)| cases);
        let sent = steps.flat_map(|case| &case.steps).any(|step| {
            let given: Option<Value> = step
                .body
                .as_deref()
                .map(|body| serde_json::from_str(body).unwrap());
            step.method == method
                && reads_as(&plain(target), &plain(&step.target))
                && match (&body, &given) {
                    (None, None) => true,
                    (Some(body), Some(given)) => agrees(body, given),
                    _ => false,
                }
        });
        if !sent {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "no row sends\n{}", missing.join("\n"));
    let enough = [
        ("entra", 40),
        ("entra-flag", 4),
        ("jumpcloud", 7),
        ("okta", 24),
        ("onelogin", 11),
        ("oracle", 8),
    ];
    for (idp, least) in enough {
        assert!(counts[idp] >= least, "{idp}: {}", counts[idp]);
    }
}

/// A target as a person reads it.
fn plain(target: &str) -> String {
    percent_decode_str(&target.replace('+', " "))
        .decode_utf8()
        .unwrap()
        .into_owned()
}

/// Whether a text is the given one, but for what that leaves open.
fn reads_as(given: &str, text: &str) -> bool {
    let mut pieces = given.split('…');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<_> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

fn agrees(given: &Value, sent: &Value) -> bool {
    match (given, sent) {
        (Value::String(given), _) if given == "…" => true,
        (Value::String(given), Value::String(sent)) => reads_as(given, sent),
        (Value::Array(given), Value::Array(sent)) => {
            given.len() == sent.len() && given.iter().zip(sent).all(|(g, s)| agrees(g, s))
        }
        // In the order of the wire.
        (Value::Object(given), Value::Object(sent)) => {
            given.len() == sent.len()
                && given
                    .iter()
                    .zip(sent)
                    .all(|((g, of_g), (s, of_s))| g == s && agrees(of_g, of_s))
        }
        _ => given == sent,
    }
}

/// Okta allows up to a thousand changes of members in one PATCH (up to 256 have been seen), and providers have lost all beyond a
/// hundred.
#[test]
fn a_thousand_members_come_and_go_in_one_change() {
    let ids: Vec<_> = (0..1000).map(|n| format!("member-{n}")).collect();
    let users: Vec<_> = ids
        .iter()
        .map(|id| json!({"id": id, "userName": id}).to_string())
        .collect();
    let sp = Sp::with(&format!(
        "Scenario(auth: [Bearer(\"secret-token\")], users: [{}], groups: [{{\"id\": \"G1\", \"displayName\": \"Staff\"}}])",
        users.join(", ")
    ));
    let members = |ids: &[String]| -> Vec<Value> {
        ids.iter()
            .map(|id| json!({"$ref": null, "value": id}))
            .collect()
    };
    let count = |sp: &Sp| {
        let group = sp.get("/Groups/G1").json();
        group["members"].as_array().map_or(0, Vec::len)
    };
    let change = |operation: Value| {
        let answer = sp.patch("/Groups/G1", operation);
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    };
    change(json!({"op": "Add", "path": "members", "value": members(&ids)}));
    assert_eq!(count(&sp), 1000);
    change(json!({"op": "Remove", "path": "members", "value": members(&ids[..256])}));
    assert_eq!(count(&sp), 744);
    let removals = ids[256..400]
        .iter()
        .map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}));
    change(Value::Array(removals.collect()));
    assert_eq!(count(&sp), 600);
    change(json!({"op": "replace", "path": "members", "value": members(&ids[..300])}));
    assert_eq!(count(&sp), 300);
}

//! One scenario with a seed and a clock of its own, one list of requests, and every byte that is answered, cursors too.
//!
//! The answers stand in `tests/data/transcript.txt`. A change of a byte there is a change for whoever replays: a test that fails
//! here says where it has written what it found, and when the change is meant, that file takes the place of the old one.

use crate::support::sp::{Answer, BASE, Sp, TOKEN};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const MESSAGES: &str = "urn:ietf:params:scim:api:messages:2.0";

const SCENARIO: &str = r#"Scenario(
    seed: 7,
    clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000),
    auth: [Bearer("secret-token")],
    provider: Provider(strictness: Strict),
    users: [
        {"userName": "bjensen", "displayName": "Babs", "name": {"givenName": "Barbara", "familyName": "Jensen"}, "password": "t1meMa$heen"},
        {"userName": "jsmith", "emails": [{"value": "j@example.com", "type": "work", "primary": true}, {"value": "j@example.org", "type": "home"}]},
    ],
    groups: [{"displayName": "Staff", "members": ["bjensen"]}],
)"#;

/// What was asked and what was answered, as text.
struct Transcript<'a> {
    sp: &'a Sp,
    base: &'a str,
    text: String,
    count: usize,
}

impl Transcript<'_> {
    fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let named = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let answer = self.sp.send_with(
            method,
            target,
            &headers.iter().map(named).collect::<Vec<_>>(),
            body.clone(),
        );
        self.count += 1;
        writeln!(self.text, "==== {} {method} {target}", self.count).expect("a string takes all");
        for (name, value) in headers {
            writeln!(self.text, "{name}: {value}").expect("a string takes all");
        }
        if let Some(body) = body {
            writeln!(self.text, "\n{body}").expect("a string takes all");
        }
        writeln!(self.text, "---- {}", answer.status).expect("a string takes all");
        for (name, value) in &answer.headers {
            let value = value.to_str().expect("headers are text");
            writeln!(self.text, "{name}: {value}").expect("a string takes all");
        }
        writeln!(self.text, "\n{}\n", answer.text()).expect("a string takes all");
        answer
    }

    /// With the token, and the media type of the body.
    fn ask(&mut self, method: &str, target: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {TOKEN}");
        let mut headers = vec![("authorization", bearer.as_str())];
        if body.is_some() {
            headers.push(("content-type", "application/scim+json"));
        }
        self.send(method, target, &headers, body)
    }

    fn get(&mut self, target: &str) -> Answer {
        self.ask("GET", target, None)
    }

    fn patch(&mut self, target: &str, operations: Value) -> Answer {
        let body = json!({"schemas": [format!("{MESSAGES}:PatchOp")], "Operations": operations});
        self.ask("PATCH", target, Some(body))
    }
}

/// The list of requests: some of every kind, as they succeed and as they fail.
fn transcript(sp: &Sp, base: &str) -> String {
    let mut it = Transcript {
        sp,
        base,
        text: String::new(),
        count: 0,
    };
    it.get("/ServiceProviderConfig");
    it.get("/ResourceTypes/User");
    let crew = one_by_one(&mut it);
    in_bulk(&mut it, &crew);
    lists(&mut it);
    it.ask("DELETE", &crew, None);
    it.get(&crew);
    it.ask("DELETE", "/ServiceProviderConfig", None);
    it.ask("OPTIONS", "/Users", None);
    it.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group");
    assert!(it.count >= 30, "{} requests", it.count);
    it.text.replace(it.base, "{base}")
}

/// Returns the path of a group that it made.
fn one_by_one(it: &mut Transcript<'_>) -> String {
    it.send("GET", "/Users", &[], None);
    let listed = it.get("/Users").json();
    let babs = listed["Resources"][0]["id"]
        .as_str()
        .expect("a user of the scenario")
        .to_owned();
    let extended = json!({
        "schemas": [USER, ENTERPRISE], "userName": "cyd", "active": true, "externalId": "701984", "password": "n0b0dy",
        "x509Certificates": [{"value": "MAMCAQU="}], ENTERPRISE: {"department": "IT", "manager": {"value": babs}},
    });
    let cyd = it.ask("POST", "/Users", Some(extended)).id();
    let cyd = format!("/Users/{cyd}");
    it.ask(
        "POST",
        "/Users",
        Some(json!({"schemas": [USER], "userName": "CYD"})),
    );
    it.ask(
        "POST",
        "/Users",
        Some(json!({"schemas": [USER], "active": "yes", "color": "red"})),
    );
    it.send(
        "POST",
        "/Users",
        &[
            ("authorization", "Bearer secret-token"),
            ("content-type", "text/plain"),
        ],
        Some(json!({})),
    );
    it.get(&cyd);
    it.get(&format!("{cyd}?attributes=userName,{ENTERPRISE}:manager"));
    it.ask("HEAD", &cyd, None);
    let members = json!([{"value": babs}, {"value": "nobody", "display": "N"}]);
    let group = json!({"schemas": [GROUP], "displayName": "Crew", "members": members});
    let crew = format!("/Groups/{}", it.ask("POST", "/Groups", Some(group)).id());
    it.patch(&cyd, json!([{"op": "add", "value": {"title": "Guide", "emails": [{"value": "c@example.com", "primary": true}]}}]));
    it.patch(
        &cyd,
        json!([{"op": "add", "path": "title", "value": "Guide"}]),
    );
    it.patch(
        &cyd,
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x"}]),
    );
    it.patch(&cyd, json!([{"op": "remove", "path": "userName"}]));
    it.patch(
        &crew,
        json!([{"op": "remove", "path": "members[value eq \"nobody\"]"}]),
    );
    it.get(&format!("/Users/{babs}"));
    it.ask(
        "PUT",
        &cyd,
        Some(json!({"schemas": [USER], "userName": "cyd", "nickName": "C"})),
    );
    it.send(
        "DELETE",
        &cyd,
        &[
            ("authorization", "Bearer secret-token"),
            ("if-match", "W/\"1\""),
        ],
        None,
    );
    crew
}

fn in_bulk(it: &mut Transcript<'_>, crew: &str) {
    let operation = |method: &str, path: &str, bulk_id: &str, data: Value| json!({"method": method, "path": path, "bulkId": bulk_id, "data": data});
    let operations = json!([
        operation("POST", "/Groups", "ring", json!({"schemas": [GROUP], "displayName": "Ring", "members": [{"value": "bulkId:dan"}]})),
        operation("POST", "/Users", "dan", json!({"schemas": [USER, ENTERPRISE], "userName": "dan", ENTERPRISE: {"manager": {"value": "bulkId:dan"}}})),
        operation("POST", "/Users", "again", json!({"schemas": [USER], "userName": "Dan"})),
        operation("PATCH", crew, "", json!({"schemas": [format!("{MESSAGES}:PatchOp")], "Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:again"}]}]})),
        {"method": "DELETE", "path": "/Users/nobody"},
    ]);
    it.ask(
        "POST",
        "/Bulk",
        Some(json!({"schemas": [format!("{MESSAGES}:BulkRequest")], "Operations": operations})),
    );
}

/// Filtered, sorted, paged; forwards and back.
fn lists(it: &mut Transcript<'_>) {
    it.get("/Users?filter=userName sw \"J\" or groups.display eq \"ring\"&sortBy=userName&sortOrder=descending");
    it.get("/Users?filter=userName xx \"j\"");
    it.get("/Groups?startIndex=2&count=1&excludedAttributes=members");
    let first = it.get("/Users?cursor=&count=2&sortBy=userName").json();
    let next = first["nextCursor"]
        .as_str()
        .expect("there is a second page")
        .to_owned();
    let second = it
        .get(&format!("/Users?cursor={next}&count=2&sortBy=userName"))
        .json();
    let back = second["previousCursor"]
        .as_str()
        .expect("there is a first page")
        .to_owned();
    it.get(&format!("/Users?cursor={back}&count=2&sortBy=userName"));
    it.get(&format!("/Users?cursor={next}&count=2&sortBy=displayName"));
    let search = json!({"schemas": [format!("{MESSAGES}:SearchRequest")], "filter": "displayName pr", "attributes": ["displayName"], "count": 10});
    it.ask("POST", "/.search", Some(search));
}

/// The transcript with `{cursor}` in the places of its cursors, and those.
fn without_cursors(transcript: &str) -> (String, Vec<&str>) {
    let mut cursors: Vec<&str> = Vec::new();
    for name in ["\"nextCursor\":\"", "\"previousCursor\":\""] {
        cursors.extend(
            transcript
                .split(name)
                .skip(1)
                .filter_map(|rest| rest.split('"').next()),
        );
    }
    let hidden = cursors.iter().fold(transcript.to_owned(), |text, cursor| {
        text.replace(cursor, "{cursor}")
    });
    (hidden, cursors)
}

/// The first line in which two transcripts differ.
fn difference(found: &str, expected: &str) -> Option<String> {
    if found == expected {
        return None;
    }
    let (mut found, mut expected) = (found.lines(), expected.lines());
    (1..).find_map(|line| match (found.next(), expected.next()) {
        (None, None) => Some("the ends of lines differ".to_owned()),
        (one, two) => {
            let shown = format!("line {line}:\n  found    {one:?}\n  expected {two:?}");
            (one != two).then_some(shown)
        }
    })
}

#[test]
fn every_byte_is_the_same_for_ever() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/transcript.txt");
    let expected = std::fs::read_to_string(&data).unwrap_or_default();
    let found = transcript(&Sp::with(SCENARIO), BASE);
    let Some(difference) = difference(&found, &expected) else {
        return;
    };
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transcript.txt");
    std::fs::write(&written, &found).unwrap();
    let (data, written) = (data.display(), written.display());
    panic!(
        "the answers are not those of {data}, from {difference}\nif that is meant: cp {written} {data}"
    );
}

#[test]
fn a_second_run_answers_the_same_bytes() {
    let [one, two, three] = [(); 3].map(|()| Sp::with(SCENARIO));
    let first = transcript(&one, BASE);
    // Two beside each other, so that what they shared would show.
    let (second, third) = std::thread::scope(|scope| {
        let second = scope.spawn(|| transcript(&two, BASE));
        let third = transcript(&three, BASE);
        (second.join().expect("a run ends"), third)
    });
    assert_eq!(difference(&second, &first), None);
    assert_eq!(difference(&third, &first), None);
}

/// A cursor is good at the tenant that gave it out (RFC 9865 section 2), and everything else is the same at another.
#[test]
fn another_tenant_answers_the_same_bytes_but_its_cursors() {
    // As long as the other, since an answer to HEAD says how long its body is.
    let base = "http://sp.test/else/v2";
    let (here, there) = (Sp::with(SCENARIO), Sp::named("else", SCENARIO).at(base));
    let (here, there) = (transcript(&here, BASE), transcript(&there, base));
    let ((here, own), (there, others)) = (without_cursors(&here), without_cursors(&there));
    assert_eq!(difference(&there, &here), None);
    assert_eq!((own.len(), others.len()), (3, 3));
    let differ = own.iter().zip(&others).all(|(one, two)| one != two);
    assert!(differ, "{own:?} {others:?}");
}

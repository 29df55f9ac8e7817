//! One scenario with every kind of fault, one list of requests, and every byte of what is answered; what only a connection can do
//! stands beside it, as figures: nothing is waited for and nothing breaks here.
//!
//! As with `tests/data/transcript.txt`, a test that fails says where it has written what it found.

use super::{fault, wire};
use bytes::Bytes;
use http::{Request, Response};
use scimulate::faults::Wire;
use scimulate::scenario::{self, FAULT_KINDS};
use scimulate::service::{self, Tenant};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const SCENARIO: &str = include_str!("../../data/faults/transcript.ron");
const BASE: &str = "http://sp.test/scim/v2";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// What was asked and what came of it, as text.
struct Transcript {
    tenant: Tenant,
    text: String,
    count: usize,
}

impl Transcript {
    fn begin() -> Self {
        let (scenario, told) = scenario::load(Path::new("acme.ron"), SCENARIO);
        let scenario = scenario.unwrap_or_else(|| panic!("{told:?}"));
        Self {
            tenant: Tenant::build(&scenario).unwrap(),
            text: String::new(),
            count: 0,
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Response<Bytes> {
        self.count += 1;
        self.line(&format!("==== {} {method} {target}", self.count));
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{target}"));
        for (name, value) in headers {
            self.line(&format!("{name}: {value}"));
            request = request.header(*name, *value);
        }
        let mut bytes = Bytes::new();
        if let Some(body) = body {
            request = request.header("content-type", "application/scim+json");
            bytes = body.to_string().into();
            self.line(&format!("\n{body}"));
        }
        let request = request.body(bytes).unwrap();
        let response = service::answer(&self.tenant, BASE, &request).unwrap();
        self.answer(&response);
        response
    }

    fn answer(&mut self, response: &Response<Bytes>) {
        let wire = wire(response);
        if let Some(wire) = wire.filter(|it| !it.sends_an_answer()) {
            let name = fault(response).unwrap();
            self.line(&format!("---- no answer: {}\n", manner(wire)));
            assert!(manner(wire).contains(&name.to_lowercase()), "{name}");
            return;
        }
        let mut came = response.body().clone();
        self.line(&format!("---- {}", response.status().as_u16()));
        if let Some(wire) = wire {
            self.line(&format!("({})", manner(wire)));
            if let Wire::Disconnect {
                after_bytes: Some(most),
                ..
            } = wire
            {
                came.truncate(most);
            }
        }
        for (name, value) in response.headers() {
            let value = value.to_str().unwrap();
            writeln!(self.text, "{name}: {value}").unwrap();
        }
        self.line(&format!("\n{}\n", String::from_utf8_lossy(&came)));
    }

    fn get(&mut self, target: &str) -> Response<Bytes> {
        self.ask("GET", target, &[], None)
    }

    fn make(&mut self, name: &str) {
        self.ask(
            "POST",
            "/Users",
            &[],
            Some(json!({"schemas": [USER], "userName": name})),
        );
    }
}

/// What a connection does to an answer, in words.
fn manner(wire: Wire) -> String {
    let by = |reset| if reset { "reset" } else { "closed" };
    match wire {
        Wire::Delay(late) => format!("delay: it comes {} ms later", late.as_millis()),
        Wire::Timeout => "timeout: the connection stays".into(),
        Wire::Disconnect {
            after_bytes: None,
            reset,
        } => format!("disconnect: the connection is {}", by(reset)),
        Wire::Disconnect {
            after_bytes: Some(most),
            reset,
        } => format!(
            "disconnect: the connection is {} after {most} bytes of the body",
            by(reset)
        ),
        Wire::Dribble { bytes, every } => {
            format!(
                "dribble: {bytes} bytes of the body every {} ms",
                every.as_millis()
            )
        }
    }
}

/// The list of requests.
fn transcript() -> String {
    let mut it = Transcript::begin();
    it.get("/Users/user-1");
    it.ask("GET", "/Users/user-1", &[("x-who", "acme")], None);
    writes(&mut it);
    for _ in 1..=9 {
        it.get("/Groups");
    }
    lists(&mut it);
    for _ in 0..3 {
        it.get("/ResourceTypes/Group");
    }
    // The head of it will do: the body is the same each time.
    for _ in 0..16 {
        it.ask(
            "HEAD",
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group",
            &[],
            None,
        );
    }
    it.text
}

/// Made, changed and read again: by number, body and window.
fn writes(it: &mut Transcript) {
    let job = &[("x-job", "sync")];
    it.ask("GET", "/Users/user-2", job, None);
    for name in ["f", "g", "h", "i", "j", "k", "l"] {
        it.make(name);
        it.ask("HEAD", "/Users/user-2", job, None);
    }
    for value in [true, false, false] {
        let change = json!([{"op": "replace", "path": "active", "value": value}]);
        let body = json!({"schemas": [PATCH], "Operations": change});
        it.ask("PATCH", "/Users/user-2", &[], Some(body));
        it.ask("GET", "/Users/user-2", &[("x-replica", "1")], None);
    }
    for name in ["cyd", "bob"] {
        let body = json!({"schemas": [USER], "userName": name});
        it.ask("PUT", "/Users/user-2", &[], Some(body));
    }
}

/// Pages by number, by cursor, and of a search.
fn lists(it: &mut Transcript) {
    let first = it.get("/Users?cursor&count=2&attributes=userName");
    let first: Value = serde_json::from_slice(first.body()).unwrap();
    let next = first["nextCursor"].as_str().unwrap();
    for list in ["expired", "longer", "shorter"] {
        let headers = &[("x-list", list)];
        for page in [
            format!("cursor={next}"),
            "startIndex=1".into(),
            "startIndex=3".into(),
        ] {
            let target = format!("/Users?{page}&count=2&attributes=userName");
            it.ask("GET", &target, headers, None);
        }
        let search =
            json!({"schemas": [SEARCH], "startIndex": 3, "count": 2, "attributes": ["userName"]});
        it.ask("POST", "/Users/.search", headers, Some(search));
    }
}

#[test]
fn every_fault_is_the_same_for_ever() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/faults/transcript.txt");
    let expected = std::fs::read_to_string(&data).unwrap_or_default();
    let found = transcript();
    if found == expected {
        return;
    }
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults-transcript.txt");
    std::fs::write(&written, &found).unwrap();
    let (lines, (data, written)) = (
        found.lines().zip(expected.lines()),
        (data.display(), written.display()),
    );
    let same = lines.take_while(|(one, two)| one == two).count();
    panic!(
        "the answers are not those of {data}, from line {} on\nif that is meant: cp {written} {data}",
        same + 1
    );
}

/// Runs beside each other share nothing, and what is drawn follows from the seed and the order of the requests alone.
#[test]
fn a_second_run_meets_the_same_faults() {
    let first = transcript();
    let beside = std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(transcript));
        runs.map(|run| run.join().unwrap())
    });
    assert!(beside.iter().all(|run| *run == first));
}

/// Else the transcript would say nothing about it.
#[test]
fn the_transcript_has_every_kind_of_fault() {
    let found = transcript();
    for (kind, _) in FAULT_KINDS {
        let marked = format!("\nscimulate-fault: {kind}\n");
        let silent = format!("---- no answer: {}", kind.to_lowercase());
        assert!(found.contains(&marked) || found.contains(&silent), "{kind}");
    }
}

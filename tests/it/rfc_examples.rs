//! The examples of RFC 7644 section 3, one file each under `tests/data/rfc7644`: what is there, a request, and the response.
//!
//! `{id:name}` and `{etag:name}` stand for what the server assigned, `{any}` for anything. Where an example of the RFC is
//! wrong or cannot be taken literally, `departure` says so, and the response is the right one.

use crate::support::sp::{Answer, Sp};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// How many there are; a file that is lost is a test that is lost.
const EXAMPLES: usize = 33;

/// What the placeholders stand for.
#[derive(Default)]
struct Bound(HashMap<String, String>);

impl Bound {
    /// The text with its placeholders filled in.
    fn fill(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (placeholder, value)| {
                text.replace(placeholder, value)
            })
    }

    /// The same for every string of a document.
    fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.fill(text).into(),
            Value::Array(list) => list.iter().map(|it| self.fill_all(it)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(name, it)| (name.clone(), self.fill_all(it)))
                .collect(),
            other => other.clone(),
        }
    }

    /// Whether `found` is what `expected` says; a placeholder that is not bound yet is bound to what is found.
    fn matches(&mut self, expected: &Value, found: &Value) -> bool {
        match (expected, found) {
            (Value::String(text), _) if text == "{any}" => true,
            (Value::String(text), Value::String(found)) => self.matches_text(text, found),
            (Value::Array(all), Value::Array(found)) => {
                all.len() == found.len()
                    && all
                        .iter()
                        .zip(found)
                        .all(|(one, other)| self.matches(one, other))
            }
            (Value::Object(all), Value::Object(found)) => {
                all.len() == found.len()
                    && all.iter().all(|(name, one)| {
                        found
                            .get(name)
                            .is_some_and(|other| self.matches(one, other))
                    })
            }
            _ => expected == found,
        }
    }

    fn matches_text(&mut self, expected: &str, found: &str) -> bool {
        let filled = self.fill(expected);
        if filled.starts_with('{') && filled.ends_with('}') {
            self.0.insert(filled, found.to_owned());
            return true;
        }
        filled == found
    }

    /// Remembers what the server assigned to a resource it created.
    fn assigned(&mut self, name: &str, answer: &Answer) {
        self.0.insert(format!("{{id:{name}}}"), answer.id());
        let tag = answer
            .header("etag")
            .expect("a created resource has a version");
        self.0.insert(format!("{{etag:{name}}}"), tag.to_owned());
    }
}

/// Sends what `request` describes.
fn send(sp: &Sp, bound: &Bound, request: &Value) -> Answer {
    let request = bound.fill_all(request);
    let text = |name: &str| {
        request[name]
            .as_str()
            .unwrap_or_else(|| panic!("{request} has no {name}"))
    };
    let headers = request["headers"].as_object().into_iter().flatten();
    let headers: Vec<_> = headers
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    sp.send_with(
        text("method"),
        text("path"),
        &headers,
        request.get("body").cloned(),
    )
}

#[track_caller]
fn check(sp: &Sp, example: &Value) {
    let mut bound = Bound::default();
    for step in example["given"].as_array().into_iter().flatten() {
        if let Some(name) = step["as"].as_str() {
            let endpoint = step["endpoint"]
                .as_str()
                .expect("a given resource has an endpoint");
            let answer = sp.post(endpoint, bound.fill_all(&step["body"]));
            assert_eq!(answer.status, 201, "given {step}: {}", answer.text());
            bound.assigned(name, &answer);
        } else {
            let answer = send(sp, &bound, step);
            assert!(answer.status < 300, "given {step}: {}", answer.text());
        }
    }
    let answer = send(sp, &bound, &example["request"]);
    let expected = &example["response"];
    assert_eq!(
        u64::from(answer.status),
        expected["status"],
        "{}",
        answer.text()
    );
    match expected.get("body") {
        None => assert!(
            answer.bytes.is_empty(),
            "no body, and not {}",
            answer.text()
        ),
        Some(body) => {
            let fits = bound.matches(body, &answer.json());
            assert!(
                fits,
                "expected {:#}\nfound {:#}",
                bound.fill_all(body),
                answer.json()
            );
        }
    }
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        let found = answer
            .header(name)
            .unwrap_or_else(|| panic!("no header {name} in {:?}", answer.headers));
        let expected = value.as_str().expect("a header is a string");
        assert!(
            bound.matches_text(expected, found),
            "{name}: expected {}, found {found}",
            bound.fill(expected)
        );
    }
}

/// Each example, by the name of its file.
fn examples() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rfc7644");
    let entries = fs::read_dir(folder).expect("the examples are there");
    let mut examples: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let text = fs::read_to_string(&path).expect("an example is text");
            let example = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (
                path.file_name()
                    .expect("a file has a name")
                    .to_string_lossy()
                    .into_owned(),
                example,
            )
        })
        .collect();
    examples.sort_by(|one, other| one.0.cmp(&other.0));
    examples
}

#[test]
fn no_example_is_lost() {
    let examples = examples();
    assert_eq!(examples.len(), EXAMPLES);
    for (name, example) in examples {
        let section = example["section"]
            .as_str()
            .expect("an example names its section");
        assert!(
            name.starts_with(section) && section.starts_with('3'),
            "{name}: {section}"
        );
        assert!(example["title"].is_string(), "{name}");
    }
}

/// All are tried before any is reported.
#[track_caller]
fn check_all(sp: impl Fn() -> Sp) {
    let failed = |(name, example): &(String, Value)| {
        let attempt = std::panic::AssertUnwindSafe(|| check(&sp(), example));
        std::panic::catch_unwind(attempt)
            .is_err()
            .then(|| name.clone())
    };
    let failures: Vec<_> = examples().iter().filter_map(failed).collect();
    assert!(failures.is_empty(), "see above: {failures:#?}");
}

#[test]
fn a_lenient_provider_answers_as_the_rfc_says() {
    check_all(Sp::new);
}

#[test]
fn a_strict_provider_answers_as_the_rfc_says() {
    check_all(Sp::strict);
}

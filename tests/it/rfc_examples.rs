//! Every example request and response of RFC 7644 section 3 that is served, as data in `tests/data/rfc7644`.
//!
//! A file holds what is there before (under the RFC's own ids), the request as it stands in the RFC, and the answer. `{any}` is any
//! text that is not empty, `{version}` the tag of the resource before the request, `{version /Users/ID}` that of another one,
//! `{1048576 bytes}` so many. `before` has requests that come first, and what to `keep` of their answers for `{name}`; `provider` has
//! more fields of `Provider(…)`. Where the RFC's example is incomplete or wrong, `departure` says how.

mod representations;

use crate::support::sp::Sp;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const BASE: &str = "https://example.com/v2";

fn examples() -> Vec<(String, Value)> {
    files("rfc7644")
}

/// The files of a folder of `tests/data`, in the order of their names.
fn files(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder);
    let mut examples: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let example =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, example)
        })
        .collect();
    examples.sort_by(|(one, _), (two, _)| one.cmp(two));
    examples
}

#[test]
fn every_example_of_section_3_is_answered_as_written() {
    let mut wrong = Vec::new();
    for (name, example) in examples() {
        for strictness in ["Lenient", "Strict"] {
            if let Err(difference) = run(&example, strictness) {
                wrong.push(format!("{name} ({strictness}): {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_example_and_no_section_is_lost() {
    let examples = examples();
    assert_eq!(examples.len(), 57);
    let sections: BTreeSet<_> = examples
        .iter()
        .map(|(_, example)| example["section"].as_str().unwrap())
        .collect();
    let expected = [
        "3.12", "3.14", "3.3", "3.4.1", "3.4.2", "3.4.2.1", "3.4.2.2", "3.4.2.4", "3.4.3", "3.5.1",
        "3.5.2.1", "3.5.2.2", "3.5.2.3", "3.6", "3.7.1", "3.7.2", "3.7.3", "3.7.4", "3.9",
    ];
    assert_eq!(sections.into_iter().collect::<Vec<_>>(), expected);
}

fn run(example: &Value, strictness: &str) -> Result<(), String> {
    let scenario = format!(
        "Scenario(clock: Fixed({}), auth: [Bearer(\"h480djs93hd8\")], provider: Provider(strictness: {strictness}, {}), users: {}, groups: {})",
        example["clock"],
        example["provider"].as_str().unwrap_or_default(),
        example["given"]["users"],
        example["given"]["groups"]
    );
    let sp = Sp::with(&scenario).at(BASE).bearing("h480djs93hd8");
    let kept = kept(&sp, example);
    let example = &filled(example, &|text| filled_in(&sp, &kept, text));
    let request = &example["request"];
    let (method, path) = (
        request["method"].as_str().unwrap(),
        request["path"].as_str().unwrap(),
    );
    // A path that was kept is a URL.
    let path = path.strip_prefix(BASE).unwrap_or(path);
    let place = path.split('?').next().unwrap();
    let version = sp
        .send("GET", place, None)
        .header("etag")
        .unwrap_or_default()
        .to_owned();
    let headers: Vec<_> = pairs(&request["headers"])
        .map(|(name, value)| (name, value.replace("{version}", &version)))
        .collect();
    let answer = sp.send_with(method, path, &headers, request.get("body").cloned());
    let response = &example["response"];
    if answer.status != response["status"] {
        return Err(format!(
            "expected {}, found {}: {}",
            response["status"],
            answer.status,
            answer.text()
        ));
    }
    for (name, expected) in pairs(response.get("headers").unwrap_or(&Value::Array(Vec::new()))) {
        let found = answer.header(&name).unwrap_or_default();
        let expected = expected.replace("{version}", &version);
        if !(found == expected || (expected == "{any}" && !found.is_empty())) {
            return Err(format!(
                "header {name}: expected {expected:?}, found {found:?}"
            ));
        }
    }
    match response.get("body") {
        None if answer.bytes.is_empty() => Ok(()),
        None => Err(format!("expected no body, found {}", answer.text())),
        Some(expected) => compare("", expected, &answer.json()),
    }
}

/// Sends the requests that come before, and returns what is kept of their answers.
fn kept(sp: &Sp, example: &Value) -> Vec<(String, String)> {
    let mut kept = Vec::new();
    for request in example["before"].as_array().into_iter().flatten() {
        let headers: Vec<_> = pairs(&request["headers"]).collect();
        let (method, path) = (&request["method"], &request["path"]);
        let (method, path) = (method.as_str().unwrap(), path.as_str().unwrap());
        let answer = sp.send_with(method, path, &headers, request.get("body").cloned());
        let answer = answer.json();
        for (name, pointer) in request["keep"].as_object().into_iter().flatten() {
            let found = answer.pointer(pointer.as_str().unwrap());
            let found = found.and_then(Value::as_str);
            let found = found.unwrap_or_else(|| panic!("{name} is not in {answer}"));
            kept.push((format!("{{{name}}}"), found.to_owned()));
        }
    }
    kept
}

/// The same value with every text made of what it says.
fn filled(value: &Value, of: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => of(text).into(),
        Value::Array(list) => list.iter().map(|value| filled(value, of)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(name, value)| (name.clone(), filled(value, of)))
                    .collect(),
            )
        }
        simple => simple.clone(),
    }
}

fn filled_in(sp: &Sp, kept: &[(String, String)], text: &str) -> String {
    if let Some(bytes) = text
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix(" bytes}"))
    {
        return "x".repeat(bytes.parse().unwrap());
    }
    if let Some(path) = text
        .strip_prefix("{version ")
        .and_then(|it| it.strip_suffix('}'))
    {
        let answer = sp.send("GET", path, None);
        return answer.header("etag").unwrap().to_owned();
    }
    let fill = |text: String, (name, value): &(String, String)| text.replace(name, value);
    kept.iter().fold(text.to_owned(), fill)
}

fn pairs(list: &Value) -> impl Iterator<Item = (String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    list.as_array()
        .expect("a list of pairs")
        .iter()
        .map(move |pair| (text(&pair[0]), text(&pair[1])))
}

/// Objects without regard to order, lists in order; the first difference by its pointer.
fn compare(pointer: &str, expected: &Value, found: &Value) -> Result<(), String> {
    match (expected, found) {
        (Value::String(any), Value::String(text)) if any == "{any}" && !text.is_empty() => Ok(()),
        (Value::Object(expected), Value::Object(found)) => {
            if let Some(name) = found.keys().find(|name| !expected.contains_key(*name)) {
                return Err(format!(
                    "{pointer}/{name} is not in the example: {}",
                    found[name]
                ));
            }
            expected.iter().try_for_each(|(name, value)| {
                compare(
                    &format!("{pointer}/{name}"),
                    value,
                    found.get(name).unwrap_or(&Value::Null),
                )
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => expected
            .iter()
            .zip(found)
            .enumerate()
            .try_for_each(|(n, (one, two))| compare(&format!("{pointer}/{n}"), one, two)),
        _ if expected == found => Ok(()),
        _ => Err(format!("{pointer}: expected {expected}, found {found}")),
    }
}

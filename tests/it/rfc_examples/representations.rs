//! Every representation of RFC 7643 section 8, as data in `tests/data/rfc7643`: resources that are served and created, and discovery
//! documents.
//!
//! A file holds the document as it stands in the RFC (`departure`: but for this), and how it is asked for (`served`, `created`); each
//! way lists every difference between the document and the answer with its erratum or reason. `{any}` is any text, null is nothing.
//! Attributes of schemas are told apart by their names, not by their place.

use super::files;
use crate::support::sp::Sp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const BASE: &str = "https://example.com/v2";

#[test]
fn every_representation_of_section_8_is_served_as_written_but_for_what_is_listed() {
    let mut wrong = Vec::new();
    for (name, file) in files("rfc7643") {
        for (way, ask) in ["served", "created"]
            .iter()
            .filter_map(|way| Some((way, file.get(way)?)))
        {
            for strictness in ["Lenient", "Strict"] {
                let told = |why| format!("{name} {way} ({strictness}): {why}");
                wrong.extend(check(&file["document"], ask, strictness).err().map(told));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_section_is_lost_and_no_difference_goes_without_a_reason() {
    let files = files("rfc7643");
    let sections: Vec<&str> = files
        .iter()
        .map(|(_, file)| file["section"].as_str().unwrap())
        .collect();
    let expected = [
        "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7.1", "8.7.1", "8.7.1", "8.7.2", "8.7.2",
        "8.7.2",
    ];
    assert_eq!(sections, expected);
    for (name, file) in &files {
        let ways = ["served", "created"];
        assert!(ways.iter().any(|way| file.get(way).is_some()), "{name}");
        for way in ways.iter().filter_map(|way| file.get(way)) {
            for difference in way["differences"].as_array().unwrap() {
                let why = difference["why"].as_str().unwrap_or_default();
                assert!(why.split_whitespace().count() >= 2, "{name}: {difference}");
            }
        }
    }
}

fn check(document: &Value, ask: &Value, strictness: &str) -> Result<(), String> {
    let scenario = format!(
        "Scenario(clock: Fixed(\"2011-05-13T04:42:34Z\"), auth: [Bearer(\"h480djs93hd8\"), Basic(\"a\", \"b\")], provider: Provider(strictness: {strictness}), users: {}, groups: {})",
        ask.get("users").unwrap_or(&json!([])),
        ask.get("groups").unwrap_or(&json!([])),
    );
    let sp = Sp::with(&scenario).at(BASE).bearing("h480djs93hd8");
    let path = ask["path"].as_str().unwrap();
    let (answer, status) = match ask.get("post") {
        None => (sp.get(path), 200),
        Some(_) => (sp.post(path, document.clone()), 201),
    };
    if answer.status != status {
        return Err(format!("{} {}", answer.status, answer.text()));
    }
    let whole = answer.json();
    let found = whole.pointer(ask["pointer"].as_str().unwrap_or_default());
    let mut differences = BTreeMap::new();
    compare(
        "",
        &named(document),
        &named(found.unwrap()),
        &mut differences,
    );
    let listed: BTreeMap<String, Value> = ask["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["at"].as_str().unwrap().to_owned(), it["found"].clone()))
        .collect();
    for (at, expected) in &listed {
        let any = expected == "{any}";
        if let Some(found) = differences
            .get_mut(at)
            .filter(|found| any && found.is_string())
        {
            *found = expected.clone();
        }
    }
    if differences == listed {
        return Ok(());
    }
    let lines = |all: &BTreeMap<String, Value>, others: &BTreeMap<String, Value>| {
        let own = all
            .iter()
            .filter(|(at, value)| others.get(*at) != Some(*value));
        let lines = own.map(|(at, value)| json!({"at": at, "found": value}).to_string());
        lines.collect::<Vec<_>>().join("\n")
    };
    Err(format!(
        "found\n{}\nlisted\n{}",
        lines(&differences, &listed),
        lines(&listed, &differences)
    ))
}

/// The same value with lists of what has a name as objects by these names, and white space in texts as one space.
fn named(value: &Value) -> Value {
    match value {
        Value::Array(list) if !list.is_empty() && list.iter().all(|it| it["name"].is_string()) => {
            let by_name = |it: &Value| {
                (
                    it["name"].as_str().unwrap_or_default().to_owned(),
                    named(it),
                )
            };
            Value::Object(list.iter().map(by_name).collect())
        }
        Value::Array(list) => list.iter().map(named).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), named(value)));
            Value::Object(members.collect())
        }
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        simple => simple.clone(),
    }
}

/// Each place where two values differ, with what is found there; null where nothing is.
fn compare(at: &str, written: &Value, found: &Value, out: &mut BTreeMap<String, Value>) {
    match (written, found) {
        (Value::Object(one), Value::Object(two)) => {
            let null = Value::Null;
            let get = |members: &Map<String, Value>, name: &String| members.get(name).cloned();
            let names = one
                .keys()
                .chain(two.keys().filter(|name| !one.contains_key(*name)));
            for name in names {
                let (one, two) = (get(one, name), get(two, name));
                let (one, two) = (one.as_ref().unwrap_or(&null), two.as_ref().unwrap_or(&null));
                compare(&format!("{at}/{name}"), one, two, out);
            }
        }
        (Value::Array(one), Value::Array(two))
            if one.len() == two.len() && one.iter().all(Value::is_object) =>
        {
            for (n, (one, two)) in one.iter().zip(two).enumerate() {
                compare(&format!("{at}/{n}"), one, two, out);
            }
        }
        _ if written == found => {}
        _ => {
            out.insert(at.to_owned(), found.clone());
        }
    }
}

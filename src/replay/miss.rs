//! Why no recorded exchange answers a request: the nearest one, and what differs, in words.

use super::Recorded;
use crate::exchange::{Body, Request, canonical};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many exchanges are compared for one miss; a client that misses all the time must not be slow all the time.
const COMPARED: usize = 256;
/// How many differences are looked for in one exchange, and how many of them are told.
const FOUND: usize = 64;
const TOLD: usize = 5;
/// How much of a value is shown.
const SHOWN: usize = 60;

/// Where to look first: the exchanges by method and path.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    by_place: HashMap<String, Vec<usize>>,
    /// One exchange for each place, in recorded order.
    places: Vec<usize>,
}

impl Nearest {
    pub(super) fn add(&mut self, index: usize, request: &Request) {
        let indexes = self.by_place.entry(place(request)).or_default();
        if indexes.is_empty() {
            self.places.push(index);
        }
        indexes.push(index);
    }

    /// The sentence for the client.
    pub(super) fn explain(&self, sent: &Request, recorded: &[Recorded]) -> String {
        let candidates = self.by_place.get(&place(sent)).unwrap_or(&self.places);
        let nearest = candidates
            .iter()
            .take(COMPARED)
            .map(|index| {
                let recorded = &recorded[*index];
                let differences = differences(sent, &recorded.request);
                (
                    distance(sent, &recorded.request) + differences.len(),
                    recorded,
                    differences,
                )
            })
            .min_by_key(|(distance, recorded, _)| (*distance, recorded.number));
        let asked = format!(
            "no recorded exchange answers {} {}",
            sent.method,
            shortened(&sent.path)
        );
        let Some((_, recorded, differences)) = nearest else {
            return asked;
        };
        let mut told = differences[..differences.len().min(TOLD)].join("; ");
        if told.is_empty() {
            // Members are named here by their folded names, of which one object may have two.
            "body: members whose names differ only in case".clone_into(&mut told);
        }
        if differences.len() > TOLD {
            told = format!("{told}; and more");
        }
        format!(
            "{asked}; the nearest is exchange {}, {} {}: {told}",
            recorded.number,
            recorded.request.method,
            shortened(&recorded.request.path)
        )
    }
}

fn place(request: &Request) -> String {
    format!("{} {}", request.method, canonical::path(&request.path))
}

/// What weighs more than a parameter or a member: another method, and each other segment of the path.
fn distance(sent: &Request, recorded: &Request) -> usize {
    let (left, right): (Vec<&str>, Vec<&str>) = (
        sent.path.split('/').collect(),
        recorded.path.split('/').collect(),
    );
    let same = left
        .iter()
        .zip(&right)
        .take_while(|(left, right)| left == right)
        .count();
    let segments = left.len().max(right.len()) - same;
    8 * segments + 4 * usize::from(sent.method != recorded.method)
}

fn differences(sent: &Request, recorded: &Request) -> Vec<String> {
    let mut found = Vec::new();
    if sent.method != recorded.method {
        found.push(format!(
            "method: sent {}, recorded {}",
            sent.method, recorded.method
        ));
    }
    if canonical::path(&sent.path) != canonical::path(&recorded.path) {
        let (sent, recorded) = (shortened(&sent.path), shortened(&recorded.path));
        found.push(format!("path: sent {sent}, recorded {recorded}"));
    }
    query_differences(&sent.query, &recorded.query, &mut found);
    match (&sent.body, &recorded.body) {
        (Body::Json(sent), Body::Json(recorded)) => {
            json_differences("", Some(sent), Some(recorded), &mut found);
        }
        (_, Body::Cut { kept }) => {
            found.push(format!(
                "body: only the first {} bytes were recorded",
                kept.len()
            ));
        }
        (sent, recorded) if sent != recorded => {
            found.push(format!(
                "body: sent {}, recorded {}",
                described(sent),
                described(recorded)
            ));
        }
        _ => {}
    }
    found
}

type Pairs = [(String, String)];

fn query_differences(sent: &Pairs, recorded: &Pairs, found: &mut Vec<String>) {
    let (sent, recorded) = (by_name(sent), by_name(recorded));
    let names: BTreeSet<&String> = sent.keys().chain(recorded.keys()).collect();
    for name in names {
        let (sent, recorded) = (sent.get(name), recorded.get(name));
        if sent != recorded {
            let shown = |values: Option<&Vec<String>>| {
                values.map_or_else(
                    || "nothing".to_owned(),
                    |values| shortened(&values.join(", ")),
                )
            };
            let (sent, recorded) = (shown(sent), shown(recorded));
            found.push(format!(
                "query parameter {name}: sent {sent}, recorded {recorded}"
            ));
        }
    }
}

fn by_name(pairs: &Pairs) -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in canonical::query(pairs) {
        values
            .entry(name)
            .or_default()
            .push(Value::from(value).to_string());
    }
    values
}

/// `path` is where these two stand: `name.givenName`, `emails[0].value`.
fn json_differences(
    path: &str,
    sent: Option<&Value>,
    recorded: Option<&Value>,
    found: &mut Vec<String>,
) {
    if found.len() >= FOUND {
        return;
    }
    match (sent, recorded) {
        (Some(Value::Object(sent)), Some(Value::Object(recorded))) => {
            let folded =
                |members: &serde_json::Map<String, Value>| -> BTreeMap<String, (String, Value)> {
                    let members = members.iter();
                    members
                        .map(|(name, value)| (name.to_lowercase(), (name.clone(), value.clone())))
                        .collect()
                };
            let (sent, recorded) = (folded(sent), folded(recorded));
            let names: BTreeSet<&String> = sent.keys().chain(recorded.keys()).collect();
            for key in names {
                let (sent, recorded) = (sent.get(key), recorded.get(key));
                let name = sent.or(recorded).map_or(key, |(name, _)| name);
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                json_differences(
                    &path,
                    sent.map(|(_, value)| value),
                    recorded.map(|(_, value)| value),
                    found,
                );
            }
        }
        (Some(Value::Array(sent)), Some(Value::Array(recorded))) => {
            for index in 0..sent.len().max(recorded.len()) {
                json_differences(
                    &format!("{path}[{index}]"),
                    sent.get(index),
                    recorded.get(index),
                    found,
                );
            }
        }
        (sent, recorded) if sent.map(canonical::json) != recorded.map(canonical::json) => {
            let shown = |value: Option<&Value>| {
                value.map_or_else(
                    || "nothing".to_owned(),
                    |value| shortened(&value.to_string()),
                )
            };
            let place = if path.is_empty() {
                "body".to_owned()
            } else {
                format!("body member {path}")
            };
            found.push(format!(
                "{place}: sent {}, recorded {}",
                shown(sent),
                shown(recorded)
            ));
        }
        _ => {}
    }
}

fn described(body: &Body) -> String {
    match body {
        Body::Empty => "nothing".to_owned(),
        Body::Json(value) => shortened(&value.to_string()),
        Body::Text(text) => format!(
            "the text {}",
            shortened(&Value::from(text.as_str()).to_string())
        ),
        Body::Binary(bytes) | Body::Cut { kept: bytes } => format!("{} bytes", bytes.len()),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

//! Overrides: what a request is answered where the scenario does not come to it by itself, written as faults of the scenario.

use super::binding::last_segment;
use super::layout::json;
use super::proof::Recorded;
use crate::exchange::{Body, Exchange, Response};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Header fields that a client acts on, of an answer that is written out.
const HEADERS: [&str; 6] = [
    "content-type",
    "content-location",
    "location",
    "etag",
    "retry-after",
    "allow",
];

/// One answer, and the requests that get it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Override {
    pub(super) method: String,
    /// `*` for the id of what a client made.
    pub(super) path: String,
    /// Which of these requests, from 1; empty for all.
    pub(super) nth: Vec<u64>,
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) headers: Vec<(String, String)>,
    /// The operation is carried out all the same.
    pub(super) carried_out: bool,
    /// The exchanges that it answers for.
    pub(super) exchanges: Vec<u64>,
    /// What the scenario would answer: `status: 404, now 200`.
    pub(super) why: String,
}

/// An override for each of these exchanges, by number, with what is otherwise without it.
pub(super) fn overrides(recorded: &Recorded, unexplained: &BTreeMap<u64, String>) -> Vec<Override> {
    let made = made(recorded);
    let mut found: Vec<Override> = Vec::new();
    for (number, exchange) in &recorded.exchanges {
        let Some(why) = unexplained.get(number) else {
            continue;
        };
        let path = pattern(&exchange.request.path, &made);
        let method = &exchange.request.method;
        let alike = |it: &&(u64, Exchange)| {
            it.1.request.method == *method && is_like(&path, &it.1.request.path)
        };
        let all: Vec<&(u64, Exchange)> = recorded.exchanges.iter().filter(alike).collect();
        let nth = all.iter().take_while(|(it, _)| it <= number).count();
        let nth = u64::try_from(nth).unwrap_or(u64::MAX);
        let response = &exchange.response;
        let done = (200..300).contains(&response.status);
        let mut answer = Override {
            method: method.clone(),
            path,
            nth: Vec::new(),
            status: response.status,
            body: body(response),
            headers: headers(response),
            carried_out: done && !matches!(method.as_str(), "GET" | "HEAD"),
            exchanges: vec![*number],
            why: why.clone(),
        };
        let same = |it: &&mut Override| {
            (&it.method, &it.path, it.status, &it.body)
                == (&answer.method, &answer.path, answer.status, &answer.body)
        };
        if let Some(known) = found.iter_mut().find(same) {
            known.nth.push(nth);
            known.exchanges.push(*number);
        } else {
            answer.nth.push(nth);
            found.push(answer);
        }
    }
    for it in &mut found {
        let alike = |(_, exchange): &&(u64, Exchange)| {
            exchange.request.method == it.method && is_like(&it.path, &exchange.request.path)
        };
        if recorded.exchanges.iter().filter(alike).count() == it.nth.len() {
            it.nth.clear();
        }
    }
    found
}

impl Override {
    /// As a fault of the scenario language.
    pub(super) fn written(&self) -> String {
        let nth = match self.nth.as_slice() {
            [] => String::new(),
            nth => format!(", nth: {nth:?}"),
        };
        let mut then = self.status.to_string();
        if let Some(body) = &self.body {
            let _ = write!(then, ", body: {}", json(body, 8));
        }
        if !self.headers.is_empty() {
            let headers = self
                .headers
                .iter()
                .map(|(name, value)| format!("{name:?}: {value:?}"));
            let headers: Vec<String> = headers.collect();
            let _ = write!(then, ", headers: {{{}}}", headers.join(", "));
        }
        let carried_out = if self.carried_out {
            ", carried_out: true"
        } else {
            ""
        };
        format!(
            "Fault(on: (method: {:?}, path: {:?}{nth}), then: Status({then}){carried_out})",
            self.method, self.path
        )
    }
}

/// The ids of what clients made, which are others in the next run.
fn made(recorded: &Recorded) -> BTreeSet<String> {
    let made = recorded.exchanges.iter().filter_map(|(_, it)| {
        let is_made = it.request.method == "POST" && it.response.status == 201;
        super::binding::id_of(&it.response).filter(|_| is_made)
    });
    let in_bulk = recorded.exchanges.iter().flat_map(|(_, it)| {
        let operations = super::binding::members_of(&it.response.body, "Operations");
        operations
            .iter()
            .filter_map(|it| Some(last_segment(super::binding::text(it, "location")?).to_owned()))
    });
    made.chain(in_bulk).collect()
}

fn pattern(path: &str, made: &BTreeSet<String>) -> String {
    let segments = path
        .split('/')
        .map(|it| if made.contains(it) { "*" } else { it });
    let path = segments.collect::<Vec<_>>().join("/");
    if path.is_empty() {
        "/".to_owned()
    } else {
        path
    }
}

fn is_like(pattern: &str, path: &str) -> bool {
    let segments = |text: &'_ str| -> Vec<String> {
        text.split('/')
            .filter(|it| !it.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (pattern, path) = (segments(pattern), segments(path));
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(&path)
            .all(|(it, found)| it == "*" || it == found)
}

fn body(response: &Response) -> Option<Value> {
    match &response.body {
        _ if matches!(response.status, 204 | 304) => None,
        Body::Json(body @ (Value::Object(_) | Value::Array(_))) => Some(body.clone()),
        Body::Empty if response.status < 400 => None,
        other => Some(Value::String(
            String::from_utf8_lossy(&other.to_bytes()).into_owned(),
        )),
    }
}

fn headers(response: &Response) -> Vec<(String, String)> {
    let acted_on =
        |(name, _): &&(String, String)| HEADERS.iter().any(|it| name.eq_ignore_ascii_case(it));
    response.headers.iter().filter(acted_on).cloned().collect()
}

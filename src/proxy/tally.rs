//! What a recording has seen: the resources, by endpoint, the bodies and exchanges that it does not have whole, and its size. For the
//! summary at the end.

use crate::exchange::walk::is_discovery;
use crate::exchange::{Body, Exchange, base};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

/// So many resources are told apart; those that come later are not counted.
const MOST: usize = 50_000;

/// What a recording has seen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many different resources, by endpoint.
    pub resources: BTreeMap<String, u64>,
    /// Whether there were more than can be told apart.
    pub is_more: bool,
    /// In how many exchanges a body is cut.
    pub cut: u64,
    /// How many exchanges ended before their answer was whole.
    pub unfinished: u64,
    /// How long all files together are.
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    seen: Seen,
    /// Hashes of endpoint and id.
    known: HashSet<u64>,
}

impl Tally {
    /// An exchange was written, to a file of so many bytes.
    pub(super) fn add(&self, exchange: &Exchange, bytes: u64) {
        let mut found = Vec::new();
        if let Body::Json(value) = &exchange.response.body {
            match value.get("Resources").and_then(Value::as_array) {
                Some(resources) => found.extend(resources),
                None => found.push(value),
            }
        }
        let path = &exchange.request.path;
        let named = found
            .into_iter()
            .filter_map(|resource| named_by(resource, path));
        let asked = (200..300)
            .contains(&exchange.response.status)
            .then(|| place(path))
            .flatten();
        let cut = [&exchange.request.body, &exchange.response.body];
        let is_cut = cut.iter().any(|body| matches!(body, Body::Cut { .. }));
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.seen.cut += u64::from(is_cut);
        state.seen.unfinished += u64::from(exchange.ended.is_some());
        state.seen.bytes += bytes;
        named
            .chain(asked)
            .for_each(|(endpoint, id)| state.note(endpoint, id));
    }

    pub(super) fn seen(&self) -> Seen {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.seen.clone()
    }
}

impl State {
    fn note(&mut self, endpoint: &str, id: &str) {
        let mut hasher = DefaultHasher::new();
        (endpoint, id).hash(&mut hasher);
        let hash = hasher.finish();
        if self.known.len() >= MOST {
            self.seen.is_more |= !self.known.contains(&hash);
        } else if self.known.insert(hash) {
            *self.seen.resources.entry(endpoint.to_owned()).or_insert(0) += 1;
        }
    }
}

/// Endpoint and id of a resource: where it says that it is, or else where it was found.
fn named_by<'r>(resource: &'r Value, path: &'r str) -> Option<(&'r str, &'r str)> {
    let id = resource.get("id")?.as_str()?;
    let location = resource.pointer("/meta/location").and_then(Value::as_str);
    let location = location.and_then(|url| url.strip_prefix(base::PLACEHOLDER));
    let (endpoint, _) = split(location.unwrap_or(path))?;
    (!is_discovery(endpoint)).then_some((endpoint, id))
}

/// Endpoint and id of the resource at a path.
fn place(path: &str) -> Option<(&str, &str)> {
    let (endpoint, id) = split(path)?;
    let id = id.filter(|id| !id.starts_with('.') && !is_discovery(endpoint))?;
    Some((endpoint, id))
}

fn split(path: &str) -> Option<(&str, Option<&str>)> {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    Some((segments.next()?, segments.next()))
}

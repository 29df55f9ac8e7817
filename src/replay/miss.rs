//! Why no recorded exchange answers a request, in words: the nearest exchange and what differs, or the write that is missing.

use super::index::Reached;
use super::{MATCH, Player, Recorded, answer, differences};
use crate::exchange::walk::Schemas;
use crate::exchange::{Ended, Request, canonical};
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// How many exchanges are compared for one miss; a client that misses all the time must not be slow all the time.
const COMPARED: usize = 256;
/// How many differences, and how many exchanges, are told.
const TOLD: usize = 5;
/// How much of a value is shown.
const SHOWN: usize = 60;
/// How many misses are kept to be asked for.
const KEPT: usize = 1000;

/// A request that no recorded exchange answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// What was asked, the nearest exchange and what differs.
    pub detail: String,
    /// The method.
    pub method: String,
    /// The path below the base.
    pub path: String,
    /// The number of the nearest exchange.
    pub nearest: Option<u64>,
    /// What differs from that, one after the other.
    pub differences: Vec<String>,
    /// The numbers of recorded writes that should have come before.
    pub missing: Vec<u64>,
}

/// A miss with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Counted from 1.
    pub number: u64,
    /// The miss.
    pub miss: Miss,
}

impl Miss {
    fn of(sent: &Request, detail: String) -> Self {
        Self {
            detail,
            method: sent.method.clone(),
            path: sent.path.clone(),
            nearest: None,
            differences: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// An exchange asks the same, and nobody knows the answer.
    pub(super) fn without_answer(sent: &Request, number: u64, ended: &Ended) -> Self {
        let detail = format!(
            "exchange {number} of the recording asks the same and has no whole answer, for it was ended by {ended}; record it again"
        );
        Self {
            nearest: Some(number),
            ..Self::of(sent, detail)
        }
    }

    pub(super) fn outside(method: &Method, path: &str, base: &str) -> Self {
        Self {
            detail: format!("{path} is outside of the SCIM base; ask below {base}"),
            method: method.to_string(),
            path: path.to_owned(),
            nearest: None,
            differences: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// The SCIM error that says so.
    pub fn response(&self, method: &Method) -> http::Response<Bytes> {
        self.response_with(None, method)
    }

    /// The same, with another status than 404.
    pub fn response_with(
        &self,
        status: Option<StatusCode>,
        method: &Method,
    ) -> http::Response<Bytes> {
        let error = ScimError::new(ErrorKind::NotFound, self.detail.as_str());
        let mut response = answer::error_with(&error, status, method);
        response
            .headers_mut()
            .insert(MATCH, HeaderValue::from_static("none"));
        response
    }

    /// As the control API tells it.
    pub fn to_json(&self) -> Value {
        json!({
            "method": self.method,
            "path": self.path,
            "detail": self.detail,
            "nearest": self.nearest,
            "differences": self.differences,
            "missing": self.missing,
        })
    }
}

impl Player {
    /// Counts a miss, and keeps it to be asked for.
    pub fn count(&self, miss: Miss) {
        let number = self.misses.fetch_add(1, Ordering::Relaxed) + 1;
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if missed.len() == KEPT {
            missed.pop_front();
        }
        missed.push_back(Kept { number, miss });
    }

    /// The last misses, the oldest first.
    pub fn missed(&self) -> Vec<Kept> {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.iter().cloned().collect()
    }

    /// Why none of these exchanges, which say the same as `sent`, answers now.
    pub(super) fn out_of_order(&self, sent: &Request, same: &[usize], reached: &Reached) -> Miss {
        let asked = format!("{} {}", sent.method, shortened(&sent.path));
        let waiting = |at: &&usize| !(self.recorded[**at].is_write && reached.played[**at]);
        let candidates = same.iter().filter(waiting).take(COMPARED);
        let nearest = candidates
            .map(|at| (*at, self.missing(*at, reached), self.too_many(*at, reached)))
            .min_by_key(|(at, missing, too_many)| (missing.len() + too_many.len(), *at));
        let Some((at, missing, too_many)) = nearest else {
            let last = same.last().copied().unwrap_or_default();
            let number = self.recorded[last].number;
            let times = match same.len() {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            let detail = format!(
                "no recorded exchange answers {asked} again: it was recorded {times}, the last time in exchange {number}, and that has answered"
            );
            return Miss {
                nearest: Some(number),
                ..Miss::of(sent, detail)
            };
        };
        let number = self.recorded[at].number;
        let mut reasons = Vec::new();
        if !missing.is_empty() {
            let told = self.told(&missing);
            reasons.push(format!("it was recorded after {told}, not sent so far"));
        }
        if !too_many.is_empty() {
            let told = self.told(&too_many);
            reasons.push(format!("it was recorded before {told}, sent already"));
        }
        let reasons = reasons.join("; and ");
        Miss {
            nearest: Some(number),
            missing: missing.iter().map(|at| self.recorded[*at].number).collect(),
            ..Miss::of(
                sent,
                format!(
                    "no recorded exchange answers {asked} in the present state; the nearest is exchange {number}: {reasons}"
                ),
            )
        }
    }

    /// The writes that `at` was recorded after and that have not been played.
    fn missing(&self, at: usize, reached: &Reached) -> Vec<usize> {
        self.writers_of(at, |writer| writer < at && !reached.played[writer])
    }

    /// The writes that `at` was recorded before and that have been played.
    fn too_many(&self, at: usize, reached: &Reached) -> Vec<usize> {
        self.writers_of(at, |writer| writer >= at && reached.played[writer])
    }

    fn writers_of(&self, at: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let cells = self.history.reads[at].iter();
        let writers = cells.flat_map(|cell| &self.history.writers[*cell as usize]);
        let mut found: Vec<usize> = writers
            .map(|writer| *writer as usize)
            .filter(|writer| wanted(*writer))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn told(&self, exchanges: &[usize]) -> String {
        let each = exchanges.iter().take(TOLD).map(|at| {
            let Recorded {
                number, request, ..
            } = &self.recorded[*at];
            let path = shortened(&request.path);
            format!("exchange {number}, {} {path}", request.method)
        });
        let told = each.collect::<Vec<_>>().join(", ");
        match exchanges.len() {
            0..=TOLD => told,
            more => format!("{told} and {} more", more - TOLD),
        }
    }
}

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

    /// Why a request that nothing recorded says the same as has no answer.
    pub(super) fn explain(&self, schemas: &Schemas, sent: &Request, recorded: &[Recorded]) -> Miss {
        let candidates = self.by_place.get(&place(sent)).unwrap_or(&self.places);
        let mut segments = sent.path.split('/').filter(|it| !it.is_empty());
        let kind = segments.next().and_then(|it| schemas.by_endpoint(it));
        let nearest = candidates
            .iter()
            .take(COMPARED)
            .map(|index| {
                let recorded = &recorded[*index];
                let differences = differences::between(kind, sent, &recorded.request);
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
            return Miss::of(sent, asked);
        };
        let mut told = differences[..differences.len().min(TOLD)].join("; ");
        if told.is_empty() {
            // Members are named here by their folded names, of which one object may have two; and a level may ask for the letter.
            "body: the same members in another spelling or order".clone_into(&mut told);
        }
        if differences.len() > TOLD {
            told = format!("{told}; and more");
        }
        let detail = format!(
            "{asked}; the nearest is exchange {}, {} {}: {told}",
            recorded.number,
            recorded.request.method,
            shortened(&recorded.request.path)
        );
        Miss {
            nearest: Some(recorded.number),
            differences,
            ..Miss::of(sent, detail)
        }
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

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

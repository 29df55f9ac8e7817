//! Requests in which the client makes up values: found by their form without those, and answered with the fresh ones.
//!
//! Which recorded exchange is meant, where several differ in nothing else, nobody can say: it is the first that has not answered and fits the
//! state.

use super::history::together;
use super::index::Reached;
use super::volatile::{self, Bindings, Made, Volatile};
use super::{Answer, Forms, Order, Player, cell};
use crate::exchange::canonical::Form;
use crate::exchange::walk::Schemas;
use crate::exchange::{Body, Exchange, Request, Response};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::{MutexGuard, PoisonError};

/// Requests by their form without the values that clients make up.
#[derive(Debug, Default)]
pub(super) struct Open {
    by_form: HashMap<Form, Vec<u32>>,
    made: HashMap<u32, Vec<Made>>,
    /// The resource whose values they are.
    resources: HashMap<u32, String>,
    /// All ids that the provider has shown.
    ids: HashSet<String>,
}

impl Open {
    /// Nothing yet of a recording.
    pub(super) fn of(exchanges: &[(u64, Exchange)]) -> Self {
        Self {
            ids: volatile::ids(exchanges),
            ..Self::default()
        }
    }

    pub(super) fn add(
        &mut self,
        schemas: &Schemas,
        volatile: &Volatile,
        at: u32,
        request: &mut Request,
        response: &Response,
    ) {
        if volatile.is_empty() {
            return;
        }
        let made = volatile.made(schemas, request);
        // An id that a resource has was not made up.
        if made.is_empty() || made.iter().any(|it| it.is_id_of(&self.ids)) {
            return;
        }
        let masked = volatile.masked(schemas, request);
        let form = Forms::of(schemas, &masked, false).canonical;
        self.by_form.entry(form).or_default().push(at);
        self.made.insert(at, made);
        let id = match cell::Target::of(schemas, &request.path) {
            cell::Target::Resource { id, .. } => Some(id),
            cell::Target::Type(_) if !cell::is_query(request) => id_of(response),
            _ => None,
        };
        self.resources.extend(id.map(|id| (at, id)));
    }
}

/// The id of the resource that an answer shows or leads to.
fn id_of(response: &Response) -> Option<String> {
    let shown = match &response.body {
        Body::Json(body) => body.get("id").and_then(Value::as_str),
        _ => None,
    };
    let location = || {
        let mut headers = response.headers.iter();
        let (_, url) = headers.find(|(name, _)| name.eq_ignore_ascii_case("location"))?;
        Some(cell::decoded(url.rsplit_once('/')?.1))
    };
    shown.map(str::to_owned).or_else(location)
}

impl Player {
    /// Puts recorded values in place of the fresh ones that stand for them, and says whether there were any. What is left are values that
    /// clients make up.
    pub(super) fn translate(&self, sent: &mut Request) -> (Vec<Made>, bool) {
        if self.matching.volatile.is_empty() {
            return (Vec::new(), false);
        }
        let translated = self.bindings().translate(&self.schemas, sent);
        (self.matching.volatile.made(&self.schemas, sent), translated)
    }

    /// An exchange that differs in nothing but values that the client makes up; they stand for the recorded ones from now on.
    pub(super) fn made_up(
        &self,
        reached: &mut Reached,
        sent: &Request,
        fresh: &[Made],
    ) -> Option<usize> {
        let masked = self.matching.volatile.masked(&self.schemas, sent);
        let form = Forms::of(&self.schemas, &masked, false).canonical;
        let candidates = self.open.by_form.get(&form)?;
        let is_query = cell::is_query(sent);
        let mut bindings = self.bindings();
        let fits = |at: &&u32| {
            let n = **at as usize;
            let cells = self.history.reads[n].iter().copied();
            let now = match self.matching.order {
                Order::Causal => together(cells, &reached.states) == self.history.needs[n],
                Order::Strict => true,
            };
            now && bindings.agree(&self.open.made[*at], fresh, is_query)
        };
        let unplayed = |at: &&u32| !reached.played[**at as usize];
        let first = candidates.iter().filter(unplayed).find(fits).copied();
        // What asks for something that is nowhere may ask again for something else that is nowhere.
        let again = || {
            let nowhere = |at: &&u32| is_query && self.is_nowhere(**at);
            candidates.iter().rev().filter(nowhere).find(|at| {
                let cells = self.history.reads[**at as usize].iter().copied();
                together(cells, &reached.states) == self.history.needs[**at as usize]
            })
        };
        let at = match first {
            Some(at) => {
                let resource = self.open.resources.get(&at).map(String::as_str);
                bindings.bind(&self.open.made[&at], fresh, resource);
                at
            }
            None => *again()?,
        };
        reached.played[at as usize] = true;
        Some(at as usize)
    }

    /// Whether nothing that an exchange asks for was ever written.
    fn is_nowhere(&self, at: u32) -> bool {
        let cells = &self.history.reads[at as usize];
        let unwritten = |cell: &u32| self.history.writers[*cell as usize].is_empty();
        !cells.is_empty() && cells.iter().all(unwritten)
    }

    /// The answer of an exchange with fresh values, where some stand in it.
    pub(super) fn renewed(&self, at: usize) -> Option<Answer> {
        let bindings = self.bindings();
        if bindings.is_empty() {
            return None;
        }
        let mut response = self.recorded[at].answer.recorded().clone();
        let key = u32::try_from(at).unwrap_or(u32::MAX);
        let recorded = self.open.made.get(&key).map_or(&[][..], Vec::as_slice);
        let fresh = bindings.standing_for(recorded);
        let path = &self.recorded[at].request.path;
        bindings.renew(&self.schemas, path, &mut response, (recorded, &fresh));
        (response != *self.recorded[at].answer.recorded()).then(|| Answer::new(response))
    }

    fn bindings(&self) -> MutexGuard<'_, Bindings> {
        self.bindings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What each recorded exchange needed and what it changed: the recording from its beginning to its end, once.
//!
//! A cell's state is the set of exchanges that have written it, as a number: the exclusive or of a random number each. Which writes
//! came first does not matter between cells; within a resource every write needs the state that the one before it has left.

use super::cell::{Cell, Outcome, Target, bulk, is_query, reads};
use super::resource::{Known, Mentioned};
use crate::exchange::canonical::{Form, Level, intent};
use crate::exchange::walk::{self, Schemas};
use crate::exchange::{Body, Exchange, Request};
use crate::scim::path::{AttributePath, member};
use crate::scim::resource::Content;
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

/// The state of a cell, or of several together.
pub(super) type State = u64;

/// What is known of a recording after it was read.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The number of each cell that some exchange reads.
    pub(super) cells: HashMap<Cell, u32>,
    /// What each exchange reads.
    pub(super) reads: Vec<Vec<u32>>,
    /// The state of that when it was recorded.
    pub(super) needs: Vec<State>,
    /// What each exchange writes.
    pub(super) writes: Vec<Vec<u32>>,
    /// Which exchanges write a cell.
    pub(super) writers: Vec<Vec<u32>>,
    /// Resources as they were when a PATCH met them, by cell and state.
    pub(super) before: HashMap<(u32, State), Arc<Content>>,
    /// The state of its resource when a PATCH was recorded, by exchange.
    patched: HashMap<usize, State>,
    /// The resource of whoever asks for `/Me`.
    pub(super) me: Option<Cell>,
}

/// The number of an exchange in the state of a cell.
pub(super) fn token(exchange: usize) -> State {
    // The finaliser of SplitMix64: numbers in order become numbers without any.
    let mut z = (exchange as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The state of several cells together. A cell that nothing has written is as if it were not there.
pub(super) fn together(cells: impl Iterator<Item = u32>, states: &[State]) -> State {
    let mut hasher = DefaultHasher::new();
    let mut written = false;
    for cell in cells {
        let state = states[cell as usize];
        if state != 0 {
            (cell, state).hash(&mut hasher);
            written = true;
        }
    }
    if written { hasher.finish() } else { 0 }
}

/// The state of one cell, as [`together`] has it.
pub(super) fn of_one(cell: u32, state: State) -> State {
    if state == 0 {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    (cell, state).hash(&mut hasher);
    hasher.finish()
}

impl History {
    /// Reads a recording.
    pub(super) fn of(schemas: &Schemas, exchanges: &mut [(u64, Exchange)]) -> Self {
        let mut history = Self {
            me: me(schemas, exchanges),
            ..Self::default()
        };
        let mut queried: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (_, exchange) in exchanges.iter_mut() {
            let cells = reads(schemas, &mut exchange.request, history.me.as_ref());
            let numbers = cells.into_iter().map(|cell| {
                if let Cell::Value { kind, path, .. } = &cell {
                    queried
                        .entry(kind.clone())
                        .or_default()
                        .insert(path.clone());
                }
                let next = u32::try_from(history.cells.len()).unwrap_or(u32::MAX);
                *history.cells.entry(cell).or_insert(next)
            });
            let numbers = numbers.collect();
            history.reads.push(numbers);
        }
        let mut reader = Reader {
            schemas,
            queried: parsed(queried),
            known: HashMap::new(),
            referring: HashMap::new(),
            kinds: HashMap::new(),
            shows_links_back: exchanges
                .iter()
                .any(|(_, it)| shows_links_back(schemas, it)),
            written: HashSet::new(),
        };
        let mut states: Vec<State> = vec![0; history.cells.len()];
        history.writers = vec![Vec::new(); history.cells.len()];
        for (index, (_, exchange)) in exchanges.iter_mut().enumerate() {
            let needs = together(history.reads[index].iter().copied(), &states);
            history.needs.push(needs);
            let before = reader.before(&exchange.request);
            if let Some((cell, before)) = before
                && let Some(cell) = history.cells.get(&cell)
            {
                let place = (*cell, states[*cell as usize]);
                history.patched.insert(index, place.1);
                history.before.entry(place).or_insert(before);
            }
            reader.exchange(exchange);
            let mut written: Vec<u32> = reader
                .written
                .drain()
                .filter_map(|cell| history.cells.get(&cell).copied())
                .collect();
            written.sort_unstable();
            for cell in &written {
                states[*cell as usize] ^= token(index);
                history.writers[*cell as usize].push(u32::try_from(index).unwrap_or(u32::MAX));
            }
            history.writes.push(written);
        }
        history
    }

    /// The form of a recorded PATCH by what it made of its resource, and the state that it needed.
    pub(super) fn intent(
        &self,
        schemas: &Schemas,
        request: &Request,
        at: usize,
    ) -> Option<(Form, State)> {
        let now = *self.patched.get(&at)?;
        let (cell, id) = self.resource_of_patch(schemas, request)?;
        let before = self.before.get(&(cell, now))?;
        let form = intent::form(schemas, &id, before, request)?;
        Some((Form::of(Level::Intent, &form), of_one(cell, now)))
    }

    /// The same for a PATCH that is sent, of its resource as it is now.
    pub(super) fn intent_now(
        &self,
        schemas: &Schemas,
        request: &Request,
        states: &[State],
    ) -> Option<(Form, State)> {
        let (cell, id) = self.resource_of_patch(schemas, request)?;
        let now = states[cell as usize];
        let before = self.before.get(&(cell, now))?;
        let form = intent::form(schemas, &id, before, request)?;
        Some((Form::of(Level::Intent, &form), of_one(cell, now)))
    }

    fn resource_of_patch(&self, schemas: &Schemas, request: &Request) -> Option<(u32, String)> {
        let Target::Resource { kind, id } = Target::of(schemas, &request.path) else {
            return None;
        };
        let cell = Cell::Resource {
            kind,
            id: id.clone(),
        };
        let number = self.cells.get(&cell).copied()?;
        (request.method == "PATCH").then_some((number, id))
    }
}

fn parsed(queried: HashMap<String, BTreeSet<String>>) -> HashMap<String, Vec<AttributePath>> {
    let each = queried.into_iter().map(|(kind, paths)| {
        let paths = paths.iter().filter_map(|path| AttributePath::parse(path));
        (kind, paths.collect())
    });
    each.collect()
}

/// Whose resource `/Me` is, as far as an answer tells.
fn me(schemas: &Schemas, exchanges: &[(u64, Exchange)]) -> Option<Cell> {
    exchanges.iter().find_map(|(_, exchange)| {
        let is_me = Target::of(schemas, &exchange.request.path) == Target::Me;
        match &exchange.response.body {
            Body::Json(body) if is_me => resource_of(schemas, None, body),
            _ => None,
        }
    })
}

fn resource_of(schemas: &Schemas, kind: Option<&str>, body: &Value) -> Option<Cell> {
    let members = body.as_object()?;
    let id = member(members, "id")?.as_str()?;
    let kind = match kind {
        Some(kind) => kind.to_owned(),
        None => schemas.of_resource(members)?.name.to_lowercase(),
    };
    let id = id.to_owned();
    Some(Cell::Resource { kind, id })
}

/// Whether answers show links from their other end: the `groups` of a user.
fn shows_links_back(schemas: &Schemas, exchange: &Exchange) -> bool {
    let Body::Json(body) = &exchange.response.body else {
        return false;
    };
    resources(body).any(|resource| super::resource::shows_links_back(schemas, resource))
}

/// The resources in an answer: itself, or those that it lists.
pub(super) fn resources(body: &Value) -> impl Iterator<Item = &Value> {
    let list = body
        .as_object()
        .and_then(|members| member(members, "Resources"))
        .and_then(Value::as_array);
    let (alone, listed) = match list {
        Some(list) => (None, list.as_slice()),
        None => (Some(body), &[][..]),
    };
    alone.into_iter().chain(listed)
}

/// The recording up to some exchange.
struct Reader<'s> {
    schemas: &'s Schemas,
    /// The attributes whose values some exchange asks for, by type.
    queried: HashMap<String, Vec<AttributePath>>,
    /// What is known of each resource.
    known: HashMap<(String, String), Known>,
    /// Which resources link to an id.
    referring: HashMap<String, HashSet<(String, String)>>,
    /// The type of each resource that was seen.
    kinds: HashMap<String, String>,
    shows_links_back: bool,
    /// What the present exchange has written.
    written: HashSet<Cell>,
}

impl Reader<'_> {
    /// The resource that a PATCH is about to change.
    fn before(&self, request: &Request) -> Option<(Cell, Arc<Content>)> {
        let Target::Resource { kind, id } = Target::of(self.schemas, &request.path) else {
            return None;
        };
        if request.method != "PATCH" {
            return None;
        }
        let types = self.schemas.by_name(&kind)?;
        let key = (kind, id);
        let content = self.known.get(&key)?.content(types)?;
        let (kind, id) = key;
        Some((Cell::Resource { kind, id }, content))
    }

    fn exchange(&mut self, exchange: &mut Exchange) {
        let Exchange {
            request, response, ..
        } = exchange;
        let location = response
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("location"));
        if Target::of(self.schemas, &request.path) == Target::Bulk {
            for (mut request, outcome) in bulk(&request.body, &response.body) {
                self.one(&mut request, &outcome);
            }
            return;
        }
        let outcome = Outcome {
            status: response.status,
            location: location.map(|(_, url)| url.clone()).unwrap_or_default(),
            body: std::mem::take(&mut response.body),
        };
        self.one(request, &outcome);
        response.body = outcome.body;
    }

    fn one(&mut self, request: &mut Request, outcome: &Outcome) {
        if !(200..300).contains(&outcome.status) {
            return;
        }
        let target = Target::of(self.schemas, &request.path);
        if is_query(request) {
            return self.seen(&target, request, &outcome.body);
        }
        match target {
            Target::Type(kind) => self.created(&kind, request, outcome),
            Target::Resource { kind, id } if request.method == "DELETE" => self.deleted(kind, id),
            Target::Resource { kind, id } => self.changed(&(kind, id), request, outcome),
            Target::Me => {
                let body = &outcome.body;
                let Body::Json(body) = body else { return };
                if let Some(Cell::Resource { kind, id }) = resource_of(self.schemas, None, body) {
                    self.changed(&(kind, id), request, outcome);
                }
            }
            Target::Bulk | Target::Everything | Target::Discovery => {}
        }
    }

    /// What an answer shows of resources.
    fn seen(&mut self, target: &Target, request: &Request, body: &Body) {
        let (Body::Json(body), false) = (body, *target == Target::Discovery) else {
            return;
        };
        let whole = is_whole(request);
        for resource in resources(body) {
            let own = resource
                .as_object()
                .and_then(|members| self.schemas.of_resource(members));
            let kind = match (own, target) {
                (Some(kind), _) => kind.name.to_lowercase(),
                (None, Target::Type(kind) | Target::Resource { kind, .. }) => kind.clone(),
                _ => continue,
            };
            if let Some(Cell::Resource { kind, id }) =
                resource_of(self.schemas, Some(&kind), resource)
            {
                self.learn(&(kind, id), resource, whole);
            }
        }
    }

    fn learn(&mut self, key: &(String, String), resource: &Value, whole: bool) {
        let paths = self.queried.get(&key.0).map_or(&[][..], Vec::as_slice);
        let types = self.schemas.by_name(&key.0);
        self.kinds.insert(key.1.clone(), key.0.clone());
        let known = self.known.entry(key.clone()).or_default();
        known.learn(types, paths, resource, whole);
        for id in &known.links {
            self.referring
                .entry(id.clone())
                .or_default()
                .insert(key.clone());
        }
    }

    fn created(&mut self, kind: &str, request: &mut Request, outcome: &Outcome) {
        let by_location = outcome.location.rsplit_once('/');
        let id = match &outcome.body {
            Body::Json(body) => resource_of(self.schemas, Some(kind), body),
            _ => None,
        };
        let id = match (id, by_location) {
            (Some(Cell::Resource { id, .. }), _) => id,
            (_, Some((_, id))) if !id.is_empty() => super::cell::decoded(id),
            _ => {
                // A resource of which not even the id is known.
                self.written.insert(Cell::Unseen(kind.to_owned()));
                self.written.insert(Cell::Type(kind.to_owned()));
                self.written.insert(Cell::Everything);
                return;
            }
        };
        let key = (kind.to_owned(), id);
        if let Body::Json(sent) = &request.body {
            self.learn(&key, sent, true);
        }
        if let Body::Json(shown) = &outcome.body {
            self.learn(&key, shown, is_whole(request));
        }
        self.touch(&key);
        self.written.insert(Cell::Presence(key.1.clone()));
        let links = self.known.get(&key).map(|it| it.links.clone());
        self.touch_linked(links.into_iter().flatten());
    }

    fn deleted(&mut self, kind: String, id: String) {
        let key = (kind, id);
        self.touch(&key);
        if !self.known.contains_key(&key) {
            self.written.insert(Cell::Unseen(key.0.clone()));
        }
        self.written.insert(Cell::Presence(key.1.clone()));
        if let Some(known) = self.known.remove(&key) {
            self.touch_linked(known.links.into_iter());
        }
        for other in self.referring.remove(&key.1).into_iter().flatten() {
            self.touch(&other);
            if let Some(known) = self.known.get_mut(&other) {
                known.lost(&key.1);
            }
        }
    }

    /// PUT, PATCH, or a POST to something below a resource.
    fn changed(&mut self, key: &(String, String), request: &mut Request, outcome: &Outcome) {
        self.touch(key);
        let before = self.known.get(key).cloned();
        if before.is_none() {
            self.written.insert(Cell::Unseen(key.0.clone()));
        }
        let mut mentioned = Mentioned::default();
        walk::request(self.schemas, request, &mut mentioned);
        let types = self.schemas.by_name(&key.0);
        match (&outcome.body, &request.body, request.method.as_str()) {
            (Body::Json(shown), _, _) if is_resource(shown, &key.1) => {
                self.learn(key, shown, is_whole(request));
            }
            (_, Body::Json(sent), "PUT") => {
                self.learn(key, sent, true);
            }
            (_, _, "PATCH") => {
                let content = before.as_ref().and_then(|it| it.content(types?));
                let after = content
                    .zip(types)
                    .and_then(|(content, types)| intent::applied(types, &key.1, &content, request));
                if after.is_none() {
                    self.written.insert(Cell::Unseen(key.0.clone()));
                }
                let paths = self.queried.get(&key.0).map_or(&[][..], Vec::as_slice);
                let known = self.known.entry(key.clone()).or_default();
                known.patched(types, paths, after, &mentioned);
                for id in &mentioned.ids {
                    self.referring
                        .entry(id.clone())
                        .or_default()
                        .insert(key.clone());
                }
            }
            _ => {
                self.known.remove(key);
                self.written.insert(Cell::Unseen(key.0.clone()));
            }
        }
        self.touch(key);
        let after = self.known.get(key).cloned().unwrap_or_default();
        let before = before.unwrap_or_default();
        self.touch_linked(mentioned.ids.iter().cloned());
        if before.label == after.label {
            self.touch_linked(before.links.symmetric_difference(&after.links).cloned());
        } else {
            self.touch_linked(before.links.union(&after.links).cloned());
            let referring = self.referring.get(&key.1).cloned();
            for other in referring.into_iter().flatten() {
                self.touch(&other);
            }
        }
    }

    /// Those at the other end of links change where they show it.
    fn touch_linked(&mut self, ids: impl Iterator<Item = String>) {
        if !self.shows_links_back {
            return;
        }
        for id in ids {
            if let Some(kind) = self.kinds.get(&id) {
                self.touch(&(kind.clone(), id));
            }
        }
    }

    /// Writes a resource, and all that shows it.
    fn touch(&mut self, key: &(String, String)) {
        let (kind, id) = key.clone();
        if let Some(known) = self.known.get(key) {
            let values = known.values.iter().map(|(path, text)| Cell::Value {
                kind: kind.clone(),
                path: path.clone(),
                text: text.clone(),
            });
            self.written.extend(values);
        }
        self.written.insert(Cell::Type(kind.clone()));
        self.written.insert(Cell::Everything);
        self.written.insert(Cell::Resource { kind, id });
    }
}

/// Whether the answer to a request shows all of a resource.
fn is_whole(request: &Request) -> bool {
    let shaped = |name: &str| {
        name.eq_ignore_ascii_case("attributes") || name.eq_ignore_ascii_case("excludedAttributes")
    };
    let searched = match &request.body {
        Body::Json(Value::Object(members)) => members.keys().any(|name| shaped(name)),
        _ => false,
    };
    !searched && !request.query.iter().any(|(name, _)| shaped(name))
}

fn is_resource(body: &Value, id: &str) -> bool {
    let own = body.as_object().and_then(|members| member(members, "id"));
    own.is_some_and(|own| own == id)
}

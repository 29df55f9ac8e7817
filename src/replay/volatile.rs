//! Values that the client makes up on each run: a random userName, the GUID of a probe. Which they are is named, or found where two
//! recordings of the same session differ.
//!
//! A request with fresh values asks the same as the recorded one that differs from it in nothing but such values. From then on the fresh value
//! stands for the recorded one: in later requests, and in answers, where it takes its place in the same attribute (of the same resource,
//! where one was made with it). It is never looked for elsewhere, but in the text of an error that answers the request itself.

use crate::exchange::walk::{self, Part, Place, Role, Schemas, Visit};
use crate::exchange::{Body, Exchange, Request, Response};
use crate::scim::path::{AttributePath, member};
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

/// What stands in the form of a request where a client makes up the value.
const MASK: &str = "{volatile}";
/// The name under which ids in paths are known here.
const ID: &str = "id";

/// The places of values that the client makes up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volatile {
    anywhere: BTreeSet<String>,
    in_filters: BTreeSet<String>,
}

/// A value at such a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    path: String,
    value: Value,
}

impl Made {
    /// Whether it is an id that one of these is.
    pub(super) fn is_id_of(&self, ids: &HashSet<String>) -> bool {
        self.path == ID && self.value.as_str().is_some_and(|id| ids.contains(id))
    }
}

impl Volatile {
    /// Reads a place: `userName`, `emails.value`, `urn:…:User:department`; `filter:userName` for the literals of filters alone, and
    /// `id` for ids that no resource has.
    ///
    /// # Errors
    /// What was expected.
    pub fn name(&mut self, text: &str) -> Result<(), String> {
        let (set, path) = match text.strip_prefix("filter:") {
            Some(path) => (&mut self.in_filters, path),
            None => (&mut self.anywhere, text),
        };
        let Some(path) = AttributePath::parse(path.trim()) else {
            return Err(format!(
                "`{text}` is no place of a value: expected an attribute such as userName, emails.value or urn:…:User:department, or filter:userName for the literals of filters"
            ));
        };
        set.insert(path.to_string().to_lowercase());
        Ok(())
    }

    /// Finds the places in which two recordings of one session differ.
    pub fn learn(&mut self, one: &[(u64, Exchange)], other: &[(u64, Exchange)]) {
        let exchanges = one.iter().chain(other).map(|(_, exchange)| exchange);
        let schemas = Schemas::of(exchanges);
        let (one, other) = (aligned(&schemas, one), aligned(&schemas, other));
        for (key, here) in &one {
            let Some(there) = other.get(key) else {
                continue;
            };
            let same_places = here.len() == there.len()
                && here
                    .iter()
                    .zip(there)
                    .all(|((one, _), (other, _))| one.path == other.path);
            if !same_places {
                continue;
            }
            for ((here, in_filter), (there, _)) in here.iter().zip(there) {
                if here.value != there.value {
                    let set = if *in_filter {
                        &mut self.in_filters
                    } else {
                        &mut self.anywhere
                    };
                    set.insert(here.path.clone());
                }
            }
        }
        let anywhere = &self.anywhere;
        self.in_filters.retain(|path| !anywhere.contains(path));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.anywhere.is_empty() && self.in_filters.is_empty()
    }

    fn covers(&self, path: &str, in_filter: bool) -> bool {
        let within = |set: &BTreeSet<String>| {
            let mut path = path;
            loop {
                if set.contains(path) {
                    return true;
                }
                match path.rsplit_once('.') {
                    // The dots of a URN are no separators.
                    Some((whole, _)) if !path[whole.len()..].contains(':') => path = whole,
                    _ => return false,
                }
            }
        };
        within(&self.anywhere) || in_filter && within(&self.in_filters)
    }

    /// The values of a request that its client makes up.
    pub(super) fn made(&self, schemas: &Schemas, request: &mut Request) -> Vec<Made> {
        let mut found = Found {
            covers: &|path, in_filter| self.covers(path, in_filter),
            made: Vec::new(),
        };
        walk::request(schemas, request, &mut found);
        found.made.into_iter().map(|(made, _)| made).collect()
    }

    /// The request without them.
    pub(super) fn masked(&self, schemas: &Schemas, request: &Request) -> Request {
        let mut masked = request.clone();
        let mut mask = Change(|place: &Place<'_>, value: &mut Value| {
            if let Some((path, in_filter)) = path_of(place, value)
                && self.covers(&path, in_filter)
            {
                *value = MASK.into();
            }
        });
        walk::request(schemas, &mut masked, &mut mask);
        masked
    }
}

impl fmt::Display for Volatile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let anywhere = self.anywhere.iter().cloned();
        let in_filters = self.in_filters.iter().map(|path| format!("filter:{path}"));
        let all: Vec<String> = anywhere.chain(in_filters).collect();
        f.write_str(&all.join(", "))
    }
}

/// The path by which a value's place is known here, and whether it is compared there; `None` where no client makes up values.
fn path_of(place: &Place<'_>, value: &Value) -> Option<(String, bool)> {
    let is_secret = value.as_str().is_some_and(|text| text.contains("{secret"));
    if is_secret || value.is_null() {
        return None;
    }
    match (place.role, place.part, place.attribute) {
        (Role::Id { .. }, Part::Path, None) => Some((ID.to_owned(), false)),
        (Role::Value, _, Some(attribute)) => {
            let path = attribute.path.to_lowercase();
            Some((path, place.compared.is_some()))
        }
        _ => None,
    }
}

/// Collects values with their paths, and whether they are compared.
struct Found<'f> {
    covers: &'f dyn Fn(&str, bool) -> bool,
    made: Vec<(Made, bool)>,
}

impl Visit for Found<'_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        if let Some((path, in_filter)) = path_of(place, value)
            && (self.covers)(&path, in_filter)
        {
            let value = value.clone();
            self.made.push((Made { path, value }, in_filter));
        }
    }
}

struct Change<F>(F);

impl<F: FnMut(&Place<'_>, &mut Value)> Visit for Change<F> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        (self.0)(place, value);
    }
}

/// The values of each request by what it asks for, ids and values aside, and by which such request it is.
fn aligned(
    schemas: &Schemas,
    exchanges: &[(u64, Exchange)],
) -> HashMap<(String, usize), Vec<(Made, bool)>> {
    let known = ids(exchanges);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut all = HashMap::new();
    for (_, exchange) in exchanges {
        let mut request = exchange.request.clone();
        let mut found = Found {
            covers: &|_, _| true,
            made: Vec::new(),
        };
        walk::request(schemas, &mut request, &mut found);
        let is_made_up = |made: &Made| {
            made.path != ID || made.value.as_str().is_some_and(|id| !known.contains(id))
        };
        found.made.retain(|(made, _)| is_made_up(made));
        let mut mask = Change(|place: &Place<'_>, value: &mut Value| {
            if let (Role::Id { .. }, Part::Path) = (place.role, place.part) {
                *value = MASK.into();
            }
        });
        walk::request(schemas, &mut request, &mut mask);
        let names: Vec<&str> = request.query.iter().map(|it| it.0.as_str()).collect();
        let key = format!(
            "{} {}?{} {}",
            request.method,
            request.path,
            names.join("&"),
            exchange.response.status
        );
        let count = counts.entry(key.clone()).or_default();
        all.insert((key, *count), found.made);
        *count += 1;
    }
    all
}

/// The ids that some answer shows.
pub(super) fn ids(exchanges: &[(u64, Exchange)]) -> HashSet<String> {
    let mut ids = HashSet::new();
    for (_, exchange) in exchanges {
        if let Body::Json(body) = &exchange.response.body {
            for resource in super::history::resources(body) {
                let id = resource.as_object().and_then(|it| member(it, "id"));
                ids.extend(id.and_then(Value::as_str).map(str::to_owned));
            }
        }
        for (name, value) in &exchange.response.headers {
            if name.eq_ignore_ascii_case("location")
                && let Some((_, id)) = value.rsplit_once('/')
            {
                ids.insert(id.to_owned());
            }
        }
    }
    ids
}

/// Which fresh value stands for which recorded one, so far.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// What was recorded, by path and fresh value.
    recorded: HashMap<(String, String), Value>,
    /// What is fresh, by path and recorded value.
    fresh: HashMap<(String, String), Value>,
    /// The same, for the values of one resource, by its id.
    of_resource: HashMap<(String, String, String), Value>,
}

impl Bindings {
    /// Puts recorded values in place of the fresh ones that stand for them; true when there was one.
    pub(super) fn translate(&self, schemas: &Schemas, request: &mut Request) -> bool {
        if self.recorded.is_empty() {
            return false;
        }
        let mut translated = false;
        let mut back = Change(|place: &Place<'_>, value: &mut Value| {
            if let Some((path, _)) = path_of(place, value)
                && value.is_string()
                && let Some(recorded) = self.recorded.get(&(path, value.to_string()))
            {
                translated |= value != recorded;
                *value = recorded.clone();
            }
        });
        walk::request(schemas, request, &mut back);
        translated
    }

    /// Whether the values of a request can stand for those of a recorded one. What is asked for must be the same as before; what is
    /// written to a resource is its own.
    pub(super) fn agree(&self, recorded: &[Made], fresh: &[Made], is_query: bool) -> bool {
        recorded.len() == fresh.len()
            && recorded.iter().zip(fresh).all(|(recorded, fresh)| {
                let known = self
                    .fresh
                    .get(&(recorded.path.clone(), recorded.value.to_string()));
                let same = known.is_none_or(|known| *known == fresh.value);
                recorded.path == fresh.path && (same || !is_query)
            })
    }

    /// From now on these stand for those; `resource` is the id of the resource whose values they are.
    pub(super) fn bind(&mut self, recorded: &[Made], fresh: &[Made], resource: Option<&str>) {
        for (recorded, fresh) in recorded.iter().zip(fresh) {
            let (path, old, new) = (&recorded.path, &recorded.value, &fresh.value);
            if let Some(id) = resource {
                let key = (id.to_owned(), path.clone(), old.to_string());
                self.of_resource.insert(key, new.clone());
            }
            if old.is_string() && new.is_string() {
                self.recorded
                    .insert((path.clone(), new.to_string()), old.clone());
                self.fresh
                    .entry((path.clone(), old.to_string()))
                    .or_insert_with(|| new.clone());
            }
        }
    }

    /// The answer to a request with this path, with fresh values in place of recorded ones; `own` are those of the request itself.
    pub(super) fn renew(
        &self,
        schemas: &Schemas,
        path: &str,
        response: &mut Response,
        own: (&[Made], &[Made]),
    ) {
        let mut renewal = Renewal {
            bindings: self,
            own,
            resource: None,
        };
        walk::response(schemas, path, response, &mut renewal);
    }

    /// The fresh values that stand for recorded ones.
    pub(super) fn standing_for(&self, recorded: &[Made]) -> Vec<Made> {
        let each = recorded.iter().map(|made| {
            let key = (made.path.clone(), made.value.to_string());
            let value = self.fresh.get(&key).unwrap_or(&made.value).clone();
            let path = made.path.clone();
            Made { path, value }
        });
        each.collect()
    }

    /// Whether nothing is bound.
    pub(super) fn is_empty(&self) -> bool {
        self.recorded.is_empty() && self.of_resource.is_empty()
    }
}

struct Renewal<'b> {
    bindings: &'b Bindings,
    own: (&'b [Made], &'b [Made]),
    resource: Option<String>,
}

impl Visit for Renewal<'_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        if let (Role::Text, Part::Body, Value::String(text)) = (place.role, place.part, &mut *value)
        {
            for (old, new) in self.own.0.iter().zip(self.own.1) {
                if let (Some(old), Some(new)) = (old.value.as_str(), new.value.as_str())
                    && !old.is_empty()
                {
                    *text = text.replace(old, new);
                }
            }
            return;
        }
        let Some((path, _)) = path_of(place, value) else {
            return;
        };
        let written = value.to_string();
        let own = self.resource.as_ref().and_then(|id| {
            let key = (id.clone(), path.clone(), written.clone());
            self.bindings.of_resource.get(&key)
        });
        let fresh = own.or_else(|| {
            let names = shown_names(&path).iter().copied();
            names
                .chain([path.as_str()])
                .find_map(|path| self.bindings.fresh.get(&(path.to_owned(), written.clone())))
        });
        if let Some(fresh) = fresh {
            *value = fresh.clone();
        }
    }

    fn resource(&mut self, _: Option<&ResourceType>, resource: &Map<String, Value>) {
        let id = member(resource, "id").and_then(Value::as_str);
        self.resource = id.map(str::to_owned);
    }
}

/// The attributes of a resource that a link to it shows (RFC 7643 sections 2.4 and 4.3).
fn shown_names(path: &str) -> &'static [&'static str] {
    if path.ends_with(".display") || path.ends_with("manager.displayname") {
        &["displayname", "username"]
    } else {
        &[]
    }
}

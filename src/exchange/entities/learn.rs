//! Learning who is who from an exchange: ids where they stand, handles of resources, versions in their order, cursors.

use super::{Entities, Known, is_among, kind_names, kind_word, opaque};
use crate::exchange::walk::{self, Part, Place, Role, Schemas, Visit};
use crate::exchange::{Body, Exchange, Request, Response};
use crate::scim::path::member;
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};

/// Attributes by which a resource is known to others than its provider, the surest first.
const HANDLES: [&str; 3] = ["userName", "externalId", "displayName"];

/// An id that was seen.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) id: String,
    /// The types that it can be of.
    pub(super) of: Vec<String>,
    handles: Vec<(&'static str, String)>,
}

/// The ids in a path and in an answer, in order; that of the resource which the exchange is about comes first.
pub(super) fn sightings(
    schemas: &Schemas,
    path: &str,
    response: Option<&Response>,
) -> Vec<Sighting> {
    let mut ids = Ids::default();
    let mut request = Request {
        method: String::new(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Body::Empty,
    };
    walk::request(schemas, &mut request, &mut ids);
    if let Some(response) = response {
        walk::response(schemas, path, &mut response.clone(), &mut ids);
    }
    ids.0
}

/// All ids that the provider vouches for: those of its answer, and those of a request that it took.
fn vouched(schemas: &Schemas, exchange: &Exchange) -> Vec<Sighting> {
    let mut ids = Ids::default();
    if (200..300).contains(&exchange.response.status) {
        walk::request(schemas, &mut exchange.request.clone(), &mut ids);
    }
    let path = &exchange.request.path;
    walk::response(schemas, path, &mut exchange.response.clone(), &mut ids);
    ids.0
}

#[derive(Default)]
struct Ids(Vec<Sighting>);

impl Visit for Ids {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        // A filter may compare with what is not there.
        if let (Role::Id { of }, None, Value::String(id)) = (place.role, place.compared, value) {
            self.0.push(Sighting {
                id: id.clone(),
                of: of.to_vec(),
                handles: Vec::new(),
            });
        }
    }

    fn resource(&mut self, kind: Option<&ResourceType>, resource: &Map<String, Value>) {
        if let Some(id) = member(resource, "id").and_then(Value::as_str) {
            let handle = |name: &'static str| {
                let value = member(resource, name)?.as_str()?;
                (!value.is_empty()).then(|| (name, value.to_lowercase()))
            };
            self.0.push(Sighting {
                id: id.to_owned(),
                of: kind_names(kind),
                handles: HANDLES.into_iter().filter_map(handle).collect(),
            });
        }
    }
}

impl Entities {
    /// Takes in an exchange that comes after those that are known.
    pub fn learn(&mut self, exchange: &Exchange) {
        self.schemas.learn(exchange);
        self.hint(exchange);
        for sighting in vouched(&self.schemas, exchange) {
            let at = match self.find(&sighting.id, &sighting.of) {
                Some(at) => at,
                None => self.add(&sighting),
            };
            let known = &mut self.known[at];
            for handle in sighting.handles {
                if !known.handles.contains(&handle) {
                    known.handles.push(handle);
                }
            }
        }
        let path = &exchange.request.path;
        let subject = self.subject(path, Some(&exchange.response));
        let schemas = std::mem::take(&mut self.schemas);
        let mut order = Order {
            subject,
            entities: self,
        };
        walk::response(&schemas, path, &mut exchange.response.clone(), &mut order);
        self.schemas = schemas;
    }

    /// Notes the types that ids are seen with.
    pub(super) fn hint(&mut self, exchange: &Exchange) {
        for Sighting { id, of, .. } in vouched(&self.schemas, exchange) {
            if let [kind] = of.as_slice() {
                let kinds = self.hints.entry(id).or_default();
                if !is_among(kinds, kind) {
                    kinds.push(kind.clone());
                }
            }
        }
    }

    fn add(&mut self, sighting: &Sighting) -> usize {
        let Sighting { id, of, .. } = sighting;
        let kind = if let [kind] = of.as_slice() {
            Some(kind.clone())
        } else {
            let mut kinds = self.hints.get(id).into_iter().flatten();
            kinds
                .find(|kind| of.is_empty() || is_among(of, kind))
                .cloned()
        };
        let at = self.known.len();
        let name = self.next_name(kind.as_deref());
        self.known.push(Known {
            name,
            kind,
            id: id.clone(),
            handles: Vec::new(),
            versions: Vec::new(),
            adopted: false,
        });
        self.by_id.entry(id.clone()).or_default().push(at);
        at
    }

    /// `user#3`
    fn next_name(&mut self, kind: Option<&str>) -> String {
        let kind = kind_word(kind);
        let count = self.counts.entry(kind.clone()).or_default();
        *count += 1;
        format!("{kind}#{count}")
    }
}

/// Notes versions and cursors in the order in which they come.
struct Order<'e> {
    subject: Option<usize>,
    entities: &'e mut Entities,
}

impl Visit for Order<'_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        let Some(text) = value.as_str() else { return };
        match (place.role, self.subject) {
            // That of a header field is the one of the whole answer, which may be a list of others.
            (Role::Version, Some(subject)) if !matches!(place.part, Part::Query(_)) => {
                let versions = &mut self.entities.known[subject].versions;
                if !versions.iter().any(|it| it == opaque(text)) {
                    versions.push(opaque(text).to_owned());
                }
            }
            (Role::Cursor, _) if !self.entities.cursors.iter().any(|it| it == text) => {
                self.entities.cursors.push(text.to_owned());
            }
            _ => {}
        }
    }

    fn resource(&mut self, kind: Option<&ResourceType>, resource: &Map<String, Value>) {
        let id = member(resource, "id").and_then(Value::as_str);
        self.subject = id.and_then(|id| self.entities.find(id, &kind_names(kind)));
    }
}

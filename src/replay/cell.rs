//! Parts of the provider's state that answers depend on, and what a request reads of them (RFC 7644 section 3).
//!
//! What is read follows from the request alone, so that it can be said of one that was not recorded. What is written needs the answer, and
//! what is known of the resources: see `history`.

use crate::exchange::walk::{self, Part, Place, Role, Schemas, Visit};
use crate::exchange::{Body, Request, canonical};
use crate::scim::path::{AttributePath, member};
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};

/// A part of the state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cell {
    /// All of it.
    Everything,
    /// All resources of a type.
    Type(String),
    /// Values of a type of which nobody can say whose they are: a resource was changed that was never seen.
    Unseen(String),
    /// The resources of a type of which an attribute has this value.
    Value {
        /// The type.
        kind: String,
        /// The attribute.
        path: String,
        /// In the form in which it is compared.
        text: String,
    },
    /// A resource.
    Resource {
        /// The type.
        kind: String,
        /// Its id.
        id: String,
    },
    /// That there is a resource of this id.
    Presence(String),
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A resource, or something below it.
    Resource { kind: String, id: String },
    /// The resources of a type.
    Type(String),
    /// The resource of whoever asks.
    Me,
    /// Many operations at once.
    Bulk,
    /// All resources.
    Everything,
    /// What the provider says of itself, which nothing changes.
    Discovery,
}

/// Where a provider says what it is.
const DISCOVERY: [&str; 4] = [
    "Schemas",
    "ResourceTypes",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
];

impl Target {
    pub(super) fn of(schemas: &Schemas, path: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let Some(first) = segments.next() else {
            return Self::Everything;
        };
        let is = |name: &str| first.eq_ignore_ascii_case(name);
        if is(".search") {
            return Self::Everything;
        }
        if is("Me") {
            return Self::Me;
        }
        if is("Bulk") {
            return Self::Bulk;
        }
        if DISCOVERY.into_iter().any(is) {
            return Self::Discovery;
        }
        let kind = kind_at(schemas, first);
        match segments.next() {
            None | Some(".search") => Self::Type(kind),
            Some(id) => Self::Resource {
                kind,
                id: decoded(id),
            },
        }
    }
}

/// The name by which the resources at an endpoint are known here.
fn kind_at(schemas: &Schemas, endpoint: &str) -> String {
    let kind = schemas.by_endpoint(endpoint);
    kind.map_or(endpoint, |kind| &kind.name).to_lowercase()
}

pub(super) fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8_lossy()
        .into_owned()
}

/// Whether a request asks and changes nothing.
pub(super) fn is_query(request: &Request) -> bool {
    match request.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => true,
        "POST" => request.path.ends_with("/.search"),
        _ => false,
    }
}

/// What the answer to a request depends on.
pub(super) fn reads(schemas: &Schemas, request: &mut Request, me: Option<&Cell>) -> Vec<Cell> {
    let mut cells = Vec::new();
    match Target::of(schemas, &request.path) {
        Target::Discovery => {}
        Target::Everything => cells.push(Cell::Everything),
        Target::Me => cells.push(me.cloned().unwrap_or(Cell::Everything)),
        Target::Bulk => {
            for (mut request, _) in bulk(&request.body, &Body::Empty) {
                cells.extend(reads(schemas, &mut request, me));
            }
        }
        Target::Type(kind) if is_query(request) => query(schemas, request, kind, &mut cells),
        Target::Type(kind) => written(schemas, request, &kind, &mut cells),
        Target::Resource { kind, id } => {
            if !is_query(request) {
                written(schemas, request, &kind, &mut cells);
            }
            cells.push(Cell::Resource { kind, id });
        }
    }
    cells.sort();
    cells.dedup();
    cells
}

/// A query that asks for a value depends on the resources that have it, and any other on all of the type.
fn query(schemas: &Schemas, request: &Request, kind: String, cells: &mut Vec<Cell>) {
    let searched = match &request.body {
        Body::Json(Value::Object(members)) => member(members, "filter").and_then(Value::as_str),
        _ => None,
    };
    let asked = request
        .query
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("filter"));
    let filter = asked.map(|(_, value)| value.as_str()).or(searched);
    let types = schemas.by_name(&kind);
    let Some((path, text)) = filter.and_then(|filter| canonical::equality(types, filter)) else {
        return cells.push(Cell::Type(kind));
    };
    if path.uri.is_none() && path.name == "id" {
        return cells.push(Cell::Resource { kind, id: text });
    }
    cells.push(Cell::Unseen(kind.clone()));
    cells.push(Cell::Value {
        kind,
        path: path.to_string(),
        text,
    });
}

/// What a provider looks at before it takes a resource: whether another has its name, and whether those that it links to are there.
fn written(schemas: &Schemas, request: &mut Request, kind: &str, cells: &mut Vec<Cell>) {
    let types = schemas.by_name(kind);
    let names = identities(types);
    let mut seen = Written { kind, names, cells };
    walk::request(schemas, request, &mut seen);
}

struct Written<'c> {
    kind: &'c str,
    names: &'static [&'static str],
    cells: &'c mut Vec<Cell>,
}

/// The attributes by which a provider may know that it has a resource already, whatever its schema says of uniqueness.
fn identities(types: Option<&ResourceType>) -> &'static [&'static str] {
    match types {
        Some(types) if types.attribute("userName").is_some() => &["userName", "externalId"],
        _ => &["displayName", "externalId"],
    }
}

impl Visit for Written<'_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        let (Part::Body, Value::String(text)) = (place.part, &*value) else {
            return;
        };
        if let Role::Id { .. } = place.role {
            self.cells.push(Cell::Presence(text.clone()));
        }
        let Some(attribute) = place.attribute.filter(|_| place.compared.is_none()) else {
            return;
        };
        if self.names.contains(&attribute.path.as_str()) {
            let path = AttributePath {
                uri: None,
                name: attribute.path.to_lowercase(),
                sub: None,
            };
            let mut alone = Map::new();
            alone.insert(attribute.path.clone(), Value::from(text.as_str()));
            let texts = canonical::texts(attribute.kind, &path, &Value::Object(alone));
            self.cells.extend(texts.into_iter().map(|text| Cell::Value {
                kind: self.kind.to_owned(),
                path: path.to_string(),
                text,
            }));
        }
    }
}

/// The operations of a bulk request, each as a request of its own, with the answer to it: its status, location and body.
pub(super) fn bulk(sent: &Body, answered: &Body) -> Vec<(Request, Outcome)> {
    let operations = |body: &Body| -> Vec<Map<String, Value>> {
        let Body::Json(Value::Object(members)) = body else {
            return Vec::new();
        };
        let list = member(members, "Operations").and_then(Value::as_array);
        let list = list.into_iter().flatten();
        list.filter_map(|it| it.as_object().cloned()).collect()
    };
    let text = |members: &Map<String, Value>, name: &str| {
        let value = member(members, name);
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let answers = operations(answered);
    let each = operations(sent).into_iter().enumerate().map(|(n, sent)| {
        let bulk_id = text(&sent, "bulkId");
        let named = answers
            .iter()
            .find(|it| !bulk_id.is_empty() && text(it, "bulkId") == bulk_id);
        let answer = named.or_else(|| answers.get(n));
        let status = answer.and_then(|it| member(it, "status"));
        let status = status.and_then(|it| match it {
            Value::String(text) => text.parse().ok(),
            other => u16::try_from(other.as_u64()?).ok(),
        });
        let body = |members: Option<&Map<String, Value>>, name: &str| match members
            .and_then(|it| member(it, name))
        {
            None | Some(Value::Null) => Body::Empty,
            Some(value) => Body::Json(value.clone()),
        };
        let request = Request {
            method: text(&sent, "method").to_uppercase(),
            path: text(&sent, "path"),
            query: Vec::new(),
            headers: Vec::new(),
            body: body(Some(&sent), "data"),
        };
        let outcome = Outcome {
            status: status.unwrap_or(0),
            location: answer.map(|it| text(it, "location")).unwrap_or_default(),
            body: body(answer, "response"),
        };
        (request, outcome)
    });
    each.collect()
}

/// What became of a request.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) body: Body,
}

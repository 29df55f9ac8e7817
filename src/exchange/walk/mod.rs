//! A walk over every value of an exchange, each with its place: which attribute it belongs to, or what else it is (an id, a version, a
//! URL, a cursor). What sees the values may change them; changes are put back where the value stood: into a JSON body, a segment of a
//! path, the literal of a filter.
//!
//! Covered are resources and the messages of RFC 7644 (`ListResponse`, `SearchRequest`, `PatchOp`, bulk requests and answers, errors),
//! the path, the query and the header fields. What only gives the message its shape is not visited: `schemas`, `op`, `method`, `status`,
//! `attributes`, `sortBy`, `totalResults`, truth values of the protocol. Nor are discovery documents, which describe no resource.
//!
//! It decides nothing about the values, and does no IO.

mod bulk;
mod header;
mod message;
mod patch;
mod path;
mod place;
mod query;
mod resource;
mod schemas;

pub use place::{AttributePlace, Part, Place, Role};
pub use schemas::{Schemas, is_discovery};

use super::{Exchange, Request, Response};
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};

/// What is shown the values of an exchange.
pub trait Visit {
    /// A string, a number, a truth value or null. Whatever it is changed to stands in its place afterwards.
    fn value(&mut self, place: &Place<'_>, value: &mut Value);

    /// A resource begins; its values come next.
    fn resource(&mut self, _kind: Option<&ResourceType>, _resource: &Map<String, Value>) {}
}

/// Walks over a request and its answer.
pub fn exchange(schemas: &Schemas, exchange: &mut Exchange, visit: &mut dyn Visit) {
    let Exchange {
        request: sent,
        response: answer,
        ..
    } = exchange;
    // The answer is understood by what was asked, and not by what became of it.
    let path = sent.path.clone();
    request(schemas, sent, visit);
    response(schemas, &path, answer, visit);
}

/// Walks over a request: its path, query, header fields and body.
pub fn request(schemas: &Schemas, request: &mut Request, visit: &mut dyn Visit) {
    let asked = Asked::of(schemas, &request.path);
    let mut walk = Walk { schemas, visit };
    walk.path(&mut request.path);
    walk.query(asked, &mut request.query);
    walk.headers(&mut request.headers);
    walk.body(asked, &mut request.body);
}

/// Walks over the answer to a request with this path: its header fields and body.
pub fn response(schemas: &Schemas, path: &str, response: &mut Response, visit: &mut dyn Visit) {
    let asked = Asked::of(schemas, path);
    let mut walk = Walk { schemas, visit };
    walk.headers(&mut response.headers);
    walk.body(asked, &mut response.body);
}

/// One walk.
struct Walk<'w> {
    schemas: &'w Schemas,
    visit: &'w mut dyn Visit,
}

/// What a request is about, by its path.
#[derive(Clone, Copy)]
struct Asked<'s> {
    kind: Option<&'s ResourceType>,
    is_discovery: bool,
}

impl<'s> Asked<'s> {
    fn of(schemas: &'s Schemas, path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Self {
            kind: path
                .split('/')
                .find_map(|segment| schemas.by_endpoint(segment)),
            is_discovery: schemas::discovery(path).is_some(),
        }
    }
}

impl Walk<'_> {
    /// Shows a value that stands as text, and puts back what it becomes. True when it is another afterwards.
    fn text(&mut self, place: Place<'_>, text: &mut String) -> bool {
        let mut value = Value::String(std::mem::take(text));
        let before = value.clone();
        self.visit.value(&place, &mut value);
        let changed = value != before;
        *text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        changed
    }
}

impl<'a> Place<'a> {
    fn new(part: Part<'a>, role: Role<'a>) -> Self {
        Self {
            part,
            role,
            attribute: None,
            compared: None,
        }
    }
}

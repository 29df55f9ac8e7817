//! What a body is: a resource, or one of the messages of RFC 7644, told by its `schemas`, and by its members where it names none.

use super::query::is_shape;
use super::{Asked, Part, Place, Role, Walk};
use crate::exchange::Body;
use crate::scim::error::CODES;
use crate::scim::path::member;
use bytes::Bytes;
use serde_json::{Map, Value};

#[derive(Clone, Copy, PartialEq)]
enum Message {
    Bulk,
    Error,
    List,
    Patch,
    Search,
}

/// By the last part of `urn:ietf:params:scim:api:messages:2.0:…`.
const NAMES: [(&str, Message); 6] = [
    ("BulkRequest", Message::Bulk),
    ("BulkResponse", Message::Bulk),
    ("Error", Message::Error),
    ("ListResponse", Message::List),
    ("PatchOp", Message::Patch),
    ("SearchRequest", Message::Search),
];

impl Message {
    fn of(members: &Map<String, Value>) -> Option<Self> {
        const MESSAGES: &str = "urn:ietf:params:scim:api:messages:2.0:";
        let schemas = member(members, "schemas").and_then(Value::as_array);
        let named = schemas.into_iter().flatten().find_map(|urn| {
            let urn = urn.as_str()?;
            let (head, name) = urn.split_at_checked(MESSAGES.len())?;
            let same = |it: &&(&str, Self)| it.0.eq_ignore_ascii_case(name);
            let known = NAMES.iter().find(same).map(|it| it.1);
            known.filter(|_| head.eq_ignore_ascii_case(MESSAGES))
        });
        named.or_else(|| Self::by_members(members))
    }

    fn by_members(members: &Map<String, Value>) -> Option<Self> {
        let has = |name: &str| member(members, name).is_some();
        if let Some(operations) = member(members, "Operations") {
            let first = match operations {
                Value::Array(operations) => operations.first(),
                single => Some(single),
            };
            let is_bulk = first
                .and_then(Value::as_object)
                .is_some_and(|it| member(it, "method").is_some());
            return Some(if is_bulk { Self::Bulk } else { Self::Patch });
        }
        if member(members, "Resources").is_some_and(Value::is_array) || has("totalResults") {
            return Some(Self::List);
        }
        (has("detail") && CODES.into_iter().any(has)).then_some(Self::Error)
    }
}

impl<'w> Walk<'w> {
    pub(super) fn body(&mut self, asked: Asked<'w>, body: &mut Body) {
        if asked.is_discovery {
            return;
        }
        match body {
            Body::Empty => {}
            Body::Json(value) => self.document(asked, value),
            Body::Text(text) => {
                self.text(Place::new(Part::Body, Role::Text), text);
            }
            Body::Binary(bytes) | Body::Cut { kept: bytes } => {
                let mut text = String::from_utf8_lossy(bytes).into_owned();
                if self.text(Place::new(Part::Body, Role::Text), &mut text) {
                    *bytes = Bytes::from(text);
                }
            }
        }
    }

    /// A JSON document.
    pub(super) fn document(&mut self, asked: Asked<'w>, value: &mut Value) {
        match value {
            Value::Array(list) => {
                for element in list {
                    self.document(asked, element);
                }
            }
            Value::Object(members) => match Message::of(members) {
                None => self.resource(asked.kind, members),
                Some(Message::Bulk) => self.bulk(members),
                Some(Message::Patch) => self.patch(asked.kind, members),
                Some(message) => self.envelope(message, asked, members),
            },
            scalar => self
                .visit
                .value(&Place::new(Part::Body, Role::Text), scalar),
        }
    }

    /// A list, a search or an error.
    fn envelope(&mut self, message: Message, asked: Asked<'w>, members: &mut Map<String, Value>) {
        const CURSORS: [&str; 3] = ["cursor", "nextCursor", "previousCursor"];
        const SHAPES: [&str; 3] = ["schemas", "totalResults", "itemsPerPage"];
        for (name, value) in members {
            let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            match value {
                _ if is(&SHAPES) || is(&CODES) || is_shape(name) => {}
                Value::Array(resources) if is(&["Resources"]) => {
                    for resource in resources {
                        match resource {
                            Value::Object(members) => self.resource(asked.kind, members),
                            other => self.document(asked, other),
                        }
                    }
                }
                value if is(&CURSORS) => {
                    self.visit
                        .value(&Place::new(Part::Body, Role::Cursor), value);
                }
                Value::String(text) if message == Message::Search => {
                    self.parameter(asked.kind, Part::Body, name, text);
                }
                Value::String(text) if message == Message::Error => {
                    self.text(Place::new(Part::Body, Role::Text), text);
                }
                value => {
                    let attribute = self.target(asked.kind, name);
                    self.value(&attribute, value);
                }
            }
        }
    }
}

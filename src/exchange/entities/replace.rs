//! Names in place of ids, versions, cursors, `bulkId`s and instants.

use super::{Entities, kind_names, opaque};
use crate::exchange::walk::{self, Part, Place, Role, Visit};
use crate::exchange::{Body, Request, Response};
use crate::scim::error::ERROR_URN;
use crate::scim::filter::Operator;
use crate::scim::path::member;
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};

/// What stands for an instant of the provider's clock.
const INSTANT: &str = "{instant}";

pub(super) fn request(entities: &Entities, request: &Request) -> Request {
    let mut request = request.clone();
    let mut names = Names {
        entities,
        subject: entities.subject(&request.path, None),
        bulk_ids: Vec::new(),
    };
    walk::request(&entities.schemas, &mut request, &mut names);
    unescape(&mut request.path);
    for (_, value) in &mut request.headers {
        unescape(value);
    }
    unescape_body(&mut request.body);
    request
}

pub(super) fn response(entities: &Entities, path: &str, response: &Response) -> Response {
    let mut response = response.clone();
    let mut names = Names {
        entities,
        subject: entities.subject(path, Some(&response)),
        bulk_ids: Vec::new(),
    };
    walk::response(&entities.schemas, path, &mut response, &mut names);
    if let Body::Json(Value::Object(message)) = &mut response.body
        && is_error(message)
        && let Some(Value::String(detail)) = message.get_mut("detail")
    {
        entities.in_words(detail);
    }
    for (_, value) in &mut response.headers {
        unescape(value);
    }
    unescape_body(&mut response.body);
    response
}

struct Names<'e> {
    entities: &'e Entities,
    subject: Option<usize>,
    bulk_ids: Vec<String>,
}

impl Visit for Names<'_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        let Value::String(text) = value else { return };
        let whole = !matches!(
            place.compared,
            Some(Operator::Co | Operator::Sw | Operator::Ew)
        );
        let name = match place.role {
            Role::Id { of } if whole => self
                .entities
                .name(text, of)
                .map(|name| format!("{{{name}}}")),
            Role::BulkId => Some(self.bulk_id(text)),
            Role::Version => Some(self.versions(text, place.part)),
            Role::Cursor => {
                let at = self.entities.cursors.iter().position(|it| it == text);
                at.map(|at| format!("{{cursor#{}}}", at + 1))
            }
            Role::Instant => is_instant(text).then(|| INSTANT.to_owned()),
            _ => None,
        };
        if let Some(name) = name {
            *text = name;
        }
    }

    fn resource(&mut self, kind: Option<&ResourceType>, resource: &Map<String, Value>) {
        // What a client sends to be made has no id, and what it sends for another is known by the path.
        if let Some(id) = member(resource, "id").and_then(Value::as_str) {
            self.subject = self.entities.find(id, &kind_names(kind));
        }
    }
}

impl Names<'_> {
    /// A client's name in one bulk request.
    fn bulk_id(&mut self, text: &str) -> String {
        let known = self.bulk_ids.iter().position(|it| it == text);
        let at = known.unwrap_or_else(|| {
            self.bulk_ids.push(text.to_owned());
            self.bulk_ids.len() - 1
        });
        format!("{{bulkId#{}}}", at + 1)
    }

    /// A version, or the list of them that a condition names (RFC 9110 section 13.1).
    fn versions(&self, text: &str, part: Part<'_>) -> String {
        if text.trim() == "*" {
            return text.to_owned();
        }
        let name = |version: &str| {
            let known = self.subject.map(|at| &self.entities.known[at]);
            let nth = known.and_then(|known| {
                let at = known.versions.iter().position(|it| it == opaque(version))?;
                Some(format!("{{version {} of {}}}", at + 1, known.name))
            });
            nth.unwrap_or_else(|| version.trim().to_owned())
        };
        match part {
            Part::Header(_) => text.split(',').map(name).collect::<Vec<_>>().join(", "),
            _ => name(text),
        }
    }
}

impl Entities {
    /// Ids that stand as words of a text. Short ones may be words of their own.
    pub(super) fn in_words(&self, text: &mut String) {
        const SHORTEST: usize = 6;
        for known in self.known.iter().filter(|it| it.id.len() >= SHORTEST) {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
            let mut from = 0;
            while let Some(at) = text[from..].find(&known.id).map(|at| from + at) {
                let end = at + known.id.len();
                let alone = !text[..at].ends_with(is_part) && !text[end..].starts_with(is_part);
                from = end;
                if alone {
                    let name = format!("{{{}}}", known.name);
                    text.replace_range(at..end, &name);
                    from = at + name.len();
                }
            }
        }
    }
}

fn is_error(message: &Map<String, Value>) -> bool {
    let schemas = member(message, "schemas").and_then(Value::as_array);
    schemas.is_some_and(|all| all.iter().any(|urn| urn == ERROR_URN))
}

/// An instant of RFC 3339, or the date of a header field (RFC 9110 section 5.6.7).
fn is_instant(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.ends_with(" GMT")
}

/// In a segment of a path the `#` of a name is encoded as any other; names are for people.
fn unescape(text: &mut String) {
    const MARK: &str = "%23";
    let mut from = 0;
    while let Some(at) = text[from..].find(MARK).map(|at| from + at) {
        let behind = &text[at + MARK.len()..];
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let is_name = digits > 0
            && behind[digits..].starts_with('}')
            && text[..at]
                .rsplit(['/', '{'])
                .next()
                .is_some_and(|kind| !kind.is_empty() && text[..at - kind.len()].ends_with('{'));
        from = at + 1;
        if is_name {
            text.replace_range(at..at + MARK.len(), "#");
        }
    }
}

fn unescape_body(body: &mut Body) {
    if let Body::Json(value) = body {
        unescape_value(value);
    }
}

fn unescape_value(value: &mut Value) {
    match value {
        Value::String(text) => unescape(text),
        Value::Array(list) => list.iter_mut().for_each(unescape_value),
        Value::Object(members) => members.values_mut().for_each(unescape_value),
        _ => {}
    }
}

//! An exchange as it is compared: names for ids, and one text for every value that is new on every run.

use crate::exchange::entities::Entities;
use crate::exchange::walk::{self, Place, Role, Visit};
use crate::exchange::{Body, Exchange, canonical};
use crate::scim::schema::{Mutability, Type};
use serde_json::Value;

/// An exchange with names for ids.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) number: u64,
    /// Without what is new on every run.
    pub(super) exchange: Exchange,
    /// What requests for the same have in common.
    pub(super) key: String,
    /// Method and path as they were sent.
    pub(super) sent: String,
    /// The resource it is about, else the endpoint: exchanges about one keep their order.
    pub(super) track: String,
}

impl Told {
    pub(super) fn of(entities: &Entities, number: u64, exchange: &Exchange) -> Self {
        let sent = format!("{} {}", exchange.request.method, exchange.request.path);
        let mut exchange = entities.symbolic(exchange);
        let schemas = entities.schemas();
        walk::exchange(schemas, &mut exchange, &mut Classes);
        for body in [&mut exchange.request.body, &mut exchange.response.body] {
            if let Body::Json(value) = body {
                each_text(value, &mut one_secret);
                each_meta(value);
            }
        }
        for (_, value) in &mut exchange.request.query {
            one_secret(value);
        }
        Self {
            number,
            key: canonical::canonical(schemas, &exchange.request),
            track: track(&exchange),
            sent,
            exchange,
        }
    }

    /// Method and path, an id that nobody knows as `*`.
    pub(super) fn shape(&self) -> String {
        let request = &self.exchange.request;
        // Behind the endpoint stands an id; endpoints without one have nothing behind them but `.search`.
        let segments = request.path.split('/').enumerate().map(|(at, segment)| {
            let is_known = at < 2 || segment.starts_with(['{', '.']);
            if is_known { segment } else { "*" }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        format!("{} {path}", request.method)
    }

    /// `GET /Users/{user#1}?filter=…`
    pub(super) fn asked(&self) -> String {
        let request = &self.exchange.request;
        let pairs = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let query = pairs.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{query}", request.method, request.path)
    }
}

fn track(exchange: &Exchange) -> String {
    let made = match &exchange.response.body {
        Body::Json(body) => body["id"].as_str(),
        _ => None,
    };
    let path = &exchange.request.path;
    let named = path.split('/').find(|segment| segment.starts_with('{'));
    let made = made.filter(|id| id.starts_with('{'));
    named.or(made).unwrap_or(path).to_owned()
}

/// Versions and cursors follow from all that happened before, instants from the clock.
struct Classes;

impl Visit for Classes {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        let Value::String(text) = value else { return };
        let by_clock = || {
            let definition = place.attribute.and_then(|it| it.definition);
            definition.is_some_and(|it| {
                it.kind == Type::DateTime && it.mutability == Mutability::ReadOnly
            })
        };
        let class = match place.role {
            Role::Version => "{version}",
            Role::Cursor if !text.is_empty() => "{cursor}",
            Role::Value if by_clock() => "{instant}",
            _ => return,
        };
        class.clone_into(text);
    }
}

/// The tags of secrets follow from the key of a recording.
fn one_secret(text: &mut String) {
    const SECRET: &str = "{secret";
    let mut from = 0;
    while let Some(at) = text[from..].find(SECRET).map(|at| from + at + SECRET.len()) {
        from = at;
        if text[at..].starts_with(':')
            && let Some(end) = text[at..].find('}')
        {
            text.replace_range(at..at + end, "");
        }
    }
}

/// What the clock and the state gave to documents that are no resources, those of discovery.
fn each_meta(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(each_meta),
        Value::Object(members) => {
            if let Some(Value::Object(meta)) = members.get_mut("meta") {
                for (name, value) in meta {
                    let class = match name.as_str() {
                        "created" | "lastModified" if is_instant(value) => "{instant}",
                        "version" if value.is_string() => "{version}",
                        _ => continue,
                    };
                    *value = class.into();
                }
            }
            members.values_mut().for_each(each_meta);
        }
        _ => {}
    }
}

fn is_instant(value: &Value) -> bool {
    let text = value.as_str();
    text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
}

fn each_text(value: &mut Value, edit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => edit(text),
        Value::Array(list) => list.iter_mut().for_each(|it| each_text(it, edit)),
        Value::Object(members) => members.values_mut().for_each(|it| each_text(it, edit)),
        _ => {}
    }
}

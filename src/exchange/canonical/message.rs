//! The body of a request: a resource, or the messages of RFC 7644 sections 3.4.3, 3.5.2 and 3.7, told by method and path.

use super::document::{json, list, object};
use super::{About, filter, query, value};
use crate::exchange::walk::Schemas;
use crate::scim::path::{PatchPath, member};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Attribute;
use serde_json::{Map, Value};
use std::fmt::Write as _;

pub(super) fn body(schemas: &Schemas, about: About<'_>, method: &str, body: &Value) -> String {
    let Value::Object(members) = body else {
        return json(body);
    };
    match method {
        "POST" if about.is_search => query::search(about.kind, members),
        "POST" if about.is_bulk => bulk(schemas, members),
        "PATCH" => patch(about.kind, members),
        _ => value::resource(about.kind, members),
    }
}

/// The members of a message, each of `Operations` printed by `operation`, in their order.
fn message(
    members: &Map<String, Value>,
    operation: impl Fn(&Map<String, Value>) -> String,
) -> String {
    let each = |value: &Value| match value {
        Value::Object(members) => operation(members),
        other => json(other),
    };
    object(members.iter().map(|(name, value)| {
        let printed = match value {
            value if name.eq_ignore_ascii_case("schemas") => value::urns(value),
            Value::Array(operations) if name.eq_ignore_ascii_case("Operations") => {
                list(operations.iter().map(each))
            }
            value => json(value),
        };
        (name.to_lowercase(), printed)
    }))
}

fn patch(kind: Option<&ResourceType>, members: &Map<String, Value>) -> String {
    message(members, |operation| {
        let text = member(operation, "path").and_then(Value::as_str);
        let named = text.filter(|text| !text.trim().is_empty());
        let read = named.map(|text| PatchPath::parse(text, filter::reading()));
        object(operation.iter().filter_map(|(name, value)| {
            let name = name.to_lowercase();
            let printed = match (name.as_str(), value) {
                ("op", Value::String(op)) => Value::from(op.to_lowercase()).to_string(),
                // An empty path is none, as every provider reads it.
                ("path", Value::Null | Value::String(_)) if named.is_none() => return None,
                ("path", Value::String(text)) => Value::from(path(kind, text)).to_string(),
                ("value", Value::Object(members)) if named.is_none() => {
                    value::resource(kind, members)
                }
                ("value", value) => match &read {
                    Some(Ok(path)) => assigned(kind, path, value),
                    _ => json(value),
                },
                (_, value) => json(value),
            };
            Some((name, printed))
        }))
    })
}

/// What is assigned to a path: to an attribute, to a part of one, or to a whole extension.
fn assigned(kind: Option<&ResourceType>, path: &PatchPath, value: &Value) -> String {
    let extension = kind.and_then(|kind| kind.extension(&path.attribute.to_string()));
    if let (Some(extension), Value::Object(members)) = (extension, value) {
        return object(members.iter().map(|(name, value)| {
            let attribute = crate::scim::schema::find(&extension.schema.attributes, name);
            (name.to_lowercase(), value::of(attribute, value))
        }));
    }
    value::of(target(kind, path), value)
}

fn target<'k>(kind: Option<&'k ResourceType>, path: &PatchPath) -> Option<&'k Attribute> {
    let attribute = value::resolved(kind, &path.attribute)?;
    match &path.sub {
        Some(sub) => attribute.sub(sub),
        None => Some(attribute),
    }
}

/// The path of a PATCH operation; text that is none as it is.
pub fn path(kind: Option<&ResourceType>, text: &str) -> String {
    let Ok(path) = PatchPath::parse(text, filter::reading()) else {
        return text.to_owned();
    };
    let parent = value::resolved(kind, &path.attribute);
    let mut printed = filter::attribute(kind, &path.attribute);
    if let Some(selection) = path.filter {
        let _ = write!(printed, "[{}]", filter::within(parent, selection));
    }
    if let Some(sub) = path.sub {
        let _ = write!(printed, ".{}", sub.to_lowercase());
    }
    printed
}

fn bulk(schemas: &Schemas, members: &Map<String, Value>) -> String {
    message(members, |operation| {
        let text = |name: &str| {
            member(operation, name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let method = text("method").to_uppercase();
        let about = About::of(schemas, text("path"));
        object(operation.iter().map(|(name, value)| {
            let name = name.to_lowercase();
            let printed = match (name.as_str(), value) {
                ("method", Value::String(_)) => Value::from(method.as_str()).to_string(),
                ("path", Value::String(path)) => Value::from(super::path(path)).to_string(),
                ("data", value) => body(schemas, about, &method, value),
                (_, value) => json(value),
            };
            (name, printed)
        }))
    })
}

//! The values of a resource (RFC 7643 section 2): names without case, text without case where the schema says so, lists as sets.

use super::document::{json, list, object, set};
use crate::exchange::redact::alike;
use crate::scim::datetime;
use crate::scim::path::AttributePath;
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::{Attribute, Type};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A resource, or the `value` of a PATCH operation without path.
pub(super) fn resource(kind: Option<&ResourceType>, members: &Map<String, Value>) -> String {
    object(
        members
            .iter()
            .map(|(name, value)| member(kind, name, value)),
    )
}

fn member(kind: Option<&ResourceType>, name: &str, value: &Value) -> (String, String) {
    if name.eq_ignore_ascii_case("schemas") {
        return ("schemas".to_owned(), urns(value));
    }
    let extension = kind.and_then(|kind| kind.extension(name));
    if let (Some(extension), Value::Object(members)) = (extension, value) {
        let attributes = &extension.schema.attributes;
        let within = members.iter().map(|(name, value)| {
            let attribute = crate::scim::schema::find(attributes, name);
            (name.to_lowercase(), of(attribute, value))
        });
        return (name.to_lowercase(), object(within));
    }
    let path = AttributePath::parse(name);
    let attribute = path.as_ref().and_then(|path| resolved(kind, path));
    let name = match path {
        Some(path) if attribute.is_some() => super::filter::attribute(kind, &path),
        // Some clients write a whole path as the name of a member.
        None if name.contains('[') => super::patch_path(kind, name),
        _ => name.to_lowercase(),
    };
    (name, of(attribute, value))
}

/// The attribute or sub-attribute that a path means.
pub(super) fn resolved<'k>(
    kind: Option<&'k ResourceType>,
    path: &AttributePath,
) -> Option<&'k Attribute> {
    match kind?.resolve(path)? {
        Resolved::Attribute { attribute, sub, .. } => Some(sub.unwrap_or(attribute)),
        Resolved::Extension(_) => None,
    }
}

/// The URNs of `schemas`, as a set without case.
pub(super) fn urns(value: &Value) -> String {
    match value {
        Value::Array(urns) => set(urns.iter().map(|urn| match urn {
            Value::String(urn) => Value::from(urn.to_lowercase()).to_string(),
            other => json(other),
        })),
        other => json(other),
    }
}

/// The value of an attribute, whatever its shape; of one that no schema has, as JSON.
pub fn of(attribute: Option<&Attribute>, value: &Value) -> String {
    let Some(attribute) = attribute else {
        return json(value);
    };
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| of(Some(attribute), item));
            if attribute.multi_valued {
                set(items)
            } else {
                list(items)
            }
        }
        Value::Object(members) => object(
            members
                .iter()
                .map(|(name, value)| (name.to_lowercase(), of(attribute.sub(name), value))),
        ),
        Value::String(text) => Value::from(&*self::text(attribute, text)).to_string(),
        scalar => scalar.to_string(),
    }
}

/// Text as the attribute compares it: a secret like every other, an instant as one, the rest with or without case.
pub(super) fn text<'t>(attribute: &Attribute, text: &'t str) -> Cow<'t, str> {
    if let secret @ Cow::Owned(_) = alike(text) {
        return secret;
    }
    match attribute.kind {
        Type::DateTime => match datetime::parse(text) {
            Some(instant) => Cow::Owned(instant.to_string()),
            None => Cow::Borrowed(text),
        },
        Type::Reference | Type::Binary => Cow::Borrowed(text),
        _ => attribute.comparison().key(text),
    }
}

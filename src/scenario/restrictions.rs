//! The restrictions of a provider as a scenario writes them; what each means is in `scim::restrictions`.

use super::node::{Kind, Node};
use super::provider::size;
use super::reader::{Fields, Reader};
use crate::scim::error::PLACEHOLDERS;
use crate::scim::path::AttributePath;
use crate::scim::restrictions::{FILTER_WORDS, NotOffered, OfType, Restrictions};
use serde_json::Value;

const NOT_OFFERED: &str = r#"not_offered: ["PUT /Groups", "/Bulk"]"#;
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Those that are given.
pub(super) fn restrictions(reader: &mut Reader, fields: &Fields<'_>, all: &mut Restrictions) {
    if let Some(node) = fields.get("not_offered") {
        all.not_offered = not_offered(reader, node);
    }
    if let Some(node) = fields.get("filter_operators") {
        all.filter_operators = Some(operators(reader, node));
    }
    for (name, list) in [
        ("filter_attributes", &mut all.filter_attributes),
        ("patch_attributes", &mut all.patch_attributes),
    ] {
        if let Some(node) = fields.get(name) {
            *list = attributes(reader, node, name);
        }
    }
    for (name, number) in [
        ("patch_max_operations", &mut all.patch_max_operations),
        ("max_members", &mut all.max_members),
        ("max_members_removed", &mut all.max_members_removed),
        ("max_values", &mut all.max_values),
    ] {
        if let Some(node) = fields.get(name) {
            *number = size(reader, node, &format!("{name}: 100")).or(*number);
        }
    }
    if let Some(node) = fields.get("error_body") {
        all.error_body = error_body(reader, node);
    }
}

fn not_offered(reader: &mut Reader, node: &Node) -> Vec<NotOffered> {
    let mut found = Vec::new();
    for item in reader.list(node, NOT_OFFERED) {
        let Some(text) = reader.text(item, NOT_OFFERED) else {
            continue;
        };
        let (method, endpoint) = match text.split_once(' ') {
            Some((method, endpoint)) => (Some(method), endpoint.trim()),
            None => (None, text),
        };
        if let Some(method) = method.filter(|it| !METHODS.contains(it)) {
            reader.unknown_word(item, "method", method, &METHODS);
        } else if endpoint.starts_with('/') {
            found.push(NotOffered {
                method: method.map(str::to_owned),
                endpoint: endpoint.to_owned(),
            });
        } else {
            reader.mismatch(
                item,
                "a method and an endpoint, or an endpoint",
                NOT_OFFERED,
            );
        }
    }
    found
}

fn operators(reader: &mut Reader, node: &Node) -> Vec<&'static str> {
    let write = "filter_operators: [Eq, And]";
    let mut found = Vec::new();
    for item in reader.list(node, write) {
        let ways = FILTER_WORDS.map(|word| (word, word));
        let word = super::file::word(reader, item, &ways);
        let known = FILTER_WORDS.into_iter().find(|known| Some(*known) == word);
        found.extend(known);
    }
    found
}

/// `"User.userName"`: the type and the attribute. One that no schema has does no harm.
fn attributes(reader: &mut Reader, node: &Node, field: &str) -> Vec<OfType> {
    let write = format!(r#"{field}: ["User.userName"]"#);
    let mut found = Vec::new();
    for item in reader.list(node, &write) {
        let Some(text) = reader.text(item, &write) else {
            continue;
        };
        let parts = text.split_once('.');
        match parts.and_then(|(name, path)| Some((name, AttributePath::parse(path)?))) {
            Some((name, path)) => found.push(OfType {
                name: name.to_owned(),
                path,
            }),
            None => reader.mismatch(
                item,
                "a resource type, a dot, and an attribute of it",
                &write,
            ),
        }
    }
    found
}

/// An object with placeholders; `false` for the errors of RFC 7644.
fn error_body(reader: &mut Reader, node: &Node) -> Option<Value> {
    if node.kind == Kind::Bool(false) {
        return None;
    }
    let write = r#"error_body: {"code": "{status}", "message": "{detail}"}"#;
    if !matches!(node.kind, Kind::Map(_)) {
        reader.mismatch(node, "an object", write);
        return None;
    }
    let shape = reader.json(node);
    for text in texts(&shape) {
        let is_placeholder = text.starts_with('{') && text.ends_with('}');
        if is_placeholder && !PLACEHOLDERS.contains(&text) {
            reader.unknown_word(node, "placeholder", text, &PLACEHOLDERS);
        }
    }
    Some(shape)
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

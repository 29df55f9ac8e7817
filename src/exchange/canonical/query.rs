//! The parameters of a query (RFC 7644 section 3.4.2), in a URL or in the body of a search: no order, names without case, and nothing
//! that says what is so anyway.

use super::document::{json, object};
use super::filter;
use super::value::urns;
use crate::exchange::redact::alike;
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};

/// The pairs of a query string, sorted.
pub fn canonical(kind: Option<&ResourceType>, pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value))
        .filter(|(name, value)| !is_default(name, value))
        .map(|(name, value)| {
            let value = parameter(kind, &name, value);
            (name, value)
        })
        .collect();
    pairs.sort();
    pairs
}

/// The body of a search.
pub(super) fn search(kind: Option<&ResourceType>, members: &Map<String, Value>) -> String {
    let members = members.iter().filter_map(|(name, value)| {
        let name = name.to_lowercase();
        let text = match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        if text.as_deref().is_some_and(|text| is_default(&name, text)) {
            return None;
        }
        let printed = match value {
            Value::String(text) => Value::from(parameter(kind, &name, text)).to_string(),
            value if name == "schemas" => urns(value),
            Value::Array(names) if is_projection(&name) => {
                let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
                match names {
                    Some(names) => Value::from(attributes(kind, names.into_iter())).to_string(),
                    None => json(value),
                }
            }
            value => json(value),
        };
        Some((name, printed))
    });
    object(members)
}

/// A page begins at 1, and what is below is 1 (section 3.4.2.4); an order ascends (section 3.4.2.3).
fn is_default(name: &str, value: &str) -> bool {
    match name {
        "startindex" => value.trim().parse::<i64>().is_ok_and(|start| start <= 1),
        "sortorder" => value.eq_ignore_ascii_case("ascending"),
        _ => false,
    }
}

fn is_projection(name: &str) -> bool {
    matches!(name, "attributes" | "excludedattributes")
}

fn parameter(kind: Option<&ResourceType>, name: &str, value: &str) -> String {
    match name {
        "filter" => filter::canonical(kind, value),
        "sortby" => attribute(kind, value),
        "sortorder" => value.to_lowercase(),
        name if is_projection(name) => attributes(kind, value.split(',')),
        _ => alike(value).into_owned(),
    }
}

fn attributes<'t>(kind: Option<&ResourceType>, names: impl Iterator<Item = &'t str>) -> String {
    let mut names: Vec<String> = names.map(|name| attribute(kind, name)).collect();
    names.sort();
    names.dedup();
    names.join(",")
}

fn attribute(kind: Option<&ResourceType>, name: &str) -> String {
    match AttributePath::parse(name.trim()) {
        Some(path) => filter::attribute(kind, &path),
        None => name.trim().to_lowercase(),
    }
}

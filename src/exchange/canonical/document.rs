//! Content that no schema describes: JSON by the names of its members alone, and what is no JSON.

use crate::exchange::Body;
use crate::exchange::redact::alike;
use serde_json::Value;

/// What is no JSON, with its kind before it.
pub(super) fn opaque(body: &Body) -> String {
    match body {
        Body::Empty => String::new(),
        Body::Json(value) => json(value),
        Body::Text(text) => format!("text {text}"),
        Body::Binary(bytes) => format!("bytes {bytes:?}"),
        Body::Cut { kept } => format!("cut {kept:?}"),
    }
}

/// JSON with the names of members folded and sorted. Two members that differ only in case both stay, and arrays keep their order.
pub fn json(value: &Value) -> String {
    match value {
        Value::Object(members) => object(
            members
                .iter()
                .map(|(name, member)| (name.to_lowercase(), json(member))),
        ),
        Value::Array(items) => list(items.iter().map(json)),
        Value::String(text) => Value::from(&*alike(text)).to_string(),
        scalar => scalar.to_string(),
    }
}

/// An object of members that are printed already; their order is lost.
pub(super) fn object(members: impl Iterator<Item = (String, String)>) -> String {
    let mut members: Vec<_> = members.collect();
    members.sort();
    let members = members
        .into_iter()
        .map(|(name, member)| format!("{}:{member}", Value::from(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// A list in its order.
pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// A list as a set.
pub(super) fn set(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<_> = items.collect();
    items.sort();
    items.dedup();
    list(items.into_iter())
}

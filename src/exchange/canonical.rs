//! The canonical form of a request: what two requests share when they ask for the same thing.
//!
//! Attribute and parameter names have no case in SCIM (RFC 7643 section 2.1); the order of members and of parameters has no
//! meaning; the order of an array may have one. Values are compared as they are, but for secrets, which a client may choose anew.

use super::redact::alike;
use super::{Body, Request};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use std::fmt::Write;

/// The text that two requests have in common when they are equal in their canonical form.
pub fn key(request: &Request) -> String {
    let mut key = format!("{} {}", request.method, path(&request.path));
    for (name, value) in query(&request.query) {
        // Printed as JSON strings, so that no value can look like the beginning of the next part.
        let _ = write!(key, "\n{}={}", Value::from(name), Value::from(value));
    }
    key.push_str("\n\n");
    key.push_str(&body(&request.body));
    key
}

/// The path with each segment percent-encoded in one way.
pub fn path(path: &str) -> String {
    let segments = alike(path);
    let segments = segments.split('/').map(|segment| {
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        match String::from_utf8(decoded) {
            Ok(text) => utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string(),
            Err(_) => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The pairs sorted, with their names folded.
pub fn query(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .collect();
    pairs.sort();
    pairs
}

/// The body as text: JSON in its canonical form, anything else with its kind before it.
pub fn body(body: &Body) -> String {
    match body {
        Body::Empty => String::new(),
        Body::Json(value) => json(value),
        Body::Text(text) => format!("text {}", alike(text)),
        Body::Binary(bytes) => format!("bytes {bytes:?}"),
        Body::Cut { kept } => format!("cut {kept:?}"),
    }
}

/// JSON with the names of members folded and sorted. Two members that differ only in case both stay.
pub fn json(value: &Value) -> String {
    let mut text = String::new();
    write_json(value, &mut text);
    text
}

fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(name, member)| (name.to_lowercase(), json(member)))
                .collect();
            members.sort();
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let _ = write!(text, "{comma}{}:{member}", Value::from(name.as_str()));
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(item, text);
            }
            text.push(']');
        }
        Value::String(string) if string.contains("{secret:") => {
            let _ = write!(text, "{}", Value::from(alike(string)));
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

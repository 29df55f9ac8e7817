//! A body, read once: JSON where JSON keeps its meaning, otherwise text, otherwise bytes.
//!
//! It does not decode `Content-Encoding`; the proxy asks the upstream for none.

use bytes::Bytes;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Deeper JSON stays text: the fixture file nests it three levels further, and `serde_json` reads 127.
const MAX_DEPTH: usize = 100;

/// The content of a request or a response.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Body {
    /// No bytes at all.
    #[default]
    Empty,
    /// JSON that means the same after it was read and printed again.
    Json(Value),
    /// UTF-8 that is not JSON, or that JSON values could not hold.
    Text(String),
    /// Anything else.
    Binary(Bytes),
    /// Longer than a recording keeps: the first part of it. What was sent on was whole.
    Cut {
        /// The bytes from the beginning.
        kept: Bytes,
    },
}

impl Body {
    /// Reads a whole body. Without a `Content-Type` it is tried as JSON, as SCIM clients that omit it send JSON.
    pub fn read(bytes: &[u8], content_type: Option<&str>) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::Binary(Bytes::copy_from_slice(bytes));
        };
        // `curl -d` calls everything a form; no form begins with a brace.
        let called_a_form = |media: &str| is_form(media) && text.trim_start().starts_with('{');
        if content_type.is_none_or(|media| is_json(media) || called_a_form(media))
            && let Ok(Faithful(value)) = serde_json::from_str(text)
            && scalars_survive(text)
        {
            return Self::Json(value);
        }
        Self::Text(text.to_owned())
    }

    /// The bytes of the body; JSON is compact.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::Json(value) => Bytes::from(value.to_string()),
            Self::Text(text) => Bytes::copy_from_slice(text.as_bytes()),
            Self::Binary(bytes) | Self::Cut { kept: bytes } => bytes.clone(),
        }
    }
}

/// Whether a media type is JSON: `application/json`, `application/scim+json` and any other `+json`.
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence.ends_with("/json") || essence.ends_with("+json")
}

fn is_form(content_type: &str) -> bool {
    essence(content_type) == "application/x-www-form-urlencoded"
}

/// A media type without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether each number prints as it was written, and the nesting leaves room for the fixture file around it.
/// `text` is valid JSON, so a number is whatever stands outside strings and begins with a digit or a minus.
fn scalars_survive(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|byte| {
                        matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
                    })
                    .count();
                let number = &text[at..at + length];
                let printed = serde_json::from_str::<Value>(number).map(|value| value.to_string());
                if !printed.is_ok_and(|printed| printed == number) {
                    return false;
                }
                at += length;
            }
            byte => {
                match byte {
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth > MAX_DEPTH {
                    return false;
                }
                at += 1;
            }
        }
    }
    true
}

/// A JSON value that refuses duplicate keys, which `serde_json::Value` would drop without a word.
pub(super) struct Faithful(pub(super) Value);

impl<'de> Deserialize<'de> for Faithful {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FaithfulVisitor).map(Self)
    }
}

struct FaithfulVisitor;

impl<'de> Visitor<'de> for FaithfulVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Faithful(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(de::Error::custom(format_args!(
                    "the member \"{key}\" stands twice in one object; keep one of them, or write the body as \"body_text\""
                )));
            }
            let Faithful(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

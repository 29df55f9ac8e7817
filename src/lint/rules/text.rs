//! What can be wrong with the text of JSON, for both sides (RFC 8259).

use crate::exchange::Body;
use crate::lint::Place;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;

/// Why a body cannot be read as JSON; `None` for one that can, one that is cut, and one of bytes.
pub(super) fn broken(body: &Body) -> Option<String> {
    let Body::Text(text) = body else { return None };
    let error = serde_json::from_str::<Value>(text).err()?;
    Some(error.to_string())
}

/// Whether the body is text, as far as it is there.
pub(super) fn is_utf8(body: &Body) -> bool {
    !matches!(body, Body::Binary(_))
}

/// A name that stands twice in one object of a body.
pub(super) fn doubled(body: &Body) -> Option<String> {
    // A body that JSON values can hold has none.
    let Body::Text(text) = body else { return None };
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    Names(&mut found).deserialize(&mut reader).ok()?;
    found
}

/// Walks over JSON and keeps the first name that stands twice in one object.
struct Names<'f>(&'f mut Option<String>);

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Names(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(key) = members.next_key::<String>()? {
            if seen.contains(&key) {
                self.0.get_or_insert_with(|| key.clone());
            }
            seen.push(key);
            members.next_value_seed(Names(&mut *self.0))?;
        }
        Ok(())
    }
}

/// Names of one object that differ in case alone, each with its place.
pub(super) fn spelled_twice(at: &str, json: Option<&Value>) -> Vec<(Place, String, String)> {
    let mut found = Vec::new();
    if let Some(json) = json {
        spellings(&Place::from(at), json, &mut found);
    }
    found
}

fn spellings(at: &Place, value: &Value, found: &mut Vec<(Place, String, String)>) {
    match value {
        Value::Array(list) => {
            for (n, value) in list.iter().enumerate() {
                if value.is_object() || value.is_array() {
                    spellings(&at.below(&n.to_string()), value, found);
                }
            }
        }
        Value::Object(members) => {
            let mut seen = HashMap::new();
            for (name, value) in members {
                if let Some(earlier) = seen.insert(name.to_ascii_lowercase(), name) {
                    found.push((at.below(name), earlier.clone(), name.clone()));
                }
                if value.is_object() || value.is_array() {
                    spellings(&at.below(name), value, found);
                }
            }
        }
        _ => {}
    }
}

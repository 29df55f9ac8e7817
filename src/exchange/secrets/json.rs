//! Secrets in JSON: members whose name announces one, and values that a PATCH operation or a name-value pair assigns to one.

use super::{Known, SECRET, names, text};
use serde_json::Value;

/// Members that say what the `value` beside them belongs to: a PATCH operation's `path`, and the name of a pair.
const SUBJECTS: [&str; 3] = ["key", "name", "path"];

pub(super) fn replace(value: &mut Value, known: &mut Known) {
    replace_below(value, false, known);
}

/// Below a secret name every text and number is secret; truth values and null say only whether there is one.
fn replace_below(value: &mut Value, secret: bool, known: &mut Known) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) => {
            if secret {
                *value = SECRET.into();
            }
        }
        Value::String(string) => {
            if secret {
                known.take(string);
            } else {
                text::replace(string, known);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                replace_below(element, secret, known);
            }
        }
        Value::Object(members) => {
            let names_secret = members.iter().any(|(name, subject)| {
                SUBJECTS
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name))
                    && subject.as_str().is_some_and(names::is_secret)
            });
            for (name, member) in members.iter_mut() {
                let secret = secret
                    || names::is_secret(name)
                    || names_secret && name.eq_ignore_ascii_case("value");
                replace_below(member, secret, known);
            }
        }
    }
}

pub(super) fn each_string(value: &mut Value, edit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(string) => edit(string),
        Value::Array(elements) => {
            for element in elements {
                each_string(element, edit);
            }
        }
        Value::Object(members) => {
            for (_, member) in members.iter_mut() {
                each_string(member, edit);
            }
        }
        _ => {}
    }
}

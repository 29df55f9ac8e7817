//! Secrets in JSON: members whose name announces one, and values that a PATCH operation or a name-value pair assigns to one.

use super::placeholder::Kind;
use super::secret::Known;
use super::{names, text};
use serde_json::Value;

/// Members that say what the `value` beside them belongs to: a PATCH operation's `path`, and the name of a pair.
const SUBJECTS: [&str; 3] = ["key", "name", "path"];

pub(super) fn replace(value: &mut Value, known: &mut Known<'_>) {
    replace_below(value, None, known);
}

/// Below a secret name every text and number is secret; truth values and null say only whether there is one.
fn replace_below(value: &mut Value, secret: Option<Kind>, known: &mut Known<'_>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            if let Some(kind) = secret {
                let mut text = number.to_string();
                known.take(kind, &mut text);
                *value = text.into();
            }
        }
        Value::String(string) => match secret {
            Some(kind) => known.take(kind, string),
            None => text::replace(string, known),
        },
        Value::Array(elements) => {
            for element in elements {
                replace_below(element, secret, known);
            }
        }
        Value::Object(members) => {
            let subject = members.iter().find_map(|(name, subject)| {
                let names = SUBJECTS
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name));
                subject
                    .as_str()
                    .filter(|subject| names && names::is_secret(subject))
                    .map(names::kind)
            });
            for (name, member) in members.iter_mut() {
                let named = || names::is_secret(name).then(|| names::kind(name));
                let assigned = || subject.filter(|_| name.eq_ignore_ascii_case("value"));
                let secret = secret.or_else(named).or_else(assigned);
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

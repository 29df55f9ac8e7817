//! The attributes of a person as identity providers map them: one path, one value. `name.givenName`, `emails[type eq "work"].value`,
//! `urn:…:User:department`; a list whose values cannot be told apart by their type is one value.

use crate::scim::path::member;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is at a path that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// In the notation of PATCH.
    pub path: String,
    /// What is wanted there; `None`: nothing.
    pub wanted: Option<Value>,
    /// Whether something is there now.
    pub was_there: bool,
}

/// All paths with their values, in the order of the attributes.
pub fn flatten(attributes: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    for (name, value) in attributes {
        match value {
            Value::Object(extension) if name.contains(':') => {
                for (path, value) in flatten(extension) {
                    flat.push((format!("{name}:{path}"), value));
                }
            }
            Value::Object(inner) => {
                for (sub, value) in inner {
                    flat.push((format!("{name}.{sub}"), value.clone()));
                }
            }
            Value::Array(items) => match by_type(items) {
                Some(typed) => {
                    for (of_type, item) in typed {
                        let told = item.iter();
                        let told = told.filter(|(sub, _)| {
                            !["type", "primary", "display"].contains(&sub.as_str())
                        });
                        for (sub, value) in told {
                            let path = format!("{name}[type eq \"{of_type}\"].{sub}");
                            flat.push((path, value.clone()));
                        }
                    }
                }
                None => flat.push((name.clone(), value.clone())),
            },
            value => flat.push((name.clone(), value.clone())),
        }
    }
    flat
}

/// The values of a list with their types, if each has one of its own.
fn by_type(items: &[Value]) -> Option<Vec<(&str, &Map<String, Value>)>> {
    let mut typed: Vec<(&str, &Map<String, Value>)> = Vec::new();
    for item in items {
        let item = item.as_object()?;
        let of_type = item.get("type")?.as_str()?;
        let is_plain = !of_type.contains(['"', '\\']) && typed.iter().all(|(it, _)| *it != of_type);
        typed.push(is_plain.then_some((of_type, item))?);
    }
    Some(typed)
}

/// Where `wanted` differs from what is `known` to be there, besides the paths in `doubt`, which may be anything.
pub fn differences(
    known: &Map<String, Value>,
    wanted: &Map<String, Value>,
    doubt: &BTreeSet<String>,
) -> Vec<Difference> {
    let mut known: BTreeMap<String, Value> = flatten(known).into_iter().collect();
    let mut found = Vec::new();
    for (path, value) in flatten(wanted) {
        let before = known.remove(&path);
        if before.as_ref() != Some(&value) || doubt.contains(&path) {
            found.push(Difference {
                was_there: before.is_some(),
                wanted: Some(value),
                path,
            });
        }
    }
    let is_wanted: BTreeSet<String> = found.iter().map(|it| it.path.clone()).collect();
    let gone: BTreeSet<String> = known.into_keys().collect();
    let gone = gone.union(doubt).filter(|path| !is_wanted.contains(*path));
    let gone: Vec<Difference> = gone
        .map(|path| Difference {
            path: path.clone(),
            wanted: None,
            was_there: true,
        })
        .collect();
    found.extend(gone);
    found
}

/// What a representation of the service provider says at the paths of `wanted`, in the form of `wanted`: what else it holds is not ours.
pub fn restricted(shown: &Map<String, Value>, wanted: &Map<String, Value>) -> Map<String, Value> {
    let mut ours = Map::new();
    for (name, value) in wanted {
        let Some(there) = member(shown, name) else {
            continue;
        };
        let kept = match (value, there) {
            (Value::Object(wanted), Value::Object(there)) => restricted(there, wanted).into(),
            (Value::Array(wanted), Value::Array(there)) => list(there, wanted),
            (_, there) => there.clone(),
        };
        let is_empty = kept.as_object().is_some_and(Map::is_empty);
        if !is_empty && !kept.is_null() {
            ours.insert(name.clone(), kept);
        }
    }
    ours
}

/// The values of a list that have the types of those that are wanted, or all of them where types do not tell them apart.
fn list(there: &[Value], wanted: &[Value]) -> Value {
    let Some(typed) = by_type(wanted) else {
        return Value::Array(there.to_vec());
    };
    let mut kept = Vec::new();
    for (of_type, item) in typed {
        let is_it = |it: &&Map<String, Value>| {
            let found = member(it, "type").and_then(Value::as_str);
            found.is_some_and(|it| it.eq_ignore_ascii_case(of_type))
        };
        if let Some(found) = there.iter().filter_map(Value::as_object).find(is_it) {
            let mut ours = restricted(found, item);
            ours.insert("type".to_owned(), of_type.into());
            kept.push(Value::Object(ours));
        }
    }
    Value::Array(kept)
}

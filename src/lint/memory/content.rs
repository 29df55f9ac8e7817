//! What a write should leave, and where an answer says otherwise (RFC 7644 sections 3.3, 3.5.1 and 3.5.2).
//!
//! A provider may canonicalise (section 3.1), so that values are compared as loosely as their type allows: a difference is one that
//! no canonical form explains.

use super::Known;
use crate::lint::contract::Contract;
use crate::lint::finding::shown;
use crate::lint::view::{Form, Target, View, is_hidden};
use crate::scim::choices::Choices;
use crate::scim::link::{Link, LinkSet, Targets};
use crate::scim::resource::{Content, is_link};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Returned, Type};
use crate::scim::{Reading, datetime, patch, validate};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::fmt;

/// What a write should leave.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    /// The content of the resource afterwards.
    pub content: Content,
    /// The attributes that the write names, each with its extension.
    pub touched: Vec<(Option<String>, String)>,
    /// The method of the write.
    pub method: String,
    /// Whether it is other than before; `None` where that is not known.
    pub changed: Option<bool>,
}

/// Where an answer says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// The attribute, after the URN of its extension.
    pub name: String,
    /// The name of the member that holds it.
    pub member: String,
    /// What should be there.
    pub expected: Option<Value>,
    /// What is there.
    pub found: Option<Value>,
}

struct Undescribed;

impl Targets for Undescribed {
    fn describe(&self, _: &Attribute, link: &Link) -> Value {
        let mut described = Map::from_iter([("value".to_owned(), Value::from(&*link.value))]);
        described.extend(link.given.clone());
        Value::Object(described)
    }
}

pub(super) fn expected(view: &View<'_>, known: Option<&Known>) -> Option<Expected> {
    match (view.method, view.target()) {
        ("POST", Target::Collection(kind)) => from_body(view, kind, None),
        ("PUT", Target::Resource(kind, _)) => from_body(view, kind, known),
        ("PATCH", Target::Resource(kind, id)) => from_patch(view, kind, id, known?),
        _ => None,
    }
}

fn from_body(view: &View<'_>, kind: &ResourceType, known: Option<&Known>) -> Option<Expected> {
    let body = view
        .sent
        .json
        .filter(|_| view.sent.form == Form::Resource)?;
    let (content, _) = validate::resource(kind, body, Reading::LENIENT);
    let touched = named(kind, &content);
    let before = known.and_then(|it| it.content.as_ref());
    // What is immutable stays; so does what is known of a member that stays.
    let content = match before {
        Some(before) => content.replacing(kind, before).ok()?,
        None => content,
    };
    Some(Expected {
        changed: before.map(|before| !before.same_as(&content)),
        content,
        touched,
        method: view.method.to_owned(),
    })
}

fn from_patch(view: &View<'_>, kind: &ResourceType, id: &str, known: &Known) -> Option<Expected> {
    let before = known.content.as_ref()?;
    let choices = Choices::default();
    let operations = patch::parse(view.sent.json?, Reading::LENIENT, choices.patch_op).ok()?;
    let mut content = before.clone();
    let context = patch::Context {
        types: kind,
        reading: Reading::LENIENT,
        id,
        targets: &Undescribed,
        choices: &choices,
    };
    patch::apply(context, &mut content, &operations).ok()?;
    // What the operations name by text is found again among the attributes that they have changed.
    let touched = kind
        .all_attributes()
        .filter(|(extension, attribute)| !same(*extension, attribute, before, &content))
        .map(|(extension, attribute)| (extension.map(str::to_owned), attribute.name.clone()))
        .collect();
    Some(Expected {
        changed: Some(!before.same_as(&content)),
        content,
        touched,
        method: view.method.to_owned(),
    })
}

fn same(extension: Option<&str>, attribute: &Attribute, one: &Content, two: &Content) -> bool {
    if extension.is_none() && is_link(attribute) {
        return match (one.links(&attribute.name), two.links(&attribute.name)) {
            (Some(one), Some(two)) => one.same_as(two),
            (one, two) => one.is_none_or(LinkSet::is_empty) && two.is_none_or(LinkSet::is_empty),
        };
    }
    one.get(extension, &attribute.name) == two.get(extension, &attribute.name)
}

/// The attributes that have a value.
fn named(kind: &ResourceType, content: &Content) -> Vec<(Option<String>, String)> {
    let has = |(extension, attribute): &(Option<&str>, &Attribute)| {
        content.get(*extension, &attribute.name).is_some()
            || extension.is_none() && content.links(&attribute.name).is_some()
    };
    let named = kind.all_attributes().filter(has);
    named
        .map(|(extension, attribute)| (extension.map(str::to_owned), attribute.name.clone()))
        .collect()
}

/// What a representation holds.
pub(super) fn of_representation(kind: &ResourceType, members: &Map<String, Value>) -> Content {
    validate::resource(kind, &Value::Object(members.clone()), Reading::LENIENT).0
}

/// A representation as a filter sees it: what only the provider writes too, in the schema's spelling.
pub(crate) fn representation(
    kind: &ResourceType,
    members: &Map<String, Value>,
) -> Map<String, Value> {
    let mut all = of_representation(kind, members).attributes;
    for (name, value) in members {
        if let Some(attribute) = kind.attribute(name)
            && !all.contains_key(&attribute.name)
        {
            all.insert(attribute.name.clone(), value.clone());
        }
    }
    all
}

/// Where a representation says otherwise than a write before it.
pub(crate) fn differences(
    contract: &Contract,
    kind: &ResourceType,
    expected: &Expected,
    members: &Map<String, Value>,
) -> Vec<Difference> {
    let found = of_representation(kind, members);
    let mut differences = Vec::new();
    for (extension, attribute) in kind.all_attributes() {
        let is_touched = expected
            .touched
            .iter()
            .any(|(urn, name)| urn.as_deref() == extension && *name == attribute.name);
        let is_shown = matches!(attribute.returned, Returned::Always | Returned::Default)
            && matches!(
                attribute.mutability,
                Mutability::ReadWrite | Mutability::Immutable
            );
        let urn = extension.unwrap_or(&kind.schema.id);
        let is_common = kind
            .common
            .attributes
            .iter()
            .any(|it| it.name == attribute.name);
        let is_unpublished = !is_common && contract.lacks_attribute(urn, &attribute.name, None);
        if is_unpublished || !is_touched || !is_shown {
            continue;
        }
        let value = |content: &Content| match content.links(&attribute.name) {
            Some(links) if extension.is_none() && is_link(attribute) => {
                let ids = links
                    .iter()
                    .map(|link| Value::from(&*link.value))
                    .collect::<Vec<_>>();
                (!ids.is_empty()).then_some(Value::Array(ids))
            }
            _ => content.get(extension, &attribute.name).cloned(),
        };
        let (mut wanted, got) = (value(&expected.content), value(&found));
        // What the provider's own schema does not have it need not keep.
        let lacks = |sub: &str| contract.lacks_attribute(urn, &attribute.name, Some(sub));
        match &mut wanted {
            Some(Value::Object(parts)) => parts.retain(|name, _| !lacks(name)),
            Some(Value::Array(list)) => {
                for parts in list.iter_mut().filter_map(Value::as_object_mut) {
                    parts.retain(|name, _| !lacks(name));
                }
            }
            _ => {}
        }
        let agree = match (&wanted, &got) {
            (None, None) => true,
            (Some(wanted), Some(got)) => agrees(attribute, wanted, got),
            // What was emptied may be shown as empty, and an attribute that is false as one that is not there.
            (None, Some(_)) => false,
            (Some(wanted), None) => is_nothing(wanted),
        };
        if !agree {
            let name = match extension {
                Some(urn) => format!("{urn}:{}", attribute.name),
                None => attribute.name.clone(),
            };
            differences.push(Difference {
                name,
                member: extension.unwrap_or(&attribute.name).to_owned(),
                expected: wanted,
                found: got,
            });
        }
    }
    differences
}

/// Text without anything in it says no more than its absence; nor does what a recording has hidden.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().is_empty() || is_hidden(text),
        Value::Array(list) => list.iter().all(is_nothing),
        Value::Object(members) => members.values().all(is_nothing),
        Value::Null => true,
        _ => false,
    }
}

fn agrees(attribute: &Attribute, wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Array(wanted), Value::Array(got)) if is_plain(wanted) && is_plain(got) => {
            let of = |list: &[Value]| {
                list.iter()
                    .filter_map(Value::as_str)
                    .map(folded)
                    .collect::<HashSet<_>>()
            };
            of(wanted) == of(got)
        }
        (Value::Array(wanted), Value::Array(got)) => {
            let told = |value: &Value| value.get("value").is_some() || !value.is_object();
            let has =
                |list: &[Value], value: &Value| list.iter().any(|it| agrees(attribute, value, it));
            wanted.iter().all(|value| has(got, value))
                && got.iter().filter(|value| told(value)).all(|value| {
                    let is_wanted = |it: &Value| match (it.get("value"), value.get("value")) {
                        (Some(one), Some(two)) => text_agrees(attribute, one, two),
                        _ => agrees(attribute, it, value),
                    };
                    wanted.iter().any(is_wanted)
                })
        }
        (Value::Object(wanted), Value::Object(got)) => wanted.iter().all(|(name, value)| {
            let Some(sub) = attribute.sub(name) else {
                return true;
            };
            let is_derived = matches!(sub.returned, Returned::Never | Returned::Request)
                || sub.kind == Type::Reference
                || sub.mutability == Mutability::ReadOnly
                || name == "display";
            let absent = || is_nothing(value) || *value == Value::Bool(false);
            is_derived
                || got
                    .get(name)
                    .map_or_else(absent, |got| agrees(sub, value, got))
        }),
        _ => text_agrees(attribute, wanted, got),
    }
}

fn text_agrees(attribute: &Attribute, wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::String(wanted), Value::String(got)) => {
            if is_hidden(wanted) || is_hidden(got) || wanted == got {
                return true;
            }
            match attribute.kind {
                Type::DateTime => {
                    datetime::parse(wanted).is_some_and(|it| datetime::parse(got) == Some(it))
                }
                Type::Reference => true,
                _ if attribute.case_exact => wanted.trim() == got.trim(),
                _ => folded(wanted) == folded(got),
            }
        }
        (Value::Number(wanted), Value::Number(got)) => wanted.as_f64() == got.as_f64(),
        _ => wanted == got,
    }
}

/// Whether it is a list of text, such as the ids of members, of which there may be very many.
fn is_plain(list: &[Value]) -> bool {
    list.iter().all(Value::is_string)
}

/// Letters and digits, without case: telephone numbers and languages are written in many ways.
fn folded(text: &str) -> String {
    let text = text.trim().strip_prefix("tel:").unwrap_or(text.trim());
    let kept = text
        .chars()
        .filter(|c| !c.is_ascii_punctuation() && !c.is_whitespace());
    kept.flat_map(char::to_lowercase).collect()
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => write!(
                f,
                "`{name}` is {}, and {} was written",
                shown(found),
                shown(expected)
            ),
            (Some(expected), None) => write!(
                f,
                "`{name}` is not there, and {} was written",
                shown(expected)
            ),
            (None, Some(found)) => write!(f, "`{name}` is {}, and it was removed", shown(found)),
            (None, None) => write!(f, "`{name}`"),
        }
    }
}

//! What a PATCH makes of a resource (RFC 7644 section 3.5.2): two of them are the same when they change the same resource in the same
//! way, whichever dialect they are written in.
//!
//! The operations are applied as a lenient provider would, and what changes is the form. The resource as it was is not part of it: whoever
//! compares forms knows that both began with the same one. So that an operation more is never overlooked, the form also says how often
//! each attribute of one value is assigned, and which operations on lists change nothing.

use super::{About, conditions, filter, push_pair, query, value};
use crate::exchange::walk::Schemas;
use crate::exchange::{Body, Request};
use crate::scim::choices::{Choices, OpSpelling};
use crate::scim::link::{Link, Targets};
use crate::scim::patch::{self, Op, Operation};
use crate::scim::path::PatchPath;
use crate::scim::resource::Content;
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::{Leniencies, Leniency, Reading, validate};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What an answer says of a resource: as much of it as a client may set.
pub fn content(kind: &ResourceType, resource: &Value) -> Content {
    validate::resource(kind, resource, reading()).0
}

/// What the PATCH makes of a resource; `None` when it cannot be applied.
pub fn applied(
    kind: &ResourceType,
    id: &str,
    before: &Content,
    request: &Request,
) -> Option<Content> {
    let mut content = before.clone();
    patch::apply(context(kind, id), &mut content, &operations(request)?).ok()?;
    // A password that was set once is not set again by what comes next.
    content.secret_written = false;
    Some(content)
}

/// The form of a PATCH of a resource that was `before`; `None` when it cannot be applied.
pub fn form(schemas: &Schemas, id: &str, before: &Content, request: &Request) -> Option<String> {
    let kind = About::of(schemas, &request.path).kind?;
    let mut after = before.clone();
    let mut touched = Touched::default();
    for operation in operations(request)? {
        for leaf in leaves(kind, operation) {
            let unchanged = after.clone();
            patch::apply(context(kind, id), &mut after, std::slice::from_ref(&leaf)).ok()?;
            touched.note(kind, &leaf, &unchanged, &after);
        }
    }
    let mut form = format!("PATCH {}", super::path(&request.path));
    for (name, value) in query::canonical(Some(kind), &request.query) {
        push_pair(&mut form, &name, &value);
    }
    conditions(&mut form, request);
    form.push_str(&changes(kind, before, &after));
    form.push_str(&touched.print());
    Some(form)
}

fn operations(request: &Request) -> Option<Vec<Operation>> {
    let Body::Json(body) = &request.body else {
        return None;
    };
    patch::parse(body, reading(), OpSpelling::AnyCase).ok()
}

/// As leniently as any provider: what is compared was accepted by the one that was recorded.
fn reading() -> Reading<'static> {
    let leniencies = Leniencies::BY_DEFAULT
        .with(Leniency::UnknownAttributeKept)
        .with(Leniency::ReplaceWithoutMatch)
        .with(Leniency::FilterUnquoted);
    Reading::quiet(leniencies)
}

fn context<'a>(kind: &'a ResourceType, id: &'a str) -> patch::Context<'a> {
    patch::Context {
        types: kind,
        reading: reading(),
        id,
        targets: &AsGiven,
        choices: &Choices::RFC,
    }
}

/// Links as they were given: what they point at is not known here.
struct AsGiven;

impl Targets for AsGiven {
    fn describe(&self, _: &Attribute, link: &Link) -> Value {
        let mut shown: Map<String, Value> = link.given.clone();
        shown.insert("value".to_owned(), json!(&*link.value));
        Value::Object(shown)
    }
}

/// An operation without path, or on a whole extension or complex attribute, as one for each attribute that it sets.
fn leaves(kind: &ResourceType, operation: Operation) -> Vec<Operation> {
    let Operation { op, path, value } = operation;
    let Some(Value::Object(members)) = value else {
        return vec![Operation { op, path, value }];
    };
    let is_whole_extension = |path: &PatchPath| {
        path.filter.is_none()
            && matches!(
                kind.resolve_by(&path.attribute, reading()),
                Some(Resolved::Extension(_))
            )
    };
    let splits =
        op != Op::Remove && !members.is_empty() && path.as_ref().is_none_or(is_whole_extension);
    if !splits {
        let value = Some(Value::Object(members));
        return vec![Operation { op, path, value }];
    }
    let alone = |name: &String, value: Value| {
        let mut one = Map::new();
        one.insert(name.clone(), value);
        Some(Value::Object(one))
    };
    let each = members.into_iter().flat_map(|(name, value)| {
        let extension = path.is_none() && kind.extension_by(&name, reading()).is_some();
        match value {
            Value::Object(inner) if extension && !inner.is_empty() => inner
                .iter()
                .map(|(inner, value)| alone(&name, alone(inner, value.clone()).unwrap_or_default()))
                .collect(),
            value => vec![alone(&name, value)],
        }
    });
    let each = each.map(|value| Operation {
        op,
        path: path.clone(),
        value,
    });
    each.collect()
}

/// Which attributes the operations name.
#[derive(Default)]
struct Touched {
    /// Attributes of one value, and how often each is assigned.
    assigned: BTreeMap<String, usize>,
    /// Attributes of many values, and how many operations on each changed nothing.
    lists: BTreeMap<String, usize>,
}

impl Touched {
    fn note(&mut self, kind: &ResourceType, leaf: &Operation, before: &Content, after: &Content) {
        for (name, attribute, value) in names(kind, leaf) {
            // What a client only repeats is no part of what it does: Okta sends the id.
            if attribute.is_some_and(|it| it.mutability == Mutability::ReadOnly) {
                continue;
            }
            if attribute.is_some_and(|it| it.multi_valued) {
                let idle = same(kind, before, after);
                *self.lists.entry(name).or_default() += usize::from(idle);
                continue;
            }
            let parts = attribute.filter(|it| it.kind == Type::Complex);
            let subs = match (parts, value) {
                (Some(_), Some(Value::Object(members))) => members
                    .keys()
                    .map(|sub| format!("{name}.{}", sub.to_lowercase()))
                    .collect(),
                // Text alone stands for the `value`: Entra ID's manager.
                (Some(whole), Some(Value::String(_))) if whole.sub("value").is_some() => {
                    vec![format!("{name}.value")]
                }
                _ => vec![name],
            };
            for name in subs {
                *self.assigned.entry(name).or_default() += 1;
            }
        }
    }

    fn print(&self) -> String {
        let each = self.assigned.iter().chain(&self.lists);
        let each = each.map(|(name, times)| format!("\n{name} {times}"));
        each.collect()
    }
}

/// Whether nothing changed, as far as can be seen: of a password that cannot be seen.
fn same(kind: &ResourceType, before: &Content, after: &Content) -> bool {
    changes(kind, before, after).is_empty()
}

/// The attributes that a leaf names, each with its place in the schema and with what it is given.
fn names<'l>(
    kind: &'l ResourceType,
    leaf: &'l Operation,
) -> Vec<(String, Option<&'l Attribute>, Option<&'l Value>)> {
    let of_path = |path: &PatchPath| {
        let attribute = match kind.resolve_by(&path.attribute, reading()) {
            Some(Resolved::Attribute { attribute, .. }) => Some(attribute),
            _ => None,
        };
        let many = attribute.is_some_and(|it| it.multi_valued);
        let mut whole = path.attribute.clone();
        if many {
            whole.sub = None;
        } else if whole.sub.is_none() {
            whole.sub.clone_from(&path.sub);
        }
        let extension = match kind.resolve_by(&path.attribute, reading()) {
            Some(Resolved::Attribute { extension, .. }) => extension,
            _ => None,
        };
        // However it is named: `urn:…:User.department` too.
        let name = match (extension, attribute) {
            (Some(urn), Some(attribute)) => {
                let sub = (!many).then_some(whole.sub).flatten();
                let sub = sub.filter(|sub| !sub.eq_ignore_ascii_case(&attribute.name));
                let sub = sub.map_or(String::new(), |sub| format!(".{sub}"));
                format!("{urn}:{}{sub}", attribute.name).to_lowercase()
            }
            _ => filter::attribute(Some(kind), &whole),
        };
        let part = match kind.resolve_by(&path.attribute, reading()) {
            Some(Resolved::Attribute { sub, .. }) if !many => sub,
            _ => None,
        };
        (name, part.or(attribute))
    };
    match (&leaf.path, &leaf.value) {
        (Some(path), Some(Value::Object(members)))
            if matches!(
                kind.resolve_by(&path.attribute, reading()),
                Some(Resolved::Extension(_))
            ) =>
        {
            in_extension(kind, &path.attribute.to_string(), members)
        }
        (Some(path), value) => {
            let (name, attribute) = of_path(path);
            vec![(name, attribute, value.as_ref())]
        }
        (None, Some(Value::Object(members))) => members
            .iter()
            .flat_map(
                |(name, value)| match (kind.extension_by(name, reading()), value) {
                    (Some(extension), Value::Object(members)) => {
                        in_extension(kind, &extension.schema.id, members)
                    }
                    _ => match PatchPath::parse(name, reading()) {
                        Ok(path) => {
                            let (name, attribute) = of_path(&path);
                            vec![(name, attribute, Some(value))]
                        }
                        Err(_) => vec![(name.to_lowercase(), None, Some(value))],
                    },
                },
            )
            .collect(),
        (None, value) => vec![(String::new(), None, value.as_ref())],
    }
}

fn in_extension<'l>(
    kind: &'l ResourceType,
    urn: &str,
    members: &'l Map<String, Value>,
) -> Vec<(String, Option<&'l Attribute>, Option<&'l Value>)> {
    let extension = kind.extension(urn);
    let each = members.iter().map(|(name, value)| {
        let attribute =
            extension.and_then(|it| crate::scim::schema::find(&it.schema.attributes, name));
        (
            format!("{urn}:{name}").to_lowercase(),
            attribute,
            Some(value),
        )
    });
    each.collect()
}

/// What is otherwise afterwards: attributes with their new values, links that are gone and that have come.
fn changes(kind: &ResourceType, before: &Content, after: &Content) -> String {
    let mut changes = String::new();
    let names: BTreeSet<&String> = before
        .attributes
        .keys()
        .chain(after.attributes.keys())
        .collect();
    for name in names {
        let printed = |content: &Content| {
            let value = content.attributes.get(name)?;
            let mut alone = Map::new();
            alone.insert(name.clone(), value.clone());
            Some(value::resource(Some(kind), &alone))
        };
        let (old, new) = (printed(before), printed(after));
        if old != new {
            let new = new.unwrap_or_else(|| format!("without {name}"));
            let _ = write!(changes, "\n{new}");
        }
    }
    let names: BTreeSet<&String> = before
        .links
        .iter()
        .chain(&after.links)
        .map(|(name, _)| name)
        .collect();
    for name in names {
        let of = |content: &Content| content.links(name).cloned().unwrap_or_default();
        let (mut gone, mut come) = of(before).difference(&of(after));
        gone.sort();
        come.sort();
        if !gone.is_empty() || !come.is_empty() {
            let _ = write!(changes, "\n{name} -{gone:?} +{come:?}");
        }
    }
    if after.secret_written && !before.secret_written {
        changes.push_str("\nsecret");
    }
    changes
}

//! The first snapshot of a scenario: its resources, and links that may name their target by id, by a unique value or by its label.

use super::commit::Origin;
use super::layout::{LABEL, Layout, LinkAttribute};
use super::resource::Resource;
use super::snapshot::{Holders, Snapshot};
use crate::scim::link::{Link, LinkSet};
use crate::scim::resource::Content;
use crate::scim::{Reading, validate};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// One departure of a resource of the scenario from its schema or from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedProblem {
    /// Index of the resource type.
    pub kind: usize,
    /// Which of the resources of that type, from 0.
    pub entry: usize,
    /// Where in it: `emails[0].type`.
    pub place: String,
    /// What was expected, and what was found.
    pub message: String,
}

/// Builds the first snapshot of `entries`, the resources of each type.
///
/// All problems are reported; the snapshot holds what could be made of the rest.
pub fn seed(
    layout: &Arc<Layout>,
    origin: &Origin,
    entries: &[(usize, Vec<&Map<String, Value>>)],
    reading: Reading<'_>,
) -> (Snapshot, Vec<SeedProblem>) {
    let mut snapshot = Snapshot::empty(layout.clone());
    let mut problems = Vec::new();
    let mut made: Vec<(usize, usize, Arc<Resource>, Content)> = Vec::new();
    for (kind, list) in entries {
        for (entry, members) in list.iter().enumerate() {
            let note = |place: &str, message: String| SeedProblem {
                kind: *kind,
                entry,
                place: place.to_owned(),
                message,
            };
            let body = with_named_links(layout, *kind, (*members).clone());
            let (content, found) = validate::resource(&layout.types[*kind], &body, reading);
            problems.extend(
                found
                    .iter()
                    .map(|problem| note(&problem.place, problem.message.clone())),
            );
            if !found.is_empty() {
                continue;
            }
            let id = match body.get("id") {
                None | Some(Value::Null) => None,
                Some(Value::String(id)) if !id.is_empty() && !id.contains("bulkId") => {
                    Some(id.as_str())
                }
                Some(other) => {
                    problems.push(note("id", format!("an id is text that is not empty and does not contain `bulkId` (RFC 7643 section 3.1); found {other}")));
                    continue;
                }
            };
            // Links wait until every target has its id.
            let mut unlinked = content.clone();
            unlinked.links.clear();
            for (_, link) in layout.links_of(*kind).filter(|(_, link)| !link.is_many()) {
                unlinked.set(link.extension.as_deref(), &link.attribute.name, None);
            }
            match snapshot.create(origin, *kind, unlinked, id, true) {
                Ok(resource) => made.push((*kind, entry, resource, content)),
                Err(error) => problems.push(note(
                    if error.detail.contains("the id `") {
                        "id"
                    } else {
                        ""
                    },
                    error.detail,
                )),
            }
        }
    }
    let labels = labels(&snapshot);
    for (kind, entry, resource, mut content) in made {
        let note = |place: String, message: String| SeedProblem {
            kind,
            entry,
            place,
            message,
        };
        for (_, link) in layout.links_of(kind) {
            let name = &link.attribute.name;
            if link.is_many() {
                let mut resolved = LinkSet::default();
                let given: Vec<Arc<Link>> = content
                    .links(name)
                    .into_iter()
                    .flat_map(LinkSet::iter)
                    .cloned()
                    .collect();
                for (n, given) in given.iter().enumerate() {
                    match find(&snapshot, &labels, link, &given.value) {
                        Ok(id) => {
                            resolved.insert(Link {
                                value: id,
                                given: given.given.clone(),
                            });
                        }
                        Err(message) => problems.push(note(format!("{name}[{n}]"), message)),
                    }
                }
                if !resolved.is_empty() {
                    *content.links_mut(name) = resolved;
                }
            } else if let Some(target) = link.single_target(&content).map(str::to_owned) {
                let place = link
                    .extension
                    .as_ref()
                    .map_or_else(|| name.clone(), |urn| format!("{urn}:{name}"));
                match find(&snapshot, &labels, link, &target) {
                    Ok(id) => content.set(
                        link.extension.as_deref(),
                        name,
                        Some(json!({ "value": id.as_ref() })),
                    ),
                    Err(message) => problems.push(note(place, message)),
                }
            }
        }
        snapshot.complete(resource.key, content);
    }
    (snapshot, problems)
}

/// A scenario may write a member as a bare name; elsewhere a member is an object.
fn with_named_links(layout: &Layout, kind: usize, mut members: Map<String, Value>) -> Value {
    for (_, link) in layout.links_of(kind).filter(|(_, link)| link.is_many()) {
        let named = members
            .iter_mut()
            .find(|(key, _)| key.eq_ignore_ascii_case(&link.attribute.name));
        let Some((_, Value::Array(list))) = named else {
            continue;
        };
        for name in list.iter_mut().filter(|value| value.is_string()) {
            *name = json!({ "value": name.take() });
        }
    }
    Value::Object(members)
}

/// Who bears a label: for links that name their target by it.
fn labels(snapshot: &Snapshot) -> HashMap<String, Vec<Arc<Resource>>> {
    let mut labels: HashMap<String, Vec<Arc<Resource>>> = HashMap::new();
    for resource in snapshot.resources.values() {
        if let Some(label) = resource.content.get(None, LABEL).and_then(Value::as_str) {
            labels
                .entry(label.to_owned())
                .or_default()
                .push(resource.clone());
        }
    }
    labels
}

/// The target that `name` means: an id, else a unique value, else a label.
fn find(
    snapshot: &Snapshot,
    labels: &HashMap<String, Vec<Arc<Resource>>>,
    link: &LinkAttribute,
    name: &str,
) -> Result<Arc<str>, String> {
    let layout = &snapshot.layout;
    let kinds: Vec<usize> = link
        .attribute
        .link_targets()
        .iter()
        .filter_map(|target| layout.kind_named(target))
        .collect();
    if let Some(resource) = snapshot
        .by_id(name)
        .filter(|resource| kinds.contains(&resource.key.kind))
    {
        return Ok(resource.id.clone());
    }
    let unique = layout
        .indexed
        .iter()
        .enumerate()
        .filter(|(_, index)| index.unique && kinds.contains(&index.kind));
    for (number, index) in unique {
        let holder = snapshot.values.get(&(number, index.form(name)));
        if let Some(resource) = holder
            .map(Holders::keys)
            .and_then(|keys| snapshot.at(*keys.first()?))
        {
            return Ok(resource.id.clone());
        }
    }
    let bearers = labels
        .get(name)
        .into_iter()
        .flatten()
        .filter(|resource| kinds.contains(&resource.key.kind));
    match bearers.collect::<Vec<_>>().as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(format!(
            "`{name}` names nobody: expected the id, the userName or the displayName of a resource of this file"
        )),
        several => Err(format!(
            "`{name}` is the displayName of {} resources; give one of them an `id` and name it by that",
            several.len()
        )),
    }
}

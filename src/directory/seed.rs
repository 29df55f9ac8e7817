//! The first snapshot of a scenario: its resources, and links that may name their target by id, by a unique value or by its label.

use super::commit::Origin;
use super::layout::{LABEL, Layout, LinkAttribute};
use super::packed::Part;
use super::resource::{Held, Key, Resource};
use super::snapshot::Snapshot;
use crate::scim::link::{Link, LinkSet};
use crate::scim::resource::Content;
use crate::scim::validate::Problem;
use crate::scim::{Leniencies, Reading, validate};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, OnceLock};

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
    /// It is about whom a link names; where resources are missing, that may be why.
    pub is_link: bool,
}

/// A resource of the scenario, read and validated.
struct Checked {
    /// The id, if it brings one.
    id: Option<String>,
    /// What it holds, but for its links.
    held: Held,
    /// The whole, if it has links: they wait until every target has its id. Packed, for all may have some.
    linked: Option<Held>,
}

/// Builds the first snapshot of so many resources of each type; `read` has the n-th of a type as JSON, which is read
/// with these `leniencies`.
///
/// All problems are reported; the snapshot holds what could be made of the rest.
pub fn seed(
    layout: &Arc<Layout>,
    origin: &Origin,
    counts: &[(usize, usize)],
    read: impl Fn(usize, usize) -> Map<String, Value> + Sync,
    leniencies: Leniencies,
    present: Option<&Snapshot>,
) -> (Snapshot, Vec<SeedProblem>) {
    let mut snapshot = Snapshot::empty(layout.clone());
    if let Some(present) = present {
        snapshot.keep_time_of(present);
        snapshot.keep_tokens_of(present);
    }
    let mut problems = Vec::new();
    let mut note = |kind: usize, entry: usize, place: String, message: String, is_link: bool| {
        problems.push(SeedProblem {
            kind,
            entry,
            place,
            message,
            is_link,
        });
    };
    let mut waiting: Vec<(usize, usize, Key, Held)> = Vec::new();
    for (kind, count) in counts {
        let check = |entry: usize| checked(layout, *kind, read(*kind, entry), leniencies);
        in_order(*count, check, |entry, checked| {
            let Checked { id, held, linked } = match checked {
                Ok(checked) => checked,
                Err(found) => {
                    let each = found.into_iter();
                    return each
                        .for_each(|(place, message)| note(*kind, entry, place, message, false));
                }
            };
            match snapshot.add(origin, *kind, held, id.as_deref(), true) {
                Ok(resource) => {
                    waiting.extend(linked.map(|whole| (*kind, entry, resource.key, whole)));
                }
                Err(error) => {
                    let about_id = error.detail.contains("the id `");
                    let place = if about_id { "id" } else { "" };
                    note(*kind, entry, place.to_owned(), error.detail, false);
                }
            }
        });
    }
    let labels = Labels::default();
    // All have their ids now, and whom a link names is looked up while others get theirs.
    let named = snapshot.clone();
    let resolve = |n: usize| {
        let (kind, _, _, whole) = &waiting[n];
        let mut wrong = Vec::new();
        let content = linked(&named, &labels, *kind, whole.content(), |place, message| {
            wrong.push((place, message));
        });
        (Held::from(content), wrong)
    };
    in_order(waiting.len(), resolve, |n, (held, wrong)| {
        let (kind, entry, key, _) = &waiting[n];
        for (place, message) in wrong {
            note(*kind, *entry, place, message, true);
        }
        snapshot.complete_with(*key, held);
    });
    problems.sort_by_key(|problem| (problem.kind, problem.entry));
    (snapshot, problems)
}

/// Calls `work` for each number below `count`, on as many threads as there are cores, and `take` with each result in order.
fn in_order<T: Send>(
    count: usize,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T),
) {
    /// So many at once: enough that handing them over costs nothing.
    const CHUNK: usize = 1024;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if count <= CHUNK || threads == 1 {
        (0..count).for_each(|n| take(n, work(n)));
        return;
    }
    let work = &work;
    std::thread::scope(|scope| {
        let chunks = move |first: usize| (first * CHUNK..count).step_by(threads * CHUNK);
        let results: Vec<_> = (0..threads)
            .map(|first| {
                // Whoever is ahead waits here, so that what is read and not yet taken stays little.
                let (sender, results) = sync_channel(2);
                scope.spawn(move || {
                    for start in chunks(first) {
                        let chunk: Vec<T> = (start..count.min(start + CHUNK)).map(work).collect();
                        if sender.send(chunk).is_err() {
                            return;
                        }
                    }
                });
                results
            })
            .collect();
        for (turn, start) in (0..count).step_by(CHUNK).enumerate() {
            // A worker that is gone has panicked, and the scope says so.
            let Ok(chunk) = results[turn % threads].recv() else {
                return;
            };
            for (n, result) in chunk.into_iter().enumerate() {
                take(start + n, result);
            }
        }
    });
}

/// What a resource of the scenario comes to, by its schema alone, or what is wrong with it and where.
fn checked(
    layout: &Layout,
    kind: usize,
    members: Map<String, Value>,
    leniencies: Leniencies,
) -> Result<Checked, Vec<(String, String)>> {
    let body = with_named_links(layout, kind, members);
    let (mut content, found) =
        validate::resource(&layout.types[kind], &body, Reading::quiet(leniencies));
    if !found.is_empty() {
        let mut told: Vec<(String, String)> = Vec::new();
        for Problem { place, message, .. } in found {
            // What is said first of a place is why; that a value is missing there only follows.
            if place.is_empty() || told.iter().all(|(before, _)| *before != place) {
                told.push((place, message));
            }
        }
        return Err(told);
    }
    let id = match body.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if !id.is_empty() && !id.contains("bulkId") => Some(id.clone()),
        Some(other) => {
            let message = format!(
                "an id is text that is not empty and does not contain `bulkId` (RFC 7643 section 3.1); found {other}"
            );
            return Err(vec![("id".to_owned(), message)]);
        }
    };
    let whole = Held::from(&content);
    let linked = unlink(layout, kind, &mut content).then_some(whole);
    let held = Held::from(content);
    Ok(Checked { id, held, linked })
}

/// Takes the links out of the content; whether there were any.
fn unlink(layout: &Layout, kind: usize, content: &mut Content) -> bool {
    let mut any = !content.links.is_empty();
    content.links.clear();
    for (_, link) in layout.links_of(kind).filter(|(_, link)| !link.is_many()) {
        let (extension, name) = (link.extension.as_deref(), &link.attribute.name);
        if content.get(extension, name).is_some() {
            content.set(extension, name, None);
            any = true;
        }
    }
    any
}

/// The content with every link at the id of whom it names.
fn linked(
    snapshot: &Snapshot,
    labels: &Labels,
    kind: usize,
    mut content: Content,
    mut note: impl FnMut(String, String),
) -> Content {
    for (_, link) in snapshot.layout.links_of(kind) {
        let name = &link.attribute.name;
        if link.is_many() {
            let mut resolved = LinkSet::default();
            let given = content.links(name).into_iter().flat_map(LinkSet::iter);
            for (n, given) in given.enumerate() {
                match labels.find(snapshot, link, &given.value) {
                    Ok(id) => {
                        resolved.insert(Link {
                            value: id,
                            given: given.given.clone(),
                        });
                    }
                    Err(message) => note(format!("{name}[{n}]"), message),
                }
            }
            if !resolved.is_empty() {
                *content.links_mut(name) = resolved;
            }
        } else if let Some(target) = single_target(link, &content) {
            let extension = link.extension.as_deref();
            let place = extension.map_or_else(|| name.clone(), |urn| format!("{urn}:{name}"));
            match labels.find(snapshot, link, &target) {
                Ok(id) => content.set(extension, name, Some(json!({ "value": id.as_ref() }))),
                Err(message) => note(place, message),
            }
        }
    }
    content
}

fn single_target(link: &LinkAttribute, content: &Content) -> Option<String> {
    let value = content.get(link.extension.as_deref(), &link.attribute.name)?;
    value.get("value")?.as_str().map(str::to_owned)
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

/// Who bears a label: for links that name their target by it. Made when the first of them is met.
#[derive(Default)]
struct Labels(OnceLock<HashMap<String, Vec<Arc<Resource>>>>);

impl Labels {
    /// The target that `name` means: an id, else a unique value, else a label.
    fn find(
        &self,
        snapshot: &Snapshot,
        link: &LinkAttribute,
        name: &str,
    ) -> Result<Arc<str>, String> {
        let layout = &snapshot.layout;
        let targets = link.attribute.link_targets();
        let suits = |kind: usize| targets.contains(&layout.types[kind].name);
        let known = snapshot
            .by_id(name)
            .filter(|resource| suits(resource.key.kind));
        if let Some(resource) = known.or_else(|| snapshot.unique(name, suits)) {
            return Ok(resource.id.clone());
        }
        let bearers = self.bearers(snapshot, name);
        let bearers = bearers.iter().filter(|it| suits(it.key.kind));
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

    fn bearers(&self, snapshot: &Snapshot, label: &str) -> &[Arc<Resource>] {
        let all = self.0.get_or_init(|| {
            let mut all: HashMap<String, Vec<Arc<Resource>>> = HashMap::new();
            for resource in snapshot.resources.values() {
                if let Some(label) = resource.held.get(None, LABEL).and_then(Part::text) {
                    all.entry(label.to_owned())
                        .or_default()
                        .push(resource.clone());
                }
            }
            all
        });
        all.get(label).map_or(&[], Vec::as_slice)
    }
}

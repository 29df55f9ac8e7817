//! The resources that answers have shown.

use super::content::{self, Expected};
use crate::lint::view::{Resource, View};
use crate::scim::resource::{Content, is_link};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Uniqueness};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};

/// How many resources are remembered.
const RESOURCES: usize = 16_384;
/// How many values of their content, all together.
const VALUES: usize = 1 << 20;

/// A resource: its type, and its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    /// `User`.
    pub kind: String,
    /// As the provider gave it out.
    pub id: String,
}

/// What is known of a resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The exchange that showed it first.
    pub first: u64,
    /// Whether it was made in this recording.
    pub is_new: bool,
    /// The exchange that deleted it.
    pub deleted: Option<u64>,
    /// Its last version.
    pub tag: Option<String>,
    /// How many writes had succeeded when that was seen.
    pub seen_at: u64,
    /// Whether a read has shown it.
    pub is_read: bool,
    /// Whether an answer has shown its links, so that what it holds of them is all.
    pub shows_members: bool,
    /// `meta.created` and `meta.lastModified`.
    pub created: Option<String>,
    /// The same.
    pub modified: Option<String>,
    /// What it holds, as far as that follows from what was seen.
    pub content: Option<Content>,
    /// What the last write should have left, with its exchange, until an answer has shown it.
    pub pending: Option<(u64, Expected)>,
    /// The version before the last write, if that changed something.
    pub tag_before: Option<String>,
    /// `meta.lastModified` before it.
    pub modified_before: Option<String>,
    names: Vec<Name>,
    weight: usize,
}

/// A value that is unique among the resources of a type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    kind: String,
    attribute: String,
    folded: String,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    known: HashMap<Key, Known>,
    order: VecDeque<Key>,
    names: HashMap<Name, String>,
    /// How many resources have an id.
    ids: HashMap<String, usize>,
    /// The groups whose members were shown.
    groups: HashSet<Key>,
    weight: usize,
    forgot: bool,
}

impl Name {
    fn new(kind: &str, attribute: &Attribute, text: &str) -> Self {
        let folded = if attribute.case_exact {
            text.to_owned()
        } else {
            text.to_lowercase()
        };
        Self {
            kind: kind.to_owned(),
            attribute: attribute.name.clone(),
            folded,
        }
    }
}

impl Key {
    pub(super) fn new(kind: &str, id: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_owned(),
        }
    }
}

impl Resources {
    /// What is known of one.
    pub(crate) fn get(&self, key: &Key) -> Option<&Known> {
        self.known.get(key)
    }

    /// The same by its parts.
    pub(crate) fn by_id(&self, kind: &str, id: &str) -> Option<&Known> {
        self.known.get(&Key::new(kind, id))
    }

    /// The groups that have this member for sure.
    pub(crate) fn holding(&self, id: &str) -> impl Iterator<Item = &Key> {
        let holds = move |known: &Known| {
            let links = known.content.as_ref().and_then(|it| it.links("members"));
            known.deleted.is_none() && links.is_some_and(|links| links.get(id).is_some())
        };
        let known = |key: &&Key| self.known.get(*key).is_some_and(&holds);
        self.groups
            .iter()
            .filter(known)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Whether some were forgotten since.
    pub(crate) fn forgot(&self) -> bool {
        self.forgot
    }

    /// Whether any is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether a resource of any type has this id.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// The one of a type that has this value of an attribute that tells them apart, and is there.
    pub(crate) fn named(
        &self,
        kind: &str,
        attribute: &Attribute,
        text: &str,
    ) -> Option<(Key, &Known)> {
        let key = Key::new(kind, self.names.get(&Name::new(kind, attribute, text))?);
        let known = self
            .known
            .get(&key)
            .filter(|known| known.deleted.is_none())?;
        Some((key, known))
    }

    /// What a resource is called is not known any more.
    fn forget_names(&mut self, key: &Key) {
        let names = self
            .known
            .get_mut(key)
            .map(|known| std::mem::take(&mut known.names));
        for name in names.into_iter().flatten() {
            if self.names.get(&name) == Some(&key.id) {
                self.names.remove(&name);
            }
        }
    }

    pub(super) fn delete(&mut self, key: &Key, number: u64) {
        let known = self.entry(key, number);
        known.deleted = Some(number);
        self.forget_names(key);
        self.set_content(key, None);
    }

    pub(super) fn forget_content(&mut self, key: &Key) {
        if let Some(known) = self.known.get_mut(key) {
            known.pending = None;
        }
        self.set_content(key, None);
    }

    pub(super) fn forget_all_content(&mut self) {
        for known in self.known.values_mut() {
            known.content = None;
            known.pending = None;
            known.tag = None;
            known.tag_before = None;
            known.weight = 0;
            known.names.clear();
            known.shows_members = false;
        }
        self.names.clear();
        self.groups.clear();
        self.weight = 0;
    }

    /// What holds a link to a resource that is gone may hold it no longer.
    pub(super) fn forget_links_to(&mut self, id: &str) {
        for known in self.known.values_mut() {
            known.pending = None;
        }
        let holds = |content: &Content| {
            content
                .links
                .iter()
                .any(|(_, links)| links.get(id).is_some())
        };
        let keys: Vec<Key> = self
            .known
            .iter()
            .filter(|(_, known)| known.content.as_ref().is_some_and(holds))
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.forget_content(&key);
        }
    }

    pub(super) fn write(
        &mut self,
        key: &Key,
        number: u64,
        view: &View<'_>,
        expected: Option<Expected>,
    ) {
        self.forget_names(key);
        let known = self.entry(key, number);
        let changed = expected.as_ref().and_then(|it| it.changed) == Some(true);
        known.tag_before = known.tag.take().filter(|_| changed);
        known.modified_before = known.modified.take().filter(|_| changed);
        let content = expected
            .as_ref()
            .filter(|_| view.method == "PATCH")
            .map(|it| it.content.clone());
        known.pending = expected.map(|expected| (number, expected));
        self.set_content(key, content);
    }

    /// One whose id was given out.
    pub(super) fn shown(&mut self, key: &Key, number: u64) {
        self.entry(key, number);
    }

    pub(super) fn forget_all(&mut self) {
        *self = Self {
            forgot: true,
            ..Self::default()
        };
    }

    /// What a create has promised.
    pub(super) fn promise(&mut self, key: &Key, number: u64, written: Option<(u64, Expected)>) {
        self.entry(key, number).pending = written;
    }

    pub(super) fn tag(&mut self, key: &Key, tag: &str) {
        if let Some(known) = self.known.get_mut(key) {
            known.tag = Some(tag.to_owned());
        }
    }

    /// A representation was answered.
    pub(super) fn see(
        &mut self,
        key: &Key,
        number: u64,
        kind: &ResourceType,
        resource: &Resource<'_>,
        tag: Option<&str>,
        (whole, is_new, is_read, writes): (bool, bool, bool, u64),
    ) {
        let text = |name: &str| {
            resource
                .meta(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let known = self.entry(key, number);
        known.deleted = None;
        known.is_new |= is_new;
        known.is_read |= is_read;
        known.seen_at = writes;
        if let Some(tag) = tag {
            known.tag = Some(tag.to_owned());
        }
        known.created = text("created").or(known.created.take());
        known.modified = text("lastModified").or(known.modified.take());
        known.tag_before = None;
        known.modified_before = None;
        self.forget_names(key);
        let unique = kind
            .attributes()
            .filter(|it| it.uniqueness != Uniqueness::None || it.name == "externalId");
        let named: Vec<Name> = unique
            .filter(|it| it.name != "id")
            .filter_map(|it| Some(Name::new(&key.kind, it, resource.text(&it.name)?)))
            .collect();
        for name in &named {
            self.names.insert(name.clone(), key.id.clone());
        }
        if let Some(known) = self.known.get_mut(key) {
            known.names = named;
        }
        if whole {
            let content = content::of_representation(kind, resource.members);
            // Some never show what a resource links to; what was written is then all that is known.
            let shows_links = kind
                .attributes()
                .filter(|it| is_link(it))
                .all(|it| resource.get(&it.name).is_some());
            if let Some(known) = self.known.get_mut(key) {
                if is_read {
                    known.pending = None;
                }
                known.shows_members |= shows_links;
                if shows_links && key.kind == "Group" {
                    self.groups.insert(key.clone());
                }
            }
            if shows_links || !kind.attributes().any(is_link) || self.content_links_empty(key) {
                self.set_content(key, Some(content));
            }
        }
    }

    fn content_links_empty(&self, key: &Key) -> bool {
        let content = self.known.get(key).and_then(|known| known.content.as_ref());
        content.is_none_or(|it| it.links.iter().all(|(_, links)| links.is_empty()))
    }

    fn entry(&mut self, key: &Key, number: u64) -> &mut Known {
        if !self.known.contains_key(key) {
            if self.order.len() >= RESOURCES
                && let Some(oldest) = self.order.pop_front()
            {
                self.set_content(&oldest, None);
                self.forget_names(&oldest);
                self.known.remove(&oldest);
                self.groups.remove(&oldest);
                if let Some(count) = self.ids.get_mut(&oldest.id) {
                    *count -= 1;
                    if *count == 0 {
                        self.ids.remove(&oldest.id);
                    }
                }
                self.forgot = true;
            }
            self.order.push_back(key.clone());
            *self.ids.entry(key.id.clone()).or_default() += 1;
        }
        self.known.entry(key.clone()).or_insert_with(|| Known {
            first: number,
            ..Known::default()
        })
    }

    fn set_content(&mut self, key: &Key, content: Option<Content>) {
        let Some(known) = self.known.get_mut(key) else {
            return;
        };
        let weight = content.as_ref().map_or(0, weigh);
        self.weight = self.weight + weight - known.weight;
        known.weight = weight;
        known.content = content;
        let mut oldest = 0;
        while self.weight > VALUES && oldest < self.order.len() {
            if let Some(known) = self.known.get_mut(&self.order[oldest]) {
                self.weight -= std::mem::take(&mut known.weight);
                known.content = None;
                known.pending = None;
            }
            oldest += 1;
        }
    }
}

/// How many values a content holds.
fn weigh(content: &Content) -> usize {
    fn values(value: &Value) -> usize {
        match value {
            Value::Array(list) => list.iter().map(values).sum(),
            Value::Object(members) => members.values().map(values).sum(),
            _ => 1,
        }
    }
    let links: usize = content.links.iter().map(|(_, links)| links.len()).sum();
    links + content.attributes.values().map(values).sum::<usize>()
}

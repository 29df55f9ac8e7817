//! Changes to a directory: each makes the next snapshot out of the last, with its indexes, or refuses and leaves nothing behind.

use super::index;
use super::layout::{Indexed, Layout};
use super::resource::{Held, Key, Resource};
use super::snapshot::{Snapshot, hash_of_id};
use crate::clock::Clock;
use crate::ids::Ids;
use crate::scim::link::LinkSet;
use crate::scim::resource::Content;
use crate::scim::{ErrorKind, ScimError};
use arc_swap::ArcSwapOption;
use std::borrow::Cow;
use std::sync::Arc;

/// What ids and times follow from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The seed of the scenario.
    pub seed: u64,
    /// How resources are named.
    pub ids: Ids,
    /// What time it is at each change.
    pub clock: Clock,
}

impl Snapshot {
    /// Adds a resource; with `id`, under that id.
    ///
    /// # Errors
    /// `uniqueness` when a value that must be unique, or the id, is taken.
    pub fn create(
        &mut self,
        origin: &Origin,
        kind: usize,
        content: Content,
        id: Option<&str>,
        seeded: bool,
    ) -> Result<Arc<Resource>, ScimError> {
        self.add(origin, kind, content.into(), id, seeded)
    }

    /// The same with content in the form in which it is kept.
    pub(super) fn add(
        &mut self,
        origin: &Origin,
        kind: usize,
        held: Held,
        id: Option<&str>,
        seeded: bool,
    ) -> Result<Arc<Resource>, ScimError> {
        let mut key = Key {
            kind,
            serial: self.serial + 1,
        };
        self.check_unique(key, &held)?;
        let mut nth = self.made[kind] + 1;
        let id: Arc<str> = if let Some(id) = id {
            self.check_id(id)?;
            id.into()
        } else {
            let types = self.layout.types[kind].clone();
            let named = self
                .name_of(kind, &held)
                .filter(|_| seeded)
                .and_then(|name| origin.ids.named(origin.seed, &types.name, &name));
            let mut id =
                named.unwrap_or_else(|| origin.ids.make(origin.seed, key.serial, &types.name, nth));
            while self.by_id(&id).is_some() {
                (key.serial, nth) = (key.serial + 1, nth + 1);
                id = origin.ids.make(origin.seed, key.serial, &types.name, nth);
            }
            id.into()
        };
        if !seeded {
            self.changes += 1;
        }
        let now = self.now(origin);
        let resource = Resource {
            key,
            id,
            held,
            created: now,
            modified: now,
            version: 1,
            seeded,
            rendered: ArcSwapOption::empty(),
        };
        self.made[kind] = nth;
        Ok(self.place(resource))
    }

    /// Takes over a resource of another snapshot, with its id, times and version.
    ///
    /// # Errors
    /// `uniqueness` when its id or a unique value is taken.
    pub(super) fn adopt(&mut self, resource: &Resource) -> Result<(), ScimError> {
        let key = Key {
            kind: resource.key.kind,
            serial: self.serial + 1,
        };
        self.check_id(&resource.id)?;
        self.check_unique(key, &resource.held)?;
        self.made[key.kind] += 1;
        self.changes += 1;
        self.place(Resource {
            key,
            ..resource.refreshed()
        });
        Ok(())
    }

    fn place(&mut self, resource: Resource) -> Arc<Resource> {
        let (key, resource) = (resource.key, Arc::new(resource));
        self.serial = key.serial;
        self.order[key.kind].push_back(key.serial);
        self.index.insert(hash_of_id(&resource.id), key);
        self.reindex(key, None, Some(&resource.held));
        self.resources.insert(key, resource.clone());
        // Whoever pointed at this id before there was anyone is shown anew.
        self.refresh_referrers(&resource.id);
        resource
    }

    fn refresh_referrers(&mut self, id: &str) {
        let showing: Vec<Arc<Resource>> = self
            .referrers(id)
            .map(|(referrer, _)| referrer.clone())
            .collect();
        for referrer in showing {
            self.resources
                .insert(referrer.key, Arc::new(referrer.refreshed()));
        }
    }

    fn check_id(&self, id: &str) -> Result<(), ScimError> {
        if self.by_id(id).is_some() {
            return Err(ScimError::new(
                ErrorKind::Uniqueness,
                format!("the id `{id}` is taken; ids are unique within a tenant"),
            ));
        }
        Ok(())
    }

    /// What tells a resource of the scenario from the others when the file is edited: a unique value, else its label.
    fn name_of(&self, kind: usize, held: &Held) -> Option<String> {
        let unique = self
            .layout
            .indexed
            .iter()
            .filter(|index| index.unique && index.kind == kind);
        let value = unique.flat_map(|index| index.forms(held)).next();
        value.map(Cow::into_owned).or_else(|| {
            let label = held.get(None, super::layout::LABEL)?.text()?;
            Some(label.to_owned())
        })
    }

    /// Gives a resource other content. Content that says the same changes nothing, its version and time included.
    ///
    /// # Errors
    /// `uniqueness` when a value that must be unique is taken.
    pub fn replace(
        &mut self,
        origin: &Origin,
        key: Key,
        content: Content,
    ) -> Result<Arc<Resource>, ScimError> {
        let Some(present) = self.resources.get(&key).cloned() else {
            return Err(ScimError::new(ErrorKind::NotFound, "the resource is gone"));
        };
        if content.same_as(&present.content()) {
            return Ok(present);
        }
        let held = Held::from(content);
        self.check_unique(key, &held)?;
        self.changes += 1;
        self.reindex(key, Some(&present.held), Some(&held));
        let renamed = self
            .layout
            .mirrored
            .iter()
            .any(|name| held.get(None, name) != present.held.get(None, name));
        let resource = Arc::new(present.changed(held, self.now(origin)));
        self.resources.insert(key, resource.clone());
        if renamed {
            self.refresh_referrers(&resource.id);
        }
        Ok(resource)
    }

    /// Gives a resource that was just made the links that had to wait. It stays at its first version.
    pub fn complete(&mut self, key: Key, content: Content) {
        self.complete_with(key, content.into());
    }

    pub(super) fn complete_with(&mut self, key: Key, held: Held) {
        let Some(present) = self.resources.get(&key).cloned() else {
            return;
        };
        self.reindex(key, Some(&present.held), Some(&held));
        let completed = Resource {
            held,
            ..present.refreshed()
        };
        self.resources.insert(key, Arc::new(completed));
    }

    /// The first link that is new in `new` and leads to nothing that it may lead to: its attribute and the id.
    pub fn missing_target(
        &self,
        kind: usize,
        old: Option<&Resource>,
        new: &Content,
    ) -> Option<(String, Arc<str>)> {
        let new = Held::from(new.clone());
        let (_, come) = edges(&self.layout, kind, old.map(|old| &old.held), Some(&new));
        let leads_nowhere = |(id, link): &(Arc<str>, usize)| {
            let targets = self.layout.links[*link].attribute.link_targets();
            let target = self.by_id(id);
            !target.is_some_and(|it| targets.contains(&self.layout.types[it.key.kind].name))
        };
        let (id, link) = come.into_iter().find(leads_nowhere)?;
        Some((self.layout.links[link].attribute.name.clone(), id))
    }

    /// Takes a resource away, and every link to it with it when the change cascades.
    pub fn delete(&mut self, origin: &Origin, key: Key, cascades: bool) {
        let Some(gone) = self.resources.remove(&key) else {
            return;
        };
        self.changes += 1;
        let now = self.now(origin);
        self.index.remove(hash_of_id(&gone.id), key);
        let at = self.older(key);
        self.order[key.kind].remove(at);
        self.reindex(key, Some(&gone.held), None);
        if !cascades {
            return self.refresh_referrers(&gone.id);
        }
        let layout = self.layout.clone();
        let pointing: Vec<(Arc<Resource>, usize)> = self
            .referrers(&gone.id)
            .map(|(referrer, link)| (referrer.clone(), link))
            .collect();
        for (referrer, number) in pointing {
            // One that points here by two links was changed already.
            let present = self.at(referrer.key).unwrap_or(&referrer);
            let mut content = present.content();
            let link = &layout.links[number];
            if link.is_many() {
                content.links_mut(&link.attribute.name).remove(&gone.id);
            } else {
                content.set(link.extension.as_deref(), &link.attribute.name, None);
            }
            let changed = Arc::new(present.changed(content.into(), now));
            self.edges
                .remove(&(hash_of_id(&gone.id), referrer.key, number));
            self.resources.insert(referrer.key, changed);
        }
    }

    fn check_unique(&self, key: Key, held: &Held) -> Result<(), ScimError> {
        for (number, index) in self
            .layout
            .indexed
            .iter()
            .enumerate()
            .filter(|(_, index)| index.unique && index.kind == key.kind)
        {
            for value in index.forms(held) {
                let taken = self.holding(number, &value).any(|other| other.key != key);
                let detail = if taken {
                    format!(
                        "`{}` is unique, and another {} has `{value}`",
                        index.attribute, self.layout.types[key.kind].name
                    )
                } else if index.everywhere && self.is_taken_elsewhere(index, &value) {
                    let attribute = &index.attribute;
                    format!("`{attribute}` is unique everywhere, and `{value}` is taken")
                } else {
                    continue;
                };
                return Err(ScimError::new(ErrorKind::Uniqueness, detail));
            }
        }
        Ok(())
    }

    /// Whether another directory of the server has a value that is unique everywhere.
    fn is_taken_elsewhere(&self, index: &Indexed, value: &str) -> bool {
        self.others.iter().flat_map(|all| all.iter()).any(|other| {
            let all = other.layout.indexed.iter().enumerate();
            let mut same = all.filter(|(_, it)| it.everywhere && it.is_over_the_same(index));
            same.any(|(number, _)| other.holding(number, value).next().is_some())
        })
    }

    /// Brings indexes and edges from one content of a resource to another.
    fn reindex(&mut self, key: Key, old: Option<&Held>, new: Option<&Held>) {
        let layout = self.layout.clone();
        for (number, index) in layout
            .indexed
            .iter()
            .enumerate()
            .filter(|(_, index)| index.kind == key.kind)
        {
            // To compare what is written costs less than to bring it into the form of the index.
            if let (Some(old), Some(new)) = (old, new) {
                let value = |held| Held::get(held, index.extension.as_deref(), &index.attribute);
                if value(old) == value(new) {
                    continue;
                }
            }
            let hashes = |held: Option<&Held>| -> Vec<u64> {
                let values = held.into_iter().flat_map(|it| index.forms(it));
                values.map(|value| index::hash(number, &value)).collect()
            };
            let (before, after) = (hashes(old), hashes(new));
            for hash in before.iter().filter(|hash| !after.contains(hash)) {
                self.index.remove(*hash, key);
            }
            for hash in after.iter().filter(|hash| !before.contains(hash)) {
                self.index.insert(*hash, key);
            }
        }
        let (gone, come) = edges(&layout, key.kind, old, new);
        for (target, link) in gone {
            self.edges.remove(&(hash_of_id(&target), key, link));
        }
        for (target, link) in come {
            self.edges.insert((hash_of_id(&target), key, link));
        }
    }
}

type Edges = Vec<(Arc<str>, usize)>;

/// The edges that go and that come between two contents. What two sets of links share is not walked.
fn edges(layout: &Layout, kind: usize, old: Option<&Held>, new: Option<&Held>) -> (Edges, Edges) {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let none = LinkSet::default();
    for (number, link) in layout.links_of(kind) {
        if link.is_many() {
            let set = |held: Option<&Held>| {
                held.and_then(|held| held.links(&link.attribute.name))
                    .cloned()
            };
            let (before, after) = (
                set(old).unwrap_or(none.clone()),
                set(new).unwrap_or(none.clone()),
            );
            let (removed, added) = before.difference(&after);
            gone.extend(removed.into_iter().map(|target| (target, number)));
            come.extend(added.into_iter().map(|target| (target, number)));
            continue;
        }
        let target = |held: Option<&Held>| {
            held.and_then(|held| link.single_target(held))
                .map(Arc::<str>::from)
        };
        let (before, after) = (target(old), target(new));
        if before != after {
            gone.extend(before.map(|target| (target, number)));
            come.extend(after.map(|target| (target, number)));
        }
    }
    (gone, come)
}

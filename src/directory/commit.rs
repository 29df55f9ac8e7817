//! Changes to a directory: each makes the next snapshot out of the last, with its indexes, or refuses and leaves nothing behind.

use super::layout::Layout;
use super::resource::{Key, Resource};
use super::snapshot::{Holders, Snapshot};
use crate::clock::Clock;
use crate::ids::Ids;
use crate::scim::link::LinkSet;
use crate::scim::resource::Content;
use crate::scim::{ErrorKind, ScimError};
use arc_swap::ArcSwapOption;
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
        let mut key = Key {
            kind,
            serial: self.serial + 1,
        };
        self.check_unique(key, &content)?;
        let mut nth = self.made[kind] + 1;
        let id: Arc<str> = if let Some(id) = id {
            self.check_id(id)?;
            id.into()
        } else {
            let types = self.layout.types[kind].clone();
            let named = self
                .name_of(kind, &content)
                .filter(|_| seeded)
                .and_then(|name| origin.ids.named(origin.seed, &types.name, &name));
            let mut id =
                named.unwrap_or_else(|| origin.ids.make(origin.seed, key.serial, &types.name, nth));
            while self.ids.contains_key(id.as_str()) {
                (key.serial, nth) = (key.serial + 1, nth + 1);
                id = origin.ids.make(origin.seed, key.serial, &types.name, nth);
            }
            id.into()
        };
        if !seeded {
            self.changes += 1;
        }
        let now = origin.clock.at(self.changes);
        let resource = Resource {
            key,
            id,
            content,
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
        self.check_unique(key, &resource.content)?;
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
        self.ids.insert(resource.id.clone(), key);
        self.reindex(key, &resource.id, None, Some(&resource.content));
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
        if self.ids.contains_key(id) {
            return Err(ScimError::new(
                ErrorKind::Uniqueness,
                format!("the id `{id}` is taken; ids are unique within a tenant"),
            ));
        }
        Ok(())
    }

    /// What tells a resource of the scenario from the others when the file is edited: a unique value, else its label.
    fn name_of(&self, kind: usize, content: &Content) -> Option<String> {
        let unique = self
            .layout
            .indexed
            .iter()
            .filter(|index| index.unique && index.kind == kind);
        let value = unique
            .flat_map(|index| index.values(content))
            .next()
            .map(|value| value.to_string());
        value.or_else(|| {
            content
                .get(None, super::layout::LABEL)?
                .as_str()
                .map(str::to_owned)
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
        if content.same_as(&present.content) {
            return Ok(present);
        }
        self.check_unique(key, &content)?;
        self.changes += 1;
        let content = Content {
            secret_written: false,
            ..content
        };
        self.reindex(key, &present.id, Some(&present.content), Some(&content));
        let renamed = self
            .layout
            .mirrored
            .iter()
            .any(|name| content.get(None, name) != present.content.get(None, name));
        let resource = Arc::new(present.changed(content, origin.clock.at(self.changes)));
        self.resources.insert(key, resource.clone());
        if renamed {
            self.refresh_referrers(&resource.id);
        }
        Ok(resource)
    }

    /// Gives a resource that was just made the links that had to wait. It stays at its first version.
    pub fn complete(&mut self, key: Key, content: Content) {
        let Some(present) = self.resources.get(&key).cloned() else {
            return;
        };
        self.reindex(key, &present.id, Some(&present.content), Some(&content));
        let completed = Resource {
            content,
            ..present.refreshed()
        };
        self.resources.insert(key, Arc::new(completed));
    }

    /// The first link that is new in `new` and leads to nothing that it may lead to: its attribute and the id.
    pub fn missing_target(
        &self,
        kind: usize,
        old: Option<&Content>,
        new: &Content,
    ) -> Option<(String, Arc<str>)> {
        let (_, come) = edges(&self.layout, kind, old, Some(new));
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
        let now = origin.clock.at(self.changes);
        self.ids.remove(&gone.id);
        let at = self.older(key);
        self.order[key.kind].remove(at);
        self.reindex(key, &gone.id, Some(&gone.content), None);
        if !cascades {
            return self.refresh_referrers(&gone.id);
        }
        let layout = self.layout.clone();
        let referrers: Vec<(Key, usize)> = self
            .referrers
            .remove(&gone.id)
            .into_iter()
            .flatten()
            .collect();
        for (referrer, link) in referrers {
            let Some(present) = self.resources.get(&referrer).cloned() else {
                continue;
            };
            let link = &layout.links[link];
            let mut content = present.content.clone();
            if link.is_many() {
                content.links_mut(&link.attribute.name).remove(&gone.id);
            } else {
                content.set(link.extension.as_deref(), &link.attribute.name, None);
            }
            self.resources
                .insert(referrer, Arc::new(present.changed(content, now)));
        }
    }

    fn check_unique(&self, key: Key, content: &Content) -> Result<(), ScimError> {
        for (number, index) in self
            .layout
            .indexed
            .iter()
            .enumerate()
            .filter(|(_, index)| index.unique && index.kind == key.kind)
        {
            for value in index.values(content) {
                let taken = self
                    .values
                    .get(&(number, value.clone()))
                    .is_some_and(|holders| holders.keys().iter().any(|other| *other != key));
                if taken {
                    let detail = format!(
                        "`{}` is unique, and another {} has `{value}`",
                        index.attribute, self.layout.types[key.kind].name
                    );
                    return Err(ScimError::new(ErrorKind::Uniqueness, detail));
                }
            }
        }
        Ok(())
    }

    /// Brings indexes and edges from one content of a resource to another.
    fn reindex(&mut self, key: Key, id: &Arc<str>, old: Option<&Content>, new: Option<&Content>) {
        let layout = self.layout.clone();
        for (number, index) in layout
            .indexed
            .iter()
            .enumerate()
            .filter(|(_, index)| index.kind == key.kind)
        {
            let before = old.map(|content| index.values(content)).unwrap_or_default();
            let after = new.map(|content| index.values(content)).unwrap_or_default();
            for value in before.iter().filter(|value| !after.contains(value)) {
                let place = (number, value.clone());
                match self
                    .values
                    .get(&place)
                    .and_then(|holders| holders.without(key))
                {
                    Some(holders) => self.values.insert(place, holders),
                    None => self.values.remove(&place),
                };
            }
            for value in after.iter().filter(|value| !before.contains(value)) {
                let place = (number, value.clone());
                let holders = self
                    .values
                    .get(&place)
                    .map_or(Holders::One(key), |holders| holders.with(key));
                self.values.insert(place, holders);
            }
        }
        let (gone, come) = edges(&layout, key.kind, old, new);
        for (target, link) in gone.into_iter().filter(|(target, _)| target != id) {
            self.unlink(&target, (key, link));
        }
        for (target, link) in come {
            let mut referrers = self.referrers.get(&target).cloned().unwrap_or_default();
            referrers.insert((key, link));
            self.referrers.insert(target, referrers);
        }
    }

    fn unlink(&mut self, target: &Arc<str>, edge: (Key, usize)) {
        let Some(referrers) = self.referrers.get(target) else {
            return;
        };
        let referrers = referrers.without(&edge);
        if referrers.is_empty() {
            self.referrers.remove(target);
        } else {
            self.referrers.insert(target.clone(), referrers);
        }
    }
}

type Edges = Vec<(Arc<str>, usize)>;

/// The edges that go and that come between two contents. What two sets of links share is not walked.
fn edges(
    layout: &Layout,
    kind: usize,
    old: Option<&Content>,
    new: Option<&Content>,
) -> (Edges, Edges) {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let none = LinkSet::default();
    for (number, link) in layout.links_of(kind) {
        if link.is_many() {
            let set = |content: Option<&Content>| {
                content
                    .and_then(|content| content.links(&link.attribute.name))
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
        let target = |content: Option<&Content>| {
            content
                .and_then(|content| link.single_target(content))
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

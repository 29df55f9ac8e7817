//! The resources of one tenant at one moment: immutable, shared in structure with the moments before and after it.

use super::layout::Layout;
use super::resource::{Key, Resource};
use crate::scim::filter::Filter;
use crate::scim::resource_type::Resolved;
use std::collections::HashSet;
use std::sync::Arc;

/// Everything of one moment. Cloning costs a few pointers.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) layout: Arc<Layout>,
    pub(super) resources: imbl::OrdMap<Key, Arc<Resource>>,
    pub(super) ids: imbl::HashMap<Arc<str>, Key>,
    /// By number of the index and indexed form.
    pub(super) values: imbl::HashMap<(usize, Arc<str>), Holders>,
    /// By id of the target: which resource points at it, by which link.
    pub(super) referrers: imbl::HashMap<Arc<str>, imbl::OrdSet<(Key, usize)>>,
    /// Per type: the serials of those that live, in order, so that the n-th is found without counting.
    pub(super) order: Vec<imbl::Vector<u64>>,
    /// Per type: how many were ever made.
    pub(super) made: Vec<u64>,
    pub(super) serial: u64,
    /// Changes since the scenario was loaded.
    pub(super) changes: u64,
    /// The other directories of the server, while a change is made that must look at them.
    pub(super) others: Option<Arc<[Arc<Snapshot>]>>,
}

/// Who holds an indexed value: nearly always one.
#[derive(Debug, Clone)]
pub(super) enum Holders {
    One(Key),
    Many(imbl::OrdSet<Key>),
}

impl Snapshot {
    /// A directory without resources.
    pub fn empty(layout: Arc<Layout>) -> Self {
        let (order, made) = (
            vec![imbl::Vector::new(); layout.types.len()],
            vec![0; layout.types.len()],
        );
        Self {
            layout,
            resources: imbl::OrdMap::new(),
            ids: imbl::HashMap::new(),
            values: imbl::HashMap::new(),
            referrers: imbl::HashMap::new(),
            order,
            made,
            serial: 0,
            changes: 0,
            others: None,
        }
    }

    /// The types, and what follows from them.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The resource of a type with this id.
    pub fn get(&self, kind: usize, id: &str) -> Option<&Arc<Resource>> {
        self.by_id(id).filter(|resource| resource.key.kind == kind)
    }

    /// The resource with this id, whatever its type.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Resource>> {
        self.resources.get(self.ids.get(id)?)
    }

    /// The resource with this id, or with this value of an attribute that is unique.
    pub fn known_as(&self, name: &str) -> Option<&Arc<Resource>> {
        self.by_id(name).or_else(|| {
            let unique = self.layout.indexed.iter().enumerate();
            let mut holders = unique
                .filter(|(_, index)| index.unique)
                .filter_map(|(number, index)| self.values.get(&(number, index.form(name))));
            self.at(*holders.next()?.keys().first()?)
        })
    }

    /// How many resources of a type there are.
    pub fn count(&self, kind: usize) -> usize {
        self.order.get(kind).map_or(0, imbl::Vector::len)
    }

    /// The resources of a type, oldest first.
    pub fn of_kind(&self, kind: usize) -> impl Iterator<Item = &Arc<Resource>> {
        let (from, to) = (
            Key { kind, serial: 0 },
            Key {
                kind: kind + 1,
                serial: 0,
            },
        );
        self.resources.range(from..to).map(|(_, resource)| resource)
    }

    /// Those of a type from the `from`-th (from 0) up to the `to`-th, oldest first.
    pub fn slice(
        &self,
        kind: usize,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = &Arc<Resource>> {
        let first = self.order.get(kind).and_then(|serials| serials.get(from));
        let start = Key {
            kind,
            serial: first.copied().unwrap_or(u64::MAX),
        };
        let end = Key {
            kind: kind + 1,
            serial: 0,
        };
        let all = self
            .resources
            .range(start..end)
            .map(|(_, resource)| resource);
        all.take(to.saturating_sub(from))
    }

    /// How many of its type are older than `key`.
    pub fn older(&self, key: Key) -> usize {
        self.order.get(key.kind).map_or(0, |serials| {
            serials.binary_search(&key.serial).unwrap_or_else(|at| at)
        })
    }

    /// Who points at a resource, and by which link (an index into [`Layout::links`]).
    pub fn referrers(&self, id: &str) -> impl Iterator<Item = (&Arc<Resource>, usize)> {
        let all = self.referrers.get(id).into_iter().flatten();
        all.filter_map(|(key, link)| self.resources.get(key).map(|resource| (resource, *link)))
    }

    /// The resources that can satisfy a filter, when an index tells; `None` when each must be looked at.
    ///
    /// Whoever is not among them does not match; whoever is must still be tested.
    pub fn candidates(&self, kind: usize, filter: &Filter) -> Option<Vec<Key>> {
        let types = &self.layout.types[kind];
        filter.equalities().into_iter().find_map(|(path, text)| {
            let Resolved::Attribute {
                extension,
                attribute,
                sub,
            } = types.resolve(path)?
            else {
                return None;
            };
            if extension.is_none() && attribute.name == "id" {
                return Some(
                    self.get(kind, text)
                        .map(|resource| resource.key)
                        .into_iter()
                        .collect(),
                );
            }
            let sub = sub.map(|sub| sub.name.as_str());
            if let Some(number) = self.layout.index_of(kind, extension, &attribute.name, sub) {
                let form = self.layout.indexed[number].form(text);
                return Some(
                    self.values
                        .get(&(number, form))
                        .map(Holders::keys)
                        .unwrap_or_default(),
                );
            }
            if attribute.link_targets().is_empty() || sub != Some("value") {
                return None;
            }
            // `members.value eq "…"` asks who points there; `groups.value eq "…"` asks where that one points.
            let pointing = self.layout.links_of(kind).find(|(_, link)| {
                link.extension.as_deref() == extension && link.attribute.name == attribute.name
            });
            let mut keys: Vec<Key> = match pointing {
                Some((number, _)) => self
                    .referrers(text)
                    .filter(|(_, link)| *link == number)
                    .map(|(resource, _)| resource.key)
                    .collect(),
                None => self
                    .reached_from(text)
                    .into_iter()
                    .filter(|key| key.kind == kind)
                    .collect(),
            };
            keys.sort_unstable();
            keys.dedup();
            Some(keys)
        })
    }

    /// Every resource that links to many lead to from this one, directly or by way of others.
    fn reached_from(&self, id: &str) -> HashSet<Key> {
        let mut reached = HashSet::new();
        let mut next: Vec<&Resource> = self.by_id(id).map(Arc::as_ref).into_iter().collect();
        while let Some(resource) = next.pop() {
            let links = resource
                .content
                .links
                .iter()
                .flat_map(|(_, set)| set.iter());
            for target in links.filter_map(|link| self.by_id(&link.value)) {
                if reached.insert(target.key) {
                    next.push(target);
                }
            }
        }
        reached
    }

    /// The resource at a key.
    pub fn at(&self, key: Key) -> Option<&Arc<Resource>> {
        self.resources.get(&key)
    }
}

impl Holders {
    pub(super) fn keys(&self) -> Vec<Key> {
        match self {
            Self::One(key) => vec![*key],
            Self::Many(keys) => keys.iter().copied().collect(),
        }
    }

    pub(super) fn with(&self, key: Key) -> Self {
        let mut all: imbl::OrdSet<Key> = match self {
            Self::One(one) => imbl::OrdSet::unit(*one),
            Self::Many(keys) => keys.clone(),
        };
        all.insert(key);
        Self::Many(all)
    }

    pub(super) fn without(&self, key: Key) -> Option<Self> {
        match self {
            Self::One(one) => (*one != key).then(|| self.clone()),
            Self::Many(keys) => {
                let keys = keys.without(&key);
                match keys.len() {
                    0 => None,
                    1 => keys.get_min().copied().map(Self::One),
                    _ => Some(Self::Many(keys)),
                }
            }
        }
    }
}

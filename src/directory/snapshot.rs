//! The resources of one tenant at one moment: immutable, shared in structure with the moments before and after it.

use super::index::{self, Index};
use super::layout::Layout;
use super::resource::{Key, Resource};
use super::tokens::Tokens;
use crate::scim::filter::Filter;
use crate::scim::resource_type::Resolved;
use jiff::SignedDuration;
use std::collections::HashSet;
use std::sync::Arc;

/// Everything of one moment. Cloning costs a few pointers.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) layout: Arc<Layout>,
    pub(super) resources: imbl::OrdMap<Key, Arc<Resource>>,
    /// Ids, and the values of the layout's indexes.
    pub(super) index: Index,
    /// By hash of the target's id: which resource points at it, by which link.
    pub(super) edges: imbl::OrdSet<(u64, Key, usize)>,
    /// Per type: the serials of those that live, in order, so that the n-th is found without counting.
    pub(super) order: Vec<imbl::Vector<u64>>,
    /// Per type: how many were ever made.
    pub(super) made: Vec<u64>,
    pub(super) serial: u64,
    /// Changes since the scenario was loaded.
    pub(super) changes: u64,
    /// How far the clock was moved on, besides what it does by itself.
    pub(super) advanced: SignedDuration,
    /// What clients were given to come in with.
    pub(super) tokens: Tokens,
    /// The other directories of the server, while a change is made that must look at them.
    pub(super) others: Option<Arc<[Arc<Snapshot>]>>,
}

/// The hash of an id, in the index and of edges.
pub(super) fn hash_of_id(id: &str) -> u64 {
    index::hash(usize::MAX, id)
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
            index: Index::default(),
            edges: imbl::OrdSet::new(),
            order,
            made,
            serial: 0,
            changes: 0,
            advanced: SignedDuration::ZERO,
            tokens: Tokens::default(),
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
        let may_be = self.index.holders(hash_of_id(id));
        may_be
            .filter_map(|key| self.at(key))
            .find(|resource| *resource.id == *id)
    }

    /// The resource with this id, or with this value of an attribute that is unique.
    pub fn known_as(&self, name: &str) -> Option<&Arc<Resource>> {
        self.by_id(name).or_else(|| self.unique(name, |_| true))
    }

    /// The first resource, of a type that suits, with this value of an attribute that is unique.
    pub(super) fn unique(
        &self,
        value: &str,
        suits: impl Fn(usize) -> bool,
    ) -> Option<&Arc<Resource>> {
        let unique = self.layout.indexed.iter().enumerate();
        let mut unique = unique.filter(|(_, index)| index.unique && suits(index.kind));
        unique.find_map(|(number, _)| {
            self.holding(number, &self.layout.indexed[number].form(value))
                .next()
        })
    }

    /// The resources that hold a value, which is given in the form in which the index of this number has it; oldest first.
    pub(super) fn holding(
        &self,
        number: usize,
        form: &str,
    ) -> impl Iterator<Item = &Arc<Resource>> {
        let index = &self.layout.indexed[number];
        let may_hold = self.index.holders(index::hash(number, form));
        may_hold
            .filter_map(|key| self.at(key))
            .filter(move |resource| index.forms(&resource.held).any(|it| it == form))
    }

    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// The resources that no scenario has, in the order in which they were made.
    pub fn made_by_clients(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values().filter(|resource| !resource.seeded)
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
        let (hash, last) = (
            hash_of_id(id),
            Key {
                kind: usize::MAX,
                serial: u64::MAX,
            },
        );
        let may_point = self
            .edges
            .range((hash, Key { kind: 0, serial: 0 }, 0)..=(hash, last, usize::MAX));
        may_point.filter_map(move |(_, key, link)| {
            let resource = self.at(*key)?;
            let points = self.layout.links[*link].points_at(&resource.held, id);
            points.then_some((resource, *link))
        })
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
            } = types.resolve(&path)?
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
                return Some(self.index.holders(index::hash(number, &form)).collect());
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
            let links = resource.held.links.iter().flat_map(|(_, set)| set.iter());
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

//! Links from one resource to many (RFC 7643 section 4.2: the members of a group), kept once, as edges.
//!
//! A set of links shares its structure with its copies: adding one to 100,000 costs what adding one to ten does.
//! It does not know what it points at; `Targets` describes that where a filter or an answer needs it.

use super::schema::Attribute;
use serde_json::{Map, Value};
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::sync::Arc;

/// One edge: the id it points at, and the other sub-attributes as the client gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The id of the target.
    pub value: Arc<str>,
    /// `display`, `type` and the like, without `value` and `$ref`.
    pub given: Map<String, Value>,
}

/// The edges of one attribute, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct LinkSet {
    order: imbl::OrdMap<u64, Arc<Link>>,
    /// By hash of the target, where in `order` its link is; two targets may share a hash.
    positions: imbl::OrdSet<(u64, u64)>,
    next: u64,
}

/// Tells what a link points at.
pub trait Targets {
    /// The link as an answer shows it: with `$ref`, `type` and names of the target where it is known.
    fn describe(&self, attribute: &Attribute, link: &Link) -> Value;
}

fn hash_of(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(value.as_bytes());
    hasher.finish()
}

impl LinkSet {
    /// How many.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The link to `value`.
    pub fn get(&self, value: &str) -> Option<&Arc<Link>> {
        let (_, position) = self.position(value)?;
        self.order.get(&position)
    }

    /// The entry of `positions` for `value`.
    fn position(&self, value: &str) -> Option<(u64, u64)> {
        let hash = hash_of(value);
        let mut may_be = self.positions.range((hash, 0)..=(hash, u64::MAX));
        let place = may_be.find(|(_, position)| {
            let link = self.order.get(position);
            link.is_some_and(|link| *link.value == *value)
        });
        place.copied()
    }

    /// All links, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Link>> {
        self.order.values()
    }

    /// Adds a link; `false` when the target is linked already, which changes nothing.
    pub fn insert(&mut self, link: Link) -> bool {
        if self.position(&link.value).is_some() {
            return false;
        }
        self.positions.insert((hash_of(&link.value), self.next));
        self.order.insert(self.next, Arc::new(link));
        self.next += 1;
        true
    }

    /// Takes a link away; `false` when there was none.
    pub fn remove(&mut self, value: &str) -> bool {
        let Some(place) = self.position(value) else {
            return false;
        };
        self.positions.remove(&place);
        self.order.remove(&place.1);
        true
    }

    /// What a list of links in its place leaves: a link is known by its target and its parts are immutable (RFC 7643 section 4.2),
    /// so that one whose target stays stays as it is.
    #[must_use]
    pub fn replaced_by(&self, wanted: impl IntoIterator<Item = Link>) -> Self {
        let stay = |link: Link| match self.get(&link.value) {
            Some(present) => Link::clone(present),
            None => link,
        };
        wanted.into_iter().map(stay).collect()
    }

    /// The targets that only `self` has, and those that only `other` has. What both share in structure is not walked.
    pub fn difference(&self, other: &Self) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
        use imbl::ordmap::DiffItem;
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for item in self.order.diff(&other.order) {
            let (old, new) = match item {
                DiffItem::Add(_, new) => (None, Some(new)),
                DiffItem::Remove(_, old) => (Some(old), None),
                DiffItem::Update { old, new } => (Some(old.1), Some(new.1)),
            };
            gone.extend(
                old.filter(|link| other.get(&link.value).is_none())
                    .map(|link| link.value.clone()),
            );
            come.extend(
                new.filter(|link| self.get(&link.value).is_none())
                    .map(|link| link.value.clone()),
            );
        }
        (gone, come)
    }

    /// Whether both point at the same targets with the same sub-attributes, in whatever order.
    pub fn same_as(&self, other: &Self) -> bool {
        self.order.ptr_eq(&other.order)
            || (self.len() == other.len()
                && self
                    .iter()
                    .all(|link| other.get(&link.value).is_some_and(|o| o == link)))
    }
}

impl FromIterator<Link> for LinkSet {
    fn from_iter<I: IntoIterator<Item = Link>>(links: I) -> Self {
        let mut set = Self::default();
        for link in links {
            set.insert(link);
        }
        set
    }
}

impl Link {
    /// The link that one validated value of a link attribute makes; `None` when it names no target.
    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut given) = value else {
            return None;
        };
        let reference = given.shift_remove("$ref");
        let target = match given.shift_remove("value") {
            Some(Value::String(id)) if !id.is_empty() => id,
            // A reference alone names its target by the last segment of the URI.
            _ => reference?
                .as_str()?
                .rsplit('/')
                .next()
                .filter(|id| !id.is_empty())?
                .to_owned(),
        };
        Some(Self {
            value: target.into(),
            given,
        })
    }
}

//! The same resources in two recordings: by what people and clients know them by, else by the order in which they came.

use super::{Entities, kind_word};
use std::collections::HashSet;

impl Entities {
    /// Gives the resources the names that they have in `other`. A name stays with the resource that has it; what `other` does not know
    /// gets the next free one.
    ///
    /// The same are resources of one type with a `userName`, `externalId` or `displayName` in common; what is left of a type is
    /// paired in order of appearance, for a client may invent names as it invents ids.
    pub fn adopt(&mut self, other: &Self) {
        let mut taken: HashSet<String> = HashSet::new();
        let adopted = self.known.iter().filter(|known| known.adopted);
        taken.extend(adopted.map(|known| known.name.clone()));
        let mut left = Vec::new();
        for at in 0..self.known.len() {
            if self.known[at].adopted {
                continue;
            }
            match self.alike(at, other, &taken) {
                Some(name) => self.rename(at, name, &mut taken),
                None => left.push(at),
            }
        }
        for at in std::mem::take(&mut left) {
            let kind = &self.known[at].kind;
            let next = other
                .known
                .iter()
                .find(|it| it.kind == *kind && !taken.contains(&it.name));
            match next.map(|it| it.name.clone()) {
                Some(name) => self.rename(at, name, &mut taken),
                None => left.push(at),
            }
        }
        for at in left {
            let kind = kind_word(self.known[at].kind.as_deref());
            let last = other.counts.get(&kind).copied().unwrap_or_default();
            let mut free = (last + 1..).map(|count| format!("{kind}#{count}"));
            if let Some(name) = free.find(|name| !taken.contains(name)) {
                self.rename(at, name, &mut taken);
            }
        }
    }

    fn rename(&mut self, at: usize, name: String, taken: &mut HashSet<String>) {
        taken.insert(name.clone());
        let known = &mut self.known[at];
        known.name = name;
        known.adopted = true;
    }

    /// The name of a resource of `other` that is known by the same, the surest handle first.
    fn alike(&self, at: usize, other: &Self, taken: &HashSet<String>) -> Option<String> {
        let own = &self.known[at];
        own.handles.iter().find_map(|handle| {
            let same = other.known.iter().find(|it| {
                it.kind == own.kind && !taken.contains(&it.name) && it.handles.contains(handle)
            });
            same.map(|it| it.name.clone())
        })
    }
}

//! Where values are looked up: from a hash to the resources that may hold it.
//!
//! An entry is a few words, whatever the value: a million users have millions of them. Two values may share a hash, so whoever
//! is found must still be asked what it holds; nobody who is not found holds it.

use super::resource::Key;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;

/// From hashes to resources. Cloning costs a pointer.
#[derive(Debug, Clone, Default)]
pub(super) struct Index(imbl::OrdMap<u64, Holders>);

/// Who may hold a value: nearly always one.
#[derive(Debug, Clone)]
enum Holders {
    One(Key),
    Many(imbl::OrdSet<Key>),
}

/// The hash of a value in the index of this number. It is the same in every process.
pub(super) fn hash(number: usize, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_usize(number);
    hasher.write(value.as_bytes());
    hasher.finish()
}

impl Index {
    /// Whoever may hold the value of this hash, oldest first.
    pub(super) fn holders(&self, hash: u64) -> impl Iterator<Item = Key> {
        let (one, many) = match self.0.get(&hash) {
            None => (None, None),
            Some(Holders::One(key)) => (Some(*key), None),
            Some(Holders::Many(keys)) => (None, Some(keys.iter().copied())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Adds one who holds the value of this hash.
    pub(super) fn insert(&mut self, hash: u64, key: Key) {
        // Nearly always nobody was there, and it was one way through the tree.
        let holders = match self.0.insert(hash, Holders::One(key)) {
            None => return,
            Some(Holders::One(one)) if one == key => return,
            Some(Holders::One(one)) => Holders::Many([one, key].into_iter().collect()),
            Some(Holders::Many(keys)) => Holders::Many(keys.update(key)),
        };
        self.0.insert(hash, holders);
    }

    /// Takes away one who held the value of this hash.
    pub(super) fn remove(&mut self, hash: u64, key: Key) {
        match self.0.get(&hash) {
            Some(Holders::One(one)) if *one == key => {
                self.0.remove(&hash);
            }
            Some(Holders::Many(keys)) => {
                let keys = keys.without(&key);
                let holders = match keys.get_min() {
                    Some(last) if keys.len() == 1 => Holders::One(*last),
                    _ => Holders::Many(keys),
                };
                self.0.insert(hash, holders);
            }
            _ => {}
        }
    }
}

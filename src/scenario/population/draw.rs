//! Chance that follows from a seed: each thing that is drawn has a name, so that drawing one more changes none of the others.

use crate::ids;

/// The draws about one thing.
pub(super) struct Draws(u64);

impl Draws {
    /// Those about the n-th of its kind.
    pub(super) fn new(seed: u64, kind: &str, n: usize) -> Self {
        Self(ids::draw(seed, kind, n as u64))
    }

    /// A number below `limit`.
    pub(super) fn number(&self, what: &str, limit: u64) -> u64 {
        self.nth(what, 0, limit)
    }

    /// The n-th number below `limit` of those with one name.
    pub(super) fn nth(&self, what: &str, n: u64, limit: u64) -> u64 {
        let wide = u128::from(ids::draw(self.0, what, n)) * u128::from(limit);
        (wide >> 64) as u64
    }

    /// The same, for what is counted in memory.
    pub(super) fn below(&self, what: &str, limit: usize) -> usize {
        usize::try_from(self.number(what, limit as u64)).unwrap_or(0)
    }

    /// One of a list, which must not be empty.
    pub(super) fn pick<'l, T>(&self, what: &str, list: &'l [T]) -> &'l T {
        &list[self.below(what, list.len())]
    }

    /// Whether something happens that happens so many times in a million.
    pub(super) fn chance(&self, what: &str, millionths: u64) -> bool {
        self.number(what, 1_000_000) < millionths
    }
}

//! Live traffic beside a recording: each exchange is held against the recorded one as it comes, ids bound as they become known.

use super::classes::Told;
use super::{Compared, message};
use crate::exchange::Exchange;
use crate::exchange::entities::Entities;

/// A recording that live exchanges are held against.
#[derive(Debug)]
pub struct Beside {
    recorded: Vec<Told>,
    seen: Vec<bool>,
    then: Entities,
    now: Entities,
}

impl Beside {
    /// Beside this recording.
    pub fn new(recorded: &[(u64, Exchange)]) -> Self {
        let then = Entities::of(recorded.iter().map(|(_, it)| it));
        let told = |(number, it): &(u64, Exchange)| Told::of(&then, *number, it);
        Self {
            seen: vec![false; recorded.len()],
            recorded: recorded.iter().map(told).collect(),
            now: Entities::default(),
            then,
        }
    }

    /// The next live exchange: the first recorded one that asks the same and was not met yet, else one with its method and path, and
    /// what is different.
    pub fn next(&mut self, number: u64, live: &Exchange) -> Compared {
        self.now.learn(live);
        self.now.adopt(&self.then);
        let live = Told::of(&self.now, number, live);
        let found = self
            .first(|told| told.key == live.key)
            .or_else(|| self.first(|told| is_alike(told, &live)));
        if let Some(at) = found {
            self.seen[at] = true;
        }
        message::compared(found.map(|at| &self.recorded[at]), Some(&live))
    }

    /// The recorded exchanges that were not met.
    pub fn missing(&self) -> impl Iterator<Item = Compared> {
        let all = self.recorded.iter().zip(&self.seen);
        all.filter(|(_, seen)| !**seen)
            .map(|(told, _)| message::compared(Some(told), None))
    }

    fn first(&self, fits: impl Fn(&Told) -> bool) -> Option<usize> {
        let mut all = self.recorded.iter().zip(&self.seen);
        all.position(|(told, seen)| !seen && fits(told))
    }
}

fn is_alike(told: &Told, live: &Told) -> bool {
    let (told, live) = (&told.exchange.request, &live.exchange.request);
    told.method == live.method && told.path == live.path
}

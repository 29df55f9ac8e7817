//! Live traffic beside a recording: each exchange is held against the recorded one as it comes, ids bound as they become known.

use super::align::LIKENESSES;
use super::classes::Told;
use super::{Compared, message};
use crate::exchange::Exchange;
use crate::exchange::entities::Entities;
use std::collections::{HashMap, VecDeque};

/// A recording that live exchanges are held against.
#[derive(Debug)]
pub struct Beside {
    recorded: Vec<Told>,
    seen: Vec<bool>,
    /// By each likeness, those that may not have been met yet.
    waiting: Vec<HashMap<String, VecDeque<usize>>>,
    then: Entities,
    now: Entities,
}

impl Beside {
    /// Beside this recording.
    pub fn new(recorded: &[(u64, Exchange)]) -> Self {
        let then = Entities::of(recorded.iter().map(|(_, it)| it));
        let told = recorded
            .iter()
            .map(|(number, it)| Told::of(&then, *number, it));
        let recorded: Vec<Told> = told.collect();
        let waiting = LIKENESSES.into_iter().map(|likeness| {
            let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
            for (at, told) in recorded.iter().enumerate() {
                waiting.entry(likeness(told)).or_default().push_back(at);
            }
            waiting
        });
        Self {
            seen: vec![false; recorded.len()],
            waiting: waiting.collect(),
            recorded,
            now: Entities::default(),
            then,
        }
    }

    /// The next live exchange: the first recorded one that asks the same and was not met yet, else the likest, and what is different.
    pub fn next(&mut self, number: u64, live: &Exchange) -> Compared {
        self.now.learn(live);
        self.now.adopt(&self.then);
        let live = Told::of(&self.now, number, live);
        let found = self.likest(&live);
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

    fn likest(&mut self, live: &Told) -> Option<usize> {
        let seen = &self.seen;
        let mut by_likeness = LIKENESSES.into_iter().zip(&mut self.waiting);
        by_likeness.find_map(|(likeness, waiting)| {
            let waiting = waiting.get_mut(&likeness(live))?;
            while waiting.front().is_some_and(|at| seen[*at]) {
                waiting.pop_front();
            }
            waiting.pop_front()
        })
    }
}

//! The moments that a directory has left behind, for as long as somebody may ask for them. Snapshots share what they have in common.

use super::Snapshot;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// How many moments are kept, however young: where time stands still, none ever grows old.
const MOST: usize = 1024;

#[derive(Debug)]
pub(super) struct History {
    keep: SignedDuration,
    /// The oldest first. Held as long as it takes to look or to add one.
    past: Mutex<VecDeque<Past>>,
}

#[derive(Debug)]
struct Past {
    /// When the next moment came.
    until: Timestamp,
    snapshot: Arc<Snapshot>,
}

impl History {
    /// Keeps what is not older than `keep`.
    pub(super) fn new(keep: SignedDuration) -> Self {
        Self {
            keep,
            past: Mutex::default(),
        }
    }

    /// Another of the same length, without a past.
    pub(super) fn begun_anew(&self) -> Self {
        Self::new(self.keep)
    }

    /// Forgets all: the present was left for another, whose past this is not.
    pub(super) fn forget(&self) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.clear();
    }

    /// `snapshot` was the present until `until`, which is now.
    pub(super) fn add(&self, snapshot: Arc<Snapshot>, until: Timestamp) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |it: &Past| until.duration_since(it.until) >= self.keep;
        while past.len() == MOST || past.front().is_some_and(is_old) {
            past.pop_front();
        }
        past.push_back(Past { until, snapshot });
    }

    /// What was the present at `instant`; `None` when it still is.
    pub(super) fn at(&self, instant: Timestamp) -> Option<Arc<Snapshot>> {
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let found = past.iter().find(|it| it.until > instant);
        found.map(|it| it.snapshot.clone())
    }
}

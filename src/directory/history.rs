//! The moments that a directory has left behind, for as long as somebody may ask for them. Snapshots share what they have in common.

use super::Snapshot;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many moments are kept, however young: where time stands still, none ever grows old.
const MOST: usize = 1024;

#[derive(Debug)]
pub(super) struct History {
    /// Held as long as it takes to look or to add one.
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    keep: SignedDuration,
    /// The oldest first.
    past: VecDeque<Past>,
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
        let past = VecDeque::new();
        Self {
            kept: Mutex::new(Kept { keep, past }),
        }
    }

    /// Keeps what is not older than `keep` too.
    pub(super) fn lengthen(&self, keep: SignedDuration) {
        let mut kept = self.kept();
        kept.keep = kept.keep.max(keep);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another of the same length, without a past.
    pub(super) fn begun_anew(&self) -> Self {
        Self::new(self.kept().keep)
    }

    /// Forgets all: the present was left for another, whose past this is not.
    pub(super) fn forget(&self) {
        self.kept().past.clear();
    }

    /// `snapshot` was the present until `until`, which is now.
    pub(super) fn add(&self, snapshot: Arc<Snapshot>, until: Timestamp) {
        let mut kept = self.kept();
        let Kept { keep, past } = &mut *kept;
        let is_old = |it: &Past| until.duration_since(it.until) >= *keep;
        while past.len() == MOST || past.front().is_some_and(is_old) {
            past.pop_front();
        }
        past.push_back(Past { until, snapshot });
    }

    /// What was the present at `instant`; `None` when it still is.
    pub(super) fn at(&self, instant: Timestamp) -> Option<Arc<Snapshot>> {
        let kept = self.kept();
        let found = kept.past.iter().find(|it| it.until > instant);
        found.map(|it| it.snapshot.clone())
    }
}

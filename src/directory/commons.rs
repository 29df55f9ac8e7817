//! What the directories of one server have in common: values that are unique everywhere (RFC 7643 section 7, `uniqueness: global`).
//!
//! Such a write takes its turn among all directories and looks at the present of the others. What two scenarios hold from the
//! start is not compared: a scenario is what its file says, and a fork is what it was forked from.

use super::snapshot::Snapshot;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The present of each directory that shares these commons. A directory that is dropped is gone from here too.
#[derive(Debug, Default)]
pub struct Commons(Mutex<Vec<Weak<ArcSwap<Snapshot>>>>);

/// Below so many, those that are dropped are not worth looking for.
const FEW: usize = 64;

/// A turn to write: while it is held, no other directory writes what is unique everywhere.
pub(super) struct Turn<'a>(MutexGuard<'a, Vec<Weak<ArcSwap<Snapshot>>>>);

impl Commons {
    fn all(&self) -> MutexGuard<'_, Vec<Weak<ArcSwap<Snapshot>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn join(&self, current: &Arc<ArcSwap<Snapshot>>) {
        let mut all = self.all();
        // Only where the list would grow: to join takes no longer among a thousand.
        if all.len() == all.capacity() {
            all.retain(|other| other.strong_count() > 0);
            let room = all.len().max(FEW);
            all.reserve(room);
        }
        all.push(Arc::downgrade(current));
    }

    /// Gives the place of one directory to the one that succeeds it, whoever still looks at the first.
    pub(super) fn hand_over(
        &self,
        before: &Arc<ArcSwap<Snapshot>>,
        current: &Arc<ArcSwap<Snapshot>>,
    ) {
        let mut all = self.all();
        all.retain(|other| other.as_ptr() != Arc::as_ptr(before) && other.strong_count() > 0);
        all.push(Arc::downgrade(current));
    }

    pub(super) fn turn(&self) -> Turn<'_> {
        Turn(self.all())
    }
}

impl Turn<'_> {
    /// This moment of each directory but the one whose turn it is.
    pub(super) fn others(&self, own: &Arc<ArcSwap<Snapshot>>) -> Vec<Arc<Snapshot>> {
        let others = self.0.iter().filter_map(Weak::upgrade);
        others
            .filter(|other| !Arc::ptr_eq(other, own))
            .map(|current| current.load_full())
            .collect()
    }
}

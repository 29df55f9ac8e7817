//! What the directories of one server have in common: values that are unique everywhere (RFC 7643 section 7, `uniqueness: global`).
//!
//! Such a write takes its turn among all directories and looks at the present of the others. What two scenarios hold from the
//! start is not compared: a scenario is what its file says.

use super::snapshot::Snapshot;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The present of each directory that shares these commons.
#[derive(Debug, Default)]
pub struct Commons(Mutex<Vec<Arc<ArcSwap<Snapshot>>>>);

/// The place of a directory in the commons.
#[derive(Debug, Clone)]
pub(super) struct Place {
    commons: Arc<Commons>,
    number: usize,
}

/// A turn to write: while it is held, no other directory writes what is unique everywhere.
pub(super) struct Turn<'a> {
    all: MutexGuard<'a, Vec<Arc<ArcSwap<Snapshot>>>>,
    number: usize,
}

impl Commons {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<ArcSwap<Snapshot>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn join(self: &Arc<Self>, current: Arc<ArcSwap<Snapshot>>) -> Place {
        let mut all = self.all();
        all.push(current);
        Place {
            commons: self.clone(),
            number: all.len() - 1,
        }
    }
}

impl Place {
    /// Gives the place to the directory that succeeds the one that had it.
    pub(super) fn hand_over(&self, current: Arc<ArcSwap<Snapshot>>) {
        self.commons.all()[self.number] = current;
    }

    pub(super) fn turn(&self) -> Turn<'_> {
        Turn {
            all: self.commons.all(),
            number: self.number,
        }
    }
}

impl Turn<'_> {
    /// This moment of each other directory.
    pub(super) fn others(&self) -> Vec<Arc<Snapshot>> {
        let others = self.all.iter().enumerate();
        others
            .filter(|(number, _)| *number != self.number)
            .map(|(_, current)| current.load_full())
            .collect()
    }
}

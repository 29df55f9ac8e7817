//! Moments of a directory that are kept, to return to: the one that it began with, and those that were marked. Each is a pointer.

use super::{Directory, Retired, Snapshot};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many moments of a directory may be marked. Each keeps what has changed since, and no more.
pub const MOST_CHECKPOINTS: usize = 100;

/// What a directory keeps of its past.
#[derive(Debug)]
pub(super) struct Moments {
    first: Arc<Snapshot>,
    marked: Mutex<Marked>,
}

#[derive(Debug, Default)]
struct Marked {
    by_name: BTreeMap<String, Arc<Snapshot>>,
    /// How many were ever named here.
    named: u64,
}

impl Moments {
    pub(super) fn new(first: Arc<Snapshot>) -> Self {
        Self {
            first,
            marked: Mutex::default(),
        }
    }

    fn marked(&self) -> MutexGuard<'_, Marked> {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    /// Makes `moment` the present: a pointer changes place, whatever the size of the directory. Ids and times go on from there.
    ///
    /// # Errors
    /// [`Retired`] when a reload came between.
    pub fn restore(&self, moment: Arc<Snapshot>) -> Result<(), Retired> {
        let retired = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if *retired {
            return Err(Retired);
        }
        if let Some(history) = self.history.get() {
            history.forget();
        }
        self.current.store(moment);
        Ok(())
    }

    /// Returns to the moment that it began with: what the scenario says, or what a fork was forked from.
    ///
    /// # Errors
    /// [`Retired`] when a reload came between.
    pub fn reset(&self) -> Result<(), Retired> {
        self.restore(self.moments.first.clone())
    }

    /// Marks this moment and returns the name of the mark: a new one if none is given. A name that is given again moves its mark.
    ///
    /// `None` when there would be more than [`MOST_CHECKPOINTS`].
    pub fn mark(&self, name: Option<&str>) -> Option<String> {
        let mut marked = self.moments.marked();
        let name = if let Some(name) = name {
            name.to_owned()
        } else {
            loop {
                marked.named += 1;
                let name = marked.named.to_string();
                if !marked.by_name.contains_key(&name) {
                    break name;
                }
            }
        };
        let is_new = !marked.by_name.contains_key(&name);
        if is_new && marked.by_name.len() >= MOST_CHECKPOINTS {
            return None;
        }
        let present = self.current.load_full();
        marked.by_name.insert(name.clone(), present);
        Some(name)
    }

    /// The moment that was marked by this name.
    pub fn marked(&self, name: &str) -> Option<Arc<Snapshot>> {
        self.moments.marked().by_name.get(name).cloned()
    }
}

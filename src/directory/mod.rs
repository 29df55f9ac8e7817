//! The directory: the resources of one tenant. Readers take the current snapshot and never wait; a writer builds the next one
//! and puts it in its place. It knows no HTTP and no files.

mod commit;
mod commons;
mod history;
mod index;
mod layout;
mod moments;
mod packed;
mod resource;
mod seed;
mod snapshot;
mod time;
mod tokens;
mod view;

use arc_swap::{ArcSwap, Guard};
pub use commit::Origin;
pub use commons::Commons;
use history::History;
pub use layout::{Layout, LinkAttribute};
pub use moments::MOST_CHECKPOINTS;
use moments::Moments;
pub use resource::{Key, Resource};
pub use seed::{SeedProblem, seed};
pub use snapshot::Snapshot;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
pub use time::NoTime;
pub use tokens::{MOST_TOKENS, Purpose, Token};
pub use view::{Shown, View};

/// The present of a tenant.
#[derive(Debug)]
pub struct Directory {
    origin: Origin,
    current: Arc<ArcSwap<Snapshot>>,
    moments: Moments,
    /// What it has in common with the other directories of its server, once it is among them.
    commons: Option<Arc<Commons>>,
    /// What came before the present, where somebody may ask for it.
    history: OnceLock<History>,
    /// Held while a writer works; `true` once another directory has taken this one's place.
    writer: Mutex<bool>,
}

/// The directory was replaced by a reload; the write belongs to its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retired;

impl Directory {
    /// A directory that begins with `snapshot`.
    pub fn new(origin: Origin, snapshot: Snapshot) -> Self {
        Self::at(origin, Arc::new(snapshot))
    }

    fn at(origin: Origin, snapshot: Arc<Snapshot>) -> Self {
        Self {
            origin,
            current: Arc::new(ArcSwap::new(snapshot.clone())),
            moments: Moments::new(snapshot),
            commons: None,
            history: OnceLock::new(),
            writer: Mutex::new(false),
        }
    }

    /// Another directory that begins with this moment of this one and goes its own way: a pointer is copied.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            history: self
                .history
                .get()
                .map_or_else(OnceLock::new, |it| it.begun_anew().into()),
            ..Self::at(self.origin.clone(), self.current.load_full())
        }
    }

    /// Takes a place among the directories of a server.
    pub fn join(&mut self, commons: &Arc<Commons>) {
        commons.join(&self.current);
        self.commons = Some(commons.clone());
    }

    /// Takes the place of the directory that this one succeeds.
    pub fn succeed(&mut self, before: &Self) {
        self.commons.clone_from(&before.commons);
        if let Some(commons) = &self.commons {
            commons.hand_over(&before.current, &self.current);
        }
    }

    /// What its ids and times follow from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What time it is in this directory: the time of its last change, where time stands still between changes.
    pub fn now(&self) -> jiff::Timestamp {
        self.snapshot().now(&self.origin)
    }

    /// Keeps, from now on, what is not older than `span`, for [`Self::snapshot_before`].
    pub fn remember(&self, span: jiff::SignedDuration) {
        let history = self.history.get_or_init(|| History::new(span));
        history.lengthen(span);
    }

    /// The moment that was the present `span` ago, as far as it is remembered.
    pub fn snapshot_before(&self, span: jiff::SignedDuration) -> Guard<Arc<Snapshot>> {
        let instant = self.now().checked_sub(span).unwrap_or(jiff::Timestamp::MIN);
        let before = self.history.get().and_then(|it| it.at(instant));
        before.map_or_else(|| self.snapshot(), Guard::from_inner)
    }

    /// This moment.
    pub fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// This moment, to keep.
    pub fn moment(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Lets `change` make the next moment out of this one, and puts it in place if it succeeds.
    ///
    /// # Errors
    /// [`Retired`] when a reload came between; else what `change` says, and nothing has happened.
    pub fn write<T, E>(
        &self,
        change: impl FnOnce(&mut Snapshot, &Origin) -> Result<T, E>,
    ) -> Result<Result<T, E>, Retired> {
        let retired = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if *retired {
            return Err(Retired);
        }
        let mut next = Snapshot::clone(&self.current.load());
        let shares = next.layout.indexed.iter().any(|index| index.everywhere);
        let commons = self.commons.as_ref().filter(|_| shares);
        let turn = commons.map(|commons| commons.turn());
        next.others = turn.as_ref().map(|it| it.others(&self.current).into());
        let changed = change(&mut next, &self.origin);
        next.others = None;
        if changed.is_ok() {
            if let Some(history) = self.history.get() {
                let until = next.now(&self.origin);
                history.add(self.current.load_full(), until);
            }
            self.current.store(Arc::new(next));
        }
        Ok(changed)
    }

    /// Ends this directory: `handover` sees its last moment, and no write comes after it.
    pub fn retire<T>(&self, handover: impl FnOnce(&Snapshot) -> T) -> T {
        let mut retired = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        *retired = true;
        handover(&self.current.load())
    }

    /// Takes over, from the last moment of the directory that this one succeeds, the tokens that were given out, so that clients need
    /// no new ones; with `time`, also how far its clock was moved on.
    pub fn inherit(&self, before: &Snapshot, time: bool) {
        let inherited = self.write(|next, _| {
            next.keep_tokens_of(before);
            if time {
                next.keep_time_of(before);
            }
            Ok::<_, std::convert::Infallible>(())
        });
        debug_assert!(
            inherited.is_ok(),
            "a directory that nobody has seen yet is not retired"
        );
    }

    /// Carries over what clients made in `before`, in their order; where the scenario's own resources are in the way, those stay.
    ///
    /// Returns what could not be carried over, and why.
    pub fn adopt(&self, before: &Snapshot) -> Vec<String> {
        let mut lost = Vec::new();
        let adopted = self.write(|next, _| {
            for resource in before.made_by_clients() {
                if let Err(error) = next.adopt(resource) {
                    lost.push(format!("{}: {}", resource.id, error.detail));
                }
            }
            Ok::<_, std::convert::Infallible>(())
        });
        debug_assert!(
            adopted.is_ok(),
            "a directory that nobody has seen yet is not retired"
        );
        lost
    }
}

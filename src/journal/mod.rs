//! The journal: the last exchanges of a server, to be searched, waited for and verified. It is bounded by their number and by their
//! bytes; the oldest fall out. Exchanges are read when somebody asks for them, and nobody sees one with its secrets.
//!
//! Readers take a moment of it, which shares everything with the journal and costs a few pointers; what is searched and explained
//! happens on that moment, without a lock. It knows no socket, and nothing of who asks.

mod condition;
mod entry;
mod expectation;
mod explain;
mod kept;
mod pattern;
mod query;
mod verdict;

pub use condition::{Condition, PathPattern, StatusPattern};
pub use entry::Entry;
pub use expectation::{Count, Expectation, Verification};
pub use kept::Told;
pub use pattern::{Malformed, Pattern};
pub use query::{Order, Query};
pub use verdict::{Failure, Miss, Verdict};

use crate::exchange::{Body, Exchange};
use crate::scim::Leniencies;
use bytes::Bytes;
use imbl::Vector;
use kept::Kept;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How much a journal keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes of memory, as far as they can be reckoned.
    pub bytes: usize,
    /// Bytes of one body. Of a larger one nothing is kept: a part might end in half a secret, which nothing would recognise.
    pub body: usize,
}

impl Bounds {
    /// A body as it is kept.
    pub fn kept(self, bytes: &Bytes, content_type: Option<&str>) -> Body {
        if bytes.len() > self.body {
            return Body::Cut { kept: Bytes::new() };
        }
        Body::read(bytes, content_type)
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            exchanges: 10_000,
            bytes: 64 * 1024 * 1024,
            body: 256 * 1024,
        }
    }
}

/// The last exchanges.
#[derive(Debug)]
pub struct Journal {
    bounds: Bounds,
    kept: Mutex<Moment>,
    /// The number of the newest entry.
    newest: watch::Sender<u64>,
}

/// What a journal holds at one moment, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    entries: Vector<Arc<Kept>>,
    bytes: usize,
    newest: u64,
    fallen: u64,
    newest_fallen: u64,
}

impl Journal {
    /// An empty journal.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
        }
    }

    /// What it keeps.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Adds an exchange with a tenant and returns its number. Numbers begin at 1, follow the order in which exchanges end, and never
    /// repeat. One that is larger than the whole journal falls out at once, and those before it too.
    pub fn add(
        &self,
        tenant: &str,
        exchange: Exchange,
        leniencies: Leniencies,
        fault: Option<String>,
    ) -> u64 {
        let told = Told {
            exchange,
            leniencies,
            fault,
        };
        self.keep(tenant, told.weight(), move || told)
    }

    /// The same with an exchange that `read` makes when somebody first looks at it, and that then takes about so many bytes.
    pub fn keep(
        &self,
        tenant: &str,
        bytes: usize,
        read: impl FnOnce() -> Told + Send + 'static,
    ) -> u64 {
        let tenant: Arc<str> = tenant.into();
        // What falls out is freed behind the lock.
        let mut fallen = Vec::new();
        let number = {
            let mut kept = self.lock();
            kept.newest += 1;
            kept.bytes += bytes;
            let number = kept.newest;
            kept.entries
                .push_back(Arc::new(Kept::new(number, tenant, bytes, read)));
            while kept.entries.len() > self.bounds.exchanges || kept.bytes > self.bounds.bytes {
                let Some(oldest) = kept.entries.pop_front() else {
                    break;
                };
                kept.bytes -= oldest.bytes;
                kept.fallen += 1;
                kept.newest_fallen = oldest.number;
                fallen.push(oldest);
            }
            number
        };
        // Two that are added at once may come here in any order.
        self.newest.send_if_modified(|newest| {
            let is_newer = *newest < number;
            *newest = number.max(*newest);
            is_newer
        });
        number
    }

    /// Has those who wait look again, for something that is no exchange.
    pub fn nudge(&self) {
        self.newest.send_modify(|_| {});
    }

    /// What is in it now.
    pub fn moment(&self) -> Moment {
        self.lock().clone()
    }

    /// Forgets the exchanges of a tenant, or of all. Numbers go on.
    pub fn clear(&self, tenant: Option<&str>) {
        let before = {
            let mut kept = self.lock();
            let before = kept.entries.clone();
            kept.entries
                .retain(|kept| tenant.is_some_and(|tenant| *kept.tenant != *tenant));
            kept.bytes = kept.entries.iter().map(|entry| entry.bytes).sum();
            if tenant.is_none() {
                kept.fallen = 0;
            }
            before
        };
        drop(before);
    }

    /// The number of the newest exchange, to wait for the next: whoever finds nothing in a [`Moment`] waits until this changes
    /// and looks again. Nothing is missed in between, as the journal itself is what is kept for those who are late.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Moment> {
        // Nothing that is done under the lock leaves a moment half made.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl Moment {
    /// The entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.iter().map(|kept| kept.entry())
    }

    /// The newest entry.
    pub fn latest(&self) -> Option<&Arc<Entry>> {
        self.entries.last().map(|kept| kept.entry())
    }

    /// The entry with this number, as long as it is kept.
    pub fn entry(&self, number: u64) -> Option<&Arc<Entry>> {
        let at = self
            .entries
            .binary_search_by_key(&number, |kept| kept.number);
        let kept = at.ok().and_then(|at| self.entries.get(at));
        kept.map(|kept| kept.entry())
    }

    /// How many exchanges are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The bytes of memory that they take, as far as they can be reckoned.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many exchanges fell out to make room, since all were forgotten.
    pub fn fallen(&self) -> u64 {
        self.fallen
    }

    /// The number of the newest exchange that fell out to make room; 0 when none did.
    pub fn newest_fallen(&self) -> u64 {
        self.newest_fallen
    }

    /// The number of the newest exchange that ever was.
    pub fn newest(&self) -> u64 {
        self.newest
    }
}

//! A recording that answers what it can beside a provider that lives: what a write to that provider could have changed since, the recording
//! answers no more (RFC 7644 sections 3.3 to 3.7 say what writes; discovery documents, section 4, are not written).
//!
//! What it holds to be changed is rather too much than too little: an answer that is asked of the provider again is right in any case.

use super::Player;
use crate::exchange::{base, canonical};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// With so many resources written to, everything counts as changed.
const MOST: usize = 100_000;

/// A recording beside a provider.
#[derive(Debug)]
pub struct Partial {
    player: Player,
    written: Mutex<Written>,
}

/// What was written to the provider since the recording was opened.
#[derive(Debug, Default)]
struct Written {
    /// By endpoint, the ids; a resource that was made has none yet.
    by_endpoint: HashMap<String, HashSet<String>>,
    count: usize,
    /// Whatever cannot be told.
    everything: bool,
}

/// Whether the recording may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    /// Unless the answer names a resource that was written to: a manager whose name has changed, say.
    HoldsUnlessNamed,
    Changed,
}

impl Partial {
    /// All of this recording.
    pub fn new(player: Player) -> Self {
        Self {
            player,
            written: Mutex::default(),
        }
    }

    /// How many exchanges it has.
    pub fn exchanges(&self) -> usize {
        self.player.exchanges()
    }

    /// What the recording answers; `None` when the request is to go on to the provider, which it is then taken to do.
    pub fn answer(
        &self,
        base: &str,
        request: &http::Request<Bytes>,
    ) -> Option<http::Response<Bytes>> {
        let path = base::relative_path(request.uri().path(), base)?;
        let place = Place::of(path);
        let is_write = is_write(request.method(), &place);
        let standing = self.written().standing(&place, is_write);
        let recorded = match standing {
            Standing::Changed => None,
            _ => self.player.play(base, request).ok(),
        };
        let recorded = recorded.filter(|response| {
            standing == Standing::Holds || !self.written().is_named_in(&place, response.body())
        });
        if recorded.is_none() && is_write {
            // Before it goes on: nobody may be told what was before while it is on its way.
            self.written().add(place);
        }
        recorded
    }

    /// A request that is too large to be a recorded one goes on to the provider.
    pub fn passes(&self, base: &str, method: &http::Method, path: &str) {
        let place = base::relative_path(path, base).map(Place::of);
        if let Some(place) = place.filter(|place| is_write(method, place)) {
            self.written().add(place);
        }
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        // Nothing that is done under the lock leaves it half done.
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a path is, in the words of RFC 7644 section 3.2; names are folded.
struct Place {
    endpoint: Option<String>,
    id: Option<String>,
    is_search: bool,
}

impl Place {
    fn of(path: &str) -> Self {
        let path = canonical::path(path);
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        // As `canonical::path` encodes it.
        let is_search = path.ends_with("/%2Esearch");
        let mut next = || segments.next().filter(|segment| *segment != "%2Esearch");
        let endpoint = next().map(str::to_lowercase);
        let id = next().map(|id| percent_encoding::percent_decode_str(id).decode_utf8_lossy());
        Self {
            id: id.map(std::borrow::Cow::into_owned),
            endpoint,
            is_search,
        }
    }
}

/// What is not known to change nothing changes something.
fn is_write(method: &http::Method, place: &Place) -> bool {
    !method.is_safe() && !place.is_search
}

impl Written {
    fn standing(&self, place: &Place, is_write: bool) -> Standing {
        const DISCOVERY: [&str; 3] = ["serviceproviderconfig", "resourcetypes", "schemas"];
        let endpoint = place.endpoint.as_deref().unwrap_or_default();
        if DISCOVERY.contains(&endpoint) || self.by_endpoint.is_empty() && !self.everything {
            return Standing::Holds;
        }
        let ids = self.by_endpoint.get(endpoint);
        let is_written = |id: &String| ids.is_some_and(|ids| ids.contains(id));
        if place.id.as_ref().is_some_and(is_written) {
            return Standing::Changed;
        }
        if is_write {
            return Standing::Holds;
        }
        // Users and groups show each other, and no link between other types is known here.
        let is_alone = ids.is_some() && self.by_endpoint.len() == 1;
        if !self.everything && is_alone && place.id.is_some() {
            Standing::HoldsUnlessNamed
        } else {
            Standing::Changed
        }
    }

    fn add(&mut self, place: Place) {
        const MANY: [&str; 2] = ["bulk", "me"];
        match place.endpoint {
            Some(endpoint) if self.count < MOST && !MANY.contains(&endpoint.as_str()) => {
                let ids = self.by_endpoint.entry(endpoint).or_default();
                if let Some(id) = place.id {
                    self.count += usize::from(ids.insert(id));
                }
            }
            _ => self.everything = true,
        }
    }

    fn is_named_in(&self, place: &Place, body: &Bytes) -> bool {
        fn names(value: &Value, ids: &HashSet<String>) -> bool {
            match value {
                Value::String(text) => ids.contains(text),
                Value::Array(items) => items.iter().any(|item| names(item, ids)),
                Value::Object(members) => members.values().any(|member| names(member, ids)),
                _ => false,
            }
        }
        let endpoint = place.endpoint.as_deref().unwrap_or_default();
        let Some(ids) = self.by_endpoint.get(endpoint).filter(|ids| !ids.is_empty()) else {
            return false;
        };
        serde_json::from_slice(body).is_ok_and(|value| names(&value, ids))
    }
}

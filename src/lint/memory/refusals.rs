//! Requests that were refused, and what was looked up since (RFC 7644 section 3.3, RFC 6585 section 4).

use super::ended;
use crate::lint::view::{Target, View};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many refusals are remembered.
const REFUSALS: usize = 256;

/// A client that was asked to wait.
#[derive(Debug, Clone)]
pub(crate) struct Wait {
    /// The exchange that asked.
    pub asked: u64,
    /// How many seconds.
    pub seconds: i64,
    /// Until when.
    pub until: Timestamp,
}

/// A write that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    /// The exchange.
    pub exchange: u64,
    /// With which status.
    pub status: u16,
    request: u64,
}

/// What was refused, and who is to wait.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    waits: VecDeque<(String, Wait)>,
    refused: VecDeque<Refused>,
}

/// A request as it is told from others: what it asks for, byte for byte.
fn request(view: &View<'_>) -> u64 {
    let asked = &view.exchange.request;
    let mut hasher = DefaultHasher::new();
    (&asked.method, &asked.path, &asked.query).hash(&mut hasher);
    asked.body.to_bytes().hash(&mut hasher);
    hasher.finish()
}

/// Who sent it.
pub(in crate::lint) fn client(view: &View<'_>) -> String {
    view.sent
        .header("user-agent")
        .unwrap_or_default()
        .to_owned()
}

impl Refusals {
    /// Whether this client was asked to wait, and it is too early.
    pub(crate) fn wait(&self, view: &View<'_>) -> Option<&Wait> {
        let client = client(view);
        let asked = self.waits.iter().rev().find(|it| it.0 == client)?;
        (view.exchange.at < asked.1.until).then_some(&asked.1)
    }

    /// The refusal of the same request before.
    pub(crate) fn same(&self, view: &View<'_>) -> Option<&Refused> {
        if self.refused.is_empty() {
            return None;
        }
        let request = request(view);
        self.refused.iter().rev().find(|it| it.request == request)
    }

    pub(super) fn note(&mut self, exchange: u64, view: &View<'_>) {
        let client = client(view);
        // Each is said once: who came too early has been told.
        self.waits
            .retain(|it| it.0 != client || view.exchange.at >= it.1.until);
        let after = view
            .got
            .header("retry-after")
            .and_then(|it| it.trim().parse().ok());
        if let (429 | 503, Some(seconds)) = (view.status, after)
            && let Ok(until) = ended(view).checked_add(SignedDuration::from_secs(seconds))
        {
            self.waits.push_back((
                client,
                Wait {
                    asked: exchange,
                    seconds,
                    until,
                },
            ));
        }
        let is_final = matches!(view.status, 400 | 403 | 405 | 413 | 415 | 422 | 501);
        if is_final && super::is_write(view) {
            self.refused.push_back(Refused {
                exchange,
                status: view.status,
                request: request(view),
            });
        }
        while self.waits.len() > REFUSALS {
            self.waits.pop_front();
        }
        while self.refused.len() > REFUSALS {
            self.refused.pop_front();
        }
    }
}

/// A create that met something that is there.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    /// The exchange.
    pub exchange: u64,
    kind: String,
    name: String,
}

/// The conflicts after which nothing was looked up.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    open: VecDeque<Conflict>,
}

/// What a client calls a resource that it makes.
fn name(view: &View<'_>) -> Option<(String, String)> {
    let ("POST", Target::Collection(kind)) = (view.method, view.target()) else {
        return None;
    };
    let resource = view.sent.resources.first()?;
    let mut names = ["userName", "displayName", "externalId"].into_iter();
    let name = names.find_map(|name| resource.text(name))?;
    Some((kind.name.clone(), name.to_lowercase()))
}

impl Conflicts {
    /// The conflict of the same resource, if nobody has looked since.
    pub(crate) fn unanswered(&self, view: &View<'_>) -> Option<&Conflict> {
        let (kind, name) = name(view)?;
        self.open
            .iter()
            .rev()
            .find(|it| it.kind == kind && it.name == name)
    }

    pub(super) fn note(&mut self, exchange: u64, view: &View<'_>) {
        if let (409, Some((kind, name))) = (view.status, name(view)) {
            self.open.retain(|it| it.kind != kind || it.name != name);
            self.open.push_back(Conflict {
                exchange,
                kind,
                name,
            });
        }
        if view.is_query() {
            let looked = view.target().kind().map(|kind| kind.name.as_str());
            self.open
                .retain(|it| looked.is_some_and(|kind| kind != it.kind));
        }
        while self.open.len() > REFUSALS {
            self.open.pop_front();
        }
    }
}

//! Redaction: what is replaced in an exchange before anybody sees it; the live traffic is never touched.
//!
//! Secrets always are (`secret`): each leaves what it was and a keyed tag, `{secret:password:1a2b3c4d}`, so that two can be told the same.
//! At the level `pii` persons are, too (`personal`): every personal value becomes a pseudonym of the same shape (`pseudonym`), the same
//! in a body, a path, a filter, a PATCH operation, so that what belonged together still does. Rules add to both (`rules`).
//!
//! Replacing twice changes nothing more, and replay does to incoming requests what was done to recorded ones, so that both still match.
//! Secrets alone are found by names and looks: no filter is parsed and no schema asked, unless a rule or a schema makes a secret of more.

pub mod check;
mod dates;
mod json;
mod key;
mod names;
mod personal;
mod placeholder;
mod prose;
mod pseudonym;
mod rules;
mod secret;
mod text;

pub use key::{Key, SHORTEST, ShortKey};
pub use placeholder::{Kind, alike};
pub use rules::{About, Action, Rule, Rules, Shape};

use super::walk::{self, Schemas};
use super::{Exchange, Request};
use crate::scim::schema::Returned;
use personal::Replacing;
use pseudonym::Pseudonyms;
use secret::Known;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How much is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// Secrets.
    #[default]
    Secrets,
    /// Secrets and persons.
    Pii,
}

impl Level {
    /// As a recording and a flag name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Pii => "pii",
        }
    }

    /// The level of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Secrets, Self::Pii]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// How many values of each kind were replaced.
pub type Tally = BTreeMap<&'static str, u64>;

/// Replaces what is to be replaced. A clone shares what was learned and counted.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Shared>);

#[derive(Default)]
struct Shared {
    level: Level,
    key: Option<Key>,
    rules: Rules,
    /// Made by the key at its first use; the stand-in's are only ever recognised.
    pseudonyms: std::sync::OnceLock<Pseudonyms>,
    learned: Mutex<Learned>,
    counts: Mutex<Tally>,
}

#[derive(Clone, Default)]
struct Learned {
    schemas: Arc<Schemas>,
    /// Whether a schema makes a secret of what its name does not announce.
    has_secrets: bool,
}

impl Redactor {
    /// Replaces at this level and by these rules. Without a key secrets leave no tag.
    pub fn new(level: Level, key: Option<Key>, rules: Rules) -> Self {
        Self(Arc::new(Shared {
            level,
            key,
            rules,
            ..Shared::default()
        }))
    }

    /// How much it replaces.
    pub fn level(&self) -> Level {
        self.0.level
    }

    /// Its key.
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// Learns schemas from a discovery document; other exchanges say nothing.
    pub fn learn(&self, exchange: &Exchange) {
        if !exchange.request.path.contains("/Schemas")
            && !exchange.request.path.contains("/ResourceTypes")
        {
            return;
        }
        let mut learned = self
            .0
            .learned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut schemas = Schemas::clone(&learned.schemas);
        if schemas.learn(exchange) {
            learned.has_secrets = schemas.attributes().any(|(_, attribute, sub)| {
                let of = sub.unwrap_or(attribute);
                of.returned == Returned::Never && !names::is_secret(&of.name)
            });
            learned.schemas = Arc::new(schemas);
        }
    }

    /// Replaces what is to be replaced in a request and its answer, and says how much that was.
    pub fn exchange(&self, exchange: &mut Exchange) -> Tally {
        self.learn(exchange);
        let mut work = self.work();
        let path = exchange.request.path.clone();
        work.request(&mut exchange.request);
        work.response(&path, &mut exchange.response);
        let tally = work.tally();
        if !tally.is_empty() {
            let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
            for (kind, count) in &tally {
                *counts.entry(kind).or_default() += count;
            }
        }
        tally
    }

    /// The same for a request alone.
    pub fn request(&self, request: &mut Request) {
        self.work().request(request);
    }

    /// How many values of each kind were replaced so far.
    pub fn counts(&self) -> Tally {
        self.0
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn work(&self) -> Work<'_> {
        let pii = self.0.level == Level::Pii;
        let walks = {
            let learned = self
                .0
                .learned
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            (pii || learned.has_secrets || self.0.rules.have_secrets())
                .then(|| learned.schemas.clone())
        };
        Work {
            shared: &self.0,
            known: Known::new(self.0.key.as_ref()),
            walks,
            personal: Vec::new(),
            words: HashSet::new(),
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("level", &self.0.level)
            .finish_non_exhaustive()
    }
}

/// What is done to one exchange.
struct Work<'r> {
    shared: &'r Shared,
    known: Known<'r>,
    walks: Option<Arc<Schemas>>,
    personal: Vec<&'static str>,
    words: HashSet<String>,
}

impl Work<'_> {
    fn request(&mut self, request: &mut Request) {
        secret::in_request(request, &mut self.known);
        if self.walks.is_some() {
            // Before the walk: a pseudonym beside what is left of a text could look like a secret that was never there.
            self.known.blot_request(request);
        }
        self.walk(|schemas, visit| walk::request(schemas, request, visit));
        self.known.blot_request(request);
    }

    fn response(&mut self, path: &str, response: &mut super::Response) {
        secret::in_response(response, &mut self.known);
        if self.walks.is_some() {
            self.known.blot_response(response);
        }
        self.walk(|schemas, visit| walk::response(schemas, path, response, visit));
        self.known.blot_response(response);
    }

    fn walk(&mut self, walk: impl FnOnce(&Schemas, &mut dyn walk::Visit)) {
        let Some(schemas) = self.walks.clone() else {
            return;
        };
        let shared = self.shared;
        let pseudonyms = shared
            .pseudonyms
            .get_or_init(|| Pseudonyms::new(shared.key.as_ref()));
        let mut replacing = Replacing {
            level: shared.level,
            rules: &shared.rules,
            schemas: &schemas,
            pseudonyms,
            known: &mut self.known,
            personal: std::mem::take(&mut self.personal),
            words: std::mem::take(&mut self.words),
        };
        walk(&schemas, &mut replacing);
        self.personal = replacing.personal;
        self.words = replacing.words;
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        let secrets = self.known.taken.iter().map(|kind| kind.name());
        for kind in secrets.chain(self.personal.iter().copied()) {
            *tally.entry(kind).or_default() += 1;
        }
        tally
    }
}

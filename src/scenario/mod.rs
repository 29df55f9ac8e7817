//! Scenario files: what a tenant starts with, as RON that people write and JSON that they paste.
//!
//! Loading returns a value and every problem that was found. The room ends where schemas begin: whether `active` may be
//! a string, and whom a member names, the directory says, and points back here through [`Entry::diagnostic`].
//!
//! - `lexer` with `literal`, `parser` with `recovery`, `node`: text to a tree with places; `json` passes over what needs no tree
//! - `reader`, `file` with `auth`, `oauth` and `credential`, `provider` with `decisions`, `profile`, `types`, `faults` with `then` and `words`: the tree to a
//!   [`Scenario`]; `file` is the format
//! - `extends`, `seeds`: the files that a scenario names; `population`: resources that are made instead of written
//! - `texts`, `source`, `secrets`, `diagnostic`, `entry`: where things stand, and how to say so
//! - `redaction`: a file of another kind, in the same notation: what is replaced in a recording beyond the usual
//! - `people` with `table` and `ldif`: the directory of an identity provider, as a scenario or in a form that other programs write
//! - `seeded`: the first moment of a directory, as its schemas have it
//! - `load`, `watch`: the way in, and again when the file changes

mod auth;
mod credential;
mod decisions;
mod diagnostic;
mod entry;
mod extends;
mod fault;
mod faults;
mod file;
mod json;
mod ldif;
mod lexer;
mod literal;
mod load;
mod node;
mod oauth;
mod parser;
mod people;
mod population;
mod profile;
mod provider;
mod reader;
mod recovery;
mod redaction;
mod restrictions;
mod secrets;
mod seeded;
mod seeds;
mod source;
mod table;
mod texts;
mod then;
mod types;
pub mod watch;
mod words;

pub use credential::{Access, Credential, OAuthClient, TOKEN_PATH, is_scope};
pub use diagnostic::{Diagnostic, Severity};
pub use entry::Entry;
pub use fault::{Delay, Fault, On, RetryAfter, Then, Window};
pub use load::{Draft, ReadError, Sound, draft, draft_alone, files_in, load, read};
pub use people::draft_people;
pub use profile::{PROFILES, Profile};
pub use provider::FIELDS as PROVIDER_FIELDS;
pub use redaction::redaction;
pub use seeded::of_scenario;
pub use source::Span;
pub use then::WAYS as FAULT_KINDS;
pub use words::read_faults;

use crate::clock::Clock;
use crate::ids::Ids;
use crate::scim::choices::Choices;
use crate::scim::discovery::Features;
use crate::scim::resource_type::ResourceType;
use crate::scim::restrictions::Restrictions;
use crate::scim::{Leniencies, Leniency, Strictness};
use std::path::PathBuf;
use std::sync::Arc;

/// The seed of a scenario that names none. Any number would do; this one is the protocol's.
pub const DEFAULT_SEED: u64 = 7644;

/// What a tenant is and starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file's stem, and the tenant's name.
    pub name: String,
    /// Ids, and whatever else is drawn, follow from it.
    pub seed: u64,
    /// Where `meta.created` and `meta.lastModified` come from.
    pub clock: Clock,
    /// How resources are named.
    pub ids: Ids,
    /// Who may come in. Empty: everybody, and no credentials are asked for.
    pub auth: Vec<Credential>,
    /// What the service provider can do.
    pub provider: Provider,
    /// The types of resources: User and Group, then the file's own.
    pub types: Vec<Arc<ResourceType>>,
    /// Resources of any type, by its place among the types.
    pub resources: Vec<(usize, Vec<Entry>)>,
    /// The users, in the order of the file.
    pub users: Vec<Entry>,
    /// The groups, in the order of the file.
    pub groups: Vec<Entry>,
    /// What some requests meet; the first that is for a request is the one.
    pub faults: Vec<Fault>,
    /// What becomes of the resources made at run time when the file changes.
    pub on_reload: OnReload,
}

impl Scenario {
    /// What `Scenario()` means.
    fn named(name: String) -> Self {
        Self {
            name,
            seed: DEFAULT_SEED,
            clock: Clock::System,
            ids: Ids::Uuid,
            auth: Vec::new(),
            provider: Provider::default(),
            types: vec![
                Arc::new(ResourceType::user()),
                Arc::new(ResourceType::group()),
            ],
            resources: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            faults: Vec::new(),
            on_reload: OnReload::Reset,
        }
    }
}

/// A file that the scenario names, as it was when the scenario was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it held; nothing if it could not be read.
    pub bytes: Vec<u8>,
}

/// What the service provider can do (RFC 7643 section 5) and how it takes what is not by the book.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provider {
    /// By the letter, or as real clients need it.
    pub strictness: Strictness,
    /// Departures from the letter that are accepted whatever the strictness.
    pub accept: Vec<Leniency>,
    /// Departures that are refused whatever the strictness.
    pub refuse: Vec<Leniency>,
    /// What is offered, and how much of it.
    pub features: Features,
    /// What is decided where the RFCs leave a choice.
    pub choices: Choices,
    /// What is not done of what RFC 7644 has.
    pub restrictions: Restrictions,
    /// What some requests meet, behind the faults of the scenario: how often the provider lets them ask, say.
    pub faults: Vec<Fault>,
}

impl Provider {
    /// Accepts these whatever was said of them before.
    fn accepts(&mut self, leniencies: &[Leniency]) {
        self.refuse.retain(|it| !leniencies.contains(it));
        self.accept.extend(leniencies);
    }

    /// Refuses these whatever was said of them before.
    fn refuses(&mut self, leniencies: &[Leniency]) {
        self.accept.retain(|it| !leniencies.contains(it));
        self.refuse.extend(leniencies);
    }

    /// The departures from the letter that this provider accepts.
    pub fn leniencies(&self) -> Leniencies {
        let accepted = self
            .accept
            .iter()
            .fold(Leniencies::from(self.strictness), |all, it| all.with(*it));
        self.refuse
            .iter()
            .fold(accepted, |all, it| all.without(*it))
    }
}

/// What becomes of the resources made at run time when the file changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnReload {
    /// They are gone; the directory is as the file says.
    #[default]
    Reset,
    /// They survive; the file's own are renewed.
    Keep,
}

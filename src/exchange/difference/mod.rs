//! What two recordings answer differently: exchanges paired by what was asked, resources by who they are, and what is new on every run
//! (ids, versions, cursors, instants, secrets) only by its kind.
//!
//! Compared are requests, statuses, bodies, and the header fields that SCIM gives a meaning (RFC 7644 section 3). Attributes
//! are named by SCIM paths, relative to their resource; elements of lists are paired by what they say, whatever their order (RFC 7643
//! section 2.4). It does not judge: that a value is new may be what was wanted.

mod align;
mod beside;
mod classes;
mod elements;
mod ignore;
mod message;
mod rule;
mod values;

pub use beside::Beside;
pub use ignore::Ignored;
pub use rule::{Rule, Severity};

use super::Exchange;
use super::entities::Entities;
use classes::Told;
use serde_json::Value;

/// A recorded exchange and the one that stands for it in the other recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The number of the exchange; `None` when only the other recording has it.
    pub before: Option<u64>,
    /// Its number in the other recording; `None` when only the first has it.
    pub after: Option<u64>,
    /// What was asked, with names for ids: `GET /Users/{user#1}`.
    pub asked: String,
    /// What is different.
    pub findings: Vec<Finding>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which kind of difference.
    pub rule: Rule,
    /// Whose message it is in.
    pub side: Party,
    /// The resource, where the message holds several or is not that resource itself: `user#1`.
    pub resource: Option<String>,
    /// The place: a SCIM path, `status`, `headers.location`, `query.filter`, `exchange`.
    pub path: String,
    /// What stood there.
    pub before: Option<Value>,
    /// What stands there now.
    pub after: Option<Value>,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The identity provider, or another client.
    Client,
    /// The service provider.
    Provider,
}

impl Party {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Provider => "provider",
        }
    }
}

impl Finding {
    /// `"Ann", now "Anna"`
    pub fn message(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{before}, now {after}"),
            (Some(before), None) => format!("{before}, now gone"),
            (None, Some(after)) => format!("new: {after}"),
            (None, None) => self.rule.help().to_owned(),
        }
    }
}

/// Compares two recordings, in the order of the first.
pub fn compare(before: &[(u64, Exchange)], after: &[(u64, Exchange)]) -> Vec<Compared> {
    let first = Entities::of(before.iter().map(|(_, it)| it));
    let mut second = Entities::of(after.iter().map(|(_, it)| it));
    second.adopt(&first);
    let told = |entities: &Entities, all: &[(u64, Exchange)]| -> Vec<Told> {
        all.iter()
            .map(|(number, it)| Told::of(entities, *number, it))
            .collect()
    };
    let (before, after) = (told(&first, before), told(&second, after));
    let pairs = align::pairs(&before, &after);
    pairs
        .into_iter()
        .map(|(a, b)| message::compared(a.map(|at| &before[at]), b.map(|at| &after[at])))
        .collect()
}

/// Compares two exchanges that are known to stand for each other, with one set of names for both: the ids of the second are those of
/// the first where they mean the same.
pub fn compare_pair(
    entities: &Entities,
    before: (u64, &Exchange),
    after: (u64, &Exchange),
) -> Compared {
    let told = |(number, exchange)| Told::of(entities, number, exchange);
    message::compared(Some(&told(before)), Some(&told(after)))
}

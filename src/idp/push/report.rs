//! What a cycle did, as it goes and in sum.

use crate::idp::state::Quarantine;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// So many changes of one kind come next.
    Phase {
        /// `people`, `groups`, `memberships`, `managers`, `deletions`.
        phase: &'static str,
        /// How many.
        changes: usize,
    },
    /// A change was made.
    Done {
        /// User name or display name.
        whom: String,
        /// What was to be done.
        act: String,
        /// What was done: `created`, `linked`, `updated`, `deactivated`, `deleted`, `members`.
        what: &'static str,
    },
    /// A change was not made.
    Failed(FailedChange),
    /// Nothing is sent for a while.
    Waits {
        /// How long, by the clock of the job.
        span: Duration,
        /// Why.
        reason: String,
    },
    /// Something of the directory is not pushed.
    LeftOut(String),
    /// Something that is good to know.
    Note(String),
}

/// A change that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedChange {
    /// User name or display name.
    pub whom: String,
    /// What was to be done.
    pub act: String,
    /// Why it was not.
    pub trouble: String,
    /// The status that was answered, if one was.
    pub status: Option<u16>,
    /// What the identity provider does next.
    pub next: &'static str,
}

/// What a cycle came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Changes that were made, by what was done.
    pub done: BTreeMap<&'static str, u64>,
    /// Requests that were sent.
    pub requests: u64,
    /// How many of them reached somebody.
    pub answered: u64,
    /// How often it was waited before a request was sent again.
    pub waits: u64,
    /// Changes that were not made.
    pub failed: Vec<FailedChange>,
    /// What of the directory is not pushed.
    pub left_out: Vec<String>,
    /// Why the cycle ended early.
    pub stopped: Option<String>,
    /// Nothing is pushed until then.
    pub quarantine: Option<Quarantine>,
}

impl Report {
    pub(super) fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// Whether all that is wanted is there.
    pub fn is_good(&self) -> bool {
        self.failed.is_empty() && self.stopped.is_none() && self.quarantine.is_none()
    }

    /// Whether nobody was there to be asked.
    pub fn is_unreachable(&self) -> bool {
        self.requests > 0 && self.answered == 0
    }

    /// How many changes were made.
    pub fn changes(&self) -> u64 {
        self.done.values().sum()
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let failed = self.failed.iter();
        let failed: Vec<Value> = failed
            .map(|it| {
                json!({
                    "whom": it.whom,
                    "act": it.act,
                    "trouble": it.trouble,
                    "status": it.status,
                    "next": it.next,
                })
            })
            .collect();
        let quarantine = self.quarantine.as_ref();
        json!({
            "good": self.is_good(),
            "done": self.done,
            "requests": self.requests,
            "waits": self.waits,
            "failed": failed,
            "left_out": self.left_out,
            "stopped": self.stopped,
            "quarantine": quarantine.map(|it| json!({
                "reason": it.reason,
                "since": it.since.to_string(),
                "next": it.next.to_string(),
                "tries": it.tries,
                "disabled": it.disabled,
            })),
        })
    }
}

//! What differs between identity providers by a word, as data.

use std::time::Duration;

/// What becomes of somebody who is no longer in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deprovision {
    /// They stay and may not log in.
    Deactivate,
    /// They are gone.
    Delete,
}

/// How it is found out who is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// One is asked for.
    Filter,
    /// All are listed, in pages of so many, and compared here.
    List(usize),
}

/// An identity provider's habits.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a habit of its own, and all combinations are real"
)]
pub struct Ways {
    /// What is sent with every request.
    pub headers: &'static [(&'static str, &'static str)],
    /// What a body is said to be.
    pub content_type: &'static str,
    /// How people are matched before they are made.
    pub matching: Match,
    /// Whether the probe is sent at the start of every cycle, and has to find nothing.
    pub probes_each_cycle: bool,
    /// Whether groups are pushed.
    pub pushes_groups: bool,
    /// Whether people are made who may not log in.
    pub creates_inactive: bool,
    /// Whether an attribute that has no value any more is taken away there.
    pub clears: bool,
    /// Whether a manager goes with the rest of a person, once it is there.
    pub manager_in_profile: bool,
    /// What becomes of people who leave, and whether that can be chosen.
    pub leaving: Deprovision,
    /// What may be chosen besides.
    pub may_delete: bool,
    /// How long somebody who has left is kept before they are deleted.
    pub purge_after: Option<Duration>,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

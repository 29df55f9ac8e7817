//! Time as an argument: the only file that reads the system clock.
//!
//! A scenario's clock is a function of how many changes a directory has seen, so that equal histories have equal times.

use jiff::{SignedDuration, Timestamp};

/// Where a tenant's `meta.created` and `meta.lastModified` come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The time of day.
    System,
    /// Always this instant.
    Fixed(Timestamp),
    /// This instant for the scenario's own resources, and `by` later with every change.
    Step {
        /// The instant of change 0.
        from: Timestamp,
        /// The length of one step.
        by: SignedDuration,
    },
}

impl Clock {
    /// The instant of change number `change` (0 while a scenario is loaded). A step that leaves the calendar stays at its end.
    pub fn at(self, change: u64) -> Timestamp {
        match self {
            Self::System => now(),
            Self::Fixed(instant) => instant,
            Self::Step { from, by } => i32::try_from(change)
                .ok()
                .and_then(|n| by.checked_mul(n))
                .and_then(|span| from.checked_add(span).ok())
                .unwrap_or(Timestamp::MAX),
        }
    }
}

/// The time of day, for what is not part of a scenario: when an exchange was recorded, how long it took.
#[allow(clippy::disallowed_methods, reason = "this is the one place that may")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

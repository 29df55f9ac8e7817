//! What time it is in a directory, and moving it on: how far its clock was moved belongs to the moment, like everything else, so that a
//! fork inherits it and a return to an earlier moment takes it back.

use super::{Directory, Origin, Retired, Snapshot};
use jiff::{SignedDuration, Timestamp};

/// Why a clock was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTime {
    /// It would go back; it is so late now.
    #[error(
        "the clock is at {0} and does not go back; a reset returns to the time of the scenario"
    )]
    Past(Timestamp),
    /// The calendar ends before.
    #[error("the calendar ends before that, at {}", Timestamp::MAX)]
    Beyond,
}

impl Snapshot {
    /// What time it is at this moment, by the clock of its directory.
    pub fn now(&self, origin: &Origin) -> Timestamp {
        let own = origin.clock.at(self.changes);
        own.checked_add(self.advanced).unwrap_or(Timestamp::MAX)
    }

    /// How far the clock was moved on.
    pub fn advanced(&self) -> SignedDuration {
        self.advanced
    }

    /// Takes over how far the clock of another moment was moved on.
    pub(super) fn keep_time_of(&mut self, other: &Self) {
        self.advanced = other.advanced;
    }
}

impl Directory {
    /// Moves the clock on by `span`. Where time flows it flows on from there.
    ///
    /// # Errors
    /// [`Retired`] when a reload came between; [`NoTime`] for a span below zero or beyond the calendar.
    pub fn advance(&self, span: SignedDuration) -> Result<Result<(), NoTime>, Retired> {
        self.write(|next, origin| {
            let now = next.now(origin);
            if span.is_negative() {
                return Err(NoTime::Past(now));
            }
            now.checked_add(span).map_err(|_| NoTime::Beyond)?;
            next.advanced = next.advanced.checked_add(span).ok_or(NoTime::Beyond)?;
            Ok(())
        })
    }

    /// Moves the clock on to `instant`.
    ///
    /// # Errors
    /// [`Retired`] when a reload came between; [`NoTime`] for an instant that is past.
    pub fn advance_to(&self, instant: Timestamp) -> Result<Result<(), NoTime>, Retired> {
        self.write(|next, origin| {
            let now = next.now(origin);
            let span = instant.duration_since(now);
            if span.is_negative() {
                return Err(NoTime::Past(now));
            }
            next.advanced = next.advanced.checked_add(span).ok_or(NoTime::Beyond)?;
            Ok(())
        })
    }
}

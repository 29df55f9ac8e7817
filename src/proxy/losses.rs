//! What could not be recorded: how many exchanges, since when, why, and what is said about it, which is not a line for each of them.

use crate::clock;
use crate::exchange::FolderError;
use jiff::Timestamp;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So long nothing more is said.
const PAUSE: Duration = Duration::from_secs(10);

/// Why an exchange is not in the recording.
#[derive(Debug, thiserror::Error)]
pub(super) enum Loss {
    /// Its file could not be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The disk did not take it, or its client had left before the disk did.
    #[error(
        "the disk did not take its file within {} s; record to a faster one, or wait longer with --record-timeout", .0.as_secs()
    )]
    Slow(Duration),
    /// The program ended before.
    #[error("the program ended before the disk took its file; record to a faster one")]
    Unfinished,
    /// A mistake in this program.
    #[error("a defect of scimulate; please report the panic that was printed")]
    Defect,
}

/// The losses so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// How many exchanges.
    pub count: u64,
    /// When the first of them was lost.
    pub since: Timestamp,
    /// Why the last was.
    pub reason: String,
    /// Whether nothing was recorded after it.
    pub is_losing: bool,
}

/// Something to be said about losses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// So many exchanges, since the last notice, are not recorded.
    Losing {
        /// How many.
        count: u64,
        /// Why the last is not.
        reason: String,
    },
    /// Exchanges are recorded again.
    Recording {
        /// How many were lost until then, since the recording began.
        lost: u64,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Losing { count: 1, reason } => {
                write!(
                    f,
                    "an exchange is not recorded, and the traffic goes on: {reason}"
                )
            }
            Self::Losing { count, reason } => {
                write!(
                    f,
                    "{count} more exchanges are not recorded, the last because: {reason}"
                )
            }
            Self::Recording { lost: 1 } => f.write_str("recording again; 1 exchange is lost"),
            Self::Recording { lost } => write!(f, "recording again; {lost} exchanges are lost"),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Losses {
    state: Mutex<State>,
    /// Whether the last exchange was lost. Every exchange looks here.
    is_losing: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    lost: Option<Lost>,
    /// Whether it was said that exchanges are lost, and not yet that they are not any more.
    is_said: bool,
    /// How many were lost since something was said.
    unsaid: u64,
    said: Option<Instant>,
}

impl Losses {
    /// Counts one, and says what is to be said about it.
    pub(super) fn add(&self, loss: &Loss) -> Option<Notice> {
        let (reason, now) = (loss.to_string(), Instant::now());
        let mut state = self.lock();
        self.is_losing.store(true, Ordering::Relaxed);
        let lost = state.lost.get_or_insert_with(|| Lost {
            count: 0,
            since: clock::now(),
            reason: String::new(),
            is_losing: true,
        });
        lost.count += 1;
        lost.is_losing = true;
        lost.reason.clone_from(&reason);
        state.unsaid += 1;
        if state.said.is_some_and(|said| now - said < PAUSE) {
            return None;
        }
        state.said = Some(now);
        state.is_said = true;
        let count = std::mem::take(&mut state.unsaid);
        Some(Notice::Losing { count, reason })
    }

    /// An exchange is recorded.
    pub(super) fn none(&self) -> Option<Notice> {
        if !self.is_losing.load(Ordering::Relaxed) {
            return None;
        }
        let mut state = self.lock();
        self.is_losing.store(false, Ordering::Relaxed);
        let is_said = std::mem::take(&mut state.is_said);
        let lost = state.lost.as_mut()?;
        lost.is_losing = false;
        let lost = lost.count;
        is_said.then_some(Notice::Recording { lost })
    }

    pub(super) fn count(&self) -> u64 {
        self.lock().lost.as_ref().map_or(0, |lost| lost.count)
    }

    pub(super) fn lost(&self) -> Option<Lost> {
        self.lock().lost.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock leaves it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The clock of a job: how long a cycle, a back-off, a quarantine take. It is an argument, so that 40 minutes can pass in a second.

use crate::clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A clock, and how one waits by it.
#[derive(Debug)]
pub enum Pace {
    /// The time of day, so many times as fast.
    Running {
        /// How many times as fast.
        speed: f64,
        /// Where it begins.
        from: Timestamp,
        /// When that was, by the time of day.
        begun: Timestamp,
    },
    /// It stands still, and moves on by what is waited for.
    Waiting(Mutex<Timestamp>),
}

impl Pace {
    /// A clock that runs, and has not gone back since it was looked at last, whatever its speed was then.
    pub fn running(speed: f64, latest: Option<Timestamp>) -> Self {
        let begun = clock::now();
        let from = latest.map_or(begun, |latest| latest.max(begun));
        Self::Running { speed, from, begun }
    }

    /// A clock that waits for nobody.
    pub fn waiting(from: Timestamp) -> Self {
        Self::Waiting(Mutex::new(from))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Running { speed, from, begun } => {
                let passed = clock::now().duration_since(*begun).as_secs_f64() * speed;
                let passed = SignedDuration::try_from_secs_f64(passed).ok();
                let now = passed.and_then(|it| from.checked_add(it).ok());
                now.unwrap_or(Timestamp::MAX)
            }
            Self::Waiting(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// This much later.
    pub fn after(&self, span: Duration) -> Timestamp {
        later(self.now(), span)
    }

    /// Waits so long by this clock.
    pub async fn wait(&self, span: Duration) {
        match self {
            Self::Running { speed, .. } => tokio::time::sleep(span.div_f64(*speed)).await,
            Self::Waiting(now) => {
                let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                *now = later(*now, span);
            }
        }
    }
}

/// `at` and a span behind it; the end of the calendar where that is beyond it.
pub fn later(at: Timestamp, span: Duration) -> Timestamp {
    let span = SignedDuration::try_from(span).ok();
    let later = span.and_then(|span| at.checked_add(span).ok());
    later.unwrap_or(Timestamp::MAX)
}

//! What each identity provider makes of a failure: wait and try again, leave it to the next cycle, give it up, stop. Pure.
//!
//! | who | what | how sure |
//! | --- | --- | --- |
//! | Okta | 429: the job pauses; `Retry-After` in whole seconds to the letter, otherwise 5 minutes; then twice as long each time, ten attempts, then it is a task that somebody has to retry | H docs/concepts/scim |
//! | Okta | 400 is never tried again; 501 to a PATCH is a failed task and no PUT | M fleet#52600; H okta-blog-archive#1956 |
//! | Okta | an answer of 5xx, or none at all: the change waits for the next run or the next change of the directory | L |
//! | Entra | what failed is tried in the next cycle, about 40 minutes later | H how-provisioning-works |
//! | Entra | 429 and `Retry-After`: as any failure | L, not documented |
//! | Entra | quarantine: at once when credentials or the probe fail; else when 5,000 have failed and more than 40 of a hundred, or 40,000; 60,000 references included | H quarantine-status |
//! | Entra | in quarantine: tried again after 6, 12, 24 hours, then every 24; not any more after four weeks | H quarantine-status |
//! | Oracle | three attempts, 1 second apart and then twice as long; `Retry-After` in seconds is kept to; what is left waits for the next run | L |

use super::dialect::Dialect;
use super::pace::later;
use super::state::{Job, Quarantine};
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// About every 40 minutes (H).
const CYCLE: Duration = Duration::from_mins(40);
const HOUR: u64 = 60 * 60;
const WEEKS: Duration = Duration::from_secs(4 * 7 * 24 * HOUR);
/// Okta's pause where nothing says how long (H).
const PAUSE: Duration = Duration::from_mins(5);
const OKTA_ATTEMPTS: u32 = 10;
const ORACLE_ATTEMPTS: u32 = 3;

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// It was never sent.
    Unreachable(String),
    /// It was sent, and whether it was done is not known.
    Unanswered(String),
    /// It was refused.
    Refused {
        /// The status.
        status: u16,
        /// What `Retry-After` says, in whole seconds.
        retry_after: Option<Duration>,
        /// `scimType` and `detail`, if there are some.
        detail: String,
    },
    /// It was answered with something else than it should be.
    NotScim(String),
}

impl Trouble {
    /// The status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether it may have been done all the same.
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Unreachable(_) => false,
            Self::Unanswered(_) | Self::NotScim(_) => true,
            Self::Refused { status, .. } => *status >= 500,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Unanswered(why) | Self::NotScim(why) => f.write_str(why),
            Self::Refused { status, detail, .. } if detail.is_empty() => write!(f, "{status}"),
            Self::Refused { status, detail, .. } => write!(f, "{status}: {detail}"),
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same again, so much later.
    Again(Duration),
    /// In the next cycle.
    NextCycle,
    /// Not until somebody changes something.
    GivenUp,
    /// Nothing else is sent either.
    Stop,
}

impl Verdict {
    /// What it means, for people.
    pub fn explain(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::Again(_), _) => "tries again",
            (Self::NextCycle, Dialect::Entra | Dialect::EntraFlag) => {
                "Entra ID tries it again in the next cycle"
            }
            (Self::NextCycle, _) => "it is tried again with the next change, or in the next run",
            (Self::GivenUp, Dialect::Okta | Dialect::OktaAiw) => {
                "Okta makes a failed task of it, and waits for an admin to retry it"
            }
            (Self::GivenUp, _) => "it is given up until the person changes",
            (Self::Stop, Dialect::Entra | Dialect::EntraFlag) => {
                "Entra ID puts the job into quarantine"
            }
            (Self::Stop, _) => "nothing else is sent: the credentials are refused",
        }
    }
}

/// What `dialect` does after `attempts` that ended in this.
pub fn judge(dialect: Dialect, trouble: &Trouble, attempts: u32) -> Verdict {
    if matches!(trouble.status(), Some(401 | 403)) {
        return Verdict::Stop;
    }
    let passes = match trouble {
        Trouble::Unreachable(_) | Trouble::Unanswered(_) => true,
        Trouble::Refused { status, .. } => *status == 429 || (*status >= 500 && *status != 501),
        Trouble::NotScim(_) => false,
    };
    let said = match trouble {
        Trouble::Refused { retry_after, .. } => *retry_after,
        _ => None,
    };
    let doubled = |first: Duration| first.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    match dialect {
        Dialect::Okta | Dialect::OktaAiw => match trouble.status() {
            Some(429) if attempts < OKTA_ATTEMPTS => Verdict::Again(said.unwrap_or(doubled(PAUSE))),
            _ if passes && trouble.status() != Some(429) => Verdict::NextCycle,
            _ => Verdict::GivenUp,
        },
        Dialect::Oracle if passes && attempts < ORACLE_ATTEMPTS => {
            Verdict::Again(said.unwrap_or(doubled(Duration::from_secs(1))))
        }
        Dialect::Entra | Dialect::EntraFlag | Dialect::Oracle => Verdict::NextCycle,
    }
}

/// `Retry-After` as Okta reads it: whole seconds, and nothing else.
pub fn retry_after(header: &str) -> Option<Duration> {
    header.trim().parse().ok().map(Duration::from_secs)
}

/// When the next cycle begins by itself, if one does.
pub fn next_cycle(dialect: Dialect, job: &Job, now: Timestamp) -> Option<Timestamp> {
    match (&job.quarantine, dialect) {
        (Some(quarantine), _) => (!quarantine.disabled).then_some(quarantine.next),
        (None, Dialect::Entra | Dialect::EntraFlag) => Some(later(now, CYCLE)),
        (None, _) => None,
    }
}

/// What a cycle came to, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Changes of people and groups that were tried.
    pub tried: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many references (members, managers) failed.
    pub references_failed: u64,
}

/// Why the job is put into quarantine after a cycle that ended so; `stopped` is why it ended early.
pub fn quarantine(dialect: Dialect, tally: Tally, stopped: Option<&str>) -> Option<String> {
    if !matches!(dialect, Dialect::Entra | Dialect::EntraFlag) {
        return None;
    }
    if let Some(why) = stopped {
        return Some(why.to_owned());
    }
    let Tally {
        tried,
        failed,
        references_failed,
    } = tally;
    let share = failed * 100 > tried * 40;
    if failed >= 5_000 && share {
        return Some(format!(
            "{failed} of {tried} failed: at least 5,000, and more than 40 of a hundred"
        ));
    }
    if failed > 40_000 {
        return Some(format!("{failed} failed: more than 40,000"));
    }
    let all = failed + references_failed;
    (all > 60_000).then(|| format!("{all} failed, references included: more than 60,000"))
}

/// The quarantine after one more cycle that ended in it.
pub fn prolonged(before: Option<&Quarantine>, reason: String, now: Timestamp) -> Quarantine {
    let tries = before.map_or(0, |it| it.tries + 1);
    let since = before.map_or(now, |it| it.since);
    let hours = match tries {
        0 => 6,
        1 => 12,
        _ => 24,
    };
    Quarantine {
        reason,
        since,
        next: later(now, Duration::from_secs(hours * HOUR)),
        tries,
        disabled: now >= later(since, WEEKS),
    }
}

//! Faults as data: which requests they are for, and what those meet. The room `faults` chooses among them and says what is drawn.

use crate::scim::filter::Filter;
use jiff::SignedDuration;
use serde_json::Value;
use std::time::Duration;

/// What some requests meet in place of, or around, their answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Which requests.
    pub on: On,
    /// What they meet.
    pub then: Then,
    /// Whether the operation is carried out although its answer never comes, or says otherwise.
    pub carried_out: bool,
}

/// Which requests a fault is for: those that are all of this.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct On {
    /// The method, in capitals.
    pub method: Option<String>,
    /// The path below the base URL; `*` stands for anything within a segment.
    pub path: Option<String>,
    /// The name of the tenant.
    pub tenant: Option<String>,
    /// Headers, by a name in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// What the JSON body satisfies.
    pub filter: Option<Filter>,
    /// When, by the scenario's clock, from where it began.
    pub window: Window,
    /// Of the requests that are all of the above, those with these numbers, from 1; empty: each.
    pub nth: Vec<u64>,
    /// And of those, by lot, so many of one.
    pub share: Option<f64>,
}

/// A stretch of time, from when faults began to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Its first instant; the beginning of time when none is named.
    pub from: Option<Duration>,
    /// The first instant after it; without end when none is named.
    pub to: Option<Duration>,
}

impl Window {
    /// Whether it is open so long after the beginning; a clock that was put back is at the beginning.
    pub fn holds(self, since: SignedDuration) -> bool {
        let since = Duration::try_from(since).unwrap_or_default();
        self.from.is_none_or(|from| from <= since) && self.to.is_none_or(|to| since < to)
    }
}

/// What a request meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// A status of the scenario's choice.
    Status {
        /// The status code.
        status: u16,
        /// The body; the SCIM error of this status when none is named.
        body: Option<Value>,
        /// More headers.
        headers: Vec<(String, String)>,
        /// When to come again.
        retry_after: Option<RetryAfter>,
    },
    /// 429 beyond a quota; within it, headers that tell how much is left.
    RateLimit {
        /// How many requests.
        limit: u64,
        /// In how much time, which is counted from the start of the scenario.
        per: Duration,
    },
    /// 503 until the end of the window.
    Outage,
    /// 412, as if somebody had changed the resource meanwhile.
    PreconditionFailed,
    /// Every request with a cursor is told that it has expired (RFC 9865 section 2.1).
    ExpiredCursor,
    /// The first bytes of the body, as if they were all.
    Truncated {
        /// How many; half of them when none are named.
        after_bytes: Option<usize>,
    },
    /// A body that is not JSON, as long as it should be but for a quotation mark.
    Malformed,
    /// Another media type over the same body.
    WrongContentType(String),
    /// A read of what was there so long ago.
    StaleRead(Duration),
    /// A page after the first repeats a resource, as if one had come before it meanwhile.
    DuplicateEntries,
    /// A page after the first passes over a resource, as if one before it had gone meanwhile.
    MissingEntries,
    /// The answer, late.
    Delay(Delay),
    /// No answer, on a connection that stays.
    Timeout,
    /// The connection ends.
    Disconnect {
        /// After so many bytes of the body; before the head when none are named.
        after_bytes: Option<usize>,
        /// With a reset (RST) and not as if all had been said (FIN).
        reset: bool,
    },
    /// The body, a few bytes at a time.
    Dribble {
        /// How many at a time.
        bytes: usize,
        /// The pause before each.
        every: Duration,
    },
}

impl Then {
    /// Its name, as it is written in scenarios and stands in the header `scimulate-fault`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "Status",
            Self::RateLimit { .. } => "RateLimit",
            Self::Outage => "Outage",
            Self::PreconditionFailed => "PreconditionFailed",
            Self::ExpiredCursor => "ExpiredCursor",
            Self::Truncated { .. } => "Truncated",
            Self::Malformed => "Malformed",
            Self::WrongContentType(_) => "WrongContentType",
            Self::StaleRead(_) => "StaleRead",
            Self::DuplicateEntries => "DuplicateEntries",
            Self::MissingEntries => "MissingEntries",
            Self::Delay(_) => "Delay",
            Self::Timeout => "Timeout",
            Self::Disconnect { .. } => "Disconnect",
            Self::Dribble { .. } => "Dribble",
        }
    }

    /// Whether it is made out of what the operation answers.
    pub fn needs_the_answer(&self) -> bool {
        match self {
            Self::Truncated { .. }
            | Self::Malformed
            | Self::WrongContentType(_)
            | Self::StaleRead(_)
            | Self::DuplicateEntries
            | Self::MissingEntries
            | Self::Delay(_)
            | Self::Dribble { .. } => true,
            Self::Disconnect { after_bytes, .. } => after_bytes.is_some(),
            _ => false,
        }
    }
}

/// When a client may come again (RFC 9110 section 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// In so many seconds, said as a number.
    Seconds(u32),
    /// In so many seconds, said as a date.
    Date(u32),
}

/// How late an answer is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// Always so.
    Fixed(Duration),
    /// Anything between, as likely as anything else.
    Range {
        /// The least.
        from: Duration,
        /// The most.
        to: Duration,
    },
    /// Mostly near the median, seldom much later: the logarithm is normally distributed.
    LogNormal {
        /// Half of the answers are earlier.
        median: Duration,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
}

//! Which recorded exchange answers a request, and what becomes of one that none answers.

use super::exit::{Exit, Failure};
use crate::exchange::canonical::Level;
use crate::exchange::redact::Redactor;
use crate::exchange::{Exchange, folder};
use crate::replay::{Matching, Order, Volatile};
use clap::{Args, ValueEnum};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

#[derive(Debug, Args)]
#[command(next_help_heading = "Answers")]
pub(super) struct Answers {
    /// How much alike a request and a recorded one must be
    #[arg(
        long = "match",
        value_name = "LEVEL",
        default_value = "intent",
        env = "SCIMULATE_MATCH"
    )]
    level: LevelName,

    /// When a recorded exchange may answer
    #[arg(
        long,
        value_name = "ORDER",
        default_value = "causal",
        env = "SCIMULATE_ORDER"
    )]
    order: OrderName,

    /// What a request gets that nothing answers: `error`, a 404 that says why; `forward`, the answer of --upstream, which is then recorded;
    /// or another STATUS for the error
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "error",
        env = "SCIMULATE_ON_MISS"
    )]
    on_miss: OnMiss,

    /// A value that the client makes up on each run, so that another may stand for it: userName, emails.value, filter:userName for
    /// filters alone, id for ids that no resource has. Can be given several times
    #[arg(
        long,
        value_name = "PATH",
        env = "SCIMULATE_VOLATILE",
        value_delimiter = ','
    )]
    volatile: Vec<String>,

    /// Another recording of the same session: what requests differ in is volatile. Can be given several times
    #[arg(long, value_name = "DIR", env = "SCIMULATE_ALSO")]
    also: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    /// To the letter
    Exact,
    /// By what they say: names and text without case where the schema says so, filters as trees, lists as sets
    Canonical,
    /// Also by what a PATCH makes of the resource, in whatever dialect
    Intent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OrderName {
    /// In the state that it was recorded in: once what was written before it was written again
    Causal,
    /// In any state: equal requests get their answers in recorded order
    Strict,
}

/// What becomes of a request that nothing answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnMiss {
    Error,
    Forward,
    Status(http::StatusCode),
}

impl FromStr for OnMiss {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let status = || {
            let status: u16 = text.parse().ok()?;
            // What is below is no final answer, or one without a body to say why.
            let status = (400..=599).contains(&status).then_some(status)?;
            http::StatusCode::from_u16(status).ok()
        };
        match text {
            "error" => Ok(Self::Error),
            "forward" => Ok(Self::Forward),
            _ => status()
                .map(Self::Status)
                .ok_or_else(|| "expected error, forward, or a status from 400 to 599".to_owned()),
        }
    }
}

impl fmt::Display for OnMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("a 404"),
            Self::Forward => f.write_str("forwarded"),
            Self::Status(status) => write!(f, "a {}", status.as_u16()),
        }
    }
}

impl Answers {
    pub(super) fn on_miss(&self) -> OnMiss {
        self.on_miss
    }

    /// How a recording is matched.
    pub(super) fn matching(
        &self,
        recording: &Path,
        redactor: Redactor,
    ) -> Result<Matching, Failure> {
        let mut volatile = Volatile::default();
        for place in &self.volatile {
            volatile
                .name(place)
                .map_err(|message| Failure::new(Exit::Usage, format!("--volatile: {message}")))?;
        }
        if !self.also.is_empty() {
            let exchanges = read(recording)?;
            for also in &self.also {
                volatile.learn(&exchanges, &read(also)?);
            }
        }
        let level = match self.level {
            LevelName::Exact => Level::Exact,
            LevelName::Canonical => Level::Canonical,
            LevelName::Intent => Level::Intent,
        };
        let order = match self.order {
            OrderName::Causal => Order::Causal,
            OrderName::Strict => Order::Strict,
        };
        Ok(Matching {
            level,
            order,
            volatile,
            redactor,
        })
    }
}

/// The exchanges of a recording, or everything that is wrong with it.
pub(super) fn read(folder: &Path) -> Result<Vec<(u64, Exchange)>, Failure> {
    folder::recorded(folder).map_err(Failure::invalid)
}

//! What goes wrong with a provider that a test starts. Its `Debug` says what its `Display` says, for tests end in `unwrap`.

use crate::journal::{Malformed, Verdict};
use std::fmt;

/// Why a provider did not start, or did not do what it was asked.
pub struct Error(Kind);

enum Kind {
    /// Diagnostics, each with its line.
    Scenario(Vec<String>),
    /// The system says no.
    System(String),
    /// The request makes no sense, or comes too late.
    Refused(String),
    /// It was asked for something else than was expected.
    Unverified(Box<Verdict>),
}

impl Error {
    pub(super) fn scenario(diagnostics: Vec<String>) -> Self {
        Self(Kind::Scenario(diagnostics))
    }

    pub(super) fn system(what: &str, error: &impl fmt::Display) -> Self {
        Self(Kind::System(format!("{what}: {error}")))
    }

    pub(super) fn refused(detail: impl Into<String>) -> Self {
        Self(Kind::Refused(detail.into()))
    }

    pub(super) fn unverified(verdict: Verdict) -> Self {
        Self(Kind::Unverified(Box::new(verdict)))
    }

    /// Whether a scenario is wrong: the text says where and how, all at once.
    pub fn is_scenario(&self) -> bool {
        matches!(self.0, Kind::Scenario(_))
    }

    /// Whether the system refused: an address in use, a file that cannot be read.
    pub fn is_system(&self) -> bool {
        matches!(self.0, Kind::System(_))
    }

    /// Whether what was verified is not so: the text says what came nearest.
    pub fn is_unverified(&self) -> bool {
        matches!(self.0, Kind::Unverified(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Scenario(diagnostics) => f.write_str(&diagnostics.join("\n")),
            Kind::System(detail) | Kind::Refused(detail) => f.write_str(detail),
            Kind::Unverified(verdict) => verdict.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // On a line of its own: diagnostics and near misses have several.
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Error {}

impl From<Malformed> for Error {
    fn from(error: Malformed) -> Self {
        Self::refused(error.to_string())
    }
}
